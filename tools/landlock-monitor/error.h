// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdio>
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

// Writes what can be written: who reads it may be gone or its disk full, which
// must not change how we end.
inline void put(FILE *out, const std::string &text) {
	fwrite(text.data(), 1, text.size(), out);
}

// Says what went wrong, if there is something to say, on stderr.
inline void complain(const Error &error) {
	if (*error.what())
		put(stderr, std::string("landlock-monitor: ") + error.what() + "\n");
	if (!error.how().empty())
		put(stderr, "  " + error.how() + "\n");
}

} // namespace landlock
