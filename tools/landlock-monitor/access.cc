// SPDX-License-Identifier: GPL-2.0-only
#include "access.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <span>

namespace landlock {
namespace {

// In the order of their bits.
constexpr std::array<const char *, 17> fs_names = {
	"execute",   "write_file", "read_file", "read_dir",  "remove_dir", "remove_file",
	"make_char", "make_dir",   "make_reg",  "make_sock", "make_fifo",  "make_block",
	"make_sym",  "refer",      "truncate",  "ioctl_dev", "resolve_unix",
};
constexpr std::array<const char *, 4> net_names = {
	"bind_tcp", "connect_tcp", "bind_udp", "connect_send_udp",
};
constexpr std::array<const char *, 2> scope_names = {"abstract_unix_socket", "signal"};

std::span<const char *const> table(Type type) {
	switch (type) {
	case Type::fs: return fs_names;
	case Type::net: return net_names;
	case Type::scope: break;
	}
	return scope_names;
}

const char *c_prefix(Type type) {
	switch (type) {
	case Type::fs: return "LANDLOCK_ACCESS_FS_";
	case Type::net: return "LANDLOCK_ACCESS_NET_";
	case Type::scope: break;
	}
	return "LANDLOCK_SCOPE_";
}

} // namespace

uint32_t all_rights(Type type) {
	return (uint32_t{1} << table(type).size()) - 1;
}

std::vector<std::string> name_list(Type type, uint32_t mask) {
	std::vector<std::string> list;
	const auto all = table(type);

	for (size_t i = 0; i < all.size(); i++) {
		if (mask & (uint32_t{1} << i))
			list.emplace_back(all[i]);
	}
	if (const uint32_t rest = mask & ~all_rights(type))
		list.push_back(fmt::format("0x{:x}", rest));
	return list;
}

std::string names(Type type, uint32_t mask, std::string_view separator) {
	return fmt::format("{}", fmt::join(name_list(type, mask), separator));
}

std::string c_names(Type type, uint32_t mask) {
	auto list = name_list(type, mask);

	for (std::string &name : list) {
		if (name.starts_with("0x"))
			continue;
		for (char &c : name)
			c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
		name = c_prefix(type) + name;
	}
	return list.empty() ? "0" : fmt::format("{}", fmt::join(list, " | "));
}

} // namespace landlock
