// SPDX-License-Identifier: GPL-2.0-only
#include "adapt.h"

#include "access.h"
#include "table.h"
#include "testing.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

using namespace landlock;

namespace {

Record part(Kind kind, uint64_t domain, int tid = 10) {
	Record record;

	record.kind = kind;
	record.domain = domain;
	record.tid = tid;
	return record;
}

Record enforced(uint64_t domain, bool is_last, int tid = 10) {
	Record record = part(Kind::enforce_domain, domain, tid);

	record.complete = is_last;
	record.process_wide = true;
	record.fields = bit(Field::complete) | bit(Field::process_wide);
	return record;
}

Record task(Kind kind, int tid, int other, int old = 0) {
	Record record;

	record.kind = kind;
	record.tid = tid;
	record.other_pid = other;
	record.old_pid = old;
	return record;
}

// A kernel that tells little.
struct Adapt : testing::Test {
	State state;
	Adapter adapter;

	bool adapt(Record record) { return adapter.adapt(record, state); }

	void enter(uint64_t domain, uint64_t parent, int tid) {
		Record record = part(Kind::create_domain, domain, tid);
		record.parent = parent;
		adapt(record);
		record = enforced(domain, true, tid);
		ASSERT_TRUE(adapter.adapt(record, state));
		state.apply(record, {});
	}

	Record denial(uint64_t domain, int tid) {
		Record record = part(Kind::deny_fs, domain, tid);
		EXPECT_TRUE(adapter.adapt(record, state));
		return record;
	}
};

} // namespace

TEST_F(Adapt, MakesOneOfTwo) {
	Record created = part(Kind::create_domain, 5);
	created.parent = 4;
	created.ruleset = 3;
	EXPECT_FALSE(adapt(created));

	Record record = enforced(5, true);
	record.time = 99;
	ASSERT_TRUE(adapter.adapt(record, state));
	EXPECT_EQ(record.kind, Kind::restrict_self);
	EXPECT_EQ(record.parent, 4u);
	EXPECT_EQ(record.ruleset, 3u);
	EXPECT_EQ(record.tid, 10);
	EXPECT_EQ(record.time, 99u);
	EXPECT_EQ(record.threads, 1u);
	EXPECT_TRUE(record.process_wide);
	EXPECT_TRUE(record.fields & bit(Field::process_wide));
}

// The other threads come first, the one that made the domain last.
TEST_F(Adapt, MakesOneOfManyThreads) {
	adapt(part(Kind::create_domain, 5));
	EXPECT_FALSE(adapt(enforced(5, false, 11)));
	EXPECT_FALSE(adapt(enforced(5, false, 12)));
	Record last = enforced(5, true);
	ASSERT_TRUE(adapter.adapt(last, state));
	EXPECT_EQ(last.tid, 10);
	EXPECT_EQ(last.threads, 3u);
	EXPECT_FALSE(adapt(enforced(5, true)));
}

TEST_F(Adapt, ARuleHasNoRightsThatAreNotHandled) {
	state.apply(make_ruleset(1, fs_read_file, net_bind_tcp), {});
	Record rule = make_fs_rule(1, "/usr", fs_read_file | fs_write_file);
	EXPECT_TRUE(adapter.adapt(rule, state));
	EXPECT_EQ(rule.access, fs_read_file);
	rule = make_net_rule(1, 80, net_bind_tcp | net_connect_tcp);
	EXPECT_TRUE(adapter.adapt(rule, state));
	EXPECT_EQ(rule.access, net_bind_tcp);
	// Of a ruleset whose creation was not seen.
	rule = make_fs_rule(2, "/usr", fs_write_file);
	EXPECT_TRUE(adapter.adapt(rule, state));
	EXPECT_EQ(rule.access, fs_write_file);
}

TEST_F(Adapt, ForgetsWhatWasNeverEnforced) {
	adapt(part(Kind::create_domain, 5));
	EXPECT_TRUE(adapt(part(Kind::free_domain, 5)));
	EXPECT_FALSE(adapt(enforced(5, true)));
}

TEST_F(Adapt, TheDepthIsTheLayer) {
	enter(5, 0, 10);
	EXPECT_EQ(denial(5, 10).layer, 1u);
	enter(6, 5, 10);
	EXPECT_EQ(denial(6, 10).layer, 2u);
	EXPECT_EQ(denial(6, 10).subject_domain, 6u);
	// The older layer refused.
	EXPECT_EQ(denial(5, 10).layer, 1u);
	EXPECT_EQ(denial(5, 10).subject_domain, 6u);
	// Made before the watch began.
	EXPECT_EQ(denial(7, 10).layer, 0u);
	EXPECT_EQ(denial(7, 10).subject_domain, 0u);
}

TEST_F(Adapt, ThreadsInheritTheDomain) {
	enter(5, 0, 10);
	adapt(task(Kind::task_new, 10, 20));
	enter(6, 5, 10);
	EXPECT_EQ(denial(5, 20).subject_domain, 5u);
	EXPECT_EQ(denial(5, 10).subject_domain, 6u);
	// A thread that runs a program becomes the first thread.
	adapt(task(Kind::task_exit, 10, 10));
	adapt(task(Kind::task_exec, 10, 10, 20));
	EXPECT_EQ(denial(5, 10).subject_domain, 5u);
	adapt(task(Kind::task_exit, 20, 20));
	EXPECT_EQ(denial(5, 20).subject_domain, 0u);
	EXPECT_EQ(denial(5, 20).layer, 1u);
}

// Signals of a file are sent for its owner, who may be anywhere.
TEST_F(Adapt, ATaskOfAnotherBranchIsNotTheSubject) {
	enter(5, 0, 10);
	enter(6, 0, 20);
	EXPECT_EQ(denial(6, 10).subject_domain, 0u);
}

TEST_F(Adapt, EachThreadEntersTheDomain) {
	adapt(part(Kind::create_domain, 5));
	adapt(enforced(5, false, 11));
	Record last = enforced(5, true);
	adapter.adapt(last, state);
	state.apply(last, {});
	EXPECT_EQ(denial(5, 11).subject_domain, 5u);
}

// Its end never comes.
TEST_F(Adapt, ACallThatEndsItsTask) {
	Record start;

	start.kind = Kind::call_enter;
	start.number = SYS_landlock_add_rule;
	EXPECT_FALSE(adapter.adapt(start, state));
	start.number = SYS_exit_group;
	start.args[0] = 3;
	EXPECT_TRUE(adapter.adapt(start, state));
	EXPECT_EQ(start.kind, Kind::call);
	EXPECT_EQ(start.args[0], 3u);
}

TEST_F(Adapt, LeavesTheRest) {
	Record whole = part(Kind::restrict_self, 5), denial = part(Kind::deny_fs, 5);

	EXPECT_TRUE(adapter.adapt(whole, state));
	EXPECT_EQ(whole.kind, Kind::restrict_self);
	denial.layer = 3;
	denial.subject_domain = 8;
	denial.fields = bit(Field::layer);
	EXPECT_TRUE(adapter.adapt(denial, state));
	EXPECT_EQ(denial.layer, 3u);
	EXPECT_EQ(denial.subject_domain, 8u);
}
