// SPDX-License-Identifier: GPL-2.0-only
#include "open.h"

#include "access.h"
#include "testing.h"

#include <gtest/gtest.h>

using namespace landlock;

TEST(Open, WhatNoLayerHandles) {
	State state;

	state.apply(make_ruleset(1, all_rights(Type::fs) & ~(fs_truncate | fs_refer), net_bind_tcp), {});
	state.apply(make_domain(2, 0, 1), {});
	EXPECT_EQ(open_text(open_rights(state, 2)),
		  "files: truncate; network: connect_tcp, bind_udp, connect_send_udp; scopes: all");

	Record ruleset = make_ruleset(3, fs_truncate, all_rights(Type::net));
	ruleset.scoped = scope_signal;
	state.apply(ruleset, {});
	state.apply(make_domain(4, 2, 3), {});
	EXPECT_EQ(open_text(open_rights(state, 4)), "scopes: abstract_unix_socket");
	EXPECT_EQ(open_rights(state, 2)->fs, fs_truncate);

	ruleset = make_ruleset(5, 0, 0);
	ruleset.scoped = all_rights(Type::scope);
	state.apply(ruleset, {});
	state.apply(make_domain(6, 4, 5), {});
	EXPECT_EQ(open_text(open_rights(state, 6)), "nothing that Landlock has a right for");
}

TEST(Open, OneLineForTheSame) {
	State state;
	const Process launcher{5, "launcher", ""};

	state.apply(make_ruleset(1, all_rights(Type::fs), all_rights(Type::net)), launcher);
	for (uint64_t domain = 0xd1; domain < 0xd4; domain++)
		state.apply(make_domain(domain, 0, 1), launcher);
	state.apply(make_ruleset(2, all_rights(Type::fs), 0), launcher);
	state.apply(make_domain(0xd4, 0, 2), launcher);
	state.apply(make_fs_denial(0xd5, "/older", 1), launcher);
	EXPECT_EQ(open_lines(open_of(state, {0xd1, 0xd3})),
		  (std::vector<std::string>{"domains d1, d3, made by launcher[5]: not restricted: scopes: all"}));
	EXPECT_EQ(open_lines(open_of(state, {})),
		  (std::vector<std::string>{"domains d1, d2, d3, made by launcher[5]: not restricted: scopes: all",
					    "domain d4, made by launcher[5]: not restricted: network: all; scopes: all"}));
	EXPECT_EQ(open_lines({}), (std::vector<std::string>{"no domain was made: Landlock restricts nothing"}));
}

// It has to be handled to be allowed, but not to be denied.
TEST(Open, MovesAreDeniedUnasked) {
	State state;

	state.apply(make_ruleset(1, 0, net_bind_tcp), {});
	state.apply(make_domain(2, 0, 1), {});
	EXPECT_TRUE(open_rights(state, 2)->fs & fs_refer);
	state.apply(make_ruleset(3, fs_read_file, 0), {});
	state.apply(make_domain(4, 2, 3), {});
	EXPECT_FALSE(open_rights(state, 4)->fs & fs_refer);
}

TEST(Open, NotKnown) {
	State state;

	EXPECT_FALSE(open_rights(state, 2));
	// Of an older ruleset, and inside of an older domain.
	state.apply(make_domain(2, 0, 1), {});
	EXPECT_FALSE(open_rights(state, 2));
	state.apply(make_ruleset(3, fs_read_file, 0), {});
	state.apply(make_domain(4, 99, 3), {});
	EXPECT_FALSE(open_rights(state, 4));
	EXPECT_EQ(open_text({}), "not known: its layers were made before the watch began, or records of them are lost");
}
