# SPDX-License-Identifier: GPL-2.0-only
#
# Makes two runs of tests/guest/audit-workload.c comparable: times go, domain
# IDs, record serials, process IDs and inode numbers of /proc (counted by the
# whole kernel) become the order of their first use, and the system call
# arguments of SYSCALL records (addresses) and ephemeral ports go.
# All else stays byte for byte.

# Replaces each value after "key" in $0 by its number of first use.
function number(key, kind,    rest, out, value) {
	rest = $0
	out = ""
	while (match(rest, key "[0-9a-f]+")) {
		value = substr(rest, RSTART + length(key), RLENGTH - length(key))
		if (value != "0" && !((kind, value) in seen))
			seen[kind, value] = ++count[kind]
		out = out substr(rest, 1, RSTART + length(key) - 1) \
			(value == "0" ? "0" : kind seen[kind, value])
		rest = substr(rest, RSTART + RLENGTH)
	}
	$0 = out rest
}

/^record / {
	sub(/audit\([0-9]+\.[0-9]+:/, "audit(TIME:")
	number("TIME:", "serial")
	number("domain=", "domain")
	number("pid=", "pid")
	number("path=\"/proc/", "pid")
	if (/ dev="proc"/)
		number(" ino=", "ino")
	gsub(/ lport=[3-6][0-9][0-9][0-9][0-9]/, " lport=EPHEMERAL")
	gsub(/ a[0-3]=[0-9a-f]+/, "")
}

{
	print
}
