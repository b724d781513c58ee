// SPDX-License-Identifier: GPL-2.0-only
#include "hints.h"

#include "testing.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

using namespace landlock;
using Lines = std::vector<std::string>;

namespace {

struct HintsOf : testing::Test {
	State state;
	std::optional<Credentials> credentials;
	Hints hints{1000, [this](int) { return credentials; }};
	const Process process{12, "python3", "/usr/bin/python3"};

	void enter(int tid, uint64_t domain, uint64_t ruleset, unsigned threads, unsigned all) {
		Record record = make_domain(domain, 0, ruleset);
		record.tid = tid;
		record.threads = threads;
		record.process_threads = all;
		state.apply(record, process);
		hints.add(record, process, state);
	}
	void exec(const std::string &file, uint64_t domain) {
		Record record;
		record.kind = Kind::task_exec;
		record.tid = process.pid;
		record.text = file;
		record.domain = domain;
		hints.add(record, process, state);
	}
};

struct File {
	std::string name = "/tmp/hints_test.XXXXXX";

	explicit File(mode_t mode) {
		close(mkstemp(name.data()));
		EXPECT_EQ(chmod(name.c_str(), mode), 0);
	}
	~File() { unlink(name.c_str()); }
};

} // namespace

TEST_F(HintsOf, OneOfTwoThreads) {
	enter(13, 0xd1, 1, 1, 2);
	ASSERT_EQ(hints.lines(false).size(), 1u);
	EXPECT_TRUE(hints.lines(false)[0].starts_with("domain d1 covers 1 of 2 threads of python3[12]: ")) << hints.lines(false)[0];
}

TEST_F(HintsOf, AllThreads) {
	enter(12, 0xd1, 1, 1, 1);
	enter(12, 0xd2, 2, 3, 3);
	// Unknown.
	enter(12, 0xd3, 3, 1, 0);
	enter(12, 0xd4, 4, 0, 2);
	EXPECT_EQ(hints.lines(true), Lines());
}

TEST_F(HintsOf, ThreadByThread) {
	enter(12, 0xd1, 1, 1, 3);
	enter(13, 0xd2, 1, 1, 3);
	EXPECT_NE(hints.lines(false).at(0).find("covers 2 of 3 threads"), std::string::npos);
	enter(14, 0xd3, 1, 1, 3);
	EXPECT_EQ(hints.lines(false), Lines());
	// Of another ruleset.
	enter(12, 0xd4, 2, 1, 3);
	EXPECT_EQ(hints.lines(false).size(), 1u);
}

// Each thread has a ruleset of its own.
TEST_F(HintsOf, OneLineForAProcess) {
	for (int i = 0; i < 5; i++)
		enter(12 + i, 0xd1 + i, 1 + i, 1, 6);
	ASSERT_EQ(hints.lines(false).size(), 1u);
	EXPECT_TRUE(hints.lines(false)[0].starts_with("domain d5 covers 1 of 6 threads of python3[12], and 4 more of its domains only some: "))
		<< hints.lines(false)[0];
}

TEST_F(HintsOf, AnExecutionLeavesOneThread) {
	enter(13, 0xd1, 1, 1, 2);
	exec("/usr/bin/true", 0xd1);
	EXPECT_EQ(hints.lines(false), Lines());
}

TEST_F(HintsOf, SetUserId) {
	const File file(04755), plain(0755);
	const unsigned me = getuid();

	enter(12, 0xd1, 1, 1, 1);
	credentials = {me + 1, true};
	exec(plain.name, 0xd1);
	exec("relative", 0xd1);
	exec("/no/such/file", 0xd1);
	EXPECT_EQ(hints.lines(true), Lines());
	exec(file.name, 0xd1);
	exec(file.name, 0xd1);
	ASSERT_EQ(hints.lines(true).size(), 1u);
	EXPECT_TRUE(hints.lines(true)[0].starts_with(file.name + " is set-user-ID: no_new_privs")) << hints.lines(true)[0];
	// It did no harm.
	EXPECT_EQ(hints.lines(false), Lines());
}

TEST_F(HintsOf, NothingIsGained) {
	const File file(04755);
	const unsigned me = getuid();

	enter(12, 0xd1, 1, 1, 1);
	credentials = {me, true};
	exec(file.name, 0xd1);
	credentials = {me + 1, false};
	exec(file.name, 0xd1);
	credentials = {me + 1, true};
	exec(file.name, 0);
	EXPECT_EQ(hints.lines(true), Lines());
}

// Then the domain tells, if the kernel does.
TEST_F(HintsOf, TheProcessIsGone) {
	const File file(04755);
	Hints others{getuid() + 1, [](int) { return std::optional<Credentials>(); }};
	Record record = make_domain(0xd1, 0, 1);
	Record exec;

	exec.kind = Kind::task_exec;
	exec.text = file.name;
	exec.domain = 0xd1;
	record.fields = bit(Field::no_new_privs);
	state.apply(record, process);
	others.add(exec, process, state);
	EXPECT_EQ(others.lines(true), Lines());
	record.no_new_privs = true;
	state.apply(record, process);
	others.add(exec, process, state);
	EXPECT_EQ(others.lines(true).size(), 1u);
}
