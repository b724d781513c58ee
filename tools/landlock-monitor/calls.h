// SPDX-License-Identifier: GPL-2.0-only
//
// Landlock's own system calls that failed: no event of Landlock tells about them.
#pragma once

#include "record.h"
#include "tasks.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace landlock {

// What a ruleset handles.
struct Handled {
	uint32_t fs = 0;
	uint32_t net = 0;
};

struct Call {
	Record first;
	uint64_t count = 0;
	Process process;
	std::string why;
};

// Whether @record is the end of one of Landlock's own system calls.
bool is_own_call(const Record &record);

// The name of a system call of Landlock, or of one that renames or links; "" of others.
std::string call_name(int64_t number);

// As the headers spell it: "EINVAL".
std::string errno_name(int64_t number);

// Why one of Landlock's calls failed: what its arguments and errno tell.  @handled
// is of the ruleset that it names, if that is known.
std::string why_failed(const Record &call, const std::optional<Handled> &handled);

class Calls {
public:
	// Takes all records in their order.
	void add(const Record &record, const Process &process);

	// Those that failed, each once, in the order in which they first came.
	const std::vector<Call> &failed() const { return failed_; }
	// Whether the process of @call made no domain, whatever it tried.
	bool is_without_domain(const Call &call) const;
	// One sentence each.
	std::vector<std::string> lines() const;

private:
	std::optional<Handled> handled_by(const Record &record, const Process &process) const;
	void learn(const Record &record, const Process &process);

	std::vector<Call> failed_;
	std::unordered_map<std::string, size_t> index_;
	uint64_t not_kept_ = 0;
	std::set<int> restricted_; // processes
	std::unordered_map<int, Handled> created_; // by thread
	std::map<std::pair<int, int>, Handled> rulesets_; // by process and descriptor
};

} // namespace landlock
