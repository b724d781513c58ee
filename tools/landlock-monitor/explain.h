// SPDX-License-Identifier: GPL-2.0-only
//
// Each distinct denial once, with all that is known about it.
#pragma once

#include "record.h"
#include "state.h"
#include "suggest.h"
#include "tasks.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace landlock {

// What could not be read: its number comes from the kernel's own counters, but in
// recordings, which may only tell where.
struct Lost {
	uint64_t events = 0;
	bool is_at_least = false; // there may be more
	bool any() const { return events != 0; }
	// Adds what libtracecmd tells; a negative number is an unknown one.
	void add(int64_t missed) {
		is_at_least |= missed < 0;
		events += missed < 0 ? 1 : static_cast<uint64_t>(missed);
	}
};

// How a rule is related to what was denied.
enum class Nearness { none, unknown, object, ancestor, port };

struct Nearest {
	Nearness how = Nearness::none;
	Rule rule;
};

struct Denial {
	Record first;
	uint64_t count = 0;
	Process process;  // of the task: who asked, unless
	bool is_on_behalf = false; // the task is not the subject
	Domain domain;    // the layer that refused
	unsigned layers = 0; // of the subject; 0 if unknown
	Nearest nearest;
	Suggestion suggestion;
};

// Whether the task of @record, which is of @process, is not the subject of the
// denial: it sent what a file owner gets as a signal (told from others by the
// signal alone), or asked to be traced.  Only domains tell who the subject is.
bool is_on_behalf(const Record &record, const Process &process);

// The name of the subject's program, "" if unknown.
std::string subject_comm(const Record &record, const Process &process);

// What was denied, in words: "read_file on /etc/passwd".
std::string what(const Record &denial);

// The rule that came nearest, for a human: one sentence.
std::string nearest_text(const Denial &denial);

class Explanation {
public:
	explicit Explanation(size_t limit = 4096) : limit_(limit) {}

	// Takes a denial; to be called before @state forgets its checks.
	void add(const Record &record, const Process &process, const State &state);

	// In the order in which they first came.
	const std::vector<Denial> &denials() const { return denials_; }
	uint64_t total() const { return total_; }
	// Denials beyond the limit, which are only counted.
	uint64_t not_kept() const { return not_kept_; }

private:
	size_t limit_;
	std::vector<Denial> denials_;
	std::unordered_map<std::string, size_t> index_;
	uint64_t total_ = 0;
	uint64_t not_kept_ = 0;
};

} // namespace landlock
