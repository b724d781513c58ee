// SPDX-License-Identifier: GPL-2.0-only
#include "launcher.h"

#include "access.h"
#include "testing.h"

#include <gtest/gtest.h>

using namespace landlock;
using Words = std::vector<std::string>;

TEST(Launcher, IsFound) {
	EXPECT_EQ(find_launcher({"./sandboxer", "ls"}, {}).name, "sandboxer");
	EXPECT_EQ(find_launcher({"/usr/bin/landrun", "--ro", "/", "ls"}, {}).name, "landrun");
	EXPECT_EQ(find_launcher({"ls", "sandboxer"}, {}).name, "");
	EXPECT_EQ(find_launcher({}, {}).name, "");
	const Launcher launcher = find_launcher({"env", "LL_FS_RO=/usr", "A=b", "sandboxer", "ls"}, {{"LL_FS_RO", "/"}, {"LL_FS_RW", "/tmp"}});
	EXPECT_EQ(launcher.name, "sandboxer");
	EXPECT_EQ(launcher.index, 3u);
	EXPECT_EQ(launcher.lists, (Environment{{"LL_FS_RO", "/usr"}, {"LL_FS_RW", "/tmp"}}));
	EXPECT_EQ(find_launcher({"env", "A=b"}, {}).name, "");
}

TEST(Launcher, SandboxerGetsLongerLists) {
	Words argv = {"env", "LL_FS_RO=/usr", "sandboxer", "ls"};
	Environment environment = {{"LL_FS_RW", "/tmp"}};

	add_rules(find_launcher(argv, environment),
		  {suggest(make_fs_denial(1, "/etc", fs_read_dir)), suggest(make_fs_denial(1, "/var", fs_make_dir))}, argv, environment);
	EXPECT_EQ(argv, (Words{"env", "LL_FS_RO=/usr:/etc", "sandboxer", "ls"}));
	EXPECT_EQ(environment["LL_FS_RW"], "/tmp:/var");
}

// Else nothing would end what has no effect.
TEST(Launcher, TellsWhatIsThereAlready) {
	const std::vector<Suggestion> all = {suggest(make_net_denial(1, 80, net_connect_tcp))};
	for (const char *name : {"landrun", "sandboxer"}) {
		Words argv = {name, "ls"};
		Environment environment = {{"LL_TCP_CONNECT", "443"}};
		EXPECT_TRUE(add_rules(find_launcher(argv, environment), all, argv, environment)) << name;
		const Words before = argv;
		EXPECT_FALSE(add_rules(find_launcher(argv, environment), all, argv, environment)) << name;
		EXPECT_EQ(argv, before);
		EXPECT_FALSE(add_rules(find_launcher(argv, environment), {}, argv, environment)) << name;
	}
}

TEST(Launcher, LandrunGetsFlags) {
	Words argv = {"landrun", "--ro", "/usr", "ls"};
	Environment environment;

	add_rules(find_launcher(argv, environment), {suggest(make_net_denial(1, 80, net_connect_tcp))}, argv, environment);
	EXPECT_EQ(argv, (Words{"landrun", "--connect-tcp", "80", "--ro", "/usr", "ls"}));
}

TEST(Launcher, ItsDomainsUntilItRunsTheProgram) {
	OwnDomains own(5);
	const Process launcher{5, "sandboxer", "/sandboxer"};
	Record exec;
	exec.kind = Kind::task_exec;

	own.apply(exec, launcher);
	own.apply(make_domain(1, 0, 9), {6, "other", ""});
	own.apply(make_domain(2, 0, 9), launcher);
	own.apply(make_domain(3, 2, 9), launcher);
	own.apply(exec, {6, "other", ""});
	own.apply(make_domain(4, 0, 9), {5, "thread", ""});
	own.apply(exec, launcher);
	own.apply(make_domain(5, 3, 9), launcher);
	EXPECT_EQ(own.ids(), (std::set<uint64_t>{2, 3, 4}));
}
