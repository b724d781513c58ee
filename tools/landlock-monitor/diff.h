// SPDX-License-Identifier: GPL-2.0-only
//
// What a change of policy changed: the denials of two recordings.
#pragma once

#include "explain.h"

#include <string>

namespace landlock {

// Denials that only one of them has, and those whose number differs.
std::string diff_text(const Explanation &before, const Explanation &after);

// The same for programs, one line each.
std::string diff_json(const Explanation &before, const Explanation &after);

} // namespace landlock
