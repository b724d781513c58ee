// SPDX-License-Identifier: GPL-2.0-only
#include "access.h"

#include <gtest/gtest.h>

using namespace landlock;

TEST(Access, Names) {
	EXPECT_EQ(names(Type::fs, fs_execute | fs_resolve_unix), "execute|resolve_unix");
	EXPECT_EQ(names(Type::net, net_bind_tcp | net_connect_send_udp, ", "), "bind_tcp, connect_send_udp");
	EXPECT_EQ(names(Type::scope, scope_signal), "signal");
	EXPECT_EQ(names(Type::fs, 0), "");
}

TEST(Access, KeepsWhatItDoesNotKnow) {
	EXPECT_EQ(names(Type::fs, fs_truncate | 1u << 20), "truncate|0x100000");
	EXPECT_EQ(names(Type::net, 1u << 31), "0x80000000");
}

TEST(Access, Constants) {
	EXPECT_EQ(c_names(Type::fs, fs_read_dir | fs_refer), "LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REFER");
	EXPECT_EQ(c_names(Type::net, net_bind_udp), "LANDLOCK_ACCESS_NET_BIND_UDP");
	EXPECT_EQ(c_names(Type::scope, scope_abstract_unix_socket), "LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET");
	EXPECT_EQ(c_names(Type::fs, 0), "0");
}
