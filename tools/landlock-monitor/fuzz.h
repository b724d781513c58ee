// SPDX-License-Identifier: GPL-2.0-only
//
// For fuzzers: everything that is made of records, and what has to hold for it.
#pragma once

#include "adapt.h"
#include "diff.h"
#include "escape.h"
#include "json.h"
#include "prometheus.h"
#include "text.h"
#include "tree.h"
#include "watch.h"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <sstream>

namespace landlock {

inline void require(bool is_true) {
	if (!is_true)
		std::abort();
}

inline void require_printable(const std::string &text) {
	for (const char c : text)
		require(c == '\n' || c == '\t' || (c >= ' ' && c <= '~'));
}

inline void require_json(const std::string &lines) {
	std::istringstream in(lines);

	require_printable(lines);
	for (std::string line; std::getline(in, line);)
		require(!nlohmann::json::parse(line, nullptr, false).is_discarded());
}

// A monitor without a kernel.
class Machine {
public:
	Machine() : state_({.domains = 16, .dead = 4, .rulesets = 4, .rules = 8, .tasks = 4}), explanation_(16) {}

	void feed(Record record) {
		if (is_task(record.kind))
			tasks_.apply(record);
		if (!adapter_.adapt(record, state_))
			return;
		const Process process = tasks_.find(record.tid);
		fmt::memory_buffer json;

		state_.apply(record, process);
		metrics_.add(record, process);
		if (is_denial(record.kind))
			explanation_.add(record, process, state_);
		event_json(json, record, process);
		require_json(std::string(json.data(), json.size()));
		require_printable(event_line(record, process, state_, {}));
		is_watched({}, 1, record, process, state_);
		require(state_.domains().size() <= 16);
	}

	void finish() {
		Context context;

		context.lists = {{"LL_FS_RO", "/usr"}};
		require_printable(explanation_text(explanation_, context, {}));
		context.launcher = "landrun";
		context.lost.events = 1;
		require_printable(explanation_text(explanation_, context, {false, 40}));
		require_json(explanation_json(explanation_, {}, context.lists));
		require_printable(counts_text(explanation_, {}));
		require_printable(tree_text(state_));
		require_printable(tree_dot(state_));
		require_printable(metrics_.text(state_, {}));
		require_printable(diff_text(explanation_, Explanation()));
		require_json(diff_json(Explanation(), explanation_));
	}

private:
	Adapter adapter_;
	Tasks tasks_;
	State state_;
	Explanation explanation_;
	Metrics metrics_;
};

} // namespace landlock
