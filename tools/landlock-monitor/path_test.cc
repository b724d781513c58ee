// SPDX-License-Identifier: GPL-2.0-only
#include "path.h"

#include <gtest/gtest.h>

using namespace landlock;

TEST(Path, Beneath) {
	EXPECT_TRUE(is_beneath("/a/b", "/a"));
	EXPECT_TRUE(is_beneath("/a", "/a"));
	EXPECT_TRUE(is_beneath("/a", "/"));
	EXPECT_FALSE(is_beneath("/ab", "/a"));
	EXPECT_FALSE(is_beneath("/a", "/a/b"));
	EXPECT_FALSE(is_beneath("<too_long>", "/"));
	EXPECT_FALSE(is_beneath("/a", ""));
}

TEST(Path, Parent) {
	EXPECT_EQ(parent("/a/b"), "/a");
	EXPECT_EQ(parent("/a"), "/");
	EXPECT_EQ(parent("/"), "/");
}

TEST(Path, OfAProcess) {
	EXPECT_TRUE(is_of_process("/proc/12/maps"));
	EXPECT_TRUE(is_of_process("/proc/12"));
	EXPECT_FALSE(is_of_process("/proc/12x"));
	EXPECT_FALSE(is_of_process("/proc/sys"));
	EXPECT_FALSE(is_of_process("/proc/"));
}

TEST(Path, WhatIsRegretted) {
	EXPECT_NE(regret("/", true, false, ""), "");
	EXPECT_NE(regret("/etc", true, false, ""), "");
	EXPECT_NE(regret("/home/me", true, false, "/home/me"), "");
	EXPECT_EQ(regret("/home/me/x", true, false, "/home/me"), "");
	EXPECT_EQ(regret("/etc/hosts", false, false, ""), "");
	EXPECT_NE(regret("/etc/hosts", false, true, ""), "");
	EXPECT_NE(regret("/usr/lib/python3/x", true, true, ""), "");
	EXPECT_NE(regret("/etc/shadow", false, false, ""), "");
	EXPECT_NE(regret("/home/me/.ssh/id_rsa", false, false, "/home/me"), "");
	EXPECT_NE(regret("/home/me/.ssh", true, false, "/home/me"), "");
	EXPECT_EQ(regret("/home/me/.sshd", true, false, "/home/me"), "");
	EXPECT_NE(regret("/home/.sshd/.ssh", true, false, "/home/me"), "");
	EXPECT_NE(regret("/home/.sshd/.ssh/id_rsa", false, false, "/home/me"), "");
	EXPECT_NE(regret("/etc/ssh/ssh_host_rsa_key", false, false, ""), "");
	EXPECT_EQ(regret("/etc/ssh/ssh_host_rsa_key.pub", false, false, ""), "");
	EXPECT_NE(regret("/var/spool/cron/x", false, true, ""), "");
	EXPECT_EQ(regret("/dev/shm", true, true, ""), "");
	EXPECT_NE(regret("/dev/sda", false, true, ""), "");
	EXPECT_EQ(regret("/dev/sda", false, false, ""), "");
	EXPECT_EQ(regret("/srv/data", true, true, ""), "");
}

TEST(Path, Habits) {
	EXPECT_TRUE(is_habit("/usr/lib/python3/__pycache__"));
	EXPECT_TRUE(is_habit("/usr/lib/python3/__pycache__/x.pyc"));
	EXPECT_TRUE(is_habit("/proc/7/maps"));
	EXPECT_TRUE(is_habit("/usr/share/zoneinfo/Europe/Paris"));
	EXPECT_TRUE(is_habit("/proc/sys/vm/overcommit_memory"));
	EXPECT_FALSE(is_habit("/proc/7/environ"));
	EXPECT_FALSE(is_habit("/etc/shadow"));
}
