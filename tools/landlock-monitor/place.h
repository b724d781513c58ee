// SPDX-License-Identifier: GPL-2.0-only
//
// What is at a path of this machine, now.
#pragma once

#include <cstdint>
#include <string>

namespace landlock {

struct Place {
	bool is_known = false;  // else nothing is: we may not look, or it is not here
	bool is_gone = false;
	bool is_directory = false;
	bool is_link = false;
	bool is_raw = false; // a disk, or the machine's memory
	bool is_new = false; // made since
};

// Looks at @path, which is not followed if it is a link; @since is in nanoseconds
// since the epoch.
Place look(const std::string &path, int64_t since);

} // namespace landlock
