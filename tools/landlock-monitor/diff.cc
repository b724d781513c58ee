// SPDX-License-Identifier: GPL-2.0-only
#include "diff.h"

#include "escape.h"
#include "json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace landlock {
namespace {

// PIDs and IDs differ from run to run: what stays is what a person would say.
using Key = std::pair<std::string, std::string>;
using Counts = std::map<Key, std::pair<uint64_t, uint64_t>>;

std::string stable(const Record &record) {
	Record same = record;

	same.other_pid = 0;
	same.other_domain = record.other_domain ? 1 : 0;
	return what(same);
}

Counts compare(const Explanation &before, const Explanation &after) {
	Counts counts;

	for (const Denial &denial : before.denials()) {
		for (const Program &program : denial.programs)
			counts[{program.comm, stable(denial.first)}].first += program.count;
	}
	for (const Denial &denial : after.denials()) {
		for (const Program &program : denial.programs)
			counts[{program.comm, stable(denial.first)}].second += program.count;
	}
	return counts;
}

} // namespace

std::string diff_text(const Explanation &before, const Explanation &after) {
	std::string out;

	for (const auto &[key, count] : compare(before, after)) {
		const auto [old_count, new_count] = count;
		const std::string text = fmt::format("{}: denied {}", key.first.empty() ? "?" : escape(key.first), key.second);
		if (!old_count)
			out += fmt::format("+ {} ({} times)\n", text, new_count);
		else if (!new_count)
			out += fmt::format("- {} ({} times)\n", text, old_count);
		else if (old_count != new_count)
			out += fmt::format("  {} ({} times, before {})\n", text, new_count, old_count);
	}
	return out.empty() ? "the same denials, as often\n" : out;
}

std::string diff_json(const Explanation &before, const Explanation &after) {
	std::string out;

	for (const auto &[key, count] : compare(before, after)) {
		if (count.first == count.second)
			continue;
		nlohmann::ordered_json json = {{"v", json_version},
					       {"type", "difference"},
					       {"comm", escape(key.first)},
					       {"what", key.second},
					       {"before", count.first},
					       {"after", count.second}};
		out += json.dump() + "\n";
	}
	return out;
}

} // namespace landlock
