// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

namespace landlock {

struct Options {
	std::string command; // "run", "watch", "tree", "report", "record"

	// What is watched.
	int pid = 0;
	std::string domain;
	std::string comm;
	bool all = false;
	unsigned buffer_kb = 0; // 0: as the machine can spare

	// How it is told.
	std::string output; // "" is stderr for run, stdout for the others
	bool json = false;
	bool counts = false;
	bool dot = false;
	int verbose = 0;
	size_t most = 20;
	unsigned seconds = 0; // 0: until a signal comes
	std::string prometheus;
	unsigned interval = 15;

	// run and record.
	std::vector<std::string> argv;
	std::string user;
	std::vector<std::string> environment; // "LL_*" and what was given
	bool wait_all = false;
	bool learn = false;
	bool yes = false;
	int max_steps = 20;
	std::vector<std::string> roots;
	std::vector<std::string> ports;

	// report and tree.
	std::vector<std::string> files;
	bool diff = false;
};

// Reads the command line.  Returns -1, or the status to exit with after --help,
// --version or an error, which it prints.
int parse_options(const std::vector<std::string> &args, Options &options);

// Whether this subcommand ends with the status of the command that it runs.
bool passes_status_on(const std::string &command);

} // namespace landlock
