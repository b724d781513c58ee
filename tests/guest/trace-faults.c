// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes each allocation of a system call fail, one after the other, with all
 * events on: a path that cannot be printed never prevents an event, nor changes
 * what the call does, and what fails leaves the trace balanced.
 *
 * Needs CONFIG_FAILSLAB and CONFIG_FAULT_INJECTION_DEBUG_FS.
 *
 * usage: trace-faults   (root)
 */
#define _GNU_SOURCE
#include "trace.h"

#include <linux/landlock.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define BASE "/tmp/faults"
#define FAILSLAB "/sys/kernel/debug/failslab"

#define READ LANDLOCK_ACCESS_FS_READ_FILE
#define TSYNC LANDLOCK_RESTRICT_SELF_TSYNC

/* More than any of these calls allocates. */
#define TRIES_MAX 100

/* What a process says of its call. */
static struct result {
	int error; /* 0 or an errno */
	int failed; /* whether an allocation failed */
} *result;

/* Opened by each process while it is still allowed to. */
static int fail_fd;

/* The n-th allocation of this thread from now on fails; 0 means none. */
static void fail_nth(const int n)
{
	char text[16];
	const int len = snprintf(text, sizeof(text), "%d", n);

	must(pwrite(fail_fd, text, len, 0));
}

/* Whether it failed, or would still have to. */
static bool has_failed(void)
{
	char text[16] = "";
	ssize_t len;

	len = must(pread(fail_fd, text, sizeof(text) - 1, 0));
	must(len > 0 ? 0 : -1);
	fail_nth(0);
	return !atoi(text);
}

static int new_ruleset(void)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = READ,
		.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP,
	};

	return syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);
}

/* The calls, each with what it needs opened before. */

static int ruleset, parent;

static int call_create(void)
{
	const int fd = new_ruleset();

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int call_add_path(void)
{
	const struct landlock_path_beneath_attr attr = {
		.allowed_access = READ,
		.parent_fd = parent,
	};

	return syscall(__NR_landlock_add_rule, ruleset,
		       LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
}

static int call_add_port(void)
{
	const struct landlock_net_port_attr attr = {
		.allowed_access = LANDLOCK_ACCESS_NET_BIND_TCP,
		.port = 1234,
	};

	return syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_NET_PORT,
		       &attr, 0);
}

static int call_restrict(void)
{
	return syscall(__NR_landlock_restrict_self, ruleset, 0);
}

static int call_tsync(void)
{
	return syscall(__NR_landlock_restrict_self, ruleset, TSYNC);
}

static int call_denied_open(void)
{
	return open("file", O_RDONLY | O_CLOEXEC);
}

static pthread_barrier_t barrier;

static void *wait_thread(void *const arg)
{
	pthread_barrier_wait(&barrier);
	pause();
	return arg;
}

static void prepare(int (*const call)(void))
{
	fail_fd = must(open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC));
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	ruleset = must(new_ruleset());
	if (call == call_restrict || call == call_tsync)
		must(call_add_port());
	if (call == call_denied_open)
		must(call_restrict());
	if (call == call_tsync) {
		pthread_barrier_init(&barrier, NULL, 4);
		for (int i = 0; i < 3; i++) {
			pthread_t thread;

			must(-pthread_create(&thread, NULL, wait_thread, NULL));
		}
		pthread_barrier_wait(&barrier);
	}
}

/* In a process of its own, as a domain is for ever. */
static struct result try_call(int (*const call)(void), const int n)
{
	pid_t pid;
	int status;

	memset(result, 0, sizeof(*result));
	pid = must(fork());
	if (!pid) {
		prepare(call);
		fail_nth(n);
		result->error = call() < 0 ? errno : 0;
		result->failed = has_failed();
		_exit(0);
	}
	must(waitpid(pid, &status, 0));
	/* It said why. */
	must(status ? -1 : 0);
	return *result;
}

static bool is_balanced(void)
{
	trace_read();
	return count_events("create_ruleset") == count_events("free_ruleset") &&
	       count_events("restrict_self") == count_events("free_domain");
}

static int count_no_mem(void)
{
	int n = 0;

	for (int i = 0; i < num_events; i++) {
		const char *const path = value(&events[i], "path");

		n += path && !strcmp(path, "<no_mem>");
	}
	return n;
}

static const struct {
	const char *name;
	int (*call)(void);
	/* What it returns when nothing fails. */
	int error;
	/* The event that only its success leaves, or its denial. */
	const char *event;
	bool has_path;
} calls[] = {
	{ "create_ruleset", call_create, 0, NULL, false },
	{ "add_rule_fs", call_add_path, 0, "add_rule_fs", true },
	{ "add_rule_net", call_add_port, 0, "add_rule_net", false },
	{ "restrict_self", call_restrict, 0, "restrict_self", false },
	{ "restrict_self_tsync", call_tsync, 0, "restrict_self", false },
	{ "deny_access_fs", call_denied_open, EACCES, "deny_access_fs", true },
};

static void test_call(const size_t i)
{
	int n = 0, done = 0, refused = 0, wrong = 0, events_of = 0;
	struct result now;

	trace_clear();
	do {
		now = try_call(calls[i].call, ++n);
		if (now.error == calls[i].error)
			done++;
		else if (now.error == ENOMEM && now.failed)
			refused++;
		else
			wrong++;
	} while (now.failed && n < TRIES_MAX);
	for (int t = 0; t < 500 && !is_balanced(); t++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	printf("# %s: %d allocations, %d times ENOMEM\n", calls[i].name, n - 1,
	       refused);
	check(!now.failed && !wrong && done && refused,
	      "faults: %s: as without events, or ENOMEM", calls[i].name);
	check(is_balanced(), "promise.1-balance: faults: %s", calls[i].name);
	if (calls[i].event) {
		events_of = count_events(calls[i].event);
		check(events_of == done, "faults: %s: %d events for %d calls",
		      calls[i].name, events_of, done);
	}
	check(count_no_mem() == calls[i].has_path,
	      "faults: %s: %s without memory for the path", calls[i].name,
	      calls[i].has_path ? "an event" : "none");
}

/* A sibling with credentials of its own, one of whose allocations fails. */
static void *fail_thread(void *const arg)
{
	const int n = *(const int *)arg;

	fail_fd = must(open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC));
	/* Of this thread alone, unlike the C library's. */
	must(syscall(SYS_setresgid, 1, 1, 1));
	fail_nth(n);
	pthread_barrier_wait(&barrier);
	pause();
	return NULL;
}

/* Says whether the domain was enforced, as the trace should. */
static int restrict_with_sibling(int n)
{
	pthread_t thread;
	int error;

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	ruleset = must(new_ruleset());
	must(call_add_port());
	pthread_barrier_init(&barrier, NULL, 2);
	must(-pthread_create(&thread, NULL, fail_thread, &n));
	pthread_barrier_wait(&barrier);
	error = call_tsync() ? errno : 0;
	if (!error)
		must(call_denied_open() < 0 && errno == EACCES ? 0 : -1);
	else
		close(must(call_denied_open()));
	return error;
}

/* No thread may be restricted, nor any event say so, when one of them fails. */
static void test_failing_sibling(void)
{
	int refused = 0, done = 0, wrong = 0;

	trace_clear();
	for (int n = 1; n <= 12; n++) {
		int status;
		pid_t pid;

		pid = must(fork());
		if (!pid) {
			result->error = restrict_with_sibling(n);
			_exit(0);
		}
		must(waitpid(pid, &status, 0));
		must(status ? -1 : 0);
		refused += result->error == ENOMEM;
		done += !result->error;
		wrong += result->error && result->error != ENOMEM;
	}
	for (int t = 0; t < 500 && !is_balanced(); t++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	printf("# %d refused, %d enforced\n", refused, done);
	check(!wrong && refused && done, "faults: tsync: a sibling fails");
	check(is_balanced() && count_events("restrict_self") == done &&
		      count_events("deny_access_fs") == done,
	      "promise.1-balance: faults: a sibling of tsync fails");
}

int main(void)
{
	trace_open();
	if (access(FAILSLAB, F_OK)) {
		puts("1..0 # SKIP this kernel has no CONFIG_FAILSLAB");
		return 0;
	}
	/* Allocations that may wait fail too, and say nothing. */
	write_file(FAILSLAB "/ignore-gfp-wait", "N");
	write_file(FAILSLAB "/verbose", "0");
	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(result == MAP_FAILED ? -1 : 0);
	must(mkdir(BASE, 0700));
	must(mount("tmpfs", BASE, "tmpfs", 0, "mode=755"));
	must(chdir(BASE));
	close(must(open("file", O_WRONLY | O_CREAT, 0644)));
	parent = must(open(".", O_PATH | O_CLOEXEC));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		test_call(i);
	test_failing_sibling();
	finish();
	return 0;
}
