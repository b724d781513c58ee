// SPDX-License-Identifier: GPL-2.0-only
#include "path.h"

#include "access.h"

#include <gtest/gtest.h>

using namespace landlock;

TEST(Path, Beneath) {
	EXPECT_TRUE(is_beneath("/a/b", "/a"));
	EXPECT_TRUE(is_beneath("/a", "/a"));
	EXPECT_TRUE(is_beneath("/a", "/"));
	EXPECT_FALSE(is_beneath("/ab", "/a"));
	EXPECT_FALSE(is_beneath("/a", "/a/b"));
	EXPECT_FALSE(is_beneath("<too_long>", "/"));
	EXPECT_FALSE(is_beneath("/a", ""));
}

TEST(Path, Parent) {
	EXPECT_EQ(parent("/a/b"), "/a");
	EXPECT_EQ(parent("/a"), "/");
	EXPECT_EQ(parent("/"), "/");
}

TEST(Path, OfAProcess) {
	EXPECT_TRUE(is_of_process("/proc/12/maps"));
	EXPECT_TRUE(is_of_process("/proc/12"));
	EXPECT_FALSE(is_of_process("/proc/12x"));
	EXPECT_FALSE(is_of_process("/proc/sys"));
	EXPECT_FALSE(is_of_process("/proc/"));
	EXPECT_FALSE(is_of_process("/proc/1/status"));
	EXPECT_TRUE(is_of_process("/proc/10"));
}

static bool is_regretted(const std::string &path, bool is_directory, uint32_t rights) {
	return !regret(path, is_directory, rights, "/srv/me").empty();
}

TEST(Path, WhatIsRegretted) {
	for (const char *path : {"/", "/etc", "/home", "/home/somebody", "/root", "/srv/me"})
		EXPECT_TRUE(is_regretted(path, true, fs_read_dir)) << path;
	for (const char *path : {"/home/somebody/x", "/root/x", "/srv/me/x", "/srv/data", "/homes/x"})
		EXPECT_FALSE(is_regretted(path, true, fs_read_dir | fs_make_reg)) << path;
	EXPECT_FALSE(is_regretted("/etc/hosts", false, fs_read_file));
	EXPECT_TRUE(is_regretted("/etc/hosts", false, fs_write_file));
	EXPECT_TRUE(is_regretted("/usr/lib/python3/x", true, fs_make_reg));
	EXPECT_TRUE(is_regretted("/var/spool/cron/x", false, fs_write_file));
	EXPECT_FALSE(is_regretted("/dev/shm", true, fs_make_reg));
}

TEST(Path, Secrets) {
	for (const char *path : {"/etc/shadow", "/etc/shadow-", "/etc/krb5.keytab", "/etc/wireguard/wg0.conf", "/etc/ssh/ssh_host_rsa_key",
				 "/home/me/.ssh/id_rsa", "/home/.sshd/.ssh/id_rsa", "/srv/app/.git-credentials", "/root/.pgpass",
				 "/root/.netrc", "/home/me/.config/gh/hosts.yml", "/root/.bash_history"})
		EXPECT_TRUE(is_regretted(path, false, fs_read_file)) << path;
	for (const char *path : {"/etc/ssh/ssh_host_rsa_key.pub", "/home/me/.sshd", "/srv/etc/shadow", "/etc/shadow.txt", "/root/.bashrc",
				 "/home/me/.config/ghx"})
		EXPECT_FALSE(is_regretted(path, false, fs_read_file)) << path;
}

// A rule for a directory is one for all beneath it.
TEST(Path, SecretsBeneath) {
	for (const char *path : {"/etc/ssl", "/etc/ssh", "/etc/pki", "/home/me/.config", "/home/me/.local/share", "/home/me/.ssh"})
		EXPECT_TRUE(is_regretted(path, true, fs_read_dir)) << path;
	EXPECT_FALSE(is_regretted("/etc/ssl", false, fs_read_file));
	for (const char *path : {"/etc/ssl/certs", "/home/me/.config/git-gui", "/home/me/.conf", "/home/me/share"})
		EXPECT_FALSE(is_regretted(path, true, fs_read_dir)) << path;
	EXPECT_TRUE(is_regretted("/var/spool", true, fs_make_reg));
	EXPECT_FALSE(is_regretted("/var/spool", true, fs_read_dir));
}

TEST(Path, DevicesAndDaemons) {
	for (const char *path : {"/dev/sda", "/dev/vdb1", "/dev/nvme0n1", "/dev/dm-0", "/dev/loop7", "/dev/mem", "/dev/port"})
		EXPECT_TRUE(is_regretted(path, false, fs_read_file)) << path;
	for (const char *path : {"/dev/null", "/dev/loop-control", "/dev/stdin", "/dev/random"})
		EXPECT_FALSE(is_regretted(path, false, fs_read_file)) << path;
	for (const char *path : {"/run/docker.sock", "/run/podman/podman.sock", "/run/user/1000/bus"}) {
		EXPECT_TRUE(is_regretted(path, false, fs_resolve_unix)) << path;
		EXPECT_TRUE(is_regretted(path, false, fs_write_file)) << path;
	}
	EXPECT_TRUE(is_regretted("/run/user/1000", true, fs_resolve_unix));
	EXPECT_FALSE(is_regretted("/run/user/1000", true, fs_read_dir));
	EXPECT_FALSE(is_regretted("/run/mine/docker.sock", false, fs_resolve_unix));
}

TEST(Path, Terminals) {
	for (const char *path : {"/dev/tty", "/dev/pts"}) {
		EXPECT_TRUE(is_regretted(path, false, fs_write_file)) << path;
		EXPECT_TRUE(is_regretted(path, false, fs_ioctl_dev)) << path;
		EXPECT_TRUE(is_regretted(path, false, fs_read_file)) << path;
	}
}

TEST(Path, Homes) {
	EXPECT_NE(regret("/data/me", true, fs_read_dir, "/data/me"), "");
	EXPECT_NE(regret("/data", true, fs_read_dir, "/data/me"), "");
	EXPECT_EQ(regret("/data/me/project", true, fs_read_dir, "/data/me"), "");
	EXPECT_NE(regret("/data/me/bin/ls", false, fs_write_file, "/data/me"), "");
	EXPECT_EQ(regret("/data/me/bin/ls", false, fs_read_file, "/data/me"), "");
	EXPECT_EQ(regret("/data/m", true, fs_read_dir, "/data/me"), "");
}

TEST(Path, WhatIsDoneToASecret) {
	EXPECT_EQ(regret("/srv/w/.netrc", false, fs_read_file, ""), "it gives away a secret");
	EXPECT_EQ(regret("/srv/w/.netrc", false, fs_write_file, ""), "it lets the program change or remove a secret");
}

// Whole names, of which each is regretted wherever it is.
TEST(Path, NamesToLookFor) {
	EXPECT_GT(kept_names().size(), 20u);
	for (const std::string &name : kept_names()) {
		EXPECT_EQ(name.find_first_of("*?["), std::string::npos) << name;
		EXPECT_TRUE(is_regretted("/srv/app" + name, false, fs_write_file)) << name;
	}
}

TEST(Path, WhatIsRunLater) {
	for (const char *path : {"/root/.bashrc", "/root/.bash_login", "/home/me/.profile", "/home/me/.zshrc"}) {
		EXPECT_TRUE(is_regretted(path, false, fs_write_file)) << path;
		EXPECT_FALSE(is_regretted(path, false, fs_read_file)) << path;
	}
	EXPECT_TRUE(is_regretted("/home/me/.config/autostart", true, fs_make_reg));
	EXPECT_FALSE(is_regretted("/home/me/.config/autostart", true, fs_read_dir));
}

TEST(Path, Habits) {
	EXPECT_TRUE(is_habit("/usr/lib/python3/__pycache__", fs_read_file));
	EXPECT_TRUE(is_habit("/usr/lib/python3/__pycache__/x.pyc", fs_read_file));
	EXPECT_TRUE(is_habit("/proc/7/maps", fs_read_file));
	EXPECT_TRUE(is_habit("/usr/share/zoneinfo/Europe/Paris", fs_read_file));
	EXPECT_TRUE(is_habit("/proc/sys/vm/overcommit_memory", fs_read_file));
	EXPECT_FALSE(is_habit("/proc/sys/vm/overcommit_memory", fs_write_file));
	EXPECT_TRUE(is_habit("/usr/lib/python3/__pycache__/x.pyc", fs_write_file));
	EXPECT_FALSE(is_habit("/proc/7/environ", fs_read_file));
	EXPECT_FALSE(is_habit("/etc/shadow", fs_read_file));
}
