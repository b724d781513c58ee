// SPDX-License-Identifier: GPL-2.0-only
#include "diff.h"

#include "access.h"
#include "testing.h"

#include <gtest/gtest.h>

using namespace landlock;

TEST(Diff, WhatChanged) {
	State state;
	Explanation before, after;

	before.add(make_fs_denial(1, "/gone", fs_read_file), {1, "cat", ""}, state);
	before.add(make_fs_denial(1, "/same", fs_read_file), {1, "cat", ""}, state);
	before.add(make_fs_denial(1, "/more", fs_read_file), {1, "cat", ""}, state);
	after.add(make_fs_denial(9, "/same", fs_read_file), {2, "cat", ""}, state);
	after.add(make_fs_denial(9, "/more", fs_read_file), {2, "cat", ""}, state);
	after.add(make_fs_denial(9, "/more", fs_read_file), {2, "cat", ""}, state);
	after.add(make_fs_denial(9, "/new", fs_read_file), {2, "cat", ""}, state);
	EXPECT_EQ(diff_text(before, after), "- cat: denied read_file on /gone (1 times)\n"
					    "  cat: denied read_file on /more (2 times, before 1)\n"
					    "+ cat: denied read_file on /new (1 times)\n");
	EXPECT_EQ(diff_text(before, before), "the same denials, as often\n");
	EXPECT_EQ(diff_json(before, before), "");
	EXPECT_NE(diff_json(before, after).find("\"what\":\"read_file on /new\",\"before\":0,\"after\":1"), std::string::npos);
}

TEST(Diff, BlamesNobodyElse) {
	State state;
	Explanation after;

	after.add(make_ptrace_denial(1, 7), {7, "child", ""}, state);
	EXPECT_TRUE(diff_text(Explanation(), after).starts_with("+ ?: denied ptrace of child"));
}
