// SPDX-License-Identifier: GPL-2.0-only
//
// Access rights and their names, as the kernel spells them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace landlock {

// What kind of right a bit of a mask stands for.
enum class Type { fs, net, scope };

inline constexpr uint32_t fs_execute = 1 << 0;
inline constexpr uint32_t fs_write_file = 1 << 1;
inline constexpr uint32_t fs_read_file = 1 << 2;
inline constexpr uint32_t fs_read_dir = 1 << 3;
inline constexpr uint32_t fs_remove_dir = 1 << 4;
inline constexpr uint32_t fs_remove_file = 1 << 5;
inline constexpr uint32_t fs_make_char = 1 << 6;
inline constexpr uint32_t fs_make_dir = 1 << 7;
inline constexpr uint32_t fs_make_reg = 1 << 8;
inline constexpr uint32_t fs_make_sock = 1 << 9;
inline constexpr uint32_t fs_make_fifo = 1 << 10;
inline constexpr uint32_t fs_make_block = 1 << 11;
inline constexpr uint32_t fs_make_sym = 1 << 12;
inline constexpr uint32_t fs_refer = 1 << 13;
inline constexpr uint32_t fs_truncate = 1 << 14;
inline constexpr uint32_t fs_ioctl_dev = 1 << 15;
inline constexpr uint32_t fs_resolve_unix = 1 << 16;

inline constexpr uint32_t net_bind_tcp = 1 << 0;
inline constexpr uint32_t net_connect_tcp = 1 << 1;
inline constexpr uint32_t net_bind_udp = 1 << 2;
inline constexpr uint32_t net_connect_send_udp = 1 << 3;

inline constexpr uint32_t scope_abstract_unix_socket = 1 << 0;
inline constexpr uint32_t scope_signal = 1 << 1;

// The rights that a rule for something else than a directory can have.
inline constexpr uint32_t fs_file_rights = fs_execute | fs_write_file | fs_read_file | fs_truncate |
					   fs_ioctl_dev | fs_resolve_unix;

// All that have a name.
uint32_t all_rights(Type type);

// The names in @mask, joined by @separator; bits without a name as a number.
std::string names(Type type, uint32_t mask, std::string_view separator = "|");

// The same as constants of linux/landlock.h.
std::string c_names(Type type, uint32_t mask);

// The same, one by one.
std::vector<std::string> name_list(Type type, uint32_t mask);

} // namespace landlock
