// SPDX-License-Identifier: GPL-2.0-only
#include "recording.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace landlock;
namespace fs = std::filesystem;

namespace {

class RecordingTest : public testing::Test {
protected:
	RecordingTest() { fs::create_directories(folder_); }
	~RecordingTest() override { fs::remove_all(folder_); }

	// What is said of the file @name.
	std::string refusal(const std::string &name) const {
		try {
			RecordingFile(name).read();
		} catch (const Error &error) {
			return error.what();
		}
		return "";
	}
	std::string refusal_of(const std::string &content) const {
		std::ofstream(path()) << content;
		return refusal(path());
	}
	std::string path() const { return folder_ / "x"; }

	const fs::path folder_ = fs::path(testing::TempDir()) / ("landlock-monitor-recording-" + std::to_string(getpid()));
};

} // namespace

TEST_F(RecordingTest, WhatIsNoRecording) {
	EXPECT_EQ(refusal_of(""), path() + " is empty");
	EXPECT_EQ(refusal_of(std::string(8192, '\0')), path() + " is no recording of trace-cmd");
	EXPECT_EQ(refusal_of("\x17"), path() + " is a recording of trace-cmd, but cut off (at byte 1?), damaged or of a newer version");
	EXPECT_EQ(refusal_of("\x17\x08\x44tracing6"),
		  path() + " is a recording of trace-cmd, but cut off (at byte 11?), damaged or of a newer version");
}

// A pipe without a writer must not let us wait.
TEST_F(RecordingTest, WhatIsNoFile) {
	const std::string folder = folder_;

	EXPECT_EQ(refusal(folder), "cannot read " + folder + ": it is a directory, no regular file");
	EXPECT_EQ(refusal("/dev/zero"), "cannot read /dev/zero: it is a device, no regular file");
	EXPECT_EQ(refusal(""), "cannot read '': No such file or directory");
	ASSERT_EQ(mkfifo(path().c_str(), 0600), 0);
	EXPECT_EQ(refusal(path()), "cannot read " + path() + ": it is a pipe, no regular file");
}
