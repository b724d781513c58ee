// SPDX-License-Identifier: GPL-2.0-only
//
// Command lines of known launchers of sandboxes: where their rules are, and how
// to add some.
#pragma once

#include "suggest.h"

#include <string>
#include <vector>

namespace landlock {

struct Launcher {
	std::string name; // "sandboxer", "landrun", or "" for something else
	size_t index = 0; // of its word
	Environment lists; // the sandboxer's LL_..., with those of "env LL_...=..." in front
};

// What @argv starts, with @environment.
Launcher find_launcher(const std::vector<std::string> &argv, const Environment &environment);

// Changes @argv and @environment so that @suggestions are allowed too.
bool add_rules(const Launcher &launcher, const std::vector<Suggestion> &suggestions, std::vector<std::string> &argv,
	       Environment &environment);

} // namespace landlock
