# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by tests: prints KTAP.
#
#   check NAME CMD...   one test: passes if CMD succeeds; its output is shown
#   nested NAME CMD...  the same for one that prints KTAP itself
#   kselftests PREFIX EXCEPT WHOSE CMD...
#                       runs CMD, which prints the KTAP of all kselftests: its
#                       tests, that it ended well, and that all tests of WHOSE
#                       ("base", "new", or both) passed, but for names that match
#                       the regular expression EXCEPT; what is not in CMD's
#                       output has PREFIX
#   kept FILE WHOSE [EXCEPT]
#                       the last of these checks, for the KTAP in FILE
#   finish              the plan; call it last

tap_count=0

echo 'KTAP version 1'

check() {
	local name=$1 output status=0
	shift

	tap_count=$((tap_count + 1))
	output=$("$@" 2>&1) || status=$?
	if [ -n "$output" ]; then
		printf '%s\n' "$output" | sed 's/^/# /'
	fi
	if [ $status -eq 0 ]; then
		echo "ok $tap_count $name"
	else
		echo "not ok $tap_count $name"
	fi
}

nested() {
	local name=$1 status=0
	shift

	tap_count=$((tap_count + 1))
	"$@" | sed 's/^/    /' || status=$?
	if [ $status -eq 0 ]; then
		echo "ok $tap_count $name"
	else
		echo "not ok $tap_count $name # exit status $status"
	fi
}

kselftests() {
	local prefix=$1 except=$2 whose=$3 status=0 out
	shift 3

	out=$(mktemp)
	"$@" | grep -vE '^(KTAP version |1\.\.)' | tee "$out" || status=${PIPESTATUS[0]}
	tap_count=$((tap_count + $(grep -cE '^(not )?ok ' "$out" || :)))
	check "${prefix}guest-ended-well" test "$status" -eq 0
	for whose in $whose; do
		check "${prefix}every-$whose-test-passed" kept "$out" "$whose" "$except"
	done
	rm -f "$out"
}

finish() {
	echo "1..$tap_count"
}

kept() {
	local lost except=${3:-^$}

	lost=$(awk -f "$TOP/tests/lib/ktap.awk" "$1" | awk -F'\t' '$1 == "pass" { print $2 }' |
		sort | comm -23 <(grep -vE "$except" "$TOP/tests/$2-kselftests.list" | sort) -)
	if [ -n "$lost" ]; then
		printf 'these did not pass:\n%s\n' "$lost"
		return 1
	fi
}
