# SPDX-License-Identifier: GPL-2.0-only
#
# Reads (K)TAP, nested by indentation, and prints one line per leaf test:
#   pass|fail|skip TAB name TAB output
# A name is made of its parents' names and its own, joined by dots; \t, \n and
# \\ are escaped in the output.  What a run that died or lost a test leaves out
# becomes a failure of its own.
#
# usage: awk -v exit_status=N -f ktap.awk FILE

function escape(text) {
	gsub(/\\/, "&&", text)
	gsub(/\t/, "\\t", text)
	gsub(/\n/, "\\n", text)
	return text
}

# Adds a leaf to the innermost open level.
function leaf(result, name, output) {
	leaves++
	results[leaves] = result
	names[leaves] = name
	outputs[leaves] = output
	if (result == "fail")
		failures++
}

# Ends the innermost level; what does not add up counts against "owner".
function close_level(owner,    i) {
	for (i = first[depth]; i <= leaves; i++)
		if (owner != "")
			names[i] = owner "." names[i]
	if (!(depth in plan))
		leaf("fail", owner (owner == "" ? "" : ".") "plan", "There is no plan.\n" said[depth])
	else if (plan[depth] != seen[depth])
		leaf("fail", owner (owner == "" ? "" : ".") "plan", \
			plan[depth] " tests planned, " seen[depth] " have a result.\n" said[depth])
	delete plan[depth]
	depth--
}

function open_level(indent) {
	while (depth > 0 && indent < indents[depth] - 0)
		close_level("unfinished")
	if (depth == 0 || indent > indents[depth]) {
		depth++
		indents[depth] = indent
		first[depth] = leaves + 1
		failed_before[depth] = failures
		seen[depth] = 0
		said[depth] = ""
	}
}

BEGIN {
	depth = failures = leaves = 0
}

{
	sub(/\r$/, "")
	match($0, /^ */)
	indent = RLENGTH
	line = substr($0, indent + 1)
}

line ~ /^K?TAP version [0-9]+$/ {
	open_level(indent)
	next
}

line ~ /^1\.\.[0-9]+/ {
	open_level(indent)
	plan[depth] = substr(line, 4) + 0
	if (plan[depth] == 0 && line ~ /# *SKIP/)
		skip_all = line
	next
}

line ~ /^Bail out!/ {
	leaf("fail", "bail-out", line)
	next
}

line ~ /^(not )?ok( |$)/ {
	ok = line !~ /^not /
	rest = line
	sub(/^(not )?ok */, "", rest)
	number = ""
	if (match(rest, /^[0-9]+/)) {
		number = substr(rest, 1, RLENGTH)
		rest = substr(rest, RLENGTH + 1)
	}
	sub(/^ *(- *)?/, "", rest)
	directive = ""
	if (match(rest, /(^| )# *[A-Za-z]/)) {
		directive = substr(rest, RSTART)
		rest = substr(rest, 1, RSTART - 1)
		sub(/^ *# */, "", directive)
	}
	gsub(/\\#/, "#", rest)
	sub(/ +$/, "", rest)
	name = rest == "" ? "test" number : rest

	# The result of a parent ends the level of its children.
	parent = 0
	while (depth > 0 && indents[depth] > indent) {
		parent = 1
		children_failed = failures - failed_before[depth]
		children = said[depth]
		close_level(name)
	}
	open_level(indent)
	seen[depth]++
	if (number != "" && number != seen[depth])
		leaf("fail", name ".number", "Result " number " comes where " seen[depth] " was due.")

	skip = toupper(directive) ~ /^(SKIP|XFAIL|TODO)/
	output = said[depth] line "\n"
	if (!parent)
		leaf(skip ? "skip" : ok ? "pass" : "fail", name, output)
	else if (!ok && !skip && !children_failed)
		leaf("fail", name, children output)
	said[depth] = ""
	next
}

# Anything else belongs to the next result of its level.
{
	if (depth > 0)
		said[depth] = said[depth] $0 "\n"
}

END {
	if (depth == 0)
		leaf("fail", "results", "It printed no result.")
	while (depth > 1)
		close_level("unfinished")
	if (depth == 1) {
		if (skip_all != "" && leaves == 0)
			leaf("skip", "all", skip_all)
		else if (leaves == 0)
			leaf("fail", "results", "It ran no test.")
		close_level("")
	}
	if (exit_status != 0 && failures == 0)
		leaf("fail", "exit-status", "It ended with status " exit_status " without a failed test.")
	for (i = 1; i <= leaves; i++)
		print results[i] "\t" escape(names[i]) "\t" escape(outputs[i])
}
