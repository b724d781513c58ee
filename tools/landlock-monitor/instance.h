// SPDX-License-Identifier: GPL-2.0-only
//
// A tracing instance of our own: a buffer, filters and switches that nobody else
// uses.  The global ones are never changed.
#pragma once

#include "confine.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct tracefs_instance;

namespace landlock {

// Where tracefs is.  Throws an Error that says what is missing: tracefs, the
// right to use it, the events, or this being the initial PID namespace.
std::string tracing_folder();

// The name of an instance of this process: landlock-monitor-PID-STARTTIME@suffix.
// It stays the same when the process executes another program.
std::string instance_name(const std::string &suffix);

// Whether the process that the instance @name is named after is gone.
bool is_stale(std::string_view name);

// Removes instances that a monitor left behind which was killed.
void reclaim_stale_instances();

// How large a buffer for each CPU is to be, in KiB: @wanted or, if that is 0, what
// a machine with that many CPUs can spare.
unsigned buffer_size(unsigned wanted);

class Instance {
public:
	// Makes one with that name.
	explicit Instance(const std::string &suffix);
	// All files of it have to be closed by then.
	~Instance();
	Instance(const Instance &) = delete;
	Instance &operator=(const Instance &) = delete;

	// Writes to one of its files; throws an Error if that fails.
	void write(const std::string &file, const std::string &text);
	void append(const std::string &file, const std::string &text);
	// The same for settings that older kernels have not.
	void try_write(const std::string &file, const std::string &text);
	bool has(const std::string &file) const;
	void enable(std::string_view system, std::string_view event);
	// What reading and removing it needs.
	std::vector<Grant> grants() const;
	// Its raw buffers, one file for each CPU.
	std::vector<int> open_pipes() const;
	size_t page_size() const;
	// Events that did not get into the buffer or were overwritten there.
	uint64_t lost() const;

private:
	std::string file(const std::string &name) const;

	tracefs_instance *instance_;
	std::string folder_;
};

} // namespace landlock
