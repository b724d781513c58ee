// SPDX-License-Identifier: GPL-2.0-only
//
// The rulesets and domains that records told about, within bounds.
#pragma once

#include "record.h"
#include "tasks.h"

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace landlock {

struct Rule {
	bool is_net = false;
	uint32_t access = 0;
	uint64_t dev = 0;
	uint64_t ino = 0;
	uint64_t port = 0;
	std::string path; // raw
};

using Rules = std::vector<Rule>;

struct Ruleset {
	uint64_t id = 0;
	uint32_t handled_fs = 0;
	uint32_t handled_net = 0;
	uint32_t scoped = 0;
	Process creator;
	// Shared with the domains made of it until it changes again.
	std::shared_ptr<Rules> rules = std::make_shared<Rules>();
	bool is_whole = false; // seen from its creation on, no rule left out
};

struct Domain {
	uint64_t id = 0;
	uint64_t parent = 0;
	Ruleset ruleset; // as it was when the domain was made
	uint64_t version = 0;
	uint64_t denials = 0; // seen by us, then what the kernel counted
	uint32_t threads = 0; // that entered it together
	uint32_t process_threads = 0; // that the process had then, 0 if unknown
	// Whether no thread of the process was left outside, where the kernel reports it.
	std::optional<bool> is_process_wide;
	// Of the thread that made it, where the kernel reports it.
	std::optional<bool> no_new_privs;
	uint64_t made = 0; // time
	int64_t not_before = 0; // the same since the epoch, or somewhat earlier; 0 if unknown
	Process creator;
	bool is_known = false; // its creation was seen
	bool is_alive = true;
};

// One rule that the kernel looked at for a request.
struct Check {
	uint64_t domain = 0;
	bool is_net = false;
	uint32_t access = 0;
	uint64_t dev = 0;
	uint64_t ino = 0;
	uint64_t port = 0;
	std::array<uint32_t, 16> grants{}; // of each layer, the oldest first
};

class State {
public:
	struct Limits {
		size_t domains = 65536; // in all
		size_t dead = 4096;     // of which the kernel freed
		size_t rulesets = 16384;
		size_t rules = 16384; // of one ruleset
		size_t tasks = 4096;  // with checks
		size_t bytes = 64 << 20; // of all rules
	};

	State() : State(Limits{}) {}
	explicit State(Limits limits) : limits_(limits) {}
	// Rules are counted where they are.
	State(const State &) = delete;
	State &operator=(const State &) = delete;
	State(State &&) = default;
	State &operator=(State &&) = default;

	// Learns from @record, which @process caused.
	void apply(const Record &record, const Process &process);
	// nullptr if no record told about it, or that was too long ago.
	const Domain *domain(uint64_t id) const;
	// nullptr if no record told about it, or that was too long ago.
	const Ruleset *ruleset(uint64_t id) const;
	// All that are remembered, the oldest first.
	std::vector<const Domain *> domains() const;
	// The rules that were checked for @denial, that of the object first; empty
	// if there is none or checks were not recorded.
	std::vector<Check> checks_of(const Record &denial) const;
	// How many layers @domain has; 0 if one of them is unknown.
	unsigned layers(uint64_t domain) const;
	// The @layer of @domain, from 1; nullptr if unknown.
	const Domain *layer_of(uint64_t domain, unsigned layer) const;
	size_t forgotten() const { return forgotten_; }
	// What all rules take that somebody still has.
	size_t rule_bytes() const { return *bytes_; }

private:
	struct Entry {
		Domain domain;
		std::list<uint64_t>::iterator position;
	};

	Domain &touch(uint64_t id);
	void retire(uint64_t id);
	Ruleset &touch_ruleset(uint64_t id);
	void add_rule(const Record &record);
	std::shared_ptr<Rules> new_rules(const Rules &from) const;
	bool make_room(size_t bytes);
	void drop_rules(const std::list<uint64_t> &domains, size_t most);
	void enforce(const Record &record, const Process &process);

	Limits limits_;
	std::unordered_map<uint64_t, Ruleset> rulesets_;
	std::unordered_map<uint64_t, Entry> domains_;
	std::list<uint64_t> alive_, dead_; // the least recently used first
	struct Checks {
		std::vector<Check> list;
		unsigned denials = 0; // since the last check: they are of the first one
	};

	std::unordered_map<int, Checks> checks_;
	size_t forgotten_ = 0;
	// Explanations keep rules for longer than this lives.
	std::shared_ptr<size_t> bytes_ = std::make_shared<size_t>(0);
	unsigned hopeless_ = 0; // rules that are not worth another try to make room
};

} // namespace landlock
