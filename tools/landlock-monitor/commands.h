// SPDX-License-Identifier: GPL-2.0-only
//
// The subcommands; each returns the status to exit with.
#pragma once

#include "options.h"

#include <cstdio>
#include <memory>

namespace landlock {

int cmd_run(const Options &options);
int cmd_watch(const Options &options);
int cmd_tree(const Options &options);
int cmd_report(const Options &options);
int cmd_record(const Options &options);

// The tree of this system, to @out.
int watch_tree(const Options &options, FILE *out);

struct CloseFile {
	void operator()(FILE *file) const;
};
using File = std::unique_ptr<FILE, CloseFile>;

// The file to write to: -o FILE, else @standard.  Throws an Error.
File open_output(const Options &options, FILE *standard);

} // namespace landlock
