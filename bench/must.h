/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For programs that measure, and whose standard output is CSV.  Those that print
 * KTAP have the must() of trace.h.
 */
#ifndef MUST_H
#define MUST_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The value of a call, which ends the program if it is negative.  _GNU_SOURCE. */
#define must(call)                                                          \
	({                                                                  \
		const long ret_ = (long)(call);                             \
		if (ret_ < 0) {                                             \
			fprintf(stderr, "%s: %s:%d: %s: %s\n",              \
				program_invocation_short_name, __FILE__,    \
				__LINE__, #call, strerror(errno));          \
			exit(1);                                            \
		}                                                           \
		ret_;                                                       \
	})

#endif
