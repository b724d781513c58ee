// SPDX-License-Identifier: GPL-2.0-only
#include "launcher.h"

#include "testing.h"

#include <gtest/gtest.h>

using namespace landlock;
using Words = std::vector<std::string>;

static Wanted file(const std::string &path, uint32_t rights) {
	return {Type::fs, rights, path, false, 0};
}

static Wanted directory(const std::string &path, uint32_t rights) {
	return {Type::fs, rights, path, true, 0};
}

static Wanted port(uint64_t number, uint32_t rights) {
	return {Type::net, rights, "", false, number};
}

TEST(Launcher, IsKnownByItsProgram) {
	EXPECT_EQ(&launcher_of("/usr/bin/landrun"), &landrun());
	EXPECT_EQ(&launcher_of("/usr/bin/setpriv"), &setpriv());
	EXPECT_EQ(&launcher_of("/usr/bin/firejail"), &firejail());
	EXPECT_EQ(&launcher_of("/usr/bin/minijail0"), &minijail());
	EXPECT_EQ(&launcher_of("/tmp/sandboxer"), &sandboxer());
	EXPECT_EQ(&launcher_of("/tmp/browser-sandboxer"), &c_code());
	EXPECT_EQ(&launcher_of("/tmp/sandboxer-test"), &c_code());
	EXPECT_EQ(&launcher_of("/usr/bin/cat"), &c_code());
	EXPECT_EQ(&launcher_of("/opt/landrun/cat"), &c_code());
	EXPECT_EQ(&launcher_of(""), &c_code());
}

// As minijail0 does for dynamic programs.
TEST(Launcher, MayLeaveItToTheProgramToEnter) {
	Domain domain;

	domain.creator = {5, "cat", "/usr/bin/cat"};
	EXPECT_EQ(&launcher_of(domain), &c_code());
	domain.ruleset.creator = {5, "minijail0", "/usr/bin/minijail0"};
	EXPECT_EQ(&launcher_of(domain), &minijail());
	domain.creator = {5, "landrun", "/usr/bin/landrun"};
	domain.ruleset.creator = {};
	EXPECT_EQ(&launcher_of(domain), &landrun());
}

TEST(Launcher, LandrunTakesTheSmallestFlag) {
	EXPECT_EQ(landrun().form(file("/f", fs_read_file)).text, "--ro /f");
	EXPECT_EQ(landrun().form(file("/f", fs_read_file)).extra, 0u);
	EXPECT_EQ(landrun().form(file("/f", fs_execute)).text, "--rox /f");
	EXPECT_EQ(landrun().form(file("/f", fs_truncate)).text, "--rw /f");
	EXPECT_EQ(landrun().form(file("/f", fs_truncate)).extra, fs_read_file | fs_write_file | fs_ioctl_dev);
	EXPECT_EQ(landrun().form(file("/f", fs_execute | fs_write_file)).text, "--rwx /f");
	EXPECT_EQ(landrun().form(directory("/d", fs_read_dir)).extra, fs_read_file);
	EXPECT_EQ(landrun().form(file("/s", fs_resolve_unix)).text, "--unix /s");
	EXPECT_EQ(landrun().form(file("/s", fs_resolve_unix)).extra, fs_read_file);
	EXPECT_EQ(landrun().form(file("/s", fs_resolve_unix | fs_write_file)).words, (Words{"--rw", "/s", "--unix", "/s"}));
	EXPECT_EQ(landrun().form(port(80, net_bind_tcp)).text, "--bind-tcp 80");
	EXPECT_EQ(landrun().form(port(80, net_connect_tcp)).text, "--connect-tcp 80");
	EXPECT_NE(landrun().form(port(80, net_bind_udp)).why, "");
}

TEST(Launcher, SetprivNamesEachRight) {
	const Form form = setpriv().form(directory("/a:b,c d", fs_make_reg | fs_read_dir));

	EXPECT_EQ(form.words, (Words{"--landlock-rule", "path-beneath:read-dir,make-reg:/a:b,c d"}));
	EXPECT_EQ(form.text, "--landlock-rule 'path-beneath:read-dir,make-reg:/a:b,c d'");
	EXPECT_EQ(form.extra, 0u);
	EXPECT_NE(setpriv().form(file("/s", fs_resolve_unix)).why, "");
	EXPECT_NE(setpriv().form(port(80, net_bind_tcp)).why, "");
}

TEST(Launcher, FirejailAllowsDirectories) {
	EXPECT_EQ(firejail().form(directory("/d d", fs_read_dir)).words, (Words{"--landlock.fs.read=/d d"}));
	EXPECT_EQ(firejail().form(directory("/d", fs_read_dir)).extra, fs_read_file);
	EXPECT_EQ(firejail().form(directory("/d", fs_make_reg | fs_make_fifo)).text,
		  "'--landlock.fs.write=/d' '--landlock.fs.makeipc=/d'");
	EXPECT_EQ(firejail().form(file("/f", fs_execute)).text, "'--landlock.fs.execute=/f'");
	EXPECT_EQ(firejail().widened(file("/d/f", fs_read_file | fs_execute)).path, "/d");
	EXPECT_TRUE(firejail().widened(file("/d/f", fs_read_file)).is_directory);
	EXPECT_EQ(firejail().widened(file("/d/f", fs_execute)).path, "/d/f");
	EXPECT_EQ(firejail().widened(directory("/d", fs_read_dir)).path, "/d");
	EXPECT_EQ(landrun().widened(file("/d/f", fs_read_file)).path, "/d/f");
	EXPECT_NE(firejail().form(directory("/d", fs_refer)).why, "");
	EXPECT_NE(firejail().form(port(80, net_bind_tcp)).why, "");
}

TEST(Launcher, MinijailTakesTheSmallestFlags) {
	EXPECT_EQ(minijail().form(file("/f", fs_read_file)).text, "--fs-path-ro /f");
	EXPECT_EQ(minijail().form(directory("/d", fs_make_dir)).text, "--fs-path-rw /d");
	EXPECT_EQ(minijail().form(directory("/d", fs_make_sock)).text, "--fs-path-advanced-rw /d");
	EXPECT_EQ(minijail().form(file("/f", fs_execute | fs_write_file)).text, "--fs-path-rx /f --fs-path-rw /f");
	EXPECT_EQ(minijail().form(file("/f", fs_execute | fs_write_file)).extra, fs_read_file | fs_truncate);
	EXPECT_NE(minijail().form(file("/s", fs_resolve_unix)).why, "");
	EXPECT_NE(minijail().form(port(80, net_bind_tcp)).why, "");
}

// Each has its own way, or none.
TEST(Launcher, LeavesOutScopes) {
	const auto is_in = [](const Launcher &launcher, const char *text) {
		return launcher.without_scope(scope_signal).find(text) != std::string::npos;
	};

	EXPECT_TRUE(is_in(sandboxer(), "LL_SCOPED without 's'"));
	EXPECT_NE(sandboxer().without_scope(scope_abstract_unix_socket).find("LL_SCOPED without 'a'"), std::string::npos);
	EXPECT_TRUE(is_in(landrun(), "--unrestricted-scoped, which opens signals to all processes of the user and all abstract"));
	EXPECT_TRUE(is_in(c_code(), "without LANDLOCK_SCOPE_SIGNAL in .scoped"));
	for (const Launcher *launcher : {&setpriv(), &firejail(), &minijail()}) {
		EXPECT_TRUE(is_in(*launcher, "has no option for it"));
		EXPECT_FALSE(is_in(*launcher, "LL_SCOPED"));
	}
}

TEST(Launcher, TwoFlagsMayOpenLess) {
	const PathFlag flags[] = {{"--all", fs_read_dir | fs_make_dir | fs_make_reg},
				  {"--read=", fs_read_dir},
				  {"--make", fs_make_dir}};

	EXPECT_EQ(path_form("x", flags, directory("/d", fs_read_dir | fs_make_dir)).words, (Words{"--read=/d", "--make", "/d"}));
	EXPECT_EQ(path_form("x", flags, directory("/d", fs_make_reg | fs_make_dir)).words, (Words{"--all", "/d"}));
	EXPECT_EQ(path_form("x", flags, directory("/d", fs_refer)).why, "x has no flag for this right");
}

TEST(Launcher, SaysWhichPathsItCannotTake) {
	EXPECT_NE(landrun().form(file("/a,b", fs_read_file)).why, "");
	EXPECT_NE(landrun().form(file("/a ", fs_read_file)).why, "");
	EXPECT_EQ(landrun().form(file("/a:b c", fs_read_file)).text, "--ro '/a:b c'");
	EXPECT_NE(sandboxer().form(file("/a:b", fs_read_file)).why, "");
	EXPECT_EQ(minijail().form(file("/a:b,c ", fs_read_file)).words, (Words{"--fs-path-ro", "/a:b,c "}));
}

// Each once, and what is wanted of one path together.
TEST(Launcher, LineIsShort) {
	const auto line = [](const Launcher &launcher, const std::vector<Wanted> &all) {
		std::vector<Form> forms;
		for (const Wanted &wanted : all)
			forms.push_back(launcher.form(wanted));
		return launcher.line(forms, nullptr);
	};
	const std::vector<Wanted> all = {file("/f", fs_read_file),  directory("/d", fs_read_dir), file("/f", fs_read_file),
					 file("/f", fs_write_file), file("/s", fs_resolve_unix),  port(80, net_bind_tcp),
					 port(80, net_bind_tcp)};

	EXPECT_EQ(line(landrun(), all), "--rw /f --ro /d --unix /s --bind-tcp 80");
	EXPECT_EQ(line(setpriv(), all),
		  "--landlock-rule path-beneath:write-file,read-file:/f --landlock-rule path-beneath:read-dir:/d");
	EXPECT_EQ(line(sandboxer(), all),
		  "LL_FS_RO=\"${LL_FS_RO:+$LL_FS_RO:}\"/d LL_FS_RW=\"${LL_FS_RW:+$LL_FS_RW:}\"/f:/s "
		  "LL_TCP_BIND=\"${LL_TCP_BIND:+$LL_TCP_BIND:}\"80");
	EXPECT_EQ(line(c_code(), all), "");
	EXPECT_EQ(landrun().how(true, 0), "put right behind the word landrun");
	EXPECT_EQ(landrun().how(true, 2), "put right behind the second word landrun");
}

TEST(Launcher, ADirectoryHasItsFiles) {
	const std::vector<Form> forms = {landrun().form(file("/d/f", fs_read_file)), landrun().form(directory("/d", fs_read_dir)),
					 landrun().form(file("/d/g", fs_write_file)), landrun().form(directory("/d/e", fs_read_dir)),
					 landrun().form(file("/dd", fs_read_file)), landrun().form(file("/d/x", fs_execute))};
	Words argv = {"landrun", "ls"};
	Environment environment;

	EXPECT_EQ(landrun().line(forms, nullptr), "--ro /d --rw /d/g --ro /dd --rox /d/x");
	EXPECT_TRUE(landrun().add({forms[0], forms[1]}, argv, environment));
	EXPECT_EQ(argv, (Words{"landrun", "--ro", "/d", "ls"}));
}

TEST(Launcher, SandboxerHasWholeLists) {
	const Environment old = {{"LL_FS_RO", "/usr:/lib"}, {"LL_SCOPED", "s"}, {"LLVM", "1"}};
	const std::vector<Form> forms = {sandboxer().form(file("/f g", fs_read_file)), sandboxer().form(file("/usr", fs_execute))};

	EXPECT_EQ(sandboxer().line(forms, &old), "LL_FS_RO='/usr:/lib:/f g' LL_SCOPED=s");
	EXPECT_EQ(sandboxer().line({}, &old), "");
}

TEST(Launcher, SandboxerGetsLongerLists) {
	const std::vector<Form> forms = {sandboxer().form(directory("/etc", fs_read_dir)),
					 sandboxer().form(directory("/var", fs_make_dir))};
	Words argv = {"env", "LL_FS_RO=/usr", "sandboxer", "ls"};
	Environment environment = {{"LL_FS_RW", "/tmp"}};

	EXPECT_TRUE(sandboxer().add(forms, argv, environment));
	EXPECT_EQ(argv, (Words{"env", "LL_FS_RO=/usr:/etc", "LL_FS_RW=/tmp:/var", "sandboxer", "ls"}));
	argv = {"sandboxer", "ls"};
	EXPECT_TRUE(sandboxer().add(forms, argv, environment));
	EXPECT_EQ(argv, (Words{"sandboxer", "ls"}));
	EXPECT_EQ(environment, (Environment{{"LL_FS_RO", "/etc"}, {"LL_FS_RW", "/tmp:/var"}}));
	// Whatever the script is, it most likely hands them on.
	argv = {"env", "-i", "LL_FS_RW=/", "sh", "-c", "sandboxer ls"};
	EXPECT_TRUE(sandboxer().add(forms, argv, environment));
	EXPECT_EQ(argv, (Words{"env", "-i", "LL_FS_RW=/:/var", "LL_FS_RO=/etc", "sh", "-c", "sandboxer ls"}));
}

// Else nothing would end what has no effect.
TEST(Launcher, TellsWhatIsThereAlready) {
	for (const Launcher *launcher : {&landrun(), &sandboxer(), &setpriv(), &firejail(), &minijail()}) {
		const std::vector<Form> forms = {launcher->form(directory("/d", fs_read_dir)), launcher->form(file("/f", fs_execute)),
						 launcher->form(directory("/d", fs_read_file))};
		Words argv = {"nice", std::string(launcher->name()), "--landlock-access", "fs", "ls"};
		Environment environment = {{"LL_FS_RO", "/usr"}};
		EXPECT_TRUE(launcher->add(forms, argv, environment)) << launcher->name();
		const Words before = argv;
		EXPECT_FALSE(launcher->add(forms, argv, environment)) << launcher->name();
		EXPECT_EQ(argv, before);
		EXPECT_FALSE(launcher->add({}, argv, environment)) << launcher->name();
	}
}

TEST(Launcher, FlagsAreOfTheFirstOne) {
	const std::vector<Form> forms = {landrun().form(port(80, net_connect_tcp))};
	Environment environment;
	Words argv = {"timeout", "5", "landrun", "--ro", "/usr", "--", "landrun", "--connect-tcp", "80", "ls"};

	EXPECT_TRUE(landrun().add(forms, argv, environment));
	EXPECT_EQ(argv, (Words{"timeout", "5", "landrun", "--connect-tcp", "80", "--ro", "/usr", "--", "landrun", "--connect-tcp",
			       "80", "ls"}));
	argv = {"landrun", "setpriv", "--connect-tcp", "80"};
	EXPECT_TRUE(landrun().add(forms, argv, environment));
}

TEST(Launcher, ItsDomainsUntilItRunsTheProgram) {
	OwnDomains own;
	State state;
	const Process launcher{5, "sandboxer", "/sandboxer"};
	Record exec;
	exec.kind = Kind::task_exec;
	const auto apply = [&](const Record &record, const Process &process) {
		state.apply(record, process);
		own.apply(record, process, state);
	};

	// It may be a child of "timeout".
	apply(exec, {4, "timeout", ""});
	apply(exec, launcher);
	apply(make_domain(2, 0, 9), launcher);
	apply(make_domain(1, 0, 9), {6, "other", ""});
	apply(make_domain(3, 2, 9), launcher);
	apply(exec, {6, "other", ""});
	apply(make_domain(4, 0, 9), {5, "thread", "/sandboxer"});
	apply(exec, launcher);
	apply(make_domain(5, 3, 9), launcher);
	EXPECT_EQ(own.ids(), (std::set<uint64_t>{2, 3, 4}));
}

// minijail's library enters its domain in the program, which may be a launcher itself.
TEST(Launcher, NotThoseOfAnotherInItsProcess) {
	OwnDomains own;
	State state;
	const Process inner{5, "setpriv", "/bin/setpriv"};

	state.apply(make_ruleset(9, fs_read_file, 0), {4, "minijail0", "/sbin/minijail0"});
	state.apply(make_ruleset(10, fs_read_file, 0), inner);
	for (const Record &record : {make_domain(2, 0, 9), make_domain(3, 2, 10)}) {
		state.apply(record, inner);
		own.apply(record, inner, state);
	}
	EXPECT_EQ(own.ids(), (std::set<uint64_t>{2}));
}
