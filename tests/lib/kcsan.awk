#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
#
# Leaves those of KCSAN's reports out of a kernel's console in which neither access
# is one of Landlock or of its events, be it through memcpy() and the like.
#
# usage: [KCSAN_LIST=1] KCSAN_FUNCTIONS=FILE kcsan.awk <CONSOLE
#   KCSAN_FUNCTIONS  their names, one a line
#   KCSAN_LIST=1     print one line for each report that is left out instead
#
# The kernel needs CONFIG_PRINTK_CALLER: other processors' lines may be in the
# middle of a report.

BEGIN {
	list = ENVIRON["KCSAN_LIST"]
	while ((status = (getline name <ENVIRON["KCSAN_FUNCTIONS"])) > 0) {
		sub(/\..*/, "", name)
		functions[name] = 1
		n++
	}
	if (status < 0 || !n) {
		print "kcsan.awk: KCSAN_FUNCTIONS: no names in file " ENVIRON["KCSAN_FUNCTIONS"] >"/dev/stderr"
		failed = 1
		exit 1
	}
}

{ sub(/\r$/, "") }

# What belongs to no report.
!match($0, /^(\[ *[0-9.]+\])?\[ *[TC][0-9]+\] /) {
	if (!list)
		print
	next
}

{
	text = substr($0, RLENGTH + 1)
	caller = substr($0, 1, RLENGTH - 1)
	sub(/.*\[ */, "", caller)
}

text ~ /^====+$/ && !(caller in report) {
	report[caller] = $0
	title[caller] = ""
	next
}

caller in report {
	report[caller] = report[caller] "\n" $0
	if (title[caller] == "") {
		if (text !~ /^BUG: KCSAN: /) {
			give_back(caller)
			next
		}
		title[caller] = text
		named[caller] = 0
		next
	}
	# The first function of a stack, but for those that access memory for it.
	if (text ~ /^(read|write|race at unknown origin, with (read|write))/)
		first[caller] = 1
	else if (first[caller] && match(text, /^ [A-Za-z_]/) && !helps(text)) {
		named[caller] = named[caller] || names(text)
		first[caller] = 0
	}
	if (text ~ /^====+$/) {
		if (named[caller]) {
			give_back(caller)
		} else {
			if (list)
				print title[caller]
			delete report[caller]
		}
	}
	next
}

!list { print }

END {
	if (!failed)
		for (caller in report)
			give_back(caller)
}

function give_back(caller)
{
	if (!list)
		print report[caller]
	delete report[caller]
}

function helps(text)
{
	return text ~ /^ (__)?(mem(cpy|move|set|cmp|dup)|str[a-z]+|sized_strscpy|kmemdup)[a-z_]*\+0x/
}

# Whether there is a function of Landlock or its events, as "name+0x12/0x34".
function names(text,   words, i, word)
{
	for (i = split(text, words, /[^A-Za-z0-9_.+]+/); i; i--) {
		word = words[i]
		sub(/\+0x.*/, "", word)
		sub(/\..*/, "", word)
		if (word in functions || word ~ /landlock/)
			return 1
	}
	return 0
}
