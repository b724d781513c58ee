// SPDX-License-Identifier: GPL-2.0-only
#include "instance.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <sys/wait.h>
#include <unistd.h>

using namespace landlock;

TEST(Instance, LivesAsLongAsItsProcess) {
	EXPECT_FALSE(is_stale(instance_name("")));
	EXPECT_FALSE(is_stale(instance_name("-foreign")));
	EXPECT_TRUE(is_stale(fmt::format("landlock-monitor-{}-1", getpid())));
	EXPECT_FALSE(is_stale("landlock-monitor-"));
	EXPECT_FALSE(is_stale("landlock-monitor-mine"));
	EXPECT_FALSE(is_stale("other-1-1"));
}

TEST(Instance, IsStaleAfterItsProcess) {
	int names[2];
	char name[100] = "";

	ASSERT_EQ(pipe(names), 0);
	const pid_t pid = fork();
	if (pid == 0) {
		const std::string own = instance_name("");
		_exit(write(names[1], own.c_str(), own.size()) < 0);
	}
	ASSERT_EQ(waitpid(pid, nullptr, 0), pid);
	ASSERT_GT(read(names[0], name, sizeof(name) - 1), 0);
	EXPECT_TRUE(is_stale(name));
	close(names[0]);
	close(names[1]);
}
