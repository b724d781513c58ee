// SPDX-License-Identifier: GPL-2.0-only
//
// What /proc says of a process.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace landlock {

// The value of @field, as "Tgid", in the status of @pid, which may be a thread's;
// nothing if that is gone, or hidden from us.
std::optional<std::string> proc_status(int pid, std::string_view field);

// The same as a number, of several the first.
std::optional<int> proc_status_number(int pid, std::string_view field);

} // namespace landlock
