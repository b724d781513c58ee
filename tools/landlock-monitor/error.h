// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <stdexcept>
#include <string>

namespace landlock {

// What went wrong, and how to mend it; main() prints both.
class Error : public std::runtime_error {
public:
	explicit Error(const std::string &what, std::string how = "")
		: std::runtime_error(what), how_(std::move(how)) {}
	const std::string &how() const { return how_; }

private:
	std::string how_;
};

} // namespace landlock
