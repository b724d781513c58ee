// SPDX-License-Identifier: GPL-2.0-only
#include "suggest.h"

#include "testing.h"

#include <gtest/gtest.h>

using namespace landlock;

TEST(Suggest, AFileForAProgramThatSandboxesItself) {
	const Suggestion s = suggest(make_fs_denial(1, "/etc/passwd", fs_read_file), {});

	EXPECT_EQ(s.impossible, "");
	EXPECT_FALSE(s.wanted.is_directory);
	EXPECT_EQ(s.launcher, &c_code());
	EXPECT_EQ(s.form.text, ".parent_fd = open(\"/etc/passwd\", O_PATH | O_CLOEXEC), .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE");
	EXPECT_EQ(s.form.opens, "nothing");
}

TEST(Suggest, TheMakersForm) {
	Domain domain;

	domain.creator.exe = "/usr/bin/landrun";
	EXPECT_EQ(suggest(make_fs_denial(1, "/etc/passwd", fs_read_file), domain).form.text, "--ro /etc/passwd");
	// The program's own, but with a ruleset of its launcher.
	domain.creator.exe = "/usr/bin/cat";
	domain.ruleset.creator.exe = "/opt/sandboxer";
	EXPECT_EQ(suggest(make_fs_denial(1, "/etc/passwd", fs_read_file), domain).launcher, &sandboxer());
}

TEST(Suggest, ADirectory) {
	const Suggestion s = suggest(make_fs_denial(1, "/var", fs_make_reg), {});

	EXPECT_TRUE(s.wanted.is_directory);
	EXPECT_EQ(s.form.opens, "make_reg for everything beneath /var");
}

TEST(Suggest, WhatNoRuleCanGrant) {
	Record topology = make_fs_denial(1, "/mnt", 0);
	topology.topology = true;
	Record signal, socket, ptrace;
	signal.kind = Kind::deny_signal;
	socket.kind = Kind::deny_socket;
	ptrace.kind = Kind::deny_ptrace;

	for (const Record &record : {topology, signal, socket, ptrace, make_net_denial(1, -1, net_connect_tcp),
				     make_fs_denial(1, "<too_long>", fs_read_file)}) {
		EXPECT_NE(suggest(record, {}).impossible, "");
		EXPECT_EQ(suggest(record, {}).form.text, "");
	}
}

TEST(Suggest, AScopeOfTheMaker) {
	Record signal;
	Domain domain;

	signal.kind = Kind::deny_signal;
	domain.creator.exe = "/usr/bin/landrun";
	EXPECT_EQ(suggest(signal, domain).remedy, landrun().without_scope(scope_signal));
	signal.kind = Kind::deny_socket;
	EXPECT_TRUE(suggest(signal, domain).remedy.ends_with("; or use a socket with a path"));
}

// The path of an event begins at the root of all.
TEST(Suggest, ALauncherWithAnotherRoot) {
	Domain domain;

	domain.creator = {5, "landrun", "/usr/bin/landrun", true};
	EXPECT_NE(suggest(make_fs_denial(1, "/jail/etc/passwd", fs_read_file), domain).impossible.find("chroot"), std::string::npos);
	EXPECT_EQ(suggest(make_fs_denial(1, "/jail/etc/passwd", fs_read_file), domain).form.text, "");
	EXPECT_EQ(suggest(make_net_denial(1, 80, net_bind_tcp), domain).form.text, "--bind-tcp 80");
}

// The kernel adds no such text to a path: it is the file's own name.
TEST(Suggest, ANameLikeADeletedFiles) {
	EXPECT_EQ(suggest(make_fs_denial(1, "/tmp/x (deleted)", fs_read_file), {}).impossible, "");
}
