// SPDX-License-Identifier: GPL-2.0-only
#include "calls.h"

#include "access.h"
#include "table.h"
#include "text.h"

#include <fmt/format.h>

#include <sys/syscall.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

namespace landlock {
namespace {

// A program may make up more on purpose.
constexpr size_t max_failed = 256;
constexpr size_t max_known = 4096;

// From here on, errors are the kernel's own: it starts the call again.
constexpr int64_t first_internal_errno = 512;

// Of linux/landlock.h, which may be older where this is built.
constexpr uint32_t create_version = 1 << 0;
constexpr uint32_t create_errata = 1 << 1;
constexpr uint32_t rule_path_beneath = 1;
constexpr uint32_t rule_net_port = 2;
constexpr uint32_t add_rule_quiet = 1 << 0;
constexpr uint64_t smallest_ruleset = 8; // handled_access_fs

bool has_arguments(const Record &call) {
	return call.fields & bit(Field::args);
}

// The kernel takes it as 32 bits.
uint32_t small(const Record &call, size_t i) {
	return static_cast<uint32_t>(call.args[i]);
}

int descriptor(const Record &call, size_t i) {
	return static_cast<int>(call.args[i]);
}

std::string rule_type(uint32_t type) {
	switch (type) {
	case rule_path_beneath: return "LANDLOCK_RULE_PATH_BENEATH";
	case rule_net_port: return "LANDLOCK_RULE_NET_PORT";
	default: return std::to_string(type);
	}
}

// As in a program, with what is known.
std::string call_text(const Record &call) {
	const std::string name = call_name(call.number);

	if (!has_arguments(call))
		return name;
	switch (call.number) {
	case SYS_landlock_create_ruleset:
		return fmt::format("{}({}, {}, {:#x})", name, call.args[0] ? "attr" : "NULL", call.args[1], small(call, 2));
	case SYS_landlock_add_rule:
		return fmt::format("{}({}, {}, {}, {:#x})", name, descriptor(call, 0), rule_type(small(call, 1)),
				   call.args[2] ? "attr" : "NULL", small(call, 3));
	default: return fmt::format("{}({}, {:#x})", name, descriptor(call, 0), small(call, 1));
	}
}

std::string handles_text(Type type, uint32_t handled) {
	if (!handled)
		return type == Type::fs ? "it handles no file rights" : "it handles no network rights";
	return "it handles " + names(type, handled, ", ");
}

std::string why_create_invalid(const Record &call) {
	const uint32_t flags = small(call, 2);

	if ((flags == create_version || flags == create_errata) && (call.args[0] || call.args[1]))
		return fmt::format("with the flag LANDLOCK_CREATE_RULESET_{}, attr has to be NULL and size 0",
				   flags == create_version ? "VERSION" : "ERRATA");
	if (flags)
		return fmt::format("this kernel does not know the flags {:#x}", flags);
	if (call.args[1] < smallest_ruleset)
		return fmt::format("size {} is smaller than handled_access_fs, which takes {}", call.args[1], smallest_ruleset);
	return "attr has a right or scope that this kernel does not know, or one in a quiet_* field that it does not "
	       "handle: ask for the ABI with LANDLOCK_CREATE_RULESET_VERSION and leave out what is newer";
}

std::string why_rule_invalid(const Record &call, const std::optional<Handled> &handled) {
	const uint32_t flags = small(call, 3), type = small(call, 1);

	if (flags & ~add_rule_quiet)
		return fmt::format("this kernel does not know the flags {:#x}", flags);
	if (type != rule_path_beneath && type != rule_net_port)
		return fmt::format("this kernel has no rules of type {}", type);
	const bool is_fs = type == rule_path_beneath;
	std::string text = "allowed_access has a right that the ruleset does not handle";
	if (handled)
		text += fmt::format(" ({})", is_fs ? handles_text(Type::fs, handled->fs) : handles_text(Type::net, handled->net));
	if (!is_fs && (!handled || handled->net))
		text += ", or port is above 65535";
	// Else such a right is one that is not handled.
	if (is_fs && (!handled || (handled->fs & ~fs_file_rights)))
		text += ", or one that only directories have (read_dir, remove_*, make_*, refer), but parent_fd is not a directory";
	if (flags & add_rule_quiet)
		text += fmt::format(", or LANDLOCK_ADD_RULE_QUIET is set, but not quiet_access_{} of the ruleset",
				    is_fs ? "fs" : "net");
	return text;
}

std::string why_too_big(const Record &call) {
	switch (call.number) {
	case SYS_landlock_create_ruleset:
		if (call.args[1] > 4096)
			return fmt::format("size {} is larger than a page", call.args[1]);
		return "attr has fields that this kernel does not know, and they are not 0: ask for the ABI with "
		       "LANDLOCK_CREATE_RULESET_VERSION and leave out what is newer";
	case SYS_landlock_add_rule: return "the ruleset has as many rules as it can";
	default: return "the thread is inside of 16 domains already, which is the most";
	}
}

// Which of the two descriptors of add_rule: the other one is that of @handled.
std::string why_bad_descriptor(const Record &call, const std::optional<Handled> &handled) {
	const bool is_closed = call.result == -EBADF;
	const std::string ruleset = has_arguments(call) ? fmt::format("ruleset_fd {}", descriptor(call, 0)) : "ruleset_fd";
	const std::string what = is_closed ? "not open" : "not of a ruleset";
	const std::string parent = is_closed ? "parent_fd is not open"
					     : "parent_fd is of a ruleset, pipe, socket or another object that no path leads to";

	if (call.number != SYS_landlock_add_rule || (has_arguments(call) && small(call, 1) != rule_path_beneath))
		return fmt::format("{} is {}", ruleset, what);
	if (handled)
		return parent;
	return fmt::format("{} is {}, or {}", ruleset, what, parent);
}

std::string why_no_message(const Record &call) {
	if (call.number == SYS_landlock_create_ruleset)
		return "attr handles nothing: handled_access_fs, handled_access_net and scoped are 0";
	return "allowed_access is 0: such a rule would have no effect";
}

std::string why_not_permitted(const Record &call) {
	if (call.number == SYS_landlock_restrict_self)
		return "the thread has neither no_new_privs nor CAP_SYS_ADMIN in its user namespace: call "
		       "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) before";
	return "a seccomp filter, as containers have, refuses the call: Landlock itself does not fail so";
}

std::string errno_text(const Record &call) {
	std::string text = std::strerror(static_cast<int>(-call.result));

	text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
	return text;
}

} // namespace

bool is_own_call(const Record &record) {
	return record.kind == Kind::call &&
	       (record.number == SYS_landlock_create_ruleset || record.number == SYS_landlock_add_rule ||
		record.number == SYS_landlock_restrict_self);
}

std::string call_name(int64_t number) {
	switch (number) {
	case SYS_landlock_create_ruleset: return "landlock_create_ruleset";
	case SYS_landlock_add_rule: return "landlock_add_rule";
	case SYS_landlock_restrict_self: return "landlock_restrict_self";
	// Not all architectures have the older ones.
#ifdef SYS_rename
	case SYS_rename: return "rename";
#endif
#ifdef SYS_renameat
	case SYS_renameat: return "renameat";
#endif
	case SYS_renameat2: return "renameat2";
#ifdef SYS_link
	case SYS_link: return "link";
#endif
	case SYS_linkat: return "linkat";
	default: return "";
	}
}

std::string errno_name(int64_t number) {
	const char *name = strerrorname_np(static_cast<int>(number));

	return name ? name : fmt::format("errno {}", number);
}

std::string why_failed(const Record &call, const std::optional<Handled> &handled) {
	switch (-call.result) {
	case EINVAL:
		if (!has_arguments(call))
			return "an argument is not valid, but they are not known";
		if (call.number == SYS_landlock_create_ruleset)
			return why_create_invalid(call);
		if (call.number == SYS_landlock_add_rule)
			return why_rule_invalid(call, handled);
		return fmt::format("this kernel does not know the flags {:#x}", small(call, 1));
	case ENOMSG: return why_no_message(call);
	case E2BIG: return why_too_big(call);
	case EPERM: return why_not_permitted(call);
	case EBADF:
	case EBADFD: return why_bad_descriptor(call, handled);
	case EFAULT: return has_arguments(call) && call.number == SYS_landlock_create_ruleset && !call.args[0]
				    ? "attr is NULL"
				    : "attr points to memory that the program does not have";
	case EAFNOSUPPORT: return "this kernel is built without TCP/IP";
	case EOPNOTSUPP:
		return "Landlock is in this kernel, but was not switched on at boot: add landlock to lsm= of the kernel's "
		       "command line";
	// This kernel has Landlock's events.
	case ENOSYS: return "a seccomp filter, as containers have, hides the call: this kernel has it";
	default: return errno_text(call);
	}
}

std::optional<Handled> Calls::handled_by(const Record &record, const Process &process) const {
	const auto found = rulesets_.find({process.pid, descriptor(record, 0)});

	if (!has_arguments(record) || record.number == SYS_landlock_create_ruleset || found == rulesets_.end())
		return {};
	return found->second;
}

// Remembers what the descriptors of rulesets stand for.
void Calls::learn(const Record &record, const Process &process) {
	if (created_.size() >= max_known)
		created_.clear();
	if (rulesets_.size() >= max_known)
		rulesets_.clear();
	if (record.kind == Kind::create_ruleset) {
		created_[record.tid] = {record.handled_fs, record.handled_net};
	} else if (record.kind == Kind::restrict_self && restricted_.size() < max_known) {
		restricted_.insert(process.pid);
	} else if (is_own_call(record) && record.number == SYS_landlock_create_ruleset) {
		const auto created = created_.find(record.tid);
		if (created == created_.end())
			return;
		if (record.result >= 0)
			rulesets_[{process.pid, static_cast<int>(record.result)}] = created->second;
		created_.erase(created);
	}
}

void Calls::add(const Record &record, const Process &process) {
	learn(record, process);
	if (!is_own_call(record) || record.result >= 0 || record.result <= -first_internal_errno)
		return;
	const std::string why = why_failed(record, handled_by(record, process));
	const std::string key = fmt::format("{} {} {}", process.pid, call_text(record), why);
	const auto [place, is_new] = index_.try_emplace(key, failed_.size());
	if (!is_new) {
		failed_[place->second].count++;
		return;
	}
	if (failed_.size() >= max_failed) {
		index_.erase(place);
		not_kept_++;
		return;
	}
	failed_.push_back({record, 1, process, why});
}

bool Calls::is_without_domain(const Call &call) const {
	// Beyond that many, it is not known.
	return restricted_.size() < max_known && !restricted_.contains(call.process.pid);
}

std::vector<std::string> Calls::lines() const {
	std::vector<std::string> lines;
	std::set<int> told;

	// What has no domain in the end is said once, at its last call.
	for (auto call = failed_.rbegin(); call != failed_.rend(); ++call) {
		const bool is_last = told.insert(call->process.pid).second;
		lines.push_back(fmt::format("{}: {} failed with {}{}: {}{}", program(call->process), call_text(call->first),
					    errno_name(-call->first.result),
					    call->count > 1 ? fmt::format(" ({} times)", call->count) : "", call->why,
					    is_last && is_without_domain(*call) ? "; no domain was made" : ""));
	}
	std::reverse(lines.begin(), lines.end());
	if (not_kept_)
		lines.push_back(fmt::format("{} more calls of Landlock failed", not_kept_));
	return lines;
}

} // namespace landlock
