// SPDX-License-Identifier: GPL-2.0-only
#include "ends.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

using namespace landlock;

namespace {

struct EndsOf : testing::Test {
	Ends ends;

	bool call(int tid, int pid, int64_t number, uint64_t status) {
		Record record;
		record.kind = Kind::call;
		record.tid = tid;
		record.number = number;
		record.args[0] = status;
		return ends.is_failure(record, {pid, "x", "/x"});
	}
	bool exit(int tid, int pid, bool is_last = true) {
		Record record;
		record.kind = Kind::task_exit;
		record.tid = tid;
		record.complete = is_last;
		return ends.is_failure(record, {pid, "x", "/x"});
	}
};

} // namespace

TEST_F(EndsOf, AStatus) {
	EXPECT_FALSE(call(7, 7, SYS_exit_group, 1));
	EXPECT_FALSE(call(8, 8, SYS_exit_group, 0));
	EXPECT_FALSE(call(9, 9, SYS_exit_group, 256));
	EXPECT_TRUE(exit(7, 7));
	EXPECT_FALSE(exit(8, 8));
	EXPECT_FALSE(exit(9, 9));
}

TEST_F(EndsOf, ASignal) {
	call(7, 7, SYS_exit_group, 0);
	EXPECT_FALSE(exit(7, 7));
	// Another one with that number.
	EXPECT_TRUE(exit(7, 7));
}

TEST_F(EndsOf, TheLastThread) {
	call(7, 7, SYS_exit, 0);
	EXPECT_FALSE(exit(7, 7, false));
	call(8, 7, SYS_exit, 1);
	EXPECT_FALSE(exit(8, 7));
	call(9, 7, SYS_exit_group, 2);
	EXPECT_FALSE(exit(7, 7, false));
	EXPECT_TRUE(exit(9, 7));
}
