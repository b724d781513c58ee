#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by the scripts that fetch something: the folder in the cache for it, and
# packages of Debian's newer suites.  Why it did not work is added to "reasons".

reasons=()

readonly SUITES='testing unstable stable-backports experimental'
# What apt and curl say of a server that they cannot reach.
readonly UNREACHABLE='Could not (resolve|connect)|Cannot initiate|Temporary failure|Unable to connect|[Cc]onnection timed out'

# use_cache FOLDER: makes it, with a folder in it, $tmp, that goes when the script ends.
# One run at a time; what a killed one left behind is removed.
use_cache() {
	mkdir -p "$1" 2>/dev/null ||
		die "cannot create the cache $1" "Set XDG_CACHE_HOME to a directory that you can write to."
	exec 9>"$CACHE/lock"
	flock -n 9 || {
		say 'Waiting for another run that fetches something ...'
		flock 9
	}
	rm -rf "$1"/tmp.*
	tmp=$(mktemp -d "$1/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
}

# Prints the mirrors that this machine's apt gets its own release's "main" from,
# even when it never fetched their lists.  Others than Debian use the same suite
# names; Debian's mirrors end in /debian and come first.
debian_mirrors() {
	local codename

	codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	apt-get --print-uris update |
		sed -n "s,^'\(.*\)/dists/\([^/]*\)/main/binary-.*,\2 \1,p" |
		awk -v codename="$codename" '
			($1 == codename || $1 ~ /^(oldstable|stable|testing|unstable|sid)$/) && !seen[$2]++ {
				print ($2 ~ /\/debian$/ ? 1 : 2), $2
			}' |
		sort -s -n -k 1,1 | cut -d ' ' -f 2
}

# private_apt get|cache ...: with a state of its own.  Nothing of the machine's is read
# but its transport settings, nothing is written outside $tmp/apt.
private_apt() {
	local program=apt-$1
	shift

	"$program" -q \
		-o Dir::State="$tmp/apt/state" \
		-o Dir::State::lists="$tmp/apt/lists" \
		-o Dir::State::status=/dev/null \
		-o Dir::Cache="$tmp/apt/cache" \
		-o Dir::Etc::sourcelist="$tmp/apt/debian.sources" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o APT::Sandbox::User=root \
		-o APT::Update::Error-Mode=any \
		-o Acquire::Languages=none \
		-o Acquire::Retries=2 \
		-o Acquire::http::Timeout=30 \
		-o Acquire::AllowInsecureRepositories=false \
		-o APT::Get::AllowUnauthenticated=false \
		"$@"
}

# Gets the newest package for each PATTERN from suite $2 of mirror $1 into $tmp/apt;
# apt checks that the index is signed by Debian, and the packages by the index.
fetch_debs() {
	local mirror=$1 suite=$2 pattern name names=()
	shift 2

	rm -rf "$tmp/apt" &&
		mkdir -p "$tmp/apt/lists/partial" "$tmp/apt/state" "$tmp/apt/cache/archives/partial" &&
		debian_source "$mirror" "$suite" >"$tmp/apt/debian.sources" &&
		private_apt get update &&
		cd "$tmp/apt" || return
	for pattern; do
		name=$(private_apt cache pkgnames | grep -xE "$pattern" | sort -V | tail -n 1)
		if [ -z "$name" ]; then
			echo "E: no package $pattern"
			return 1
		fi
		names+=("$name")
	done
	private_apt get download "${names[@]}"
}

# Only Debian's own keys will do; a machine that keeps them elsewhere falls
# back on the keys that its apt trusts.
debian_source() {
	local keyring

	printf '%s\n' 'Types: deb' "URIs: $1" "Suites: $2" 'Components: main' 'Targets: Packages'
	for keyring in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
		if [ -f "$keyring" ]; then
			printf 'Signed-By: %s\n' "$keyring"
			return
		fi
	done
}

# Adds what the log of an attempt ($2) ended in to the reasons; without space no
# other attempt can do better.
because() {
	if grep -qE 'No space left on device|^curl: \(23\)' "$2"; then
		die 'the disk is full: no room for what is fetched' \
			"Free some space on the file system of $CACHE, or set XDG_CACHE_HOME to a directory on another one."
	fi
	reasons+=("$1: $(grep -m 1 -oE "($UNREACHABLE).*" "$2" ||
		grep -m 1 -E '^(E|curl|sha256sum):' "$2" || :)")
}

# fetch_debian WHAT PATTERN...: the newest package for each PATTERN, all from the first
# suite that has them, into $tmp/apt.
fetch_debian() {
	local mirror mirrors what=$1 suite log=$tmp/log
	shift

	if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
		reasons+=("Debian: no apt-get on this machine")
		return 1
	fi
	mirrors=$(debian_mirrors) || :
	[ -n "$mirrors" ] || reasons+=("Debian: the sources of this machine's apt name no mirror")
	for mirror in $mirrors; do
		for suite in $SUITES; do
			STEP_LOG=$log STEP_TAIL=0 step "Fetching $what from Debian $suite" \
				fetch_debs "$mirror" "$suite" "$@" && return
			because "$mirror $suite" "$log"
			# Another suite of a mirror out of reach would only take as long again.
			if grep -qE "$UNREACHABLE" "$log"; then
				break
			fi
		done
	done
	return 1
}
