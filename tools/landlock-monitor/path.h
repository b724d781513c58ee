// SPDX-License-Identifier: GPL-2.0-only
//
// What a path alone tells: all of them are absolute, as the kernel reports them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace landlock {

// Whether @path is @folder or beneath it.
bool is_beneath(std::string_view path, std::string_view folder);

// The directory that @path is in; "/" for "/".
std::string parent(std::string_view path);

// Whether @path is of one process (/proc/PID...), which has another number the next
// time; all but the first have.
bool is_of_process(std::string_view path);

// Why nobody should grant @rights on @path or, if @is_directory, on all that may be
// beneath it; "" if that is fine.  @home is the user's.
std::string regret(const std::string &path, bool is_directory, uint32_t rights, std::string_view home);

// The names that regret() knows wherever they are, with a slash in front, except those
// that are only known by a pattern.
const std::vector<std::string> &kept_names();

// Whether programs ask for @rights on @path habitually and go on without it.
bool is_habit(std::string_view path, uint32_t rights);

// Whether Python, which compiles what it imports, makes __pycache__ in @path if it may.
bool is_compiled_in(std::string_view path);

} // namespace landlock
