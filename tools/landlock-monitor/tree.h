// SPDX-License-Identifier: GPL-2.0-only
//
// Domains as a tree: which is inside of which.
#pragma once

#include "state.h"

#include <string>

namespace landlock {

// One line for each domain, those inside of it below; if @is_verbose, one more on
// what it does not restrict.
std::string tree_text(const State &state, bool is_verbose = false);

// The same for Graphviz.
std::string tree_dot(const State &state);

} // namespace landlock
