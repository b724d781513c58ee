// SPDX-License-Identifier: GPL-2.0-only
#include "suggest.h"

#include "escape.h"

#include <fmt/format.h>

namespace landlock {
namespace {

void suggest_fs(const Record &denial, Suggestion &s) {
	s.wanted.rights = denial.blockers;
	s.wanted.path = denial.text;
	s.wanted.is_directory = denial.blockers & ~fs_file_rights;
	if (denial.topology) {
		s.impossible = "no rule can grant it: a sandbox that restricts files can never change mounts";
		s.remedy = "mount before the sandbox is entered";
	} else if (!denial.blockers) {
		s.impossible = "the missing rights are not known";
	} else if (denial.text.empty() || denial.text[0] != '/') {
		s.impossible = fmt::format("the path of the object is not known ({}): no rule can be named for it",
					   escape(denial.text));
		s.remedy = "allow a directory above it";
	}
}

void suggest_net(const Record &denial, Suggestion &s) {
	s.wanted.type = Type::net;
	s.wanted.rights = denial.blockers;
	s.wanted.port = static_cast<uint64_t>(denial.port);
	if (!denial.blockers)
		s.impossible = "the missing rights are not known";
	else if (denial.port < 0 || denial.port > 65535)
		s.impossible = "no address was checked: no rule for a port can grant it";
}

void suggest_scope(const Record &denial, Suggestion &s) {
	s.wanted.type = Type::scope;
	switch (denial.kind) {
	case Kind::deny_signal:
		s.wanted.rights = scope_signal;
		s.impossible = "no rule can grant it: signals only go to processes inside of the domain";
		s.remedy = s.launcher->without_scope(s.wanted.rights);
		break;
	case Kind::deny_socket:
		s.wanted.rights = scope_abstract_unix_socket;
		s.impossible = "no rule can grant it: abstract UNIX sockets only connect inside of the domain";
		s.remedy = s.launcher->without_scope(s.wanted.rights) + "; or use a socket with a path";
		break;
	default:
		s.impossible = "no rule can grant it: a sandboxed process can only trace processes inside of its domain";
		s.remedy = "start both in one sandbox";
		break;
	}
}

} // namespace

Suggestion suggest(const Record &denial, const Domain &domain) {
	Suggestion s;

	s.launcher = &launcher_of(domain);
	switch (denial.kind) {
	case Kind::deny_fs:
		suggest_fs(denial, s);
		if (s.impossible.empty() && domain.creator.has_root) {
			s.impossible = "what made this layer has another root (chroot), and cannot open it by this path";
			s.remedy = "a rule for the path that it has inside of that root would allow it";
		}
		break;
	case Kind::deny_net: suggest_net(denial, s); break;
	default: suggest_scope(denial, s); break;
	}
	return s.impossible.empty() ? with_rule(s, s.wanted) : s;
}

Suggestion with_rule(const Suggestion &suggestion, const Wanted &wanted) {
	Suggestion s = suggestion;

	s.wanted = s.launcher->widened(wanted);
	s.form = s.launcher->form(s.wanted);
	return s;
}

} // namespace landlock
