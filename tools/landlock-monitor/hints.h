// SPDX-License-Identifier: GPL-2.0-only
//
// What no denial tells, though users stumble over it: threads that are outside of
// the sandbox, and programs that cannot gain the rights they live on.
#pragma once

#include "state.h"
#include "tasks.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace landlock {

class Hints {
public:
	// @uid is whose program that is which ended before @ask could tell.
	explicit Hints(unsigned uid, std::function<std::optional<Credentials>(int pid)> ask = credentials_of)
		: uid_(uid), ask_(std::move(ask)) {}

	// Takes all records in their order, after @state.
	void add(const Record &record, const Process &process, const State &state);
	// One sentence each; some only matter if the command failed.
	std::vector<std::string> lines(bool is_failure) const;

private:
	// Threads that entered domains of one ruleset, one by one.
	struct Threads {
		Process process;
		uint64_t domain = 0; // of the last
		std::set<int> inside;
		unsigned all = 0;
	};

	void add_domain(const Record &record, const Process &process, const Domain &domain);
	void add_exec(const Record &record, const Process &process, const State &state);

	unsigned uid_;
	std::function<std::optional<Credentials>(int pid)> ask_;
	std::map<std::pair<int, uint64_t>, Threads> threads_; // by process and ruleset
	std::vector<std::string> execs_;
};

} // namespace landlock
