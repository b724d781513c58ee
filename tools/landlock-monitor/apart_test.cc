// SPDX-License-Identifier: GPL-2.0-only
#include "apart.h"

#include <gtest/gtest.h>

#include <csignal>

using namespace landlock;

namespace {

// What apart() throws, or returns.
std::string outcome(const std::function<std::string()> &work) {
	try {
		return apart(work, Error("crashed"));
	} catch (const Error &error) {
		return std::string("threw ") + error.what();
	}
}

} // namespace

TEST(Apart, ReturnsAllOfTheText) {
	// More than a pipe takes.
	EXPECT_EQ(outcome([] { return std::string(1 << 20, 'x'); }), std::string(1 << 20, 'x'));
	EXPECT_EQ(outcome([] { return std::string(); }), "");
}

TEST(Apart, CrashIsAnError) {
	for (const int signal : {SIGSEGV, SIGABRT, SIGKILL})
		EXPECT_EQ(outcome([=] { return std::string(raise(signal) ? "" : "some"); }), "threw crashed");
}

TEST(Apart, ErrorIsReportedOnce) {
	testing::internal::CaptureStderr();
	EXPECT_EQ(outcome([]() -> std::string { throw Error("bad file", "Take another."); }), "threw ");
	EXPECT_EQ(testing::internal::GetCapturedStderr(), "landlock-monitor: bad file\n  Take another.\n");
}
