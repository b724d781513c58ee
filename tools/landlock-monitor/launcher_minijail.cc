// SPDX-License-Identifier: GPL-2.0-only
//
// minijail0, of 2026.05: its rules are options.
#include "launcher.h"

namespace landlock {
namespace {

constexpr uint32_t ro = fs_read_file | fs_read_dir;
// A right to truncate or to use devices is not handled, hence free, unless
// --landlock-abi is high enough; then these have it.
constexpr uint32_t rw = ro | fs_write_file | fs_remove_dir | fs_remove_file | fs_make_dir | fs_make_reg | fs_truncate;
constexpr PathFlag flags[] = {
	{"--fs-path-ro", ro},
	{"--fs-path-rx", ro | fs_execute},
	{"--fs-path-rw", rw},
	{"--fs-path-advanced-rw",
	 rw | fs_make_char | fs_make_sock | fs_make_fifo | fs_make_block | fs_make_sym | fs_refer | fs_ioctl_dev},
};

class Minijail : public Launcher {
public:
	std::string_view name() const override { return "minijail0"; }
	bool is(std::string_view program) const override { return program == "minijail0"; }

private:
	Form write(const Wanted &wanted) const override {
		if (wanted.type != Type::fs)
			return cannot("minijail0 only has Landlock rules for files");
		return path_form(name(), flags, wanted);
	}
};

} // namespace

const Launcher &minijail() {
	static const Minijail launcher;

	return launcher;
}

} // namespace landlock
