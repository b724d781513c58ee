// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the guest's instructions of system calls, with and without Landlock,
 * its trace events and audit.
 *
 * usage: bench [quick]   as root, in a guest whose time stamp counter counts
 *                        instructions (QEMU: -icount shift=0), on one processor
 *        bench denials   denials in one layer alone
 *        bench memory    as root: what kmalloc() gave to system calls and was
 *                        not freed when they returned; prints CSV:
 *                        case,allocations,requested,allocated (bytes)
 *
 * Prints CSV: case,mode,instructions,records.  Each figure is the minimum of
 * many calls: what interrupts and slow paths of allocators add is not in it.
 * Records are how many trace events, or audit messages, one call made.
 *
 * Modes: off (no event, no audit); the name of the event that is on; all (all
 * Landlock events on); for denials also
 *   audit          audit on, as for a task that is older than audit
 *   audit-syscall  audit on, as for a task that is younger: a record of the
 *                  system call too
 *   delivered-off, delivered-event, delivered-audit: the denial and what
 *   brings its record to a reader, that is sched_yield() and a read of it
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

#define TRACING "/sys/kernel/tracing"
#define MAX_LAYERS 16
#define MAX_RULES 1000
#define MAX_DEPTH 29
#define PORT_ALLOWED 8080
#define PORT_DENIED 8081

#define ACCESS_FS ((LANDLOCK_ACCESS_FS_RESOLVE_UNIX << 1) - 1)
#define ACCESS_NET ((LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP << 1) - 1)
#define SCOPES (LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL)

enum event {
	CREATE_RULESET,
	FREE_RULESET,
	ADD_RULE_FS,
	ADD_RULE_NET,
	RESTRICT_SELF,
	CHECK_RULE_FS,
	CHECK_RULE_NET,
	DENY_ACCESS_FS,
	DENY_ACCESS_NET,
	DENY_PTRACE,
	DENY_SCOPE_SIGNAL,
	DENY_SCOPE_ABSTRACT_UNIX_SOCKET,
	ALL_EVENTS,
	TASK_RENAME,
	NUM_EVENTS,
	NO_EVENT,
};

static const char *const event_names[NUM_EVENTS] = {
	"create_ruleset",
	"free_ruleset",
	"add_rule_fs",
	"add_rule_net",
	"restrict_self",
	"check_rule_fs",
	"check_rule_net",
	"deny_access_fs",
	"deny_access_net",
	"deny_ptrace",
	"deny_scope_signal",
	"deny_scope_abstract_unix_socket",
	"all",
	"task_rename",
};

/* One system call to measure, and what must come before and after it. */
struct call {
	const char *name; /* of the case, without its parameters */
	long nr;
	long args[4];
	long want; /* a negative errno, or 0 for success */
	enum event event; /* that it may emit */
	void (*before)(struct call *call);
	void (*after)(struct call *call, long ret);
	bool denied;
};

/* What a child does with its calls. */
enum phase { PHASE_TRACE, PHASE_AUDIT, PHASE_AUDIT_SYSCALL };

static bool quick;
static int iterations = 1000;
static uint64_t overhead;
static int enable_fds[NUM_EVENTS], stats_fd, pipe_fd, audit_fd;
static int tracing_fd, memory_fds[2];
static int listener_fd, ruleset_fd = -1;
static char paths[MAX_DEPTH + 1][512];
/* Written by a child of a child, for calls that cannot be undone. */
static struct {
	uint64_t instructions;
	uint64_t records;
} *shared;

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return low | (uint64_t)high << 32;
}

static __attribute__((noinline)) long do_syscall(const struct call *const call)
{
	register long r10 asm("r10") = call->args[3];
	long ret;

	asm volatile("syscall"
		     : "=a"(ret)
		     : "a"(call->nr), "D"(call->args[0]), "S"(call->args[1]),
		       "d"(call->args[2]), "r"(r10)
		     : "rcx", "r11", "memory");
	return ret;
}

static __attribute__((noinline)) long do_nothing(const struct call *const call)
{
	register long r10 asm("r10") = call->args[3];
	long ret;

	asm volatile(""
		     : "=a"(ret)
		     : "a"(call->nr), "D"(call->args[0]), "S"(call->args[1]),
		       "d"(call->args[2]), "r"(r10)
		     : "rcx", "r11", "memory");
	return ret;
}

static void calibrate(void)
{
	const struct call call = {};

	overhead = UINT64_MAX;
	for (int i = 0; i < 100; i++) {
		const uint64_t start = rdtsc();
		uint64_t end;

		do_nothing(&call);
		end = rdtsc();
		if (end - start < overhead)
			overhead = end - start;
	}
}

/* The time stamp counter must count instructions, all alike. */
static void check_counter(void)
{
	uint64_t best = UINT64_MAX;

	calibrate();
	for (int i = 0; i < 100; i++) {
		const uint64_t start = rdtsc();
		uint64_t end;

		asm volatile(".rept 1000\nnop\n.endr");
		end = rdtsc();
		if (end - start < best)
			best = end - start;
	}
	if (best < 1000 || best > 1010) {
		fprintf(stderr,
			"bench: 1000 instructions count as %llu: boot with -icount shift=0\n",
			(unsigned long long)best);
		exit(1);
	}
}

static void set_event(const enum event event, const bool on)
{
	if (event != NO_EVENT)
		must(pwrite(enable_fds[event], on ? "1" : "0", 1, 0));
}

/* How many events were ever written to the ring buffer. */
static uint64_t count_events(void)
{
	char text[1024] = {};
	uint64_t count = 0;
	const char *at;

	must(pread(stats_fd, text, sizeof(text) - 1, 0));
	at = strstr(text, "entries: ");
	if (at)
		count += strtoull(at + strlen("entries: "), NULL, 10);
	at = strstr(text, "overrun: ");
	if (at)
		count += strtoull(at + strlen("overrun: "), NULL, 10);
	at = strstr(text, "read events: ");
	if (at)
		count += strtoull(at + strlen("read events: "), NULL, 10);
	return count;
}

static void audit_set(const uint32_t mask, const uint32_t value)
{
	struct {
		struct nlmsghdr header;
		struct audit_status status;
	} message = {
		.header = {
			.nlmsg_len = sizeof(message),
			.nlmsg_type = AUDIT_SET,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.status.mask = mask,
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[8192];
	} reply;

	switch (mask) {
	case AUDIT_STATUS_ENABLED:
		message.status.enabled = value;
		break;
	case AUDIT_STATUS_PID:
		message.status.pid = value;
		break;
	case AUDIT_STATUS_BACKLOG_LIMIT:
		message.status.backlog_limit = value;
		break;
	case AUDIT_STATUS_RATE_LIMIT:
		message.status.rate_limit = value;
		break;
	}
	must(send(audit_fd, &message, sizeof(message), 0));
	/* The reply is there at once, maybe after records. */
	do {
		must(recv(audit_fd, &reply, sizeof(reply), 0));
	} while (reply.header.nlmsg_type != NLMSG_ERROR);
	if (reply.error.error) {
		errno = -reply.error.error;
		must(-1);
	}
}

/* Reads what the kernel's thread for audit has sent.  Returns the number of
 * messages; at least @want are waited for. */
static int audit_drain(const int want)
{
	char message[8192];
	int count = 0;

	for (int idle = 0; idle < 3 || count < want; idle++) {
		if (idle > 1000) {
			fprintf(stderr, "bench: audit record lost\n");
			exit(1);
		}
		usleep(100);
		while (recv(audit_fd, message, sizeof(message), MSG_DONTWAIT) > 0) {
			count++;
			idle = 0;
		}
	}
	return count;
}

static uint64_t timed(struct call *const call)
{
	uint64_t start, end;
	long ret;

	if (call->before)
		call->before(call);
	start = rdtsc();
	ret = do_syscall(call);
	end = rdtsc();
	if (call->want ? ret != call->want : ret < 0) {
		fprintf(stderr, "bench: %s returned %ld\n", call->name, ret);
		exit(1);
	}
	if (call->after)
		call->after(call, ret);
	return end - start - overhead;
}

static void print(const char *const name, const char *const mode,
		  const uint64_t instructions, const uint64_t records)
{
	printf("%s,%s,%llu,%llu\n", name, mode,
	       (unsigned long long)instructions, (unsigned long long)records);
	fflush(stdout);
}

static void measure(struct call *const call, const char *const name,
		    const char *const mode, const enum event event)
{
	uint64_t best = UINT64_MAX, records;

	set_event(event, true);
	for (int i = 0; i < iterations; i++) {
		const uint64_t instructions = timed(call);

		if (instructions < best)
			best = instructions;
	}
	records = count_events();
	timed(call);
	records = count_events() - records;
	set_event(event, false);
	print(name, mode, best, records);
}

static void measure_audit(struct call *const call, const char *const name,
			  const char *const mode)
{
	const struct sched_param first = { .sched_priority = 1 };
	const struct sched_param usual = {};
	uint64_t best = UINT64_MAX;
	int records = 0;

	/* What the kernel's thread for audit does with a record is not part of
	 * the call. */
	must(sched_setscheduler(0, SCHED_FIFO, &first));
	audit_drain(0);
	for (int i = 0; i < iterations; i++) {
		const uint64_t instructions = timed(call);

		if (instructions < best)
			best = instructions;
		records = audit_drain(1);
	}
	must(sched_setscheduler(0, SCHED_OTHER, &usual));
	print(name, mode, best, records);
}

/* The denial, and the way of its record to a reader's buffer. */
static void measure_delivered(struct call *const call, const char *const name,
			      const char *const mode, const int fd,
			      const bool wait)
{
	static char buffer[8192];
	const struct call yield = { .nr = SYS_sched_yield };
	const struct call reading = {
		.nr = SYS_read,
		.args = { fd, (long)buffer, sizeof(buffer) },
	};
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < iterations / 4; i++) {
		uint64_t start, end;
		long ret;

		if (call->before)
			call->before(call);
		start = rdtsc();
		ret = do_syscall(call);
		do {
			do_syscall(&yield);
		} while (do_syscall(&reading) == -EAGAIN && wait);
		end = rdtsc();
		if (call->after)
			call->after(call, ret);
		if (end - start - overhead < best)
			best = end - start - overhead;
		while (do_syscall(&reading) > 0)
			;
	}
	print(name, mode, best, wait);
}

/* All modes of a call that can be repeated. */
static void run_call(struct call *const call, const char *const parameters,
		     const enum phase phase)
{
	char name[128];

	snprintf(name, sizeof(name), "%s%s", call->name, parameters);
	switch (phase) {
	case PHASE_TRACE:
		measure(call, name, "off", NO_EVENT);
		if (enable_fds[ALL_EVENTS] < 0)
			break;
		if (call->event != NO_EVENT)
			measure(call, name, event_names[call->event], call->event);
		measure(call, name, "all", ALL_EVENTS);
		break;
	case PHASE_AUDIT:
		measure_delivered(call, name, "delivered-off", audit_fd, false);
		audit_set(AUDIT_STATUS_ENABLED, 1);
		measure_audit(call, name, "audit");
		measure_delivered(call, name, "delivered-audit", audit_fd, true);
		audit_set(AUDIT_STATUS_ENABLED, 0);
		audit_drain(0);
		if (enable_fds[ALL_EVENTS] >= 0) {
			char text[8192];

			set_event(call->event, true);
			while (read(pipe_fd, text, sizeof(text)) > 0)
				;
			measure_delivered(call, name, "delivered-event", pipe_fd, true);
			set_event(call->event, false);
		}
		break;
	case PHASE_AUDIT_SYSCALL:
		audit_set(AUDIT_STATUS_ENABLED, 1);
		measure_audit(call, name, "audit-syscall");
		audit_set(AUDIT_STATUS_ENABLED, 0);
		audit_drain(0);
		break;
	}
}

/* Each sandbox. */

static int create_ruleset(void)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = ACCESS_FS,
		.handled_access_net = ACCESS_NET,
		.scoped = SCOPES,
	};

	return must(syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0));
}

static void add_path(const int ruleset, const char *const path)
{
	const struct landlock_path_beneath_attr attr = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
		.parent_fd = must(open(path, O_PATH | O_CLOEXEC)),
	};

	must(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		     &attr, 0));
	close(attr.parent_fd);
}

static void add_port(const int ruleset, const uint16_t port)
{
	const struct landlock_net_port_attr attr = {
		.allowed_access = LANDLOCK_ACCESS_NET_BIND_TCP |
				  LANDLOCK_ACCESS_NET_CONNECT_TCP,
		.port = port,
	};

	must(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_NET_PORT,
		     &attr, 0));
}

/* The same order in each run, and none that addresses could follow. */
static uint32_t shuffle_state;

static uint32_t shuffle_next(void)
{
	shuffle_state = shuffle_state * 1664525 + 1013904223;
	return shuffle_state >> 8;
}

/* @rules of files: the one of @path, if any, and of other files in an order of
 * @seed.  As many of ports, one of them PORT_ALLOWED. */
static int make_ruleset(const char *const path, const int rules,
			const uint32_t seed)
{
	const int ruleset = create_ruleset();
	int order[MAX_RULES];

	for (int i = 0; i < rules; i++)
		order[i] = i;
	shuffle_state = seed;
	for (int i = rules - 1; i > 0; i--) {
		const int j = shuffle_next() % (i + 1), other = order[j];

		order[j] = order[i];
		order[i] = other;
	}
	for (int i = 0; i < rules; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/rules/%04d", order[i]);
		add_path(ruleset, order[i] || !path ? name : path);
		add_port(ruleset, PORT_ALLOWED + (order[i] ? 1 + order[i] : 0));
	}
	return ruleset;
}

static void enter_layers(const int layers, const char *const path,
			 const int rules, const uint32_t seed)
{
	int ruleset;

	if (!layers)
		return;
	ruleset = make_ruleset(path, rules, seed);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	for (int i = 0; i < layers; i++)
		must(syscall(SYS_landlock_restrict_self, ruleset, 0));
	close(ruleset);
}

static void wait_for(const pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0));
	if (status)
		exit(1);
}

/* Runs the rest of the block in a child. */
#define in_child                                                           \
	for (pid_t pid_ = must(fork()), once_ = 1; once_;                  \
	     once_ = 0, pid_ ? wait_for(pid_) : exit(0))                   \
		if (!pid_)

/* Each call. */

static void close_fd(struct call *const call, const long ret)
{
	(void)call;
	close(ret);
}

static void new_tcp(struct call *const call)
{
	call->args[0] = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static void new_unix(struct call *const call)
{
	call->args[0] = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static void close_socket(struct call *const call, const long ret)
{
	(void)ret;
	close(call->args[0]);
}

/* Resets the connection: nothing of it stays. */
static void close_connection(struct call *const call, const long ret)
{
	const struct linger linger = { .l_onoff = 1 };

	(void)ret;
	must(setsockopt(call->args[0], SOL_SOCKET, SO_LINGER, &linger,
			sizeof(linger)));
	close(call->args[0]);
	close(must(accept(listener_fd, NULL, NULL)));
}

static const struct sockaddr_in allowed_address = {
	.sin_family = AF_INET,
	.sin_port = PORT_ALLOWED >> 8 | (PORT_ALLOWED & 0xff) << 8,
	.sin_addr.s_addr = 0x0100007f,
};
static const struct sockaddr_in denied_address = {
	.sin_family = AF_INET,
	.sin_port = PORT_DENIED >> 8 | (PORT_DENIED & 0xff) << 8,
	.sin_addr.s_addr = 0x0100007f,
};
static const struct sockaddr_in bind_address = {
	.sin_family = AF_INET,
	.sin_port = PORT_ALLOWED >> 8 | (PORT_ALLOWED & 0xff) << 8,
	.sin_addr.s_addr = 0x0200007f,
};
static const struct sockaddr_un unix_address = {
	.sun_family = AF_UNIX,
	.sun_path = "\0landlock-bench",
};
#define UNIX_LEN (offsetof(struct sockaddr_un, sun_path) + 15)

static void run_opens(const int layers, const int rules, const bool denied,
		      const enum phase phase)
{
	static const int depths[] = { 1, 3, 10, 29 };
	char parameters[64];

	for (size_t i = 0; i < sizeof(depths) / sizeof(*depths); i++) {
		struct call call = {
			.name = !layers ? "open none" :
				denied	? "open denied" :
					  "open allowed",
			.nr = SYS_open,
			.args = { (long)paths[depths[i]], O_RDONLY | O_CLOEXEC },
			.want = denied ? -EACCES : 0,
			.event = !layers ? NO_EVENT :
				 denied	 ? DENY_ACCESS_FS :
					   CHECK_RULE_FS,
			.after = denied ? NULL : close_fd,
			.denied = denied,
		};

		/* The issue asks for 1, 10 and 29; 3 is for denials. */
		if (depths[i] == 3 && !denied && layers)
			continue;
		if (quick && depths[i] != (denied ? 3 : 10))
			continue;
		if (layers)
			snprintf(parameters, sizeof(parameters),
				 " depth=%d rules=%d layers=%d", depths[i],
				 rules, layers);
		else
			snprintf(parameters, sizeof(parameters), " depth=%d",
				 depths[i]);
		run_call(&call, parameters, phase);
	}
}

/* Calls that are neither open() nor about rulesets. */
static void run_others(const int layers, const bool denied, const pid_t target,
		       const enum phase phase)
{
	struct call calls[] = {
		{
			.name = "bind",
			.nr = SYS_bind,
			.args = { 0, (long)(denied ? &denied_address : &bind_address),
				  sizeof(bind_address) },
			.want = denied ? -EACCES : 0,
			.event = denied ? DENY_ACCESS_NET : CHECK_RULE_NET,
			.before = new_tcp,
			.after = close_socket,
		},
		{
			.name = "connect",
			.nr = SYS_connect,
			.args = { 0, (long)(denied ? &denied_address : &allowed_address),
				  sizeof(allowed_address) },
			.want = denied ? -EACCES : 0,
			.event = denied ? DENY_ACCESS_NET : CHECK_RULE_NET,
			.before = new_tcp,
			.after = denied ? close_socket : close_connection,
		},
		{
			.name = "kill",
			.nr = SYS_kill,
			.args = { target, SIGUSR1 },
			.want = denied ? -EPERM : 0,
			.event = denied ? DENY_SCOPE_SIGNAL : NO_EVENT,
		},
		{
			.name = "connect-unix",
			.nr = SYS_connect,
			.args = { 0, (long)&unix_address, UNIX_LEN },
			.want = -EPERM,
			.event = DENY_SCOPE_ABSTRACT_UNIX_SOCKET,
			.before = new_unix,
			.after = close_socket,
		},
		{
			.name = "ptrace",
			.nr = SYS_ptrace,
			.args = { PTRACE_ATTACH, target },
			.want = -EPERM,
			.event = DENY_PTRACE,
		},
	};
	const int count = denied ? 5 : 3;

	for (int i = 0; i < count; i++) {
		char name[32], parameters[32] = "";

		snprintf(name, sizeof(name), "%s %s", calls[i].name,
			 !layers ? "none" : denied ? "denied" : "allowed");
		calls[i].name = name;
		if (layers)
			snprintf(parameters, sizeof(parameters), " layers=%d",
				 layers);
		else
			calls[i].event = NO_EVENT;
		run_call(&calls[i], parameters, phase);
	}
}

static void run_denied(const int layers, const enum phase phase,
		       const int barrier)
{
	char go;

	enter_layers(layers, NULL, 1, 1);
	if (barrier >= 0)
		must(read(barrier, &go, 1));
	run_opens(layers, 1, true, phase);
	run_others(layers, true, getppid(), phase);
}

static void run_allowed(const int layers, const int rules, const uint32_t seed)
{
	pid_t target;

	enter_layers(layers, "/", rules, seed);
	run_opens(layers, rules, false, PHASE_TRACE);
	if (rules > 1)
		return;
	target = must(fork());
	if (!target) {
		pause();
		_exit(0);
	}
	run_others(layers, false, target, PHASE_TRACE);
	must(kill(target, SIGKILL));
	must(waitpid(target, NULL, 0));
}

/* Rulesets. */

static struct landlock_path_beneath_attr path_attr = {
	.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
};
static const struct landlock_net_port_attr port_attr = {
	.allowed_access = LANDLOCK_ACCESS_NET_BIND_TCP,
	.port = PORT_ALLOWED,
};
static const struct landlock_ruleset_attr ruleset_attr = {
	.handled_access_fs = ACCESS_FS,
	.handled_access_net = ACCESS_NET,
	.scoped = SCOPES,
};

/* An event of the base: what any event costs. */
static void run_yardstick(void)
{
	struct call call = {
		.name = "prctl PR_SET_NAME",
		.nr = SYS_prctl,
		.args = { PR_SET_NAME, (long)"bench" },
	};

	measure(&call, call.name, "off", NO_EVENT);
	measure(&call, call.name, "task_rename", TASK_RENAME);
}

static void new_ruleset(struct call *const call)
{
	call->args[0] = create_ruleset();
}

static void run_rulesets(void)
{
	struct call create = {
		.name = "create_ruleset",
		.nr = SYS_landlock_create_ruleset,
		.args = { (long)&ruleset_attr, sizeof(ruleset_attr) },
		.event = CREATE_RULESET,
		.after = close_fd,
	};
	struct call add_fs = {
		.name = "add_rule fs",
		.nr = SYS_landlock_add_rule,
		.args = { 0, LANDLOCK_RULE_PATH_BENEATH, (long)&path_attr },
		.event = ADD_RULE_FS,
		.before = new_ruleset,
		.after = close_socket,
	};
	struct call add_net = {
		.name = "add_rule net",
		.nr = SYS_landlock_add_rule,
		.args = { 0, LANDLOCK_RULE_NET_PORT, (long)&port_attr },
		.event = ADD_RULE_NET,
		.before = new_ruleset,
		.after = close_socket,
	};
	struct call put = {
		.name = "close ruleset",
		.nr = SYS_close,
		.event = FREE_RULESET,
		.before = new_ruleset,
	};

	path_attr.parent_fd = must(open(paths[3], O_PATH | O_CLOEXEC));
	run_call(&create, "", PHASE_TRACE);
	run_call(&add_fs, " depth=3", PHASE_TRACE);
	run_call(&add_net, "", PHASE_TRACE);
	run_call(&put, "", PHASE_TRACE);
	close(path_attr.parent_fd);
}

/* Each call needs a new task: it adds a layer. */
static void measure_restrict(const char *const name, const char *const mode,
			     const enum event event, const int tasks)
{
	struct call call = {
		.name = name,
		.nr = SYS_landlock_restrict_self,
		.args = { ruleset_fd, 0 },
	};
	uint64_t best = UINT64_MAX;

	set_event(event, true);
	for (int i = 0; i < tasks; i++) {
		in_child {
			const uint64_t records = count_events();

			shared->instructions = timed(&call);
			shared->records = count_events() - records;
		}
		if (shared->instructions < best)
			best = shared->instructions;
	}
	set_event(event, false);
	print(name, mode, best, shared->records);
}

static void run_restrict(const int layers, const int rules)
{
	const int tasks = rules > 10 ? 60 : iterations / 10;
	char name[64];

	snprintf(name, sizeof(name), "restrict_self rules=%d layers=%d", rules,
		 layers);
	enter_layers(layers - 1, "/", rules, 1);
	ruleset_fd = make_ruleset("/", rules, 1);
	measure_restrict(name, "off", NO_EVENT, tasks);
	if (enable_fds[ALL_EVENTS] >= 0) {
		measure_restrict(name, "restrict_self", RESTRICT_SELF, tasks);
		measure_restrict(name, "all", ALL_EVENTS, tasks);
	}
}

/* Memory. */

static int open_tracing(const char *const name, const int flags)
{
	return openat(tracing_fd, name, flags | O_CLOEXEC);
}

struct allocation {
	char pointer[32];
	unsigned long requested, allocated;
};

static void forget(struct allocation *const found, int *const count,
		   const char *const pointer)
{
	for (int i = 0; i < *count; i++)
		if (!strcmp(found[i].pointer, pointer))
			found[i--] = found[--*count];
}

/* The allocations of this task that the text of a trace tells and that it did
 * not free again, but those of credentials, which are not Landlock's alone. */
static int parse_allocations(char *text, struct allocation *const found,
			     const int max)
{
	int count = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *const alloc = strstr(line, "kmalloc: ");
		char *const pointer = strstr(line, "ptr=");
		char address[32];

		if (*line == '#' || !pointer)
			continue;
		if (strstr(line, "LOST")) {
			fprintf(stderr, "bench: events lost\n");
			exit(1);
		}
		if (alloc) {
			if (strstr(line, "security_prepare_creds") ||
			    strstr(line, "prepare_creds"))
				continue;
			/* Large allocations are told twice. */
			must(sscanf(pointer, "ptr=%31s", address) == 1 ? 0 : -1);
			forget(found, &count, address);
			if (count == max)
				must((errno = E2BIG, -1));
			must(sscanf(pointer,
				    "ptr=%31s bytes_req=%lu bytes_alloc=%lu",
				    found[count].pointer,
				    &found[count].requested,
				    &found[count].allocated) == 3 ?
				     0 :
				     -1);
			count++;
		} else if (strstr(line, "kfree: ")) {
			must(sscanf(pointer, "ptr=%31s", address) == 1 ? 0 : -1);
			forget(found, &count, address);
		}
	}
	return count;
}

static void write_tracing(const char *const name, const char *const text)
{
	const int fd = must(open_tracing(name, O_WRONLY | O_TRUNC));

	must(write(fd, text, strlen(text)));
	close(fd);
}

/* Must come before the task is sandboxed. */
static void open_memory(void)
{
	static const char *const names[] = { "kmalloc", "kfree" };
	char name[64], filter[64];

	snprintf(filter, sizeof(filter), "common_pid == %d", getpid());
	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "events/kmem/%s/filter", names[i]);
		write_tracing(name, filter);
		snprintf(name, sizeof(name), "events/kmem/%s/enable", names[i]);
		memory_fds[i] = must(open_tracing(name, O_WRONLY));
	}
}

static void measure_memory(const char *const name, struct call *const call)
{
	static struct allocation found[4096];
	static char text[4 << 20];
	unsigned long requested = 0, allocated = 0;
	ssize_t size, len = 0;
	long ret;
	int count;

	for (int i = 0; i < 2; i++)
		must(pwrite(memory_fds[i], "1", 1, 0));
	while (read(pipe_fd, text, sizeof(text)) > 0)
		;
	ret = do_syscall(call);
	for (int i = 0; i < 2; i++)
		must(pwrite(memory_fds[i], "0", 1, 0));
	if (ret < 0) {
		fprintf(stderr, "bench: %s returned %ld\n", name, ret);
		exit(1);
	}
	while ((size = read(pipe_fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += size;
	text[len] = '\0';
	count = parse_allocations(text, found, sizeof(found) / sizeof(*found));
	for (int i = 0; i < count; i++) {
		requested += found[i].requested;
		allocated += found[i].allocated;
	}
	printf("%s,%d,%lu,%lu\n", name, count, requested, allocated);
	fflush(stdout);
}

static void run_memory_rulesets(void)
{
	struct call create = {
		.nr = SYS_landlock_create_ruleset,
		.args = { (long)&ruleset_attr, sizeof(ruleset_attr) },
	};
	struct call add_fs = {
		.nr = SYS_landlock_add_rule,
		.args = { create_ruleset(), LANDLOCK_RULE_PATH_BENEATH,
			  (long)&path_attr },
	};
	struct call add_net = {
		.nr = SYS_landlock_add_rule,
		.args = { add_fs.args[0], LANDLOCK_RULE_NET_PORT,
			  (long)&port_attr },
	};

	open_memory();
	measure_memory("create_ruleset", &create);
	path_attr.parent_fd = must(open(paths[2], O_PATH | O_CLOEXEC));
	measure_memory("add_rule fs (first rule of a file)", &add_fs);
	path_attr.parent_fd = must(open(paths[3], O_PATH | O_CLOEXEC));
	measure_memory("add_rule fs", &add_fs);
	measure_memory("add_rule net", &add_net);
}

static void run_memory(void)
{
	static const int all_layers[] = { 1, 2, 16 }, all_rules[] = { 0, 1, 101 };

	puts("case,allocations,requested,allocated");
	fflush(stdout);
	in_child run_memory_rulesets();
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			in_child {
				struct call call = {
					.nr = SYS_landlock_restrict_self,
				};
				char name[64];

				open_memory();
				call.args[0] = make_ruleset(NULL, all_rules[j], 1);
				enter_layers(all_layers[i] - 1, NULL,
					     all_rules[j], 1);
				snprintf(name, sizeof(name),
					 "restrict_self rules=%d layers=%d",
					 all_rules[j], all_layers[i]);
				measure_memory(name, &call);
			}
}

/* What all share. */

static void make_file(const char *const path)
{
	close(must(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)));
}

/* An absolute path has as many names as it is deep. */
static void make_tree(void)
{
	char path[512] = "";

	must(unshare(CLONE_NEWNS));
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must(mkdir("/run/bench", 0755));
	must(mount("bench", "/run/bench", "tmpfs", 0, NULL));
	must(chdir("/run/bench"));
	must(syscall(SYS_pivot_root, ".", "."));
	must(umount2(".", MNT_DETACH));
	must(chdir("/"));
	must(mkdir("/rules", 0755));
	for (int i = 0; i < MAX_RULES; i++) {
		snprintf(path, sizeof(path), "/rules/%04d", i);
		make_file(path);
	}
	*path = '\0';
	for (int depth = 1; depth <= MAX_DEPTH; depth++) {
		snprintf(paths[depth], sizeof(paths[depth]), "%.*s/file.txt",
			 (int)sizeof(paths[depth]) - 16, path);
		make_file(paths[depth]);
		sprintf(path + strlen(path), "/level-%02d", depth);
		must(mkdir(path, 0755));
	}
}

static void open_all(void)
{
	char name[128];

	/* It is not mounted in the tree that make_tree() makes. */
	tracing_fd = must(open(TRACING, O_PATH | O_CLOEXEC));
	stats_fd = must(open_tracing("per_cpu/cpu0/stats", O_RDONLY));
	pipe_fd = must(open_tracing("trace_pipe", O_RDONLY | O_NONBLOCK));
	enable_fds[ALL_EVENTS] = open_tracing("events/landlock/enable", O_WRONLY);
	enable_fds[TASK_RENAME] =
		must(open_tracing("events/task/task_rename/enable", O_WRONLY));
	for (int i = 0; i < ALL_EVENTS; i++) {
		snprintf(name, sizeof(name), "events/landlock/landlock_%s/enable",
			 event_names[i]);
		enable_fds[i] = open_tracing(name, O_WRONLY);
		/* All of them, or none in the base. */
		if ((enable_fds[i] < 0) != (enable_fds[ALL_EVENTS] < 0))
			must(-1);
	}
	audit_fd = must(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			       NETLINK_AUDIT));
	listener_fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	must(bind(listener_fd, (const struct sockaddr *)&allowed_address,
		  sizeof(allowed_address)));
	must(listen(listener_fd, 1));
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		must(-1);
}

static void listen_unix(void)
{
	const int fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	must(bind(fd, (const struct sockaddr *)&unix_address, UNIX_LEN));
	must(listen(fd, 1));
}

/* The objects of all rules stay, at the same place for all rulesets. */
static void hold_objects(void)
{
	const int ruleset = create_ruleset();

	for (int i = 0; i < MAX_RULES; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/rules/%04d", i);
		add_path(ruleset, name);
	}
	add_path(ruleset, "/");
	add_path(ruleset, paths[3]);
}

/* Denials with audit on, in tasks that are older than audit, then in younger
 * ones. */
static void run_audit(const int *const layers, const int count)
{
	int barriers[8][2];
	pid_t pids[8];

	for (int i = 0; i < count; i++) {
		must(pipe2(barriers[i], O_CLOEXEC));
		pids[i] = must(fork());
		if (!pids[i]) {
			run_denied(layers[i], PHASE_AUDIT, barriers[i][0]);
			exit(0);
		}
	}
	audit_set(AUDIT_STATUS_BACKLOG_LIMIT, 8192);
	audit_set(AUDIT_STATUS_PID, getpid());
	for (int i = 0; i < count; i++) {
		must(write(barriers[i][1], "", 1));
		wait_for(pids[i]);
	}
	for (int i = 0; i < count; i++)
		in_child run_denied(layers[i], PHASE_AUDIT_SYSCALL, -1);
}

/* Goes on in a task whose PID is in the second level of the kernel's tree of
 * PIDs, whatever started before. */
static void skip_pids(void)
{
	for (;;) {
		const pid_t pid = must(fork());
		int status;

		if (!pid && getpid() < 128)
			exit(0);
		if (!pid)
			return;
		must(waitpid(pid, &status, 0));
		if (pid >= 128)
			exit(!!status);
	}
}

int main(const int argc, char *const argv[])
{
	static const int all_layers[] = { 1, 4, 16 }, all_rules[] = { 1, 10, 100, 1000 };
	const int num_layers = 3;
	int num_rules = 4;
	bool memory;

	if (argc > 1 && !strcmp(argv[1], "quick")) {
		quick = true;
		iterations = 200;
		num_rules = 2;
	}
	memory = argc > 1 && !strcmp(argv[1], "memory");
	if (!memory)
		check_counter();
	skip_pids();
	signal(SIGUSR1, SIG_IGN);
	open_all();
	listen_unix();
	make_tree();
	hold_objects();

	if (memory) {
		run_memory();
		return 0;
	}
	puts("case,mode,instructions,records");
	fflush(stdout);
	if (argc > 1 && !strcmp(argv[1], "denials")) {
		quick = true;
		iterations = 200;
		in_child run_denied(1, PHASE_TRACE, -1);
		run_audit(all_layers, 1);
		return 0;
	}
	in_child {
		run_yardstick();
		run_opens(0, 0, false, PHASE_TRACE);
		run_others(0, false, getppid(), PHASE_TRACE);
		run_rulesets();
	}
	for (int i = 0; i < num_layers; i++)
		for (int j = 0; j < num_rules; j++)
			in_child run_allowed(all_layers[i], all_rules[j], 1);
	for (int i = 0; i < num_layers; i++)
		in_child run_denied(all_layers[i], PHASE_TRACE, -1);
	for (int i = 0; i < num_layers; i++) {
		if (all_layers[i] == 4)
			continue;
		in_child run_restrict(all_layers[i], 10);
		if (!quick)
			in_child run_restrict(all_layers[i], 1000);
	}
	run_audit(all_layers, num_layers);
	return 0;
}
