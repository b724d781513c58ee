// SPDX-License-Identifier: GPL-2.0-only
#include "watch.h"

#include "access.h"
#include "error.h"
#include "testing.h"

#include <gtest/gtest.h>

using namespace landlock;

TEST(Watch, DenialsUnlessAskedForMore) {
	Options options;
	Record rule = make_net_rule(1, 80, 1), check, exec;
	exec.kind = Kind::task_exec;
	check.kind = Kind::check_net;

	EXPECT_TRUE(is_watched(options, 0, make_fs_denial(1, "/", 1), {}, State()));
	EXPECT_FALSE(is_watched(options, 0, rule, {}, State()));
	options.verbose = 1;
	EXPECT_TRUE(is_watched(options, 0, rule, {}, State()));
	EXPECT_FALSE(is_watched(options, 0, check, {}, State()));
	options.verbose = 2;
	EXPECT_TRUE(is_watched(options, 0, check, {}, State()));
	EXPECT_FALSE(is_watched(options, 0, exec, {}, State()));
}

TEST(Watch, OneProgram) {
	Options options;
	options.comm = "cat";

	EXPECT_TRUE(is_watched(options, 0, make_fs_denial(1, "/", 1), {1, "cat", ""}, State()));
	EXPECT_FALSE(is_watched(options, 0, make_fs_denial(1, "/", 1), {1, "cats", ""}, State()));
}

TEST(Watch, NotWhoIsNoSubject) {
	Options options;
	options.comm = "child";

	EXPECT_FALSE(is_watched(options, 0, make_sigio_denial(1), {7, "child", ""}, State()));
	EXPECT_FALSE(is_watched(options, 0, make_ptrace_denial(1, 7), {7, "child", ""}, State()));
	EXPECT_TRUE(is_watched(options, 0, make_ptrace_denial(1, 9), {7, "child", ""}, State()));
}

TEST(Watch, ADomainAndThoseInside) {
	State state;
	state.apply(make_domain(2, 0, 1), {});
	state.apply(make_domain(3, 2, 1), {});
	Record inside = make_fs_denial(3, "/", 1), outside = make_fs_denial(4, "/", 1), layer = make_fs_denial(2, "/", 1);
	layer.subject_domain = 3;

	EXPECT_TRUE(is_watched({}, 2, inside, {}, state));
	EXPECT_FALSE(is_watched({}, 2, outside, {}, state));
	EXPECT_TRUE(is_watched({}, 3, layer, {}, state));
	EXPECT_FALSE(is_watched({}, 3, make_fs_denial(2, "/", 1), {}, state));
}

TEST(Watch, Ids) {
	EXPECT_EQ(parse_domain("1404dcae6"), 0x1404dcae6u);
	EXPECT_EQ(parse_domain("0x1F"), 0x1fu);
	for (const char *bad : {"", "0", "x", "12g", "0x", "11112222333344445"})
		EXPECT_THROW(parse_domain(bad), Error) << bad;
}
