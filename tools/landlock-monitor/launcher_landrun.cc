// SPDX-License-Identifier: GPL-2.0-only
//
// landrun: its rules are flags.
#include "launcher.h"

#include "escape.h"

#include <fmt/format.h>

namespace landlock {
namespace {

constexpr uint32_t ro = fs_read_file | fs_read_dir;
constexpr uint32_t rw = ro | fs_write_file | fs_remove_dir | fs_remove_file | fs_make_char | fs_make_dir | fs_make_reg |
			fs_make_sock | fs_make_fifo | fs_make_block | fs_make_sym | fs_refer | fs_truncate | fs_ioctl_dev;

struct Flag {
	const char *name;
	uint32_t rights;
};

// The smallest first.
constexpr Flag flags[] = {{"--ro", ro}, {"--rox", ro | fs_execute}, {"--rw", rw}, {"--rwx", rw | fs_execute}};

Form written(const char *flag, const std::string &value) {
	Form form;

	form.words = {flag, value};
	form.text = fmt::format("{} {}", flag, shell_quote(value));
	return form;
}

Form fs_form(const Wanted &wanted) {
	if (wanted.path.find(',') != std::string::npos)
		return cannot("its lists are split at ',', which this path has: allow a directory above it");
	for (const Flag &flag : flags) {
		if (wanted.rights & ~flag.rights)
			continue;
		Form form = written(flag.name, wanted.path);
		form.extra = flag.rights & (wanted.is_directory ? ~uint32_t{0} : fs_file_rights) & ~wanted.rights;
		form.opens = opens(wanted, form.extra);
		return form;
	}
	return cannot("landrun has no flag for this right");
}

class Landrun : public Launcher {
public:
	std::string_view name() const override { return "landrun"; }
	bool is(std::string_view program) const override { return program == "landrun"; }
	Form form(const Wanted &wanted) const override {
		if (wanted.type == Type::fs)
			return fs_form(wanted);
		if (wanted.rights != net_bind_tcp && wanted.rights != net_connect_tcp)
			return cannot("landrun has no flag for this right");
		Form form = written(wanted.rights == net_bind_tcp ? "--bind-tcp" : "--connect-tcp",
				    std::to_string(wanted.port));
		form.opens = opens(wanted, 0);
		return form;
	}
};

} // namespace

const Launcher &landrun() {
	static const Landrun launcher;

	return launcher;
}

} // namespace landlock
