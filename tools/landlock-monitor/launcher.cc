// SPDX-License-Identifier: GPL-2.0-only
#include "launcher.h"

#include "escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace landlock {
namespace {

std::string_view base_name(std::string_view path) {
	return path.substr(path.rfind('/') + 1);
}

bool is_assignment(const std::string &word) {
	const size_t equals = word.find('=');

	return equals != std::string::npos && equals > 0 && word[0] != '-';
}

std::string net_opens(const Wanted &wanted) {
	const bool is_bind = wanted.rights & (net_bind_tcp | net_bind_udp);

	if (!wanted.port && is_bind)
		return "every port that the kernel picks itself";
	return fmt::format("port {} of every {}address", wanted.port, is_bind ? "local " : "");
}

} // namespace

std::string assignments(const Environment &variables) {
	std::string out;

	for (const auto &[name, value] : variables) {
		if (!out.empty())
			out += ' ';
		out += name + '=' + shell_quote(value);
	}
	return out;
}

std::string opens(const Wanted &wanted, uint32_t extra) {
	if (wanted.type == Type::net)
		return net_opens(wanted);
	if (wanted.is_directory)
		return fmt::format("{} for everything beneath {}",
				   (wanted.rights | extra) == (fs_resolve_unix << 1) - 1
					   ? "all rights"
					   : names(Type::fs, wanted.rights | extra, ", "),
				   escape(wanted.path));
	return extra ? names(Type::fs, extra, ", ") : "nothing";
}

Form cannot(const std::string &why) {
	Form form;

	form.why = why;
	return form;
}

std::string Launcher::line(const std::vector<Form> &forms, const Environment *) const {
	std::vector<std::string> texts;

	for (const Form &form : forms) {
		if (!form.text.empty() && std::find(texts.begin(), texts.end(), form.text) == texts.end())
			texts.push_back(form.text);
	}
	return fmt::format("{}", fmt::join(texts, " "));
}

std::string Launcher::how() const {
	return fmt::format("add to the flags of {}", name());
}

bool Launcher::add(const std::vector<Form> &forms, std::vector<std::string> &argv, size_t index, Environment &) const {
	bool is_changed = false;

	for (const Form &form : forms) {
		const auto begin = argv.begin() + static_cast<ptrdiff_t>(index) + 1;
		if (form.words.empty() || std::search(begin, argv.end(), form.words.begin(), form.words.end()) != argv.end())
			continue;
		argv.insert(begin, form.words.begin(), form.words.end());
		is_changed = true;
	}
	return is_changed;
}

const Launcher &launcher_of(std::string_view exe) {
	for (const Launcher *launcher : {&sandboxer(), &landrun()}) {
		if (launcher->is(base_name(exe)))
			return *launcher;
	}
	return c_code();
}

Start find_launcher(const std::vector<std::string> &argv, const Environment &environment) {
	Start start{nullptr, 0, environment};

	size_t i = 0;
	if (!argv.empty() && base_name(argv[0]) == "env") {
		for (i = 1; i < argv.size() && is_assignment(argv[i]); i++) {
			const size_t equals = argv[i].find('=');
			start.environment[argv[i].substr(0, equals)] = argv[i].substr(equals + 1);
		}
	}
	if (i >= argv.size())
		return start;
	start.index = i;
	const Launcher &found = launcher_of(argv[i]);
	if (&found != &c_code())
		start.launcher = &found;
	return start;
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

} // namespace landlock
