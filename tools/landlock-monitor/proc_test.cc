// SPDX-License-Identifier: GPL-2.0-only
#include "proc.h"

#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <unistd.h>

using namespace landlock;

TEST(Proc, Status) {
	prctl(PR_SET_NAME, "a\nUid:\t5");
	EXPECT_EQ(proc_status(getpid(), "Name"), "a\\nUid:\t5");
	EXPECT_EQ(proc_status_number(getpid(), "Uid"), static_cast<int>(getuid()));
	EXPECT_EQ(proc_status_number(getpid(), "PPid"), getppid());
	EXPECT_FALSE(proc_status(getpid(), "PPi"));
	EXPECT_FALSE(proc_status(0x7ffffff0, "Name"));
	EXPECT_FALSE(proc_status_number(0x7ffffff0, "PPid"));
}
