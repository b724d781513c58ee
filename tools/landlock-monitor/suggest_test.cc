// SPDX-License-Identifier: GPL-2.0-only
#include "suggest.h"

#include "testing.h"

#include <gtest/gtest.h>

using namespace landlock;

TEST(Suggest, AFile) {
	const Suggestion s = suggest(make_fs_denial(1, "/etc/passwd", fs_read_file));

	EXPECT_EQ(s.impossible, "");
	EXPECT_FALSE(s.is_directory);
	EXPECT_EQ(s.c.text, ".parent_fd = open(\"/etc/passwd\", O_PATH | O_CLOEXEC), .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE");
	EXPECT_EQ(s.c.opens, "nothing");
	EXPECT_EQ(s.variable, "LL_FS_RO");
	EXPECT_EQ(s.sandboxer.extra, fs_execute);
	EXPECT_EQ(s.sandboxer.opens, "execute");
	EXPECT_EQ(s.landrun.text, "--ro /etc/passwd");
	EXPECT_EQ(s.landrun.opens, "nothing");
}

TEST(Suggest, AFileToWriteOrExecute) {
	EXPECT_EQ(suggest(make_fs_denial(1, "/x", fs_write_file | fs_truncate)).variable, "LL_FS_RW");
	EXPECT_EQ(suggest(make_fs_denial(1, "/x", fs_write_file)).landrun.text, "--rw /x");
	EXPECT_EQ(suggest(make_fs_denial(1, "/x", fs_execute)).landrun.text, "--rox /x");
	EXPECT_EQ(suggest(make_fs_denial(1, "/x", fs_execute | fs_write_file)).landrun.text, "--rwx /x");
}

TEST(Suggest, ADirectory) {
	const Suggestion s = suggest(make_fs_denial(1, "/var", fs_make_reg));

	EXPECT_TRUE(s.is_directory);
	EXPECT_EQ(s.c.opens, "make_reg for everything beneath /var");
	EXPECT_EQ(s.variable, "LL_FS_RW");
	EXPECT_EQ(s.sandboxer.opens, "all rights for everything beneath /var");
}

TEST(Suggest, Ports) {
	const Suggestion s = suggest(make_net_denial(1, 80, net_connect_tcp));

	EXPECT_EQ(s.c.text, ".port = 80, .allowed_access = LANDLOCK_ACCESS_NET_CONNECT_TCP");
	EXPECT_EQ(s.c.opens, "port 80 of every address");
	EXPECT_EQ(s.sandboxer.text, "LL_TCP_CONNECT=\"${LL_TCP_CONNECT:+$LL_TCP_CONNECT:}\"80");
	EXPECT_EQ(s.landrun.text, "--connect-tcp 80");
	EXPECT_EQ(suggest(make_net_denial(1, 80, net_bind_tcp)).variable, "LL_TCP_BIND");
	EXPECT_EQ(suggest(make_net_denial(1, 53, net_bind_udp)).variable, "LL_UDP_BIND");
	const Suggestion udp = suggest(make_net_denial(1, 53, net_connect_send_udp));
	EXPECT_EQ(udp.variable, "LL_UDP_CONNECT_SEND");
	EXPECT_EQ(udp.landrun.text, "");
	EXPECT_NE(udp.landrun.why, "");
	EXPECT_EQ(suggest(make_net_denial(1, 0, net_bind_tcp)).c.opens, "every port that the kernel picks itself");
}

TEST(Suggest, WhatNoRuleCanGrant) {
	Record topology = make_fs_denial(1, "/mnt", 0);
	topology.topology = true;
	Record signal, socket, ptrace;
	signal.kind = Kind::deny_signal;
	socket.kind = Kind::deny_socket;
	ptrace.kind = Kind::deny_ptrace;

	for (const Record &record : {topology, signal, socket, ptrace, make_net_denial(1, -1, net_connect_tcp),
				     make_fs_denial(1, "<too_long>", fs_read_file),
				     make_fs_denial(1, "/tmp/x (deleted)", fs_read_file)}) {
		EXPECT_NE(suggest(record).impossible, "");
		EXPECT_TRUE(with_suggestions({}, {suggest(record)}).empty());
	}
}

TEST(Suggest, WhatALauncherCannotSay) {
	EXPECT_EQ(suggest(make_fs_denial(1, "/a:b", fs_read_file)).variable, "");
	EXPECT_NE(suggest(make_fs_denial(1, "/a:b", fs_read_file)).sandboxer.why, "");
	EXPECT_EQ(suggest(make_fs_denial(1, "/a,b", fs_read_file)).landrun.text, "");
	EXPECT_NE(suggest(make_fs_denial(1, "/x", fs_resolve_unix)).landrun.why, "");
}

TEST(Suggest, HostileNames) {
	const Suggestion s = suggest(make_fs_denial(1, "/tmp/$(reboot)\n\x1b[2J", fs_read_file));

	EXPECT_EQ(s.sandboxer.text, "LL_FS_RO=\"${LL_FS_RO:+$LL_FS_RO:}\"$'/tmp/$(reboot)\\012\\033[2J'");
	EXPECT_EQ(s.landrun.text, "--ro $'/tmp/$(reboot)\\012\\033[2J'");
}

TEST(Suggest, ListsGrowOnce) {
	const std::vector<Suggestion> all = {
		suggest(make_fs_denial(1, "/etc/passwd", fs_read_file)), suggest(make_fs_denial(1, "/etc/passwd", fs_read_file)),
		suggest(make_net_denial(1, 80, net_connect_tcp)),	 suggest(make_net_denial(1, 8, net_connect_tcp)),
		suggest(make_fs_denial(1, "/usr", fs_read_dir)),
	};
	const Environment changed = with_suggestions({{"LL_FS_RO", "/usr"}, {"LL_FS_RW", "/tmp"}}, all);

	EXPECT_EQ(assignments(changed), "LL_FS_RO=/usr:/etc/passwd LL_TCP_CONNECT=80:8");
}
