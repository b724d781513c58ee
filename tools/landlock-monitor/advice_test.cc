// SPDX-License-Identifier: GPL-2.0-only
#include "advice.h"

#include "table.h"
#include "testing.h"
#include "text.h"

#include <fmt/format.h>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace landlock;

namespace {

struct Advise : testing::Test {
	State state;
	Explanation explanation;
	Circumstances run;
	const Process launcher{5, "landrun", "/usr/bin/landrun"};

	void SetUp() override {
		state.apply(make_ruleset(1, fs_read_file | fs_read_dir | fs_make_reg, net_bind_tcp), launcher);
		state.apply(make_fs_rule(1, "/proc/5", fs_read_file), launcher);
		state.apply(make_domain(2, 0, 1), launcher);
	}
	void deny(const Record &record) {
		state.apply(record, {7, "cat", "/bin/cat"});
		explanation.add(record, {7, "cat", "/bin/cat"}, state);
	}
	// A move of a file, both ends of which lack refer.
	void deny_move(const std::string &from_path, const std::string &to_path) {
		Record from = make_fs_denial(2, from_path, fs_refer), to = make_fs_denial(2, to_path, fs_refer);

		state.apply(make_ruleset(1, fs_refer | fs_make_reg | fs_remove_file, 0), launcher);
		state.apply(make_domain(2, 0, 1), launcher);
		from.access |= fs_remove_file;
		to.access |= fs_make_reg;
		from.fields = to.fields = bit(Field::access);
		deny(from);
		deny(to);
	}
	std::vector<Advice> advise() { return landlock::advise(explanation, run); }
};

// Later than what was made before, also by the clock of a file system.
int64_t now() {
	std::this_thread::sleep_for(std::chrono::milliseconds(20));
	return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

struct Folder {
	const std::filesystem::path path;

	explicit Folder(const char *name)
		: path(std::filesystem::path(testing::TempDir()) / (std::string("advice-") + name + std::to_string(getpid()))) {
		std::filesystem::create_directories(path);
	}
	~Folder() { std::filesystem::remove_all(path); }
};

} // namespace

TEST_F(Advise, WhatCameLastComesFirst) {
	deny(make_fs_denial(2, "/a/x", fs_read_file));
	deny(make_fs_denial(2, "/b/x", fs_read_file));
	deny(make_fs_denial(2, "/etc/localtime", fs_read_file));
	ASSERT_EQ(advise().size(), 3u);
	EXPECT_EQ(advise()[0].suggestion.wanted.path, "/b/x");
	EXPECT_EQ(advise()[0].weight, Weight::last);
	EXPECT_EQ(advise()[2].weight, Weight::habit);
	run.has_failed = false;
	EXPECT_EQ(advise()[0].suggestion.wanted.path, "/a/x");
}

// The last of each program that failed, the latest at the top.
TEST_F(Advise, WhatProgramsFailedForComesFirst) {
	const auto deny_to = [&](int pid, const std::string &path) {
		Record record = make_fs_denial(2, path, fs_read_file);
		record.tid = pid;
		explanation.add(record, {pid, "x", "/bin/x"}, state);
	};

	for (const int pid : {7, 8, 9}) {
		deny_to(pid, "/first/" + std::to_string(pid));
		deny_to(pid, "/last/" + std::to_string(pid));
	}
	for (const int pid : {8, 7})
		explanation.blame(pid);
	for (const bool has_failed : {false, true}) {
		run.has_failed = has_failed;
		const std::vector<Advice> all = advise();
		ASSERT_EQ(all.size(), 6u);
		EXPECT_EQ(all[0].suggestion.wanted.path, "/last/8");
		EXPECT_EQ(all[1].suggestion.wanted.path, "/last/7");
		EXPECT_EQ(all[1].weight, Weight::last);
		EXPECT_EQ(all[2].suggestion.wanted.path, "/first/7");
		EXPECT_EQ(all[2].weight, Weight::other);
	}
}

TEST_F(Advise, WhatWasNotPassedOnCountsLess) {
	deny(make_fs_denial(2, "/a", fs_read_file));
	deny(make_fs_denial(2, "/b", fs_read_file));
	explanation.set_error(7, EACCES);
	deny(make_fs_denial(2, "/c", fs_read_file));
	explanation.set_error(7, EACCES);
	deny(make_fs_denial(2, "/d", fs_read_file));
	const std::vector<Advice> all = advise();
	std::string order;
	for (const Advice &advice : all)
		order += advice.suggestion.wanted.path;
	EXPECT_EQ(order, "/c/b/a/d");
}

// Then it may be what the program failed for.
TEST_F(Advise, AHabitThatIsAlone) {
	deny(make_fs_denial(2, "/etc/localtime", fs_read_file));
	EXPECT_EQ(advise()[0].weight, Weight::last);
	ASSERT_EQ(advise()[0].notes.size(), 1u);
	EXPECT_NE(advise()[0].notes[0].find("another cause"), std::string::npos);
}

// The kernel's path begins above the program's root.
TEST_F(Advise, AHabitInAnotherRoot) {
	deny(make_fs_denial(2, "/jail/etc/ld.so.cache", fs_read_file));
	explanation.add(make_fs_denial(2, "/jail/etc/localtime", fs_read_file), {7, "cat", "/bin/cat", true}, state);
	explanation.add(make_fs_denial(2, "/jail/etc/hosts", fs_read_file), {7, "cat", "/bin/cat", true}, state);
	run.has_failed = false;
	for (const Advice &advice : advise())
		EXPECT_EQ(advice.weight == Weight::habit, advice.suggestion.wanted.path == "/jail/etc/localtime");
}

// Making __pycache__ is denied in the directory that it would be in.
TEST_F(Advise, WhatPythonCompiles) {
	deny(make_fs_denial(2, "/usr/lib/python3.11/json", fs_make_dir));
	deny(make_fs_denial(2, "/usr/share/gdb/python/gdb", fs_make_dir));
	deny(make_fs_denial(2, "/usr/lib/python3/dist-packages", fs_make_dir));
	deny(make_fs_denial(2, "/usr/lib/python3.11/json", fs_make_reg));
	run.has_failed = false;
	ASSERT_EQ(advise().size(), 4u);
	EXPECT_EQ(advise()[0].suggestion.wanted.path, "/usr/lib/python3/dist-packages");
	EXPECT_EQ(advise()[1].weight, Weight::other);
	EXPECT_EQ(advise()[2].weight, Weight::habit);
	EXPECT_EQ(advise()[3].weight, Weight::habit);
}

TEST_F(Advise, ManySiblingsAreOneRule) {
	for (int i = 0; i < 500; i++)
		deny(make_fs_denial(2, "/d/" + std::to_string(i), fs_read_file));
	ASSERT_EQ(advise().size(), 1u);
	EXPECT_EQ(advise()[0].suggestion.form.text, "--ro /d");
	EXPECT_EQ(advise()[0].denials.size(), 500u);
	EXPECT_EQ(advise()[0].count, 500u);
}

// Few directories stay, many are one, however many of their files were denied.
TEST_F(Advise, ManyDirectoriesAreOneRule) {
	const auto folders = [&](int count) {
		explanation = Explanation(20000);
		for (int i = 0; i < 100 * count; i++)
			deny(make_fs_denial(2, fmt::format("/d/{}/{}", i % count, i), fs_read_file));
		return advise();
	};

	EXPECT_EQ(folders(15).size(), 15u);
	const std::vector<Advice> all = folders(100);
	ASSERT_EQ(all.size(), 1u);
	EXPECT_EQ(all[0].suggestion.form.text, "--ro /d");
	EXPECT_EQ(all[0].count, 10000u);
}

TEST_F(Advise, NotIntoWhatIsRegretted) {
	for (int i = 0; i < 9; i++)
		deny(make_fs_denial(2, "/etc/" + std::to_string(i), fs_read_file));
	EXPECT_EQ(advise().size(), 9u);
}

// What they are in would open them.
TEST_F(Advise, NotWithASecret) {
	for (int i = 0; i < 9; i++) {
		deny(make_fs_denial(2, "/srv/w/app/" + std::to_string(i), fs_read_file));
		deny(make_fs_denial(2, "/srv/w/app-2/" + std::to_string(i), fs_read_file));
	}
	deny(make_fs_denial(2, "/srv/w/app/.netrc", fs_read_file));
	const std::vector<Advice> all = advise();
	EXPECT_EQ(all.size(), 9u + 1 + 1);
	for (const Advice &advice : all)
		EXPECT_EQ(advice.apart.empty(), advice.suggestion.wanted.path != "/srv/w/app/.netrc") << advice.suggestion.wanted.path;
}

// Its list opens what is in it.
TEST_F(Advise, ADirectoryWithASecret) {
	deny(make_fs_denial(2, "/srv/w/app", fs_read_dir));
	EXPECT_EQ(advise()[0].apart, "");
	deny(make_fs_denial(2, "/srv/w/app/.netrc", fs_read_file));
	for (const Advice &advice : advise())
		EXPECT_NE(advice.apart, "");
}

TEST_F(Advise, ADiskByAnyName) {
	const auto node = std::filesystem::path(testing::TempDir()) / ("landlock-monitor-node-" + std::to_string(getpid()));

	if (mknod(node.c_str(), S_IFBLK | 0600, makedev(240, 7)))
		GTEST_SKIP() << "no right to make a device";
	deny(make_fs_denial(2, node, fs_read_file));
	EXPECT_EQ(advise()[0].apart, "");
	run.is_here = true;
	run.started = now();
	EXPECT_EQ(advise()[0].suggestion.wanted.path, node);
	EXPECT_NE(advise()[0].apart, "");
	std::filesystem::remove(node);
}

// "ps" looks at all processes.
TEST_F(Advise, ScopesAreOne) {
	for (int i = 0; i < 9; i++)
		deny(make_ptrace_denial(2, 10 + i));
	// Who asked to be traced is not the subject.
	deny(make_ptrace_denial(2, 7));
	deny(make_fs_denial(2, "/a/x", fs_read_file));
	ASSERT_EQ(advise().size(), 3u);
	run.has_failed = false;
	EXPECT_EQ(advise()[0].denials.size(), 9u);
	const auto one = [&](size_t i) { return what(advise()[0].denials[i]->first); };
	EXPECT_EQ(denied_text(advise()[0]), "cat[7]: denied " + one(0) + "; " + one(1) + "; " + one(2) + "; and 6 more of the kind");
}

// A loop that starts it again and again.
TEST_F(Advise, DomainsWithTheSameRulesAreOne) {
	for (uint64_t id = 10; id < 22; id++) {
		state.apply(make_ruleset(id, fs_read_file | fs_read_dir, 0), {static_cast<int>(id), "landrun", "/usr/bin/landrun"});
		state.apply(make_fs_rule(id, "/usr", fs_read_file), {});
		state.apply(make_domain(100 + id, 0, id), {static_cast<int>(id), "landrun", "/usr/bin/landrun"});
		deny(make_fs_denial(100 + id, "/srv/x", fs_read_file));
		deny(make_fs_denial(100 + id, "/mnt", 0)); // whatever it is: no rule
	}
	run.has_failed = false;
	ASSERT_EQ(advise().size(), 2u);
	for (const Advice &advice : advise()) {
		EXPECT_EQ(advice.count, 12u);
		EXPECT_EQ(domains_of(advice).size(), 12u);
	}
	// Other rules, another launcher.
	deny(make_fs_denial(2, "/srv/x", fs_read_file));
	state.apply(make_ruleset(30, fs_read_file | fs_read_dir, 0), {30, "setpriv", "/usr/bin/setpriv"});
	state.apply(make_fs_rule(30, "/usr", fs_read_file), {});
	state.apply(make_domain(130, 0, 30), {30, "setpriv", "/usr/bin/setpriv"});
	deny(make_fs_denial(130, "/srv/x", fs_read_file));
	EXPECT_EQ(advise().size(), 4u);
}

TEST_F(Advise, FewSiblingsStay) {
	for (int i = 0; i < 4; i++)
		deny(make_fs_denial(2, "/d/" + std::to_string(i), fs_read_file));
	EXPECT_EQ(advise().size(), 4u);
}

TEST_F(Advise, WhatIsRegrettedIsApart) {
	deny(make_fs_denial(2, "/", fs_read_dir));
	deny(make_fs_denial(2, "/usr/lib/x", fs_make_reg));
	deny(make_fs_denial(2, "/srv/x", fs_read_file));
	for (const Advice &advice : advise())
		EXPECT_EQ(advice.apart.empty(), advice.suggestion.wanted.path == "/srv/x") << advice.suggestion.wanted.path;
}

// Either end is enough.
TEST_F(Advise, AMoveIntoTheSystemIsApart) {
	deny_move("/srv/x", "/usr/lib/x");
	ASSERT_EQ(advise().size(), 1u);
	EXPECT_NE(why_left_out(advise()[0]), "");
}

TEST_F(Advise, OfOneProcess) {
	deny(make_fs_denial(2, "/proc/7/environ", fs_read_file));
	EXPECT_NE(advise()[0].suggestion.impossible, "");
	ASSERT_EQ(advise()[0].notes.size(), 1u);
	EXPECT_EQ(advise()[0].notes[0], "the rule for /proc/5 is for that process alone, not for its children");
}

// The launcher opens it, then becomes the program.
TEST_F(Advise, OfTheLauncherItself) {
	deny(make_fs_denial(2, "/proc/5/fd", fs_read_dir));
	EXPECT_EQ(advise()[0].suggestion.form.text, "--ro /proc/self");
	deny(make_fs_denial(2, "/proc/55/status", fs_read_file));
	EXPECT_NE(advise()[1].suggestion.impossible, "");
}

TEST_F(Advise, OfTheFirstProcess) {
	deny(make_fs_denial(2, "/proc/1/cgroup", fs_read_file));
	EXPECT_EQ(advise()[0].suggestion.form.text, "--ro /proc/1/cgroup");
	deny(make_fs_denial(2, "/proc/1/environ", fs_read_file));
	EXPECT_NE(why_left_out(advise()[0]), "");
}

TEST_F(Advise, ASearchForAPlace) {
	deny(make_fs_denial(2, "/tmp", fs_make_reg));
	EXPECT_TRUE(advise()[0].notes.empty());
	deny(make_fs_denial(2, "/var/tmp", fs_make_reg));
	for (const Advice &advice : advise())
		EXPECT_EQ(advice.notes.size(), 1u);
}

TEST_F(Advise, ATerminal) {
	deny(make_fs_denial(2, "/dev/pts/3", fs_read_file));
	EXPECT_EQ(advise()[0].suggestion.form.text, "--ro /dev/pts");
}

TEST_F(Advise, WhatTheProgramMakes) {
	const auto folder = std::filesystem::path(testing::TempDir()) / ("landlock-monitor-advice-" + std::to_string(getpid()));
	std::filesystem::create_directories(folder);
	std::ofstream(folder / "file") << "x";

	deny(make_fs_denial(2, folder / "file", fs_read_file));
	EXPECT_EQ(advise()[0].suggestion.wanted.path, folder / "file");
	run.is_here = true;
	run.started = now();
	EXPECT_EQ(advise()[0].suggestion.wanted.path, folder / "file");
	std::filesystem::remove(folder / "file");
	EXPECT_EQ(advise()[0].suggestion.wanted.path, folder);
	EXPECT_TRUE(advise()[0].suggestion.wanted.is_directory);
	now();
	std::ofstream(folder / "file") << "x";
	EXPECT_EQ(advise()[0].suggestion.wanted.path, folder);
	std::filesystem::remove_all(folder);
}

// A rule for a new directory would be for nothing the next time, at both ends of a move.
TEST_F(Advise, AMoveFromANewDirectory) {
	const Folder folder("move");
	std::filesystem::create_directory(folder.path / "old");
	run.is_here = true;
	run.started = now();
	now();
	std::filesystem::create_directory(folder.path / "new");
	deny_move(folder.path / "new", folder.path / "old");
	ASSERT_EQ(advise().size(), 1u);
	EXPECT_EQ(advise()[0].suggestion.wanted.path, folder.path);
	EXPECT_EQ(advise()[0].other.wanted.path, folder.path / "old");
	std::filesystem::rename(folder.path / "old", folder.path / "away");
	EXPECT_EQ(advise()[0].other.wanted.path, folder.path);
}

// A secret that nobody asked for is open to whoever may read its directory.
TEST_F(Advise, ASecretThatNobodyAskedFor) {
	const Folder folder("secret");

	std::filesystem::create_directories(folder.path / "in" / ".ssh");
	std::ofstream(folder.path / "in" / "file") << "x";
	run.is_here = true;
	run.started = now();
	deny(make_fs_denial(2, folder.path / "in", fs_read_dir));
	deny(make_fs_denial(2, folder.path, fs_read_dir));
	deny(make_fs_denial(2, folder.path / "in" / "file", fs_read_file));
	ASSERT_EQ(advise().size(), 3u);
	for (const Advice &advice : advise()) {
		const bool is_folder = advice.suggestion.wanted.is_directory;
		EXPECT_EQ(advice.apart, is_folder ? "it gives away a secret, " + (folder.path / "in" / ".ssh").string() : "");
	}
}

// What shells and Python ask for when they start is nothing that a program misses.
TEST_F(Advise, WhatComesAtTheStart) {
	const auto deny_to = [&](const char *exe, const char *path, uint32_t right, const char *interpreter = "") {
		explanation.add(make_fs_denial(2, path, right), {7, "x", exe, false, false, interpreter}, state);
	};

	run.folder = run.modules = "/srv/w";
	deny_to("/bin/bash", "/dev/tty", fs_read_file);
	deny_to("/bin/bash", "/dev/pts/3", fs_read_file);
	deny_to("/bin/bash", "/etc/passwd", fs_read_file);
	deny_to("/usr/bin/python3.11", "/srv/w", fs_read_dir);
	deny_to("./app/x.py", "/srv/w/app", fs_read_dir, "/bin/python3");
	deny_to("/bin/script", "/dev/pts/4", fs_read_file, "/bin/bash");
	deny_to("/bin/cat", "/srv/w/file", fs_read_file);
	// What it is told to write.
	deny_to("/bin/bash", "/dev/tty", fs_write_file);
	const std::vector<Advice> all = advise();
	ASSERT_EQ(all.size(), 7u);
	EXPECT_EQ(all[0].suggestion.wanted.path, "/dev/tty");
	EXPECT_EQ(all[1].suggestion.wanted.path, "/srv/w/file");
	for (size_t i = 2; i < all.size(); i++)
		EXPECT_EQ(all[i].weight, Weight::habit) << all[i].suggestion.wanted.path;
}

// It comes first where nothing else was denied, but may not be what failed.
TEST_F(Advise, AHabitAlone) {
	deny(make_fs_denial(2, "/etc/localtime", fs_read_file));
	ASSERT_EQ(advise().size(), 1u);
	EXPECT_EQ(advise()[0].weight, Weight::last);
	EXPECT_TRUE(advise()[0].is_doubtful);
	EXPECT_EQ(why_left_out(advise()[0]), doubt);
	deny(make_fs_denial(2, "/srv/x", fs_read_file));
	for (const Advice &advice : advise())
		EXPECT_FALSE(advice.is_doubtful);
}

TEST_F(Advise, WhatSucceededIsNoCause) {
	deny(make_fs_denial(2, "/srv/x", fs_make_reg));
	explanation.set_error(7, 0);
	EXPECT_EQ(advise()[0].weight, Weight::habit);
	deny(make_fs_denial(2, "/srv/x", fs_make_reg));
	EXPECT_EQ(advise()[0].weight, Weight::last);
}

TEST_F(Advise, WhatOthersAskForIsNoHabit) {
	explanation.add(make_fs_denial(2, "/etc/passwd", fs_read_file), {7, "id", "/bin/id"}, state);
	explanation.add(make_fs_denial(2, "/srv/data", fs_read_dir), {8, "x", "/bin/python3"}, state);
	// A directory that a shell lists is asked for.
	explanation.add(make_fs_denial(2, "/srv/w", fs_read_dir), {9, "bash", "/bin/bash"}, state);
	// Of its script's folder, not this one.
	explanation.add(make_fs_denial(2, "/srv/w", fs_read_dir), {10, "y", "/srv/y.py", false, false, "/bin/python3"}, state);
	run.folder = "/srv/w";
	for (const Advice &advice : advise())
		EXPECT_NE(advice.weight, Weight::habit) << advice.suggestion.wanted.path;
}

// A script may make it and then start the launcher, which finds it again each time; not
// so what an earlier step has left.
TEST_F(Advise, WhatIsMadeBeforeTheDomain) {
	const auto folder = std::filesystem::path(testing::TempDir()) / ("landlock-monitor-made-" + std::to_string(getpid()));
	std::filesystem::create_directories(folder);
	run.is_here = true;
	run.started = now();
	now();
	std::ofstream(folder / "file") << "x";
	Record made = make_domain(3, 0, 1);
	made.not_before = now();
	state.apply(made, launcher);

	deny(make_fs_denial(3, folder / "file", fs_read_file));
	EXPECT_EQ(advise()[0].suggestion.wanted.path, folder / "file");
	run.has_steps = true;
	EXPECT_EQ(advise()[0].suggestion.wanted.path, folder);
	std::filesystem::remove_all(folder);
}

// What is there, we do not see.
TEST_F(Advise, WhatIsInOtherMounts) {
	Record record = make_fs_denial(2, "/tmp/landlock-monitor-no-such/file", fs_read_file);

	run.is_here = true;
	explanation.add(record, {7, "cat", "/bin/cat", false, true}, state);
	EXPECT_EQ(advise()[0].suggestion.form.text, "--ro /tmp/landlock-monitor-no-such/file");
	EXPECT_NE(advise()[0].notes.at(0).find("mount namespace"), std::string::npos);
}

// A launcher refuses a rule for what is not there.
TEST_F(Advise, WhatTheProgramMakesInItsOwnDirectory) {
	const auto base = std::filesystem::path(testing::TempDir()) / ("landlock-monitor-base-" + std::to_string(getpid()));
	std::filesystem::create_directories(base);
	run.is_here = true;
	run.started = now();
	now();
	std::filesystem::create_directories(base / "new" / "newer");
	std::ofstream(base / "new" / "newer" / "file") << "x";

	deny(make_fs_denial(2, base / "new" / "newer" / "file", fs_read_file));
	EXPECT_EQ(advise()[0].suggestion.wanted.path, base);
	std::filesystem::remove_all(base / "new");
	EXPECT_EQ(advise()[0].suggestion.wanted.path, base);
	EXPECT_NE(advise()[0].notes[0].find("deleted"), std::string::npos);
	std::filesystem::remove_all(base);
}

// A rule for all is none.
TEST_F(Advise, NeverTheRoot) {
	deny(make_fs_denial(2, "/landlock-monitor-no-such/x", fs_read_file));
	run.is_here = true;
	EXPECT_NE(advise()[0].suggestion.impossible.find("except /"), std::string::npos);
	EXPECT_EQ(advise()[0].suggestion.wanted.path, "/landlock-monitor-no-such/x");
}

TEST_F(Advise, AWalk) {
	const auto is_noted = [](const Advice &advice) {
		return !advice.notes.empty() && advice.notes[0].find("O_PATH") != std::string::npos;
	};

	// Python lists where it is, then looks up what is there.
	deny(make_fs_denial(2, "/srv", fs_read_dir));
	deny(make_fs_denial(2, "/srv/x", fs_read_file));
	run.has_failed = false;
	EXPECT_FALSE(is_noted(advise()[0]));
	EXPECT_FALSE(is_noted(advise()[1]));
	// What is above a rule's path.
	explanation = Explanation();
	deny(make_fs_denial(2, "/proc", fs_read_dir));
	EXPECT_TRUE(is_noted(advise()[0]));
}

TEST_F(Advise, Tracing) {
	deny(make_ptrace_denial(2, 9));
	EXPECT_NE(advise()[0].notes.at(0).find("/proc/9/"), std::string::npos);
	// Who asked to be traced read nothing.
	explanation = Explanation();
	deny(make_ptrace_denial(2, 7));
	EXPECT_TRUE(advise()[0].notes.empty());
}
