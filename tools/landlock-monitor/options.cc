// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include "child.h"
#include "error.h"
#include "escape.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <climits>

namespace landlock {
namespace {

// Where the watched command begins in @args, whose first word is behind the
// subcommand: at the first word that is neither an option of ours nor the value
// of one, or behind "--".  What follows is the command's own, options and "--"
// included.
size_t command_begin(CLI::App &app, const std::vector<std::string> &args, size_t i) {
	for (; i < args.size(); i++) {
		const std::string &word = args[i];
		if (word == "--")
			return i + 1;
		if (word.size() < 2 || word[0] != '-')
			return i;
		const bool is_long = word[1] == '-';
		// The value may be in the same word.
		if (is_long && word.find('=') != std::string::npos)
			continue;
		const std::string name = is_long ? word : word.substr(0, 2);
		const CLI::Option *option = app.get_option_no_throw(name);
		if (option && option->get_items_expected_max() > 0 && option->get_type_size() > 0 &&
		    (is_long || word.size() == 2))
			i++;
	}
	return args.size();
}

void add_output(CLI::App &app, Options &options) {
	app.add_option("-o,--output", options.output, "Write there instead of to the terminal")->type_name("FILE");
}

void add_common(CLI::App &app, Options &options) {
	add_output(app, options);
	app.add_flag("--json", options.json, "Write JSON Lines");
}

void add_buffer(CLI::App &app, Options &options) {
	app.add_option("--buffer", options.buffer_kb, "Trace buffer for each CPU in KiB (default: 8192, less with many CPUs)")
		->check(CLI::Range(64u, 1u << 20))
		->type_name("KIB");
}

void add_live(CLI::App &app, Options &options) {
	add_buffer(app, options);
	app.add_option("--prometheus", options.prometheus, "Keep counters there for node_exporter")->type_name("FILE");
	app.add_option("--interval", options.interval, "Seconds between two versions of that file")
		->check(CLI::Range(1u, 86400u));
}

void add_command(CLI::App &app, Options &options) {
	app.add_option("--user", options.user,
		       "Run the command as this user (default: the caller of sudo, doas, pkexec or run0)")
		->type_name("USER");
	app.add_option("--env", options.environment,
		       "Variable to keep through sudo or doas, beside LL_*; * at its end stands for anything")
		->allow_extra_args(false)
		->type_name("NAME");
	app.footer("Then the command and its own options; \"--\" in front of it is allowed.");
}

CLI::App *add_run(CLI::App &app, Options &options) {
	CLI::App *run = app.add_subcommand("run", "Run a command and explain what Landlock denied it");

	add_common(*run, options);
	add_live(*run, options);
	add_command(*run, options);
	run->add_flag("--wait-all", options.wait_all, "Wait for everything that the command started, not only for itself");
	run->add_flag("--open", options.open, "Say what the command's domains leave open, too");
	run->add_option("--most", options.most, "Denials to show")->check(CLI::Range(0, INT_MAX))->type_name("N");
	auto *learn = run->add_flag("--learn", options.learn,
				    "Add the missing rules to the launcher's command line until it succeeds");
	run->add_option("--max", options.max_steps, "Run it this often at most")
		->check(CLI::Range(1, 1000))
		->needs(learn);
	auto *yes = run->add_flag("--yes", options.yes, "Do not ask; needs --root or --ports")->needs(learn);
	run->add_option("--root", options.roots, "Accept rules for this and what is beneath it (with --yes)")
		->allow_extra_args(false)
		->needs(yes)
		->type_name("DIR");
	run->add_option("--ports", options.ports, "Accept rules for these ports, as 80,443 (with --yes)")
		->delimiter(',')
		->check(CLI::Range(0, 65535))
		->allow_extra_args(false)
		->needs(yes)
		->type_name("LIST");
	return run;
}

void add_watch(CLI::App &app, Options &options) {
	CLI::App *watch = app.add_subcommand("watch", "Show denials as they happen");

	add_common(*watch, options);
	add_live(*watch, options);
	auto *what = watch->add_option_group("what", "What to watch");
	what->add_option("--pid,-p", options.pid, "A process and what it starts")
		->check(CLI::Range(1, INT_MAX))
		->type_name("PID");
	what->add_option("--domain", options.domain, "A domain, by its hexadecimal ID, and those inside of it")->type_name("ID");
	what->add_option("--comm", options.comm, "Programs of this name")->type_name("NAME");
	what->add_flag("--all", options.all, "Everything (default)");
	what->require_option(0, 1);
	watch->add_flag("-v", options.verbose, "Show rulesets, rules and domains, too; twice: even the checks of rules");
	watch->add_flag("-c", options.counts, "Only count, and report at the end");
	watch->add_option("--for", options.seconds, "End after so many seconds")->check(CLI::Range(0, INT_MAX))->type_name("SECONDS");
}

void add_tree(CLI::App &app, Options &options) {
	CLI::App *tree = app.add_subcommand("tree", "Show which domain is inside of which, once interrupted or from a file");

	add_output(*tree, options);
	add_buffer(*tree, options);
	tree->add_flag("-v", options.verbose, "Say what each domain leaves open, too");
	tree->add_flag("--dot", options.dot, "Write it for Graphviz");
	tree->add_option("--for", options.seconds, "Watch for so many seconds")->check(CLI::Range(0, INT_MAX))->type_name("SECONDS");
	tree->add_option("FILE", options.files, "A recording (trace.dat) instead of this system")->expected(0, 1);
}

void add_report(CLI::App &app, Options &options) {
	CLI::App *report = app.add_subcommand("report", "Explain the denials in a recording (trace.dat)");

	add_common(*report, options);
	report->add_flag("--diff", options.diff, "Compare the denials of two recordings");
	report->add_flag("-c", options.counts, "Only count");
	report->add_option("--most", options.most, "Denials to show")->check(CLI::Range(0, INT_MAX))->type_name("N");
	report->add_option("FILE", options.files, "Recordings")->required();
}

CLI::App *add_record(CLI::App &app, Options &options) {
	CLI::App *record = app.add_subcommand("record", "Run a command and record its events with trace-cmd");

	record->add_option("-o,--output", options.output, "The recording (trace.dat)")->type_name("FILE");
	add_buffer(*record, options);
	add_command(*record, options);
	return record;
}

void check(const CLI::App &app, const Options &options) {
	if (app.got_subcommand("run") || app.got_subcommand("record")) {
		if (options.argv.empty())
			throw CLI::RequiredError("a command to " + options.command);
	}
	if (options.yes && options.roots.empty() && options.ports.empty())
		throw CLI::ValidationError("--yes", "needs --root DIR or --ports LIST, which say what may be opened");
	if (options.learn && options.json)
		throw CLI::ValidationError("--json", "is not for --learn, which reports its steps as text: use run --json without it");
	if (options.command == "report" && options.files.size() != (options.diff ? 2 : 1))
		throw CLI::ValidationError("report", options.diff ? "--diff compares two files" : "takes one file, or --diff and two");
	// These are read and written more than once.
	if ((options.command == "record" && options.output == "-") || options.prometheus == "-" ||
	    std::find(options.files.begin(), options.files.end(), "-") != options.files.end())
		throw CLI::ValidationError("-", "this has to be a file, not standard input or output: ./- is one of that name");
	for (const std::string &root : options.roots) {
		if (root.empty() || root[0] != '/')
			throw CLI::ValidationError("--root", "'" + root + "' is not an absolute path");
	}
}

// A variable that is not set must not count as an option that is not given.
void check_values(const CLI::App &app) {
	for (const CLI::Option *option : app.get_options()) {
		const auto values = option->results();
		if (std::find(values.begin(), values.end(), "") != values.end() && option->get_type_size() > 0)
			throw CLI::ValidationError(option->get_name(), "its value is empty");
	}
	for (const CLI::App *group : app.get_subcommands([](const CLI::App *) { return true; }))
		check_values(*group);
}

// Returns @text, which may have words of the command line in it, for one line.
std::string printable(const std::string &text) {
	std::string out;

	for (const char c : text) {
		if (c >= ' ' && c <= '~')
			out += c;
		else
			escape_to(out, {&c, 1});
	}
	return out;
}

} // namespace

int parse_options(const std::vector<std::string> &args, Options &options) {
	CLI::App app("Explains what Landlock denies, live.", "landlock-monitor");

	app.set_version_flag("--version", std::string("landlock-monitor ") + MONITOR_VERSION);
	app.require_subcommand(1);
	CLI::App *run = add_run(app, options);
	add_watch(app, options);
	add_tree(app, options);
	add_report(app, options);
	CLI::App *record = add_record(app, options);

	const auto is_named = [&](const CLI::App *command) { return !args.empty() && command->get_name() == args[0]; };
	const bool is_command = !app.get_subcommands(is_named).empty();
	std::vector<std::string> own = args;
	if (!args.empty() && passes_status_on(args[0])) {
		CLI::App &chosen = args[0] == "run" ? *run : *record;
		const size_t begin = command_begin(chosen, args, 1);
		options.argv.assign(args.begin() + static_cast<std::ptrdiff_t>(begin), args.end());
		own.resize(begin);
		if (own.back() == "--")
			own.pop_back();
	}
	try {
		if (!args.empty() && !args[0].starts_with('-') && !is_command)
			throw CLI::ValidationError(args[0], "there is no such command");
		std::reverse(own.begin(), own.end());
		app.parse(own);
		options.command = app.get_subcommands().front()->get_name();
		check_values(*app.get_subcommands().front());
		check(app, options);
	} catch (const CLI::ParseError &error) {
		// Where a command's own status is handed on, 125 is ours.
		if (!error.get_exit_code())
			return app.exit(error);
		const std::string command = is_command ? args[0] + " " : "";
		complain(Error(printable(error.what()), fmt::format("See: landlock-monitor {}--help", command)));
		return !args.empty() && passes_status_on(args[0]) ? 125 : 1;
	}
	options.environment.insert(options.environment.begin(), "LL_*");
	return -1;
}

bool passes_status_on(const std::string &command) {
	return command == "run" || command == "record";
}

} // namespace landlock
