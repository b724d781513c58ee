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

#include <algorithm>
#include <filesystem>
#include <memory>

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

// In which folder the Python that @argv starts in @folder looks for modules first: that of
// its script, or where it starts; "" if there is none.
std::string python_folder(const std::vector<std::string> &argv, const std::string &folder) {
	const auto python = std::find_if(argv.begin(), argv.end(), [](const std::string &word) {
		return word.substr(word.rfind('/') + 1).starts_with("python");
	});
	std::error_code error;

	if (python == argv.end())
		return "";
	for (auto word = python + 1; word != argv.end() && word->size() > 1; ++word) {
		if (word->starts_with("-c") || word->starts_with("-m"))
			break;
		if (*word == "-W" || *word == "-X")
			++word;
		else if (*word == "-I" || *word == "-P")
			return "";
		else if (!word->starts_with('-'))
			return std::filesystem::weakly_canonical(std::filesystem::path(folder) / *word, error).parent_path();
		if (word == argv.end())
			break;
	}
	return folder;
}

Circumstances circumstances_of(const RunResult &result, const Command &command, int64_t started) {
	const char *home = std::getenv("HOME");
	Circumstances run;
	std::error_code error;

	run.is_here = true;
	run.started = started;
	run.has_failed = result.status != 0;
	run.home = command.user && !command.user->home.empty() ? command.user->home : home ? home : "";
	run.folder = std::filesystem::current_path(error);
	run.modules = python_folder(command.argv, run.folder);
	return run;
}

void tell(Output &out, const Options &options, const RunResult &result, const Command &command) {
	const Circumstances run = circumstances_of(result, command, result.started);
	std::string text;

	if (!result.error.empty()) {
		put(stderr, fmt::format("landlock-monitor: cannot run {}: {}\n", escape(command.argv[0]), result.error));
		return;
	}
	if (options.json) {
		text = calls_json(result.calls) + hints_json(result.hints);
		text += options.open ? open_json(result.open) : "";
		text += explanation_json(result.explanation, run, result.lost);
	} else {
		Context context;
		context.lost = result.lost;
		const Start start = find_launcher(command.argv, whole_environment(command));
		// Else it is not known what the launcher gets.
		if (start.launcher && !start.is_script) {
			context.environment = start.environment;
			context.own_domains = result.own_domains;
		}
		context.run = run;
		context.most = options.most;
		const Style style = style_of(out.file());
		context.sentences = result.calls.lines();
		context.sentences.insert(context.sentences.end(), result.hints.begin(), result.hints.end());
		text = explanation_text(result.explanation, context, style);
		for (const std::string &sentence : options.open ? open_lines(result.open) : std::vector<std::string>())
			text += wrap(sentence, 0, 2, style) + "\n";
	}
	out.put(text);
}

// Whether a person at the terminal accepts @question.
bool is_accepted(const std::string &question) {
	char answer[16];
	const std::unique_ptr<FILE, int (*)(FILE *)> terminal(fopen("/dev/tty", "r+"), fclose);

	if (!terminal)
		throw Error("--learn asks before it adds a rule, but there is no terminal",
			    "Say what it may open: --yes with --root DIR or --ports LIST.");
	put(terminal.get(), fmt::format("{} [y/N] ", question));
	fflush(terminal.get());
	return fgets(answer, sizeof(answer), terminal.get()) && (answer[0] == 'y' || answer[0] == 'Y');
}

// The rules for the denials of @result that are accepted, as @launcher has them; each
// is told.
std::vector<Form> choose(Output &out, const Options &options, const RunResult &result, const std::vector<Advice> &all,
			 const Launcher &launcher) {
	std::vector<Form> chosen;

	const auto consider = [&](const Advice &advice, Suggestion s) {
		// Even if it is a script by another name.
		s.launcher = &launcher;
		if (s.impossible.empty())
			s = with_rule(s, s.wanted);
		const std::string no = result.own_domains.contains(advice.denials.front()->domain.id)
					       ? refusal(s, why_left_out(advice), options.yes, options.roots, options.ports)
					       : "the layer that refused is not of this launcher";
		const std::string denied = denied_text(advice);
		if (!no.empty()) {
			put(out, fmt::format("  left out: {} ({})\n", denied, no));
			return;
		}
		const std::string &rule = s.form.text;
		const std::string also = s.form.extra ? fmt::format("; opens also {}", names(s.wanted.type, s.form.extra, ", ")) : "";
		if (!options.yes && !is_accepted(fmt::format("{}\n  add {}{}?", denied, rule, also)))
			return;
		put(out, fmt::format("  added: {} for {}{}\n", rule, denied, also));
		chosen.push_back(s.form);
	};

	for (const Advice &advice : all) {
		if (advice.weight == Weight::habit)
			continue;
		consider(advice, advice.suggestion);
		if (advice.other_end && advice.other.form.text != advice.suggestion.form.text)
			consider(advice, advice.other);
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
	if (const std::string_view exports = launcher.exports(); !exports.empty())
		line += fmt::format("{}{}", line.empty() ? "" : " ", exports);
	for (const std::string &word : command.argv)
		line += (line.empty() ? "" : " ") + shell_quote(word);
	return line;
}

// What to say of a @result with status 0.
std::string success(const RunResult &result, const std::vector<Advice> &all) {
	constexpr size_t most = 5;
	std::vector<std::string> left;

	for (const Advice &advice : all) {
		if (advice.weight == Weight::habit || !result.own_domains.contains(advice.denials.front()->domain.id))
			continue;
		const std::string why = why_left_out(advice);
		left.push_back(denied_text(advice) + (why.empty() ? "" : fmt::format(" ({})", why)));
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

	if (start.is_split)
		throw Error("--learn cannot add rules to a string that env -S splits",
			    "Give its words and variables to env one by one, without -S.");
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

// @command with @rules for its @launcher.
Command with_rules(Command command, const Launcher &launcher, const std::vector<Form> &rules) {
	const Environment before = whole_environment(command);
	Environment after = before;

	launcher.add(rules, command.argv, after);
	for (const auto &[name, value] : after) {
		if (const auto old = before.find(name); old == before.end() || old->second != value)
			command.environment[name] = value;
	}
	return command;
}

int learn(Output &out, const Options &options, Command command) {
	const Launcher &launcher = launcher_to_learn(command);
	const Command first = command;
	std::vector<Form> rules;
	int64_t started = 0;

	for (int step = 1;; step++) {
		const RunResult result = run_once(options, command, out);
		// What a step makes is not there for who pastes the line.
		started = started ? started : result.started;
		if (!result.error.empty()) {
			tell(out, options, result, command);
			return result.status;
		}
		Circumstances run = circumstances_of(result, command, started);
		run.has_steps = true;
		const std::vector<Advice> all = advise(result.explanation, run);
		put(out, fmt::format("landlock-monitor: step {}: exit status {}, {} distinct denials\n", step,
				     result.status, result.explanation.distinct()));
		if (result.lost.any())
			put(out, fmt::format("  {}\n", lost_text(result.lost)));
		if (result.status == 0) {
			put(out, fmt::format("landlock-monitor: {}:\n  {}\n", success(result, all), command_line(command, launcher)));
			return 0;
		}
		if (result.is_interrupted) {
			put(out, "landlock-monitor: stopped by a signal: no rule is added\n");
			return result.status;
		}
		const std::vector<Form> chosen =
			step < options.max_steps ? choose(out, options, result, all, launcher) : std::vector<Form>();
		rules.insert(rules.end(), chosen.begin(), chosen.end());
		// All at once: a later one may be for the same path.
		const Command next = with_rules(first, launcher, rules);
		if (next.argv == command.argv && next.environment == command.environment) {
			put(out, fmt::format("landlock-monitor: stopped: {}; this was run last:\n  {}\n",
					     step >= options.max_steps ? "--max is reached"
					     : chosen.empty()          ? "no rule to add is left"
								       : "it has these rules already, without effect",
					     command_line(command, launcher)));
			return result.status;
		}
		command = next;
		out.flush();
	}
}

int watch_run(Output &out, const Options &options) {
	const Command command = command_of(options);

	if (options.learn)
		return learn(out, options, command);
	const RunResult result = run_once(options, command, out);
	tell(out, options, result, command);
	return result.status;
}

} // namespace

int cmd_run(const Options &options) {
	Output out(options.output, stderr);
	const int status = watch_run(out, options);

	// The command's status is ours, whatever becomes of the report.
	try {
		out.finish();
	} catch (const Error &error) {
		complain(error);
	}
	return status;
}

} // namespace landlock
