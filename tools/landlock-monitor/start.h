// SPDX-License-Identifier: GPL-2.0-only
//
// Where a command line starts a launcher, which may be behind "env", "sudo" and the
// like, and which variables it gets.
#pragma once

#include "launcher.h"

#include <string>
#include <vector>

namespace landlock {

struct Start {
	const Launcher *launcher = nullptr; // nullptr if it starts none
	size_t index = 0;                   // of its word
	bool is_script = false;             // that word is a shell's script, which it is in
	bool is_split = false;              // "env" splits a string: what it starts is not known
	Environment environment;            // that it gets
	// Before which word a variable for it can be put; 0 if it gets all of ours.
	size_t place = 0;
	bool has_env = false; // "env" takes that variable
};

// What @argv starts, with @environment.
Start find_launcher(const std::vector<std::string> &argv, const Environment &environment);

// Makes the launcher of @argv and @environment get @name with @value.
void set_variable(const std::string &name, const std::string &value, std::vector<std::string> &argv,
		  Environment &environment);

} // namespace landlock
