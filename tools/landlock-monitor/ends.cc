// SPDX-License-Identifier: GPL-2.0-only
#include "ends.h"

#include <sys/syscall.h>

namespace landlock {
namespace {

// Between that call and the end of the process.
constexpr size_t max_ending = 4096;

} // namespace

bool is_last_call(int64_t number) {
	return number == SYS_exit_group || number == SYS_exit;
}

bool Ends::is_failure(const Record &record, const Process &process) {
	if (record.kind == Kind::call && is_last_call(record.number)) {
		if (failed_.size() >= max_ending)
			failed_.clear();
		// The status of other threads is not that of the process.
		if (record.number == SYS_exit_group || record.tid == process.pid)
			failed_[process.pid] = record.args[0] & 0xff;
	} else if (record.kind == Kind::task_exit && record.complete) {
		// What a signal ends says nothing before.
		const auto found = failed_.find(process.pid);
		const bool is_failure = found == failed_.end() || found->second;
		failed_.erase(process.pid);
		return is_failure;
	}
	return false;
}

} // namespace landlock
