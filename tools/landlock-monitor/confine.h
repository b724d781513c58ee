// SPDX-License-Identifier: GPL-2.0-only
//
// What the monitor gives up once all is set up: what it reads from then on was
// chosen by programs that it must not trust.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace landlock {

// Rights of access.h to a file, or to a folder and what is in it.
struct Grant {
	std::string path;
	uint32_t rights;
};

struct Confinement {
	std::vector<Grant> grants; // what it still uses
	bool can_signal = false;   // processes of other users too
	bool can_look = false;     // what is in folders of other users, which may be private
	// It starts a command again, which is to have all of its privileges: it only
	// lays them aside, until regain().  Whoever took it over could take them up,
	// but could start any command then anyway.
	bool is_temporary = false;

	void add(const std::vector<Grant> &more) { grants.insert(grants.end(), more.begin(), more.end()); }
};

// Gives up the rest: capabilities, privileges by exec, files, the network.  A kernel
// that has no Landlock does not restrict files and the network.  What is not given up
// is reported on stderr: it is no reason to do nothing.
void confine(const Confinement &confinement);

// Takes up what was only laid aside.
void regain();

} // namespace landlock
