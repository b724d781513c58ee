// SPDX-License-Identifier: GPL-2.0-only
#include "suggest.h"

#include "escape.h"

#include <fmt/format.h>

#include <algorithm>

namespace landlock {
namespace {

// What samples/landlock/sandboxer.c of Linux 7.2 gives to a directory of
// LL_FS_RO and of LL_FS_RW; a file gets the rights that files can have.
constexpr uint32_t sandboxer_ro = fs_execute | fs_read_file | fs_read_dir;
constexpr uint32_t sandboxer_rw = (fs_resolve_unix << 1) - 1;

// What landrun gives with its flags.
constexpr uint32_t landrun_ro = fs_read_file | fs_read_dir;
constexpr uint32_t landrun_rw = landrun_ro | fs_write_file | fs_remove_dir | fs_remove_file | fs_make_char |
				fs_make_dir | fs_make_reg | fs_make_sock | fs_make_fifo | fs_make_block | fs_make_sym |
				fs_refer | fs_truncate | fs_ioctl_dev;

struct Choice {
	const char *name;
	uint32_t rights;
};

constexpr Choice sandboxer_choices[] = {{"LL_FS_RO", sandboxer_ro}, {"LL_FS_RW", sandboxer_rw}};
constexpr Choice landrun_choices[] = {
	{"--ro", landrun_ro},
	{"--rox", landrun_ro | fs_execute},
	{"--rw", landrun_rw},
	{"--rwx", landrun_rw | fs_execute},
};

// The first, and smallest, of @choices that has all of @rights.
template <class Choices> const Choice *choose(const Choices &choices, uint32_t rights) {
	const auto *found = std::find_if(std::begin(choices), std::end(choices),
					 [&](const Choice &c) { return (c.rights & rights) == rights; });

	return found == std::end(choices) ? nullptr : found;
}

const char *port_variable(uint32_t right) {
	switch (right) {
	case net_bind_tcp: return "LL_TCP_BIND";
	case net_connect_tcp: return "LL_TCP_CONNECT";
	case net_bind_udp: return "LL_UDP_BIND";
	case net_connect_send_udp: return "LL_UDP_CONNECT_SEND";
	default: return nullptr;
	}
}

// As LL_X="${LL_X:+$LL_X:}VALUE", which adds to the caller's own.
std::string added(const std::string &variable, const std::string &value) {
	return fmt::format("{0}=\"${{{0}:+${0}:}}\"{1}", variable, shell_quote(value));
}

// What a rule with @extra rights opens beyond the one request.
std::string fs_opens(const Suggestion &s, uint32_t extra) {
	const uint32_t all = s.rights | extra;

	if (s.is_directory)
		return fmt::format("{} for everything beneath {}",
				   all == sandboxer_rw ? "all rights" : names(Type::fs, all, ", "), escape(s.path));
	return extra ? names(Type::fs, extra, ", ") : "nothing";
}

std::string net_opens(const Suggestion &s) {
	const bool is_bind = s.rights & (net_bind_tcp | net_bind_udp);

	if (!s.port && is_bind)
		return "every port that the kernel picks itself";
	return fmt::format("port {} of every {}address", s.port, is_bind ? "local " : "");
}

void fs_forms(Suggestion &s) {
	const uint32_t possible = s.is_directory ? ~uint32_t{0} : fs_file_rights;

	s.c.text = fmt::format(".parent_fd = open({}, O_PATH | O_CLOEXEC), .allowed_access = {}", c_quote(s.path),
			       c_names(Type::fs, s.rights));
	s.c.opens = fs_opens(s, 0);

	if (const Choice *choice = choose(sandboxer_choices, s.rights); !choice) {
		s.sandboxer.why = "the sandboxer does not know this right";
	} else if (s.path.find(':') != std::string::npos) {
		s.sandboxer.why = "its lists are split at ':', which this path has: allow a directory above it";
	} else {
		s.variable = choice->name;
		s.value = s.path;
		s.sandboxer.text = added(s.variable, s.value);
		s.sandboxer.extra = choice->rights & possible & ~s.rights;
		s.sandboxer.opens = fs_opens(s, s.sandboxer.extra);
	}

	if (const Choice *choice = choose(landrun_choices, s.rights); !choice) {
		s.landrun.why = "landrun has no flag for this right";
	} else if (s.path.find(',') != std::string::npos) {
		s.landrun.why = "its lists are split at ',', which this path has: allow a directory above it";
	} else {
		s.landrun_words = {choice->name, s.path};
		s.landrun.text = fmt::format("{} {}", choice->name, shell_quote(s.path));
		s.landrun.extra = choice->rights & possible & ~s.rights;
		s.landrun.opens = fs_opens(s, s.landrun.extra);
	}
}

void net_forms(Suggestion &s) {
	s.c.text = fmt::format(".port = {}, .allowed_access = {}", s.port, c_names(Type::net, s.rights));
	if (const char *variable = port_variable(s.rights)) {
		s.variable = variable;
		s.value = std::to_string(s.port);
		s.sandboxer.text = added(s.variable, s.value);
	} else {
		s.sandboxer.why = "the sandboxer has no list for these rights together";
	}
	if (s.rights == net_bind_tcp || s.rights == net_connect_tcp) {
		s.landrun_words = {s.rights == net_bind_tcp ? "--bind-tcp" : "--connect-tcp", s.value};
		s.landrun.text = fmt::format("{} {}", s.landrun_words[0], s.value);
	} else {
		s.landrun.why = "landrun has no flag for this right";
	}
	s.c.opens = s.sandboxer.opens = s.landrun.opens = net_opens(s);
}

void suggest_fs(const Record &denial, Suggestion &s) {
	s.type = Type::fs;
	s.rights = denial.blockers;
	s.path = denial.text;
	s.is_directory = s.rights & ~fs_file_rights;
	if (denial.topology) {
		s.impossible = "no rule can grant it: a sandbox that restricts files can never change mounts";
		s.remedy = "mount before the sandbox is entered";
		return;
	}
	if (!s.rights) {
		s.impossible = "the missing rights are not known";
		return;
	}
	if (s.path.empty() || s.path[0] != '/') {
		s.impossible = fmt::format("the path of the object is not known ({}): no rule can be named for it",
					   escape(s.path));
		s.remedy = "allow a directory above it";
		return;
	}
	if (s.path.ends_with(" (deleted)")) {
		s.impossible = "the file is deleted: no rule can be named for it";
		s.remedy = "allow the directory that it was in";
		return;
	}
	fs_forms(s);
}

void suggest_net(const Record &denial, Suggestion &s) {
	s.type = Type::net;
	s.rights = denial.blockers;
	if (!s.rights) {
		s.impossible = "the missing rights are not known";
		return;
	}
	if (denial.port < 0 || denial.port > 65535) {
		s.impossible = "no address was checked: no rule for a port can grant it";
		return;
	}
	s.port = static_cast<uint64_t>(denial.port);
	net_forms(s);
}

void suggest_scope(const Record &denial, Suggestion &s) {
	s.type = Type::scope;
	switch (denial.kind) {
	case Kind::deny_signal:
		s.rights = scope_signal;
		s.impossible = "no rule can grant it: signals only go to processes inside of the domain";
		s.remedy = "make the ruleset without LANDLOCK_SCOPE_SIGNAL (sandboxer: LL_SCOPED without 's'), "
			   "which opens signals to all processes of the user";
		break;
	case Kind::deny_socket:
		s.rights = scope_abstract_unix_socket;
		s.impossible = "no rule can grant it: abstract UNIX sockets only connect inside of the domain";
		s.remedy = "make the ruleset without LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (sandboxer: LL_SCOPED "
			   "without 'a'), which opens all abstract UNIX sockets, or use a socket with a path";
		break;
	default:
		s.impossible = "no rule can grant it: a sandboxed process can only trace processes inside of its domain";
		s.remedy = "start both in one sandbox";
		break;
	}
}

} // namespace

Suggestion suggest(const Record &denial) {
	Suggestion s;

	switch (denial.kind) {
	case Kind::deny_fs: suggest_fs(denial, s); break;
	case Kind::deny_net: suggest_net(denial, s); break;
	default: suggest_scope(denial, s); break;
	}
	return s;
}

Environment with_suggestions(const Environment &lists, const std::vector<Suggestion> &suggestions) {
	Environment changed;

	for (const Suggestion &s : suggestions) {
		if (!s.impossible.empty() || s.variable.empty())
			continue;
		auto found = changed.find(s.variable);
		if (found == changed.end()) {
			const auto old = lists.find(s.variable);
			found = changed.emplace(s.variable, old == lists.end() ? "" : old->second).first;
		}
		std::string &list = found->second;
		// Each once.
		if ((":" + list + ":").find(":" + s.value + ":") != std::string::npos)
			continue;
		if (!list.empty())
			list += ':';
		list += s.value;
	}
	return changed;
}

std::string assignments(const Environment &variables) {
	std::string out;

	for (const auto &[name, value] : variables) {
		if (!out.empty())
			out += ' ';
		out += name + '=' + shell_quote(value);
	}
	return out;
}

} // namespace landlock
