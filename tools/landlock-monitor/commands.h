// SPDX-License-Identifier: GPL-2.0-only
//
// The subcommands; each returns the status to exit with.
#pragma once

#include "options.h"
#include "output.h"

namespace landlock {

int cmd_run(const Options &options);
int cmd_watch(const Options &options);
int cmd_tree(const Options &options);
int cmd_report(const Options &options);
int cmd_record(const Options &options);

// The tree of this system, to @out.
int watch_tree(const Options &options, Output &out);

} // namespace landlock
