// SPDX-License-Identifier: GPL-2.0-only
//
// Recordings of trace-cmd (trace.dat).
#pragma once

#include "explain.h"
#include "state.h"

#include <string>

namespace landlock {

struct Recording {
	State state;
	Explanation explanation;
	Lost lost;
	bool has_tasks = false; // it tells which program a thread was
	uint64_t events = 0;    // of Landlock
};

// Reads all of @file.  Throws an Error if it is none.
Recording read_recording(const std::string &file);

} // namespace landlock
