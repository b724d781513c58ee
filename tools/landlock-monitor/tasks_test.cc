// SPDX-License-Identifier: GPL-2.0-only
#include "tasks.h"

#include <gtest/gtest.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace landlock;

static Record task(Kind kind, int tid, int other, const std::string &text, uint32_t flags = 0) {
	Record record;

	record.kind = kind;
	record.tid = tid;
	record.other_pid = other;
	record.text = text;
	record.flags = flags;
	return record;
}

TEST(Tasks, FollowsForkAndExec) {
	Tasks tasks;

	tasks.apply(task(Kind::task_exec, 10, 10, "/usr/bin/bash"));
	tasks.apply(task(Kind::task_new, 10, 11, "bash"));
	EXPECT_EQ(tasks.find(11), (Process{11, "bash", "/usr/bin/bash"}));
	tasks.apply(task(Kind::task_exec, 11, 11, "/usr/bin/a-very-long-program-name"));
	EXPECT_EQ(tasks.find(11), (Process{11, "a-very-long-pro", "/usr/bin/a-very-long-program-name"}));
	EXPECT_EQ(tasks.find(10).comm, "bash");
}

// Any thread may execute a script; what it was about to is over then.
TEST(Tasks, Interpreters) {
	Tasks tasks;
	Record exec = task(Kind::task_exec, 10, 10, "/usr/bin/script");

	exec.old_pid = 11;
	tasks.apply(task(Kind::task_interpreter, 11, 10, "/bin/bash"));
	tasks.apply(exec);
	tasks.apply(task(Kind::task_new, 10, 12, "script", CLONE_THREAD));
	tasks.apply(task(Kind::task_new, 10, 13, "script"));
	for (const int tid : {10, 12, 13})
		EXPECT_EQ(tasks.find(tid).interpreter, "/bin/bash") << tid;
	tasks.apply(task(Kind::task_interpreter, 10, 10, "/bin/cat"));
	tasks.apply(task(Kind::task_exec, 10, 10, "/bin/cat"));
	EXPECT_EQ(tasks.find(10).interpreter, "");
	tasks.apply(task(Kind::task_exec, 13, 13, "/bin/cat"));
	EXPECT_EQ(tasks.find(13).interpreter, "");
	tasks.apply(task(Kind::task_interpreter, 13, 13, "/usr/bin/env"));
	tasks.apply(task(Kind::task_exec, 13, 13, "./script"));
	tasks.apply(task(Kind::task_interpreter, 13, 13, "/usr/bin/python3"));
	tasks.apply(task(Kind::task_exec, 13, 13, "/usr/bin/python3"));
	EXPECT_EQ(tasks.find(13).exe, "./script");
	EXPECT_EQ(tasks.find(13).interpreter, "/usr/bin/python3");
	EXPECT_EQ(tasks.find(13).comm, "python3");
}

TEST(Tasks, ThreadsAreOfAProcess) {
	Tasks tasks;

	tasks.apply(task(Kind::task_exec, 10, 10, "/usr/bin/java"));
	tasks.apply(task(Kind::task_new, 10, 11, "java", CLONE_THREAD));
	tasks.apply(task(Kind::task_rename, 11, 11, "worker"));
	EXPECT_EQ(tasks.find(11), (Process{10, "worker", "/usr/bin/java"}));
	// Of a thread, a thread and a process.
	tasks.apply(task(Kind::task_new, 11, 12, "worker", CLONE_THREAD));
	EXPECT_EQ(tasks.find(12).pid, 10);
	tasks.apply(task(Kind::task_new, 11, 13, "worker"));
	EXPECT_EQ(tasks.find(13), (Process{13, "worker", "/usr/bin/java"}));
}

static Record call(int tid, int64_t number, uint64_t first = 0, uint64_t second = 0) {
	Record record;

	record.kind = Kind::call;
	record.tid = tid;
	record.number = number;
	record.args = {first, second};
	return record;
}

TEST(Tasks, HaveAnotherRoot) {
	Tasks tasks;
	Record failed = call(10, SYS_chroot);

	tasks.apply(task(Kind::task_exec, 10, 10, "/usr/sbin/chroot"));
	failed.result = -1;
	tasks.apply(failed);
	EXPECT_FALSE(tasks.find(10).has_root);
	tasks.apply(task(Kind::task_new, 10, 11, "chroot", CLONE_THREAD));
	tasks.apply(call(11, SYS_chroot));
	tasks.apply(task(Kind::task_new, 11, 12, "chroot"));
	for (const int tid : {10, 11, 12})
		EXPECT_TRUE(tasks.find(tid).has_root) << tid;
	tasks.apply(task(Kind::task_exec, 10, 10, "/bin/ls"));
	EXPECT_TRUE(tasks.find(10).has_root);
	EXPECT_FALSE(tasks.find(10).has_mounts);
}

TEST(Tasks, HaveOtherMounts) {
	Tasks tasks;

	for (const int tid : {10, 11, 12, 13})
		tasks.apply(task(Kind::task_exec, tid, tid, "/bin/x"));
	tasks.apply(call(10, SYS_unshare, CLONE_NEWUSER));
	EXPECT_FALSE(tasks.find(10).has_mounts);
	tasks.apply(call(10, SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS));
	EXPECT_TRUE(tasks.find(10).has_mounts);
	tasks.apply(call(11, SYS_setns, CLONE_NEWNS, CLONE_NEWPID));
	EXPECT_FALSE(tasks.find(11).has_mounts);
	tasks.apply(call(11, SYS_setns, 3, CLONE_NEWNS));
	EXPECT_TRUE(tasks.find(11).has_mounts);
	tasks.apply(call(12, SYS_setns, 3));
	EXPECT_TRUE(tasks.find(12).has_mounts);
	tasks.apply(task(Kind::task_new, 13, 14, "x", CLONE_NEWNS));
	tasks.apply(task(Kind::task_new, 14, 15, "x"));
	EXPECT_FALSE(tasks.find(13).has_mounts);
	EXPECT_TRUE(tasks.find(15).has_mounts);
}

TEST(Tasks, CountsThreads) {
	Tasks tasks([](int tid) { return Process{tid, "old", ""}; });

	tasks.apply(task(Kind::task_exec, 10, 10, "/usr/bin/java"));
	EXPECT_EQ(tasks.threads_of(10), 1u);
	tasks.apply(task(Kind::task_new, 10, 11, "java", CLONE_THREAD));
	tasks.apply(task(Kind::task_new, 11, 12, "java", CLONE_THREAD));
	EXPECT_EQ(tasks.threads_of(10), 3u);
	tasks.apply(task(Kind::task_exit, 11, 11, "java"));
	EXPECT_EQ(tasks.threads_of(10), 2u);
	tasks.apply(task(Kind::task_new, 12, 13, "java"));
	EXPECT_EQ(tasks.threads_of(13), 1u);
	EXPECT_EQ(tasks.threads_of(10), 2u);
	tasks.apply(task(Kind::task_exec, 10, 10, "/usr/bin/true"));
	EXPECT_EQ(tasks.threads_of(10), 1u);
	// Its start was not seen.
	tasks.apply(task(Kind::task_new, 20, 21, "old", CLONE_THREAD));
	EXPECT_EQ(tasks.threads_of(20), 0u);
}

TEST(Tasks, KnowTheirDomain) {
	Tasks tasks;
	Record enter = task(Kind::restrict_self, 11, 0, "");

	tasks.apply(task(Kind::task_exec, 10, 10, "/usr/bin/java"));
	tasks.apply(task(Kind::task_new, 10, 11, "java", CLONE_THREAD));
	enter.domain = 7;
	enter.threads = 1;
	tasks.apply(enter);
	EXPECT_EQ(tasks.domain_of(11), 7u);
	EXPECT_EQ(tasks.domain_of(10), 0u);
	tasks.apply(task(Kind::task_new, 11, 12, "java"));
	tasks.apply(task(Kind::task_exec, 12, 12, "/usr/bin/true"));
	EXPECT_EQ(tasks.domain_of(12), 7u);
	enter.domain = 8;
	enter.threads = 2;
	tasks.apply(enter);
	EXPECT_EQ(tasks.domain_of(10), 8u);
	EXPECT_EQ(tasks.domain_of(11), 8u);
	EXPECT_EQ(tasks.domain_of(12), 7u);
}

TEST(Tasks, TheDeadAreKnownForAWhile) {
	Tasks tasks;

	tasks.apply(task(Kind::task_exec, 10, 10, "/bin/sh"));
	tasks.apply(task(Kind::task_exit, 10, 10, "sh"));
	EXPECT_EQ(tasks.find(10).comm, "sh");
	for (int i = 100; i < 6000; i++) {
		tasks.apply(task(Kind::task_exec, i, i, "/bin/x"));
		tasks.apply(task(Kind::task_exit, i, i, "x"));
	}
	EXPECT_FALSE(tasks.knows(10));
	EXPECT_TRUE(tasks.knows(5999));
}

TEST(Tasks, ANumberThatIsGivenOutAgainStays) {
	Tasks tasks;

	tasks.apply(task(Kind::task_exec, 10, 10, "/bin/old"));
	tasks.apply(task(Kind::task_exit, 10, 10, "old"));
	tasks.apply(task(Kind::task_exec, 20, 20, "/bin/parent"));
	tasks.apply(task(Kind::task_new, 20, 10, "parent"));
	for (int i = 100; i < 6000; i++) {
		tasks.apply(task(Kind::task_exec, i, i, "/bin/x"));
		tasks.apply(task(Kind::task_exit, i, i, "x"));
	}
	EXPECT_EQ(tasks.find(10).comm, "parent");
}

TEST(Tasks, AsksForTheUnknown) {
	Tasks tasks([](int tid) { return Process{tid - 1, "known", "/known"}; });

	EXPECT_EQ(tasks.find(5), (Process{4, "known", "/known"}));
	EXPECT_EQ(Tasks().find(5), (Process{5, "", ""}));
}

TEST(Tasks, ReadsProc) {
	EXPECT_EQ(process_from_proc(getpid(), true).pid, getpid());
	EXPECT_TRUE(process_from_proc(getpid(), true).exe.starts_with("/"));
	EXPECT_EQ(process_from_proc(getpid(), false).exe, "");
	EXPECT_EQ(process_from_proc(0x7ffffff0, true).pid, 0);
	EXPECT_EQ(credentials_of(getpid())->uid, getuid());
	EXPECT_FALSE(credentials_of(0x7ffffff0));
	EXPECT_EQ(threads_beneath(getpid()).front(), getpid());
	EXPECT_TRUE(threads_beneath(0x7ffffff0).empty());
}

TEST(Tasks, ReadsTheRoot) {
	struct stat mine, first;
	int ready[2];
	char byte;

	if (geteuid() || stat("/proc/self/ns/mnt", &mine) || stat("/proc/1/ns/mnt", &first) || mine.st_ino != first.st_ino)
		GTEST_SKIP() << "needs root and the mounts of init";
	ASSERT_EQ(pipe(ready), 0);
	const pid_t child = fork();
	if (!child) {
		(void)!chroot("/proc");
		(void)!write(ready[1], "x", 1);
		pause();
	}
	ASSERT_EQ(read(ready[0], &byte, 1), 1);
	EXPECT_TRUE(process_from_proc(child, true).has_root);
	EXPECT_FALSE(process_from_proc(1, true).has_root);
	kill(child, SIGKILL);
	waitpid(child, nullptr, 0);
}
