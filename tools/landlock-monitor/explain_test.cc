// SPDX-License-Identifier: GPL-2.0-only
#include "explain.h"

#include "testing.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

using namespace landlock;

namespace {

struct Explain : testing::Test {
	State state;
	Explanation explanation;
	const Process launcher{5, "sandboxer", "/sandboxer"};
	const Process cat{7, "cat", "/bin/cat"};

	void SetUp() override {
		state.apply(make_ruleset(1, fs_read_file | fs_make_reg, net_bind_tcp | net_connect_tcp), launcher);
		state.apply(make_fs_rule(1, "/usr", fs_read_file | fs_execute, 3), launcher);
		state.apply(make_fs_rule(1, "/usr/share", fs_read_file, 4), launcher);
		state.apply(make_net_rule(1, 80, net_bind_tcp), launcher);
		state.apply(make_domain(2, 0, 1), launcher);
	}

	const Denial &deny(const Record &record) {
		state.apply(record, cat);
		explanation.add(record, cat, state);
		return explanation.denials().back();
	}
};

} // namespace

TEST_F(Explain, EachOnce) {
	deny(make_fs_denial(2, "/etc/passwd", fs_read_file));
	deny(make_fs_denial(2, "/etc/passwd", fs_read_file));
	deny(make_fs_denial(2, "/etc/group", fs_read_file));
	ASSERT_EQ(explanation.denials().size(), 2u);
	EXPECT_EQ(explanation.denials()[0].count, 2u);
	EXPECT_EQ(explanation.total(), 3u);
}

// Two sandboxes beside each other may refuse the same for different reasons.
TEST_F(Explain, EachDomainHasItsOwn) {
	const Process other{6, "landrun", "/landrun"};

	state.apply(make_ruleset(3, fs_make_reg, 0), other);
	state.apply(make_fs_rule(3, "/usr/share", fs_execute, 4), other);
	state.apply(make_domain(4, 0, 3), other);
	deny(make_fs_denial(2, "/usr/x", fs_make_reg));
	deny(make_fs_denial(4, "/usr/x", fs_make_reg));
	ASSERT_EQ(explanation.denials().size(), 2u);
	EXPECT_EQ(explanation.denials()[0].domain.creator, launcher);
	EXPECT_EQ(explanation.denials()[0].nearest.how, Nearness::ancestor);
	EXPECT_EQ(explanation.denials()[1].domain.creator, other);
	EXPECT_EQ(explanation.denials()[1].nearest.how, Nearness::none);
}

TEST_F(Explain, WhoMadeTheLayer) {
	const Denial &denial = deny(make_fs_denial(2, "/etc/passwd", fs_read_file));

	EXPECT_EQ(denial.domain.creator, launcher);
	EXPECT_EQ(denial.process, cat);
	EXPECT_EQ(denial.layers, 1u);
}

TEST_F(Explain, NearestByPath) {
	EXPECT_EQ(deny(make_fs_denial(2, "/usr/share/x", fs_make_reg)).nearest.rule.path, "/usr/share");
	EXPECT_EQ(deny(make_fs_denial(2, "/usr/shared", fs_make_reg)).nearest.rule.path, "/usr");
	EXPECT_EQ(deny(make_fs_denial(2, "/usr", fs_make_reg)).nearest.how, Nearness::object);
	EXPECT_EQ(nearest_text(explanation.denials().back()), "the rule for /usr itself allows execute, read_file, not make_reg");
	EXPECT_EQ(deny(make_fs_denial(2, "/etc", fs_make_reg)).nearest.how, Nearness::none);
}

// A mount may have the file elsewhere than its rule says.
TEST_F(Explain, NearestByChecks) {
	Record check;
	check.kind = Kind::check_fs;
	check.tid = 7;
	check.domain = 2;
	check.ino = 3;
	check.access = fs_make_reg;
	check.grants = {0};
	state.apply(check, cat);
	const Denial &denial = deny(make_fs_denial(2, "/mnt/bind", fs_make_reg));

	EXPECT_EQ(denial.nearest.how, Nearness::ancestor);
	EXPECT_EQ(denial.nearest.rule.path, "/usr");
}

TEST_F(Explain, NearestPort) {
	const Denial &denial = deny(make_net_denial(2, 80, net_connect_tcp));

	EXPECT_EQ(denial.nearest.how, Nearness::port);
	EXPECT_EQ(nearest_text(denial), "port 80 has a rule that allows bind_tcp, not connect_tcp");
	EXPECT_EQ(deny(make_net_denial(2, 81, net_connect_tcp)).nearest.how, Nearness::none);
}

TEST_F(Explain, UnknownDomain) {
	const Denial &denial = deny(make_fs_denial(99, "/etc/passwd", fs_read_file));

	EXPECT_FALSE(denial.domain.is_known);
	EXPECT_EQ(denial.nearest.how, Nearness::unknown);
	EXPECT_EQ(denial.layers, 0u);
}

TEST_F(Explain, OnBehalf) {
	Record record;
	record.kind = Kind::deny_signal;
	record.domain = 2;
	record.signal = SIGIO;

	EXPECT_TRUE(deny(record).is_on_behalf);
	record.signal = SIGTERM;
	EXPECT_FALSE(deny(record).is_on_behalf);
	EXPECT_TRUE(deny(make_ptrace_denial(2, cat.pid)).is_on_behalf);
	EXPECT_FALSE(deny(make_ptrace_denial(2, 9)).is_on_behalf);
}

// Whoever sends.
TEST_F(Explain, OnBehalfIsOnce) {
	explanation.add(make_sigio_denial(2), {7, "cat", ""}, state);
	explanation.add(make_sigio_denial(2), {8, "dog", ""}, state);
	ASSERT_EQ(explanation.denials().size(), 1u);
	EXPECT_EQ(explanation.denials()[0].count, 2u);
}

// A program that renames itself hides nothing.
TEST_F(Explain, WhateverItsName) {
	for (int i = 0; i < 5000; i++)
		explanation.add(make_net_denial(2, 1, net_bind_tcp), {7, std::to_string(i), "/bin/cat"}, state);
	explanation.add(make_net_denial(2, 2, net_bind_tcp), cat, state);
	ASSERT_EQ(explanation.denials().size(), 2u);
	EXPECT_EQ(explanation.denials()[0].count, 5000u);
	EXPECT_EQ(explanation.denials()[0].programs.size(), 16u);
}

TEST_F(Explain, TheRuleIsThereForAnotherObject) {
	const Denial &denial = deny(make_fs_denial(2, "/usr/share/x", fs_read_file));

	EXPECT_EQ(denial.nearest.how, Nearness::missed);
	EXPECT_EQ(denial.nearest.rule.path, "/usr/share");
	EXPECT_NE(nearest_text(denial).find("did not meet its inode, 4 of device 0:0"), std::string::npos) << nearest_text(denial);
}

TEST_F(Explain, WhatAProcessFailedFor) {
	deny(make_fs_denial(2, "/a", fs_read_file));
	explanation.add(make_fs_denial(2, "/b", fs_read_file), {8, "dog", "/bin/dog"}, state);
	deny(make_fs_denial(2, "/c", fs_read_file));
	deny(make_fs_denial(2, "/etc/localtime", fs_read_file));
	deny(make_ptrace_denial(2, cat.pid));
	explanation.blame(cat.pid);
	explanation.blame(9);
	for (const Denial &denial : explanation.denials())
		EXPECT_EQ(denial.is_last, denial.first.text == "/c") << denial.first.text;
}

// The program never got to know of the others.
TEST_F(Explain, WhatAProcessFailedForWasPassedOn) {
	deny(make_fs_denial(2, "/a", fs_read_file));
	explanation.set_error(7, EACCES);
	deny(make_fs_denial(2, "/b", fs_read_file));
	deny(make_fs_denial(2, "/etc/localtime", fs_read_file));
	explanation.set_error(7, EACCES);
	explanation.blame(cat.pid);
	for (const Denial &denial : explanation.denials())
		EXPECT_EQ(denial.is_last, denial.first.text == "/a") << denial.first.text;
}

// Nothing failed for what an open went on without.
TEST_F(Explain, AnOpenThatSucceeded) {
	const Record records[] = {make_fs_denial(2, "/a", fs_make_reg), make_ptrace_denial(2, 9),
				  make_fs_denial(2, "/b", fs_read_file), make_fs_denial(2, "/c", fs_make_reg)};

	deny(make_fs_denial(2, "/first", fs_read_file));
	for (const Record &record : records) {
		deny(record);
		explanation.set_error(7, 0);
	}
	deny(records[3]);
	std::string counts;
	for (const Denial &denial : explanation.denials())
		counts += std::to_string(denial.succeeded) + "/" + std::to_string(denial.count) + " ";
	EXPECT_EQ(counts, "0/1 1/1 1/1 0/1 1/2 ");
}

// The name of the file was not remembered, and there was nothing to make.
TEST_F(Explain, AnOpenThatGoesOn) {
	const auto succeeded = [&](const Record &second, bool is_one_call) {
		explanation = Explanation();
		explanation.set_error(7, 0);
		deny(make_fs_denial(2, "/a", fs_make_reg));
		if (!is_one_call)
			explanation.set_error(7, EACCES);
		deny(second);
		return explanation.denials()[0].succeeded;
	};

	EXPECT_EQ(succeeded(make_fs_denial(2, "/a/f", fs_write_file), true), 1u);
	EXPECT_EQ(succeeded(make_fs_denial(2, "/a/f", fs_write_file), false), 0u);
	EXPECT_EQ(succeeded(make_fs_denial(2, "/b/f", fs_write_file), true), 0u);
	EXPECT_EQ(succeeded(make_fs_denial(2, "/a/f", fs_make_dir), true), 0u);
}

TEST_F(Explain, WhatAProcessFailedForDidNotSucceed) {
	deny(make_fs_denial(2, "/a", fs_read_file));
	deny(make_fs_denial(2, "/b", fs_make_reg));
	explanation.set_error(7, 0);
	explanation.blame(cat.pid);
	for (const Denial &denial : explanation.denials())
		EXPECT_EQ(denial.is_last, denial.first.text == "/a") << denial.first.text;
}

// An open goes on where only reading another process or making the file was denied.
TEST_F(Explain, OnlyTheErrorOfTheCallThatWasDenied) {
	Record rename = make_fs_denial(2, "/a", fs_refer);
	const auto error_of = [&](const Record &record, const std::vector<int> &ends) {
		explanation = Explanation();
		explanation.add(record, cat, state);
		for (const int end : ends)
			explanation.set_error(7, end);
		return explanation.denials()[0].error;
	};

	EXPECT_EQ(error_of(make_ptrace_denial(2, 9), {EACCES}), EACCES);
	EXPECT_EQ(error_of(make_ptrace_denial(2, 9), {EXDEV}), 0);
	EXPECT_EQ(error_of(make_ptrace_denial(2, 9), {0, EACCES}), 0);
	EXPECT_EQ(error_of(make_fs_denial(2, "/a", fs_make_reg), {0, EACCES}), 0);
	EXPECT_EQ(error_of(make_fs_denial(2, "/a", fs_read_file), {EPERM, EACCES}), 0);
	EXPECT_EQ(error_of(make_fs_denial(2, "/a", fs_read_file), {EXDEV}), 0);
	EXPECT_EQ(error_of(rename, {EXDEV}), EXDEV);
	EXPECT_EQ(error_of(make_net_denial(2, 80, net_connect_tcp), {EACCES}), EACCES);
	EXPECT_EQ(error_of(make_sigio_denial(2), {EPERM}), 0);
}

TEST_F(Explain, IsBounded) {
	Explanation small(10);

	for (int i = 0; i < 100; i++)
		small.add(make_net_denial(2, i, net_bind_tcp), cat, state);
	// One program leaves room for others.
	EXPECT_EQ(small.denials().size(), 5u);
	EXPECT_EQ(small.not_kept(), 95u);
	EXPECT_EQ(small.last_not_kept(), what(make_net_denial(2, 99, net_bind_tcp)));
	for (int i = 0; i < 100; i++)
		small.add(make_net_denial(2, i, net_connect_tcp), {8, "dog", "/bin/dog"}, state);
	EXPECT_EQ(small.denials().size(), 10u);
	EXPECT_EQ(small.not_kept(), 190u);
	EXPECT_EQ(small.total(), 200u);
}

TEST_F(Explain, SaysWhatInWords) {
	Record signal;
	signal.kind = Kind::deny_signal;
	signal.signal = SIGTERM;
	signal.other_pid = 1;
	signal.text = "in\nit";

	EXPECT_EQ(what(signal), "SIGTERM to in\\012it[1], which is not sandboxed");
	signal.signal = 0;
	EXPECT_EQ(what(signal), "a probe (signal 0) to in\\012it[1], which is not sandboxed");
	EXPECT_EQ(what(make_net_denial(1, -1, net_connect_tcp)), "connect_tcp without an address");
	EXPECT_EQ(what(make_fs_denial(1, "/a b", fs_read_file)), "read_file on /a\\040b");
}
