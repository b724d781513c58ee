// SPDX-License-Identifier: GPL-2.0-only
#include "launcher.h"

#include "escape.h"
#include "path.h"
#include "start.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace landlock {
namespace {

std::string net_opens(const Wanted &wanted) {
	const bool is_bind = wanted.rights & (net_bind_tcp | net_bind_udp);

	if (!wanted.port && is_bind)
		return "every port that the kernel picks itself";
	return fmt::format("port {} of every {}address", wanted.port, is_bind ? "local " : "");
}

// Whether @other grants all that is wanted of @form.
bool is_within(const Form &form, const Form &other) {
	return form.wanted.type == Type::fs && other.wanted.type == Type::fs && other.wanted.is_directory &&
	       form.wanted.path != other.wanted.path && is_beneath(form.wanted.path, other.wanted.path) &&
	       !(form.wanted.rights & ~(other.wanted.rights | other.extra));
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

std::string ordinal(unsigned nth) {
	constexpr std::array<const char *, 4> names = {"", "first ", "second ", "third "};

	return nth < names.size() ? names[nth] : fmt::format("{}th ", nth);
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

std::string opens_without(uint32_t scope) {
	return scope == scope_signal ? "signals to all processes of the user" : "all abstract UNIX sockets";
}

Form cannot(const std::string &why) {
	Form form;

	form.why = why;
	return form;
}

Form flag_form(const std::vector<std::string> &words, const Wanted &wanted, uint32_t extra) {
	std::vector<std::string> quoted;
	Form form;

	for (const std::string &word : words)
		quoted.push_back(shell_quote(word));
	form.text = fmt::format("{}", fmt::join(quoted, " "));
	form.words = words;
	form.extra = extra;
	form.opens = opens(wanted, extra);
	return form;
}

Form path_form(std::string_view name, std::span<const PathFlag> flags, const Wanted &wanted) {
	const uint32_t possible = wanted.is_directory ? ~uint32_t{0} : fs_file_rights;
	std::pair<int, int> least{100, 0}; // rights beyond, flags
	uint32_t extra = 0;
	unsigned best = 0;

	// All sets of them: there are few.
	for (unsigned set = 1; set < 1u << flags.size(); set++) {
		uint32_t rights = 0;
		for (size_t i = 0; i < flags.size(); i++)
			rights |= set & (1u << i) ? flags[i].rights & possible : 0;
		const std::pair<int, int> price{std::popcount(rights & ~wanted.rights), std::popcount(set)};
		if ((wanted.rights & ~rights) || price >= least)
			continue;
		least = price;
		best = set;
		extra = rights & ~wanted.rights;
	}
	std::vector<std::string> words;
	for (size_t i = 0; i < flags.size(); i++) {
		if (!(best & (1u << i)))
			continue;
		words.emplace_back(flags[i].name);
		if (words.back().ends_with('='))
			words.back() += wanted.path;
		else
			words.push_back(wanted.path);
	}
	return best ? flag_form(words, wanted, extra) : cannot(fmt::format("{} has no flag for this right", name));
}

Form Launcher::form(const Wanted &wanted) const {
	Form form = write(wanted);

	form.wanted = wanted;
	return form;
}

std::vector<Form> Launcher::merged(const std::vector<Form> &forms) const {
	std::vector<Form> all;

	for (const Form &form : forms) {
		const auto same = std::find_if(all.begin(), all.end(), [&](const Form &other) {
			return other.text == form.text ||
			       (form.wanted.type == Type::fs && other.wanted.type == Type::fs &&
				form.wanted.path == other.wanted.path && form.wanted.is_directory == other.wanted.is_directory);
		});
		if (form.words.empty())
			continue;
		if (same == all.end()) {
			all.push_back(form);
		} else if (form.wanted.type == Type::fs) {
			Wanted both = same->wanted;
			both.rights |= form.wanted.rights;
			*same = this->form(both);
		}
	}
	const std::vector<Form> whole = all;
	std::erase_if(all, [&](const Form &form) {
		return std::any_of(whole.begin(), whole.end(), [&](const Form &other) { return is_within(form, other); });
	});
	return all;
}

std::string Launcher::line(const std::vector<Form> &forms, const Environment *) const {
	std::string text;

	for (const Form &form : merged(forms))
		text += (text.empty() ? "" : " ") + form.text;
	return text;
}

// Some take flags behind the program's name for their own, most do not.
std::string Launcher::how(bool, unsigned nth) const {
	return fmt::format("put right behind the {}word {}", ordinal(nth), name());
}

std::string Launcher::without_scope(uint32_t scope) const {
	return fmt::format("{} has no option for it: it would have to leave out {}, which opens {}", name(),
			   c_names(Type::scope, scope), opens_without(scope));
}

bool Launcher::add(const std::vector<Form> &forms, std::vector<std::string> &argv, Environment &environment) const {
	const auto start = static_cast<ptrdiff_t>(find_launcher(argv, environment).index) + 1;
	bool is_changed = false;

	for (const Form &form : merged(forms)) {
		const auto begin = argv.begin() + start;
		// Another launcher's flags are not its own.
		const auto end = std::find_if(begin, argv.end(), [](const std::string &word) {
			return word == "--" || &launcher_of(word) != &c_code();
		});
		if (std::search(begin, end, form.words.begin(), form.words.end()) != end)
			continue;
		argv.insert(begin, form.words.begin(), form.words.end());
		is_changed = true;
	}
	return is_changed;
}

const Launcher &launcher_of(std::string_view exe) {
	const std::string_view program = exe.substr(exe.rfind('/') + 1);

	for (const Launcher *launcher : {&sandboxer(), &landrun(), &setpriv(), &firejail(), &minijail()}) {
		if (launcher->is(program))
			return *launcher;
	}
	return c_code();
}

const Launcher &launcher_of(const Domain &domain) {
	const Launcher &maker = launcher_of(domain.ruleset.creator.exe);

	// Some make the ruleset, but have a library enter it in the program.
	return &maker == &c_code() ? launcher_of(domain.creator.exe) : maker;
}

void OwnDomains::apply(const Record &record, const Process &process, const State &state) {
	if (is_complete_ || (!ids_.empty() && process.pid != pid_))
		return;
	if (record.kind == Kind::restrict_self) {
		const Domain *domain = state.domain(record.domain);
		const Launcher *launcher = domain ? &launcher_of(*domain) : &c_code();
		if (launcher_ && launcher != launcher_)
			return;
		pid_ = process.pid;
		launcher_ = launcher;
		ids_.insert(record.domain);
	} else if (record.kind == Kind::task_exec) {
		// What came before may have been "env" or a script.
		is_complete_ = !ids_.empty();
	}
}

} // namespace landlock
