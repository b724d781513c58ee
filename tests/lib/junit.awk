# SPDX-License-Identifier: GPL-2.0-only
#
# Turns what ktap.awk printed into a JUnit file.
#
# usage: LC_ALL=C awk -f unescape.awk -f junit.awk SUITE.tsv...
#        (the first line of each is "suite TAB name TAB seconds")
#
# Bytes that XML or UTF-8 may not like become octal escapes: the output of a
# test is anything.  Long text goes around printf, which awks limit.

BEGIN {
	FS = "\t"
	for (i = 1; i < 256; i++)
		byte[sprintf("%c", i)] = i
}

function xml(text,    i, c, out) {
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	gsub(/>/, "\\&gt;", text)
	gsub(/"/, "\\&quot;", text)
	if (text !~ /[^ -~\n\t]/)
		return text
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		out = out (c ~ /[ -~\n\t]/ ? c : sprintf("\\%03o", byte[c]))
	}
	return out
}

function end_suite() {
	if (suite == "")
		return
	body = body sprintf("\t<testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" skipped=\"%d\" time=\"%d\">\n",
		xml(suite), tests, failures, skipped, seconds) cases "\t</testsuite>\n"
	all_tests += tests
	all_failures += failures
	all_skipped += skipped
	tests = failures = skipped = 0
	cases = ""
}

$1 == "suite" {
	end_suite()
	suite = $2
	seconds = $3
	next
}

{
	tests++
	cases = cases "\t\t<testcase classname=\"" xml(suite) "\" name=\"" xml($2) "\""
	if ($1 == "fail") {
		failures++
		cases = cases "><failure message=\"failed\">" xml(unescape($3)) "</failure></testcase>\n"
	} else if ($1 == "skip") {
		skipped++
		cases = cases "><skipped/></testcase>\n"
	} else {
		cases = cases "/>\n"
	}
}

END {
	end_suite()
	print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
	printf "<testsuites tests=\"%d\" failures=\"%d\" skipped=\"%d\">\n", all_tests, all_failures, all_skipped
	print body "</testsuites>"
}
