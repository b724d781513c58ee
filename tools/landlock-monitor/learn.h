// SPDX-License-Identifier: GPL-2.0-only
//
// Which suggested rules may be added without a person.
#pragma once

#include "suggest.h"

#include <string>
#include <vector>

namespace landlock {

// "" if @suggestion is within @roots or @ports and its launcher can say it; else why
// not.  One that is kept @apart, "" if it is not, has to be for one of @roots itself.
std::string refusal(const Suggestion &suggestion, const std::string &apart, bool ask_nobody,
		    const std::vector<std::string> &roots, const std::vector<std::string> &ports);

} // namespace landlock
