// SPDX-License-Identifier: GPL-2.0-only
#include "launcher.h"

#include <algorithm>
#include <cstddef>

namespace landlock {
namespace {

std::string base_name(const std::string &path) {
	return path.substr(path.rfind('/') + 1);
}

bool is_assignment(const std::string &word) {
	const size_t equals = word.find('=');

	return equals != std::string::npos && equals > 0 && word[0] != '-';
}

} // namespace

Launcher find_launcher(const std::vector<std::string> &argv, const Environment &environment) {
	Launcher launcher;

	for (const auto &[name, value] : environment) {
		if (name.starts_with("LL_"))
			launcher.lists[name] = value;
	}
	size_t i = 0;
	if (!argv.empty() && base_name(argv[0]) == "env") {
		for (i = 1; i < argv.size() && is_assignment(argv[i]); i++) {
			const size_t equals = argv[i].find('=');
			if (argv[i].starts_with("LL_"))
				launcher.lists[argv[i].substr(0, equals)] = argv[i].substr(equals + 1);
		}
	}
	if (i >= argv.size())
		return launcher;
	launcher.index = i;
	const std::string name = base_name(argv[i]);
	if (name == "landrun")
		launcher.name = name;
	else if (name.find("sandboxer") != std::string::npos)
		launcher.name = "sandboxer";
	return launcher;
}

void OwnDomains::apply(const Record &record, const Process &process) {
	if (process.pid != pid_ || is_complete_)
		return;
	if (record.kind == Kind::restrict_self)
		ids_.insert(record.domain);
	// What came before may have been "env" or a script.
	else if (record.kind == Kind::task_exec)
		is_complete_ = !ids_.empty();
}

bool add_rules(const Launcher &launcher, const std::vector<Suggestion> &suggestions, std::vector<std::string> &argv,
	       Environment &environment) {
	bool is_changed = false;

	if (launcher.name == "landrun") {
		for (const Suggestion &s : suggestions) {
			const auto begin = argv.begin() + static_cast<ptrdiff_t>(launcher.index) + 1;
			if (std::search(begin, argv.end(), s.landrun_words.begin(), s.landrun_words.end()) != argv.end())
				continue;
			argv.insert(begin, s.landrun_words.begin(), s.landrun_words.end());
			is_changed = true;
		}
		return is_changed;
	}
	for (const auto &[name, value] : with_suggestions(launcher.lists, suggestions)) {
		const auto old = launcher.lists.find(name);
		if (old != launcher.lists.end() && old->second == value)
			continue;
		is_changed = true;
		bool is_set = false;
		for (size_t i = 1; i < launcher.index; i++) {
			if (argv[i].starts_with(name + "=")) {
				argv[i] = name + "=" + value;
				is_set = true;
			}
		}
		if (!is_set)
			environment[name] = value;
	}
	return is_changed;
}

} // namespace landlock
