// SPDX-License-Identifier: GPL-2.0-only
//
// landrun, of version 0.1.17: its rules are flags.
#include "launcher.h"

#include <fmt/format.h>

#include <cctype>

namespace landlock {
namespace {

constexpr uint32_t ro = fs_read_file | fs_read_dir;
constexpr uint32_t rw = ro | fs_write_file | fs_remove_dir | fs_remove_file | fs_make_char | fs_make_dir | fs_make_reg |
			fs_make_sock | fs_make_fifo | fs_make_block | fs_make_sym | fs_refer | fs_truncate | fs_ioctl_dev;
constexpr PathFlag flags[] = {{"--ro", ro},
			      {"--rox", ro | fs_execute},
			      {"--rw", rw},
			      {"--rwx", rw | fs_execute},
			      {"--unix", ro | fs_resolve_unix}};

class Landrun : public Launcher {
public:
	std::string_view name() const override { return "landrun"; }
	bool is(std::string_view program) const override { return program == "landrun"; }
	// It looks there for the program, and a shell only hands on what it was given itself.
	std::string_view exports() const override { return "PATH=\"$PATH\""; }
	std::string without_scope(uint32_t) const override {
		return fmt::format("add --unrestricted-scoped, which opens {} and {}", opens_without(scope_signal),
				   opens_without(scope_abstract_unix_socket));
	}

private:
	Form write(const Wanted &wanted) const override {
		if (wanted.type == Type::fs) {
			if (wanted.path.find(',') != std::string::npos)
				return cannot("its lists are split at ',', which this path has: allow a directory above it");
			if (!wanted.path.empty() && std::isspace(static_cast<unsigned char>(wanted.path.back())))
				return cannot("it cuts off the space at the end of this path: allow a directory above it");
			return path_form(name(), flags, wanted);
		}
		if (wanted.rights != net_bind_tcp && wanted.rights != net_connect_tcp)
			return cannot("landrun has no flag for this right");
		return flag_form({wanted.rights == net_bind_tcp ? "--bind-tcp" : "--connect-tcp", std::to_string(wanted.port)},
				 wanted);
	}
};

} // namespace

const Launcher &landrun() {
	static const Landrun launcher;

	return launcher;
}

} // namespace landlock
