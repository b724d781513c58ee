// SPDX-License-Identifier: GPL-2.0-only
#include "move.h"

#include "explain.h"
#include "table.h"
#include "testing.h"

#include <gtest/gtest.h>

#include <cerrno>

using namespace landlock;

namespace {

constexpr uint32_t handled = (fs_resolve_unix << 1) - 1;
constexpr uint32_t source = fs_remove_file | fs_make_reg | fs_refer;

Record end(const std::string &path, uint32_t blockers, uint32_t access, uint64_t domain = 2, uint32_t layer = 1) {
	Record r = make_fs_denial(domain, path, blockers, layer);

	r.access = access;
	r.fields = bit(Field::access);
	return r;
}

// Of a kernel that only reports what is missing.
Record unordered(const std::string &path, uint32_t blockers) {
	return make_fs_denial(2, path, blockers);
}

struct Move : testing::Test {
	State state;
	Explanation explanation;
	const Process maker{5, "x", "/x"};
	const Process mv{7, "mv", "/bin/mv"};

	void SetUp() override {
		state.apply(make_ruleset(1, handled, 0), maker);
		state.apply(make_fs_rule(1, "/a", source), maker);
		state.apply(make_fs_rule(1, "/b", source | fs_execute), maker);
		state.apply(make_domain(2, 0, 1), maker);
	}
	void deny(const Record &record) {
		state.apply(record, mv);
		explanation.add(record, mv, state);
	}
	const Suggestion &suggestion(size_t i = 0) { return explanation.denials()[i].suggestion; }
};

bool has(const std::string &text, const std::string &part) {
	return text.find(part) != std::string::npos;
}

} // namespace

TEST_F(Move, WhatItIs) {
	EXPECT_TRUE(is_move(end("/a", fs_refer, fs_refer | fs_remove_file)));
	EXPECT_FALSE(is_move(end("/a", fs_make_reg, fs_make_reg)));
	EXPECT_FALSE(is_comparison(end("/a", fs_refer, fs_refer | fs_remove_file)));
	EXPECT_TRUE(is_comparison(end("/a", fs_execute, handled)));
}

// One request, and what the destination alone grants is what it would gain.
TEST_F(Move, Gains) {
	deny(end("/a", handled & ~source, handled));
	deny(end("/b", handled & ~source & ~fs_execute, handled));
	EXPECT_EQ(explanation.total(), 1u);
	EXPECT_EQ(explanation.distinct(), 1u);
	ASSERT_EQ(explanation.denials().size(), 2u);
	EXPECT_TRUE(has(suggestion().impossible, "would gain execute: /b grants that, /a does not")) << suggestion().impossible;
	EXPECT_TRUE(has(suggestion().remedy, "grant execute on /a too")) << suggestion().remedy;
	EXPECT_FALSE(has(suggestion().remedy, "refer")) << suggestion().remedy;
	EXPECT_EQ(suggestion(1).impossible, suggestion().impossible);
}

// What is exchanged goes both ways.
TEST_F(Move, GainsTheOtherWay) {
	deny(end("/b", handled & ~source & ~fs_execute, handled));
	deny(end("/a", handled & ~source, handled));
	EXPECT_TRUE(has(suggestion().impossible, "would gain execute: /b grants that, /a does not")) << suggestion().impossible;
}

// A launcher writes the rules of both ends.
TEST_F(Move, GainsByALauncher) {
	const Process setpriv{5, "setpriv", "/bin/setpriv"};

	state.apply(make_ruleset(1, handled, 0), setpriv);
	state.apply(make_fs_rule(1, "/a", source), setpriv);
	state.apply(make_fs_rule(1, "/b", source | fs_execute), setpriv);
	state.apply(make_domain(2, 0, 1), setpriv);
	deny(end("/a", handled & ~source, handled));
	deny(end("/b", handled & ~source & ~fs_execute, handled));
	EXPECT_EQ(suggestion().impossible, "");
	EXPECT_EQ(suggestion().form.text, "--landlock-rule path-beneath:execute:/a");
}

TEST_F(Move, GainsWithoutARequest) {
	deny(unordered("/b", handled & ~source & ~fs_execute));
	deny(unordered("/a", handled & ~source));
	EXPECT_EQ(explanation.distinct(), 1u);
	EXPECT_TRUE(has(suggestion().impossible, "would gain execute: /b grants that, /a does not")) << suggestion().impossible;
}

// The one that grants more lacks nothing that only moves need: that tells it from others
// as long as both are of one call.
TEST_F(Move, GainsWithoutARequestOrRefer) {
	for (const bool is_first : {true, false}) {
		explanation = Explanation();
		explanation.set_error(7, 0);
		if (is_first)
			deny(unordered("/b", fs_resolve_unix));
		deny(unordered("/a", handled & ~source));
		if (!is_first)
			deny(unordered("/b", fs_resolve_unix));
		EXPECT_EQ(explanation.distinct(), 1u);
		EXPECT_TRUE(has(suggestion().impossible, "/b grants that, /a does not")) << suggestion().impossible;
		EXPECT_EQ(suggestion(1).impossible, suggestion().impossible);
	}
	explanation = Explanation();
	deny(unordered("/b", fs_read_file));
	deny(unordered("/a", handled & ~source));
	EXPECT_EQ(explanation.distinct(), 2u);
	explanation = Explanation();
	explanation.set_error(7, 0);
	deny(unordered("/b", fs_read_file));
	explanation.set_error(mv.pid, EACCES);
	deny(unordered("/a", handled & ~source));
	EXPECT_EQ(explanation.distinct(), 2u);
}

TEST_F(Move, MissesReferWithoutARequest) {
	deny(unordered("/c", fs_refer));
	deny(unordered("/d", fs_refer));
	EXPECT_EQ(explanation.distinct(), 1u);
	EXPECT_EQ(suggestion().impossible, "");
}

TEST_F(Move, GainsInAnOlderLayer) {
	state.apply(make_ruleset(3, handled, 0), maker);
	state.apply(make_domain(4, 2, 3), maker);
	deny(end("/a", handled & ~source, handled, 4, 2));
	deny(end("/b", handled & ~source, handled, 4, 2));
	EXPECT_TRUE(has(suggestion().impossible, "would gain execute: /b grants that in layer 1")) << suggestion().impossible;
}

// It may not gain the right to make directories where it goes.
TEST_F(Move, OfADirectory) {
	deny(end("/c", fs_remove_dir, fs_remove_dir | fs_refer));
	deny(end("/d", fs_make_dir | fs_refer, fs_make_dir | fs_refer));
	EXPECT_EQ(suggestion().wanted.rights, fs_remove_dir | fs_make_dir);
	EXPECT_EQ(suggestion(1).wanted.rights, fs_make_dir | fs_refer);
}

// Each end may be refused by a layer of its own.
TEST_F(Move, GainsAndMissesReferInTwoLayers) {
	Record older = end("/b", fs_refer, handled);

	older.subject_domain = 4;
	state.apply(make_ruleset(3, handled, 0), maker);
	state.apply(make_fs_rule(3, "/a", source & ~fs_refer), maker);
	state.apply(make_fs_rule(3, "/b", handled), maker);
	state.apply(make_domain(4, 2, 3), maker);
	deny(end("/a", fs_execute | fs_refer, handled, 4, 2));
	deny(older);
	EXPECT_TRUE(has(suggestion().impossible, "would gain execute: /b grants that, /a does not")) << suggestion().impossible;
	EXPECT_TRUE(has(suggestion().remedy, "refer is missing too, on /a in layer 2 and /b in layer 1")) << suggestion().remedy;
}

TEST_F(Move, GainsAndMissesReferTwice) {
	deny(end("/a", fs_execute | fs_refer, handled));
	deny(end("/b", fs_refer, handled));
	EXPECT_TRUE(has(suggestion().remedy, "refer is missing too, on both")) << suggestion().remedy;
}

// The destination grants all: only the first end is reported.
TEST_F(Move, GainsWithOneEnd) {
	deny(end("/a", fs_execute, handled));
	EXPECT_TRUE(has(suggestion().impossible, "would gain execute: the destination grants that"));
}

// Nothing else helps then.
TEST_F(Move, TheSourceHasNoRule) {
	deny(end("/c", handled, handled));
	EXPECT_EQ(suggestion().impossible, "");
	EXPECT_EQ(suggestion().wanted.path, "/c");
	EXPECT_TRUE(suggestion().wanted.is_directory);
	EXPECT_EQ(suggestion().wanted.rights, fs_file_rights | fs_refer | fs_remove_file);
}

// As with what a sandbox may only read.
TEST_F(Move, TheSourceLacksReferAndTheDestinationNothing) {
	const Process launcher{6, "sandboxer", "/sandboxer"};

	state.apply(make_ruleset(3, handled, 0), launcher);
	state.apply(make_fs_rule(3, "/a", fs_read_file), launcher);
	state.apply(make_domain(4, 0, 3), launcher);
	deny(end("/a", fs_write_file | fs_refer | fs_remove_file | fs_make_reg, handled, 4));
	EXPECT_EQ(suggestion().impossible, "");
	EXPECT_EQ(suggestion().wanted.path, "/a");
	EXPECT_EQ(suggestion().wanted.rights, fs_write_file | fs_refer | fs_remove_file);
}

TEST_F(Move, TheSourceHasNoRuleAndTheDestinationLacksSome) {
	for (const bool is_ordered : {true, false}) {
		explanation = Explanation();
		const Record from = is_ordered ? end("/c", handled, handled) : unordered("/c", handled);
		const uint32_t lacks = handled & ~fs_read_file & ~fs_remove_file;
		const Record to = is_ordered ? end("/d", lacks, handled) : unordered("/d", lacks);
		deny(is_ordered ? from : to);
		deny(is_ordered ? to : from);
		EXPECT_EQ(suggestion().impossible, "");
		EXPECT_EQ(suggestion().wanted.path, "/c");
		EXPECT_EQ(suggestion().wanted.rights, fs_read_file | fs_refer | fs_remove_file);
		EXPECT_EQ(suggestion(1).wanted.path, "/d");
		EXPECT_EQ(suggestion(1).wanted.rights, fs_refer | fs_make_reg);
	}
}

// The kernel compares first: else the next denial would be that.
TEST_F(Move, GainsAndMissesTheRightToRemove) {
	deny(end("/a", fs_execute, handled));
	EXPECT_FALSE(has(suggestion().remedy, "remove_")) << suggestion().remedy;
	explanation.set_error(7, 13);
	deny(end("/c", fs_execute | fs_refer | fs_remove_dir | fs_remove_file, handled));
	EXPECT_TRUE(has(suggestion(1).remedy, "also needs remove_file (of a directory, remove_dir) on /c")) << suggestion(1).remedy;
	explanation.set_error(7, 13);
	deny(end("/d", fs_execute | fs_remove_dir, handled));
	EXPECT_TRUE(has(suggestion(2).remedy, "also needs remove_dir (of a directory) on /d")) << suggestion(2).remedy;
}

TEST_F(Move, MissesRefer) {
	deny(end("/c", fs_refer, fs_refer | fs_remove_file));
	deny(end("/d", fs_refer, fs_refer | fs_make_reg));
	EXPECT_EQ(explanation.distinct(), 1u);
	ASSERT_EQ(explanation.denials().size(), 2u);
	EXPECT_EQ(suggestion().impossible, "");
	EXPECT_EQ(suggestion(1).wanted.path, "/d");
	EXPECT_EQ(explanation.denials()[1].first_end, 0u);
}

// Then no rule can be added.
TEST_F(Move, TheLayerDoesNotHandleRefer) {
	state.apply(make_ruleset(3, 0, net_bind_tcp), maker);
	state.apply(make_domain(4, 2, 3), maker);
	deny(end("/a", fs_refer, fs_refer | fs_remove_file, 4, 2));
	EXPECT_TRUE(has(suggestion().impossible, "layer 2 does not handle refer"));
}

TEST_F(Move, TwoRequestsAreTwo) {
	deny(end("/c", fs_refer, fs_refer | fs_remove_file));
	explanation.set_error(7, 18);
	deny(end("/d", fs_refer, fs_refer | fs_make_reg));
	EXPECT_EQ(explanation.total(), 2u);
	EXPECT_EQ(explanation.denials()[0].error, 18);
	// Both are sources.
	deny(end("/e", fs_refer, fs_refer | fs_remove_file));
	deny(end("/f", fs_refer, fs_refer | fs_remove_file));
	EXPECT_EQ(explanation.total(), 4u);
}

// Once each, however often and to wherever.
TEST_F(Move, ManyOfThem) {
	for (const char *to : {"/d", "/e", "/d"}) {
		deny(end("/c", fs_refer, fs_refer | fs_remove_file));
		deny(end(to, fs_refer, fs_refer | fs_make_reg));
	}
	EXPECT_EQ(explanation.total(), 3u);
	EXPECT_EQ(explanation.distinct(), 1u);
	EXPECT_EQ(explanation.denials().size(), 3u);
	EXPECT_EQ(explanation.denials()[0].count, 3u);
}
