// SPDX-License-Identifier: GPL-2.0-only
#include "tree.h"

#include "access.h"
#include "testing.h"

#include <gtest/gtest.h>

using namespace landlock;

TEST(Tree, ParentsAndChildren) {
	State state;
	const Process outer{5, "out er", "/outer"}, inner{6, "inner", ""};

	state.apply(make_ruleset(1, 0, 0), outer);
	state.apply(make_net_rule(1, 80, 1), outer);
	state.apply(make_domain(2, 0, 1), outer);
	state.apply(make_domain(3, 2, 9), inner);
	state.apply(make_end(3, 4), {});
	state.apply(make_fs_denial(8, "/x", 1), inner);
	EXPECT_EQ(tree_text(state),
		  "domain 2: out\\040er[5] (/outer), layer 1, 1 rule, 0 denials\n"
		  "  domain 3: inner[6], layer 2, 0 rules at least, 4 denials, gone\n"
		  "domain 8: made before the watch began, 1 denials seen\n");
	const std::string dot = tree_dot(state);
	EXPECT_NE(dot.find("\"2\" -> \"3\";"), std::string::npos);
	EXPECT_NE(dot.find("out\\\\040er"), std::string::npos);
	EXPECT_EQ(tree_text(State()), "no domain was seen\n");
}

TEST(Tree, WhatIsNotRestricted) {
	State state;
	const Process outer{5, "outer", ""};

	state.apply(make_ruleset(1, all_rights(Type::fs), all_rights(Type::net)), outer);
	state.apply(make_domain(2, 0, 1), outer);
	state.apply(make_domain(3, 2, 9), outer);
	EXPECT_EQ(tree_text(state, true),
		  "domain 2: outer[5], layer 1, 0 rules, 0 denials\n"
		  "    not restricted: scopes: all\n"
		  "  domain 3: outer[5], layer 2, 0 rules at least, 0 denials\n"
		  "      not restricted: not known: its layers were made before the watch began, or records of them are lost\n");
}

// Records may lie: no loop in them makes one here.
TEST(Tree, EndsWhateverTheParents) {
	State state;

	state.apply(make_domain(2, 3, 0), {});
	state.apply(make_domain(3, 2, 0), {});
	state.apply(make_domain(4, 4, 0), {});
	tree_text(state);
	tree_dot(state);
	EXPECT_GT(state.layers(2), 0u);
	EXPECT_EQ(state.layer_of(2, 100), nullptr);
}
