// SPDX-License-Identifier: GPL-2.0-only
//
// Untrusted text (paths, names of tasks and sockets) in forms that are safe to
// print: always ASCII, never a control character.
#pragma once

#include <string>
#include <string_view>

namespace landlock {

// As the kernel prints it: space, =, ", ', \, control and non-ASCII bytes as
// three octal digits.
std::string escape(std::string_view text);

// The same, appended to a string or buffer.
template <class Out> void escape_to(Out &out, std::string_view text) {
	for (const char c : text) {
		const auto byte = static_cast<unsigned char>(c);

		if (byte <= ' ' || byte > '~' || c == '=' || c == '"' || c == '\'' || c == '\\') {
			out.push_back('\\');
			out.push_back(static_cast<char>('0' + (byte >> 6)));
			out.push_back(static_cast<char>('0' + ((byte >> 3) & 7)));
			out.push_back(static_cast<char>('0' + (byte & 7)));
		} else {
			out.push_back(c);
		}
	}
}

// The bytes that escape() made its text from; what is no escape stays.
std::string unescape(std::string_view text);

// One word for a POSIX shell, or for bash if it has control or non-ASCII bytes.
std::string shell_quote(std::string_view text);

// A string literal of C.
std::string c_quote(std::string_view text);

} // namespace landlock
