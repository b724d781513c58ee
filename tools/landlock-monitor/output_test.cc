// SPDX-License-Identifier: GPL-2.0-only
#include "output.h"

#include "error.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace landlock;
namespace fs = std::filesystem;

namespace {

class OutputTest : public testing::Test {
protected:
	OutputTest() {
		fs::remove_all(folder_);
		fs::create_directories(folder_);
	}
	~OutputTest() override { fs::remove_all(folder_); }

	std::string path(const std::string &name) const { return folder_ / name; }
	void make(const std::string &name, const std::string &content) const { std::ofstream(path(name)) << content; }
	std::string content(const std::string &name) const {
		std::ifstream in(path(name));
		return {std::istreambuf_iterator<char>(in), {}};
	}
	size_t files() const {
		size_t count = 0;
		for ([[maybe_unused]] const auto &entry : fs::directory_iterator(folder_))
			count++;
		return count;
	}

	const fs::path folder_ = fs::path(testing::TempDir()) / ("landlock-monitor-output-" + std::to_string(getpid()));
};

} // namespace

TEST_F(OutputTest, WhatIsThereStaysUntilTheEnd) {
	make("x", "old");
	{
		Output out(path("x"), stdout);
		out.put("half");
		out.flush();
	}
	EXPECT_EQ(content("x"), "old");
	EXPECT_EQ(files(), 1u);

	Output out(path("x"), stdout);
	out.put("new");
	out.flush();
	EXPECT_EQ(content("x"), "old");
	EXPECT_FALSE(out.grants().empty());
	out.finish();
	EXPECT_EQ(content("x"), "new");
	EXPECT_EQ(files(), 1u);
}

TEST_F(OutputTest, CanBeReadAlong) {
	make("x", "old");
	Output out(path("x"), stdout);
	out.publish();
	EXPECT_EQ(content("x"), "");
	EXPECT_TRUE(out.grants().empty());
	out.put("one");
	out.flush();
	EXPECT_EQ(content("x"), "one");
	out.finish();
}

TEST_F(OutputTest, KeepsTheMode) {
	make("x", "old");
	chmod(path("x").c_str(), 04604);
	Output(path("x"), stdout).finish();
	EXPECT_EQ(fs::status(path("x")).permissions(), fs::perms(0604));

	const mode_t old = umask(027);
	Output(path("y"), stdout).finish();
	umask(old);
	EXPECT_EQ(fs::status(path("y")).permissions(), fs::perms(0640));
}

TEST_F(OutputTest, FollowsNoLinkOfOthers) {
	make("victim", "a long secret");
	fs::create_symlink("victim", path("link"));
	chmod(folder_.c_str(), 0777);
	EXPECT_THROW(Output(path("link"), stdout), Error);
	EXPECT_EQ(content("victim"), "a long secret");

	// One that only we can make is meant.
	chmod(folder_.c_str(), 0755);
	Output out(path("link"), stdout);
	EXPECT_EQ(content("victim"), "a long secret");
	out.put("mine");
	out.finish();
	EXPECT_EQ(content("victim"), "mine");
	EXPECT_TRUE(fs::is_symlink(path("link")));
}

// Whoever may change the folder puts a link where our file is to be.
TEST_F(OutputTest, NoLinkOfOthersIsOnTheWay) {
	fs::create_directory(path("real"));
	fs::create_directory_symlink("real", path("link"));
	fs::create_directory_symlink(path("link"), path("absolute"));
	fs::create_directory_symlink("circle", path("circle"));
	const auto put_there = [&](const std::string &folder) {
		Output out(path(folder + "/x"), stdout);
		out.put(folder);
		out.finish();
		return content("real/x");
	};

	for (const char *folder : {"real", "link", "absolute", "link/../link/.", "absolute//"})
		EXPECT_EQ(put_there(folder), folder);
	EXPECT_THROW(put_there("circle"), Error);
	EXPECT_THROW(put_there("real/x"), Error);
	EXPECT_THROW(put_there("none"), Error);
	// What the kernel leads to, not its text.
	const int fd = open(path("real").c_str(), O_PATH | O_DIRECTORY);
	fs::rename(path("real"), path("moved"));
	Output(fmt::format("/proc/self/fd/{}/y", fd), stdout).finish();
	EXPECT_TRUE(fs::exists(path("moved/y")));
	close(fd);
	fs::rename(path("moved"), path("real"));
	if (lchown(path("link").c_str(), 12345, 12345))
		GTEST_SKIP() << "needs root";
	EXPECT_THROW(put_there("link"), Error);
	EXPECT_THROW(put_there("absolute"), Error);
	EXPECT_THROW(Target(path("link/x"), "--prometheus"), Error);
	EXPECT_EQ(content("real/x"), "absolute//");
}

// Whoever made it would have us wait until there is a reader.
TEST_F(OutputTest, WaitsForNobodyElse) {
	ASSERT_EQ(mkfifo(path("pipe").c_str(), 0666), 0);
	if (chown(path("pipe").c_str(), 12345, 12345))
		GTEST_SKIP() << "needs root";
	chmod(folder_.c_str(), 0777);
	EXPECT_THROW(Output(path("pipe"), stdout), Error);
}

TEST_F(OutputTest, AFolderThatChangesLeadsNowhereElse) {
	make("victim", "secret");
	chmod(path("victim").c_str(), 0600);
	fs::create_directory(path("folder"));
	fs::create_directory(path("other"));
	const Target target(path("folder/x"), "-o");
	Draft draft(target);
	fs::rename(path("folder"), path("moved"));
	fs::create_symlink("other", path("folder"));
	fs::create_symlink("../victim", path("moved/x"));
	draft.write("ours");
	draft.replace();
	EXPECT_EQ(content("victim"), "secret");
	EXPECT_EQ(fs::status(path("victim")).permissions(), fs::perms(0600));
	EXPECT_TRUE(fs::is_empty(path("other")));
	EXPECT_FALSE(fs::is_symlink(path("moved/x")));
	EXPECT_EQ(content("moved/x"), "ours");
}

TEST_F(OutputTest, ReplacesNoPipe) {
	mkfifo(path("pipe").c_str(), 0600);
	std::string got;
	std::thread reader([&] { got = content("pipe"); });
	Output out(path("pipe"), stdout);
	out.put("through");
	out.finish();
	reader.join();
	EXPECT_EQ(got, "through");
	EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

TEST_F(OutputTest, IsBehindWhatIsOnStandardOutput) {
	const int old = dup(STDOUT_FILENO);
	const int file = open(path("x").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	for (const std::string &name : {std::string("/dev/stdout"), path("x")}) {
		dup2(file, STDOUT_FILENO);
		(void)!write(STDOUT_FILENO, "theirs ", 7);
		Output out(name, stderr);
		out.put("ours ");
		out.finish();
		dup2(old, STDOUT_FILENO);
	}
	close(file);
	close(old);
	EXPECT_EQ(content("x"), "theirs ours theirs ours ");
}

TEST_F(OutputTest, DashIsStandardOutput) {
	EXPECT_EQ(Output("-", stderr).file(), stdout);
	EXPECT_FALSE(fs::exists("-"));
}

TEST_F(OutputTest, ADraftReplacesFilesAlone) {
	mkfifo(path("pipe").c_str(), 0600);
	fs::create_symlink("none", path("link"));
	for (const char *name : {"pipe", "link"}) {
		const Target target(path(name), "--prometheus");
		EXPECT_THROW(Draft{target}, Error) << name;
	}
	EXPECT_EQ(files(), 2u);
}

TEST_F(OutputTest, ADraftTakesNobodysName) {
	const std::string taken = "x." + std::to_string(getpid());

	make(taken, "somebody's");
	Output out(path("x"), stdout);
	out.put("ours");
	out.finish();
	EXPECT_EQ(content("x"), "ours");
	EXPECT_EQ(content(taken), "somebody's");
}

TEST_F(OutputTest, SaysWhatIsNotWritten) {
	EXPECT_THROW(Output(path("none/x"), stdout), Error);
	EXPECT_THROW(Output(path(""), stdout), Error);
	EXPECT_THROW(Output(folder_, stdout), Error);
	Output full("/dev/full", stdout);
	full.put("lost");
	EXPECT_FALSE(full.flush());
	try {
		full.finish();
		ADD_FAILURE() << "not told";
	} catch (const Error &error) {
		EXPECT_EQ(error.how(), "Free some space there, or give -o a file on another file system.");
	}
}

TEST_F(OutputTest, NobodyWantsMore) {
	int ends[2];

	std::signal(SIGPIPE, SIG_IGN);
	ASSERT_EQ(pipe(ends), 0);
	FILE *pipe = fdopen(ends[1], "w");
	Output out("", pipe);
	EXPECT_FALSE(out.is_closed());
	close(ends[0]);
	EXPECT_TRUE(out.is_closed());
	out.put("lost");
	try {
		out.finish();
		ADD_FAILURE() << "not told";
	} catch (const Error &error) {
		EXPECT_STREQ(error.what(), "");
	}
	fclose(pipe);
	std::signal(SIGPIPE, SIG_DFL);
}

TEST_F(OutputTest, KnowsWhoMayChangeAFolder) {
	const Target target(path("x"), "-o");

	chmod(folder_.c_str(), 0755);
	EXPECT_TRUE(target.is_private());
	for (const int mode : {0775, 0757, 01777}) {
		chmod(folder_.c_str(), static_cast<mode_t>(mode));
		EXPECT_FALSE(target.is_private()) << mode;
	}
	chmod(folder_.c_str(), 0755);
	if (geteuid())
		GTEST_SKIP() << "only root can give a folder away";
	ASSERT_EQ(chown(folder_.c_str(), 1234, 1234), 0);
	EXPECT_FALSE(target.is_private());
}
