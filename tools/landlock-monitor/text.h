// SPDX-License-Identifier: GPL-2.0-only
//
// What people read: everything is ASCII except what we print ourselves.
#pragma once

#include "advice.h"
#include "explain.h"

#include <cstdio>
#include <set>
#include <string>

namespace landlock {

struct Style {
	bool colour = false;
	unsigned width = 80;
};

// How to print to @out: colour on a terminal only, without NO_COLOR; as wide as
// the terminal, COLUMNS or 80.
Style style_of(FILE *out);

// @text with an indent, broken between words to fit @style; a word that does not
// fit stays whole, so that it can be copied.
std::string wrap(const std::string &text, unsigned first, unsigned indent, const Style &style);

struct Context {
	Lost lost;
	Environment environment; // that the command's launcher got
	bool has_tasks = true; // else programs are guesses
	std::set<uint64_t> own_domains; // what it made: others have their rules elsewhere
	Circumstances run;
	std::vector<std::string> sentences; // that no denial says
	size_t most = 20; // denials that are shown
};

// The end of a run: each denial, its cause and the rule that would allow it.
std::string explanation_text(const Explanation &explanation, const Context &context, const Style &style);

// One line of the live stream.
std::string event_line(const Record &record, const Process &process, const State &state, const Style &style);

// As strace -c: what was denied, the most frequent first.
std::string counts_text(const Explanation &explanation, const Lost &lost);

// Process as "comm[pid]".
std::string program(const Process &process);

// The same for who was denied what, which may not be the @process of the task.
std::string subject_text(const Record &denial, const Process &process);

// Who was denied what: "cat[7]: denied read_file on /etc/passwd".
std::string denied_text(const Advice &advice);

// One line on lost events, "" if none.
std::string lost_text(const Lost &lost);

} // namespace landlock
