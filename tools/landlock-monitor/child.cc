// SPDX-License-Identifier: GPL-2.0-only
#include "child.h"

#include "error.h"
#include "escape.h"
#include "proc.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace landlock {
namespace {

void (*old_pipe)(int) = SIG_DFL;

User user_of(const passwd &entry) {
	return {entry.pw_uid, entry.pw_gid, entry.pw_name, entry.pw_dir, entry.pw_shell};
}

std::optional<unsigned> to_id(const char *text) {
	unsigned id = 0;

	if (!text || !*text)
		return {};
	const char *end = text + std::strlen(text);
	const auto result = std::from_chars(text, end, id);
	if (result.ec != std::errc() || result.ptr != end)
		return {};
	return id;
}

bool is_selected(const std::string &name, const std::vector<std::string> &wanted) {
	for (const std::string &want : wanted) {
		if (want.ends_with('*') ? name.starts_with(want.substr(0, want.size() - 1)) : name == want)
			return true;
	}
	return false;
}

// Why the child does not execute its command.
struct Failure {
	int error;
	bool is_user; // it could not become the user
};

[[noreturn]] void fail_in_child(int pipe, bool is_user) {
	const Failure failure{errno, is_user};

	(void)!write(pipe, &failure, sizeof(failure));
	_exit(127);
}

bool become(const User &user) {
	if (user.name.empty() ? setgroups(0, nullptr) : initgroups(user.name.c_str(), user.gid))
		return false;
	return !setgid(user.gid) && !setuid(user.uid);
}

} // namespace

std::string name_of(const User &user) {
	return user.name.empty() ? std::to_string(user.uid) : escape(user.name);
}

User find_user(const std::string &name) {
	if (const passwd *entry = getpwnam(name.c_str()))
		return user_of(*entry);
	if (const auto uid = to_id(name.c_str())) {
		if (const passwd *entry = getpwuid(*uid))
			return user_of(*entry);
		return {*uid, *uid, "", "", ""};
	}
	throw Error(fmt::format("no user '{}'", escape(name)), "Give --user a name or number that 'getent passwd' knows.");
}

std::optional<User> sudo_user() {
	// run0 sets these too, for programs that know sudo.
	const auto uid = to_id(std::getenv("SUDO_UID"));
	const auto gid = to_id(std::getenv("SUDO_GID"));
	std::optional<User> user;

	if (geteuid() != 0)
		return {};
	if (uid && gid) {
		user = User{*uid, *gid, "", "", ""};
		if (const passwd *entry = getpwuid(*uid)) {
			user = user_of(*entry);
			user->gid = *gid;
		}
	} else {
		for (const char *variable : {"DOAS_USER", "PKEXEC_UID"}) {
			const char *caller = std::getenv(variable);
			if (caller && *caller && !user)
				user = find_user(caller);
		}
	}
	return user && user->uid ? user : std::nullopt;
}

Environment sudo_environment(const std::vector<std::string> &names) {
	Environment kept;
	std::string comm;

	if (!sudo_user())
		return kept;
	// It still has what it was started with; with a terminal of its own, sudo is
	// the parent of our parent.
	int pid = getppid();
	for (int i = 0; i < 4 && pid > 1; i++) {
		comm = proc_status(pid, "Name").value_or("");
		if (comm == "sudo" || comm == "doas")
			break;
		pid = proc_status_number(pid, "PPid").value_or(0);
	}
	if (comm != "sudo" && comm != "doas")
		return kept;
	std::ifstream in(fmt::format("/proc/{}/environ", pid));
	for (std::string variable; std::getline(in, variable, '\0');) {
		const size_t equals = variable.find('=');
		if (equals != std::string::npos && is_selected(variable.substr(0, equals), names))
			kept[variable.substr(0, equals)] = variable.substr(equals + 1);
	}
	return kept;
}

Child::Child(const Command &command, const Signals &signals, bool is_family) {
	int hold[2], failure[2];

	if (pipe2(hold, O_CLOEXEC) || pipe2(failure, O_CLOEXEC))
		throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
	prctl(PR_SET_CHILD_SUBREAPER, is_family);

	std::vector<char *> argv;
	for (const std::string &word : command.argv)
		argv.push_back(const_cast<char *>(word.c_str()));
	argv.push_back(nullptr);

	pid_ = fork();
	if (pid_ < 0)
		throw Error(fmt::format("cannot start a process: {}", std::strerror(errno)));
	if (pid_ == 0) {
		char go;

		close(hold[1]);
		if (read(hold[0], &go, 1) != 1)
			_exit(125);
		if (command.user) {
			if (!become(*command.user))
				fail_in_child(failure[1], true);
			setenv("USER", command.user->name.c_str(), 1);
			setenv("LOGNAME", command.user->name.c_str(), 1);
			if (!command.user->home.empty())
				setenv("HOME", command.user->home.c_str(), 1);
			if (!command.user->shell.empty())
				setenv("SHELL", command.user->shell.c_str(), 1);
		}
		for (const auto &[name, value] : command.environment)
			setenv(name.c_str(), value.c_str(), 1);
		signals.restore();
		execvp(argv[0], argv.data());
		fail_in_child(failure[1], false);
	}
	if (command.user)
		user_ = name_of(*command.user);
	close(hold[0]);
	close(failure[1]);
	hold_ = hold[1];
	failure_ = failure[0];
}

Child::~Child() {
	close(hold_);
	close(failure_);
	// Held until now: it ends by itself.
}

int Child::release() {
	Failure failure{};

	(void)!write(hold_, "", 1);
	// End of file: the command runs.
	ssize_t size;
	do
		size = read(failure_, &failure, sizeof(failure));
	while (size < 0 && errno == EINTR);
	if (size != static_cast<ssize_t>(sizeof(failure)))
		return 0;
	error_ = std::strerror(failure.error);
	waitpid(pid_, nullptr, 0);
	if (failure.is_user) {
		error_ = fmt::format("cannot become {} (CAP_SETUID, CAP_SETGID): {}", user_, error_);
		return 125;
	}
	return failure.error == ENOENT || failure.error == ENOTDIR ? 127 : 126;
}

void pass_on(int signal, int pid) {
	if (signal != SIGINT && signal != SIGQUIT && signal != SIGCHLD)
		kill(pid, signal);
}

std::optional<int> Child::reap() {
	int status;

	for (;;) {
		const pid_t pid = waitpid(-1, &status, WNOHANG);
		if (pid <= 0) {
			is_alone_ = pid < 0 && errno == ECHILD;
			return status_;
		}
		if (pid == pid_)
			status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

void ignore_closed_pipes() {
	old_pipe = signal(SIGPIPE, SIG_IGN);
}

Signals::Signals() {
	sigset_t set;

	sigemptyset(&set);
	// All that would end us, and leave our instances behind, unless it is a
	// fault of ours.
	for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF,
				 SIGIO, SIGPWR, SIGSTKFLT})
		sigaddset(&set, signal);
	for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++)
		sigaddset(&set, signal);
	sigprocmask(SIG_BLOCK, &set, &old_);
	fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd_ < 0)
		throw Error(fmt::format("cannot read signals: {}", std::strerror(errno)));
}

Signals::~Signals() {
	close(fd_);
	sigprocmask(SIG_SETMASK, &old_, nullptr);
}

void Signals::restore() const {
	signal(SIGPIPE, old_pipe);
	sigprocmask(SIG_SETMASK, &old_, nullptr);
}

int Signals::next() {
	signalfd_siginfo info;

	return read(fd_, &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info)) ? static_cast<int>(info.ssi_signo) : 0;
}

} // namespace landlock
