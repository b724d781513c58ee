// SPDX-License-Identifier: GPL-2.0-only
//
// Only compiled: fails if api.h differs from the libraries' headers.
#include <stdbool.h>

#include <trace-cmd.h>
#include <tracefs.h>

#include "api.h"
