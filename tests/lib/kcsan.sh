# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by those who boot a kernel that finds data races (KCSAN).
#
#   kcsan_functions DIR  prints the functions of Landlock in the kernel built in
#                        DIR, for the filter: KCSAN_FUNCTIONS names a file of them
#   kcsan_options DIR    prints the options of scripts/boot, one per line

kcsan_functions() {
	nm --defined-only "$1"/security/landlock/*.o |
		awk '$2 ~ /^[tTwW]$/ && $3 !~ /^_sub_I_/ { print $3 }' | sort -u
}

kcsan_options() {
	printf '%s\n' --machine x86_64 --board q35 --kernel "$1/arch/x86/boot/bzImage" --mem 1G \
		--ignore "$TOP/tests/lib/kcsan.awk"
}
