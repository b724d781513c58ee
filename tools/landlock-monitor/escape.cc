// SPDX-License-Identifier: GPL-2.0-only
#include "escape.h"

#include <algorithm>
#include <cstring>

namespace landlock {
namespace {

bool is_printable(char c) {
	return c >= ' ' && c <= '~';
}

bool is_octal(char c) {
	return c >= '0' && c <= '7';
}

// Whether a shell takes it as it is.
bool is_plain(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && std::strchr("_./:@%+,-", c));
}

void add_octal(std::string &out, char c) {
	const auto byte = static_cast<unsigned char>(c);

	out += '\\';
	out += static_cast<char>('0' + (byte >> 6));
	out += static_cast<char>('0' + ((byte >> 3) & 7));
	out += static_cast<char>('0' + (byte & 7));
}

} // namespace

std::string escape(std::string_view text) {
	std::string out;

	escape_to(out, text);
	return out;
}

std::string unescape(std::string_view text) {
	std::string out;

	for (size_t i = 0; i < text.size(); i++) {
		if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] <= '3' && is_octal(text[i + 1]) &&
		    is_octal(text[i + 2]) && is_octal(text[i + 3])) {
			out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
			i += 3;
		} else {
			out += text[i];
		}
	}
	return out;
}

std::string shell_quote(std::string_view text) {
	if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain))
		return std::string(text);

	std::string out;
	if (std::all_of(text.begin(), text.end(), is_printable)) {
		out = "'";
		for (const char c : text) {
			if (c == '\'')
				out += "'\\''";
			else
				out += c;
		}
		return out + "'";
	}
	out = "$'";
	for (const char c : text) {
		if (!is_printable(c) || c == '\'' || c == '\\')
			add_octal(out, c);
		else
			out += c;
	}
	return out + "'";
}

std::string c_quote(std::string_view text) {
	std::string out = "\"";

	for (const char c : text) {
		// A question mark could start a trigraph.
		if (!is_printable(c) || c == '"' || c == '\\' || c == '?')
			add_octal(out, c);
		else
			out += c;
	}
	return out + "\"";
}

} // namespace landlock
