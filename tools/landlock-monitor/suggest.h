// SPDX-License-Identifier: GPL-2.0-only
//
// The smallest rule that allows what was denied, in the forms that people need.
#pragma once

#include "access.h"
#include "record.h"

#include <map>
#include <string>
#include <vector>

namespace landlock {

// One form of a rule: what to type, and what it opens beyond what was missing.
struct Form {
	std::string text;  // "" if this launcher has no way to say it
	std::string why;   // then, why
	uint32_t extra = 0; // rights beyond those that were missing
	std::string opens;  // what it opens beyond the denied request, in words
};

struct Suggestion {
	// Why no rule can grant it; "" if one can.
	std::string impossible;
	std::string remedy; // what else helps then

	Type type = Type::fs;
	uint32_t rights = 0;
	std::string path; // of a file system rule: raw
	bool is_directory = false;
	uint64_t port = 0;

	Form c;
	Form sandboxer; // VARIABLE=VALUE, quoted for a shell
	std::string variable, value; // the same for programs: what to add to which list
	Form landrun;
	std::vector<std::string> landrun_words; // the same for programs
};

// What would allow @denial.
Suggestion suggest(const Record &denial);

// Environment variables by name; as they are, not quoted.
using Environment = std::map<std::string, std::string>;

// @lists, as LL_FS_RO or LL_TCP_BIND, with what @suggestions add: all of the
// variables that change, whole.
Environment with_suggestions(const Environment &lists, const std::vector<Suggestion> &suggestions);

// "A='x:y' B=z" for a shell, in front of a command.
std::string assignments(const Environment &variables);

} // namespace landlock
