// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace landlock;
using Words = std::vector<std::string>;

static std::string said; // by the last parse()

static Options parse(const Words &args, int status = -1) {
	Options options;

	testing::internal::CaptureStderr();
	testing::internal::CaptureStdout();
	const int result = parse_options(args, options);
	testing::internal::GetCapturedStdout();
	said = testing::internal::GetCapturedStderr();
	EXPECT_EQ(result, status) << testing::PrintToString(args);
	return options;
}

// What is said of a command line that is refused, in its first of two lines.
static std::string refusal(const Words &args, int status = 1) {
	parse(args, status);
	EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2) << said;
	EXPECT_NE(said.find("\n  See: landlock-monitor "), std::string::npos) << said;
	return said.substr(0, said.find('\n'));
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
	parse({"report", "a", "b", "c"}, 1);
	parse({"nonsense"}, 1);
	parse({}, 1);
	parse({"--help"}, 0);
	parse({"--version"}, 0);
}

TEST(Options, BadInputIsNamed) {
	for (const char *pid : {"abc", "-3", "0", "99999999999", "1x"})
		EXPECT_EQ(refusal({"watch", "--pid", pid}),
			  std::string("landlock-monitor: --pid: Value ") + pid + " not in range 1 to 2147483647");
	EXPECT_EQ(refusal({"run", "--most", "-1", "ls"}, 125), "landlock-monitor: --most: Value -1 not in range 0 to 2147483647");
	EXPECT_EQ(refusal({"run", "--learn", "--yes", "--ports", "80,x", "ls"}, 125),
		  "landlock-monitor: --ports: Value x not in range 0 to 65535");
	EXPECT_EQ(refusal({"tree", "--for", "-1"}), "landlock-monitor: --for: Value -1 not in range 0 to 2147483647");
	EXPECT_EQ(refusal({"nonsense"}), "landlock-monitor: nonsense: there is no such command");
	EXPECT_EQ(refusal({"watch", "a\nb\x1b"}), "landlock-monitor: The following argument was not expected: a\\012b\\033");
	EXPECT_EQ(refusal({"run", "--learn", "--yes", "--root", "a\nb", "ls"}, 125),
		  "landlock-monitor: --root: 'a\\012b' is not an absolute path");
}

// As from a variable that is not set: the command would run as root.
TEST(Options, NothingIsNoValue) {
	EXPECT_EQ(refusal({"run", "--user", "", "ls"}, 125), "landlock-monitor: --user: its value is empty");
	parse({"run", "--user=", "ls"}, 125);
	for (const char *option : {"-o", "--prometheus", "--env", "--user"})
		parse({"run", option, "", "ls"}, 125);
	for (const char *option : {"--comm", "--domain", "-o"})
		parse({"watch", option, ""}, 1);
	parse({"report", ""}, 1);
	parse({"record", "-o", "", "ls"}, 125);
	EXPECT_EQ(parse({"run", "ls", ""}).argv, (Words{"ls", ""}));
}

TEST(Options, Watch) {
	EXPECT_EQ(parse({"watch", "-vv"}).verbose, 2);
	EXPECT_EQ(parse({"watch", "-p", "5"}).pid, 5);
	EXPECT_TRUE(parse({"watch", "--all", "-c"}).counts);
	EXPECT_EQ(parse({"report", "--diff", "a", "b"}).files, (Words{"a", "b"}));
	EXPECT_EQ(parse({"tree", "--dot", "f"}).files, Words{"f"});
}
