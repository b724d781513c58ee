// SPDX-License-Identifier: GPL-2.0-only
//
// Recordings of trace-cmd (trace.dat).
#pragma once

#include "error.h"
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

// A file that is opened now and read later, when nothing may be opened anymore.
class RecordingFile {
public:
	// Throws an Error if @file cannot be read, or is no regular file.
	explicit RecordingFile(const std::string &file);
	~RecordingFile();
	RecordingFile(const RecordingFile &) = delete;
	RecordingFile &operator=(const RecordingFile &) = delete;

	// Reads all of it.  Throws an Error if it is no recording, or not a whole one.
	Recording read() const;

private:
	// For messages.
	std::string name() const;
	// What to throw if it cannot be read.
	Error damage() const;

	std::string file_;
	int fd_;
	size_t size_ = 0;
};

} // namespace landlock
