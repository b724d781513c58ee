// SPDX-License-Identifier: GPL-2.0-only
#include "adapt.h"

#include "table.h"

namespace landlock {

// Domains between their two events: as many as threads inside one system call.
static constexpr size_t max_created = 4096;

bool Adapter::adapt(Record &record) {
	if (record.kind == Kind::create_domain) {
		if (created_.size() >= max_created)
			created_.clear();
		created_[record.domain] = record;
		return false;
	}
	if (record.kind == Kind::free_domain) {
		created_.erase(record.domain);
		return true;
	}
	if (record.kind == Kind::call_enter) {
		if (entered_.size() >= max_created)
			entered_.clear();
		entered_[record.tid] = record;
		return false;
	}
	if (record.kind == Kind::call) {
		const auto entered = entered_.find(record.tid);
		if (entered == entered_.end() || entered->second.number != record.number)
			return true;
		record.args = entered->second.args;
		record.fields |= bit(Field::args);
		entered_.erase(entered);
		return true;
	}
	if (record.kind != Kind::enforce_domain)
		return true;

	// Further events of one domain are of its other threads.
	const auto found = created_.find(record.domain);
	if (found == created_.end())
		return false;
	Record whole = std::move(found->second);
	created_.erase(found);
	whole.kind = Kind::restrict_self;
	whole.time = record.time;
	whole.flags |= record.flags;
	if (record.threads)
		whole.threads = record.threads;
	whole.fields |= record.fields;
	record = std::move(whole);
	return true;
}

} // namespace landlock
