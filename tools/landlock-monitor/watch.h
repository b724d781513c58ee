// SPDX-License-Identifier: GPL-2.0-only
//
// Which records a watch is about.
#pragma once

#include "options.h"
#include "record.h"
#include "state.h"
#include "tasks.h"

namespace landlock {

// Whether @record is shown at this verbosity and is of the program or domain
// that was asked for.
bool is_watched(const Options &options, uint64_t domain, const Record &record, const Process &process,
		const State &state);

// The ID in @text, hexadecimal with or without "0x".  Throws an Error.
uint64_t parse_domain(const std::string &text);

} // namespace landlock
