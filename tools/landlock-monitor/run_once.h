// SPDX-License-Identifier: GPL-2.0-only
//
// One run of a command, watched from before its first instruction.
#pragma once

#include "calls.h"
#include "child.h"
#include "explain.h"
#include "open.h"
#include "options.h"
#include "output.h"

#include <set>

namespace landlock {

struct RunResult {
	int status = 125; // of the command, as a shell tells it
	std::string error; // why it could not be started
	Explanation explanation;
	std::set<uint64_t> own_domains; // that the command itself made
	int64_t started = 0; // nanoseconds since the epoch
	bool is_interrupted = false; // a signal that ends programs came for us
	Calls calls;
	std::vector<std::string> hints; // a sentence each
	std::vector<DomainOpen> open;   // of those domains or, if there is none, of all
	Lost lost;
};

// Runs @command to its end.  Throws an Error if it cannot be watched.  Then, the
// monitor can do little more than to write to @out.
RunResult run_once(const Options &options, const Command &command, const Output &out);

// The command of @options, with the user and environment that it is to have.  Says
// who that is, if it is somebody else.
Command command_of(const Options &options);

} // namespace landlock
