// SPDX-License-Identifier: GPL-2.0-only
#include "adapt.h"

#include <gtest/gtest.h>

using namespace landlock;

static Record half(Kind kind, uint64_t domain) {
	Record record;

	record.kind = kind;
	record.domain = domain;
	return record;
}

TEST(Adapter, MakesOneOfTwo) {
	Adapter adapter;
	Record created = half(Kind::create_domain, 5);
	created.parent = 4;
	created.ruleset = 3;
	created.tid = 10;
	EXPECT_FALSE(adapter.adapt(created));

	Record enforced = half(Kind::enforce_domain, 5);
	enforced.time = 99;
	ASSERT_TRUE(adapter.adapt(enforced));
	EXPECT_EQ(enforced.kind, Kind::restrict_self);
	EXPECT_EQ(enforced.parent, 4u);
	EXPECT_EQ(enforced.ruleset, 3u);
	EXPECT_EQ(enforced.tid, 10);
	EXPECT_EQ(enforced.time, 99u);

	// Of another thread.
	Record again = half(Kind::enforce_domain, 5);
	EXPECT_FALSE(adapter.adapt(again));
}

TEST(Adapter, ForgetsWhatWasNeverEnforced) {
	Adapter adapter;
	Record created = half(Kind::create_domain, 5), freed = half(Kind::free_domain, 5), enforced = half(Kind::enforce_domain, 5);

	adapter.adapt(created);
	EXPECT_TRUE(adapter.adapt(freed));
	EXPECT_FALSE(adapter.adapt(enforced));
}

TEST(Adapter, LeavesTheRest) {
	Adapter adapter;
	Record whole = half(Kind::restrict_self, 5);

	EXPECT_TRUE(adapter.adapt(whole));
	EXPECT_EQ(whole.kind, Kind::restrict_self);
}
