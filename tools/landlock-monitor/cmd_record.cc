// SPDX-License-Identifier: GPL-2.0-only
#include "commands.h"

#include "child.h"
#include "error.h"
#include "instance.h"
#include "run_once.h"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace landlock {

// trace-cmd gets an instance of its own, so that global tracing stays as it is.
// Events of all processes: those that tell of a domain's end come from others.
int cmd_record(const Options &options) {
	const Command command = command_of(options);
	std::vector<std::string> words = {"trace-cmd", "record", "-q", "-B", instance_name(""),
					  "-C", "global", "-b", std::to_string(buffer_size(options.buffer_kb))};

	reclaim_stale_instances();
	for (const char *event : {"landlock", "sched:sched_process_exec", "sched:sched_process_exit", "task:task_newtask",
				  "task:task_rename"})
		words.insert(words.end(), {"-e", event});
	words.insert(words.end(), {"-o", options.output.empty() ? "trace.dat" : options.output});
	if (command.user && command.user->name.empty())
		throw Error(fmt::format("trace-cmd takes no user without a name, as {}", command.user->uid),
			    "Give --user a name that 'getent passwd' knows.");
	if (command.user)
		words.insert(words.end(), {"--user", command.user->name});
	// trace-cmd ends its recorders without their data if the command is over
	// before they are ready.
	words.insert(words.end(), {"--", "sh", "-c", "sleep 0.5 && exec \"$@\"", "sh"});
	// For the command alone, not for trace-cmd, which is privileged.
	if (!command.environment.empty())
		words.insert(words.end(), "env");
	for (const auto &[name, value] : command.environment)
		words.push_back(name + "=" + value);
	words.insert(words.end(), options.argv.begin(), options.argv.end());

	std::vector<char *> argv;
	for (std::string &word : words)
		argv.push_back(word.data());
	argv.push_back(nullptr);
	execvp(argv[0], argv.data());
	throw Error(fmt::format("cannot run trace-cmd: {}", std::strerror(errno)), "Install the package trace-cmd.");
}

} // namespace landlock
