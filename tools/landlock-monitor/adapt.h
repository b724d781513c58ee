// SPDX-License-Identifier: GPL-2.0-only
//
// Where a kernel tells in two events what others tell in one.
#pragma once

#include "record.h"

#include <unordered_map>

namespace landlock {

class Adapter {
public:
	// Makes restrict_self of enforce_domain and the create_domain before it, and
	// gives the end of a system call the arguments that its start had.
	// Returns whether @record is to be used: halves are not.
	bool adapt(Record &record);

private:
	std::unordered_map<uint64_t, Record> created_;
	std::unordered_map<int, Record> entered_; // by thread
};

} // namespace landlock
