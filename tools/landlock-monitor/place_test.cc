// SPDX-License-Identifier: GPL-2.0-only
#include "place.h"

#include <gtest/gtest.h>

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace landlock;

namespace {

struct APlace : testing::Test {
	const std::filesystem::path folder =
		std::filesystem::path(testing::TempDir()) / ("landlock-monitor-place-" + std::to_string(getpid()));

	void SetUp() override { std::filesystem::create_directories(folder / "sub"); }
	void TearDown() override { std::filesystem::remove_all(folder); }
};

} // namespace

TEST_F(APlace, IsLookedAt) {
	std::ofstream(folder / "file") << "x";
	std::filesystem::create_symlink("file", folder / "link");
	EXPECT_TRUE(look(folder / "file", 0).is_known);
	EXPECT_TRUE(look(folder / "file", 0).is_new);
	EXPECT_FALSE(look(folder / "file", INT64_MAX).is_new);
	EXPECT_TRUE(look(folder / "sub", 0).is_directory);
	EXPECT_TRUE(look(folder / "link", 0).is_link);
	EXPECT_TRUE(look(folder / "no", 0).is_gone);
	EXPECT_TRUE(look(folder / "file" / "no", 0).is_gone);
	EXPECT_FALSE(look("file", 0).is_known);
}

// They may be made again, as overlayfs does with what changes, but were there.
TEST_F(APlace, ThatIsNeverNew) {
	for (const char *path : {"/", "/tmp", "/var/tmp", "/dev/shm", "/proc"})
		EXPECT_FALSE(look(path, 0).is_new) << path;
	EXPECT_TRUE(look("/dev/null", 0).is_known);
	EXPECT_FALSE(look("/dev/null", 0).is_raw);
}

TEST_F(APlace, OnOverlayfs) {
	for (const char *name : {"lower", "lower/d", "upper", "work", "all"})
		std::filesystem::create_directories(folder / name);
	const std::string options = "lowerdir=" + (folder / "lower").string() + ",upperdir=" + (folder / "upper").string() +
				    ",workdir=" + (folder / "work").string();
	if (mount("overlay", (folder / "all").c_str(), "overlay", 0, options.c_str()))
		GTEST_SKIP() << "no right to mount, or no overlayfs here";
	std::ofstream(folder / "all" / "d" / "file") << "x";
	EXPECT_FALSE(look(folder / "all" / "d", 0).is_new);
	EXPECT_TRUE(look(folder / "all" / "d" / "file", 0).is_new);
	EXPECT_EQ(umount((folder / "all").c_str()), 0);
}
