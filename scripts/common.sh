#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by every script: where things are, and how to speak to the user.
# BUILD, LINUX, CACHE, RESULTS and JOBS may be set in the environment.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILD=${BUILD:-$TOP/build}
LINUX=${LINUX:-$TOP/linux}
CACHE=${CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/landlock-tracepoints}
RESULTS=${RESULTS:-$BUILD/results}
JOBS=${JOBS:-$(nproc)}
# shellcheck disable=SC2034 # used by the scripts that source this file
readonly TOP BUILD LINUX CACHE RESULTS JOBS

# The same order and the same messages everywhere.
export LC_ALL=C.UTF-8
# The kernel's make must see neither our make's flags nor the caller's targets.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES KBUILD_OUTPUT ARCH CROSS_COMPILE

# say TEXT: progress, kept apart from results by using stderr.
say() {
	printf '%s\n' "$*" >&2
}

# patches_digest: prints one digest of patches/series and of the patches that it names.
patches_digest() {
	(
		cd "$TOP/patches"
		if [ -f series ]; then
			cat series
			series series | xargs -r cat
		fi
	) | sha256sum | cut -d ' ' -f 1
}

# die WHAT [HOW...]: ends the script; each HOW is one line on how to go on.
die() {
	printf 'error: %s\n' "$1" >&2
	shift
	if [ $# -gt 0 ]; then
		printf '  %s\n' "$@" >&2
	fi
	exit 1
}

# duration SECONDS: prints them as 42s, 1m23s or 1h02m.
duration() {
	if [ "$1" -lt 60 ]; then
		printf '%ds' "$1"
	elif [ "$1" -lt 3600 ]; then
		printf '%dm%02ds' $(($1 / 60)) $(($1 % 60))
	else
		printf '%dh%02dm' $(($1 / 3600)) $(($1 % 3600 / 60))
	fi
}

# ticker LABEL LOG: shows that a step lives, until its parent ends or kills it.
ticker() {
	local start=$SECONDS

	while sleep 1 && kill -0 $$ 2>/dev/null; do
		if [ -t 2 ]; then
			printf '\r%s ... %s  %.50s\033[K' "$1" \
				"$(duration $((SECONDS - start)))" \
				"$(tail -n 1 "$2" | tr -dc '[:print:]')" >&2
		elif [ $(((SECONDS - start) % 60)) -eq 0 ]; then
			printf '%s ... ' "$(duration $((SECONDS - start)))" >&2
		fi
	done
}

# step LABEL CMD...: runs CMD with its output in a log file (STEP_LOG, else
# named after LABEL), says how long it took and, on failure, shows the last
# STEP_TAIL lines of the log.
# Where step is itself tested (if, &&, ||), "set -e" does not work inside a
# function given as CMD: chain with "&&" there.
step() {
	local label=$1 log status=0 start=$SECONDS pid
	shift
	log=${STEP_LOG:-$BUILD/log/$(printf '%s' "$label" | tr -cs '[:alnum:].' '-').log}
	mkdir -p "$(dirname "$log")"
	: >"$log"

	printf '%s ... ' "$label" >&2
	# Without 9, the lock of base and tree, which would outlive its owner.
	ticker "$label" "$log" 9>&- &
	pid=$!
	set +e
	(
		set -e
		"$@"
	) >"$log" 2>&1 </dev/null
	status=$?
	set -e
	kill "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
	if [ -t 2 ]; then
		printf '\r%s ... \033[K' "$label" >&2
	fi

	if [ "$status" -eq 0 ]; then
		say "done in $(duration $((SECONDS - start)))"
		return 0
	fi
	say "failed after $(duration $((SECONDS - start)))"
	if [ "${STEP_TAIL:-20}" -gt 0 ]; then
		tail -n "${STEP_TAIL:-20}" "$log" | sed 's/^/  | /' >&2
		say "  whole log: $log"
	fi
	if grep -q 'No space left on device' "$log"; then
		say '  The disk is full: free some space (see df -h), then run this again.'
	fi
	return "$status"
}

# need_space DIR MEBIBYTES WHAT VARIABLE: refuses to start what cannot end well.
need_space() {
	local dir=$1 free

	while [ ! -d "$dir" ]; do
		dir=$(dirname "$dir")
	done
	free=$(df -Pm "$dir" | awk 'NR == 2 { print $4 }')
	if [ "$free" -lt "$2" ]; then
		die "not enough disk space for $3: $free MiB free on the file system of $dir, $2 MiB needed" \
			"Free some space there, or set $4 to a directory on another file system."
	fi
}

# plain_git ...: git without the user's or the machine's settings, so that the
# same patches give the same commits and the same bytes everywhere.
plain_git() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
		GIT_COMMITTER_NAME=landlock-tracepoints \
		GIT_COMMITTER_EMAIL=landlock-tracepoints@localhost \
		git -c safe.directory="*" "$@"
}

# in_linux ...: git in linux/.
in_linux() {
	plain_git -C "$LINUX" "$@"
}

# series FILE: the file names in a quilt series, in order, without its comments.
series() {
	grep -vE '^[[:space:]]*(#|$)' "$1" 2>/dev/null || :
}

# work_tree FOLDER COMMIT: makes FOLDER a work tree of linux/ at COMMIT, without what
# an interrupted run left there.
work_tree() {
	plain_git -C "$LINUX" worktree prune
	if [ ! -e "$1/.git" ]; then
		step "Checking out ${1#"$TOP/"}" plain_git -C "$LINUX" worktree add --detach "$1" "$2" ||
			die 'cannot check out' 'See the lines above.'
	fi
	plain_git -C "$1" checkout -q -f --detach "$2"
}

# last_version: the name of the version of the series that was sent last, as v1;
# nothing if none was.
last_version() {
	if [ -s "$TOP/patches/versions" ]; then
		tail -n 1 "$TOP/patches/versions" | cut -d ' ' -f 1
	fi
}

# before_speed: the commit of linux/ before the patches for speed.
before_speed() {
	local last='landlock: Document tracepoints' commit

	commit=$(in_linux log --format='%H %s' base..HEAD | awk -v last="$last" 'substr($0, 42) == last { print $1 }')
	[ -n "$commit" ] || die "no commit '$last' in $LINUX" 'It is the last one of the series that is not for speed.'
	echo "$commit"
}

# stale FILE DIR...: FILE is not there, or something in DIR is newer.
stale() {
	local file=$1
	shift
	[ ! -e "$file" ] || [ -n "$(find "$@" -name .git -prune -o -newer "$file" -print -quit)" ]
}

# kernel_of base|tracing|series: the folder of this kernel for QEMU.
kernel_of() {
	echo "$BUILD/x86_64$([ "$1" = series ] || echo "-$1")"
}

# bench_program NAME: builds bench/NAME.c with the headers of linux/, and prints where
# it is.
bench_program() {
	local program=$BUILD/selftests/$1

	"$TOP/scripts/selftests"
	gcc -O2 -Wall -Wextra -Werror -isystem "$BUILD/selftests/headers/usr/include" -o "$program" "$TOP/bench/$1.c"
	printf '%s\n' "$program"
}

# base_and_series BASE: builds both for QEMU where stale, from the tree BASE and
# from linux/, and refuses kernels that are not configured alike.
base_and_series() {
	local configs=("$TOP"/configs/x86_64.config "$TOP"/configs/x86_64-series.config)
	local image differ

	image=$(kernel_of base)/arch/x86/boot/bzImage
	if stale "$image" "$1" "${configs[0]}"; then
		"$TOP/scripts/kernel" x86_64 --base
		touch "$image"
	fi
	image=$(kernel_of series)/arch/x86/boot/bzImage
	if stale "$image" "$LINUX" "${configs[@]}"; then
		"$TOP/scripts/kernel" x86_64
		touch "$image"
	fi
	differ=$(diff <(kernel_options base) <(kernel_options series) | grep '^[<>]' || :)
	[ -z "$differ" ] || die 'the base and the series are not configured alike:' "$differ" \
		"Remove $(kernel_of series) and $(kernel_of base), then run this again."
}

# kernel_options base|series: the configuration, without what only the series knows.
kernel_options() {
	local only

	only=$(sed -n 's/^\(CONFIG_[^=]*=\).*/\1/p' "$TOP/configs/x86_64-series.config"; echo CONFIG_SECURITY_LANDLOCK_LOG=)
	grep '^CONFIG_' "$(kernel_of "$1")/.config" | grep -vF "$only" | sort
}
