// SPDX-License-Identifier: GPL-2.0-only
#include "commands.h"

#include "access.h"
#include "child.h"
#include "error.h"
#include "instance.h"
#include "run_once.h"
#include "tasks.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace landlock {
namespace {

// What trace-cmd gets, by numbers by which the command does not inherit anything.  A
// shell can close only those of one digit.
struct Numbers {
	int folder, status;
};

Numbers free_numbers() {
	std::vector<int> all;

	for (int fd = 9; fd > STDERR_FILENO; fd--) {
		if (fcntl(fd, F_GETFD) < 0)
			all.push_back(fd);
	}
	if (all.size() < 2)
		throw Error("record needs two file descriptors of 3 to 9, but they are open already", "Close some of them, as with: 9>&-");
	return {all[1], all[0]};
}

// A folder beside the recording that only we can use.  trace-cmd writes several
// files, and follows links in their place: whoever may change the recording's
// folder could have it overwrite others.
class Workshop {
public:
	explicit Workshop(const Target &target) : target_(target), path_(target.folder_path() + "/.landlock-monitor.XXXXXX") {
		struct stat status {};

		(void)target.old();
		if (!mkdtemp(path_.data()))
			throw target.error(errno);
		folder_ = open(path_.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		// Whoever may could have put another folder there meanwhile.
		if (folder_ < 0 || fstat(folder_, &status) || status.st_uid != geteuid() || status.st_mode & 077)
			throw target.error(EPERM);
		// trace-cmd leaves mode and owner as they are.
		const int fd = target.create(folder_, "trace.dat");
		if (fd < 0) {
			const Error error = target.error(errno);
			rmdir(path_.c_str());
			throw error;
		}
		close(fd);
	}
	~Workshop() {
		std::error_code ignored;

		for (const auto &entry : std::filesystem::directory_iterator(own_path(), ignored))
			unlinkat(folder_, entry.path().filename().c_str(), 0);
		close(folder_);
		rmdir(path_.c_str());
	}
	Workshop(const Workshop &) = delete;
	Workshop &operator=(const Workshop &) = delete;

	int folder() const { return folder_; }
	std::string own_path() const { return fmt::format("/proc/self/fd/{}", folder_); }
	// Puts the recording in its place.
	void deliver() const {
		if (renameat(folder_, "trace.dat", target_.folder(), target_.name().c_str()))
			throw target_.error(errno);
	}

private:
	const Target &target_;
	std::string path_;
	int folder_ = -1;
};

// trace-cmd gets an instance of its own, so that global tracing stays as it is.
// Events of all processes: those that tell of a domain's end come from others.
std::vector<std::string> words_of(const Options &options, const Command &command, const Numbers &numbers) {
	std::vector<std::string> words = {"trace-cmd", "record", "-q", "-B", instance_name(""),
					  "-C", "global", "-b", std::to_string(buffer_size(options.buffer_kb))};

	for (const char *event : {"landlock", "sched:sched_prepare_exec", "sched:sched_process_exec", "sched:sched_process_exit",
				  "task:task_newtask", "task:task_rename"})
		words.insert(words.end(), {"-e", event});
	words.insert(words.end(), {"-o", fmt::format("/proc/self/fd/{}/trace.dat", numbers.folder)});
	if (command.user)
		words.insert(words.end(), {"--user", command.user->name});
	// trace-cmd ends its recorders without their data if the command is over
	// before they are ready, and does not hand on how the command ended.
	words.insert(words.end(), {"--", "sh", "-c",
				   fmt::format("trap : HUP INT QUIT TERM; sleep 0.5; "
					       "sh -c 'echo $$ >&{1}; exec \"$@\" {0}>&- {1}>&-' sh \"$@\"; echo $? >&{1}",
					       numbers.folder, numbers.status),
				   "sh"});
	// For the command alone, not for trace-cmd, which is privileged.
	if (!command.environment.empty())
		words.insert(words.end(), "env");
	for (const auto &[name, value] : command.environment)
		words.push_back(name + "=" + value);
	words.insert(words.end(), command.argv.begin(), command.argv.end());
	return words;
}

// What trace-cmd's shell tells: the PID of the command, then its exit status.  Others
// of the command's user can write that too.
class Told {
public:
	explicit Told(int fd) : fd_(fd) {}

	void read() {
		char text[64];
		const ssize_t size = ::read(fd_, text, sizeof(text));
		if (size > 0)
			text_.append(text, static_cast<size_t>(size));
		count_ = std::sscanf(text_.c_str(), "%d\n%d\n", &pid_, &status_);
	}
	// The PID of the command while it runs, else 0.
	int pid() const { return count_ == 1 ? pid_ : 0; }
	std::optional<int> status() const { return count_ == 2 ? std::optional(status_) : std::nullopt; }

private:
	int fd_;
	std::string text_;
	int count_ = 0, pid_ = 0, status_ = 0;
};

bool is_descendant(int pid, int ancestor) {
	const std::vector<int> threads = threads_beneath(ancestor);

	return std::find(threads.begin(), threads.end(), pid) != threads.end();
}

// Waits for trace-cmd, and hands signals on to the command.  Returns trace-cmd's status.
int wait_for(Child &child, Signals &signals, Told &told) {
	std::optional<int> status;
	std::vector<int> came;

	while (!(status = child.reap())) {
		pollfd poll_fd{signals.fd(), POLLIN, 0};
		// They wait for the command too.
		poll(&poll_fd, 1, came.empty() ? 1000 : 10);
		while (const int signal = signals.next())
			came.push_back(signal);
		told.read();
		for (const int signal : came) {
			if (is_descendant(told.pid(), child.pid()))
				pass_on(signal, told.pid());
		}
		if (told.pid() || told.status())
			came.clear();
	}
	told.read();
	return *status;
}

} // namespace

int cmd_record(const Options &options) {
	const Numbers numbers = free_numbers();
	const Command command = command_of(options);
	int status_pipe[2];

	if (command.user && command.user->name.empty())
		throw Error(fmt::format("trace-cmd takes no user without a name, as {}", command.user->uid),
			    "Give --user a name that 'getent passwd' knows.");
	// Nothing of ours gets these numbers.
	dup2(STDERR_FILENO, numbers.folder);
	dup2(STDERR_FILENO, numbers.status);
	reclaim_stale_instances();
	const Target target(options.output.empty() ? "trace.dat" : options.output, "-o");
	const Workshop workshop(target);
	if (pipe2(status_pipe, O_CLOEXEC | O_NONBLOCK))
		throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
	dup2(workshop.folder(), numbers.folder);
	dup2(status_pipe[1], numbers.status);

	Signals signals;
	Child child({words_of(options, command, numbers), {}, {}}, signals, false);
	close(numbers.folder);
	close(numbers.status);
	confine({.grants = {{target.folder_path(), fs_make_reg | fs_remove_file | fs_remove_dir | fs_refer},
			    {workshop.own_path(), fs_read_dir | fs_remove_file | fs_refer},
			    {"/proc", fs_read_file | fs_read_dir}},
		 .can_signal = true});
	if (child.release())
		throw Error(fmt::format("cannot run trace-cmd: {}", child.error()), "Install the package trace-cmd.");
	Told told(status_pipe[0]);
	if (wait_for(child, signals, told) != 0)
		throw Error(fmt::format("trace-cmd failed: nothing is recorded in {}", target.text()));
	workshop.deliver();
	if (!told.status())
		throw Error("trace-cmd ended before its command");
	return *told.status();
}

} // namespace landlock
