// SPDX-License-Identifier: GPL-2.0-only
//
// Each distinct denial once, with all that is known about it.
#pragma once

#include "record.h"
#include "state.h"
#include "suggest.h"
#include "tasks.h"

#include <optional>
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

// How a rule is related to what was denied: "missed" would allow it by its path, but
// the kernel did not meet the object that it is for.
enum class Nearness { none, unknown, object, ancestor, missed, port };

struct Nearest {
	Nearness how = Nearness::none;
	Rule rule;
};

// Who was denied the same.
struct Program {
	Process process;
	std::string comm; // of the subject, "" if unknown
	uint64_t count = 0;
};

struct Denial {
	Record first;
	uint64_t count = 0;
	uint64_t last = 0; // when it came last: not a time, as clocks may be coarse
	uint64_t succeeded = 0; // of @count: the open that was denied this succeeded all the same
	int error = 0;     // what the system call failed with, 0 if it did not or that is unknown
	bool is_last = false; // before a process failed
	Process process;  // of the task: who asked first, unless
	bool is_on_behalf = false; // the task is not the subject
	std::vector<Program> programs; // the first ones; others are only in @count
	Domain domain;    // the layer that refused
	unsigned layers = 0; // of the subject; 0 if unknown
	// Which of the subject's launchers of that kind made the layer, the outermost first;
	// 0 if there is only one.
	unsigned nth_launcher = 0;
	Nearest nearest;
	Suggestion suggestion;
	// Of a rename or link: the denial of its first end, which comes before; it is
	// counted there.
	std::optional<size_t> first_end;
};

// Whether the task of @record, which is of @process, is not the subject of the
// denial: it sent what a file owner gets as a signal (told from others by the
// signal alone), or asked to be traced.  Only domains tell who the subject is.
bool is_on_behalf(const Record &record, const Process &process);

// Whether programs ask for what @denial is about habitually and go on without it.
bool is_usual(const Record &denial);

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
	// Takes that a system call of @tid ended: with @error, or without if that is 0.  The
	// first one after a denial is the one that was denied.
	void set_error(int tid, int error);
	// Takes that the process @pid failed, for its last denial, as it seems.
	void blame(int pid);

	// In the order in which they first came.
	const std::vector<Denial> &denials() const { return denials_; }
	// Of requests: a rename or link is one, though both of its ends be denied.
	uint64_t total() const { return total_; }
	// How many are distinct.
	size_t distinct() const { return denials_.size() - second_ends_; }
	// Denials beyond the limit, or beyond what one program may take of it, which
	// are only counted.
	uint64_t not_kept() const { return not_kept_; }
	// The last of them, which may be what a program failed for; "" if there is none.
	const std::string &last_not_kept() const { return last_not_kept_; }

private:
	Denial *find(const std::string &key, const Record &record, const Process &process, const State &state);
	void add_other_end(size_t first, const Record &record, const Process &process, const State &state);

	size_t limit_;
	std::vector<Denial> denials_;
	std::unordered_map<std::string, size_t> index_;
	std::unordered_map<std::string, size_t> budget_; // of each program
	struct Last {
		size_t index;
		Record record;
		int pid;
		bool is_over; // the system call has ended
		std::optional<size_t> suspect; // of the process, before
	};
	std::unordered_map<int, Last> last_; // of each thread
	// The last denials of a process that are not usual.
	struct Suspects {
		std::optional<size_t> any;
		std::optional<size_t> passed_on; // its system call failed
	};
	std::unordered_map<int, Suspects> suspects_;
	bool has_calls_ = false; // their ends are told
	uint64_t came_ = 0;
	size_t second_ends_ = 0;
	uint64_t total_ = 0;
	uint64_t not_kept_ = 0;
	std::string last_not_kept_;
};

} // namespace landlock
