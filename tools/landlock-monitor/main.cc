// SPDX-License-Identifier: GPL-2.0-only
//
// landlock-monitor: explains what Landlock denies, live.
#include "child.h"
#include "commands.h"
#include "error.h"

#include <fcntl.h>
#include <unistd.h>

#include <exception>
#include <string>

using namespace landlock;

// So that no file of ours takes the number of a closed one, and is written to in
// its place.  The command does not get them.
static void open_standard_files() {
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

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

	open_standard_files();
	ignore_closed_pipes();
	try {
		const int status = parse_options({argv + 1, argv + argc}, options);
		if (status >= 0)
			return status;
		return dispatch(options);
	} catch (const Error &error) {
		complain(error);
	} catch (const std::exception &error) {
		put(stderr, std::string("landlock-monitor: ") + error.what() + "\n");
	}
	return passes_status_on(options.command) ? 125 : 1;
}
