// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes each allocation of a system call fail, one after the other, until it
 * passes with none that fails: first with all events off, then with all on.
 * What a call returns and leaves has to be the same, a path that cannot be
 * printed never prevents an event, and the trace is balanced after each call.
 *
 * Needs CONFIG_FAILSLAB and CONFIG_FAULT_INJECTION_DEBUG_FS.
 *
 * usage: trace-faults   (root)
 */
#define _GNU_SOURCE
#include "trace.h"

#include <linux/landlock.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

/* Too long for the buffer on the stack: each path needs an allocation. */
#define BASE                                              \
	"/tmp/faults-in-a-directory-with-so-long-a-name-" \
	"that-the-path-of-what-is-in-it-does-not-fit-in-" \
	"the-buffer-of-256-bytes-that-is-on-the-stack-so" \
	"-that-each-path-needs-an-allocation-which-can-f" \
	"ail-and-then-there-is-a-placeholder-in-the-even" \
	"t-instead-of-the-path"
#define FAILSLAB "/sys/kernel/debug/failslab"

#define READ LANDLOCK_ACCESS_FS_READ_FILE
#define BIND LANDLOCK_ACCESS_NET_BIND_TCP
#define TSYNC LANDLOCK_RESTRICT_SELF_TSYNC
#define NUM_SIBLINGS 3

/* More than any of these calls allocates. */
#define TRIES_MAX 200

/* What a process says of its call. */
static struct result {
	int error; /* 0 or an errno */
	int failed; /* whether an allocation failed */
	int wrong; /* whether it left what it should not */
} * result;

/* All the allocations that failed. */
static int num_injected;

/* Opened by each process while it is still allowed to. */
static int fail_fd;

/* The process that is in no domain. */
static pid_t outside;

/* The n-th allocation of this thread from now on fails; 0 means none. */
static void fail_nth(const int fd, const int n)
{
	char text[16];
	const int len = snprintf(text, sizeof(text), "%d", n);

	must(pwrite(fd, text, len, 0));
}

/* Whether it failed, or would still have to. */
static bool has_failed(const int fd)
{
	char text[16] = "";
	ssize_t len;

	len = must(pread(fd, text, sizeof(text) - 1, 0));
	must(len > 0 ? 0 : -1);
	fail_nth(fd, 0);
	return !atoi(text);
}

static int new_ruleset(void)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = READ,
		.handled_access_net = BIND,
		.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET |
			  LANDLOCK_SCOPE_SIGNAL,
	};

	return syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);
}

/* The calls, each with what it needs opened before. */

static int ruleset, parent, inet_socket, unix_socket;

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
		.allowed_access = BIND,
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

/* In a subdirectory, which has a rule in some of the domains. */
static int call_open(void)
{
	const int fd = open("d/file", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int call_link(void)
{
	return link("d/file", "link");
}

static int call_bind(void)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(999),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	return bind(inet_socket, (void *)&addr, sizeof(addr));
}

static int call_connect(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	memcpy(addr.sun_path + 1, "faults", 6);
	return connect(unix_socket, (void *)&addr,
		       offsetof(struct sockaddr_un, sun_path) + 7);
}

static int call_kill(void)
{
	return kill(outside, 0);
}

static int call_ptrace(void)
{
	return ptrace(PTRACE_SEIZE, outside, 0, 0);
}

/* What a process needs before its call. */
enum {
	PORT_RULE = 1,
	PATH_RULE = 2,
	SIBLINGS = 4,
	/* Restricted once, and with a rule for "d". */
	DOMAIN = 8,
	DOMAIN_WITH_RULE = 16,
};

/* What is true after it. */
enum after {
	NOTHING,
	/* The same call again succeeds, and is the next version of the ruleset. */
	VERSION,
	/* All threads are restricted if it succeeded, else none is. */
	RESTRICTED,
	/* The same call is still denied. */
	DENIED,
};

static const struct call {
	const char *name;
	int (*call)(void);
	/* What it returns when nothing fails. */
	int error;
	/* The event that only its success leaves, or its denial. */
	const char *event;
	int needs;
	enum after after;
	/* Whether it allocates without events, and for its event. */
	bool allocates, has_path;
	/* Whether processors have caches of what it allocates. */
	bool varies;
} calls[] = {
	/* clang-format off */
	{ "create_ruleset", call_create, 0, NULL, 0, NOTHING, true, false, false },
	{ "add_rule_fs", call_add_path, 0, "add_rule_fs", 0, VERSION, true, true, false },
	{ "add_rule_fs_again", call_add_path, 0, "add_rule_fs", PATH_RULE, VERSION, false, true, false },
	{ "add_rule_net", call_add_port, 0, "add_rule_net", 0, VERSION, true, false, false },
	{ "restrict_self", call_restrict, 0, "restrict_self", PORT_RULE | PATH_RULE, RESTRICTED, true, false, false },
	{ "restrict_self_nested", call_restrict, 0, "restrict_self", PORT_RULE | PATH_RULE | DOMAIN_WITH_RULE, NOTHING, true, false, false },
	{ "restrict_self_tsync", call_tsync, 0, "restrict_self", PORT_RULE | PATH_RULE | SIBLINGS, RESTRICTED, true, false, false },
	{ "open_denied", call_open, EACCES, "deny_access_fs", DOMAIN, DENIED, true, true, false },
	{ "open_allowed", call_open, 0, "check_rule_fs", DOMAIN_WITH_RULE, NOTHING, true, false, false },
	{ "link_denied", call_link, EXDEV, "deny_access_fs", DOMAIN, DENIED, true, true, false },
	{ "bind_denied", call_bind, EACCES, "deny_access_net", DOMAIN, DENIED, false, false, false },
	{ "connect_denied", call_connect, EPERM, "deny_scope_abstract_unix_socket", DOMAIN, DENIED, true, false, true },
	{ "kill_denied", call_kill, EPERM, "deny_scope_signal", DOMAIN, DENIED, false, false, false },
	{ "ptrace_denied", call_ptrace, EPERM, "deny_ptrace", DOMAIN, DENIED, false, false, false },
	/* clang-format on */
};

/* No rule is for this file. */
static bool is_restricted(void)
{
	const int fd = open("file", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return must(errno == EACCES ? 1 : -1);
	close(fd);
	return false;
}

/* Siblings tell by their own denials whether they are restricted. */
static struct sibling {
	pthread_t thread;
	int fail_fd, fail, denied;
} siblings[NUM_SIBLINGS];

static pthread_barrier_t ready, called;

static void *wait_thread(void *const arg)
{
	struct sibling *const sibling = arg;

	sibling->fail_fd =
		must(open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC));
	if (sibling->fail) {
		/* Credentials of this thread alone, unlike the C library's. */
		must(syscall(SYS_setresgid, 1, 1, 1));
		fail_nth(sibling->fail_fd, sibling->fail);
	}
	pthread_barrier_wait(&ready);
	pthread_barrier_wait(&called);
	sibling->denied = is_restricted();
	return arg;
}

/* The one at @index, if any, has its @fail-th allocation fail. */
static void start_siblings(const int index, const int fail)
{
	pthread_barrier_init(&ready, NULL, NUM_SIBLINGS + 1);
	pthread_barrier_init(&called, NULL, NUM_SIBLINGS + 1);
	for (int i = 0; i < NUM_SIBLINGS; i++) {
		siblings[i].fail = i == index ? fail : 0;
		must(-pthread_create(&siblings[i].thread, NULL, wait_thread,
				     &siblings[i]));
	}
	pthread_barrier_wait(&ready);
}

/* How many of the siblings are restricted. */
static int end_siblings(void)
{
	int num = 0;

	pthread_barrier_wait(&called);
	for (int i = 0; i < NUM_SIBLINGS; i++) {
		must(-pthread_join(siblings[i].thread, NULL));
		num += siblings[i].denied;
	}
	return num;
}

static void prepare(const int needs)
{
	fail_fd = must(open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC));
	inet_socket = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	unix_socket = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (needs & (DOMAIN | DOMAIN_WITH_RULE)) {
		ruleset = must(new_ruleset());
		if (needs & DOMAIN_WITH_RULE)
			must(call_add_path());
		must(call_restrict());
		close(ruleset);
	}
	ruleset = must(new_ruleset());
	if (needs & PORT_RULE)
		must(call_add_port());
	if (needs & PATH_RULE)
		must(call_add_path());
	if (needs & SIBLINGS)
		start_siblings(-1, 0);
}

/* Whether the call left what it should not. */
static bool is_wrong_after(const struct call *const call, const int error)
{
	switch (call->after) {
	case NOTHING:
		return false;
	case VERSION:
		return call->call() != 0;
	case RESTRICTED:
		if (call->needs & SIBLINGS &&
		    end_siblings() != (error ? 0 : NUM_SIBLINGS))
			return true;
		return is_restricted() == !!error;
	case DENIED:
		return !call->call() || errno != call->error;
	}
	return true;
}

/* In a process of its own, as a domain is for ever. */
static struct result try_call(const struct call *const call, const int n)
{
	pid_t pid;
	int status;

	memset(result, 0, sizeof(*result));
	pid = must(fork());
	if (!pid) {
		prepare(call->needs);
		fail_nth(fail_fd, n);
		result->error = call->call() < 0 ? errno : 0;
		result->failed = has_failed(fail_fd);
		result->wrong = is_wrong_after(call, result->error);
		_exit(0);
	}
	must(waitpid(pid, &status, 0));
	/* It said why. */
	must(status ? -1 : 0);
	num_injected += result->failed;
	return *result;
}

/* Of a ruleset without its version. */
static bool is_same_id(const char *const a, const char *const b)
{
	const size_t len = strcspn(a, ".");

	return len == strcspn(b, ".") && !strncmp(a, b, len);
}

static unsigned long long id_of(const struct event *const event,
				const char *const key)
{
	return strtoull(value(event, key), NULL, 16);
}

/*
 * Each ID has one first and one last event, in this order.  IDs only grow: what
 * is older than the first ruleset is from before, when the events were off.
 */
static bool is_balanced_pair(const char *const first, const char *const last,
			     const char *const key)
{
	const struct event *const oldest = find_event("create_ruleset", 0);
	const struct event *begin, *end;
	int num = 0;

	for (int i = 0; (begin = find_event(first, i)); i++) {
		int found = 0;

		for (int n = 0; (end = find_event(last, n)); n++)
			found += end > begin &&
				 is_same_id(value(begin, key), value(end, key));
		if (found != 1)
			return false;
		num++;
	}
	for (int i = 0; (end = find_event(last, i)); i++)
		num -= oldest && id_of(end, key) >= id_of(oldest, "ruleset");
	return oldest && !num;
}

/* Freeing may be deferred, the longer the busier the machine is. */
static bool is_balanced(void)
{
	for (int t = 0; t < 3000; t++) {
		trace_read();
		if (is_balanced_pair("create_ruleset", "free_ruleset",
				     "ruleset") &&
		    is_balanced_pair("restrict_self", "free_domain", "domain"))
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	for (int i = 0; i < num_events; i++)
		printf("# unbalanced: %s: %s\n", events[i].name,
		       events[i].fields);
	return false;
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

/* How many events of its name a call has to leave, with what it needs. */
static int count_expected(const struct call *const call, const int error)
{
	int n = error == call->error;

	if (call->after == VERSION || call->after == DENIED)
		n++;
	/* One for each of the two parent directories. */
	if (call->call == call_link)
		n *= 2;
	if (!strcmp(call->event, "restrict_self"))
		n += !!(call->needs & (DOMAIN | DOMAIN_WITH_RULE));
	if (!strcmp(call->event, "add_rule_fs"))
		n += !!(call->needs & PATH_RULE);
	return n;
}

/* The version that the last rule made. */
static bool is_version_right(const struct call *const call, const int error)
{
	const int n = count_events(call->event);
	const char *const text =
		n ? value(find_event(call->event, n - 1), "ruleset") : NULL;

	return text && strchr(text, '.') &&
	       atoi(strchr(text, '.') + 1) == count_expected(call, error);
}

/* What all the tries of one call gave. */
struct sum {
	int tries, done, refused, wrong, after;
	int unbalanced, events, versions, no_mem;
	bool ended;
};

static struct sum try_all(const struct call *const call, const bool traced)
{
	struct sum sum = {};
	struct result now;

	write_file(trace_file("events/landlock/enable"), traced ? "1" : "0");
	do {
		if (traced)
			trace_clear();
		now = try_call(call, ++sum.tries);
		if (now.error == call->error)
			sum.done++;
		else if (now.error == ENOMEM && now.failed)
			sum.refused++;
		else
			sum.wrong++;
		sum.after += now.wrong;
		if (!traced)
			continue;
		sum.unbalanced += !is_balanced();
		if (call->event)
			sum.events += count_events(call->event) !=
				      count_expected(call, now.error);
		if (call->after == VERSION)
			sum.versions += !is_version_right(call, now.error);
		sum.no_mem += count_no_mem();
	} while (now.failed && sum.tries < TRIES_MAX);
	sum.ended = !now.failed;
	return sum;
}

static void test_call(const struct call *const call)
{
	const struct sum off = try_all(call, false);
	const struct sum on = try_all(call, true);

	printf("# %s: without events %d allocations and %d times ENOMEM, with events %d and %d\n",
	       call->name, off.tries - 1, off.refused, on.tries - 1,
	       on.refused);
	check(off.ended && on.ended && !off.wrong && !on.wrong && off.done &&
		      on.done,
	      "faults: %s: as without faults, or ENOMEM", call->name);
	check((on.refused == off.refused || call->varies) &&
		      !!on.refused == call->allocates,
	      "faults: %s: as often ENOMEM as without events", call->name);
	if (call->after)
		check(!off.after && !on.after,
		      "faults: %s: nothing half done, the same verdicts",
		      call->name);
	check(!on.unbalanced, "promise.1-balance: faults: %s", call->name);
	if (call->event)
		check(!on.events,
		      "faults: %s: an event if and only if it came so far",
		      call->name);
	if (call->after == VERSION)
		check(!on.versions, "promise.3-versions: faults: %s",
		      call->name);
	check(!!on.no_mem == call->has_path,
	      "faults: %s: %s without memory for the path", call->name,
	      call->has_path ? "an event" : "none");
}

/* No thread may be restricted, nor any event say so, when one of them fails. */
static struct result try_sibling(const int index, const int n)
{
	int status;
	pid_t pid;

	memset(result, 0, sizeof(*result));
	pid = must(fork());
	if (!pid) {
		prepare(PORT_RULE);
		start_siblings(index, n);
		result->error = call_tsync() ? errno : 0;
		result->failed = has_failed(siblings[index].fail_fd);
		result->wrong = end_siblings() !=
					(result->error ? 0 : NUM_SIBLINGS) ||
				is_restricted() == !!result->error;
		_exit(0);
	}
	must(waitpid(pid, &status, 0));
	must(status ? -1 : 0);
	num_injected += result->failed;
	return *result;
}

static void test_failing_sibling(const int index)
{
	int refused = 0, done = 0, wrong = 0, unbalanced = 0, n = 0;
	struct result now;

	do {
		trace_clear();
		now = try_sibling(index, ++n);
		refused += now.error == ENOMEM && now.failed;
		done += !now.error;
		wrong += now.wrong || (now.error && now.error != ENOMEM);
		unbalanced += !is_balanced() ||
			      count_events("restrict_self") != !now.error;
	} while (now.failed && n < TRIES_MAX);
	printf("# sibling %d: %d allocations, %d times ENOMEM\n", index, n - 1,
	       refused);
	check(!now.failed && !wrong && refused && done,
	      "faults: tsync: sibling %d fails: all threads restricted or none",
	      index);
	check(!unbalanced, "promise.1-balance: faults: tsync: sibling %d fails",
	      index);
}

int main(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char name[251] = "";
	int fd;

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
	outside = getpid();
	must(mkdir(BASE, 0700));
	must(mount("tmpfs", BASE, "tmpfs", 0, "mode=755"));
	/* Too long a path for the event to have room without an allocation. */
	memset(name, 'x', sizeof(name) - 1);
	must(chdir(BASE));
	must(mkdir(name, 0755));
	must(chdir(name));
	must(mkdir("d", 0755));
	close(must(open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644)));
	close(must(open("d/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644)));
	parent = must(open("d", O_PATH | O_CLOEXEC));
	fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	memcpy(addr.sun_path + 1, "faults", 6);
	must(bind(fd, (void *)&addr,
		  offsetof(struct sockaddr_un, sun_path) + 7));
	must(listen(fd, 128));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		test_call(&calls[i]);
	for (int i = 0; i < NUM_SIBLINGS; i++)
		test_failing_sibling(i);
	printf("# %d allocations failed in all\n", num_injected);
	finish();
	return 0;
}
