// SPDX-License-Identifier: GPL-2.0-only
//
// Counters in the textfile format of node_exporter.
#pragma once

#include "explain.h"
#include "output.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace landlock {

class Metrics {
public:
	// Counts @record, which @process caused.
	void add(const Record &record, const Process &process);
	// The whole file.
	std::string text(const State &state, const Lost &lost) const;

private:
	// One for each right at most, whatever the programs do.
	std::map<std::pair<Kind, std::string>, uint64_t> rights_;
	// Those that came first, then "other".
	std::map<std::string, uint64_t> programs_;
	uint64_t rulesets_ = 0;
	uint64_t domains_ = 0;
};

// Where they go again and again.
class MetricsFile {
public:
	// Without a name, nothing is written.  Throws an Error if others may change the
	// folder, in which they would only have to wait for us.
	explicit MetricsFile(const std::string &name);

	// Replaces the file, so that a reader sees the old or the new one whole.
	// Throws an Error if the first time fails.  Later ones must not stop what
	// is watched: they are told on stderr, once.
	void write(const Metrics &metrics, const State &state, const Lost &lost);
	// What that needs.
	std::vector<Grant> grants() const;

private:
	void replace(const std::string &text) const;

	std::optional<Target> target_;
	bool is_started_ = false;
	bool is_told_ = false;
};

} // namespace landlock
