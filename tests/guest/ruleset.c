// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does to Landlock rulesets what its arguments say, in order, and prints "ok"
 * or the error's name for each landlock_create_ruleset().
 *
 *   create[:KEY=VALUE,...]  fs net scoped quiet_fs quiet_net quiet_scoped (hex),
 *                           size, flags, tail (a byte after the known part),
 *                           addr (a bad address); kept as next of 0, 1, 2...
 *   close:N dup:N           the Nth ruleset; dup keeps a new one
 *   restrict:N              enforces it on this process
 *   send:N recv             through a socket of our own (which holds it then)
 *   hangup                  closes that socket
 *   nofile:N                no file descriptor from N on
 *   child:N                 a child lives until the next "reap", only it has N
 *   reap                    lets the child exit
 *   exec                    runs the rest in a new image of this program
 *   die                     SIGKILL
 *   wait                    for a line on stdin
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int fds[64];
static int num_fds;
static int sockets[2] = { -1, -1 };
static int child_pipe[2];
static pid_t child;

static void fail(const char *const what)
{
	fprintf(stderr, "ruleset: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void keep(const int fd)
{
	if (num_fds == sizeof(fds) / sizeof(fds[0]))
		fail("too many rulesets");
	fds[num_fds++] = fd;
}

static void create(char *spec)
{
	union {
		struct landlock_ruleset_attr attr;
		char bytes[sizeof(struct landlock_ruleset_attr) + 64];
	} u = {};
	const void *attr = &u;
	size_t size = sizeof(u.attr);
	unsigned int flags = 0;
	char *item;
	int fd;

	while ((item = strsep(&spec, ","))) {
		char *const equal = strchr(item, '=');
		uint64_t value;

		if (!equal)
			fail(item);
		*equal = '\0';
		value = strtoull(equal + 1, NULL, 16);
		if (!strcmp(item, "fs"))
			u.attr.handled_access_fs = value;
		else if (!strcmp(item, "net"))
			u.attr.handled_access_net = value;
		else if (!strcmp(item, "scoped"))
			u.attr.scoped = value;
		else if (!strcmp(item, "quiet_fs"))
			u.attr.quiet_access_fs = value;
		else if (!strcmp(item, "quiet_net"))
			u.attr.quiet_access_net = value;
		else if (!strcmp(item, "quiet_scoped"))
			u.attr.quiet_scoped = value;
		else if (!strcmp(item, "tail"))
			u.bytes[sizeof(u.attr)] = value;
		else if (!strcmp(item, "size"))
			size = strtoul(equal + 1, NULL, 10);
		else if (!strcmp(item, "flags"))
			flags = value;
		else if (!strcmp(item, "addr"))
			attr = (void *)(uintptr_t)value;
		else
			fail(item);
	}

	fd = syscall(__NR_landlock_create_ruleset, attr, size, flags);
	if (fd < 0) {
		puts(strerrorname_np(errno));
		return;
	}
	puts("ok");
	if (!flags)
		keep(fd);
}

static void send_fd(const int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {}, byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *const cmsg = CMSG_FIRSTHDR(&msg);

	if (sockets[0] == -1 &&
	    socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		fail("socketpair");
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (sendmsg(sockets[0], &msg, 0) != 1)
		fail("sendmsg");
}

static int recv_fd(void)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(sockets[1], &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		fail("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static void start_child(const int n)
{
	if (pipe2(child_pipe, O_CLOEXEC))
		fail("pipe");
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child) {
		char byte;

		close(child_pipe[1]);
		if (read(child_pipe[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(child_pipe[0]);
	close(fds[n]);
}

int main(int argc, char *argv[])
{
	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++) {
		char *const colon = strchr(argv[i], ':');
		char *rest = NULL;
		int n = 0;

		if (colon) {
			*colon = '\0';
			rest = colon + 1;
			n = atoi(rest);
		}
		if (!strcmp(argv[i], "create")) {
			create(rest);
		} else if (!strcmp(argv[i], "close")) {
			close(fds[n]);
		} else if (!strcmp(argv[i], "dup")) {
			keep(dup(fds[n]));
		} else if (!strcmp(argv[i], "restrict")) {
			if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
			    syscall(__NR_landlock_restrict_self, fds[n], 0))
				fail("restrict");
		} else if (!strcmp(argv[i], "send")) {
			send_fd(fds[n]);
		} else if (!strcmp(argv[i], "recv")) {
			keep(recv_fd());
		} else if (!strcmp(argv[i], "hangup")) {
			close(sockets[0]);
			close(sockets[1]);
		} else if (!strcmp(argv[i], "nofile")) {
			const struct rlimit limit = { n, n };

			if (setrlimit(RLIMIT_NOFILE, &limit))
				fail("setrlimit");
		} else if (!strcmp(argv[i], "child")) {
			start_child(n);
		} else if (!strcmp(argv[i], "reap")) {
			close(child_pipe[1]);
			if (waitpid(child, NULL, 0) != child)
				fail("waitpid");
		} else if (!strcmp(argv[i], "exec")) {
			argv[i] = argv[0];
			execv("/proc/self/exe", argv + i);
			fail("exec");
		} else if (!strcmp(argv[i], "die")) {
			kill(getpid(), SIGKILL);
		} else if (!strcmp(argv[i], "wait")) {
			getchar();
		} else {
			fail(argv[i]);
		}
	}
	return 0;
}
