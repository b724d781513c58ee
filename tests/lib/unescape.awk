# SPDX-License-Identifier: GPL-2.0-only

# Undoes escape() of ktap.awk.
function unescape(text,    out, i, c) {
	while ((i = index(text, "\\"))) {
		c = substr(text, i + 1, 1)
		out = out substr(text, 1, i - 1) (c == "n" ? "\n" : c == "t" ? "\t" : c)
		text = substr(text, i + 2)
	}
	return out text
}
