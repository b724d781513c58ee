// SPDX-License-Identifier: GPL-2.0-only
#include "adapt.h"

#include "ends.h"
#include "table.h"

namespace landlock {
namespace {

// Domains between their events: as many as threads inside one system call.
constexpr size_t max_created = 4096;

// More than most machines have threads in domains.
constexpr size_t max_entered = 65536;

// Room for one more: an unlikely number is not worth more than a new start.
template <class Map> void bound(Map &map, size_t most) {
	if (map.size() >= most)
		map.clear();
}

} // namespace

void Adapter::enter(int tid, uint64_t domain) {
	bound(entered_, max_entered);
	entered_[tid] = domain;
}

void Adapter::inherit(int from, int to) {
	if (const auto found = entered_.find(from); found != entered_.end())
		enter(to, found->second);
}

// Takes what @record, of enforce_domain, reports on one thread; makes it restrict_self
// if it is the last one.
bool Adapter::join(Record &record) {
	const auto found = created_.find(record.domain);

	enter(record.tid, record.domain);
	if (found == created_.end())
		return false;
	found->second.threads++;
	if (!record.complete)
		return false;

	Record whole = std::move(found->second);
	created_.erase(found);
	whole.kind = Kind::restrict_self;
	whole.time = record.time;
	whole.process_wide = record.process_wide;
	whole.no_new_privs = record.no_new_privs;
	whole.fields |= record.fields | bit(Field::threads);
	record = std::move(whole);
	return true;
}

// A layer is as old as its domain has ancestors.  A thread whose own domain is not
// beneath the one that refused was not the subject.
void Adapter::locate(Record &record, const State &state) const {
	const auto found = entered_.find(record.tid);

	record.layer = state.layers(record.domain);
	if (found == entered_.end())
		return;
	const Domain *refused = state.layer_of(found->second, record.layer);
	if (refused && refused->id == record.domain)
		record.subject_domain = found->second;
}

// Gives the end of a system call the arguments that its start had.
void Adapter::add_arguments(Record &record) {
	const auto found = calls_.find(record.tid);

	if (found == calls_.end() || found->second.number != record.number)
		return;
	record.args = found->second.args;
	record.fields |= bit(Field::args);
	calls_.erase(found);
}

// A ruleset that handles nothing of a kind has no such rules, unless its creation
// was not seen.
static void limit(Record &record, const State &state) {
	const Ruleset *set = state.ruleset(record.ruleset);
	if (!set)
		return;
	if (const uint32_t handled = record.kind == Kind::add_rule_fs ? set->handled_fs : set->handled_net)
		record.access &= handled;
}

bool Adapter::adapt(Record &record, const State &state) {
	switch (record.kind) {
	case Kind::add_rule_fs:
	case Kind::add_rule_net: limit(record, state); break;
	case Kind::create_domain:
		bound(created_, max_created);
		created_[record.domain] = record;
		return false;
	case Kind::enforce_domain: return join(record);
	case Kind::call_enter:
		// Its start is all there is of it.
		if (is_last_call(record.number)) {
			record.kind = Kind::call;
			return true;
		}
		bound(calls_, max_created);
		calls_[record.tid] = record;
		return false;
	case Kind::call: add_arguments(record); break;
	case Kind::free_domain: created_.erase(record.domain); break;
	case Kind::task_new: inherit(record.tid, record.other_pid); break;
	// The thread that calls it gets the process's own ID.
	case Kind::task_exec: inherit(record.old_pid, record.tid); break;
	case Kind::task_exit: entered_.erase(record.tid); break;
	default:
		if (is_denial(record.kind) && !(record.fields & bit(Field::layer)))
			locate(record, state);
		break;
	}
	return true;
}

} // namespace landlock
