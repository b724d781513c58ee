// SPDX-License-Identifier: GPL-2.0-only
//
// What to do about the denials of a run: what ended a program comes first, what one
// rule mends comes once, and rules that nobody should add are kept apart.
#pragma once

#include "explain.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landlock {

// How likely it is that a program failed for it.
enum class Weight { last, other, habit };

struct Advice {
	// The first stands for all: they are of one layer, or of layers with the same rules,
	// and miss the same rights or scope.
	std::vector<const Denial *> denials;
	// Of a rename or link, the denial of its other end; else nullptr.
	const Denial *other_end = nullptr;
	Suggestion other; // for that end
	size_t policy = 0; // the same number: the same rules
	uint64_t count = 0;
	Weight weight = Weight::other;
	Suggestion suggestion;
	// What else helps to understand it: sentences.
	std::vector<std::string> notes;
	// Why its rule, and that of the other end, are not for the line to paste; "" if they
	// are.
	std::string apart, other_apart;
	bool is_doubtful = false; // a habit, shown as there is nothing else: no rule for the line
};

// What is known of the run, but from its events.
struct Circumstances {
	bool is_here = false;   // its paths are those of this machine, now
	int64_t started = 0;    // then: when, in nanoseconds since the epoch
	bool has_steps = false; // what one of them makes is not there in a run without them
	bool has_failed = true; // so that what came last matters
	std::string home;       // of the user, "" if unknown
	std::string folder;     // in which the command starts, "" if unknown
	std::string modules;    // in which its Python looks for modules first, "" if it is none
};

// What is said of those that are doubtful.
constexpr char doubt[] = "most programs go on without it: this one may need it, or have failed for another cause";

// Why no rule for it is in the line to paste, "" if that is fine.
std::string why_left_out(const Advice &advice);

// The domains that refused it, each once.
std::vector<uint64_t> domains_of(const Advice &advice);

std::vector<Advice> advise(const Explanation &explanation, const Circumstances &circumstances);

} // namespace landlock
