// SPDX-License-Identifier: GPL-2.0-only
//
// firejail, of version 0.9.80: its rules are options, most of them for directories.
#include "launcher.h"

#include "path.h"

namespace landlock {
namespace {

constexpr PathFlag flags[] = {
	{"--landlock.fs.read=", fs_read_file | fs_read_dir},
	{"--landlock.fs.write=",
	 fs_write_file | fs_remove_dir | fs_remove_file | fs_make_dir | fs_make_reg | fs_make_sym},
	{"--landlock.fs.makeipc=", fs_make_sock | fs_make_fifo},
	{"--landlock.fs.makedev=", fs_make_char | fs_make_block},
	{"--landlock.fs.execute=", fs_execute},
};

class Firejail : public Launcher {
public:
	std::string_view name() const override { return "firejail"; }
	bool is(std::string_view program) const override { return program == "firejail"; }
	// For a file, it would go on without the rule.
	Wanted widened(const Wanted &wanted) const override {
		Wanted folder = wanted;

		if (wanted.type != Type::fs || wanted.is_directory || wanted.rights == fs_execute)
			return wanted;
		folder.path = parent(wanted.path);
		folder.is_directory = true;
		return folder;
	}

private:
	Form write(const Wanted &wanted) const override {
		if (wanted.type != Type::fs)
			return cannot("firejail only has Landlock rules for files");
		return path_form(name(), flags, wanted);
	}
};

} // namespace

const Launcher &firejail() {
	static const Firejail launcher;

	return launcher;
}

} // namespace landlock
