// SPDX-License-Identifier: GPL-2.0-only
//
// Work in a process of its own, for data that could crash who reads it.
#pragma once

#include "error.h"

#include <functional>
#include <string>

namespace landlock {

// Returns what @work returns.  Throws @crash if its process is killed; what @work
// throws itself is reported there, and ends this one with an Error that says nothing.
std::string apart(const std::function<std::string()> &work, const Error &crash);

} // namespace landlock
