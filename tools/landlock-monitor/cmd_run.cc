// SPDX-License-Identifier: GPL-2.0-only
#include "commands.h"

#include "error.h"
#include "escape.h"
#include "json.h"
#include "launcher.h"
#include "learn.h"
#include "run_once.h"
#include "start.h"
#include "text.h"

#include <fmt/format.h>

#include <unistd.h>

namespace landlock {
namespace {

Environment whole_environment(const Command &command) {
	Environment all;

	for (char **variable = environ; *variable; variable++) {
		const std::string text = *variable;
		const size_t equals = text.find('=');
		if (equals != std::string::npos)
			all[text.substr(0, equals)] = text.substr(equals + 1);
	}
	for (const auto &[name, value] : command.environment)
		all[name] = value;
	return all;
}

void tell(FILE *out, const Options &options, const RunResult &result, const Command &command) {
	std::string text;

	if (!result.error.empty()) {
		put(stderr, fmt::format("landlock-monitor: cannot run {}: {}\n", escape(command.argv[0]), result.error));
		return;
	}
	if (options.json) {
		text = explanation_json(result.explanation, result.lost);
	} else {
		Context context;
		context.lost = result.lost;
		const Start start = find_launcher(command.argv, whole_environment(command));
		// Else it is not known what the launcher gets.
		if (start.launcher && !start.is_script) {
			context.environment = start.environment;
			context.own_domains = result.own_domains;
		}
		context.most = options.most;
		text = explanation_text(result.explanation, context, style_of(out));
	}
	fwrite(text.data(), 1, text.size(), out);
	fflush(out);
}

// Whether a person at the terminal accepts @question.
bool is_accepted(const std::string &question) {
	char answer[16];
	const File terminal(fopen("/dev/tty", "r+"));

	if (!terminal)
		throw Error("--learn asks before it adds a rule, but there is no terminal",
			    "Say what it may open: --yes with --root DIR or --ports LIST.");
	put(terminal.get(), fmt::format("{} [y/N] ", question));
	fflush(terminal.get());
	return fgets(answer, sizeof(answer), terminal.get()) && (answer[0] == 'y' || answer[0] == 'Y');
}

std::string denied_text(const Denial &denial) {
	return fmt::format("{}: denied {}", subject_text(denial.first, denial.process), what(denial.first));
}

// The rules for the denials of @result that are accepted, as @launcher has them; each
// is told.
std::vector<Form> choose(FILE *out, const Options &options, const RunResult &result, const Launcher &launcher) {
	std::vector<Form> chosen;

	for (const Denial &denial : result.explanation.denials()) {
		Suggestion s = denial.suggestion;
		// Even if it is a script by another name.
		s.launcher = &launcher;
		if (s.impossible.empty())
			s = with_rule(s, s.wanted);
		const std::string no = result.own_domains.contains(denial.domain.id)
					       ? refusal(s, options.yes, options.roots, options.ports)
					       : "the layer that refused is not of this launcher";
		const std::string denied = denied_text(denial);
		if (!no.empty()) {
			put(out, fmt::format("  left out: {} ({})\n", denied, no));
			continue;
		}
		const std::string &rule = s.form.text;
		const std::string also = s.form.extra ? fmt::format("; opens also {}", names(s.wanted.type, s.form.extra, ", ")) : "";
		if (!options.yes && !is_accepted(fmt::format("{}\n  add {}{}?", denied, rule, also)))
			continue;
		put(out, fmt::format("  added: {} for {}{}\n", rule, denied, also));
		chosen.push_back(s.form);
	}
	return chosen;
}

// @command for a shell that has no variable of ours.
std::string command_line(const Command &command, const Launcher &launcher) {
	const std::string_view prefix = launcher.variables();
	const Environment needed = find_launcher(command.argv, whole_environment(command)).environment;
	const Environment in_words = find_launcher(command.argv, {}).environment;
	Environment missing;

	for (const auto &[name, value] : needed) {
		const bool is_its = (!prefix.empty() && name.starts_with(prefix)) || command.environment.contains(name);
		if (is_its && !in_words.contains(name))
			missing[name] = value;
	}
	std::string line = assignments(missing);
	for (const std::string &word : command.argv)
		line += (line.empty() ? "" : " ") + shell_quote(word);
	return line;
}

// What to say of a @result with status 0.
std::string success(const RunResult &result) {
	constexpr size_t most = 5;
	std::vector<std::string> left;

	for (const Denial &denial : result.explanation.denials()) {
		if (result.own_domains.contains(denial.domain.id))
			left.push_back(denied_text(denial));
	}
	if (left.empty())
		return "it works with";
	std::string text = fmt::format("it ends with status 0, with {} denial{} left:\n", left.size(),
				       left.size() == 1 ? "" : "s");
	for (size_t i = 0; i < left.size() && i < most; i++)
		text += fmt::format("  {}\n", left[i]);
	if (left.size() > most)
		text += fmt::format("  and {} more\n", left.size() - most);
	return text + "landlock-monitor: this was run";
}

// The launcher of @command.  Throws an Error if nothing can be added to it.
const Launcher &launcher_to_learn(const Command &command) {
	const Start start = find_launcher(command.argv, whole_environment(command));

	if (!start.launcher)
		throw Error(fmt::format("--learn does not know '{}': it adds rules to a sandboxer, landrun, setpriv, firejail "
					"or minijail0",
					escape(command.argv[0])),
			    "Start the program with one of them, or use run without --learn and add the rules it names.");
	if (start.is_script && start.launcher->variables().empty())
		throw Error(fmt::format("--learn cannot add flags to {} inside of a script", start.launcher->name()),
			    fmt::format("Give its words to --learn, with the shell behind it: {} FLAG... sh -c SCRIPT.",
					start.launcher->name()));
	return *start.launcher;
}

int learn(FILE *out, const Options &options, Command command) {
	const Launcher &launcher = launcher_to_learn(command);

	for (int step = 1;; step++) {
		const RunResult result = run_once(options, command);
		if (!result.error.empty()) {
			tell(out, options, result, command);
			return result.status;
		}
		put(out, fmt::format("landlock-monitor: step {}: exit status {}, {} distinct denials\n", step,
				     result.status, result.explanation.denials().size()));
		if (result.lost.any())
			put(out, fmt::format("  {}\n", lost_text(result.lost)));
		if (result.status == 0) {
			put(out, fmt::format("landlock-monitor: {}:\n  {}\n", success(result), command_line(command, launcher)));
			return 0;
		}
		const std::vector<Form> chosen =
			step < options.max_steps ? choose(out, options, result, launcher) : std::vector<Form>();
		const Environment before = whole_environment(command);
		Environment after = before;
		const bool is_changed = launcher.add(chosen, command.argv, after);
		for (const auto &[name, value] : after) {
			if (const auto old = before.find(name); old == before.end() || old->second != value)
				command.environment[name] = value;
		}
		if (!is_changed) {
			put(out, fmt::format("landlock-monitor: stopped: {}; this was run last:\n  {}\n",
					     step >= options.max_steps ? "--max is reached"
					     : chosen.empty()          ? "no rule to add is left"
								       : "it has these rules already, without effect",
					     command_line(command, launcher)));
			return result.status;
		}
		fflush(out);
	}
}

} // namespace

void CloseFile::operator()(FILE *file) const {
	if (file != stderr && file != stdout)
		fclose(file);
}

File open_output(const Options &options, FILE *standard) {
	if (options.output.empty())
		return File(standard);
	File file(fopen(options.output.c_str(), "we"));
	if (!file)
		throw Error(fmt::format("cannot write {}: {}", escape(options.output), strerror(errno)),
			    "Give -o a file in a folder that you can write.");
	return file;
}

int cmd_run(const Options &options) {
	const File out = open_output(options, stderr);
	const Command command = command_of(options);

	if (options.learn)
		return learn(out.get(), options, command);
	const RunResult result = run_once(options, command);
	tell(out.get(), options, result, command);
	return result.status;
}

} // namespace landlock
