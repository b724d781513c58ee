// SPDX-License-Identifier: GPL-2.0-only
//
// The smallest rule that allows what was denied, as whoever made the layer that
// refused has to write it.
#pragma once

#include "launcher.h"
#include "record.h"
#include "state.h"

#include <string>

namespace landlock {

struct Suggestion {
	// Why no rule can grant it; "" if one can.
	std::string impossible;
	std::string remedy; // what else helps then

	Wanted wanted;
	const Launcher *launcher = &c_code(); // what made the layer
	Form form;                            // in its language
};

// What would allow @denial in @domain, the layer that refused.
Suggestion suggest(const Record &denial, const Domain &domain);

// @suggestion for another rule: for @wanted, or the next that its launcher can allow.
Suggestion with_rule(const Suggestion &suggestion, const Wanted &wanted);

} // namespace landlock
