// SPDX-License-Identifier: GPL-2.0-only
//
// What a domain leaves open: the rights that none of its layers handles.
#pragma once

#include "state.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace landlock {

struct Open {
	uint32_t fs = 0;
	uint32_t net = 0;
	uint32_t scopes = 0;
};

// Of the rights that have a name, those that are not restricted in @domain and
// those it is inside of; nothing if one of them is not known.
std::optional<Open> open_rights(const State &state, uint64_t domain);

// The same in words: what follows "not restricted: ".
std::string open_text(const std::optional<Open> &open);

struct DomainOpen {
	Domain domain;
	std::optional<Open> open;
};

// Of the domains with these @ids or, if there are none, of all that were made
// during the watch.
std::vector<DomainOpen> open_of(const State &state, const std::set<uint64_t> &ids);

// One sentence for all domains of one creator that leave the same open.
std::vector<std::string> open_lines(const std::vector<DomainOpen> &list);

} // namespace landlock
