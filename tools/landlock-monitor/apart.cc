// SPDX-License-Identifier: GPL-2.0-only
#include "apart.h"

#include <fmt/format.h>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

namespace landlock {
namespace {

constexpr int has_crashed = 2;

bool write_all(int fd, std::string_view text) {
	while (!text.empty()) {
		const ssize_t size = write(fd, text.data(), text.size());
		if (size < 0)
			return false;
		text.remove_prefix(static_cast<size_t>(size));
	}
	return true;
}

[[noreturn]] void work_and_exit(int pipe, const std::function<std::string()> &work) {
	// It may never end.
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	// Else it is in the kernel's log, too.
	for (const int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT})
		signal(crash, [](int) { _exit(has_crashed); });
	try {
		_exit(write_all(pipe, work()) ? 0 : 1);
	} catch (const Error &error) {
		complain(error);
	} catch (const std::exception &error) {
		complain(Error(error.what()));
	}
	_exit(1);
}

} // namespace

std::string apart(const std::function<std::string()> &work, const Error &crash) {
	std::string text;
	char part[4096];
	ssize_t size;
	int fds[2], status = 0;

	if (pipe(fds))
		throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
	const pid_t pid = fork();
	if (pid < 0)
		throw Error(fmt::format("cannot fork: {}", std::strerror(errno)));
	if (!pid)
		work_and_exit(fds[1], work);
	close(fds[1]);
	while ((size = read(fds[0], part, sizeof(part))) > 0)
		text.append(part, static_cast<size_t>(size));
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status) || WEXITSTATUS(status) == has_crashed)
		throw crash;
	if (status)
		throw Error("");
	return text;
}

} // namespace landlock
