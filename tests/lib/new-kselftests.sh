# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by those who run kselftest programs in the guest.
#
#   copy_programs DIR WHERE   copies the built programs to the folder WHERE
#   new_fixtures LIST PROGRAM [EXCEPT]
#                             prints the arguments that leave the tests which LIST
#                             has of PROGRAM, one per line, but for the fixture
#                             EXCEPT

copy_programs() {
	find "$1" -maxdepth 1 -type f -perm -u=x -exec cp {} "$2" \;
}

new_fixtures() {
	awk -F . -v p="$2" -v except="${3-}" '$1 == p && $2 != except && !seen[$2]++ { print "-f"; print $2 }' "$1"
}
