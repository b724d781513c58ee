// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of rules and domains as the trace tells it: the events add_rule_*,
 * restrict_self, free_domain and check_rule_*, each field of them compared with
 * what is known without the trace.
 *
 * The test itself is never sandboxed: it tells puppets (processes and threads)
 * what to do, one call at a time, and compares the whole trace with what it
 * expects from that.
 */
#define _GNU_SOURCE
/* The stress makes more of them than others need. */
#define EVENTS_MAX 32768
#include "trace.h"

#include <arpa/inet.h>
#include <limits.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n) (1ULL << (n))

/* A file system of our own, for stat() to tell what the kernel sees. */
#define BASE "/tmp/life"

/* Shorter names for what is used most. */
#define EXEC LANDLOCK_ACCESS_FS_EXECUTE
#define WRITE LANDLOCK_ACCESS_FS_WRITE_FILE
#define READ LANDLOCK_ACCESS_FS_READ_FILE
#define READ_DIR LANDLOCK_ACCESS_FS_READ_DIR
#define REMOVE LANDLOCK_ACCESS_FS_REMOVE_FILE
#define MAKE LANDLOCK_ACCESS_FS_MAKE_REG
#define REFER LANDLOCK_ACCESS_FS_REFER
#define TRUNC LANDLOCK_ACCESS_FS_TRUNCATE
#define BIND_TCP LANDLOCK_ACCESS_NET_BIND_TCP
#define CONNECT_TCP LANDLOCK_ACCESS_NET_CONNECT_TCP
#define BIND_UDP LANDLOCK_ACCESS_NET_BIND_UDP
#define SEND_UDP LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP
#define ALL_FS (BIT(17) - 1)
#define ALL_NET (BIT(4) - 1)
#define FILE_RIGHTS                                   \
	(EXEC | WRITE | READ | TRUNC |                \
	 LANDLOCK_ACCESS_FS_IOCTL_DEV |               \
	 LANDLOCK_ACCESS_FS_RESOLVE_UNIX)
#define QUIET LANDLOCK_ADD_RULE_QUIET
#define SAME_OFF LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF
#define NEW_ON LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON
#define SUB_OFF LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF
#define TSYNC LANDLOCK_RESTRICT_SELF_TSYNC
#define ANYONE 0

/* Names, as the contract lists them */

static const char *const fs_names[] = {
	"execute",   "write_file", "read_file",	"read_dir",  "remove_dir",
	"remove_file", "make_char", "make_dir", "make_reg",  "make_sock",
	"make_fifo", "make_block", "make_sym",	"refer",     "truncate",
	"ioctl_dev", "resolve_unix",
};
static const char *const net_names[] = {
	"bind_tcp",
	"connect_tcp",
	"bind_udp",
	"connect_send_udp",
};
static const char *const flag_names[] = {
	"log_same_exec_off",
	"log_new_exec_on",
	"log_subdomains_off",
	"tsync",
};

static const char *join(const char *const *const names, const uint64_t mask)
{
	static char buffers[8][512];
	static int next;
	char *const text = buffers[next++ % 8];

	*text = '\0';
	for (int i = 0; mask >> i; i++)
		if (mask & BIT(i))
			strcat(strcat(text, *text ? "|" : ""), names[i]);
	return text;
}

/* What an untrusted string prints as. */
static const char *escape(const char *const text)
{
	static char out[4 * PATH_MAX + 1];
	char *at = out;

	for (const unsigned char *in = (const unsigned char *)text; *in; in++)
		if (*in <= ' ' || *in >= 0x7f || strchr("=\"'\\", *in))
			at += sprintf(at, "\\%03o", *in);
		else
			*at++ = *in;
	*at = '\0';
	return out;
}

/*
 * Expected lines.  "=@X", with a capital letter, is an ID: whatever is there
 * when X is not known yet and no other letter has it, then always the same.  A
 * final "*" is the rest of the line.
 */

static struct {
	int pid;
	char *line;
} wants[4096];
static int num_wants;
static char ids['Z' - 'A' + 1][20];

/* What the puppets did since the last check went as planned. */
static bool as_planned = true;

static char *id_of(const char letter)
{
	return ids[letter - 'A'];
}

static void forget(const char *letters)
{
	while (*letters)
		*id_of(*letters++) = '\0';
}

__attribute__((format(printf, 2, 3))) static void
expect(const int pid, const char *const format, ...)
{
	va_list args;

	va_start(args, format);
	must(vasprintf(&wants[num_wants].line, format, args));
	va_end(args);
	wants[num_wants++].pid = pid;
}

static bool is_new_id(const char *const id)
{
	if (!*id || *id == '0')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (!strcmp(ids[i], id))
			return false;
	return true;
}

/* Compares an ID, returns its length or -1. */
static int match_id(const char letter, const char *const got)
{
	const int len = strspn(got, "0123456789abcdef");
	char id[20];

	if (len > 16)
		return -1;
	sprintf(id, "%.*s", len, got);
	if (!*id_of(letter) && is_new_id(id))
		strcpy(id_of(letter), id);
	return strcmp(id_of(letter), id) ? -1 : len;
}

static bool match(const char *want, const char *got)
{
	bool in_key = false;

	while (*want) {
		if (!strcmp(want, "*"))
			return true;
		if (in_key && *want == '@') {
			const int len = match_id(want[1], got);

			if (len < 0)
				return false;
			want += 2;
			got += len;
		} else if (*want != *got) {
			return false;
		} else {
			want++;
			got++;
		}
		in_key = want[-1] == '=';
	}
	return !*got;
}

static bool match_event(const int i)
{
	char *line;
	bool ok;

	if (i >= num_events || i >= num_wants)
		return false;
	must(asprintf(&line, "%s: %s", events[i].name, events[i].fields));
	ok = (wants[i].pid == ANYONE || wants[i].pid == events[i].pid) &&
	     match(wants[i].line, line);
	free(line);
	return ok;
}

/* Compares events[] with all that was expected, in order. */
static bool match_events(void)
{
	const int num = num_events > num_wants ? num_events : num_wants;

	for (int i = 0; i < num; i++) {
		if (match_event(i))
			continue;
		printf("# event %d: expected %d %s\n", i,
		       i < num_wants ? wants[i].pid : 0,
		       i < num_wants ? wants[i].line : "nothing");
		return false;
	}
	return true;
}

static void drop_wants(void)
{
	while (num_wants)
		free(wants[--num_wants].line);
}

__attribute__((format(printf, 2, 0))) static bool
check_events(const bool match, const char *const format, va_list args)
{
	char text[256];
	const bool ok = match && as_planned;

	vsnprintf(text, sizeof(text), format, args);
	check(ok, "%s", text);
	as_planned = true;
	drop_wants();
	trace_clear();
	return ok;
}

/* What was read. */
__attribute__((format(printf, 1, 2))) static bool
check_read(const char *const format, ...)
{
	va_list args;
	bool ok;

	va_start(args, format);
	ok = check_events(match_events(), format, args);
	va_end(args);
	return ok;
}

/* The whole trace, of what emits at once. */
__attribute__((format(printf, 1, 2))) static bool
check_trace(const char *const format, ...)
{
	va_list args;
	bool ok;

	trace_read();
	va_start(args, format);
	ok = check_events(match_events(), format, args);
	va_end(args);
	return ok;
}

/* Keeps what a play found wrong for the check that follows. */
static bool plan(const bool ok, const char *const what, const int line)
{
	if (!ok) {
		printf("# line %d: not as planned: %s\n", line, what);
		as_planned = false;
	}
	return ok;
}
#define PLAN(condition) plan(condition, #condition, __LINE__)

/* System calls, which return a negative error as in the kernel */

static long error(const long ret)
{
	return ret == -1 ? -errno : ret;
}

static long sys_restrict(const long fd, const long flags)
{
	return error(syscall(__NR_landlock_restrict_self, fd, flags));
}

static long add_rule(const int fd, const int type, const void *const attr,
		     const uint32_t flags)
{
	return error(syscall(__NR_landlock_add_rule, fd, type, attr, flags));
}

static long add_fs(const int fd, const int parent, const uint64_t access,
		   const uint32_t flags)
{
	const struct landlock_path_beneath_attr attr = {
		.allowed_access = access,
		.parent_fd = parent,
	};

	return add_rule(fd, LANDLOCK_RULE_PATH_BENEATH, &attr, flags);
}

static long add_net(const int fd, const uint64_t port, const uint64_t access,
		    const uint32_t flags)
{
	const struct landlock_net_port_attr attr = {
		.allowed_access = access,
		.port = port,
	};

	return add_rule(fd, LANDLOCK_RULE_NET_PORT, &attr, flags);
}

/* A rule for a path, of which no event is looked at. */
static void allow(const int fd, const char *const path, const uint64_t access)
{
	const int parent = must(open(path, O_PATH | O_CLOEXEC));

	PLAN(!add_fs(fd, parent, access, 0));
	close(parent);
}

/* Events that are on: create_ruleset, restrict_self and free_domain, always,
 * and those given, up to NULL. */
static void events_on(const char *name, ...)
{
	va_list args;

	write_file(trace_file("events/landlock/enable"), "0");
	trace_enable("create_ruleset", true);
	trace_enable("restrict_self", true);
	trace_enable("free_domain", true);
	va_start(args, name);
	for (; name; name = va_arg(args, const char *))
		trace_enable(name, true);
	va_end(args);
	trace_clear();
}

/* Creates a ruleset, whose ID gets @letter, and clears the trace. */
static int make_ruleset(const char letter,
			const struct landlock_ruleset_attr *const attr)
{
	const int fd = must(syscall(__NR_landlock_create_ruleset, attr,
				    sizeof(*attr), 0));
	const char *id;
	int n;

	trace_read();
	n = count_events("create_ruleset");
	id = value(find_event("create_ruleset", n - 1), "ruleset");
	if (!id) {
		puts("Bail out! no create_ruleset event");
		exit(1);
	}
	sprintf(id_of(letter), "%.*s", (int)strcspn(id, "."), id);
	trace_clear();
	return fd;
}

static int ruleset(const char letter, const uint64_t fs, const uint64_t net,
		   const uint64_t scoped)
{
	return make_ruleset(letter, &(struct landlock_ruleset_attr){
					    .handled_access_fs = fs,
					    .handled_access_net = net,
					    .scoped = scoped,
				    });
}

/* Puppets */

struct order {
	long (*call)(long a, long b);
	long a, b;
};

struct puppet {
	int tid;
	int orders[2];
	int replies[2];
};

/* Shared by the test and its puppets. */
static struct {
	int entered;
	int signals;
	int added;
	int stop;
} volatile *shared;

/*
 * What a puppet does all its life.  It shares our file descriptors: what it
 * opens outlives it, and what we open later is at hand.
 */
static void obey(const int orders, const int replies)
{
	long reply = syscall(__NR_gettid);
	struct order order;

	while (write(replies, &reply, sizeof(reply)) == sizeof(reply) &&
	       read(orders, &order, sizeof(order)) == sizeof(order))
		reply = order.call(order.a, order.b);
	_exit(1);
}

static long reply(const struct puppet *const puppet)
{
	long ret;

	must(read(puppet->replies[0], &ret, sizeof(ret)));
	return ret;
}

static void send_order(const struct puppet *const puppet,
		       long (*const call)(long, long), const long a,
		       const long b)
{
	const struct order order = { call, a, b };

	must(write(puppet->orders[1], &order, sizeof(order)));
}

static long tell(const struct puppet *const puppet,
		 long (*const call)(long, long), const long a, const long b)
{
	send_order(puppet, call, a, b);
	return reply(puppet);
}

static void make_pipes(struct puppet *const puppet)
{
	must(pipe(puppet->orders));
	must(pipe(puppet->replies));
}

static void close_pipes(const struct puppet *const puppet)
{
	for (int i = 0; i < 2; i++) {
		close(puppet->orders[i]);
		close(puppet->replies[i]);
	}
}

static long do_fork(const long orders, const long replies)
{
	const long pid =
		error(syscall(__NR_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));

	if (!pid)
		obey(orders, replies);
	return pid;
}

static struct puppet start(void)
{
	struct puppet puppet;

	make_pipes(&puppet);
	must(do_fork(puppet.orders[0], puppet.replies[1]));
	puppet.tid = reply(&puppet);
	return puppet;
}

/* A child of a puppet. */
static struct puppet start_child(const struct puppet *const parent)
{
	struct puppet puppet;

	make_pipes(&puppet);
	PLAN(tell(parent, do_fork, puppet.orders[0], puppet.replies[1]) > 0);
	puppet.tid = reply(&puppet);
	return puppet;
}

static void *run_thread(void *const arg)
{
	const int *const fds = arg;

	obey(fds[0], fds[1]);
	return NULL;
}

static long do_thread(const long orders, const long replies)
{
	int *const fds = malloc(2 * sizeof(*fds));
	pthread_t thread;

	fds[0] = orders;
	fds[1] = replies;
	return -pthread_create(&thread, NULL, run_thread, fds);
}

/* A thread of a puppet, which ends with it: its pipes must last as long. */
static struct puppet start_thread(const struct puppet *const process)
{
	struct puppet puppet;

	make_pipes(&puppet);
	PLAN(!tell(process, do_thread, puppet.orders[0], puppet.replies[1]));
	puppet.tid = reply(&puppet);
	return puppet;
}

static long do_exit(const long status, const long unused)
{
	(void)unused;
	syscall(__NR_exit_group, status);
	return 0;
}

static void reap(const struct puppet *const puppet)
{
	must(waitpid(puppet->tid, NULL, 0));
	close_pipes(puppet);
}

static void end(const struct puppet *const puppet)
{
	send_order(puppet, do_exit, 0, 0);
	reap(puppet);
}

/*
 * Domains are freed by RCU and a worker, in the order in which they were
 * dropped: a domain that was dropped last, and is gone, tells that no other one
 * is about to go.
 */
static int fence_ruleset;

static bool drop_fence(const int pid)
{
	char id[20] = "";
	int n = 0;

	for (int i = 0; i < num_events; i++)
		if (events[i].pid == pid)
			sprintf(id, "%.19s", value(&events[i], "domain") ?: "");
	if (!*id)
		return false;
	for (int i = 0; i < num_events; i++) {
		const char *const domain = value(&events[i], "domain");

		if (!domain || strcmp(domain, id))
			events[n++] = events[i];
	}
	/* Only with its end is it done. */
	if (num_events - n != 2)
		return false;
	num_events = n;
	return true;
}

#define CPUS_MAX 64

/*
 * Reads all events, also those of domains that are about to be freed: each
 * processor frees them in order, so a domain that ends last on each tells.
 */
static void settle(void)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int pids[CPUS_MAX];

	if (cpus > CPUS_MAX) {
		printf("Bail out! more than %d processors\n", CPUS_MAX);
		exit(1);
	}
	for (long cpu = 0; cpu < cpus; cpu++) {
		pids[cpu] = must(fork());
		if (!pids[cpu]) {
			cpu_set_t set;

			CPU_ZERO(&set);
			CPU_SET(cpu, &set);
			must(sched_setaffinity(0, sizeof(set), &set));
			_exit(sys_restrict(fence_ruleset, 0) ? 1 : 0);
		}
		must(waitpid(pids[cpu], NULL, 0));
	}
	for (int i = 0; i < 500; i++) {
		long cpu = 0;

		trace_read();
		while (cpu < cpus && drop_fence(pids[cpu]))
			cpu++;
		if (cpu == cpus)
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
	puts("Bail out! a domain was not freed");
	exit(1);
}

/* The whole trace, once all unused domains are freed. */
__attribute__((format(printf, 1, 2))) static bool
check_settled(const char *const format, ...)
{
	va_list args;
	bool ok;

	settle();
	va_start(args, format);
	ok = check_events(match_events(), format, args);
	va_end(args);
	return ok;
}

/* What puppets may be told */

static long do_nnp(const long a, const long b)
{
	(void)a, (void)b;
	return error(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static long do_get_nnp(const long a, const long b)
{
	(void)a, (void)b;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static long do_setuid(const long uid, const long b)
{
	(void)b;
	return error(syscall(__NR_setresuid, uid, uid, uid));
}

static long do_open(const long path, const long flags)
{
	return error(open((const char *)path, flags, 0600));
}

/* Opens, and closes at once. */
static long do_try(const long path, const long flags)
{
	const long fd = do_open(path, flags);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static long do_try_at(const long dir, const long name)
{
	const int fd = openat(dir, (const char *)name, O_RDONLY);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static long do_truncate(const long path, const long size)
{
	return error(truncate((const char *)path, size));
}

static long do_ftruncate(const long fd, const long size)
{
	return error(ftruncate(fd, size));
}

static long do_mknod(const long path, const long mode)
{
	return error(mknod((const char *)path, mode, makedev(1, 3)));
}

static long do_mkdir(const long path, const long b)
{
	(void)b;
	return error(mkdir((const char *)path, 0700));
}

static long do_symlink(const long path, const long b)
{
	(void)b;
	return error(symlink("target", (const char *)path));
}

static long do_unlink(const long path, const long b)
{
	(void)b;
	return error(unlink((const char *)path));
}

static long do_rmdir(const long path, const long b)
{
	(void)b;
	return error(rmdir((const char *)path));
}

static long do_exec(const long path, const long b)
{
	char *const args[] = { (char *)path, NULL };

	(void)b;
	return error(execve((const char *)path, args, NULL));
}

static long do_rename(const long from, const long to)
{
	return error(rename((const char *)from, (const char *)to));
}

static long do_exchange(const long from, const long to)
{
	return error(renameat2(AT_FDCWD, (const char *)from, AT_FDCWD,
			       (const char *)to, RENAME_EXCHANGE));
}

static long do_link(const long from, const long to)
{
	return error(link((const char *)from, (const char *)to));
}

static long do_chroot(const long path, const long b)
{
	(void)b;
	return error(chroot((const char *)path));
}

static long do_mount(const long path, const long b)
{
	(void)b;
	return error(mount("tmpfs", (const char *)path, "tmpfs", 0, NULL));
}

static long do_kill(const long pid, const long signal)
{
	return error(kill(pid, signal));
}

static long do_attach(const long pid, const long b)
{
	(void)b;
	return error(ptrace(PTRACE_ATTACH, pid, NULL, NULL));
}

static long do_setown(const long fd, const long pid)
{
	return error(fcntl(fd, F_SETOWN, pid));
}

static long do_listen(const long fd, const long b)
{
	(void)b;
	return error(listen(fd, 1));
}

static socklen_t unix_address(struct sockaddr_un *const addr,
			      const char *const name)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	/* "@" stands for an abstract name. */
	strcpy(addr->sun_path, name);
	if (*name == '@')
		addr->sun_path[0] = '\0';
	return offsetof(struct sockaddr_un, sun_path) + strlen(name);
}

static long do_connect_unix(const long name, const long b)
{
	const int fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	struct sockaddr_un addr;
	const socklen_t len = unix_address(&addr, (const char *)name);
	const long ret = error(connect(fd, (struct sockaddr *)&addr, len));

	(void)b;
	close(fd);
	return ret;
}

/* A socket of a type and an IP version, used with a port. */
#define TCP4 (SOCK_STREAM | AF_INET << 4)
#define TCP6 (SOCK_STREAM | AF_INET6 << 4)
#define UDP4 (SOCK_DGRAM | AF_INET << 4)
#define UDP6 (SOCK_DGRAM | AF_INET6 << 4)

static socklen_t ip_address(struct sockaddr_storage *const addr,
			    const int family, const int port)
{
	struct sockaddr_in *const addr4 = (void *)addr;
	struct sockaddr_in6 *const addr6 = (void *)addr;

	memset(addr, 0, sizeof(*addr));
	addr->ss_family = family;
	if (family == AF_INET) {
		addr4->sin_port = htons(port);
		addr4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*addr4);
	}
	addr6->sin6_port = htons(port);
	addr6->sin6_addr = in6addr_loopback;
	return sizeof(*addr6);
}

static long with_socket(const int kind, const int port, const char what)
{
	const int family = kind >> 4;
	const int fd = must(socket(family, (kind & 15) | SOCK_CLOEXEC, 0));
	struct sockaddr_storage addr;
	const socklen_t len = ip_address(&addr, family, port);
	long ret;

	if (what == 'b')
		ret = error(bind(fd, (struct sockaddr *)&addr, len));
	else if (what == 'c')
		ret = error(connect(fd, (struct sockaddr *)&addr, len));
	else
		ret = error(sendto(fd, "", 1, 0, (struct sockaddr *)&addr, len));
	close(fd);
	return ret;
}

static long do_bind(const long kind, const long port)
{
	return with_socket(kind, port, 'b');
}

static long do_connect(const long kind, const long port)
{
	return with_socket(kind, port, 'c');
}

static long do_sendto(const long kind, const long port)
{
	return with_socket(kind, port, 's');
}

/* Puppet calls with paths. */
#define PATH(path) ((long)(path))

/* Expected lines of more than one test */

/* ruleset and version: "R.1". */
static void expect_rule_fs(const int pid, const char *const version,
			   const uint64_t access, const int quiet,
			   const int fd, const char *const path)
{
	struct stat st;

	must(fstat(fd, &st));
	expect(pid,
	       "add_rule_fs: ruleset=@%s access_rights=%s quiet=%d dev=%u:%u ino=%lu path=%s",
	       version, join(fs_names, access), quiet, major(st.st_dev),
	       minor(st.st_dev), st.st_ino, path);
}

static void expect_rule_net(const int pid, const char *const version,
			    const uint64_t access, const int quiet,
			    const int port)
{
	expect(pid,
	       "add_rule_net: ruleset=@%s access_rights=%s quiet=%d port=%d",
	       version, join(net_names, access), quiet, port);
}

/* parent: "0" or "@X". */
static void expect_restrict(const int pid, const char domain,
			    const char *const parent, const char *const version,
			    const int flags, const int threads, const int nnp)
{
	expect(pid,
	       "restrict_self: domain=@%c parent=%s ruleset=@%s flags=%s threads=%d no_new_privs=%d",
	       domain, parent, version, join(flag_names, flags), threads, nnp);
}

static void expect_free(const char domain, const int denials)
{
	expect(ANYONE, "free_domain: domain=@%c denials=%d", domain, denials);
}

static void expect_check_fs(const int pid, const char domain,
			    const uint64_t request, const char *const path,
			    const char *const grants)
{
	struct stat st;

	must(lstat(path, &st));
	expect(pid,
	       "check_rule_fs: domain=@%c access_request=%s dev=%u:%u ino=%lu grants={%s}",
	       domain, join(fs_names, request), major(st.st_dev),
	       minor(st.st_dev), st.st_ino, grants);
}

static void expect_check_net(const int pid, const char domain,
			     const uint64_t request, const int port,
			     const char *const grants)
{
	expect(pid,
	       "check_rule_net: domain=@%c access_request=%s port=%d grants={%s}",
	       domain, join(net_names, request), port, grants);
}

/* Starts a puppet in a root domain A made of a ruleset; nothing of that is
 * left in the trace. */
static struct puppet start_in(const int fd)
{
	const struct puppet puppet = start();

	forget("ABCDEFGHIJKLMNOP");
	PLAN(!tell(&puppet, sys_restrict, fd, 0));
	trace_read();
	PLAN(num_events == 1);
	strcpy(id_of('A'), value(&events[0], "domain") ?: "none");
	trace_clear();
	return puppet;
}

/* The test's own tools */

/* Emptying an expected line into "want" must refuse what differs anywhere. */
static void test_match(void)
{
	forget("AB");
	check(match("x: domain=@A parent=@A*", "x: domain=1f parent=1f z=1") &&
		      !strcmp(id_of('A'), "1f"),
	      "self.match.id");
	check(!match("x: domain=@A", "x: domain=1e"), "self.match.other-id");
	check(!match("x: domain=@A", "x: domain=1f0"), "self.match.longer-id");
	check(!match("x: domain=@B", "x: domain=1f"), "self.match.same-id");
	check(!match("x: domain=@B", "x: domain=0"), "self.match.zero");
	check(!match("x: domain=@B", "x: domain=01"), "self.match.padded-id");
	check(!match("x: a=1", "x: a=1 b=2"), "self.match.more");
	check(!match("x: a=1 b=2", "x: a=1"), "self.match.less");
	check(!strcmp(escape("a =\n\\\xff"), "a\\040\\075\\012\\134\\377"),
	      "self.escape");
	forget("AB");
}

/* The promises: balance, order and versions of any trace */

struct life {
	char kind; /* 'R'uleset or 'D'omain */
	uint64_t id;
	bool dead;
	uint64_t parent;
	uint64_t version;
	uint64_t denials;
};

static struct life lives[8192];
static int num_lives;

enum promise { BALANCE, ORDER, VERSIONS, AGREEMENT, NUM_PROMISES };

static int num_broken[NUM_PROMISES];

static void broken(const struct event *const event, const enum promise promise,
		   const char *const why)
{
	if (num_broken[promise]++ < 10)
		printf("# %s: %s: %s\n", why, event ? event->name : "end",
		       event ? event->fields : "");
}

static struct life *find_life(const char kind, const uint64_t id)
{
	for (int i = num_lives - 1; i >= 0; i--)
		if (lives[i].kind == kind && lives[i].id == id)
			return &lives[i];
	return NULL;
}

static struct life *find_alive(const struct event *const event,
			       const char kind, const uint64_t id)
{
	struct life *const life = find_life(kind, id);

	if (!life)
		broken(event, ORDER, "not born yet");
	else if (life->dead)
		broken(event, ORDER, "dead already");
	else
		return life;
	return NULL;
}

static void bear(const struct event *const event, const struct life life)
{
	if (find_life(life.kind, life.id))
		broken(event, BALANCE, "born twice");
	else if (num_lives < (int)ARRAY_SIZE(lives))
		lives[num_lives++] = life;
	else
		broken(event, BALANCE, "too many for the test");
}

static uint64_t id_value(const struct event *const event, const char *const key)
{
	return strtoull(value(event, key) ?: "0", NULL, 16);
}

static void see_ruleset(const struct event *const event)
{
	const char *const text = value(event, "ruleset");
	const uint64_t id = id_value(event, "ruleset");
	struct life *life;
	uint64_t version;

	if (!text)
		return;
	version = strtoull(strchrnul(text, '.') + 1, NULL, 10);
	if (!strcmp(event->name, "create_ruleset")) {
		if (version)
			broken(event, VERSIONS, "born with a version");
		bear(event, (struct life){ .kind = 'R', .id = id });
		return;
	}
	life = find_alive(event, 'R', id);
	if (!life)
		return;
	if (!strncmp(event->name, "add_rule_", 9)) {
		if (version != ++life->version)
			broken(event, VERSIONS, "not the next version");
	} else if (version > life->version) {
		broken(event, VERSIONS, "a future version");
	} else if (!strcmp(event->name, "free_ruleset")) {
		if (version != life->version)
			broken(event, VERSIONS, "not the last version");
		life->dead = true;
	}
}

static void see_free_domain(const struct event *const event)
{
	const uint64_t id = id_value(event, "domain");
	struct life *const life = find_alive(event, 'D', id);

	if (!life)
		return;
	life->dead = true;
	if (strtoull(value(event, "denials") ?: "x", NULL, 10) != life->denials)
		broken(event, AGREEMENT, "not the number of its denials");
	for (int i = 0; i < num_lives; i++)
		if (lives[i].kind == 'D' && lives[i].parent == id &&
		    !lives[i].dead)
			broken(event, ORDER, "freed before its child");
}

static void see_domain(const struct event *const event)
{
	static const char *const keys[] = { "domain",	     "parent",
					    "subject_domain", "tracee_domain",
					    "target_domain",  "peer_domain" };

	if (!strcmp(event->name, "restrict_self"))
		bear(event, (struct life){
				    .kind = 'D',
				    .id = id_value(event, "domain"),
				    .parent = id_value(event, "parent"),
			    });
	if (!strcmp(event->name, "free_domain")) {
		see_free_domain(event);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const uint64_t id = id_value(event, keys[i]);
		struct life *const life =
			id ? find_alive(event, 'D', id) : NULL;

		if (life && !i && !strncmp(event->name, "deny_", 5))
			life->denials++;
	}
}

/* How many times events[] breaks a promise. */
static int count_broken(void)
{
	int sum = 0;

	num_lives = 0;
	memset(num_broken, 0, sizeof(num_broken));
	for (int i = 0; i < num_events; i++) {
		see_ruleset(&events[i]);
		see_domain(&events[i]);
	}
	for (int i = 0; i < num_lives; i++)
		if (!lives[i].dead)
			broken(NULL, BALANCE, "not freed");
	for (int i = 0; i < NUM_PROMISES; i++)
		sum += num_broken[i];
	return sum;
}

/* Lines of a trace that never was. */
static int count_broken_in(const char *const *const lines)
{
	static char text[2048];
	char *at = text;

	num_events = 0;
	for (int i = 0; lines[i]; i++) {
		events[num_events].name = at;
		at = stpcpy(at, lines[i]);
		*strchr(events[num_events].name, ' ') = '\0';
		events[num_events].fields = strchr(events[num_events].name, 0) +
					    1;
		num_events++;
		at++;
	}
	return count_broken();
}

#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_promises(void)
{
	puts("# the ten lines below are of traces that are wrong on purpose");
	check(!count_broken_in(LINES(
		      "create_ruleset ruleset=1.0", "add_rule_fs ruleset=1.1",
		      "restrict_self domain=2 parent=0 ruleset=1.1",
		      "restrict_self domain=3 parent=2 ruleset=1.0",
		      "deny_x domain=2 subject_domain=3", "check_x domain=3",
		      "free_ruleset ruleset=1.1", "free_domain domain=3 denials=0",
		      "free_domain domain=2 denials=1")),
	      "self.promises.kept");
	check(count_broken_in(LINES("create_ruleset ruleset=1.0")) == 1,
	      "self.promises.no-end");
	check(count_broken_in(LINES("free_ruleset ruleset=1.0")) == 1,
	      "self.promises.no-start");
	check(count_broken_in(LINES("create_ruleset ruleset=1.0",
				    "free_ruleset ruleset=1.0",
				    "free_ruleset ruleset=1.0")) == 1,
	      "self.promises.two-ends");
	check(count_broken_in(LINES("create_ruleset ruleset=1.0",
				    "add_rule_net ruleset=1.2",
				    "free_ruleset ruleset=1.1")) == 1,
	      "self.promises.version");
	check(count_broken_in(LINES(
		      "create_ruleset ruleset=1.0", "free_ruleset ruleset=1.0",
		      "restrict_self domain=2 parent=0 ruleset=1.0",
		      "free_domain domain=2 denials=0")) == 1,
	      "self.promises.dead-ruleset");
	check(count_broken_in(LINES(
		      "create_ruleset ruleset=1.0",
		      "restrict_self domain=2 parent=0 ruleset=1.0",
		      "restrict_self domain=3 parent=2 ruleset=1.0",
		      "free_ruleset ruleset=1.0",
		      "free_domain domain=2 denials=0",
		      "free_domain domain=3 denials=0")) == 1,
	      "self.promises.parent-first");
	check(count_broken_in(LINES(
		      "create_ruleset ruleset=1.0",
		      "restrict_self domain=2 parent=0 ruleset=1.0",
		      "free_ruleset ruleset=1.0", "deny_x domain=2",
		      "free_domain domain=2 denials=0")) == 1,
	      "self.promises.denials");
	check(count_broken_in(LINES(
		      "create_ruleset ruleset=1.0",
		      "restrict_self domain=2 parent=0 ruleset=1.0",
		      "free_ruleset ruleset=1.0",
		      "free_domain domain=2 denials=0",
		      "check_x domain=2")) == 1,
	      "self.promises.after-end");
	trace_clear();
}

/* add_rule_fs */

static int open_path(const char *const path)
{
	return must(open(path, O_PATH | O_CLOEXEC));
}

static void make_file(const char *const path)
{
	close(must(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700)));
}

static void test_fs_rights(void)
{
	const int me = getpid(), dir = open_path("a"), file = open_path("a/f");
	int fd = ruleset('R', ALL_FS, 0, 0);
	char version[16];

	for (int i = 0; i < 17; i++) {
		PLAN(!add_fs(fd, dir, BIT(i), 0));
		sprintf(version, "R.%d", i + 1);
		expect_rule_fs(me, version, BIT(i), 0, dir, BASE "/a");
		check_trace("add_rule_fs.right.%s", fs_names[i]);
	}
	close(fd);

	fd = ruleset('R', ALL_FS, 0, 0);
	PLAN(!add_fs(fd, dir, ALL_FS, 0));
	expect_rule_fs(me, "R.1", ALL_FS, 0, dir, BASE "/a");
	PLAN(!add_fs(fd, dir, EXEC | MAKE | REFER, 0));
	expect_rule_fs(me, "R.2", EXEC | MAKE | REFER, 0, dir, BASE "/a");
	check_trace("add_rule_fs.right.mixed");
	close(fd);

	/* A file takes only what makes sense for it. */
	fd = ruleset('R', ALL_FS, 0, 0);
	for (int i = 0, n = 0; i < 17; i++) {
		const long ret = add_fs(fd, file, BIT(i), 0);

		PLAN(ret == (BIT(i) & FILE_RIGHTS ? 0 : -EINVAL));
		if (ret)
			continue;
		sprintf(version, "R.%d", ++n);
		expect_rule_fs(me, version, BIT(i), 0, file, BASE "/a/f");
	}
	check_trace("add_rule_fs.right.of-file");
	close(fd);

	/* Not those that the kernel adds for what is not handled. */
	fd = ruleset('R', READ | EXEC, 0, 0);
	PLAN(!add_fs(fd, dir, EXEC, 0));
	expect_rule_fs(me, "R.1", EXEC, 0, dir, BASE "/a");
	check_trace("add_rule_fs.right.not-handled");
	close(fd);
	close(dir);
	close(file);
}

static void test_fs_quiet(void)
{
	const int me = getpid(), dir = open_path("a");
	const int fd = make_ruleset('R', &(struct landlock_ruleset_attr){
						 .handled_access_fs = READ,
						 .quiet_access_fs = READ,
					 });

	PLAN(!add_fs(fd, dir, 0, QUIET));
	expect_rule_fs(me, "R.1", 0, 1, dir, BASE "/a");
	PLAN(!add_fs(fd, dir, READ, 0));
	expect_rule_fs(me, "R.2", READ, 0, dir, BASE "/a");
	PLAN(!add_fs(fd, dir, READ, QUIET));
	expect_rule_fs(me, "R.3", READ, 1, dir, BASE "/a");
	check_trace("add_rule_fs.quiet");
	close(fd);
	close(dir);
}

static void test_fs_versions(void)
{
	const int me = getpid(), dir = open_path("a"), file = open_path("a/f");
	const int first = ruleset('R', READ | EXEC, 0, 0);
	const int second = ruleset('S', READ, 0, 0);

	PLAN(!add_fs(first, dir, READ, 0));
	expect_rule_fs(me, "R.1", READ, 0, dir, BASE "/a");
	PLAN(!add_fs(second, dir, READ, 0));
	expect_rule_fs(me, "S.1", READ, 0, dir, BASE "/a");
	/* Extends, extends with nothing new, another rule. */
	PLAN(!add_fs(first, dir, EXEC, 0));
	expect_rule_fs(me, "R.2", EXEC, 0, dir, BASE "/a");
	PLAN(!add_fs(first, dir, EXEC, 0));
	expect_rule_fs(me, "R.3", EXEC, 0, dir, BASE "/a");
	PLAN(!add_fs(first, file, EXEC, 0));
	expect_rule_fs(me, "R.4", EXEC, 0, file, BASE "/a/f");
	PLAN(!add_fs(second, file, READ, 0));
	expect_rule_fs(me, "S.2", READ, 0, file, BASE "/a/f");
	check_trace("add_rule_fs.versions");

	/* Rules count while nobody listens. */
	trace_enable("add_rule_fs", false);
	PLAN(!add_fs(first, dir, READ, 0));
	PLAN(!add_fs(first, file, READ, 0));
	check_trace("add_rule_fs.off");
	trace_enable("add_rule_fs", true);
	PLAN(!add_fs(first, dir, READ, 0));
	expect_rule_fs(me, "R.7", READ, 0, dir, BASE "/a");
	check_trace("add_rule_fs.on-again");
	close(first);
	close(second);
	close(dir);
	close(file);
}

static void test_fs_refused(void)
{
	const int me = getpid(), dir = open_path("a"), file = open_path("a/f");
	const int fd = ruleset('R', READ | MAKE, CONNECT_TCP, 0);
	int fds[2];

	must(pipe(fds));
	PLAN(!add_fs(fd, dir, READ, 0));
	expect_rule_fs(me, "R.1", READ, 0, dir, BASE "/a");
	PLAN(add_fs(fd, dir, READ | EXEC, 0) == -EINVAL);
	PLAN(add_fs(fd, dir, READ | BIT(17), 0) == -EINVAL);
	PLAN(add_fs(fd, dir, READ | BIT(63), 0) == -EINVAL);
	PLAN(add_fs(fd, file, READ | MAKE, 0) == -EINVAL);
	PLAN(add_fs(fd, dir, READ, QUIET) == -EINVAL);
	PLAN(add_fs(fd, dir, READ, 2) == -EINVAL);
	PLAN(add_fs(fd, dir, 0, 0) == -ENOMSG);
	PLAN(add_fs(999, dir, READ, 0) == -EBADF);
	PLAN(add_fs(-1, dir, READ, 0) == -EBADF);
	PLAN(add_fs(dir, dir, READ, 0) == -EBADF);
	PLAN(add_fs(fds[0], dir, READ, 0) == -EBADFD);
	PLAN(add_fs(fd, 999, READ, 0) == -EBADF);
	PLAN(add_fs(fd, fd, READ, 0) == -EBADFD);
	PLAN(add_fs(fd, fds[0], READ, 0) == -EBADFD);
	PLAN(add_rule(fd, LANDLOCK_RULE_PATH_BENEATH, (void *)8, 0) == -EFAULT);
	PLAN(add_rule(fd, LANDLOCK_RULE_PATH_BENEATH, NULL, 0) == -EFAULT);
	PLAN(add_rule(fd, 0, (void *)8, 0) == -EINVAL);
	PLAN(add_rule(fd, 3, (void *)8, 0) == -EINVAL);
	check_trace("add_rule_fs.refused");
	PLAN(!add_fs(fd, dir, READ, 0));
	expect_rule_fs(me, "R.2", READ, 0, dir, BASE "/a");
	check_trace("add_rule_fs.after-refused");
	close(fds[0]);
	close(fds[1]);
	close(fd);
	close(dir);
	close(file);
}

/* Paths of rules */

/* One rule for @fd, which prints as @text. */
static bool check_path(const char *const name, const int fd,
		       const char *const text)
{
	const int rules = ruleset('R', READ, 0, 0);

	PLAN(!add_fs(rules, fd, READ, 0));
	expect_rule_fs(getpid(), "R.1", READ, 0, fd, text);
	close(rules);
	return check_trace("add_rule_fs.path.%s", name);
}

/* The same of a new directory with this name. */
static void check_name(const char *const name, const char *const entry)
{
	char path[PATH_MAX];
	int fd;

	sprintf(path, BASE "/%s", entry);
	must(mkdir(path, 0700));
	fd = open_path(path);
	check_path(name, fd, escape(path));
	close(fd);
}

static void test_path_names(void)
{
	char name[256];
	int len = 0;

	check_name("spaces", " a  b ");
	check_name("forged", "x quiet=1 path=etc\nR-1 [000] 1: landlock_x: a=b");
	check_name("escapes", "a\\040b'\"\\");
	check_name("utf-8", "caf\xc3\xa9\xe2\x80\xa6");
	check_name("like-an-id", "=@A*");
	check_name("like-a-placeholder", "<too_long>");
	for (int c = 1; c < 256; c++)
		if (c != '/')
			name[len++] = c;
	name[len] = '\0';
	check_name("every-byte", name);
}

/* Decodes what was printed, without the escape() that the others trust. */
static void test_path_decode(void)
{
	const int rules = ruleset('R', READ, 0, 0), base = open_path(BASE);
	bool same = true;

	for (int c = 1; c < 256; c++) {
		const char name[] = { 'b', c, 'e', '\0' };
		char decoded[PATH_MAX], want[64];
		int fd;
		size_t len;

		if (c == '/')
			continue;
		must(mkdirat(base, name, 0700));
		fd = must(openat(base, name, O_PATH | O_CLOEXEC));
		must(add_fs(rules, fd, READ, 0));
		close(fd);
		trace_read();
		len = decode(value(&events[0], "path") ?: "", decoded);
		sprintf(want, BASE "/%s", name);
		if (num_events != 1 || len != strlen(want) ||
		    memcmp(decoded, want, len)) {
			printf("# byte %d\n", c);
			same = false;
		}
		trace_clear();
		must(unlinkat(base, name, AT_REMOVEDIR));
	}
	check(same, "add_rule_fs.path.decode-each-byte");
	close(rules);
	close(base);
}

static void test_path_kinds(void)
{
	int fd;

	fd = open_path("a/f");
	check_path("file", fd, BASE "/a/f");
	close(fd);
	fd = open_path("a/b/c");
	check_path("directory", fd, BASE "/a/b/c");
	close(fd);
	fd = open_path("a/b/..//b/./c/");
	check_path("as-resolved", fd, BASE "/a/b/c");
	close(fd);
	must(symlink("a", "link"));
	fd = open_path("link/f");
	check_path("through-symlink", fd, BASE "/a/f");
	close(fd);
	fd = must(open("link", O_PATH | O_NOFOLLOW | O_CLOEXEC));
	check_path("symlink", fd, BASE "/link");
	close(fd);
	fd = must(open("a/f", O_RDONLY | O_CLOEXEC));
	check_path("file-to-read", fd, BASE "/a/f");
	close(fd);
	fd = open_path(BASE);
	check_path("mount", fd, BASE);
	close(fd);

	must(mkdir("old", 0700));
	fd = open_path("old");
	must(rename("old", "new"));
	check_path("renamed", fd, BASE "/new");
	must(rmdir("new"));
	/* An unlinked path is still an event, with the name that it had. */
	check_path("deleted-directory", fd, BASE "/new");
	close(fd);
	make_file("gone");
	fd = open_path("gone");
	must(unlink("gone"));
	check_path("deleted-file", fd, BASE "/gone");
	close(fd);
}

/* From BASE down to a path of exactly @len bytes, components made of @c. */
static int make_deep(const int len, const char c)
{
	int fd = open_path(BASE), left = len - strlen(BASE);

	while (left) {
		/* Never leaves a single "/" for the last one. */
		const int part = left > 202 ? 200 : left > 200 ? 100 : left;
		char name[256];
		int next;

		memset(name, c, part - 1);
		name[part - 1] = '\0';
		if (mkdirat(fd, name, 0700) && errno != EEXIST)
			must(-1);
		next = must(openat(fd, name, O_PATH | O_CLOEXEC));
		close(fd);
		fd = next;
		left -= part;
	}
	return fd;
}

/* What make_deep() made, as text. */
static const char *deep_path(const int len, const char c)
{
	static char path[2 * PATH_MAX];
	int at = sprintf(path, BASE);

	while (at < len) {
		const int left = len - at;
		const int part = left > 202 ? 200 : left > 200 ? 100 : left;

		path[at] = '/';
		memset(path + at + 1, c, part - 1);
		at += part;
	}
	path[at] = '\0';
	return path;
}

/* The rule whose path was too long is one as any other. */
static void check_deep_rule(const int deep)
{
	const int rules = ruleset('R', READ, 0, 0);
	struct puppet puppet;
	int file;

	file = must(openat(deep, "f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	close(file);
	PLAN(!add_fs(rules, deep, READ, 0));
	expect_rule_fs(getpid(), "R.1", READ, 0, deep, "<too_long>");
	check_trace("add_rule_fs.path.too-long.traced");
	puppet = start_in(rules);
	PLAN(!tell(&puppet, do_try_at, deep, PATH("f")));
	PLAN(tell(&puppet, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	end(&puppet);
	expect_free('A', 1);
	check_settled("add_rule_fs.path.too-long.enforced");
	close(rules);
}

static void test_path_lengths(void)
{
	int fd;

	/* 3,840 bytes with the final NUL. */
	fd = make_deep(3838, 'd');
	check_path("3838-bytes", fd, deep_path(3838, 'd'));
	close(fd);
	fd = make_deep(3839, 'd');
	check_path("3839-bytes", fd, deep_path(3839, 'd'));
	close(fd);
	fd = make_deep(3840, 'd');
	check_path("3840-bytes", fd, "<too_long>");
	close(fd);
	fd = make_deep(3841, 'd');
	check_path("3841-bytes", fd, "<too_long>");
	close(fd);
	fd = make_deep(6000, 'd');
	check_path("6000-bytes", fd, "<too_long>");
	check_deep_rule(fd);
	close(fd);
}

/* A path that fits but not its escapes. */
static void test_path_cut(void)
{
	static const char mark[] = "\xe2\x80\xa6";
	const int rules = ruleset('R', READ, 0, 0);
	int fd = make_deep(3839, '\xff');
	char decoded[8192];
	const char *text;
	size_t len, size;

	must(add_fs(rules, fd, READ, 0));
	trace_read();
	text = value(&events[0], "path") ?: "";
	len = strlen(text);
	check(num_events == 1 && len <= 6144 && len > 6144 - 4 - 3 &&
		      !strcmp(text + len - 3, mark),
	      "add_rule_fs.path.cut");
	size = decode(text, decoded);
	check(size > 3 && !memcmp(decoded, deep_path(3839, '\xff'), size - 3),
	      "add_rule_fs.path.cut-decodes");
	trace_clear();
	close(rules);
	close(fd);

	/* Just short enough, with four bytes for almost each. */
	fd = make_deep(1500, '\xff');
	check_path("not-cut", fd, escape(deep_path(1500, '\xff')));
	close(fd);
}

static void test_path_unreachable(void)
{
	int fd;

	/* A mount that is nowhere. */
	fd = must(syscall(__NR_open_tree, AT_FDCWD, "a",
			  OPEN_TREE_CLONE | O_CLOEXEC));
	check_path("detached-mount", fd, "<unreachable>");
	close(fd);

	must(mkdir("lazy", 0700));
	must(mount("tmpfs", "lazy", "tmpfs", 0, NULL));
	must(mkdir("lazy/in", 0700));
	fd = open_path("lazy/in");
	check_path("other-mount", fd, BASE "/lazy/in");
	must(umount2("lazy", MNT_DETACH));
	check_path("lazily-unmounted", fd, "<unreachable>");
	close(fd);

	must(mkdir("bind", 0700));
	must(mount("a/b", "bind", NULL, MS_BIND, NULL));
	fd = open_path("bind/c");
	check_path("bind-mount", fd, BASE "/bind/c");
	close(fd);
	must(umount("bind"));
}

static long do_pivot(const long path, const long unused)
{
	(void)unused;
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) ||
	    mount("tmpfs", (char *)path, "tmpfs", 0, NULL) ||
	    chdir((char *)path) || mkdir("in", 0700) ||
	    syscall(__NR_pivot_root, ".", ".") || umount2(".", MNT_DETACH))
		return -errno;
	return 0;
}

/* The root of another task is no less a path. */
static void test_path_roots(void)
{
	struct puppet puppet = start();
	int root, in;

	must(mkdir("pivot", 0700));
	PLAN(!tell(&puppet, do_pivot, PATH(BASE "/pivot"), 0));
	root = tell(&puppet, do_open, PATH("/"), O_PATH);
	in = tell(&puppet, do_open, PATH("/in"), O_PATH);
	check_path("root", root, "/");
	check_path("beneath-root", in, "/in");
	end(&puppet);
	/* Its mount namespace is gone. */
	check_path("gone-namespace", in, "<unreachable>");
	close(root);
	close(in);

	puppet = start();
	PLAN(!tell(&puppet, do_chroot, PATH("a"), 0));
	in = tell(&puppet, do_open, PATH("/b"), O_PATH);
	check_path("not-as-in-chroot", in, BASE "/a/b");
	close(in);
	end(&puppet);
}

/* add_rule_net */

static void test_net_rights(void)
{
	const int me = getpid();
	int fd = ruleset('R', 0, ALL_NET, 0);
	char version[16];

	for (int i = 0; i < 4; i++) {
		sprintf(version, "R.%d", i + 1);
		PLAN(!add_net(fd, 80 + i, BIT(i), 0));
		expect_rule_net(me, version, BIT(i), 0, 80 + i);
		check_trace("add_rule_net.right.%s", net_names[i]);
	}
	PLAN(!add_net(fd, 80, ALL_NET, 0));
	expect_rule_net(me, "R.5", ALL_NET, 0, 80);
	PLAN(!add_net(fd, 80, BIND_TCP | SEND_UDP, 0));
	expect_rule_net(me, "R.6", BIND_TCP | SEND_UDP, 0, 80);
	check_trace("add_rule_net.right.mixed");
	close(fd);

	fd = ruleset('R', READ, BIND_TCP | CONNECT_TCP, 0);
	PLAN(!add_net(fd, 1024, CONNECT_TCP, 0));
	expect_rule_net(me, "R.1", CONNECT_TCP, 0, 1024);
	check_trace("add_rule_net.right.not-handled");
	close(fd);
}

static void test_net_ports(void)
{
	static const int ports[] = { 0, 1, 255, 256, 443, 513, 32768, 65535 };
	const int me = getpid(), fd = ruleset('R', 0, BIND_TCP, 0);
	char version[16];

	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		sprintf(version, "R.%zu", i + 1);
		PLAN(!add_net(fd, ports[i], BIND_TCP, 0));
		expect_rule_net(me, version, BIND_TCP, 0, ports[i]);
	}
	check_trace("add_rule_net.ports");
	close(fd);
}

static void test_net_quiet(void)
{
	const int me = getpid();
	const int fd = make_ruleset('R', &(struct landlock_ruleset_attr){
						 .handled_access_net = BIND_UDP,
						 .quiet_access_net = BIND_UDP,
					 });

	PLAN(!add_net(fd, 53, 0, QUIET));
	expect_rule_net(me, "R.1", 0, 1, 53);
	PLAN(!add_net(fd, 53, BIND_UDP, QUIET));
	expect_rule_net(me, "R.2", BIND_UDP, 1, 53);
	PLAN(!add_net(fd, 53, BIND_UDP, 0));
	expect_rule_net(me, "R.3", BIND_UDP, 0, 53);
	check_trace("add_rule_net.quiet");
	close(fd);
}

static void test_net_refused(void)
{
	const int me = getpid(), dir = open_path("a");
	const int fd = make_ruleset('R', &(struct landlock_ruleset_attr){
						 .handled_access_fs = READ,
						 .handled_access_net = BIND_TCP,
						 .quiet_access_fs = READ,
					 });

	PLAN(add_net(fd, 65536, BIND_TCP, 0) == -EINVAL);
	PLAN(add_net(fd, BIT(32) + 80, BIND_TCP, 0) == -EINVAL);
	PLAN(add_net(fd, UINT64_MAX, BIND_TCP, 0) == -EINVAL);
	PLAN(add_net(fd, 80, CONNECT_TCP, 0) == -EINVAL);
	PLAN(add_net(fd, 80, BIND_TCP | BIT(4), 0) == -EINVAL);
	PLAN(add_net(fd, 80, BIND_TCP | BIT(40), 0) == -EINVAL);
	PLAN(add_net(fd, 80, 0, 0) == -ENOMSG);
	/* Quiet for files only. */
	PLAN(add_net(fd, 80, BIND_TCP, QUIET) == -EINVAL);
	PLAN(add_net(fd, 80, BIND_TCP, 4) == -EINVAL);
	PLAN(add_net(999, 80, BIND_TCP, 0) == -EBADF);
	PLAN(add_net(0, 80, BIND_TCP, 0) == -EBADFD);
	PLAN(add_rule(fd, LANDLOCK_RULE_NET_PORT, (void *)8, 0) == -EFAULT);
	check_trace("add_rule_net.refused");
	PLAN(!add_net(fd, 80, BIND_TCP, 0));
	expect_rule_net(me, "R.1", BIND_TCP, 0, 80);
	/* Both types count together. */
	PLAN(!add_fs(fd, dir, READ, 0));
	expect_rule_fs(me, "R.2", READ, 0, dir, BASE "/a");
	PLAN(!add_net(fd, 80, BIND_TCP, 0));
	expect_rule_net(me, "R.3", BIND_TCP, 0, 80);
	check_trace("add_rule_net.after-refused");
	trace_enable("add_rule_net", false);
	PLAN(!add_net(fd, 80, BIND_TCP, 0));
	check_trace("add_rule_net.off");
	trace_enable("add_rule_net", true);
	PLAN(!add_net(fd, 80, BIND_TCP, 0));
	expect_rule_net(me, "R.5", BIND_TCP, 0, 80);
	check_trace("add_rule_net.on-again");
	close(fd);
	close(dir);
}

/* Many threads, one ruleset */

#define THREADS 8
#define RULES_EACH 60

/* Rules of both types, with a port that tells the thread. */
static long do_add_many(const long fd, const long first)
{
	const int dir = open("a", O_PATH | O_CLOEXEC);
	long ret = dir < 0 ? -errno : 0;

	for (int i = 0; !ret && i < RULES_EACH; i++) {
		if (i % 3)
			ret = add_net(fd, first + i, BIND_TCP, 0);
		else
			ret = add_fs(fd, dir, READ, 0);
		sched_yield();
	}
	close(dir);
	return ret;
}

/* The Nth rule of the thread with this port. */
static bool is_nth_rule(const struct event *const event, const int first,
			const int n)
{
	char port[16];

	if (n % 3 == 0)
		return !strcmp(event->name, "add_rule_fs");
	sprintf(port, "%d", first + n);
	return !strcmp(event->name, "add_rule_net") &&
	       is_value(event, "port", port);
}

static void test_many_threads(void)
{
	const int fd = ruleset('R', READ, BIND_TCP, 0);
	struct puppet puppet = start(), threads[THREADS];
	int seen[THREADS] = {}, switches = 0;
	bool consecutive = true, ordered = true;

	for (int i = 0; i < THREADS; i++)
		threads[i] = start_thread(&puppet);
	for (int i = 0; i < THREADS; i++)
		send_order(&threads[i], do_add_many, fd, 1000 * (i + 1));
	for (int i = 0; i < THREADS; i++)
		PLAN(!reply(&threads[i]));
	end(&puppet);
	for (int i = 0; i < THREADS; i++)
		close_pipes(&threads[i]);
	trace_read();
	for (int n = 0; n < num_events; n++) {
		char version[32];
		int i = 0;

		snprintf(version, sizeof(version), "%.19s.%d", id_of('R'), n + 1);
		consecutive &= is_value(&events[n], "ruleset", version);
		while (i < THREADS && threads[i].tid != events[n].pid)
			i++;
		if (i == THREADS) {
			ordered = false;
			continue;
		}
		ordered &= is_nth_rule(&events[n], 1000 * (i + 1), seen[i]++);
		switches += n && events[n].pid != events[n - 1].pid;
	}
	PLAN(num_events == THREADS * RULES_EACH);
	PLAN(switches > THREADS);
	check(consecutive && as_planned, "add_rule.threads.versions");
	check(ordered, "add_rule.threads.order");
	as_planned = true;
	trace_clear();
	close(fd);
}

/* Filters */

struct filter {
	/* "@X" is an ID. */
	const char *text;
	int count;
};

/* What is known when a filter is set. */
struct filtered {
	const char *event;
	/* Before the filter, e.g. to get to know IDs; then what it filters. */
	void (*prepare)(void);
	void (*act)(void);
};

static const char *with_ids(const char *text)
{
	static char out[512];
	char *at = out;

	for (; *text; text++)
		if (*text == '@') {
			text++;
			at += sprintf(at, "0x%s", id_of(*text));
		} else {
			*at++ = *text;
		}
	*at = '\0';
	return out;
}

static void check_filter(const struct filtered *const what,
			 const struct filter *const filter)
{
	char path[256];
	int fd, count;

	what->prepare();
	strcpy(path, trace_file("events/landlock/landlock_%s/filter",
				what->event));
	fd = must(open(path, O_WRONLY | O_CLOEXEC));
	PLAN(write(fd, with_ids(filter->text), strlen(with_ids(filter->text))) >
	     0);
	trace_clear();
	what->act();
	trace_read();
	count = count_events(what->event);
	must(write(fd, "0", 1));
	close(fd);
	if (count != filter->count)
		printf("# %d events, expected %d\n", count, filter->count);
	check(as_planned && count == filter->count, "%s.filter: %s",
	      what->event, with_ids(filter->text));
	as_planned = true;
	settle();
	trace_clear();
}

/* Filters with numbers of files in them. */
__attribute__((format(printf, 1, 2))) static const char *
text(const char *const format, ...)
{
	char *out;
	va_list args;

	va_start(args, format);
	must(vasprintf(&out, format, args));
	va_end(args);
	return out;
}

static struct stat stat_of(const char *const path)
{
	struct stat st;

	must(stat(path, &st));
	return st;
}

/* As the kernel encodes it, which is not how stat() does. */
static unsigned int kernel_dev(const dev_t dev)
{
	return major(dev) << 20 | minor(dev);
}

static int filter_fds[2];

static void prepare_rules(void)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = READ | EXEC,
		.quiet_access_fs = READ,
		.handled_access_net = BIND_TCP | CONNECT_TCP,
		.quiet_access_net = BIND_TCP,
	};

	filter_fds[0] = make_ruleset('R', &attr);
	filter_fds[1] = make_ruleset('S', &attr);
}

static void act_rules_fs(void)
{
	const int dir = open_path("a"), space = open_path("sp ace");

	PLAN(!add_fs(filter_fds[0], dir, READ, 0));
	PLAN(!add_fs(filter_fds[0], space, READ | EXEC, QUIET));
	PLAN(!add_fs(filter_fds[1], dir, EXEC, 0));
	close(dir);
	close(space);
	close(filter_fds[0]);
	close(filter_fds[1]);
}

static void act_rules_net(void)
{
	PLAN(!add_net(filter_fds[0], 80, BIND_TCP, 0));
	PLAN(!add_net(filter_fds[0], 443, BIND_TCP | CONNECT_TCP, QUIET));
	PLAN(!add_net(filter_fds[1], 80, CONNECT_TCP, 0));
	close(filter_fds[0]);
	close(filter_fds[1]);
}

static void test_rule_filters(void)
{
	static const struct filtered fs = { "add_rule_fs", prepare_rules,
					    act_rules_fs };
	static const struct filtered net = { "add_rule_net", prepare_rules,
					     act_rules_net };
	const struct stat st = stat_of("a");
	const struct filter of_fs[] = {
		{ "ruleset == @R", 2 },
		{ "ruleset == @S", 1 },
		{ "ruleset != @R", 1 },
		{ "ruleset_version == 1", 2 },
		{ "ruleset_version > 1", 1 },
		{ "ruleset_version == 0", 0 },
		{ "access_rights == 4", 1 },
		{ "access_rights == 0x5", 1 },
		{ "access_rights & 4", 2 },
		{ "quiet == 1", 1 },
		{ "quiet == 0", 2 },
		{ text("dev == %u", kernel_dev(st.st_dev)), 3 },
		{ text("dev != %u", kernel_dev(st.st_dev)), 0 },
		{ text("ino == %lu", st.st_ino), 2 },
		{ text("ino != %lu", st.st_ino), 1 },
		{ "path == \"" BASE "/sp ace\"", 1 },
		{ "path == \"" BASE "/sp\\040ace\"", 0 },
		{ "path ~ \"*ace\"", 1 },
		{ "path != \"" BASE "/a\"", 1 },
		{ "ruleset == @R && quiet == 1 && path ~ \"" BASE "/*\"", 1 },
	};
	const struct filter of_net[] = {
		{ "ruleset == @R", 2 },
		{ "ruleset == @S", 1 },
		{ "ruleset_version == 2", 1 },
		{ "access_rights == 1", 1 },
		{ "access_rights & 2", 2 },
		{ "quiet == 1", 1 },
		{ "quiet != 1", 2 },
		{ "port == 80", 2 },
		{ "port > 80", 1 },
		{ "port == 80 || port == 443", 3 },
	};

	must(mkdir("sp ace", 0700));
	for (size_t i = 0; i < ARRAY_SIZE(of_fs); i++)
		check_filter(&fs, &of_fs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(of_net); i++)
		check_filter(&net, &of_net[i]);
}

/* restrict_self and free_domain */

static void test_flags(void)
{
	const int fd = ruleset('R', READ, 0, 0);

	for (int flags = 0; flags < 16; flags++) {
		/* With and without privileges that need no promise. */
		const int nnp = flags % 3 == 0;
		struct puppet puppet = start();

		forget("A");
		if (nnp)
			PLAN(!tell(&puppet, do_nnp, 0, 0));
		PLAN(!tell(&puppet, sys_restrict, fd, flags));
		expect_restrict(puppet.tid, 'A', "0", "R.0", flags, 1, nnp);
		end(&puppet);
		expect_free('A', 0);
		check_settled("restrict_self.flags.%x", flags);
	}
	close(fd);
}

static void test_unprivileged(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet = start();

	forget("A");
	PLAN(!tell(&puppet, do_setuid, 1000, 0));
	PLAN(tell(&puppet, sys_restrict, fd, 0) == -EPERM);
	PLAN(tell(&puppet, sys_restrict, fd, TSYNC) == -EPERM);
	PLAN(tell(&puppet, sys_restrict, -1, SUB_OFF) == -EPERM);
	check_settled("restrict_self.unprivileged.refused");
	PLAN(!tell(&puppet, do_nnp, 0, 0));
	PLAN(!tell(&puppet, sys_restrict, fd, 0));
	expect_restrict(puppet.tid, 'A', "0", "R.0", 0, 1, 1);
	end(&puppet);
	expect_free('A', 0);
	check_settled("restrict_self.unprivileged.allowed");
	close(fd);
}

static void test_nested(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet = start();

	forget("ABCDEFGHIJKLMNOP");
	for (int i = 0; i < 16; i++) {
		const char parent[] = { '@', 'A' + i - 1, '\0' };

		PLAN(!tell(&puppet, sys_restrict, fd, 0));
		expect_restrict(puppet.tid, 'A' + i, i ? parent : "0", "R.0", 0,
				1, 0);
		check_settled("restrict_self.nested.%d", i + 1);
	}
	PLAN(tell(&puppet, sys_restrict, fd, 0) == -E2BIG);
	PLAN(tell(&puppet, sys_restrict, fd, TSYNC) == -E2BIG);
	check_settled("restrict_self.nested.too-many");
	end(&puppet);
	for (int i = 15; i >= 0; i--)
		expect_free('A' + i, 0);
	check_settled("free_domain.nested");
	close(fd);
}

static void test_merged_version(void)
{
	const int fd = ruleset('R', READ, CONNECT_TCP, 0);
	const int other = ruleset('S', READ, 0, 0);
	struct puppet puppet = start();

	forget("ABCD");
	PLAN(!tell(&puppet, sys_restrict, fd, 0));
	expect_restrict(puppet.tid, 'A', "0", "R.0", 0, 1, 0);
	PLAN(!add_net(fd, 1, CONNECT_TCP, 0));
	PLAN(!tell(&puppet, sys_restrict, fd, 0));
	expect_restrict(puppet.tid, 'B', "@A", "R.1", 0, 1, 0);
	PLAN(!add_net(fd, 2, CONNECT_TCP, 0));
	PLAN(!add_net(fd, 2, CONNECT_TCP, 0));
	PLAN(add_net(fd, 65536, CONNECT_TCP, 0) == -EINVAL);
	PLAN(!tell(&puppet, sys_restrict, other, 0));
	expect_restrict(puppet.tid, 'C', "@B", "S.0", 0, 1, 0);
	PLAN(!tell(&puppet, sys_restrict, fd, 0));
	expect_restrict(puppet.tid, 'D', "@C", "R.3", 0, 1, 0);
	end(&puppet);
	expect_free('D', 0);
	expect_free('C', 0);
	expect_free('B', 0);
	expect_free('A', 0);
	check_settled("restrict_self.version");
	close(fd);
	close(other);
}

static void test_siblings_of_one_parent(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet parent = start(), child;

	forget("ABC");
	PLAN(!tell(&parent, sys_restrict, fd, 0));
	expect_restrict(parent.tid, 'A', "0", "R.0", 0, 1, 0);
	child = start_child(&parent);
	PLAN(!tell(&child, sys_restrict, fd, 0));
	expect_restrict(child.tid, 'B', "@A", "R.0", 0, 1, 0);
	PLAN(!tell(&parent, sys_restrict, fd, 0));
	expect_restrict(parent.tid, 'C', "@A", "R.0", 0, 1, 0);
	end(&parent);
	expect_free('C', 0);
	check_settled("restrict_self.two-children");
	end(&child);
	expect_free('B', 0);
	expect_free('A', 0);
	check_settled("free_domain.with-last-child");
	close(fd);
}

static void test_no_ruleset(void)
{
	struct puppet puppet = start(), thread = start_thread(&puppet);

	PLAN(!tell(&puppet, sys_restrict, -1, SUB_OFF));
	PLAN(!tell(&puppet, sys_restrict, -1, SUB_OFF | TSYNC));
	PLAN(!tell(&thread, sys_restrict, -1, SUB_OFF));
	end(&puppet);
	close_pipes(&thread);
	check_settled("restrict_self.no-ruleset");
}

static void test_restrict_refused(void)
{
	const int fd = ruleset('R', READ, 0, 0), dir = open_path("a");
	struct puppet puppet = start();

	PLAN(tell(&puppet, sys_restrict, 999, 0) == -EBADF);
	PLAN(tell(&puppet, sys_restrict, -1, 0) == -EBADF);
	PLAN(tell(&puppet, sys_restrict, -1, TSYNC) == -EBADF);
	PLAN(tell(&puppet, sys_restrict, -1, SUB_OFF | SAME_OFF) == -EBADF);
	PLAN(tell(&puppet, sys_restrict, dir, 0) == -EBADF);
	PLAN(tell(&puppet, sys_restrict, puppet.orders[0], 0) == -EBADFD);
	PLAN(tell(&puppet, sys_restrict, fd, 16) == -EINVAL);
	PLAN(tell(&puppet, sys_restrict, fd, 1U << 31) == -EINVAL);
	check_settled("restrict_self.refused");
	end(&puppet);
	close(fd);
	close(dir);
}

/* Threads */

#define SIBLINGS_MAX 7

static void check_tsync(const int siblings, const bool from_sibling)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet = start(), threads[SIBLINGS_MAX];
	const struct puppet *const caller = from_sibling ? threads : &puppet;

	forget("A");
	for (int i = 0; i < siblings; i++)
		threads[i] = start_thread(&puppet);
	PLAN(!tell(caller, do_nnp, 0, 0));
	PLAN(!tell(caller, sys_restrict, fd, TSYNC | NEW_ON));
	expect_restrict(caller->tid, 'A', "0", "R.0", TSYNC | NEW_ON,
			siblings + 1, 1);
	/* All of them are in it. */
	PLAN(tell(&puppet, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	for (int i = 0; i < siblings; i++) {
		PLAN(tell(&threads[i], do_try, PATH("a/f"), O_RDONLY) ==
		     -EACCES);
		PLAN(tell(&threads[i], do_get_nnp, 0, 0) == 1);
	}
	end(&puppet);
	for (int i = 0; i < siblings; i++)
		close_pipes(&threads[i]);
	expect_free('A', siblings + 1);
	check_settled("restrict_self.tsync.%d-siblings%s", siblings,
		      from_sibling ? ".from-one" : "");
	close(fd);
}

/* Without TSYNC, threads have domains of their own. */
static void test_thread_domains(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet = start(), thread = start_thread(&puppet);

	forget("ABC");
	PLAN(!tell(&thread, sys_restrict, fd, 0));
	expect_restrict(thread.tid, 'A', "0", "R.0", 0, 1, 0);
	PLAN(!tell(&puppet, do_try, PATH("a/f"), O_RDONLY));
	PLAN(!tell(&puppet, sys_restrict, fd, 0));
	expect_restrict(puppet.tid, 'B', "0", "R.0", 0, 1, 0);
	check_settled("restrict_self.threads.apart");
	/* The caller's domain replaces that of its sibling, for good. */
	PLAN(!tell(&puppet, sys_restrict, fd, TSYNC));
	expect_restrict(puppet.tid, 'C', "@B", "R.0", TSYNC, 2, 0);
	expect_free('A', 0);
	check_settled("restrict_self.tsync.replaces");
	PLAN(tell(&thread, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	end(&puppet);
	close_pipes(&thread);
	expect_free('C', 1);
	expect_free('B', 0);
	check_settled("free_domain.threads");
	close(fd);
}

static void note_signal(const int signal)
{
	(void)signal;
	shared->signals++;
}

static long do_handle(const long signal, const long b)
{
	const struct sigaction action = { .sa_handler = note_signal };

	(void)b;
	return error(sigaction(signal, &action, NULL));
}

/* Tells when it is about to be in the system call. */
static long do_restrict_and_tell(const long fd, const long flags)
{
	shared->entered = 1;
	return sys_restrict(fd, flags);
}

/* Blocks its thread until its child has read a byte. */
static long do_stall(const long ready, const long release)
{
	/* Waits as vfork() does, but for a child with a memory of its own. */
	const long pid = syscall(__NR_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);

	if (!pid) {
		char byte = 0;

		if (write(ready, &byte, 1) == 1 && read(release, &byte, 1) == 1)
			_exit(0);
		_exit(1);
	}
	return error(pid);
}

/* Not from "stat", which waits for the lock that TSYNC holds. */
static char state_of(const int tid)
{
	static const char key[] = "\nState:\t";
	char path[64], *text, *at, state;

	sprintf(path, "/proc/%d/status", tid);
	text = read_file(path);
	at = strstr(text, key);
	state = at ? at[strlen(key)] : '?';
	free(text);
	return state;
}

/* Waits for what another task does. */
#define WAIT_FOR(condition)                                                 \
	({                                                                  \
		int left_ = 500;                                            \
		while (!(condition) && left_--)                             \
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, \
				  NULL);                                    \
		PLAN(condition);                                            \
	})

/* A process of three threads, one of which cannot run its task work. */
struct blocked {
	struct puppet process;
	struct puppet stuck;
	struct puppet other;
	int ready[2], release[2];
};

static void start_blocked(struct blocked *const it)
{
	char byte;

	must(pipe(it->ready));
	must(pipe(it->release));
	shared->entered = 0;
	shared->signals = 0;
	it->process = start();
	it->stuck = start_thread(&it->process);
	it->other = start_thread(&it->process);
	PLAN(!tell(&it->process, do_handle, SIGUSR1, 0));
	send_order(&it->stuck, do_stall, it->ready[1], it->release[0]);
	must(read(it->ready[0], &byte, 1));
}

static void release_blocked(const struct blocked *const it)
{
	must(write(it->release[1], "", 1));
}

static void close_blocked(const struct blocked *const it)
{
	for (int i = 0; i < 2; i++) {
		close(it->ready[i]);
		close(it->release[i]);
	}
	close_pipes(&it->stuck);
	close_pipes(&it->other);
}

/* Each signal aborts one try, of which nothing may be seen. */
static void test_tsync_interrupted(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct blocked it;

	forget("A");
	start_blocked(&it);
	send_order(&it.process, do_restrict_and_tell, fd, TSYNC);
	for (int i = 0; i < 5; i++) {
		WAIT_FOR(shared->entered &&
			 state_of(it.process.tid) == 'S');
		must(syscall(__NR_tgkill, it.process.tid, it.process.tid,
			     SIGUSR1));
		WAIT_FOR(shared->signals == i + 1);
	}
	check_settled("restrict_self.tsync.interrupted");
	release_blocked(&it);
	PLAN(!reply(&it.process));
	PLAN(reply(&it.stuck) > 0);
	expect_restrict(it.process.tid, 'A', "0", "R.0", TSYNC, 3, 0);
	check_settled("restrict_self.tsync.after-interrupted");
	PLAN(tell(&it.stuck, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	PLAN(tell(&it.other, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	end(&it.process);
	close_blocked(&it);
	expect_free('A', 2);
	check_settled("free_domain.tsync.after-interrupted");
	close(fd);
}

/* Killed while it waits: whatever comes first, both events or none. */
static void test_tsync_killed(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct blocked it;
	int begun, ended;

	start_blocked(&it);
	send_order(&it.process, do_restrict_and_tell, fd, TSYNC);
	WAIT_FOR(shared->entered && state_of(it.process.tid) == 'S');
	must(kill(it.process.tid, SIGKILL));
	must(waitpid(it.process.tid, NULL, 0));
	release_blocked(&it);
	settle();
	begun = count_events("restrict_self");
	ended = count_events("free_domain");
	check(as_planned && begun == ended && begun <= 1 &&
		      num_events == begun + ended,
	      "restrict_self.tsync.killed");
	as_planned = true;
	trace_clear();
	close_pipes(&it.process);
	close_blocked(&it);
	close(fd);
}

/* Two threads at once: one after the other, both for both. */
static void test_tsync_concurrent(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet = start(), thread = start_thread(&puppet);

	forget("ABCDEFGHIJKLMNOP");
	for (int i = 0; i < 16; i += 2) {
		const char first[] = { '@', 'A' + i - 1, '\0' };
		const char second[] = { '@', 'A' + i, '\0' };

		send_order(&puppet, sys_restrict, fd, TSYNC);
		send_order(&thread, sys_restrict, fd, TSYNC);
		PLAN(!reply(&puppet));
		PLAN(!reply(&thread));
		expect_restrict(ANYONE, 'A' + i, i ? first : "0", "R.0", TSYNC,
				2, 0);
		expect_restrict(ANYONE, 'A' + i + 1, second, "R.0", TSYNC, 2,
				0);
		settle();
		PLAN(num_events == 2 &&
		     events[0].pid + events[1].pid == puppet.tid + thread.tid);
		check_read("restrict_self.tsync.concurrent.%d", i / 2 + 1);
	}
	end(&puppet);
	close_pipes(&thread);
	for (int i = 15; i >= 0; i--)
		expect_free('A' + i, 0);
	check_settled("free_domain.tsync.concurrent");
	close(fd);
}

/* While threads come and go. */

static void *run_nothing(void *const arg)
{
	return arg;
}

static long do_spawn_many(const long n, const long b)
{
	pthread_t thread;

	(void)b;
	for (long i = 0; i < n; i++) {
		if (pthread_create(&thread, NULL, run_nothing, NULL))
			return -EAGAIN;
		pthread_detach(thread);
	}
	return 0;
}

static void test_tsync_spawning(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet = start(), thread = start_thread(&puppet);

	forget("ABCDEFGHIJKLMNOP");
	send_order(&thread, do_spawn_many, 300, 0);
	for (int i = 0; i < 16; i++)
		PLAN(!tell(&puppet, sys_restrict, fd, TSYNC));
	PLAN(!reply(&thread));
	PLAN(tell(&thread, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	settle();
	for (int i = 0; i < 16; i++) {
		const char parent[] = { '@', 'A' + i - 1, '\0' };
		const char *const threads =
			i < num_events ? value(&events[i], "threads") : NULL;

		/* As many as there were then, which nobody knows: two at
		 * least. */
		PLAN(threads && atoi(threads) >= 2);
		expect_restrict(puppet.tid, 'A' + i, i ? parent : "0", "R.0",
				TSYNC, atoi(threads ?: "0"), 0);
	}
	check_read("restrict_self.tsync.spawning");
	end(&puppet);
	close_pipes(&thread);
	for (int i = 15; i >= 0; i--)
		expect_free('A' + i, i == 15);
	check_settled("free_domain.tsync.spawning");
	close(fd);
}

/* What was merged while another thread adds rules */

#define ENFORCERS 12

/* Port after port, each with its own version. */
static long do_add_ports(const long fd, const long b)
{
	long ret = 0;

	(void)b;
	for (int port = 1; !ret && !shared->stop && port < 65536; port++) {
		ret = add_net(fd, port, CONNECT_TCP, 0);
		shared->added = port;
		sched_yield();
	}
	return ret;
}

/* The last port that is allowed, which is the version that is enforced. */
static long do_find_last_port(const long a, const long b)
{
	int allowed = 0, denied = 65536;

	(void)a, (void)b;
	while (denied - allowed > 1) {
		const int port = (allowed + denied) / 2;

		if (do_connect(TCP4, port) == -EACCES)
			denied = port;
		else
			allowed = port;
	}
	return allowed;
}

static void test_concurrent_adder(void)
{
	const int fd = ruleset('R', 0, CONNECT_TCP, 0);
	struct puppet adder = start(), enforcers[ENFORCERS];
	long versions[ENFORCERS];
	bool same = true, grows = true;

	shared->stop = 0;
	shared->added = 0;
	for (int i = 0; i < ENFORCERS; i++)
		enforcers[i] = start();
	send_order(&adder, do_add_ports, fd, 0);
	for (int i = 0; i < ENFORCERS; i++) {
		WAIT_FOR(shared->added > (i ? versions[i - 1] : 0));
		PLAN(!tell(&enforcers[i], sys_restrict, fd, 0));
		versions[i] = tell(&enforcers[i], do_find_last_port, 0, 0);
	}
	shared->stop = 1;
	PLAN(!reply(&adder));
	end(&adder);
	for (int i = 0; i < ENFORCERS; i++)
		end(&enforcers[i]);
	settle();
	for (int i = 0; i < ENFORCERS; i++) {
		const struct event *const event =
			find_event("restrict_self", i);
		char text[32];

		snprintf(text, sizeof(text), "%.19s.%ld", id_of('R'), versions[i]);
		same &= is_value(event, "ruleset", text) &&
			event->pid == enforcers[i].tid;
		grows &= !i || versions[i] > versions[i - 1];
	}
	/* Otherwise nothing happened at once. */
	printf("# versions %ld to %ld\n", versions[0], versions[ENFORCERS - 1]);
	PLAN(grows && versions[ENFORCERS - 1] < 65535);
	check(as_planned && same, "restrict_self.version.concurrent");
	as_planned = true;
	trace_clear();
	close(fd);
}

/* Denials */

static void check_denials(const char *const name, const int flags,
			  const int denials)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet = start();

	forget("A");
	PLAN(!tell(&puppet, sys_restrict, fd, flags));
	expect_restrict(puppet.tid, 'A', "0", "R.0", flags, 1, 0);
	for (int i = 0; i < denials; i++)
		PLAN(tell(&puppet, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	/* Allowed, and so not counted. */
	PLAN(!tell(&puppet, do_try, PATH("a/f"), O_WRONLY));
	PLAN(tell(&puppet, do_try, PATH("a/none"), O_RDONLY) == -ENOENT);
	end(&puppet);
	expect_free('A', denials);
	check_settled("free_domain.denials.%s", name);
	close(fd);
}

/* A nested domain whose own denials are not logged. */
static void test_denials_subdomain(void)
{
	const int reads = ruleset('R', READ, 0, 0);
	const int writes = ruleset('S', WRITE, 0, 0);
	struct puppet puppet = start();

	forget("AB");
	PLAN(!tell(&puppet, sys_restrict, reads, SUB_OFF));
	expect_restrict(puppet.tid, 'A', "0", "R.0", SUB_OFF, 1, 0);
	PLAN(!tell(&puppet, sys_restrict, writes, 0));
	expect_restrict(puppet.tid, 'B', "@A", "S.0", 0, 1, 0);
	/* Two for the old one, three for the young one, which also is the one
	 * for what both deny. */
	for (int i = 0; i < 2; i++)
		PLAN(tell(&puppet, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	for (int i = 0; i < 2; i++)
		PLAN(tell(&puppet, do_try, PATH("a/f"), O_WRONLY) == -EACCES);
	PLAN(tell(&puppet, do_try, PATH("a/f"), O_RDWR) == -EACCES);
	end(&puppet);
	expect_free('B', 3);
	expect_free('A', 2);
	check_settled("free_domain.denials.subdomains-off");
	close(reads);
	close(writes);
}

static void test_denials_quiet(void)
{
	const int dir = open_path("a");
	const int fd = make_ruleset('R', &(struct landlock_ruleset_attr){
						 .handled_access_fs = READ,
						 .quiet_access_fs = READ,
					 });
	struct puppet puppet;

	PLAN(!add_fs(fd, dir, 0, QUIET));
	puppet = start_in(fd);
	for (int i = 0; i < 3; i++)
		PLAN(tell(&puppet, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	end(&puppet);
	expect_free('A', 3);
	check_settled("free_domain.denials.quiet");
	close(fd);
	close(dir);
}

/* One denial of each kind. */
static void deny_each(const struct puppet *const puppet)
{
	const int fd = tell(puppet, do_open, PATH("a/f"), O_WRONLY);

	PLAN(tell(puppet, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	PLAN(tell(puppet, do_truncate, PATH("a/f"), 0) == -EACCES);
	PLAN(tell(puppet, do_ftruncate, fd, 0) == -EACCES);
	/* Also when someone else does it: it is about the file. */
	PLAN(do_ftruncate(fd, 0) == -EACCES);
	PLAN(tell(puppet, do_mkdir, PATH("a/x"), 0) == -EACCES);
	PLAN(tell(puppet, do_connect, TCP4, 80) == -EACCES);
	PLAN(tell(puppet, do_bind, UDP6, 80) == -EACCES);
	PLAN(tell(puppet, do_kill, getpid(), 0) == -EPERM);
	PLAN(tell(puppet, do_kill, getpid(), SIGCHLD) == -EPERM);
	PLAN(tell(puppet, do_connect_unix, PATH("@life"), 0) == -EPERM);
	PLAN(tell(puppet, do_attach, getpid(), 0) == -EPERM);
	PLAN(tell(puppet, do_mount, PATH("a"), 0) == -EPERM);
	close(fd);
}
#define DENIALS_OF_EACH 12

static void test_denials_each(void)
{
	const int fd = ruleset('R', ALL_FS & ~WRITE, ALL_NET, 3);
	const int server = must(socket(AF_UNIX, SOCK_STREAM, 0));
	struct sockaddr_un addr;
	const socklen_t len = unix_address(&addr, "@life");
	struct puppet puppet;

	must(bind(server, (struct sockaddr *)&addr, len));
	must(listen(server, 8));
	puppet = start_in(fd);
	deny_each(&puppet);
	end(&puppet);
	expect_free('A', DENIALS_OF_EACH);
	check_settled("free_domain.denials.of-each-kind");

	/* As many as their events, which count for the domain that denied. */
	events_on("deny_access_fs", "deny_access_net", "deny_ptrace",
		  "deny_scope_signal", "deny_scope_abstract_unix_socket", NULL);
	puppet = start_in(fd);
	deny_each(&puppet);
	end(&puppet);
	settle();
	PLAN(num_events == DENIALS_OF_EACH + 1);
	for (int i = 0; i < num_events; i++)
		PLAN(is_value(&events[i], "domain", id_of('A')));
	PLAN(is_value(find_event("free_domain", 0), "denials",
		      text("%d", DENIALS_OF_EACH)));
	check(as_planned, "free_domain.denials.as-their-events");
	as_planned = true;
	events_on(NULL);
	close(server);
	close(fd);
}

/* Events off and on */

/* Another listener, which hears of the end of a domain when we do not. */
#define OTHER "/sys/kernel/tracing/instances/other"

static void open_other(void)
{
	must(mkdir(OTHER, 0700));
	write_file(OTHER "/events/landlock/landlock_free_domain/enable", "1");
}

static void close_other(void)
{
	write_file(OTHER "/events/landlock/enable", "0");
	must(rmdir(OTHER));
}

static bool is_freed_for_others(const char *const id)
{
	char line[64];
	bool found = false;

	sprintf(line, "landlock_free_domain: domain=%.19s denials=0\n", id);
	for (int i = 0; i < 500 && !found; i++) {
		char *const text = read_file(OTHER "/trace");

		found = strstr(text, line);
		free(text);
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
	return found;
}

static void test_enable(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet;

	/* Its end is told even though its start was not. */
	trace_enable("restrict_self", false);
	puppet = start();
	forget("A");
	PLAN(!tell(&puppet, sys_restrict, fd, 0));
	PLAN(tell(&puppet, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	trace_read();
	PLAN(!num_events);
	trace_enable("restrict_self", true);
	end(&puppet);
	expect_free('A', 1);
	check_settled("free_domain.enforced-while-off");

	/* So are all of them off. */
	write_file(trace_file("events/landlock/enable"), "0");
	puppet = start();
	forget("AB");
	PLAN(!tell(&puppet, sys_restrict, fd, 0));
	PLAN(!tell(&puppet, sys_restrict, fd, TSYNC));
	events_on(NULL);
	end(&puppet);
	expect_free('B', 0);
	expect_free('A', 0);
	check_settled("free_domain.all-off-before");

	puppet = start();
	forget("A");
	PLAN(!tell(&puppet, sys_restrict, fd, 0));
	expect_restrict(puppet.tid, 'A', "0", "R.0", 0, 1, 0);
	check_settled("restrict_self.still-on");
	trace_enable("free_domain", false);
	open_other();
	end(&puppet);
	PLAN(is_freed_for_others(id_of('A')));
	check_trace("free_domain.off");
	trace_enable("free_domain", true);
	close_other();
	close(fd);
}

/* What keeps a domain alive after its last task */

static void check_kept(const char *const name)
{
	check_settled("free_domain.kept.%s", name);
	expect_free('A', 0);
}

static void test_kept(void)
{
	const int fd = ruleset('R', MAKE, 0, LANDLOCK_SCOPE_SIGNAL);
	struct puppet puppet, child;
	struct sockaddr_un addr;
	int file, pipes[2];
	socklen_t len;

	puppet = start_in(fd);
	child = start_child(&puppet);
	end(&puppet);
	check_kept("by-child");
	end(&child);
	check_settled("free_domain.after-child");

	puppet = start_in(fd);
	file = tell(&puppet, do_open, PATH("a/f"), O_RDONLY);
	end(&puppet);
	check_kept("by-open-file");
	close(file);
	check_settled("free_domain.after-open-file");

	must(pipe(pipes));
	puppet = start_in(fd);
	PLAN(!tell(&puppet, do_setown, pipes[0], getpid()));
	end(&puppet);
	check_kept("by-file-owner");
	close(pipes[0]);
	check_settled("free_domain.after-file-owner");
	close(pipes[1]);

	/* Another owner takes over. */
	must(pipe(pipes));
	puppet = start_in(fd);
	PLAN(!tell(&puppet, do_setown, pipes[0], getpid()));
	end(&puppet);
	must(fcntl(pipes[0], F_SETOWN, getpid()));
	expect_free('A', 0);
	check_settled("free_domain.after-other-owner");
	close(pipes[0]);
	close(pipes[1]);

	/* A socket remembers who listened. */
	file = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	len = unix_address(&addr, "@kept");
	must(bind(file, (struct sockaddr *)&addr, len));
	puppet = start_in(fd);
	PLAN(!tell(&puppet, do_listen, file, 0));
	end(&puppet);
	check_kept("by-listening-socket");
	close(file);
	check_settled("free_domain.after-listening-socket");
	close(fd);
}

/* A nested domain keeps its parent. */
static void test_kept_by_nested(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet, child;
	int file;

	puppet = start_in(fd);
	child = start_child(&puppet);
	PLAN(!tell(&child, sys_restrict, fd, 0));
	expect_restrict(child.tid, 'B', "@A", "R.0", 0, 1, 0);
	end(&puppet);
	check_settled("free_domain.kept.by-nested");
	file = tell(&child, do_open, PATH("a/f"), O_WRONLY);
	end(&child);
	check_settled("free_domain.kept.by-nested-file");
	close(file);
	expect_free('B', 0);
	expect_free('A', 0);
	check_settled("free_domain.after-nested");
	close(fd);
}

/* Filters of both events */

static struct puppet filter_puppets[3];

/* A puppet in the domain A, which is the parent of what comes. */
static void prepare_restrict(void)
{
	filter_fds[0] = ruleset('R', READ, CONNECT_TCP, 0);
	filter_fds[1] = ruleset('S', READ, 0, 0);
	PLAN(!add_net(filter_fds[0], 1, CONNECT_TCP, 0));
	filter_puppets[0] = start_in(filter_fds[1]);
	filter_puppets[1] = start_thread(&filter_puppets[0]);
}

/* B under A, C under B, one for two threads. */
static void act_restrict(void)
{
	struct puppet *const puppet = &filter_puppets[0];

	PLAN(!tell(puppet, sys_restrict, filter_fds[0], SAME_OFF));
	PLAN(!tell(puppet, do_nnp, 0, 0));
	PLAN(!tell(puppet, sys_restrict, filter_fds[1], TSYNC | NEW_ON));
	end(puppet);
	close_pipes(&filter_puppets[1]);
	close(filter_fds[0]);
	close(filter_fds[1]);
}

static void test_restrict_filters(void)
{
	static const struct filtered what = { "restrict_self", prepare_restrict,
					      act_restrict };
	static const struct filter filters[] = {
		{ "domain != 0", 2 },
		{ "domain > @A", 2 },
		{ "domain == @A", 0 },
		{ "parent == @A", 1 },
		{ "parent != @A", 1 },
		{ "parent == 0", 0 },
		{ "ruleset == @R", 1 },
		{ "ruleset == @S", 1 },
		{ "ruleset_version == 1", 1 },
		{ "ruleset_version == 0", 1 },
		{ "flags == 1", 1 },
		{ "flags == 10", 1 },
		{ "flags & 8", 1 },
		{ "flags & 4", 0 },
		{ "threads == 1", 1 },
		{ "threads == 2", 1 },
		{ "threads >= 1", 2 },
		{ "no_new_privs == 0", 1 },
		{ "no_new_privs == 1", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		check_filter(&what, &filters[i]);
}

/* Domains A, B and F in one process each, with 0, 1 and 2 denials. */
static void prepare_free(void)
{
	static const char letters[] = "ABF";
	char kept[3][20];

	filter_fds[0] = ruleset('R', READ, 0, 0);
	for (int i = 0; i < 3; i++) {
		filter_puppets[i] = start_in(filter_fds[0]);
		strcpy(kept[i], id_of('A'));
		for (int n = 0; n < i; n++)
			PLAN(tell(&filter_puppets[i], do_try, PATH("a/f"),
				  O_RDONLY) == -EACCES);
	}
	for (int i = 0; i < 3; i++)
		strcpy(id_of(letters[i]), kept[i]);
	close(filter_fds[0]);
}

/* The filter always lets F pass, which is the last one. */
static void act_free(void)
{
	for (int i = 0; i < 3; i++)
		end(&filter_puppets[i]);
	for (int i = 0; i < 500; i++) {
		trace_read();
		for (int n = 0; n < num_events; n++)
			if (!strcmp(value(&events[n], "domain") ?: "",
				    id_of('F')))
				return;
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
	PLAN(!"the last domain was freed");
}

static void test_free_filters(void)
{
	static const struct filtered what = { "free_domain", prepare_free,
					      act_free };
	/* How many of three. */
	static const struct filter filters[] = {
		{ "domain == @A || domain == @F", 2 },
		{ "domain == @B || domain == @F", 2 },
		{ "domain == @F", 1 },
		{ "domain != 0", 3 },
		{ "denials == 0 || domain == @F", 2 },
		{ "denials > 0", 2 },
		{ "denials == 2", 1 },
		{ "denials < 2 || domain == @F", 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		check_filter(&what, &filters[i]);
}

/* check_rule_fs */

/* Ends a puppet of domain A, whose end is not what is tested. */
static void end_quietly(const struct puppet *const puppet)
{
	end(puppet);
	settle();
	trace_clear();
}

static void test_check_walk(void)
{
	const uint64_t request = READ | WRITE;
	const int fd = ruleset('R', READ | WRITE | READ_DIR, 0, 0);
	struct puppet puppet;

	allow(fd, "a/b", READ);
	allow(fd, "a", WRITE);
	allow(fd, ".", READ | WRITE);
	puppet = start_in(fd);
	/* Up to the first directory that is enough. */
	PLAN(!tell(&puppet, do_try, PATH("a/b/c/f"), O_RDONLY));
	expect_check_fs(puppet.tid, 'A', READ, "a/b", "read_file");
	check_trace("check_rule_fs.allowed");
	/* Also one that grants nothing of what is asked for. */
	PLAN(!tell(&puppet, do_try, PATH("a/b/c/f"), O_WRONLY));
	expect_check_fs(puppet.tid, 'A', WRITE, "a/b", "");
	expect_check_fs(puppet.tid, 'A', WRITE, "a", "write_file");
	check_trace("check_rule_fs.from-leaf-to-root");
	PLAN(!tell(&puppet, do_try, PATH("a/b/c/f"), O_RDWR));
	expect_check_fs(puppet.tid, 'A', request, "a/b", "read_file");
	expect_check_fs(puppet.tid, 'A', request, "a", "write_file");
	check_trace("check_rule_fs.mixed-request");
	PLAN(!tell(&puppet, do_try, PATH("o/f"), O_RDWR));
	expect_check_fs(puppet.tid, 'A', request, ".", "write_file|read_file");
	check_trace("check_rule_fs.mount-root");
	/* All of them, and none is enough. */
	PLAN(tell(&puppet, do_try, PATH("a/b"), O_RDONLY | O_DIRECTORY) ==
	     -EACCES);
	expect_check_fs(puppet.tid, 'A', READ_DIR, "a/b", "");
	expect_check_fs(puppet.tid, 'A', READ_DIR, "a", "");
	expect_check_fs(puppet.tid, 'A', READ_DIR, ".", "");
	check_trace("check_rule_fs.denied");
	/* Nothing to check, or nothing handled. */
	PLAN(!tell(&puppet, do_try, PATH("a/b/c/f"), O_PATH));
	PLAN(!tell(&puppet, do_truncate, PATH("a/b/c/f"), 0));
	PLAN(!tell(&puppet, do_mkdir, PATH("a/b/new"), 0));
	PLAN(!rmdir("a/b/new"));
	check_trace("check_rule_fs.not-handled");
	trace_enable("check_rule_fs", false);
	PLAN(!tell(&puppet, do_try, PATH("a/b/c/f"), O_RDONLY));
	check_trace("check_rule_fs.off");
	trace_enable("check_rule_fs", true);
	end_quietly(&puppet);
	close(fd);
}

static void test_check_no_rule(void)
{
	const int fd = ruleset('R', READ, 0, 0);
	struct puppet puppet;

	allow(fd, "a/b", READ);
	puppet = start_in(fd);
	PLAN(tell(&puppet, do_try, PATH("a/f"), O_RDONLY) == -EACCES);
	PLAN(tell(&puppet, do_try, PATH("o/f"), O_RDONLY) == -EACCES);
	PLAN(tell(&puppet, do_try, PATH("o/none"), O_RDONLY) == -ENOENT);
	check_trace("check_rule_fs.no-rule");
	end_quietly(&puppet);
	close(fd);
}

/* A rule of a file, and one of its hard link elsewhere. */
static void test_check_file(void)
{
	const int fd = ruleset('R', READ | WRITE, 0, 0);
	struct puppet puppet;

	must(link("a/b/c/f", "o/hard"));
	allow(fd, "a/b/c/f", READ);
	allow(fd, "o", WRITE);
	puppet = start_in(fd);
	PLAN(!tell(&puppet, do_try, PATH("a/b/c/f"), O_RDONLY));
	expect_check_fs(puppet.tid, 'A', READ, "a/b/c/f", "read_file");
	PLAN(tell(&puppet, do_try, PATH("a/b/c/f"), O_WRONLY) == -EACCES);
	expect_check_fs(puppet.tid, 'A', WRITE, "a/b/c/f", "");
	PLAN(!tell(&puppet, do_try, PATH("o/hard"), O_RDWR));
	expect_check_fs(puppet.tid, 'A', READ | WRITE, "o/hard", "read_file");
	expect_check_fs(puppet.tid, 'A', READ | WRITE, "o", "write_file");
	check_trace("check_rule_fs.file");
	end_quietly(&puppet);
	must(unlink("o/hard"));
	close(fd);
}

/* What else than reading and writing is asked for. */
static void test_check_requests(void)
{
	const int server = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	const int fd = ruleset('R', ALL_FS, 0, 0);
	struct sockaddr_un addr;
	const socklen_t len = unix_address(&addr, "a/b/socket");
	struct puppet puppet;
	int file;

	must(bind(server, (struct sockaddr *)&addr, len));
	must(listen(server, 8));
	allow(fd, "a/b", ALL_FS);
	puppet = start_in(fd);

#define CHECK_REQUEST(name, call, a, b, ret, request)                 \
	do {                                                          \
		expect_check_fs(puppet.tid, 'A', request, "a/b",      \
				join(fs_names, request));             \
		PLAN(tell(&puppet, call, PATH(a), b) == (ret));       \
		check_trace("check_rule_fs.request.%s", name);        \
	} while (0)

	CHECK_REQUEST("mkdir", do_mkdir, "a/b/d", 0, 0,
		      LANDLOCK_ACCESS_FS_MAKE_DIR);
	CHECK_REQUEST("rmdir", do_rmdir, "a/b/d", 0, 0,
		      LANDLOCK_ACCESS_FS_REMOVE_DIR);
	CHECK_REQUEST("mkreg", do_mknod, "a/b/r", S_IFREG | 0600, 0, MAKE);
	CHECK_REQUEST("unlink", do_unlink, "a/b/r", 0, 0, REMOVE);
	CHECK_REQUEST("mkfifo", do_mknod, "a/b/p", S_IFIFO | 0600, 0,
		      LANDLOCK_ACCESS_FS_MAKE_FIFO);
	CHECK_REQUEST("mksock", do_mknod, "a/b/s", S_IFSOCK | 0600, 0,
		      LANDLOCK_ACCESS_FS_MAKE_SOCK);
	CHECK_REQUEST("mkchar", do_mknod, "a/b/null", S_IFCHR | 0600, 0,
		      LANDLOCK_ACCESS_FS_MAKE_CHAR);
	CHECK_REQUEST("mkblock", do_mknod, "a/b/block", S_IFBLK | 0600, 0,
		      LANDLOCK_ACCESS_FS_MAKE_BLOCK);
	CHECK_REQUEST("symlink", do_symlink, "a/b/l", 0, 0,
		      LANDLOCK_ACCESS_FS_MAKE_SYM);
	CHECK_REQUEST("truncate", do_truncate, "a/b/c/f", 0, 0, TRUNC);
	CHECK_REQUEST("connect", do_connect_unix, "a/b/socket", 0, 0,
		      LANDLOCK_ACCESS_FS_RESOLVE_UNIX);
	/* What may be done with the file later is looked up by open(). */
	CHECK_REQUEST("read", do_try, "a/b/c/f", O_RDONLY, 0, READ | TRUNC);
	CHECK_REQUEST("read-write", do_try, "a/b/c/f", O_RDWR, 0,
		      READ | WRITE | TRUNC);
	CHECK_REQUEST("readdir", do_try, "a/b/c", O_RDONLY, 0, READ_DIR | TRUNC);
	CHECK_REQUEST("execute", do_exec, "a/b/c/f", 0, -ENOEXEC,
		      READ | EXEC | TRUNC);
	CHECK_REQUEST("device", do_try, "a/b/null", O_RDONLY, 0,
		      READ | TRUNC | LANDLOCK_ACCESS_FS_IOCTL_DEV);
	CHECK_REQUEST("rename-same-directory", do_rename, "a/b/p",
		      PATH("a/b/p2"), 0,
		      LANDLOCK_ACCESS_FS_MAKE_FIFO | REMOVE);
#undef CHECK_REQUEST

	/* Both the new file and its opening. */
	PLAN(!tell(&puppet, do_try, PATH("a/b/new"), O_WRONLY | O_CREAT));
	expect_check_fs(puppet.tid, 'A', MAKE, "a/b", "make_reg");
	expect_check_fs(puppet.tid, 'A', WRITE | TRUNC, "a/b",
			"write_file|truncate");
	check_trace("check_rule_fs.request.create");

	/* An open file was checked by open(). */
	file = tell(&puppet, do_open, PATH("a/b/c/f"), O_WRONLY);
	trace_clear();
	PLAN(!tell(&puppet, do_ftruncate, file, 0));
	check_trace("check_rule_fs.request.ftruncate");
	close(file);
	/* Its backlog has a socket of the puppet, which keeps the domain. */
	close(server);
	end_quietly(&puppet);
	close(fd);
}

/* Another file system on the way: its root counts, not what it hides. */
static void test_check_mount(void)
{
	const int fd = ruleset('R', READ | EXEC, 0, 0);
	struct stat hidden;
	struct puppet puppet;

	must(mkdir("a/m", 0700));
	hidden = stat_of("a/m");
	allow(fd, "a/m", READ);
	must(mount("tmpfs", "a/m", "tmpfs", 0, NULL));
	PLAN(stat_of("a/m").st_dev != hidden.st_dev);
	make_file("a/m/f");
	allow(fd, "a/m", EXEC);
	allow(fd, "a", EXEC);
	puppet = start_in(fd);
	PLAN(tell(&puppet, do_try, PATH("a/m/f"), O_RDONLY) == -EACCES);
	expect_check_fs(puppet.tid, 'A', READ, "a/m", "");
	expect_check_fs(puppet.tid, 'A', READ, "a", "");
	check_trace("check_rule_fs.mount-point");
	end_quietly(&puppet);
	must(umount("a/m"));
	close(fd);
}

/* One entry per layer, oldest first */

static void test_check_two_layers(void)
{
	const int old = ruleset('R', READ | EXEC, 0, 0);
	const int young = ruleset('S', READ | WRITE, 0, 0);
	struct puppet puppet;

	allow(old, "a/b", READ | EXEC);
	allow(old, "a", EXEC);
	allow(old, "o", READ);
	allow(young, "a", READ | WRITE);
	allow(young, "o", READ);
	puppet = start_in(old);
	PLAN(!tell(&puppet, sys_restrict, young, 0));
	expect_restrict(puppet.tid, 'B', "@A", "S.2", 0, 1, 0);
	check_trace("check_rule_fs.two-layers.domain");
	PLAN(!tell(&puppet, do_try, PATH("a/b/f"), O_RDONLY));
	expect_check_fs(puppet.tid, 'B', READ, "a/b", "read_file,");
	expect_check_fs(puppet.tid, 'B', READ, "a", ",read_file");
	check_trace("check_rule_fs.two-layers.apart");
	PLAN(!tell(&puppet, do_try, PATH("o/f"), O_RDONLY));
	expect_check_fs(puppet.tid, 'B', READ, "o", "read_file,read_file");
	check_trace("check_rule_fs.two-layers.together");
	/* The old one does not handle it, and so does not grant it. */
	PLAN(!tell(&puppet, do_try, PATH("a/b/f"), O_RDWR));
	expect_check_fs(puppet.tid, 'B', READ | WRITE, "a/b", "read_file,");
	expect_check_fs(puppet.tid, 'B', READ | WRITE, "a",
			",write_file|read_file");
	PLAN(tell(&puppet, do_try, PATH("o/f"), O_WRONLY) == -EACCES);
	expect_check_fs(puppet.tid, 'B', WRITE, "o", ",");
	check_trace("check_rule_fs.two-layers.not-handled");
	end_quietly(&puppet);
	close(old);
	close(young);
}

/* Every other layer has its rule on a/b or on a; the fourth one handles
 * something else. */
static void test_check_many_layers(void)
{
	const int even = ruleset('R', READ, 0, 0);
	const int odd = ruleset('S', READ, 0, 0);
	const int other = ruleset('T', WRITE, 0, 0);
	char grants_b[256] = "", grants_a[256] = "";
	struct puppet puppet;

	allow(even, "a/b", READ);
	allow(odd, "a", READ);
	allow(other, "a/b", WRITE);
	puppet = start_in(even);
	for (int i = 0; i < 16; i++) {
		strcat(grants_b, i ? "," : "");
		strcat(grants_a, i ? "," : "");
		if (i != 3)
			strcat(i % 2 ? grants_a : grants_b, "read_file");
		if (i)
			PLAN(!tell(&puppet, sys_restrict,
				   i == 3 ? other : i % 2 ? odd : even, 0));
	}
	for (int i = 1; i < 16; i++)
		expect(puppet.tid, "restrict_self: domain=@%c parent=@%c *",
		       'A' + i, 'A' + i - 1);
	check_trace("check_rule_fs.16-layers.domains");
	PLAN(!tell(&puppet, do_try, PATH("a/b/f"), O_RDONLY));
	expect_check_fs(puppet.tid, 'P', READ, "a/b", grants_b);
	expect_check_fs(puppet.tid, 'P', READ, "a", grants_a);
	check_trace("check_rule_fs.16-layers");
	end_quietly(&puppet);
	close(even);
	close(odd);
	close(other);
}

/* Every right in every layer, the longest line that there can be. */
static void test_check_longest(void)
{
	const int fd = ruleset('R', ALL_FS, 0, 0);
	char grants[8192] = "";
	struct puppet puppet;

	allow(fd, "r/src", ALL_FS & ~MAKE);
	allow(fd, "r/dst", ALL_FS & ~REMOVE);
	allow(fd, "r/src/f", FILE_RIGHTS);
	puppet = start_in(fd);
	for (int i = 1; i < 16; i++)
		PLAN(!tell(&puppet, sys_restrict, fd, 0));
	for (int i = 1; i < 16; i++)
		expect(puppet.tid, "restrict_self: domain=@%c parent=@%c *",
		       'A' + i, 'A' + i - 1);
	check_trace("check_rule_fs.longest.domains");
	PLAN(!tell(&puppet, do_rename, PATH("r/src/f"), PATH("r/dst/f")));
	for (int i = 0; i < 16; i++)
		strcat(strcat(grants, i ? "," : ""),
		       join(fs_names, ALL_FS & ~MAKE));
	expect_check_fs(puppet.tid, 'P', ALL_FS, "r/src", grants);
	*grants = '\0';
	for (int i = 0; i < 16; i++)
		strcat(strcat(grants, i ? "," : ""),
		       join(fs_names, ALL_FS & ~REMOVE));
	expect_check_fs(puppet.tid, 'P', ALL_FS, "r/dst", grants);
	*grants = '\0';
	for (int i = 0; i < 16; i++)
		strcat(strcat(grants, i ? "," : ""),
		       join(fs_names, FILE_RIGHTS));
	expect_check_fs(puppet.tid, 'P', ALL_FS, "r/dst/f", grants);
	check_trace("check_rule_fs.longest");
	must(rename("r/dst/f", "r/src/f"));
	end_quietly(&puppet);
	close(fd);
}

/* Rename and link */

/* What the domains of these tests handle. */
#define MOVE (READ | REMOVE | MAKE | REFER)

static void test_refer_allowed(void)
{
	int fd = ruleset('R', MOVE, 0, 0);
	struct puppet puppet;

	/* One rule for all: each side finds it. */
	allow(fd, "r", MOVE);
	puppet = start_in(fd);
	PLAN(!tell(&puppet, do_rename, PATH("r/src/f"), PATH("r/dst/f")));
	for (int i = 0; i < 2; i++)
		expect_check_fs(puppet.tid, 'A', MOVE, "r",
				join(fs_names, MOVE));
	check_trace("check_rule_fs.rename.common-rule");
	must(rename("r/dst/f", "r/src/f"));
	end_quietly(&puppet);
	close(fd);

	/* One for each side, and for the file itself. */
	fd = ruleset('R', MOVE, 0, 0);
	allow(fd, "r/src", MOVE & ~MAKE);
	allow(fd, "r/dst", MOVE & ~REMOVE);
	allow(fd, "r/src/f", READ);
	puppet = start_in(fd);
	PLAN(!tell(&puppet, do_rename, PATH("r/src/f"), PATH("r/dst/f")));
	expect_check_fs(puppet.tid, 'A', MOVE, "r/src",
			join(fs_names, MOVE & ~MAKE));
	expect_check_fs(puppet.tid, 'A', MOVE, "r/dst",
			join(fs_names, MOVE & ~REMOVE));
	expect_check_fs(puppet.tid, 'A', MOVE, "r/dst/f", "read_file");
	check_trace("check_rule_fs.rename.three-rules");
	must(rename("r/dst/f", "r/src/f"));
	PLAN(!tell(&puppet, do_link, PATH("r/src/f"), PATH("r/dst/l")));
	expect_check_fs(puppet.tid, 'A', MOVE, "r/src",
			join(fs_names, MOVE & ~MAKE));
	expect_check_fs(puppet.tid, 'A', MOVE, "r/dst",
			join(fs_names, MOVE & ~REMOVE));
	expect_check_fs(puppet.tid, 'A', MOVE, "r/dst/l", "read_file");
	check_trace("check_rule_fs.link.three-rules");
	must(unlink("r/dst/l"));
	end_quietly(&puppet);
	close(fd);
}

/* The destination would grant more: the domain check never ends. */
static void test_refer_more_access(void)
{
	const uint64_t handled = MOVE | EXEC;
	const int fd = ruleset('R', handled, 0, 0);
	struct puppet puppet;

	allow(fd, "r/src", REMOVE | REFER);
	allow(fd, "r/dst", READ | MAKE | REFER);
	allow(fd, ".", EXEC);
	puppet = start_in(fd);
	PLAN(tell(&puppet, do_rename, PATH("r/src/f"), PATH("r/dst/f")) ==
	     -EXDEV);
	expect_check_fs(puppet.tid, 'A', handled, "r/src",
			join(fs_names, REMOVE | REFER));
	expect_check_fs(puppet.tid, 'A', handled, ".", "execute");
	expect_check_fs(puppet.tid, 'A', handled, "r/dst",
			join(fs_names, READ | MAKE | REFER));
	expect_check_fs(puppet.tid, 'A', handled, ".", "execute");
	/* The walk of both from the mount on. */
	expect_check_fs(puppet.tid, 'A', handled, ".", "execute");
	check_trace("check_rule_fs.rename.more-access");
	end_quietly(&puppet);
	close(fd);
}

/* The domain check passes, then something that is asked for is missing. */
static void test_refer_missing(void)
{
	const int fd = ruleset('R', MOVE, 0, 0);
	struct puppet puppet;

	allow(fd, "r/src", READ | REFER);
	allow(fd, "r/dst", READ | REFER);
	allow(fd, ".", READ);
	puppet = start_in(fd);
	PLAN(tell(&puppet, do_rename, PATH("r/src/f"), PATH("r/dst/f")) ==
	     -EACCES);
	for (int i = 0; i < 2; i++) {
		expect_check_fs(puppet.tid, 'A', MOVE, i ? "r/dst" : "r/src",
				"read_file|refer");
		expect_check_fs(puppet.tid, 'A', MOVE, ".", "read_file");
	}
	expect_check_fs(puppet.tid, 'A', REMOVE | MAKE | REFER, ".", "");
	check_trace("check_rule_fs.rename.missing");
	PLAN(tell(&puppet, do_link, PATH("r/src/f"), PATH("r/dst/f")) ==
	     -EACCES);
	for (int i = 0; i < 2; i++) {
		expect_check_fs(puppet.tid, 'A', MOVE, i ? "r/dst" : "r/src",
				"read_file|refer");
		expect_check_fs(puppet.tid, 'A', MOVE, ".", "read_file");
	}
	expect_check_fs(puppet.tid, 'A', MAKE | REFER, ".", "");
	check_trace("check_rule_fs.link.missing");
	end_quietly(&puppet);
	close(fd);
}

static void test_refer_exchange(void)
{
	const uint64_t move = REMOVE | MAKE | REFER;
	const int fd = ruleset('R', MOVE, 0, 0);
	struct puppet puppet;
	struct stat before = stat_of("r/src/f");

	allow(fd, "r/src", move);
	allow(fd, "r/dst", move);
	allow(fd, "r/src/f", READ);
	allow(fd, "r/dst/g", READ);
	puppet = start_in(fd);
	PLAN(!tell(&puppet, do_exchange, PATH("r/src/f"), PATH("r/dst/g")));
	PLAN(stat_of("r/dst/g").st_ino == before.st_ino);
	expect_check_fs(puppet.tid, 'A', MOVE, "r/src", join(fs_names, move));
	expect_check_fs(puppet.tid, 'A', MOVE, "r/dst", join(fs_names, move));
	/* Already where they went. */
	expect_check_fs(puppet.tid, 'A', MOVE, "r/dst/g", "read_file");
	expect_check_fs(puppet.tid, 'A', MOVE, "r/src/f", "read_file");
	check_trace("check_rule_fs.exchange");
	must(renameat2(AT_FDCWD, "r/src/f", AT_FDCWD, "r/dst/g",
		       RENAME_EXCHANGE));
	end_quietly(&puppet);
	close(fd);
}

/* Layers that handle different rights, and one that does not know "refer". */
static void test_refer_layers(void)
{
	const int old = ruleset('R', READ | EXEC, 0, 0);
	const int young = ruleset('S', MOVE, 0, 0);
	const uint64_t handled = MOVE | EXEC;
	struct puppet puppet;

	allow(old, "r", READ);
	allow(young, "r", MOVE);
	puppet = start_in(old);
	PLAN(!tell(&puppet, sys_restrict, young, 0));
	expect_restrict(puppet.tid, 'B', "@A", "S.1", 0, 1, 0);
	check_trace("check_rule_fs.rename.layers.domain");
	PLAN(tell(&puppet, do_rename, PATH("r/src/f"), PATH("r/dst/f")) ==
	     -EXDEV);
	for (int i = 0; i < 2; i++)
		expect_check_fs(puppet.tid, 'B', handled, "r",
				text("read_file,%s", join(fs_names, MOVE)));
	check_trace("check_rule_fs.rename.layers");
	end_quietly(&puppet);
	close(old);
	close(young);
}

/* check_rule_net */

static void test_check_net(void)
{
	const int fd = ruleset('R', 0, ALL_NET, 0);
	struct puppet puppet;

	PLAN(!add_net(fd, 1080, BIND_TCP, 0));
	PLAN(!add_net(fd, 1081, CONNECT_TCP, 0));
	PLAN(!add_net(fd, 1082, BIND_UDP | SEND_UDP, 0));
	PLAN(!add_net(fd, 1083, SEND_UDP, 0));
	puppet = start_in(fd);
	for (int ip = 4; ip <= 6; ip += 2) {
		const int tcp = ip == 4 ? TCP4 : TCP6;
		const int udp = ip == 4 ? UDP4 : UDP6;

		PLAN(!tell(&puppet, do_bind, tcp, 1080));
		expect_check_net(puppet.tid, 'A', BIND_TCP, 1080, "bind_tcp");
		check_trace("check_rule_net.bind-tcp.ipv%d", ip);
		PLAN(tell(&puppet, do_bind, tcp, 1081) == -EACCES);
		expect_check_net(puppet.tid, 'A', BIND_TCP, 1081, "");
		check_trace("check_rule_net.bind-tcp.denied.ipv%d", ip);
		PLAN(tell(&puppet, do_connect, tcp, 1081) == -ECONNREFUSED);
		expect_check_net(puppet.tid, 'A', CONNECT_TCP, 1081,
				 "connect_tcp");
		check_trace("check_rule_net.connect-tcp.ipv%d", ip);
		PLAN(tell(&puppet, do_connect, tcp, 1080) == -EACCES);
		expect_check_net(puppet.tid, 'A', CONNECT_TCP, 1080, "");
		check_trace("check_rule_net.connect-tcp.denied.ipv%d", ip);
		PLAN(!tell(&puppet, do_bind, udp, 1082));
		expect_check_net(puppet.tid, 'A', BIND_UDP, 1082, "bind_udp");
		check_trace("check_rule_net.bind-udp.ipv%d", ip);
		/* Then an own port is missing, for which there is no rule. */
		PLAN(tell(&puppet, do_sendto, udp, 1083) == -EACCES);
		expect_check_net(puppet.tid, 'A', SEND_UDP, 1083,
				 "connect_send_udp");
		check_trace("check_rule_net.send-udp.ipv%d", ip);
		PLAN(tell(&puppet, do_connect, udp, 1080) == -EACCES);
		expect_check_net(puppet.tid, 'A', SEND_UDP, 1080, "");
		check_trace("check_rule_net.connect-udp.denied.ipv%d", ip);
		PLAN(tell(&puppet, do_bind, tcp, 1079) == -EACCES);
		PLAN(tell(&puppet, do_connect, tcp, 1079) == -EACCES);
		PLAN(tell(&puppet, do_sendto, udp, 1079) == -EACCES);
		check_trace("check_rule_net.no-rule.ipv%d", ip);
	}
	trace_enable("check_rule_net", false);
	PLAN(!tell(&puppet, do_bind, TCP4, 1080));
	check_trace("check_rule_net.off");
	trace_enable("check_rule_net", true);
	end_quietly(&puppet);
	close(fd);
}

/* An ephemeral port is port 0. */
static void test_check_net_autobind(void)
{
	const int fd = ruleset('R', 0, BIND_UDP | SEND_UDP, 0);
	struct puppet puppet;

	PLAN(!add_net(fd, 0, BIND_UDP, 0));
	PLAN(!add_net(fd, 1083, SEND_UDP, 0));
	puppet = start_in(fd);
	PLAN(tell(&puppet, do_sendto, UDP4, 1083) == 1);
	expect_check_net(puppet.tid, 'A', SEND_UDP, 1083, "connect_send_udp");
	expect_check_net(puppet.tid, 'A', BIND_UDP, 0, "bind_udp");
	PLAN(!tell(&puppet, do_connect, UDP6, 1083));
	expect_check_net(puppet.tid, 'A', SEND_UDP, 1083, "connect_send_udp");
	expect_check_net(puppet.tid, 'A', BIND_UDP, 0, "bind_udp");
	PLAN(!tell(&puppet, do_bind, UDP4, 0));
	expect_check_net(puppet.tid, 'A', BIND_UDP, 0, "bind_udp");
	check_trace("check_rule_net.autobind");
	/* Not handled. */
	PLAN(!tell(&puppet, do_bind, TCP4, 1083));
	check_trace("check_rule_net.not-handled");
	end_quietly(&puppet);
	close(fd);
}

static void test_check_net_layers(void)
{
	const int even = ruleset('R', 0, BIND_TCP, 0);
	const int odd = ruleset('S', 0, BIND_TCP | CONNECT_TCP, 0);
	const int other = ruleset('T', 0, CONNECT_TCP, 0);
	char grants[512] = "";
	struct puppet puppet;

	PLAN(!add_net(even, 1080, BIND_TCP, 0));
	PLAN(!add_net(odd, 1080, BIND_TCP | CONNECT_TCP, 0));
	PLAN(!add_net(other, 1080, CONNECT_TCP, 0));
	puppet = start_in(even);
	for (int i = 1; i < 16; i++) {
		PLAN(!tell(&puppet, sys_restrict,
			   i == 3 ? other : i % 2 ? odd : even, 0));
		expect(puppet.tid, "restrict_self: domain=@%c parent=@%c *",
		       'A' + i, 'A' + i - 1);
	}
	check_trace("check_rule_net.16-layers.domains");
	for (int i = 0; i < 16; i++)
		strcat(strcat(grants, i ? "," : ""), i == 3 ? "" : "bind_tcp");
	PLAN(!tell(&puppet, do_bind, TCP4, 1080));
	expect_check_net(puppet.tid, 'P', BIND_TCP, 1080, grants);
	/* The even ones do not handle it, which grants it without an entry. */
	*grants = '\0';
	for (int i = 0; i < 16; i++)
		strcat(strcat(grants, i ? "," : ""),
		       i % 2 ? "connect_tcp" : "");
	PLAN(tell(&puppet, do_connect, TCP4, 1080) == -ECONNREFUSED);
	expect_check_net(puppet.tid, 'P', CONNECT_TCP, 1080, grants);
	check_trace("check_rule_net.16-layers");
	end_quietly(&puppet);
	close(even);
	close(odd);
	close(other);
}

static void test_check_net_two_layers(void)
{
	const int old = ruleset('R', 0, BIND_TCP, 0);
	const int young = ruleset('S', 0, BIND_TCP, 0);
	struct puppet puppet;

	PLAN(!add_net(old, 1080, BIND_TCP, 0));
	puppet = start_in(old);
	PLAN(!tell(&puppet, sys_restrict, young, 0));
	expect_restrict(puppet.tid, 'B', "@A", "S.0", 0, 1, 0);
	PLAN(tell(&puppet, do_bind, TCP4, 1080) == -EACCES);
	expect_check_net(puppet.tid, 'B', BIND_TCP, 1080, "bind_tcp,");
	check_trace("check_rule_net.two-layers");
	end_quietly(&puppet);
	close(old);
	close(young);
}

/* Filters of both events */

static void prepare_check(void)
{
	char old[20];

	filter_fds[0] = ruleset('R', READ | WRITE, ALL_NET, 0);
	allow(filter_fds[0], "a/b", READ);
	allow(filter_fds[0], "a", READ | WRITE);
	PLAN(!add_net(filter_fds[0], 1080, BIND_TCP, 0));
	PLAN(!add_net(filter_fds[0], 1081, CONNECT_TCP, 0));
	filter_puppets[1] = start_in(filter_fds[0]);
	strcpy(old, id_of('A'));
	filter_puppets[0] = start_in(filter_fds[0]);
	strcpy(id_of('B'), old);
	close(filter_fds[0]);
}

/* Domain A: a/b, a/b and a; then domain B: a/b. */
static void act_check_fs(void)
{
	PLAN(!tell(&filter_puppets[0], do_try, PATH("a/b/f"), O_RDONLY));
	PLAN(!tell(&filter_puppets[0], do_try, PATH("a/b/f"), O_WRONLY));
	PLAN(!tell(&filter_puppets[1], do_try, PATH("a/b/f"), O_RDONLY));
	end(&filter_puppets[0]);
	end(&filter_puppets[1]);
}

/* Domain A: 1080 for two rights; then domain B: 1081. */
static void act_check_net(void)
{
	PLAN(!tell(&filter_puppets[0], do_bind, TCP4, 1080));
	PLAN(tell(&filter_puppets[0], do_connect, TCP4, 1080) == -EACCES);
	PLAN(tell(&filter_puppets[1], do_connect, TCP4, 1081) ==
	     -ECONNREFUSED);
	end(&filter_puppets[0]);
	end(&filter_puppets[1]);
}

static void test_check_filters(void)
{
	static const struct filtered fs = { "check_rule_fs", prepare_check,
					    act_check_fs };
	static const struct filtered net = { "check_rule_net", prepare_check,
					     act_check_net };
	const struct stat a = stat_of("a"), b = stat_of("a/b");
	const struct filter of_fs[] = {
		{ "domain == @A", 3 },
		{ "domain == @B", 1 },
		{ "domain != @A && domain != @B", 0 },
		{ "access_request == 4", 2 },
		{ "access_request == 2", 2 },
		{ "access_request & 6", 4 },
		{ text("dev == %u", kernel_dev(a.st_dev)), 4 },
		{ text("dev != %u", kernel_dev(a.st_dev)), 0 },
		{ text("ino == %lu", a.st_ino), 1 },
		{ text("ino == %lu", b.st_ino), 3 },
		{ text("domain == @A && ino == %lu", b.st_ino), 2 },
	};
	const struct filter of_net[] = {
		{ "domain == @A", 2 },
		{ "domain == @B", 1 },
		{ "access_request == 1", 1 },
		{ "access_request == 2", 2 },
		{ "port == 1080", 2 },
		{ "port == 1081", 1 },
		{ "port > 1081", 0 },
		{ "domain == @A && access_request == 2 && port == 1080", 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(of_fs); i++)
		check_filter(&fs, &of_fs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(of_net); i++)
		check_filter(&net, &of_net[i]);
}

/* The stress */

#define PROCESSES 50

static int stress_ruleset(const int i)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = READ | MOVE | (i & 1 ? WRITE : 0),
		.handled_access_net = CONNECT_TCP,
		.scoped = i % 3 ? LANDLOCK_SCOPE_SIGNAL : 0,
	};
	const int fd = must(syscall(__NR_landlock_create_ruleset, &attr,
				    sizeof(attr), 0));

	allow(fd, "a/b", READ);
	allow(fd, i & 2 ? "r" : "r/src", READ | MAKE | REMOVE | REFER);
	must(add_net(fd, 1000 + i, CONNECT_TCP, 0));
	return fd;
}

/* A few of the things that leave events; they may fail. */
static void stress_accesses(const int i)
{
	do_try(PATH("a/b/f"), O_RDONLY);
	do_try(PATH("a/f"), O_RDWR);
	do_connect(TCP4, 1000 + i);
	do_connect(TCP4, 999);
	do_kill(getppid(), 0);
	do_link(PATH("r/src/f"), PATH("r/dst/l"));
	do_exchange(PATH("r/src/f"), PATH("r/dst/g"));
	do_unlink(PATH("r/dst/l"), 0);
}

static void *stress_thread(void *const arg)
{
	const int fd = *(int *)arg;

	sys_restrict(fd, TSYNC);
	do_try(PATH("a/f"), O_RDONLY);
	return NULL;
}

/* Nests @depth domains, with children that nest further. */
static void stress_nest(const int i, const int depth)
{
	for (int n = 0; n < depth; n++) {
		int fd = stress_ruleset(i + n);
		pthread_t thread;
		pid_t pid;

		sys_restrict(fd, n & 1 ? TSYNC : SAME_OFF);
		stress_accesses(i);
		if (n || depth == 1) {
			close(fd);
			continue;
		}
		/* Fails, after it was almost done. */
		sys_restrict(fd, 64);
		if (!pthread_create(&thread, NULL, stress_thread, &fd)) {
			sys_restrict(fd, TSYNC);
			pthread_join(thread, NULL);
		}
		pid = fork();
		if (!pid) {
			stress_nest(i + 1, 1);
			_exit(0);
		}
		/* Some leave their children behind. */
		if (i % 4 && pid > 0)
			waitpid(pid, NULL, 0);
		close(fd);
	}
}

/* Born and dead, whatever is still about to be freed. */
static bool is_balanced(void)
{
	trace_read();
	return count_events("create_ruleset") ==
		       count_events("free_ruleset") &&
	       count_events("restrict_self") == count_events("free_domain");
}

static void test_stress(void)
{
	int domains;

	write_file(trace_file("events/landlock/enable"), "1");
	trace_clear();
	for (int i = 0; i < PROCESSES; i++) {
		if (!must(fork())) {
			if (i % 2)
				must(do_nnp(0, 0));
			stress_nest(i, 1 + i % 4);
			/* As many ways to end. */
			if (i % 5 == 0)
				kill(getpid(), SIGKILL);
			_exit(0);
		}
	}
	/* Also those that were left behind. */
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < 500 && !is_balanced(); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	domains = count_events("restrict_self");
	printf("# %d events, %d rulesets, %d domains\n", num_events,
	       count_events("create_ruleset"), domains);
	check(domains > 2 * PROCESSES && count_events("check_rule_fs") &&
		      count_events("check_rule_net") &&
		      count_events("deny_access_fs") &&
		      count_events("deny_access_net") &&
		      count_events("deny_scope_signal"),
	      "promises.enough");
	count_broken();
	check(!num_broken[BALANCE], "promise.1-balance: of the stress");
	check(!num_broken[ORDER], "promise.2-order: of the stress");
	check(!num_broken[VERSIONS], "promise.3-versions: of the stress");
	check(!num_broken[AGREEMENT],
	      "promise.4-agreement: denials= counts the events of the stress");
	trace_clear();
}

/* All of it */

static void prepare(void)
{
	trace_open();
	must(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		must(-1);
	must(mkdir(BASE, 0700));
	must(mount("tmpfs", BASE, "tmpfs", 0, "mode=755"));
	must(chdir(BASE));
	must(mkdir("a", 0755));
	must(mkdir("a/b", 0755));
	must(mkdir("a/b/c", 0755));
	must(mkdir("o", 0755));
	must(mkdir("r", 0755));
	must(mkdir("r/src", 0755));
	must(mkdir("r/dst", 0755));
	make_file("a/f");
	make_file("a/b/f");
	make_file("a/b/c/f");
	make_file("o/f");
	make_file("r/src/f");
	make_file("r/dst/g");
	fence_ruleset = ruleset('Z', READ, 0, 0);
}

static void test_rules(void)
{
	events_on("add_rule_fs", "add_rule_net", NULL);
	test_fs_rights();
	test_fs_quiet();
	test_fs_versions();
	test_fs_refused();
	test_path_names();
	test_path_decode();
	test_path_kinds();
	test_path_lengths();
	test_path_cut();
	test_path_unreachable();
	test_path_roots();
	test_net_rights();
	test_net_ports();
	test_net_quiet();
	test_net_refused();
	test_many_threads();
	test_rule_filters();
}

static void test_domains(void)
{
	events_on(NULL);
	test_flags();
	test_unprivileged();
	test_nested();
	test_merged_version();
	test_siblings_of_one_parent();
	test_no_ruleset();
	test_restrict_refused();
	check_tsync(0, false);
	check_tsync(1, false);
	check_tsync(7, false);
	check_tsync(7, true);
	test_thread_domains();
	test_tsync_interrupted();
	test_tsync_killed();
	test_tsync_concurrent();
	test_tsync_spawning();
	test_concurrent_adder();
	check_denials("none", 0, 0);
	check_denials("one", 0, 1);
	check_denials("many", NEW_ON, 25);
	check_denials("log-off", SAME_OFF, 4);
	check_denials("all-flags", SAME_OFF | NEW_ON | SUB_OFF | TSYNC, 3);
	test_denials_subdomain();
	test_denials_quiet();
	test_denials_each();
	test_enable();
	test_kept();
	test_kept_by_nested();
	test_restrict_filters();
	test_free_filters();
}

static void test_checks(void)
{
	events_on("check_rule_fs", "check_rule_net", NULL);
	test_check_walk();
	test_check_no_rule();
	test_check_file();
	test_check_requests();
	test_check_mount();
	test_check_two_layers();
	test_check_many_layers();
	test_check_longest();
	test_refer_allowed();
	test_refer_more_access();
	test_refer_missing();
	test_refer_exchange();
	test_refer_layers();
	test_check_net();
	test_check_net_autobind();
	test_check_net_layers();
	test_check_net_two_layers();
	test_check_filters();
}

int main(void)
{
	prepare();
	test_match();
	test_promises();
	test_rules();
	test_domains();
	test_checks();
	test_stress();
	finish();
	return 0;
}
