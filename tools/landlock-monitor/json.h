// SPDX-License-Identifier: GPL-2.0-only
//
// JSON Lines for programs.  Each object has "v", the version of this schema, and
// "type".  Strings of others are escaped as the kernel escapes them, so that all
// of it is ASCII; IDs are strings of hexadecimal digits, as many readers round
// large numbers.  Fields are only added; else the version changes.
#pragma once

#include "advice.h"
#include "calls.h"
#include "explain.h"
#include "open.h"

#include <fmt/format.h>

#include <string>

namespace landlock {

inline constexpr int json_version = 2;

// Appends one event and a newline.
void event_json(fmt::memory_buffer &out, const Record &record, const Process &process);

// One line for each distinct denial, one for what to do about each, then one for the
// whole.
std::string explanation_json(const Explanation &explanation, const Circumstances &run, const Lost &lost);

// One line for each of Landlock's calls that failed.
std::string calls_json(const Calls &calls);

// One line for each sentence.
std::string hints_json(const std::vector<std::string> &hints);

// One line for each domain on what it does not restrict.
std::string open_json(const std::vector<DomainOpen> &list);

// One line where events are lost.
std::string gap_json();

// One line on how many are lost.
std::string lost_json(const Lost &lost);

} // namespace landlock
