// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

#include <array>

namespace landlock {
namespace {

constexpr std::array events = std::to_array<EventName>({
	{"landlock", "landlock_create_ruleset", Kind::create_ruleset},
	{"landlock", "landlock_free_ruleset", Kind::free_ruleset, true},
	{"landlock", "landlock_add_rule_fs", Kind::add_rule_fs},
	{"landlock", "landlock_add_rule_path_beneath", Kind::add_rule_fs},
	{"landlock", "landlock_add_rule_net", Kind::add_rule_net},
	{"landlock", "landlock_add_rule_net_port", Kind::add_rule_net},
	{"landlock", "landlock_restrict_self", Kind::restrict_self},
	{"landlock", "landlock_create_domain", Kind::create_domain},
	{"landlock", "landlock_enforce_domain", Kind::enforce_domain},
	{"landlock", "landlock_free_domain", Kind::free_domain, true},
	{"landlock", "landlock_check_rule_fs", Kind::check_fs},
	{"landlock", "landlock_check_rule_inode", Kind::check_fs},
	{"landlock", "landlock_check_rule_net", Kind::check_net},
	{"landlock", "landlock_check_rule_net_port", Kind::check_net},
	{"landlock", "landlock_deny_access_fs", Kind::deny_fs},
	{"landlock", "landlock_deny_access_net", Kind::deny_net},
	{"landlock", "landlock_deny_ptrace", Kind::deny_ptrace, true},
	{"landlock", "landlock_deny_scope_signal", Kind::deny_signal, true},
	{"landlock", "landlock_deny_scope_abstract_unix_socket", Kind::deny_socket},
	{"raw_syscalls", "sys_enter", Kind::call_enter},
	{"raw_syscalls", "sys_exit", Kind::call},
	{"sched", "sched_prepare_exec", Kind::task_interpreter},
	{"sched", "sched_process_exec", Kind::task_exec},
	{"sched", "sched_process_exit", Kind::task_exit},
	{"task", "task_newtask", Kind::task_new},
	{"task", "task_rename", Kind::task_rename},
});

constexpr std::array fields = std::to_array<FieldName>({
	{"domain", Field::domain},
	{"domain_id", Field::domain},
	{"parent", Field::parent},
	{"parent_id", Field::parent},
	{"subject_domain", Field::subject_domain},
	{"subject_domain_id", Field::subject_domain},
	{"tracee_domain", Field::other_domain},
	{"tracee_domain_id", Field::other_domain},
	{"target_domain", Field::other_domain},
	{"target_domain_id", Field::other_domain},
	{"peer_domain", Field::other_domain},
	{"peer_domain_id", Field::other_domain},
	{"ruleset", Field::ruleset},
	{"ruleset_id", Field::ruleset},
	{"ruleset_version", Field::version},
	{"access_rights", Field::access},
	{"access_request", Field::access},
	{"blockers", Field::blockers},
	{"blockers_access", Field::blockers},
	{"handled_fs", Field::handled_fs},
	{"handled_net", Field::handled_net},
	{"scoped", Field::scoped},
	{"quiet", Field::quiet},
	{"flags", Field::flags},
	{"clone_flags", Field::flags},
	{"threads", Field::threads},
	{"complete", Field::complete},
	{"group_dead", Field::complete},
	{"process_wide", Field::process_wide},
	{"no_new_privs", Field::no_new_privs},
	{"layer", Field::layer},
	{"dev", Field::dev},
	{"ino", Field::ino},
	{"port", Field::port},
	{"tracer_pid", Field::tracer_pid},
	{"tracee_pid", Field::other_pid},
	{"target_pid", Field::other_pid},
	{"peer_pid", Field::other_pid},
	{"pid", Field::other_pid},
	{"old_pid", Field::old_pid},
	{"signal", Field::signal},
	{"denials", Field::denials},
	{"same_exec", Field::same_exec},
	{"logged", Field::logged},
	{"id", Field::number},
	{"ret", Field::result},
	{"args", Field::args},
	{"path", Field::text},
	{"pathname", Field::text},
	{"addr", Field::text},
	{"sun_path", Field::text},
	{"tracee_comm", Field::text},
	{"target_comm", Field::text},
	{"filename", Field::text},
	{"newcomm", Field::text},
	{"comm", Field::text},
	{"interp", Field::text}, // instead of the others, which its event has, too
	{"grants", Field::grants},
});

} // namespace

std::span<const EventName> event_names() {
	return events;
}

std::span<const FieldName> field_names() {
	return fields;
}

const char *kind_name(Kind kind) {
	switch (kind) {
	case Kind::create_ruleset: return "create_ruleset";
	case Kind::free_ruleset: return "free_ruleset";
	case Kind::add_rule_fs: return "add_rule_fs";
	case Kind::add_rule_net: return "add_rule_net";
	case Kind::create_domain: return "create_domain";
	case Kind::enforce_domain: return "enforce_domain";
	case Kind::restrict_self: return "restrict_self";
	case Kind::free_domain: return "free_domain";
	case Kind::check_fs: return "check_rule_fs";
	case Kind::check_net: return "check_rule_net";
	case Kind::deny_fs: return "deny_access_fs";
	case Kind::deny_net: return "deny_access_net";
	case Kind::deny_ptrace: return "deny_ptrace";
	case Kind::deny_signal: return "deny_scope_signal";
	case Kind::deny_socket: return "deny_scope_abstract_unix_socket";
	case Kind::call_enter: return "call_enter";
	case Kind::call: return "call";
	case Kind::task_interpreter: return "interpreter";
	case Kind::task_exec: return "exec";
	case Kind::task_exit: return "exit";
	case Kind::task_new: return "new_task";
	case Kind::task_rename: return "rename";
	}
	return "?";
}

} // namespace landlock
