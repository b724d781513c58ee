# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by tests: prints KTAP.
#
#   check NAME CMD...   one test: passes if CMD succeeds; its output is shown
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

finish() {
	echo "1..$tap_count"
}
