// SPDX-License-Identifier: GPL-2.0-only
#include "commands.h"

#include "error.h"
#include "escape.h"
#include "json.h"
#include "launcher.h"
#include "learn.h"
#include "run_once.h"
#include "text.h"

#include <fmt/format.h>

#include <unistd.h>

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

std::string sentences(const std::vector<std::string> &lines, const Style &style) {
	std::string text;

	for (const std::string &line : lines)
		text += wrap(line, 0, 2, style) + "\n";
	return text;
}

void tell(Output &out, const Options &options, const RunResult &result, const Command &command) {
	const Environment environment = whole_environment(command);
	Circumstances run;
	std::string text;

	run.is_here = true;
	run.started = result.started;
	run.has_failed = result.status != 0;
	if (const auto home = environment.find("HOME"); home != environment.end())
		run.home = command.user && !command.user->home.empty() ? command.user->home : home->second;
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
		context.environment = find_launcher(command.argv, environment).environment;
		context.run = run;
		context.own_domains = result.own_domains;
		context.most = options.most;
		const Style style = style_of(out.file());
		text = explanation_text(result.explanation, context, style);
		text += sentences(result.calls.lines(), style) + sentences(result.hints, style);
		if (options.open)
			text += sentences(open_lines(result.open), style);
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

// The suggestions of @result that are accepted; each is told.
std::vector<Form> choose(Output &out, const Options &options, const RunResult &result) {
	std::vector<Form> chosen;

	for (const Denial &denial : result.explanation.denials()) {
		const Suggestion &s = denial.suggestion;
		const std::string no = result.own_domains.contains(denial.domain.id)
					       ? refusal(s, options.yes, options.roots, options.ports)
					       : "the layer that refused is not of this launcher";
		const std::string denied = fmt::format("{}: denied {}", subject_text(denial.first, denial.process), what(denial.first));
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

std::string command_line(const Command &command) {
	std::string line = assignments(command.environment);

	for (const std::string &word : command.argv)
		line += (line.empty() ? "" : " ") + shell_quote(word);
	return line;
}

int learn(Output &out, const Options &options, Command command) {
	const Start start = find_launcher(command.argv, {});
	if (!start.launcher)
		throw Error(fmt::format("--learn does not know '{}': it adds rules to a sandboxer or to landrun",
					escape(command.argv[0])),
			    "Start the program with one of them, or use run without --learn and add the rules it names.");
	for (int step = 1;; step++) {
		const RunResult result = run_once(options, command, out);
		if (!result.error.empty()) {
			tell(out, options, result, command);
			return result.status;
		}
		put(out, fmt::format("landlock-monitor: step {}: exit status {}, {} distinct denials\n", step,
				     result.status, result.explanation.denials().size()));
		if (result.lost.any())
			put(out, fmt::format("  {}\n", lost_text(result.lost)));
		if (result.status == 0) {
			put(out, fmt::format("landlock-monitor: it works with:\n  {}\n", command_line(command)));
			return 0;
		}
		if (result.is_interrupted) {
			put(out, "landlock-monitor: stopped by a signal: no rule is added\n");
			return result.status;
		}
		const std::vector<Form> chosen =
			step < options.max_steps ? choose(out, options, result) : std::vector<Form>();
		const Environment before = whole_environment(command);
		Environment after = before;
		const bool is_changed = start.launcher->add(chosen, command.argv, start.index, after);
		for (const auto &[name, value] : after) {
			if (const auto old = before.find(name); old == before.end() || old->second != value)
				command.environment[name] = value;
		}
		if (!is_changed) {
			put(out, fmt::format("landlock-monitor: stopped: {}; this was run last:\n  {}\n",
					     step >= options.max_steps ? "--max is reached"
					     : chosen.empty()          ? "no rule to add is left"
								       : "it has these rules already, without effect",
					     command_line(command)));
			return result.status;
		}
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
