// SPDX-License-Identifier: GPL-2.0-only
//
// Makes records of all kernels alike: some report in two events what others report
// in one, of a denial only the domain that refused, and with a rule's rights those
// that its ruleset does not handle.
#pragma once

#include "record.h"
#include "state.h"

#include <unordered_map>

namespace landlock {

class Adapter {
public:
	// Makes restrict_self of create_domain and the enforce_domain of each thread,
	// gives a denial its layer and whole domain, where @state and what came before
	// have them, leaves a rule the rights that its ruleset handles, and gives the end
	// of a system call the arguments that its start had; the start of one that has
	// no end becomes it.
	// Returns whether @record is to be used: parts are not.
	bool adapt(Record &record, const State &state);

private:
	void enter(int tid, uint64_t domain);
	void inherit(int from, int to);
	bool join(Record &record);
	void add_arguments(Record &record);
	void locate(Record &record, const State &state) const;

	std::unordered_map<uint64_t, Record> created_; // and not yet enforced
	std::unordered_map<int, uint64_t> entered_;    // the domain of each thread
	std::unordered_map<int, Record> calls_;        // that each thread is in
};

} // namespace landlock
