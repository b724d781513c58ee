// SPDX-License-Identifier: GPL-2.0-only
#include "learn.h"

#include "access.h"
#include "testing.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace landlock;

namespace fs = std::filesystem;

static Suggestion suggestion(const Record &denial, const Launcher &launcher = sandboxer()) {
	Domain domain;

	domain.creator.exe = "/usr/bin/" + std::string(launcher.name());
	return suggest(denial, domain);
}

static std::string file(const std::string &path, const std::string &root) {
	return refusal(suggestion(make_fs_denial(1, path, fs_read_file)), "", true, {root}, {});
}

static std::string directory(const std::string &path, const std::vector<std::string> &roots, const std::vector<std::string> &ports) {
	return refusal(suggestion(make_fs_denial(1, path, fs_read_dir)), "", true, roots, ports);
}

TEST(Learn, NeverAboveTheRoot) {
	EXPECT_EQ(file("/etc/passwd", "/etc"), "");
	EXPECT_EQ(directory("/etc", {"/etc"}, {}), "");
	EXPECT_EQ(file("/etc/passwd", "/etc/"), "");
	EXPECT_EQ(file("/etc/passwd", "/etc/./x/.."), "");
	EXPECT_EQ(file("/etc/passwd", "/"), "");
	EXPECT_NE(file("/", "/etc"), "");
	EXPECT_NE(file("/etcetera", "/etc"), "");
	EXPECT_NE(file("/etc/../home", "/etc"), "");
	EXPECT_NE(file("/usr", "/etc"), "");
	EXPECT_NE(directory("/etc", {}, {"80"}), "");
}

// The program that is sandboxed may put a link where a file was.
TEST(Learn, NotWhatWasReplaced) {
	const fs::path root = fs::canonical(testing::TempDir()) / ("landlock-monitor-learn-" + std::to_string(getpid()));
	fs::remove_all(root);
	fs::create_directories(root / "folder");
	std::ofstream(root / "file") << "x";
	std::ofstream(root / "folder" / "file") << "x";

	EXPECT_EQ(file(root / "file", root), "");
	EXPECT_EQ(file(root / "folder" / "file", root), "");
	EXPECT_NE(file(root / "folder", root), "");
	EXPECT_NE(file(root / "none", root), "");
	fs::create_symlink("/etc/passwd", root / "link");
	EXPECT_NE(file(root / "link", root), "");
	fs::create_symlink("/etc", root / "etc");
	EXPECT_NE(file(root / "etc" / "passwd", root), "");
	EXPECT_NE(directory(root / "etc", {root}, {}), "");
	fs::remove_all(root);
}

// A root above it says nothing of a secret that is in there.
TEST(Learn, WhatIsApartHasToBeNamed) {
	const auto why = [](bool ask_nobody, const std::vector<std::string> &roots) {
		return refusal(suggestion(make_fs_denial(1, "/etc/passwd", fs_read_file)), "it is dear", ask_nobody, roots, {});
	};

	EXPECT_EQ(why(true, {"/etc", "/"}), "it is dear: only --root /etc/passwd would accept that");
	EXPECT_EQ(why(true, {"/srv", "/etc/passwd/"}), "");
	EXPECT_NE(why(false, {}), "");
	EXPECT_EQ(why(false, {"/etc/passwd"}), "");
}

TEST(Learn, OnlyNamedPorts) {
	const Suggestion s = suggestion(make_net_denial(1, 80, net_connect_tcp));

	EXPECT_EQ(refusal(s, "", true, {}, {"80"}), "");
	EXPECT_NE(refusal(s, "", true, {"/"}, {"8080"}), "");
	EXPECT_EQ(refusal(s, "", false, {}, {}), "");
}

TEST(Learn, OnlyWhatIsPossible) {
	Record signal;
	signal.kind = Kind::deny_signal;

	EXPECT_NE(refusal(suggestion(signal), "", false, {}, {}), "");
	EXPECT_NE(refusal(suggestion(make_net_denial(1, 53, net_bind_udp), landrun()), "", false, {}, {}), "");
}
