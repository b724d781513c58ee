// SPDX-License-Identifier: GPL-2.0-only
/*
 * eBPF programs on all Landlock events, see landlock.bpf.c: makes each event
 * happen, at several depths of nested domains, and compares what the programs
 * found with the lines that the kernel printed of the same occurrences:
 *
 *   - the whole line can be told from what a program found;
 *   - what the line does not tell (layers of domains and rules, nodes of
 *     hierarchies, rules of rulesets...) is what earlier lines lead to.
 *
 * Prints KTAP.  usage: ebpf   (root)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <inttypes.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "../trace.h"
#include "landlock.skel.h"
#include "record.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const event_names[] = {
	[CREATE_RULESET] = "create_ruleset",
	[FREE_RULESET] = "free_ruleset",
	[ADD_RULE_FS] = "add_rule_fs",
	[ADD_RULE_NET] = "add_rule_net",
	[RESTRICT_SELF] = "restrict_self",
	[FREE_DOMAIN] = "free_domain",
	[CHECK_RULE_FS] = "check_rule_fs",
	[CHECK_RULE_NET] = "check_rule_net",
	[DENY_ACCESS_FS] = "deny_access_fs",
	[DENY_ACCESS_NET] = "deny_access_net",
	[DENY_PTRACE] = "deny_ptrace",
	[DENY_SCOPE_SIGNAL] = "deny_scope_signal",
	[DENY_SCOPE_ABSTRACT_UNIX_SOCKET] = "deny_scope_abstract_unix_socket",
};

static const char *const fs_names[] = {
	"execute",     "write_file",   "read_file", "read_dir", "remove_dir",
	"remove_file", "make_char",    "make_dir",  "make_reg", "make_sock",
	"make_fifo",   "make_block",   "make_sym",  "refer",	"truncate",
	"ioctl_dev",   "resolve_unix", NULL,
};
static const char *const net_names[] = {
	"bind_tcp", "connect_tcp", "bind_udp", "connect_send_udp", NULL,
};
static const char *const scope_names[] = {
	"abstract_unix_socket",
	"signal",
	NULL,
};
static const char *const flag_names[] = {
	"log_same_exec_off",
	"log_new_exec_on",
	"log_subdomains_off",
	"tsync",
	NULL,
};

#define ALL_FS ((LANDLOCK_ACCESS_FS_RESOLVE_UNIX << 1) - 1)
#define ALL_NET ((LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP << 1) - 1)
#define REFER LANDLOCK_ACCESS_FS_REFER
#define READ LANDLOCK_ACCESS_FS_READ_FILE
#define WRITE LANDLOCK_ACCESS_FS_WRITE_FILE
#define MAKE_REG LANDLOCK_ACCESS_FS_MAKE_REG
#define A LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define S LANDLOCK_SCOPE_SIGNAL

/* --- what makes the events --- */

static int new_ruleset(const struct landlock_ruleset_attr attr)
{
	return must(
		syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0));
}

#define RULESET(...) new_ruleset((struct landlock_ruleset_attr){ __VA_ARGS__ })

static void add_path(const int ruleset, const char *const path,
		     const uint64_t access, const unsigned int flags)
{
	const struct landlock_path_beneath_attr attr = {
		.allowed_access = access,
		.parent_fd = must(open(path, O_PATH | O_CLOEXEC)),
	};

	must(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		     &attr, flags));
	close(attr.parent_fd);
}

static void add_port(const int ruleset, const uint64_t port,
		     const uint64_t access, const unsigned int flags)
{
	const struct landlock_net_port_attr attr = {
		.allowed_access = access,
		.port = port,
	};

	must(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_NET_PORT,
		     &attr, flags));
}

static void enforce(const int ruleset, const unsigned int flags)
{
	must(syscall(SYS_landlock_restrict_self, ruleset, flags));
	close(ruleset);
}

static socklen_t abstract(struct sockaddr_un *const un)
{
	static const char name[] = "\0a b\0\xff\\=";

	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name, sizeof(name) - 1);
	return offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1;
}

/* Some of it is denied, whatever the result is. */
static void use_net(const int type, const uint16_t port)
{
	const struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	const int s4 = must(socket(AF_INET, type, 0));
	const int s6 = must(socket(AF_INET6, type, 0));

	bind(s4, (struct sockaddr *)&v4, sizeof(v4));
	bind(s6, (struct sockaddr *)&v6, sizeof(v6));
	connect(s4, (struct sockaddr *)&v4, sizeof(v4));
	connect(s6, (struct sockaddr *)&v6, sizeof(v6));
	close(s4);
	close(s6);
}

/* A process that stays in the current domain, until this one ends. */
static pid_t start_target(void)
{
	int end[2];
	char byte;
	pid_t pid;

	must(pipe(end));
	pid = must(fork());
	if (!pid) {
		close(end[1]);
		must(prctl(PR_SET_NAME, "tar=get"));
		_exit(read(end[0], &byte, 1));
	}
	close(end[0]);
	return pid;
}

static void provoke(const pid_t target)
{
	const int stream = must(socket(AF_UNIX, SOCK_STREAM, 0));
	const int dgram = must(socket(AF_UNIX, SOCK_DGRAM, 0));
	const int fs = must(syscall(SYS_fspick, AT_FDCWD, "mnt", 0));
	struct sockaddr_un un;
	const socklen_t len = abstract(&un);

	close(open("dir/file", O_RDONLY));
	close(open("dir/sub/file", O_RDWR));
	close(open("dir/sub/file", O_WRONLY | O_TRUNC));
	close(open("a b/\"q\\\n\x1b\xff=x", O_RDWR));
	close(open("other/new", O_WRONLY | O_CREAT, 0600));
	mkdir("dir/new", 0700);
	rename("dir/file", "other/moved");
	mount(NULL, "mnt", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	/* Has no mount, only a file system. */
	syscall(SYS_fsconfig, fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
	close(fs);
	umount("mnt");
	use_net(SOCK_STREAM, 1025);
	use_net(SOCK_STREAM, 1026);
	use_net(SOCK_DGRAM, 1025);
	kill(getppid(), 0);
	kill(getppid(), SIGUSR1);
	ptrace(PTRACE_ATTACH, getppid(), 0, 0);
	if (target) {
		kill(target, SIGUSR2);
		ptrace(PTRACE_ATTACH, target, 0, 0);
	}
	connect(stream, (struct sockaddr *)&un, len);
	sendto(dgram, "x", 1, 0, (struct sockaddr *)&un, len);
	close(stream);
	close(dgram);
}

static void *wait_forever(void *const arg)
{
	pthread_barrier_wait(arg);
	/* Until the process exits. */
	pause();
	return NULL;
}

static void run_subject(void)
{
	pthread_barrier_t barrier;
	pthread_t thread;
	pid_t target;
	int r;

	must(prctl(PR_SET_NAME, "sub \"ject\xff"));
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(unshare(CLONE_NEWNS));
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must(mount("t", "mnt", "tmpfs", 0, NULL));

	/* Never enforced. */
	r = RULESET(.handled_access_fs = WRITE);
	add_path(r, ".", WRITE, 0);
	close(r);

	r = RULESET(.handled_access_fs = READ | WRITE | MAKE_REG,
		    .handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP |
					  LANDLOCK_ACCESS_NET_CONNECT_TCP,
		    .scoped = A | S, .quiet_access_fs = MAKE_REG | WRITE,
		    .quiet_access_net = LANDLOCK_ACCESS_NET_BIND_TCP,
		    .quiet_scoped = A);
	add_path(r, "dir", READ, 0);
	/* Extends it. */
	add_path(r, "dir", WRITE, LANDLOCK_ADD_RULE_QUIET);
	add_path(r, "other", READ | WRITE | MAKE_REG, 0);
	add_port(r, 1025, LANDLOCK_ACCESS_NET_BIND_TCP,
		 LANDLOCK_ADD_RULE_QUIET);
	add_port(r, 1026, LANDLOCK_ACCESS_NET_CONNECT_TCP, 0);
	enforce(r, 0);
	provoke(0);
	target = start_target();

	/* A layer that handles other rights, and a rule for a port in no layer. */
	r = RULESET(.handled_access_fs = WRITE | LANDLOCK_ACCESS_FS_MAKE_DIR,
		    .handled_access_net = LANDLOCK_ACCESS_NET_CONNECT_TCP,
		    .scoped = S);
	add_path(r, "dir", WRITE, 0);
	add_path(r, "a b", WRITE, 0);
	add_port(r, 1, LANDLOCK_ACCESS_NET_CONNECT_TCP, 0);
	enforce(r, LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF |
			   LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON);
	provoke(target);

	/* All threads. */
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, wait_forever, &barrier);
	pthread_barrier_wait(&barrier);
	r = RULESET(.handled_access_fs = ALL_FS, .handled_access_net = ALL_NET);
	add_path(r, "dir/sub", READ, 0);
	add_path(r, "/", READ, 0);
	add_port(r, 1025, ALL_NET & ~LANDLOCK_ACCESS_NET_CONNECT_TCP, 0);
	enforce(r, LANDLOCK_RESTRICT_SELF_TSYNC);
	provoke(target);
	_exit(0);
}

static void make_file(const char *const path)
{
	close(must(open(path, O_WRONLY | O_CREAT, 0600)));
}

static int abstract_sockets[2];

static void prepare(void)
{
	struct sockaddr_un un;
	const socklen_t len = abstract(&un);

	must(mkdir("/run/ebpf", 0700));
	must(mount("t", "/run/ebpf", "tmpfs", 0, NULL));
	must(chdir("/run/ebpf"));
	must(mkdir("dir", 0700));
	must(mkdir("dir/sub", 0700));
	must(mkdir("other", 0700));
	must(mkdir("a b", 0700));
	must(mkdir("mnt", 0700));
	make_file("dir/file");
	make_file("dir/sub/file");
	make_file("a b/\"q\\\n\x1b\xff=x");
	abstract_sockets[0] = must(socket(AF_UNIX, SOCK_STREAM, 0));
	must(bind(abstract_sockets[0], (struct sockaddr *)&un, len));
	must(listen(abstract_sockets[0], 5));
	abstract_sockets[1] = must(socket(AF_UNIX, SOCK_DGRAM, 0));
	must(bind(abstract_sockets[1], (struct sockaddr *)&un, len));
}

/* --- records, and the line that each of them stands for --- */

static struct record *records[EVENTS_MAX];
static const struct event *lines[EVENTS_MAX];
static int num_records;

static int keep_record(void *const ctx, void *const data, const size_t size)
{
	(void)ctx;
	if (size < sizeof(struct record) || num_records == EVENTS_MAX) {
		printf("Bail out! record of %zu bytes, %d records\n", size,
		       num_records);
		exit(1);
	}
	records[num_records] = malloc(sizeof(struct record));
	memcpy(records[num_records++], data, sizeof(struct record));
	return 0;
}

static uint64_t hex(const struct event *const event, const char *const key)
{
	const char *const text = value(event, key);

	return text ? strtoull(text, NULL, 16) : 0;
}

static uint64_t number(const struct event *const event, const char *const key)
{
	const char *const text = value(event, key);

	return text ? strtoull(text, NULL, 10) : 0;
}

/*
 * The same occurrence: the Nth of this event in this thread.  Domains may be
 * freed by several kernel workers at once, but each only once.
 */
static const struct event *find_line(const int index)
{
	const struct record *const r = records[index];
	int n = 0;

	for (int i = 0; i < index && r->event != FREE_DOMAIN; i++)
		n += records[i]->event == r->event && records[i]->tid == r->tid;
	for (int i = 0; i < num_events; i++) {
		if (strcmp(events[i].name, event_names[r->event]))
			continue;
		if (r->event == FREE_DOMAIN) {
			if (hex(&events[i], "domain") == r->denier.ids[0])
				return &events[i];
		} else if (events[i].pid == r->tid && !n--) {
			return &events[i];
		}
	}
	return NULL;
}

/* --- the line that can be told from a record --- */

static char text[32768];
static size_t text_len;

__attribute__((format(printf, 1, 2))) static void put(const char *const format,
						      ...)
{
	va_list args;

	va_start(args, format);
	text_len += vsnprintf(text + text_len, sizeof(text) - text_len, format,
			      args);
	va_end(args);
}

static void put_names(const unsigned int mask, const char *const names[])
{
	const char *separator = "";

	for (int i = 0; names[i]; i++)
		if (mask & 1 << i) {
			put("%s%s", separator, names[i]);
			separator = "|";
		}
}

static void put_mask(const char *const key, const unsigned int mask,
		     const char *const names[])
{
	put(" %s=", key);
	put_names(mask, names);
}

static void put_escaped(const char *const key, const char *const from,
			const size_t len)
{
	put(" %s=", key);
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = from[i];

		if (c <= ' ' || c >= 0x7f || strchr("=\"'\\", c))
			put("\\%03o", c);
		else
			put("%c", c);
	}
}

static void put_file(const struct record *const r)
{
	/* As the kernel has it: not what makedev() makes. */
	put(" dev=%u:%u ino=%llu", r->dev >> 20, r->dev & 0xfffff, r->ino);
}

/* What layer @level of the domain gets from the rule. */
static unsigned int layer_grants(const struct record *const r,
				 const unsigned int level)
{
	const struct masks *const handled = &r->domain.handled[level - 1];

	for (unsigned int i = 0; i < r->rule.num_layers; i++)
		if (r->rule.layers[i].level == level)
			return r->rule.layers[i].access & r->access &
			       (r->event == CHECK_RULE_FS ?
					handled->fs | REFER :
					handled->net);
	return 0;
}

static void put_grants(const struct record *const r)
{
	put(" grants={");
	for (unsigned int i = 1; i <= r->domain.num_layers; i++) {
		put(i > 1 ? "," : "");
		put_names(layer_grants(r, i),
			  r->event == CHECK_RULE_FS ? fs_names : net_names);
	}
	put("}");
}

static void put_address(const struct record *const r)
{
	const union {
		unsigned char bytes[sizeof(r->addr)];
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} *const addr = (void *)r->addr;
	char buffer[INET6_ADDRSTRLEN] = "";
	int port = -1;

	if (addr->v4.sin_family == AF_INET) {
		inet_ntop(AF_INET, &addr->v4.sin_addr, buffer, sizeof(buffer));
		port = ntohs(addr->v4.sin_port);
	} else if (addr->v4.sin_family == AF_INET6) {
		inet_ntop(AF_INET6, &addr->v6.sin6_addr, buffer,
			  sizeof(buffer));
		port = ntohs(addr->v6.sin6_port);
	}
	put(" port=%d addr=%s", port, buffer);
}

static void put_denial(const struct record *const r)
{
	put("domain=%llx same_exec=%u logged=%u layer=%u subject_domain=%llx",
	    r->denier.ids[0], r->same_exec, r->logged, r->layer,
	    r->domain.hierarchy.ids[0]);
}

static const char *told(const struct record *const r)
{
	text_len = 0;
	switch (r->event) {
	case CREATE_RULESET:
		put("ruleset=%llx.%llu", r->ruleset.id, r->ruleset.version);
		put_mask("handled_fs", r->ruleset.handled.fs, fs_names);
		put_mask("handled_net", r->ruleset.handled.net, net_names);
		put_mask("scoped", r->ruleset.handled.scope, scope_names);
		put_mask("quiet_fs", r->ruleset.quiet.fs, fs_names);
		put_mask("quiet_net", r->ruleset.quiet.net, net_names);
		put_mask("quiet_scoped", r->ruleset.quiet.scope, scope_names);
		break;
	case FREE_RULESET:
		put("ruleset=%llx.%llu", r->ruleset.id, r->ruleset.version);
		break;
	case ADD_RULE_FS:
		put("ruleset=%llx.%llu", r->ruleset.id, r->ruleset.version);
		put_mask("access_rights", r->access, fs_names);
		put(" quiet=%u", !!(r->flags & LANDLOCK_ADD_RULE_QUIET));
		put_file(r);
		put_escaped("path", r->text, r->text_len);
		break;
	case ADD_RULE_NET:
		put("ruleset=%llx.%llu", r->ruleset.id, r->ruleset.version);
		put_mask("access_rights", r->access, net_names);
		put(" quiet=%u port=%llu",
		    !!(r->flags & LANDLOCK_ADD_RULE_QUIET), r->port);
		break;
	case RESTRICT_SELF:
		put("domain=%llx parent=%llx ruleset=%llx.%llu",
		    r->domain.hierarchy.ids[0], r->domain.hierarchy.ids[1],
		    r->ruleset.id, r->ruleset_version);
		put_mask("flags", r->flags, flag_names);
		put(" threads=%u no_new_privs=%u", r->threads, r->no_new_privs);
		break;
	case FREE_DOMAIN:
		put("domain=%llx denials=%llu", r->denier.ids[0],
		    r->denier.denials);
		break;
	case CHECK_RULE_FS:
		put("domain=%llx", r->domain.hierarchy.ids[0]);
		put_mask("access_request", r->access, fs_names);
		put_file(r);
		put_grants(r);
		break;
	case CHECK_RULE_NET:
		put("domain=%llx", r->domain.hierarchy.ids[0]);
		put_mask("access_request", r->access, net_names);
		put(" port=%llu", r->port);
		put_grants(r);
		break;
	case DENY_ACCESS_FS:
		put_denial(r);
		put_mask("blockers", r->blockers, fs_names);
		put("%s", r->access ? "" : "change_topology");
		put_mask("access_request", r->access, fs_names);
		put_file(r);
		put_escaped("path", r->text, r->text_len);
		break;
	case DENY_ACCESS_NET:
		put_denial(r);
		put_mask("blockers", r->blockers, net_names);
		put_mask("access_request", r->access, net_names);
		put_address(r);
		break;
	case DENY_PTRACE:
		put_denial(r);
		put(" tracer_pid=%d tracee_domain=%llx tracee_pid=%d",
		    r->tracer_pid, r->other_domain, r->other_pid);
		put_escaped("tracee_comm", r->other_comm,
			    strlen(r->other_comm));
		break;
	case DENY_SCOPE_SIGNAL:
		put_denial(r);
		put(" target_domain=%llx target_pid=%d signal=%d",
		    r->other_domain, r->other_pid, r->signal);
		put_escaped("target_comm", r->other_comm,
			    strlen(r->other_comm));
		break;
	case DENY_SCOPE_ABSTRACT_UNIX_SOCKET:
		put_denial(r);
		put(" peer_domain=%llx peer_pid=%d", r->other_domain,
		    r->other_pid);
		put_escaped("sun_path", r->text, r->text_len);
		break;
	}
	return text;
}

/* --- what lines before lead to, and no field of this one tells --- */

static bool sound;

#define EXPECT(got, want)                                               \
	do {                                                            \
		const unsigned long long got_ = (got), want_ = (want);  \
		if (got_ != want_) {                                    \
			printf("# %s: %s is %llx, expected %s: %llx\n", \
			       line->fields, #got, got_, #want, want_); \
			sound = false;                                  \
		}                                                       \
	} while (0)

#define EXPECT_TEXT(got, want)                                                \
	do {                                                                  \
		if (strcmp(got, want)) {                                      \
			printf("# %s: %s is %s, expected %s\n", line->fields, \
			       #got, got, want);                              \
			sound = false;                                        \
		}                                                             \
	} while (0)

static unsigned int mask_of(const struct event *const event,
			    const char *const key, const char *const names[])
{
	char copy[1024], *rest = copy, *name;
	unsigned int mask = 0;

	snprintf(copy, sizeof(copy), "%s", value(event, key) ?: "");
	while ((name = strsep(&rest, "|")))
		for (int i = 0; names[i]; i++)
			if (!strcmp(names[i], name))
				mask |= 1 << i;
	return mask;
}

static const struct event *find_id(const char *const name,
				   const char *const key, const uint64_t id)
{
	for (int i = 0; i < num_events; i++)
		if (!strcmp(events[i].name, name) && hex(&events[i], key) == id)
			return &events[i];
	printf("Bail out! no %s with %s=%" PRIx64 "\n", name, key, id);
	exit(1);
}

static uint64_t version(const struct event *const event)
{
	return strtoull(strchr(value(event, "ruleset"), '.') + 1, NULL, 10);
}

/* What identifies the object of a rule, as text. */
struct object {
	char text[64];
};

static struct object object(const struct event *const event)
{
	struct object object;

	if (value(event, "port"))
		snprintf(object.text, sizeof(object.text), "port=%s",
			 value(event, "port"));
	else
		snprintf(object.text, sizeof(object.text), "dev=%s ino=%s",
			 value(event, "dev"), value(event, "ino"));
	return object;
}

static bool is_rule(const struct event *const event, const uint64_t ruleset,
		    const uint64_t until)
{
	return !strncmp(event->name, "add_rule_", 9) &&
	       hex(event, "ruleset") == ruleset && version(event) <= until;
}

/*
 * The layer that version @until of @ruleset makes for @what.  The rights that a
 * ruleset does not handle are granted by all its rules, which add_rule events
 * do not say.
 */
static bool expected_layer(struct layer *const layer, const uint64_t ruleset,
			   const uint64_t until, const struct object what)
{
	const struct event *const created =
		find_id("create_ruleset", "ruleset", ruleset);
	bool found = false;

	*layer = (struct layer){};
	for (int i = 0; i < num_events; i++) {
		const struct event *const event = &events[i];
		const bool fs = !strcmp(event->name, "add_rule_fs");

		if (!is_rule(event, ruleset, until) ||
		    strcmp(object(event).text, what.text))
			continue;
		found = true;
		layer->quiet |= number(event, "quiet");
		layer->access |=
			mask_of(event, "access_rights",
				fs ? fs_names : net_names) |
			(fs ? ALL_FS & ~(mask_of(created, "handled_fs",
						 fs_names) |
					 REFER) :
			      ALL_NET & ~mask_of(created, "handled_net",
						 net_names));
	}
	return found;
}

static unsigned int count_objects(const uint64_t rulesets[],
				  const uint64_t versions[], const int num)
{
	struct object seen[64];
	unsigned int count = 0;

	for (int l = 0; l < num; l++)
		for (int i = 0; i < num_events; i++) {
			struct object what;
			unsigned int j;

			if (!is_rule(&events[i], rulesets[l], versions[l]))
				continue;
			what = object(&events[i]);
			for (j = 0;
			     j < count && strcmp(seen[j].text, what.text); j++)
				;
			if (j == count && count < COUNT(seen))
				seen[count++] = what;
		}
	return count;
}

/* From the root to the youngest. */
struct chain {
	int depth;
	uint64_t domains[LAYERS_MAX], rulesets[LAYERS_MAX],
		versions[LAYERS_MAX];
};

static struct chain chain_of(const uint64_t domain)
{
	struct chain chain = {};

	for (uint64_t id = domain; id && chain.depth < LAYERS_MAX;
	     id = hex(find_id("restrict_self", "domain", id), "parent"))
		chain.depth++;
	for (uint64_t i = chain.depth, id = domain; i--;) {
		const struct event *const event =
			find_id("restrict_self", "domain", id);

		chain.domains[i] = id;
		chain.rulesets[i] = hex(event, "ruleset");
		chain.versions[i] = version(event);
		id = hex(event, "parent");
	}
	return chain;
}

/* @until counts, and comes before @line. */
static uint64_t count_denials(const uint64_t domain,
			      const struct event *const until)
{
	uint64_t n = 0;

	for (const struct event *e = events; e <= until; e++)
		n += !strncmp(e->name, "deny_", 5) &&
		     hex(e, "domain") == domain;
	return n;
}

static void expect_hierarchy(const struct event *const line,
			     const struct hierarchy *const h)
{
	const struct chain chain = chain_of(h->ids[0]);
	const struct event *const made =
		find_id("restrict_self", "domain", h->ids[0]);
	const struct event *const created =
		find_id("create_ruleset", "ruleset", hex(made, "ruleset"));
	const unsigned int flags = mask_of(made, "flags", flag_names);

	EXPECT(h->depth, chain.depth);
	for (int i = 0; i < chain.depth; i++)
		EXPECT(h->ids[i], chain.domains[chain.depth - 1 - i]);
	EXPECT(h->denials, count_denials(h->ids[0], line));
	EXPECT(h->enforced, 1);
	EXPECT(h->log_same_exec,
	       !(flags & LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF));
	EXPECT(h->log_new_exec,
	       !!(flags & LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON));
	EXPECT(h->quiet.fs, mask_of(created, "quiet_fs", fs_names));
	EXPECT(h->quiet.net, mask_of(created, "quiet_net", net_names));
	EXPECT(h->quiet.scope, mask_of(created, "quiet_scoped", scope_names));
	EXPECT(h->maker_pid, made->pid);
	EXPECT_TEXT(h->maker_comm, "sub \"ject\xff");
	EXPECT(!h->usage, !strcmp(line->name, "free_domain"));
}

static void expect_domain(const struct event *const line,
			  const struct domain *const domain)
{
	const struct chain chain = chain_of(domain->hierarchy.ids[0]);

	expect_hierarchy(line, &domain->hierarchy);
	EXPECT(domain->num_layers, chain.depth);
	EXPECT(domain->num_rules,
	       count_objects(chain.rulesets, chain.versions, chain.depth));
	for (int i = 0; i < chain.depth; i++) {
		const struct event *const created =
			find_id("create_ruleset", "ruleset", chain.rulesets[i]);
		const unsigned int fs =
			mask_of(created, "handled_fs", fs_names);

		EXPECT(domain->handled[i].fs, fs ? fs | REFER : 0);
		EXPECT(domain->handled[i].net,
		       mask_of(created, "handled_net", net_names));
		EXPECT(domain->handled[i].scope,
		       mask_of(created, "scoped", scope_names));
	}
}

/* A domain's rule has those layers that have a rule for this object. */
static void expect_rule(const struct event *const line,
			const struct record *const r)
{
	const struct chain chain = chain_of(r->domain.hierarchy.ids[0]);
	unsigned int n = 0;

	for (int i = 0; i < chain.depth; i++) {
		struct layer want;

		if (!expected_layer(&want, chain.rulesets[i], chain.versions[i],
				    object(line)))
			continue;
		EXPECT(r->rule.layers[n].level, i + 1);
		EXPECT(r->rule.layers[n].access, want.access);
		EXPECT(r->rule.layers[n].quiet, want.quiet);
		n++;
	}
	EXPECT(r->rule.num_layers, n);
}

static void expect_ruleset(const struct event *const line,
			   const struct record *const r)
{
	const struct event *const created =
		find_id("create_ruleset", "ruleset", r->ruleset.id);
	const uint64_t id = r->ruleset.id, until = r->ruleset.version;

	EXPECT(r->ruleset.num_rules, count_objects(&id, &until, 1));
	EXPECT(r->ruleset.handled.fs, mask_of(created, "handled_fs", fs_names));
	EXPECT(r->ruleset.handled.net,
	       mask_of(created, "handled_net", net_names));
	EXPECT(r->ruleset.quiet.fs, mask_of(created, "quiet_fs", fs_names));
	EXPECT(r->ruleset.locked_by_current,
	       !strncmp(line->name, "add_rule_", 9));
	EXPECT(!r->ruleset.usage, r->event == FREE_RULESET);
}

static void expect_new_rule(const struct event *const line,
			    const struct record *const r)
{
	struct layer want;

	EXPECT(expected_layer(&want, r->ruleset.id, r->ruleset.version,
			      object(line)),
	       true);
	EXPECT(r->rule.num_layers, 1);
	EXPECT(r->rule.layers[0].level, 0);
	EXPECT(r->rule.layers[0].access, want.access);
	EXPECT(r->rule.layers[0].quiet, want.quiet);
}

static void expect_dentry(const struct event *const line,
			  const struct record *const r)
{
	const char *const path = value(line, "path");
	char name[TEXT_SIZE * 4];

	if (!path)
		return;
	name[decode(strrchr(path, '/') + 1, name)] = '\0';
	/* The root of a file system has no name of its own. */
	if (strcmp(r->name, "/"))
		EXPECT_TEXT(r->name, name);
	else
		EXPECT(!strcmp(path, "/") || !strcmp(path, "/run/ebpf") ||
			       !strcmp(path, "/run/ebpf/mnt"),
		       true);
	if (!strncmp(path, "/run/ebpf", 9))
		EXPECT_TEXT(r->fs_type, "tmpfs");
	/* A remount is of a file system, not of a mount. */
	EXPECT(r->has_mount,
	       r->event != DENY_ACCESS_FS || r->access || strcmp(path, "/"));
}

static void expect_denier(const struct event *const line,
			  const struct record *const r)
{
	const struct hierarchy *const subject = &r->domain.hierarchy;

	expect_hierarchy(line, &r->denier);
	/* Its place is its depth, in the subject's own hierarchy. */
	EXPECT(r->layer, r->denier.depth);
	EXPECT(r->denier.ids[0], subject->ids[subject->depth - r->layer]);
}

static pid_t our_parent;

static void expect_other(const struct event *const line,
			 const struct record *const r)
{
	/* The subject's parent, i.e. this process, or its child. */
	if (r->other_domain) {
		EXPECT(r->other_domain,
		       r->domain.hierarchy.ids[r->domain.hierarchy.depth - 1]);
		EXPECT(r->other_parent, line->pid);
	} else {
		EXPECT(r->other_pid, getpid());
		EXPECT(r->other_parent, our_parent);
	}
	EXPECT(r->other_tid, r->other_pid);
}

static void expect(const struct event *const line, const struct record *const r)
{
	switch (r->event) {
	case CREATE_RULESET:
	case FREE_RULESET:
		expect_ruleset(line, r);
		return;
	case ADD_RULE_FS:
		expect_dentry(line, r);
		/* fall through */
	case ADD_RULE_NET:
		expect_ruleset(line, r);
		expect_new_rule(line, r);
		return;
	case RESTRICT_SELF:
		expect_domain(line, &r->domain);
		expect_ruleset(line, r);
		EXPECT_TEXT(r->text, program_invocation_name);
		return;
	case FREE_DOMAIN:
		expect_hierarchy(line, &r->denier);
		return;
	case CHECK_RULE_FS:
	case CHECK_RULE_NET:
		expect_domain(line, &r->domain);
		expect_rule(line, r);
		return;
	}
	/* The domain of a denial is that of checks, if it denied itself. */
	expect_domain(line, &r->domain);
	expect_denier(line, r);
	switch (r->event) {
	case DENY_ACCESS_FS:
		expect_dentry(line, r);
		break;
	case DENY_ACCESS_NET:
		EXPECT(r->sk_type,
		       r->blockers & (LANDLOCK_ACCESS_NET_BIND_TCP |
				      LANDLOCK_ACCESS_NET_CONNECT_TCP) ?
			       SOCK_STREAM :
			       SOCK_DGRAM);
		EXPECT(r->sk_protocol,
		       r->sk_type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP);
		EXPECT(r->sk_family,
		       strchr(value(line, "addr"), ':') ? AF_INET6 : AF_INET);
		break;
	case DENY_PTRACE:
	case DENY_SCOPE_SIGNAL:
		expect_other(line, r);
		break;
	case DENY_SCOPE_ABSTRACT_UNIX_SOCKET:
		EXPECT(r->sk_family, AF_UNIX);
		/* Only a listening socket has a PID. */
		EXPECT(r->sk_type, r->other_pid ? SOCK_STREAM : SOCK_DGRAM);
		EXPECT(r->other_pid == 0 || r->other_pid == getpid(), true);
		break;
	}
}

static bool is_line(const int index)
{
	const struct event *const line = lines[index];
	const char *const want = told(records[index]);

	if (line && !strcmp(line->fields, want))
		return true;
	printf("# program  %s: %s\n# kernel   %s\n",
	       event_names[records[index]->event], want,
	       line ? line->fields : "no such line");
	return false;
}

static void check_event(const unsigned int event)
{
	int n = 0, num_lines = count_events(event_names[event]);
	bool equal = true;

	sound = true;
	for (int i = 0; i < num_records; i++) {
		if (records[i]->event != event)
			continue;
		n++;
		if (!is_line(i))
			equal = false;
		if (lines[i])
			expect(lines[i], records[i]);
		else
			sound = false;
	}
	printf("# %d lines, %d records\n", num_lines, n);
	check(n && n == num_lines && equal,
	      "ebpf: landlock_%s: the program finds what each line says",
	      event_names[event]);
	check(n && sound,
	      "ebpf: landlock_%s: the program finds what no line says",
	      event_names[event]);
}

int main(void)
{
	struct ring_buffer *ring;
	struct landlock_bpf *skel;
	int status;
	pid_t child;

	trace_open();
	prepare();
	signal(SIGUSR1, SIG_IGN);
	our_parent = getppid();
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	skel = landlock_bpf__open_and_load();
	if (!check(skel && !landlock_bpf__attach(skel),
		   "ebpf: the verifier takes a typed program for each event"))
		return 1;
	ring = ring_buffer__new(bpf_map__fd(skel->maps.ring), keep_record, NULL,
				NULL);
	must(ring ? 0 : -1);

	/* What it waited for before would have no line, or no record. */
	trace_clear();
	child = must(fork());
	if (!child)
		run_subject();
	must(waitpid(child, &status, 0));
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		printf("Bail out! the subject ended with %x\n", status);
		return 1;
	}
	trace_read();
	wait_events("free_domain", count_events("restrict_self"));
	must(ring_buffer__consume(ring));
	printf("# %d lines, %d records\n", num_events, num_records);
	check(!skel->bss->lost && num_records == num_events,
	      "ebpf: a record for each line");

	for (int i = 0; i < num_records; i++)
		lines[i] = find_line(i);
	for (unsigned int event = 0; event < NUM_EVENTS; event++)
		check_event(event);
	ring_buffer__free(ring);
	landlock_bpf__destroy(skel);
	finish();
	return 0;
}
