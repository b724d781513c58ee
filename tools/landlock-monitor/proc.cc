// SPDX-License-Identifier: GPL-2.0-only
#include "proc.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

namespace landlock {

std::optional<std::string> proc_status(int pid, std::string_view field) {
	std::ifstream in(fmt::format("/proc/{}/status", pid));

	for (std::string line; std::getline(in, line);) {
		if (line.starts_with(field) && line.compare(field.size(), 2, ":\t") == 0)
			return line.substr(field.size() + 2);
	}
	return {};
}

std::optional<int> proc_status_number(int pid, std::string_view field) {
	const auto text = proc_status(pid, field);

	return text ? std::optional<int>(std::atoi(text->c_str())) : std::nullopt;
}

} // namespace landlock
