// SPDX-License-Identifier: GPL-2.0-only
//
// landlock-monitor: explains what Landlock denies, live.
#include "commands.h"
#include "error.h"

#include <fmt/format.h>

#include <exception>

using namespace landlock;

static int dispatch(const Options &options) {
	if (options.command == "run")
		return cmd_run(options);
	if (options.command == "watch")
		return cmd_watch(options);
	if (options.command == "tree")
		return cmd_tree(options);
	if (options.command == "report")
		return cmd_report(options);
	return cmd_record(options);
}

int main(int argc, char **argv) {
	Options options;

	try {
		const int status = parse_options({argv + 1, argv + argc}, options);
		if (status >= 0)
			return status;
		return dispatch(options);
	} catch (const Error &error) {
		fmt::print(stderr, "landlock-monitor: {}\n", error.what());
		if (!error.how().empty())
			fmt::print(stderr, "  {}\n", error.how());
	} catch (const std::exception &error) {
		fmt::print(stderr, "landlock-monitor: {}\n", error.what());
	}
	return options.command == "run" ? 125 : 1;
}
