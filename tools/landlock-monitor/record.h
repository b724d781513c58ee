// SPDX-License-Identifier: GPL-2.0-only
//
// One trace event, whatever the kernel that it comes from calls it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace landlock {

enum class Kind : uint8_t {
	create_ruleset,
	free_ruleset,
	add_rule_fs,
	add_rule_net,
	create_domain,  // only as the first half of restrict_self
	enforce_domain, // only as the second half
	restrict_self,
	free_domain,
	check_fs,
	check_net,
	deny_fs,
	deny_net,
	deny_ptrace,
	deny_signal,
	deny_socket,
	call_enter, // only as the first half of call
	call,       // the end of a system call: of those that matter, or that failed as one does by a denial
	task_interpreter, // of the file that is executed next, itself if it is no script
	task_exec,
	task_exit,
	task_new,
	task_rename,
};

// A field that an event lacks stays 0 or empty, and its bit in @fields unset.
struct Record {
	Kind kind = Kind::task_exit;
	uint64_t fields = 0; // bits of Field
	uint64_t time = 0;   // nanoseconds of the trace clock
	int64_t not_before = 0; // of restrict_self: nanoseconds since the epoch, 0 if unknown
	int tid = 0;
	int cpu = 0;

	uint64_t domain = 0; // of task_exec: which its task is in, if known
	uint64_t parent = 0;
	uint64_t subject_domain = 0;
	uint64_t other_domain = 0; // of the tracee, target or peer
	uint64_t ruleset = 0;
	uint64_t version = 0;
	uint32_t access = 0; // what a rule allows, a check or a request asks for
	uint32_t blockers = 0;
	uint32_t handled_fs = 0;
	uint32_t handled_net = 0;
	uint32_t scoped = 0;
	uint32_t quiet = 0;
	uint32_t flags = 0;
	uint32_t threads = 0; // that entered the domain
	uint32_t layer = 0; // 1 is the oldest
	uint64_t dev = 0;
	uint64_t ino = 0;
	int64_t port = 0;
	int32_t other_pid = 0;
	int32_t tracer_pid = 0;
	int32_t old_pid = 0; // of the thread that called exec
	int32_t signal = 0; // -1 if the kernel does not report it
	uint64_t denials = 0;
	bool complete = false;     // the last thread that enters the domain, or of its process
	bool process_wide = false; // no thread of the process is left outside
	bool no_new_privs = false;
	bool same_exec = false;
	bool logged = false;
	int64_t number = 0; // of a system call
	int64_t result = 0; // -errno if it failed
	std::array<uint64_t, 6> args{}; // of those that matter
	uint32_t process_threads = 0; // of a process that enters a domain; 0 if unknown
	bool topology = false; // a change of the mounts, which has no rights
	std::string text;      // path, address, name of a task or socket: raw
	std::vector<uint32_t> grants;

	// To be used again without giving memory back.
	void clear() {
		std::string t = std::move(text);
		std::vector<uint32_t> g = std::move(grants);
		t.clear();
		g.clear();
		*this = Record();
		text = std::move(t);
		grants = std::move(g);
	}
};

inline bool is_denial(Kind kind) {
	return kind >= Kind::deny_fs && kind <= Kind::deny_socket;
}

inline bool is_check(Kind kind) {
	return kind == Kind::check_fs || kind == Kind::check_net;
}

inline bool is_call(Kind kind) {
	return kind == Kind::call_enter || kind == Kind::call;
}

inline bool is_task(Kind kind) {
	return kind >= Kind::task_interpreter;
}

// The domain that was asked for access: the whole, not only the layer that refused.
inline uint64_t subject(const Record &record) {
	return record.subject_domain ? record.subject_domain : record.domain;
}

// As in the event's name and in JSON.
const char *kind_name(Kind kind);

} // namespace landlock
