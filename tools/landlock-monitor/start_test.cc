// SPDX-License-Identifier: GPL-2.0-only
#include "start.h"

#include <gtest/gtest.h>

using namespace landlock;
using Words = std::vector<std::string>;

// The word of the launcher; -1 if there is none.
static int place_of(const Words &argv) {
	const Start start = find_launcher(argv, {});

	return start.launcher && !start.is_script ? static_cast<int>(start.index) : -1;
}

TEST(Start, FindsTheLauncher) {
	EXPECT_EQ(place_of({"./sandboxer", "ls"}), 0);
	EXPECT_EQ(place_of({"/usr/bin/landrun", "--ro", "/", "ls"}), 0);
	EXPECT_EQ(place_of({"ls", "sandboxer"}), -1);
	EXPECT_EQ(place_of({}), -1);
	EXPECT_EQ(find_launcher({"nice", "landrun", "sandboxer"}, {}).launcher, &landrun());
}

TEST(Start, FindsItBehindOthers) {
	EXPECT_EQ(place_of({"env", "A=b", "B=c", "sandboxer"}), 3);
	EXPECT_EQ(place_of({"/usr/bin/env", "-i", "-u", "A", "--unset", "B", "--unset=C", "--", "A=b", "sandboxer"}), 9);
	EXPECT_EQ(place_of({"env", "-", "sandboxer"}), 2);
	EXPECT_EQ(place_of({"nice", "sandboxer"}), 1);
	EXPECT_EQ(place_of({"nice", "-n", "5", "sandboxer"}), 3);
	EXPECT_EQ(place_of({"nice", "-n5", "sandboxer"}), 2);
	EXPECT_EQ(place_of({"nice", "-5", "sandboxer"}), 2);
	EXPECT_EQ(place_of({"timeout", "5", "sandboxer"}), 2);
	EXPECT_EQ(place_of({"timeout", "-k", "1", "--signal=9", "--foreground", "5", "sandboxer"}), 6);
	EXPECT_EQ(place_of({"sudo", "-nu", "nobody", "LL_FS_RO=/", "sandboxer"}), 4);
	EXPECT_EQ(place_of({"doas", "-u", "nobody", "sandboxer"}), 3);
	EXPECT_EQ(place_of({"setsid", "-w", "nohup", "sandboxer"}), 3);
	EXPECT_EQ(place_of({"stdbuf", "-oL", "-e", "0", "sandboxer"}), 4);
	EXPECT_EQ(place_of({"ionice", "-c2", "-n", "7", "chrt", "-f", "10", "taskset", "-c", "0,1", "sandboxer"}), 10);
	EXPECT_EQ(place_of({"time", "-f", "%e", "sandboxer"}), 3);
	EXPECT_EQ(place_of({"timeout", "5"}), -1);
	EXPECT_EQ(place_of({"env", "-u"}), -1);
	EXPECT_EQ(place_of({"env", "A=b"}), -1);
	EXPECT_EQ(place_of({"timeout", "sandboxer", "ls"}), -1);
}

// Most often it only sets other attributes of the process.
TEST(Start, SetprivMayBeNoLauncher) {
	EXPECT_EQ(place_of({"setpriv", "--reuid", "1000", "--clear-groups", "--", "landrun", "ls"}), 5);
	EXPECT_EQ(place_of({"setpriv", "--no-new-privs", "ls"}), -1);
	EXPECT_EQ(place_of({"setpriv", "--no-new-privs", "--landlock-access", "fs", "ls"}), 0);
	EXPECT_EQ(find_launcher({"sh", "-c", "setpriv --nnp ls"}, {}).launcher, nullptr);
	EXPECT_EQ(find_launcher({"sh", "-c", "setpriv --landlock-access fs ls"}, {}).launcher, &setpriv());
}

TEST(Start, FindsItInAScript) {
	const std::string script = "cd /; A='x' \"./sandboxer\" ls";
	const Start start = find_launcher({"env", "A=b", "bash", "--norc", "-eo", "pipefail", "-c", script, "ls"}, {});

	EXPECT_EQ(start.launcher, &sandboxer());
	EXPECT_TRUE(start.is_script);
	EXPECT_EQ(start.index, 7u);
	EXPECT_EQ(find_launcher({"sh", "-c", "(landrun ls)"}, {}).launcher, &landrun());
	EXPECT_EQ(find_launcher({"sh", "-c", "ls", "landrun"}, {}).launcher, nullptr);
	EXPECT_EQ(find_launcher({"sh", "landrun"}, {}).launcher, nullptr);
	EXPECT_EQ(find_launcher({"sh", "-c"}, {}).launcher, nullptr);
}

// What is in the string is not known.
TEST(Start, EnvSplitsAString) {
	for (const char *option : {"-S", "-vS", "--split-string", "--split-s"}) {
		const Start start = find_launcher({"nice", "env", option, "LL_FS_RO=/", "sandboxer", "ls"}, {});
		EXPECT_TRUE(start.is_split) << option;
		EXPECT_EQ(start.launcher, nullptr) << option;
	}
	EXPECT_TRUE(find_launcher({"env", "-iSLL_FS_RO=/ sandboxer", "ls"}, {}).is_split);
	EXPECT_TRUE(find_launcher({"env", "--split-string=sandboxer", "ls"}, {}).is_split);
	EXPECT_FALSE(find_launcher({"env", "-u", "S", "sandboxer", "-S"}, {}).is_split);
}

TEST(Start, KnowsTheEnvironment) {
	const Environment ours = {{"LL_FS_RO", "/"}, {"LL_FS_RW", "/tmp"}};
	const auto environment = [&](const Words &argv) { return find_launcher(argv, ours).environment; };

	EXPECT_EQ(environment({"timeout", "5", "sandboxer"}), ours);
	EXPECT_EQ(environment({"env", "LL_FS_RO=/usr", "nice", "sandboxer"}),
		  (Environment{{"LL_FS_RO", "/usr"}, {"LL_FS_RW", "/tmp"}}));
	EXPECT_EQ(environment({"env", "-u", "LL_FS_RO", "sandboxer"}), (Environment{{"LL_FS_RW", "/tmp"}}));
	for (const char *option : {"-i", "-", "--ignore-environment", "-vi"})
		EXPECT_EQ(environment({"env", option, "LL_FS_RO=/usr", "sandboxer"}), (Environment{{"LL_FS_RO", "/usr"}})) << option;
	EXPECT_EQ(environment({"sudo", "sandboxer"}), Environment());
	EXPECT_EQ(environment({"sudo", "LL_FS_RO=/usr", "sandboxer"}), (Environment{{"LL_FS_RO", "/usr"}}));
	EXPECT_EQ(environment({"sudo", "-E", "sandboxer"}), ours);
	EXPECT_EQ(environment({"doas", "sandboxer"}), Environment());
}

// What @argv becomes, and after ';' the variables of the environment.
static std::string with_variable(Words argv, Environment environment = {}) {
	std::string text;

	set_variable("A", "1", argv, environment);
	EXPECT_EQ(find_launcher(argv, environment).environment.at("A"), "1");
	for (const std::string &word : argv)
		text += word + " ";
	return text + "; " + assignments(environment);
}

TEST(Start, SetsAVariable) {
	EXPECT_EQ(with_variable({"nice", "sandboxer"}), "nice sandboxer ; A=1");
	EXPECT_EQ(with_variable({"nice", "sandboxer"}, {{"A", "2"}}), "nice sandboxer ; A=1");
	EXPECT_EQ(with_variable({"env", "-i", "sandboxer"}), "env -i A=1 sandboxer ; ");
	EXPECT_EQ(with_variable({"env", "-u", "A", "B=2", "nice", "sandboxer"}, {{"A", "2"}}),
		  "env -u A B=2 A=1 nice sandboxer ; A=2");
	EXPECT_EQ(with_variable({"env", "A=2", "B=2", "sandboxer"}), "env A=1 B=2 sandboxer ; ");
	EXPECT_EQ(with_variable({"sudo", "-n", "sandboxer"}), "sudo -n env A=1 sandboxer ; ");
	EXPECT_EQ(with_variable({"sudo", "A=2", "sandboxer"}), "sudo A=1 sandboxer ; ");
	EXPECT_EQ(with_variable({"env", "A=2", "doas", "sandboxer"}), "env A=2 doas env A=1 sandboxer ; ");
	EXPECT_EQ(with_variable({"/a=b/env", "sandboxer"}), "/a=b/env A=1 sandboxer ; ");
}
