// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <gtest/gtest.h>

using namespace landlock;
using Words = std::vector<std::string>;

static Options parse(const Words &args, int status = -1) {
	Options options;

	testing::internal::CaptureStderr();
	testing::internal::CaptureStdout();
	EXPECT_EQ(parse_options(args, options), status);
	testing::internal::GetCapturedStdout();
	testing::internal::GetCapturedStderr();
	return options;
}

TEST(Options, TheCommandKeepsItsOwn) {
	EXPECT_EQ(parse({"run", "gcc", "-v"}).argv, (Words{"gcc", "-v"}));
	EXPECT_EQ(parse({"run", "--", "git", "diff", "--", "f"}).argv, (Words{"git", "diff", "--", "f"}));
	EXPECT_EQ(parse({"run", "git", "diff", "--", "f"}).argv, (Words{"git", "diff", "--", "f"}));
	EXPECT_EQ(parse({"run", "watch", "-n1", "ls"}).argv, (Words{"watch", "-n1", "ls"}));
	EXPECT_EQ(parse({"run", "ls", "--json"}).json, false);
	EXPECT_EQ(parse({"run", "--", "-x"}).argv, (Words{"-x"}));
	EXPECT_EQ(parse({"run", "run", "run"}).argv, (Words{"run", "run"}));
	EXPECT_EQ(parse({"run", "-"}).argv, (Words{"-"}));
}

TEST(Options, OursComeFirst) {
	Options options = parse({"run", "-o", "file", "--json", "--user=me", "--env", "A", "--env", "B", "cmd", "-o", "x"});

	EXPECT_EQ(options.output, "file");
	EXPECT_TRUE(options.json);
	EXPECT_EQ(options.user, "me");
	EXPECT_EQ(options.environment, (Words{"LL_*", "A", "B"}));
	EXPECT_EQ(options.argv, (Words{"cmd", "-o", "x"}));
	EXPECT_EQ(parse({"run", "-o", "-", "cmd"}).output, "-");
	EXPECT_EQ(parse({"run", "-ofile", "cmd"}).output, "file");
	EXPECT_EQ(parse({"run", "cmd"}).environment, (Words{"LL_*"}));
	EXPECT_EQ(parse({"record", "-o", "f", "cmd", "-q"}).argv, (Words{"cmd", "-q"}));
}

TEST(Options, Learn) {
	const Options options = parse({"run", "--learn", "--max", "3", "--yes", "--root", "/etc", "--root", "/var", "--ports", "80,443", "sandboxer"});

	EXPECT_TRUE(options.learn && options.yes);
	EXPECT_EQ(options.max_steps, 3);
	EXPECT_EQ(options.roots, (Words{"/etc", "/var"}));
	EXPECT_EQ(options.ports, (Words{"80", "443"}));
	EXPECT_EQ(options.argv, Words{"sandboxer"});
}

TEST(Options, BadInputIsRefused) {
	parse({"run"}, 125);
	parse({"record"}, 125);
	parse({"record", "--nonsense", "ls"}, 125);
	parse({"run", "--nonsense", "ls"}, 125);
	parse({"run", "--learn", "--yes", "sandboxer"}, 125);
	parse({"run", "--yes", "--root", "/", "sandboxer"}, 125);
	parse({"run", "--learn", "--yes", "--root", "relative", "sandboxer"}, 125);
	parse({"run", "--learn", "--json", "sandboxer"}, 125);
	parse({"watch", "--pid", "1", "--all"}, 1);
	parse({"watch", "--pid", "x"}, 1);
	parse({"watch", "--buffer", "1"}, 1);
	parse({"tree", "--json"}, 1);
	parse({"report"}, 1);
	parse({"report", "a", "b"}, 1);
	parse({"report", "--diff", "a"}, 1);
	parse({"record", "-o", "-", "ls"}, 125);
	parse({"run", "--prometheus", "-", "ls"}, 125);
	parse({"report", "-"}, 1);
	parse({"tree", "-"}, 1);
	parse({"nonsense"}, 1);
	parse({}, 1);
	parse({"--help"}, 0);
	parse({"--version"}, 0);
}

TEST(Options, Watch) {
	EXPECT_EQ(parse({"watch", "-vv"}).verbose, 2);
	EXPECT_EQ(parse({"watch", "-p", "5"}).pid, 5);
	EXPECT_TRUE(parse({"watch", "--all", "-c"}).counts);
	EXPECT_EQ(parse({"report", "--diff", "a", "b"}).files, (Words{"a", "b"}));
	EXPECT_EQ(parse({"tree", "--dot", "f"}).files, Words{"f"});
}
