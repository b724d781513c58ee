// SPDX-License-Identifier: GPL-2.0-only
#include "state.h"

#include "access.h"
#include "testing.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

using namespace landlock;

static Record check(uint64_t domain, uint64_t ino, uint32_t access, std::vector<uint32_t> grants) {
	Record record;

	record.kind = Kind::check_fs;
	record.tid = 7;
	record.domain = domain;
	record.ino = ino;
	record.access = access;
	record.grants = std::move(grants);
	return record;
}

TEST(State, ADomainHasTheRulesOfWhenItWasMade) {
	State state;
	const Process process{5, "sandboxer", "/sandboxer"};

	state.apply(make_ruleset(1, fs_read_file, 0), process);
	state.apply(make_fs_rule(1, "/usr", fs_read_file, 3), process);
	state.apply(make_domain(2, 0, 1), process);
	state.apply(make_fs_rule(1, "/etc", fs_read_file, 4), process);
	state.apply(make_domain(3, 2, 1), process);
	ASSERT_TRUE(state.domain(2));
	EXPECT_EQ(state.domain(2)->ruleset.rules->size(), 1u);
	EXPECT_EQ(state.domain(3)->ruleset.rules->size(), 2u);
	EXPECT_EQ(state.domain(2)->creator, process);
	EXPECT_EQ(state.layers(3), 2u);
	EXPECT_EQ(state.layer_of(3, 1)->id, 2u);
	EXPECT_EQ(state.layer_of(3, 2)->id, 3u);
	EXPECT_EQ(state.layer_of(3, 3), nullptr);
}

TEST(State, TheSameObjectIsOneRule) {
	State state;

	state.apply(make_ruleset(1, 0, 0), {});
	state.apply(make_net_rule(1, 80, net_bind_tcp), {});
	state.apply(make_net_rule(1, 80, net_connect_tcp), {});
	state.apply(make_domain(2, 0, 1), {});
	ASSERT_EQ(state.domain(2)->ruleset.rules->size(), 1u);
	EXPECT_EQ(state.domain(2)->ruleset.rules->front().access, net_bind_tcp | net_connect_tcp);
}

TEST(State, WhatIsOlderThanTheWatch) {
	State state;

	state.apply(make_fs_denial(9, "/x", fs_read_file), {});
	ASSERT_TRUE(state.domain(9));
	EXPECT_FALSE(state.domain(9)->is_known);
	EXPECT_EQ(state.layers(9), 0u);
	// A domain whose ruleset was not seen from the start.
	state.apply(make_fs_rule(1, "/usr", fs_read_file), {});
	state.apply(make_domain(10, 0, 1), {});
	EXPECT_FALSE(state.domain(10)->ruleset.is_whole);
}

TEST(State, CountsAndEnds) {
	State state;

	state.apply(make_domain(2, 0, 1), {});
	state.apply(make_fs_denial(2, "/x", fs_read_file), {});
	EXPECT_EQ(state.domain(2)->denials, 1u);
	state.apply(make_end(2, 5), {});
	EXPECT_EQ(state.domain(2)->denials, 5u);
	EXPECT_FALSE(state.domain(2)->is_alive);
}

TEST(State, IsBounded) {
	State state({.domains = 100, .dead = 10, .rulesets = 5, .rules = 3, .tasks = 2});

	for (uint64_t i = 1; i <= 1000; i++) {
		state.apply(make_ruleset(i, 0, 0), {});
		for (int64_t port = 0; port < 10; port++)
			state.apply(make_net_rule(i, port, 1), {});
		state.apply(make_domain(i, 0, i), {});
		state.apply(make_end(i, 0), {});
	}
	EXPECT_EQ(state.domains().size(), 10u);
	EXPECT_EQ(state.domain(1000)->ruleset.rules->size(), 3u);
	EXPECT_FALSE(state.domain(1000)->ruleset.is_whole);
	EXPECT_EQ(state.domain(900), nullptr);
	for (uint64_t i = 2000; i < 3000; i++)
		state.apply(make_domain(i, 0, 0), {});
	EXPECT_EQ(state.domains().size(), 100u);
	EXPECT_GT(state.forgotten(), 0u);
}

// All rules that anybody has, each list once.
static size_t count_bytes(const State &state) {
	std::set<const Rules *> lists;
	size_t bytes = 0;

	for (const Domain *domain : state.domains())
		lists.insert(domain->ruleset.rules.get());
	for (const Rules *rules : lists) {
		for (const Rule &rule : *rules)
			bytes += sizeof(rule) + rule.path.size();
	}
	return bytes;
}

TEST(State, IsBoundedInSum) {
	const size_t limit = 100000;
	State state({.domains = 65536, .dead = 4096, .rulesets = 16384, .rules = 16384, .tasks = 1, .bytes = limit});

	state.apply(make_ruleset(1, 0, 0), {});
	state.apply(make_net_rule(1, 80, 1), {});
	state.apply(make_domain(1, 0, 1), {});
	for (uint64_t i = 2; i <= 300; i++) {
		state.apply(make_ruleset(i, 0, 0), {});
		for (uint64_t file = 0; file < 20; file++) {
			state.apply(make_fs_rule(i, "/" + std::string(100, 'x'), 1, file), {});
			ASSERT_LE(state.rule_bytes(), limit);
		}
		state.apply(make_domain(i, 0, i), {});
		Record freed = make_ruleset(i, 0, 0);
		freed.kind = Kind::free_ruleset;
		state.apply(freed, {});
		state.apply(make_end(i, 0), {});
		ASSERT_LE(count_bytes(state), limit);
	}
	// The dead lost theirs first, the oldest ones first, and say so.
	EXPECT_EQ(state.domains().size(), 300u);
	EXPECT_EQ(state.domain(1)->ruleset.rules->size(), 1u);
	EXPECT_TRUE(state.domain(1)->ruleset.is_whole);
	EXPECT_TRUE(state.domain(2)->ruleset.rules->empty());
	EXPECT_FALSE(state.domain(2)->ruleset.is_whole);
	EXPECT_EQ(state.domain(300)->ruleset.rules->size(), 20u);
	EXPECT_TRUE(state.domain(300)->ruleset.is_whole);
}

// A ruleset that changes after each domain that is made of it.
TEST(State, CopiesAreBoundedInSum) {
	const size_t limit = 100000;
	State state({.domains = 65536, .dead = 4096, .rulesets = 16384, .rules = 16384, .tasks = 1, .bytes = limit});

	state.apply(make_ruleset(1, 0, 0), {});
	for (uint64_t i = 1; i <= 3000; i++) {
		state.apply(make_net_rule(1, static_cast<int64_t>(i), 1), {});
		state.apply(make_domain(i, 0, 1), {});
		ASSERT_LE(state.rule_bytes(), limit);
	}
	EXPECT_LE(count_bytes(state), limit);
	EXPECT_FALSE(state.domain(3000)->ruleset.is_whole);
}

TEST(State, GivesBackWhatItCounted) {
	State state;
	std::shared_ptr<Rules> kept;

	state.apply(make_ruleset(1, 0, 0), {});
	state.apply(make_fs_rule(1, "/usr", 1), {});
	state.apply(make_domain(1, 0, 1), {});
	EXPECT_EQ(state.rule_bytes(), sizeof(Rule) + 4);
	kept = state.domain(1)->ruleset.rules;
	state.apply(make_ruleset(1, 0, 0), {});
	state.apply(make_domain(1, 0, 1), {});
	EXPECT_EQ(state.rule_bytes(), sizeof(Rule) + 4);
	kept.reset();
	EXPECT_EQ(state.rule_bytes(), 0u);
}

// The dead make room first.
TEST(State, KeepsTheLiving) {
	State state({.domains = 10, .dead = 5, .rulesets = 5, .rules = 3, .tasks = 2});

	state.apply(make_domain(1, 0, 0), {});
	for (uint64_t i = 2; i < 100; i++) {
		state.apply(make_domain(i, 0, 0), {});
		state.apply(make_end(i, 0), {});
	}
	EXPECT_TRUE(state.domain(1));
}

TEST(State, ChecksOfADenial) {
	State state;
	const Record denial = make_fs_denial(2, "/a/b", fs_write_file);

	state.apply(make_domain(2, 0, 1), {});
	state.apply(check(2, 30, fs_write_file, {0}), {});
	state.apply(check(2, 20, fs_write_file, {0}), {});
	state.apply(denial, {});
	ASSERT_EQ(state.checks_of(denial).size(), 2u);
	EXPECT_EQ(state.checks_of(denial)[0].ino, 30u);
	// The next one has none of its own.
	state.apply(denial, {});
	EXPECT_TRUE(state.checks_of(denial).empty());
}

TEST(State, ChecksOfAnEarlierRequestDoNotCount) {
	State state;
	const Record denial = make_fs_denial(2, "/a/b", fs_read_file);

	state.apply(make_domain(2, 0, 1), {});
	// It was granted.
	state.apply(check(2, 30, fs_read_file, {fs_read_file}), {});
	state.apply(denial, {});
	EXPECT_TRUE(state.checks_of(denial).empty());
	// So it was when its call has ended.
	state.apply(check(2, 30, fs_read_file | fs_truncate, {0}), {});
	Record call;
	call.kind = Kind::call;
	call.tid = denial.tid;
	state.apply(call, {});
	state.apply(denial, {});
	EXPECT_TRUE(state.checks_of(denial).empty());
	// Whether it was, is not known.
	state.apply(check(2, 30, fs_read_file, {fs_read_file}), {});
	const Record unknown = make_fs_denial(2, "/a/b", fs_read_file, 0);
	state.apply(unknown, {});
	EXPECT_TRUE(state.checks_of(unknown).empty());
	// It was about something else.
	state.apply(check(2, 30, fs_make_dir, {0}), {});
	state.apply(denial, {});
	EXPECT_TRUE(state.checks_of(denial).empty());
	// A walk starts anew where an object comes again.
	state.apply(check(2, 30, fs_read_file, {0}), {});
	state.apply(check(2, 30, fs_read_file, {0}), {});
	state.apply(denial, {});
	EXPECT_EQ(state.checks_of(denial).size(), 1u);
}

TEST(State, ProcessWideOnlyIfReported) {
	State state;
	Record domain = make_domain(2, 0, 1);

	state.apply(domain, {});
	EXPECT_FALSE(state.domain(2)->is_process_wide);
	domain.fields = bit(Field::process_wide);
	state.apply(domain, {});
	ASSERT_TRUE(state.domain(2)->is_process_wide);
	EXPECT_FALSE(*state.domain(2)->is_process_wide);
}

TEST(State, ThreadsAndPrivileges) {
	State state;
	Record record = make_domain(2, 0, 1);

	state.apply(record, {});
	EXPECT_FALSE(state.domain(2)->no_new_privs);
	record.threads = 1;
	record.process_threads = 3;
	record.fields = bit(Field::no_new_privs);
	record.no_new_privs = true;
	state.apply(record, {});
	EXPECT_EQ(state.domain(2)->no_new_privs, true);
	EXPECT_EQ(state.domain(2)->threads, 1u);
	EXPECT_EQ(state.domain(2)->process_threads, 3u);
}
