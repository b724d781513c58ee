// SPDX-License-Identifier: GPL-2.0-only
#include "start.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace landlock {
namespace {

enum class Wraps { command, environment, user, shell };

// A program that runs the command behind its own options and operands.
struct Wrapper {
	std::string_view name;
	Wraps what;
	const char *with_value;           // short options that have one
	std::string_view long_with_value; // long ones, each between spaces
	size_t operands;
};

constexpr Wrapper wrappers[] = {
	{"bash", Wraps::shell, "oO", " init-file rcfile ", 0},
	{"chrt", Wraps::command, "DPT", " sched-deadline sched-period sched-runtime ", 1},
	{"dash", Wraps::shell, "o", "", 0},
	{"doas", Wraps::user, "Cau", "", 0},
	{"env", Wraps::environment, "CSu", " chdir split-string unset ", 0},
	{"ionice", Wraps::command, "cn", " class classdata ", 0},
	{"ksh", Wraps::shell, "o", "", 0},
	{"nice", Wraps::command, "n", " adjustment ", 0},
	{"nohup", Wraps::command, "", "", 0},
	{"setpriv", Wraps::command, "",
	 " ambient-caps apparmor-profile bounding-set egid euid groups inh-caps pdeathsig ptracer regid reuid rgid ruid "
	 "seccomp-filter securebits selinux-label ",
	 0},
	{"setsid", Wraps::command, "", "", 0},
	{"sh", Wraps::shell, "o", "", 0},
	{"stdbuf", Wraps::command, "eio", " error input output ", 0},
	{"sudo", Wraps::user, "CDRTUghprtu",
	 " chdir chroot close-from command-timeout group host other-user prompt role type user ", 0},
	{"taskset", Wraps::command, "", "", 1},
	{"time", Wraps::command, "fo", " format output ", 0},
	{"timeout", Wraps::command, "ks", " kill-after signal ", 1},
	{"zsh", Wraps::shell, "o", "", 0},
};

using Words = std::vector<std::string>;
using Given = std::vector<std::pair<std::string, std::string>>;

bool is_given(const Given &options, std::string_view short_name, std::string_view long_name) {
	return std::any_of(options.begin(), options.end(), [&](const auto &option) {
		return option.first == short_name || option.first == long_name;
	});
}

// Whether "env" has its words and variables in one string.  It takes the beginning of
// a long name, too.
bool is_split(const Given &options) {
	return std::any_of(options.begin(), options.end(), [](const auto &option) {
		return option.first == "S" || std::string_view("split-string").starts_with(option.first);
	});
}

bool is_assignment(const std::string &word) {
	const size_t equals = word.find('=');

	return equals != std::string::npos && equals > 0 && word[0] != '-';
}

const Wrapper *wrapper_of(std::string_view word) {
	const std::string_view name = word.substr(word.rfind('/') + 1);
	const auto *found = std::find_if(std::begin(wrappers), std::end(wrappers),
					 [&](const Wrapper &wrapper) { return wrapper.name == name; });

	return found == std::end(wrappers) ? nullptr : found;
}

// Reads the options that begin at the word @i, and moves it behind them.
Given options_of(const Wrapper &wrapper, const Words &argv, size_t &i) {
	Given options;

	const auto next = [&] { return i + 1 < argv.size() ? argv[++i] : std::string(); };
	for (; i < argv.size() && argv[i].size() > 1 && argv[i][0] == '-'; i++) {
		const std::string word = argv[i];
		if (word == "--") {
			i++;
			break;
		}
		if (word.starts_with("--")) {
			const size_t equals = word.find('=');
			const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
			const bool has_value = wrapper.long_with_value.find(" " + name + " ") != std::string_view::npos;
			options.emplace_back(name, equals != std::string::npos ? word.substr(equals + 1)
							  : has_value         ? next()
									      : "");
			continue;
		}
		for (size_t c = 1; c < word.size(); c++) {
			const bool has_value = std::strchr(wrapper.with_value, word[c]);
			const bool is_last = c + 1 == word.size();
			options.emplace_back(word.substr(c, 1), !has_value ? "" : is_last ? next() : word.substr(c + 1));
			if (has_value)
				break;
		}
	}
	return options;
}

// What "env", "sudo" and the like leave of the environment; moves @i behind the
// assignments there.
void change_environment(const Wrapper &wrapper, const Given &options, const Words &argv, size_t &i, Start &start) {
	const bool is_env = wrapper.what == Wraps::environment;
	const bool is_lone_dash = is_env && i < argv.size() && argv[i] == "-";

	if (is_lone_dash)
		i++;
	if (is_env ? is_lone_dash || is_given(options, "i", "ignore-environment") : !is_given(options, "E", "preserve-env"))
		start.environment.clear();
	for (const auto &[name, value] : options) {
		if (is_env && (name == "u" || name == "unset"))
			start.environment.erase(value);
	}
	for (; i < argv.size() && is_assignment(argv[i]); i++) {
		const size_t equals = argv[i].find('=');
		start.environment[argv[i].substr(0, equals)] = argv[i].substr(equals + 1);
	}
	start.place = i;
	start.has_env = is_env;
}

// The launcher that @word is.  setpriv most often is none.
const Launcher *launcher_at(const std::string &word, const Words &argv) {
	const Launcher &launcher = launcher_of(word);

	const auto is_rule = [](const std::string &w) { return w.find("--landlock-") != std::string::npos; };
	if (&launcher == &c_code() || (&launcher == &setpriv() && std::none_of(argv.begin(), argv.end(), is_rule)))
		return nullptr;
	return &launcher;
}

// The first launcher among the words of @script.  A guess: a shell can do more.
const Launcher *launcher_in(const std::string &script, const Words &argv) {
	constexpr const char *separators = " \t\n;&|()<>{}'\"`$=";

	for (size_t begin = 0; (begin = script.find_first_not_of(separators, begin)) != std::string::npos;) {
		const size_t end = std::min(script.find_first_of(separators, begin), script.size());
		if (const Launcher *launcher = launcher_at(script.substr(begin, end - begin), argv))
			return launcher;
		begin = end;
	}
	return nullptr;
}

} // namespace

Start find_launcher(const Words &argv, const Environment &environment) {
	Start start;

	start.environment = environment;
	for (size_t i = 0; i < argv.size();) {
		start.index = i;
		start.launcher = launcher_at(argv[i], argv);
		const Wrapper *wrapper = wrapper_of(argv[i]);
		if (start.launcher || !wrapper)
			break;
		i++;
		const Given options = options_of(*wrapper, argv, i);
		if (wrapper->what == Wraps::shell) {
			start.index = i;
			start.is_script = true;
			if (i < argv.size() && is_given(options, "c", ""))
				start.launcher = launcher_in(argv[i], argv);
			break;
		}
		// Its quotes and ${VAR} are env's own.
		start.is_split = wrapper->what == Wraps::environment && is_split(options);
		if (start.is_split)
			break;
		if (wrapper->what != Wraps::command)
			change_environment(*wrapper, options, argv, i, start);
		i += wrapper->operands;
	}
	return start;
}

void set_variable(const std::string &name, const std::string &value, Words &argv, Environment &environment) {
	const Start start = find_launcher(argv, environment);
	const std::string assignment = name + "=" + value;

	if (!start.place) {
		environment[name] = value;
		return;
	}
	for (size_t i = start.place - 1; i > 0 && is_assignment(argv[i]); i--) {
		if (argv[i].starts_with(name + "=")) {
			argv[i] = assignment;
			return;
		}
	}
	const Words words = start.has_env ? Words{assignment} : Words{"env", assignment};
	argv.insert(argv.begin() + static_cast<ptrdiff_t>(start.place), words.begin(), words.end());
}

} // namespace landlock
