// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include "access.h"
#include "table.h"
#include "testing.h"

#include <fmt/format.h>

#include <gtest/gtest.h>

using namespace landlock;

namespace {

struct Text : testing::Test {
	State state;
	Explanation explanation;
	Context context;
	const Process launcher{5, "sandboxer", "/sandboxer"};

	void SetUp() override {
		state.apply(make_ruleset(1, fs_read_file, net_connect_tcp), launcher);
		state.apply(make_fs_rule(1, "/etc", fs_read_dir), launcher);
		state.apply(make_domain(2, 0, 1), launcher);
	}
	void deny(const Record &record, const Process &process) {
		state.apply(record, process);
		explanation.add(record, process, state);
	}
	std::string text(Style style = {}) { return explanation_text(explanation, context, style); }
};

bool has(const std::string &text, const std::string &part) {
	return text.find(part) != std::string::npos;
}

} // namespace

TEST_F(Text, Whole) {
	context.own_domains = {2};
	context.environment = {{"LL_FS_RO", "/usr"}};
	deny(make_fs_denial(2, "/etc/passwd", fs_read_file), {7, "cat", ""});
	deny(make_fs_denial(2, "/etc/passwd", fs_read_file), {8, "head", ""});
	EXPECT_EQ(text(), R"(landlock-monitor: 1 distinct denial, 2 in all

Refused by layer 1 of 1: domain 2, made by sandboxer[5] (/sandboxer):
 1 cat[7], head[8]: denied read_file on /etc/passwd (2 times)
   nearest      the rule for /etc, above it, allows read_dir, not read_file
   rule         LL_FS_RO="${LL_FS_RO:+$LL_FS_RO:}"/etc/passwd
                opens beyond this: execute

To allow all that a rule can allow, start the sandboxer with:
   sandboxer    LL_FS_RO=/usr:/etc/passwd
)");
}

// Another layer's rules are not in this launcher's lists.
TEST_F(Text, UnknownPrograms) {
	EXPECT_EQ(program({5, "", ""}), "unknown[5]");
	explanation.add(make_fs_denial(2, "/x", fs_read_file), {5, "", ""}, state);
	EXPECT_NE(counts_text(explanation, {}).find(" unknown "), std::string::npos);
}

TEST_F(Text, LayersOfOthers) {
	context.own_domains = {2};
	state.apply(make_domain(3, 2, 9), {6, "other", "/other"});
	deny(make_fs_denial(3, "/etc/passwd", fs_read_file, 2), {7, "cat", ""});
	EXPECT_FALSE(has(text(), "start the sandboxer with"));
	EXPECT_TRUE(has(text(), "rule in C"));
}

TEST_F(Text, EachLayerOfTheLauncher) {
	context.own_domains = {2, 3};
	state.apply(make_domain(3, 2, 1), launcher);
	deny(make_fs_denial(3, "/etc/passwd", fs_read_file, 2), {7, "cat", ""});
	EXPECT_TRUE(has(text(), "start the sandboxer with"));
	EXPECT_FALSE(has(text(), "rule in C"));
}

// Of which it is not known what it was started with.
TEST_F(Text, ALauncherWithin) {
	deny(make_net_denial(2, 80, net_connect_tcp), {7, "curl", ""});
	EXPECT_TRUE(has(text(), "   sandboxer    LL_TCP_CONNECT=\"${LL_TCP_CONNECT:+$LL_TCP_CONNECT:}\"80\n")) << text();
	EXPECT_FALSE(has(text(), "LANDLOCK_ACCESS"));
}

TEST_F(Text, OneLineStaysShort) {
	for (int i = 0; i < 500; i++)
		deny(make_fs_denial(2, fmt::format("/some/directory/{}/file", i), fs_read_file), {7, "cat", ""});
	const std::string all = text({false, 100000});
	EXPECT_TRUE(has(all, "To allow the first ")) << all;
	for (size_t begin = 0; begin < all.size(); begin = all.find('\n', begin) + 1)
		EXPECT_LT(all.find('\n', begin) - begin, 4096u);
}

// Those that need the same are one line; others say what they are for.
TEST_F(Text, ManyStarts) {
	for (int i = 10; i < 13; i++) {
		const auto id = static_cast<uint64_t>(i);
		const Process again{i, "sandboxer", "/sandboxer"};
		state.apply(make_ruleset(id, fs_read_file, 0), again);
		state.apply(make_domain(id, 0, id), again);
		deny(make_fs_denial(id, "/srv/x", fs_read_file), {7, "cat", ""});
	}
	std::string all = text({false, 1000});
	EXPECT_TRUE(has(all, "Refused by layer 1 of 1: domain a, made by sandboxer[10] (/sandboxer); and by 2 more with the same rules:\n"
			     " 1 cat[7]: denied read_file on /srv/x (3 times)\n")) << all;
	EXPECT_TRUE(has(all, "To allow all that a rule can allow in each of 3 domains, add to the lists that the sandboxer is started with:\n")) << all;
	deny(make_fs_denial(2, "/srv/y", fs_read_file), {7, "cat", ""});
	all = text({false, 1000});
	EXPECT_TRUE(has(all, "in domain a and 2 more, add to the lists that the sandboxer is started with:\n")) << all;
	EXPECT_TRUE(has(all, "in domain 2, add to the lists that the sandboxer is started with:\n")) << all;
}

// One starts the other: which of them is it?
TEST_F(Text, OneStartsTheOther) {
	state.apply(make_ruleset(10, fs_read_file, 0), launcher);
	state.apply(make_domain(10, 2, 10), launcher);
	deny(make_fs_denial(10, "/srv/x", fs_read_file, 2), {7, "cat", ""});
	EXPECT_TRUE(has(text(), "To allow all that a rule can allow in domain a, add to the lists that the second sandboxer is started with:\n")) << text();
}

TEST_F(Text, HabitsAreFolded) {
	deny(make_fs_denial(2, "/etc/localtime", fs_read_file), {7, "cat", ""});
	deny(make_fs_denial(2, "/srv/x", fs_read_file), {7, "cat", ""});
	EXPECT_TRUE(has(text(), "Usually harmless, as programs go on without it:\n   cat[7]: read_file on /etc/localtime\n")) << text();
	EXPECT_FALSE(has(text().substr(text().find("To allow")), "localtime")) << text();
}

TEST_F(Text, WhatIsRegrettedIsApart) {
	deny(make_fs_denial(2, "/", fs_read_dir), {7, "ls", ""});
	deny(make_fs_denial(2, "/srv/x", fs_read_file), {7, "ls", ""});
	const std::string end = text({false, 1000});
	EXPECT_TRUE(has(end, "add to the lists that the sandboxer is started with:\n   sandboxer    LL_FS_RO=\"${LL_FS_RO:+$LL_FS_RO:}\"/srv/x\n")) << end;
	EXPECT_TRUE(has(end, "Not among them, as it opens more than a sandbox should:\n   LL_FS_RO=")) << end;
}

TEST_F(Text, AMove) {
	Record from = make_fs_denial(2, "/a", fs_refer), to = make_fs_denial(2, "/b", fs_refer);
	from.access |= fs_remove_file;
	to.access |= fs_make_reg;
	from.fields = to.fields = bit(Field::access);
	state.apply(make_ruleset(3, fs_refer | fs_make_reg | fs_remove_file, 0), launcher);
	state.apply(make_domain(2, 0, 3), launcher);
	deny(from, {7, "mv", ""});
	deny(to, {7, "mv", ""});
	explanation.set_error(7, 18);
	EXPECT_TRUE(has(text({false, 1000}), "landlock-monitor: 1 distinct denial, 1 in all\n"));
	EXPECT_TRUE(has(text({false, 1000}), " 1 mv[7]: denied a rename or link from /a to /b with EXDEV\n   missing      refer on /a; refer on /b\n"))
		<< text({false, 1000});
}

TEST_F(Text, AMoveBetweenLayers) {
	const Process other{6, "landrun", "/usr/bin/landrun"};
	Record first = make_fs_denial(4, "/a", fs_refer, 2), second = make_fs_denial(2, "/b", fs_refer, 1);

	state.apply(make_ruleset(3, fs_refer | fs_remove_file, 0), other);
	state.apply(make_domain(4, 2, 3), other);
	second.subject_domain = 4;
	first.access = fs_refer | fs_remove_file;
	second.access = fs_refer | fs_make_reg;
	first.fields = second.fields = bit(Field::access);
	deny(first, {7, "mv", ""});
	deny(second, {7, "mv", ""});
	EXPECT_TRUE(has(text({false, 400}), "   missing      refer on /a in layer 2; refer on /b in layer 1\n")) << text();
	EXPECT_TRUE(has(text({false, 400}), "   and in       layer 1 of 2: domain 2, made by sandboxer[5] (/sandboxer):\n   rule ")) << text();
}

TEST_F(Text, Nothing) {
	EXPECT_EQ(text(), "landlock-monitor: nothing was denied by Landlock\n");
}

TEST_F(Text, LostEventsAreSaid) {
	context.lost.events = 12;
	EXPECT_TRUE(has(text(), "12 events are lost"));
	EXPECT_FALSE(has(text(), "nothing was denied"));
	deny(make_fs_denial(2, "/etc/passwd", fs_read_file), {7, "cat", ""});
	EXPECT_TRUE(has(text(), "may be incomplete"));
}

TEST_F(Text, LostEventsThatNobodyCounted) {
	context.lost.add(2);
	EXPECT_FALSE(has(text(), "at least"));
	context.lost.add(-1);
	context.lost.add(0);
	EXPECT_TRUE(has(text(), "at least 3 events are lost"));
}

TEST_F(Text, OlderLayersAreSaid) {
	deny(make_fs_denial(2, "/etc/passwd", fs_read_file, 2), {7, "cat", ""});
	EXPECT_TRUE(has(text({false, 1000}), "older layers may refuse more"));
}

TEST_F(Text, UnknownDomainsAreSaid) {
	deny(make_fs_denial(77, "/etc/passwd", fs_read_file), {7, "cat", ""});
	EXPECT_TRUE(has(text({false, 1000}), "domain 4d, which is not known"));
}

TEST_F(Text, NothingHostileReachesTheTerminal) {
	const std::string evil = "\x1b]0;x\x07\n\xff\x80";

	deny(make_fs_denial(2, "/" + evil, fs_read_file), {7, evil, "/" + evil});
	Record ptrace;
	ptrace.kind = Kind::deny_ptrace;
	ptrace.domain = 2;
	ptrace.text = evil;
	deny(ptrace, {7, evil, evil});
	state.apply(make_fs_rule(1, "/" + evil, fs_read_dir), {9, evil, evil});
	state.apply(make_domain(3, 2, 1), {9, evil, evil});
	deny(make_fs_denial(3, "/" + evil, fs_read_file), {7, evil, ""});
	std::string all = text() + counts_text(explanation, {});
	for (const Denial &denial : explanation.denials())
		all += event_line(denial.first, denial.process, state, {});
	for (const char c : all)
		EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << static_cast<int>(c);
	EXPECT_EQ(std::count(all.begin(), all.end(), '\033'), 0);
}

TEST_F(Text, ColourOnlyWhenAsked) {
	deny(make_fs_denial(2, "/etc/passwd", fs_read_file), {7, "cat", ""});
	EXPECT_FALSE(has(text(), "\033"));
	EXPECT_TRUE(has(text({true, 80}), "\033["));
}

// Neither who sent for a file owner nor who asked to be traced was denied it.
TEST_F(Text, TheSubjectIsNamed) {
	for (const Record &record : {make_sigio_denial(2), make_ptrace_denial(2, 7)}) {
		explanation = Explanation();
		deny(record, {7, "child", ""});
		EXPECT_TRUE(has(text(), "a process of domain 2: denied ")) << text();
		EXPECT_TRUE(event_line(record, {7, "child", ""}, state, {}).starts_with("a process of domain 2 denied "));
		EXPECT_TRUE(has(counts_text(explanation, {}), "       1 unknown          ")) << counts_text(explanation, {});
	}
	Record named = make_ptrace_denial(2, 7);
	named.tracer_pid = 5;
	EXPECT_TRUE(event_line(named, {7, "child", ""}, state, {}).starts_with("process 5 of domain 2 denied "));
	EXPECT_TRUE(event_line(make_ptrace_denial(2, 9), {7, "gdb", ""}, state, {}).starts_with("gdb[7] denied "));
}

TEST_F(Text, NotLoggedOnlyIfTold) {
	Record record = make_fs_denial(2, "/etc/passwd", fs_read_file);

	EXPECT_FALSE(has(event_line(record, {7, "cat", ""}, state, {}), "logged"));
	record.fields = bit(Field::logged);
	EXPECT_TRUE(has(event_line(record, {7, "cat", ""}, state, {}), ", not logged by audit"));
	record.logged = true;
	EXPECT_FALSE(has(event_line(record, {7, "cat", ""}, state, {}), "logged"));
}

TEST_F(Text, OnlySoMany) {
	context.most = 2;
	for (int port = 0; port < 5; port++)
		deny(make_net_denial(2, port, net_connect_tcp), {7, "x", ""});
	EXPECT_TRUE(has(text(), "... and 3 more"));
}

TEST(Wrap, BetweenWords) {
	EXPECT_EQ(wrap("aa bb cc", 0, 2, {false, 5}), "aa bb\n  cc");
	EXPECT_EQ(wrap("a-word-that-does-not-fit b", 0, 2, {false, 5}), "a-word-that-does-not-fit\n  b");
	EXPECT_EQ(wrap("", 0, 2, {false, 5}), "");
}

TEST_F(Text, CountsTheMostFrequentFirst) {
	deny(make_net_denial(2, 1, net_connect_tcp), {7, "x", ""});
	for (int i = 0; i < 3; i++)
		deny(make_net_denial(2, 2, net_connect_tcp), {7, "x", ""});
	const std::string counts = counts_text(explanation, {});
	EXPECT_LT(counts.find("port 2"), counts.find("port 1"));
	EXPECT_TRUE(has(counts, "       4 in all"));
}

TEST_F(Text, CountsWhateverTheDomain) {
	for (uint64_t domain = 2; domain < 5; domain++)
		deny(make_net_denial(domain, 1, net_connect_tcp), {7, "x", ""});
	EXPECT_TRUE(has(counts_text(explanation, {}), "       3 x                connect_tcp on port 1 "));
}
