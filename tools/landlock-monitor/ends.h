// SPDX-License-Identifier: GPL-2.0-only
//
// Which processes failed.
#pragma once

#include "record.h"
#include "tasks.h"

#include <unordered_map>

namespace landlock {

// Whether the system call @number ends its thread, and so never returns.
bool is_last_call(int64_t number);

class Ends {
public:
	// Takes all records in their order.  Returns whether @record is the end of a
	// process with another status than 0, or by a signal.
	bool is_failure(const Record &record, const Process &process);

private:
	std::unordered_map<int, bool> failed_; // what processes say of themselves
};

} // namespace landlock
