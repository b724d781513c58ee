// SPDX-License-Identifier: GPL-2.0-only
//
// Which suggested rules may be added without a person.
#pragma once

#include "suggest.h"

#include <string>
#include <vector>

namespace landlock {

// "" if @suggestion is within @roots or @ports and can be said to @launcher
// ("sandboxer" or "landrun"); else why not.
std::string refusal(const Suggestion &suggestion, const std::string &launcher, bool ask_nobody,
		    const std::vector<std::string> &roots, const std::vector<std::string> &ports);

} // namespace landlock
