// SPDX-License-Identifier: GPL-2.0-only
#include "prometheus.h"

#include "access.h"
#include "error.h"
#include "testing.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace landlock;

// An empty one, whatever an earlier run left.
static std::filesystem::path new_folder() {
	const auto folder = std::filesystem::path(testing::TempDir()) / ("landlock-monitor-test-" + std::to_string(getpid()));

	std::filesystem::remove_all(folder);
	std::filesystem::create_directories(folder);
	return folder;
}

TEST(Prometheus, Counts) {
	State state;
	Metrics metrics;

	metrics.add(make_fs_denial(1, "/x", fs_read_file | fs_write_file), {7, "a\"b\\", ""});
	metrics.add(make_fs_denial(1, "/y", fs_read_file), {7, "a\"b\\", ""});
	const std::string text = metrics.text(state, {4});
	EXPECT_NE(text.find("landlock_denied_rights_total{event=\"deny_access_fs\",right=\"read_file\"} 2\n"), std::string::npos);
	EXPECT_NE(text.find("landlock_program_denials_total{comm=\"a\\\\042b\\\\134\"} 2\n"), std::string::npos);
	EXPECT_NE(text.find("landlock_lost_events_total 4\n"), std::string::npos);
}

TEST(Prometheus, BlamesNobodyElse) {
	Metrics metrics;

	metrics.add(make_sigio_denial(1), {7, "child", ""});
	metrics.add(make_ptrace_denial(1, 7), {7, "child", ""});
	const std::string text = metrics.text(State(), {});
	EXPECT_NE(text.find("landlock_program_denials_total{comm=\"?\"} 2\n"), std::string::npos);
	EXPECT_EQ(text.find("child"), std::string::npos);
}

TEST(Prometheus, IsBounded) {
	Metrics metrics;

	for (int i = 0; i < 10000; i++) {
		Record record = make_fs_denial(1, "/" + std::to_string(i), 1u << (i % 32));
		metrics.add(record, {i, "p" + std::to_string(i), ""});
	}
	std::istringstream lines(metrics.text(State(), {}));
	size_t count = 0, denials = 0;
	for (std::string line; std::getline(lines, line);) {
		count++;
		if (line.starts_with("landlock_program_denials_total{"))
			denials += std::stoul(line.substr(line.rfind(' ')));
	}
	EXPECT_LT(count, 80u);
	// Whoever has no line of its own is among the others.
	EXPECT_EQ(denials, 10000u);
}

TEST(Prometheus, RefusesAFolderOfOthers) {
	const auto folder = new_folder();
	const std::string name = folder / "x.prom";

	std::ofstream(folder / "victim") << "secret";
	std::filesystem::permissions(folder / "victim", std::filesystem::perms(0600));
	std::filesystem::create_symlink("victim", name);
	std::filesystem::permissions(folder, std::filesystem::perms(01777));
	EXPECT_THROW(MetricsFile{name}, Error);
	std::filesystem::permissions(folder, std::filesystem::perms(0755));
	EXPECT_THROW(MetricsFile(name).write(Metrics(), State(), {}), Error);
	EXPECT_EQ(std::filesystem::status(folder / "victim").permissions(), std::filesystem::perms(0600));
	EXPECT_TRUE(std::filesystem::is_symlink(name));
	std::filesystem::remove_all(folder);
}

TEST(Prometheus, ReplacesTheFileWhole) {
	const auto folder = new_folder();
	const std::string file = folder / "x.prom";

	MetricsFile metrics(file);
	metrics.write(Metrics(), State(), {});
	metrics.write(Metrics(), State(), {});
	EXPECT_TRUE(std::filesystem::exists(file));
	size_t files = 0;
	for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator(folder))
		files++;
	EXPECT_EQ(files, 1u);
	EXPECT_THROW(MetricsFile(folder / "none" / "x.prom"), Error);
	std::filesystem::remove_all(folder);
}

TEST(Prometheus, OnlyTheFirstFailureStops) {
	const auto folder = new_folder();
	const std::string name = folder / "x.prom";

	std::filesystem::create_directory(folder / "y.prom");
	EXPECT_THROW(MetricsFile(folder / "y.prom").write(Metrics(), State(), {}), Error);
	MetricsFile("").write(Metrics(), State(), {});
	MetricsFile file(name);
	file.write(Metrics(), State(), {});
	std::filesystem::remove_all(folder);
	testing::internal::CaptureStderr();
	file.write(Metrics(), State(), {});
	file.write(Metrics(), State(), {});
	const std::string told = testing::internal::GetCapturedStderr();
	EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
}

TEST(Prometheus, ReplacesAnOldTemporary) {
	const auto folder = new_folder();
	const std::string name = folder / "x.prom";

	std::ofstream(name + "." + std::to_string(getpid())) << "old";
	MetricsFile(name).write(Metrics(), State(), {});
	EXPECT_TRUE(std::filesystem::exists(name));
	std::filesystem::remove_all(folder);
}
