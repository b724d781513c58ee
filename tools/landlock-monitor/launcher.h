// SPDX-License-Identifier: GPL-2.0-only
//
// Command lines of known launchers of sandboxes: where their rules are, and how
// to add some.
#pragma once

#include "record.h"
#include "suggest.h"
#include "tasks.h"

#include <set>
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

// The domains that the launcher makes: all of its process, threads included, until
// it executes the program.  That may make others, which have their rules elsewhere.
class OwnDomains {
public:
	explicit OwnDomains(int pid) : pid_(pid) {}

	void apply(const Record &record, const Process &process);
	const std::set<uint64_t> &ids() const { return ids_; }

private:
	int pid_;
	bool is_complete_ = false;
	std::set<uint64_t> ids_;
};

// Changes @argv and @environment so that @suggestions are allowed too.
bool add_rules(const Launcher &launcher, const std::vector<Suggestion> &suggestions, std::vector<std::string> &argv,
	       Environment &environment);

} // namespace landlock
