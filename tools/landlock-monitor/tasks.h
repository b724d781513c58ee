// SPDX-License-Identifier: GPL-2.0-only
//
// Which process and program a thread was when an event came: traces only have
// thread IDs.
#pragma once

#include "record.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace landlock {

struct Process {
	int pid = 0;
	std::string comm; // raw, "" if unknown
	std::string exe;  // as it was executed, "" if unknown
	// Its root is not that of its mount namespace: it has other paths than events do.
	bool has_root = false;
	// It has mounts that we may not see.
	bool has_mounts = false;
	std::string interpreter = ""; // of the script that exe is, "" if it is none or unknown

	bool operator==(const Process &) const = default;
};

class Tasks {
public:
	// Names threads that no event told about.
	using Fallback = std::function<Process(int tid)>;
	explicit Tasks(Fallback fallback = {}) : fallback_(std::move(fallback)) {}

	// Learns from exec, exit, new_task, rename, restrict_self and calls.
	void apply(const Record &record);
	// What is known of @tid, its comm being that of the thread.
	Process find(int tid);
	// Whether events told about @tid.
	bool knows(int tid) const { return threads_.contains(tid); }
	// How many threads of @pid live; 0 if its start was not seen.
	unsigned threads_of(int pid) const;
	// The domain that @tid is in, 0 if none or unknown.
	uint64_t domain_of(int tid) const;

private:
	struct Thread {
		int pid = 0;
		std::string comm;
		std::string exe; // of the process's first thread, as interpreter
		bool dead = false;
		uint64_t domain = 0;
		unsigned threads = 0; // of the process's first thread
		bool has_root = false; // see Process
		bool has_mounts = false;
		std::string interpreter = "";
		std::string next = ""; // interpreter of what it is about to execute
	};

	Thread &thread(int tid);
	void bury(int tid);
	void enter(const Record &record);
	void move(const Record &call);

	std::unordered_map<int, Thread> threads_;
	std::deque<int> dead_;
	Fallback fallback_;
};

// What decides whether a program gains rights when it is executed.
struct Credentials {
	unsigned uid = 0;
	bool no_new_privs = false;
};

// Those of @pid, from /proc; nothing if it is gone.
std::optional<Credentials> credentials_of(int pid);

// Reads a thread's process from /proc; pid is 0 if there is none.  Its program
// and root too, if @has_exe, which counts as tracing it.
Process process_from_proc(int tid, bool has_exe);

// The PIDs of now.
std::vector<int> all_processes();

// The thread IDs of @pid and of all its descendants that live now.
std::vector<int> threads_beneath(int pid);

} // namespace landlock
