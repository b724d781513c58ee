# SPDX-License-Identifier: GPL-2.0-only
#
# Prints failed tests with their output, a table per suite, and last the
# totals.  Fails if a test failed or none passed.
#
# usage: LC_ALL=C awk -v logs=DIR -f unescape.awk -f report.awk SUITE.tsv...

BEGIN {
	FS = "\t"
}

$1 == "suite" {
	suite = $2
	order[++suites] = suite
	seconds[suite] = $3
	all_seconds += $3
	next
}

{
	count[suite, $1]++
	total[$1]++
}

$1 == "fail" {
	text = unescape($3)
	sub(/\n+$/, "", text)
	gsub(/\n/, "\n  | ", text)
	gsub(/[^ -~\n\t]/, "?", text)
	print "FAILED " suite ": " $2 "\n  | " text
	if (!(suite in told)) {
		told[suite] = 1
		print "  log: " logs "/" suite ".log"
	}
}

END {
	printf "\n%-24s %7s %7s %7s %7s\n", "suite", "passed", "failed", "skipped", "time"
	for (i = 1; i <= suites; i++) {
		s = order[i]
		printf "%-24s %7d %7d %7d %3dm%02ds\n", s, count[s, "pass"], count[s, "fail"], \
			count[s, "skip"], int(seconds[s] / 60), seconds[s] % 60
	}
	printf "%-24s %7d %7d %7d %3dm%02ds\n", "all", total["pass"], total["fail"], \
		total["skip"], int(all_seconds / 60), all_seconds % 60
	printf "\n%d passed, %d failed\n", total["pass"], total["fail"]
	exit total["fail"] > 0 || total["pass"] == 0
}
