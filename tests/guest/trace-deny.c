// SPDX-License-Identifier: GPL-2.0-only
/*
 * The events of denials, every field of each.
 *
 * Each scenario runs in a child that says, before each call, which lines it
 * expects, from what it knows without the trace: stat(2), PIDs, addresses...
 * Domains are named after the order in which they were enforced (#1, #2...),
 * which is the order of their restrict_self events.  Each scenario runs twice,
 * with and without the events of denials: neither the calls nor the audit
 * records may differ.  After each run, the events, the audit records and the
 * counters must agree on each denial.
 *
 * usage: trace-deny   (root, alone on the system)
 */
#define _GNU_SOURCE
#include "trace.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#define ROOT "/run/trace-deny"

#define ALL_FS ((LANDLOCK_ACCESS_FS_RESOLVE_UNIX << 1) - 1)
#define ALL_NET ((LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP << 1) - 1)
#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define READ_DIR LANDLOCK_ACCESS_FS_READ_DIR
#define WRITE_FILE LANDLOCK_ACCESS_FS_WRITE_FILE
#define TRUNCATE LANDLOCK_ACCESS_FS_TRUNCATE
#define IOCTL_DEV LANDLOCK_ACCESS_FS_IOCTL_DEV
#define REFER LANDLOCK_ACCESS_FS_REFER
#define SCOPE_UNIX LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define SCOPE_SIGNAL LANDLOCK_SCOPE_SIGNAL

#define SAME_EXEC_OFF LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF
#define NEW_EXEC_ON LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON
#define SUBDOMAINS_OFF LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF

#define MAX_LAYERS 16
#define MAX_TRIES 512
#define MAX_DOMAINS 128
#define MAX_RECORDS 512

/* More than a line of the trace or an audit record can have. */
#define TEXT_MAX 9216

/* The longest escaped value, and what marks that it was cut. */
#define ESCAPED_MAX 6144
#define CUT "\xe2\x80\xa6"

/* The longest path that the kernel resolves, without its NUL. */
#define PATH_LEN_MAX 3839

/* --- What a scenario says: shared with its descendants, also after exec --- */

/* Inherited by new programs. */
#define SHARED_FD 100

struct layer {
	int domain;
	bool same_exec;
	bool log_same_exec, log_new_exec;
	/* A domain above asked not to log this one. */
	bool log_off;
};

/* What a process is restricted by. */
struct subject {
	int num_layers;
	bool log_subdomains_off;
	struct layer layers[MAX_LAYERS];
};

struct
try {
	char what[128];
	int error, expected_error;
};

/* One expected line, of the call tries[try]. */
struct want {
	int try;
	char line[TEXT_MAX];
};

static struct shared {
	int num_domains, num_tries, num_wants;
	/* For the next program. */
	struct subject subject;
	/* For what a process has to tell another one. */
	int value;
	struct try tries[MAX_TRIES];
	struct want wants[MAX_TRIES];
} * shared;

static struct subject self;

/* What is special with the next denial, if not zero; reset by TRY(). */
static struct {
	const struct subject *subject;
	int layer;
	pid_t pid;
	bool quiet;
} next;

static void share(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
		      SHARED_FD, 0);
	must(shared == MAP_FAILED ? -1 : 0);
}

static void record_try(const char *const what, const int error,
		       const int expected_error)
{
	struct try *const try = &shared->tries[shared->num_tries];

	must(shared->num_tries < MAX_TRIES ? 0 : -1);
	snprintf(try->what, sizeof(try->what), "%s", what);
	try->error = error;
	try->expected_error = expected_error;
	shared->num_tries++;
	memset(&next, 0, sizeof(next));
}

/* Does what may be denied. */
#define TRY_AS(what, expr, expected_error)                                \
	({                                                                \
		long ret_;                                                \
		errno = 0;                                                \
		ret_ = (long)(expr);                                      \
		record_try(what, ret_ == -1 ? errno : 0, expected_error); \
		ret_;                                                     \
	})

#define TRY(expr, error) TRY_AS(#expr, expr, error)

static bool is_plain(const unsigned char c)
{
	return c > ' ' && c < 0x7f && !strchr("=\"'\\", c);
}

/* What the kernel should print for @len bytes of @text. */
static const char *escape(const char *const text, const size_t len)
{
	static char buffers[4][4 * PATH_MAX + 1];
	static int n;
	char *const out = buffers[n++ % 4];
	size_t size = 0, fits = 0;

	for (size_t i = 0; i < len; i++) {
		/* The longest prefix that leaves room for the mark. */
		if (size <= ESCAPED_MAX - strlen(CUT))
			fits = size;
		if (is_plain(text[i]))
			out[size++] = text[i];
		else
			size += sprintf(out + size, "\\%03o",
					(unsigned char)text[i]);
	}
	out[size] = '\0';
	if (size > ESCAPED_MAX)
		strcpy(out + fits, CUT);
	return out;
}

static const char *domain_name(const int domain)
{
	static char names[4][16];
	static int n;
	char *const name = names[n++ % 4];

	snprintf(name, sizeof(names[0]), domain ? "#%d" : "0", domain);
	return name;
}

/* Expects one line of the next call, denied by the youngest layer. */
__attribute__((format(printf, 2, 3))) static void
want(const char *const event, const char *const format, ...)
{
	const struct subject *const subject = next.subject ?: &self;
	const int layer = next.layer ?: subject->num_layers;
	const struct layer *const denied_by = &subject->layers[layer - 1];
	struct want *const want = &shared->wants[shared->num_wants];
	const bool logged = !denied_by->log_off && !next.quiet &&
			    (denied_by->same_exec ? denied_by->log_same_exec :
						    denied_by->log_new_exec);
	va_list args;
	int len;

	must(shared->num_wants < MAX_TRIES ? 0 : -1);
	want->try = shared->num_tries;
	len = sprintf(
		want->line,
		"%d deny_%s: domain=%s same_exec=%d logged=%d layer=%d subject_domain=%s ",
		next.pid ?: gettid(), event, domain_name(denied_by->domain),
		denied_by->same_exec, logged, layer,
		domain_name(subject->layers[subject->num_layers - 1].domain));
	va_start(args, format);
	vsnprintf(want->line + len, sizeof(want->line) - len, format, args);
	va_end(args);
	shared->num_wants++;
}

static void want_fs_stat(const char *const blockers, const char *const request,
			 const struct stat *const object,
			 const char *const escaped_path)
{
	want("access_fs",
	     "blockers=%s access_request=%s dev=%u:%u ino=%llu path=%s",
	     blockers, request, major(object->st_dev), minor(object->st_dev),
	     (unsigned long long)object->st_ino, escaped_path);
}

/* @path is relative to ROOT, and so is the working directory. */
static void want_fs(const char *const blockers, const char *const request,
		    const char *const path)
{
	char full[PATH_MAX];
	struct stat object;

	must(lstat(path, &object));
	snprintf(full, sizeof(full), "%s%s%s", ROOT,
		 strcmp(path, ".") ? "/" : "", strcmp(path, ".") ? path : "");
	want_fs_stat(blockers, request, &object, escape(full, strlen(full)));
}

static void want_net(const char *const right, const int port,
		     const char *const addr)
{
	want("access_net", "blockers=%s access_request=%s port=%d addr=%s",
	     right, right, port, addr);
}

static void want_ptrace(const pid_t tracer, const int domain, const pid_t pid,
			const char *const comm)
{
	want("ptrace",
	     "tracer_pid=%d tracee_domain=%s tracee_pid=%d tracee_comm=%s",
	     tracer, domain_name(domain), pid, escape(comm, strlen(comm)));
}

static void want_signal(const int domain, const pid_t pid, const int signal,
			const char *const comm)
{
	want("scope_signal",
	     "target_domain=%s target_pid=%d signal=%d target_comm=%s",
	     domain_name(domain), pid, signal, escape(comm, strlen(comm)));
}

static void want_unix(const int domain, const pid_t pid, const char *const name,
		      const size_t len)
{
	want("scope_abstract_unix_socket",
	     "peer_domain=%s peer_pid=%d sun_path=%s", domain_name(domain), pid,
	     escape(name, len));
}

/* These take the text of @expr before its macros are expanded. */

#define DENY_FS(expr, error, blockers, request, path) \
	({                                            \
		want_fs(blockers, request, path);     \
		TRY_AS(#expr, expr, error);           \
	})

/* A denial by the only layer, for each right of the request. */
#define DENY_ALL_FS(expr, rights, path)        \
	({                                     \
		want_fs(rights, rights, path); \
		TRY_AS(#expr, expr, EACCES);   \
	})

/* A rename or a link, with one event for each side. */
#define DENY_BOTH_FS(expr, rights1, path1, rights2, path2) \
	({                                                 \
		want_fs(rights1, rights1, path1);          \
		want_fs(rights2, rights2, path2);          \
		TRY_AS(#expr, expr, EACCES);               \
	})

#define DENY_TOPOLOGY(expr, path)                     \
	({                                            \
		want_fs("change_topology", "", path); \
		TRY_AS(#expr, expr, EPERM);           \
	})

#define DENY_NET(expr, right, port, addr)    \
	({                                   \
		want_net(right, port, addr); \
		TRY_AS(#expr, expr, EACCES); \
	})

#define DENY_PTRACE(expr, error, victim)                                      \
	({                                                                    \
		want_ptrace(next.pid ?: getpid(), (victim)->domain,           \
			    (victim)->pid, (victim)->comm);                   \
		TRY_AS(#expr, expr, error);                                   \
	})

#define DENY_SIGNAL(expr, error, victim, signal)                     \
	({                                                           \
		want_signal((victim)->domain, (victim)->pid, signal, \
			    (victim)->comm);                         \
		TRY_AS(#expr, expr, error);                          \
	})

/* --- Landlock --- */

static int new_ruleset(const struct landlock_ruleset_attr attr)
{
	return must(
		syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0));
}

#define RULESET(...) new_ruleset((struct landlock_ruleset_attr){ __VA_ARGS__ })

static void add_path(const int ruleset, const char *const path,
		     const uint64_t access, const unsigned int flags)
{
	const struct landlock_path_beneath_attr attr = {
		.allowed_access = access,
		.parent_fd = must(open(path, O_PATH | O_CLOEXEC)),
	};

	must(syscall(__NR_landlock_add_rule, ruleset,
		     LANDLOCK_RULE_PATH_BENEATH, &attr, flags));
	close(attr.parent_fd);
}

static void add_port(const int ruleset, const uint64_t port,
		     const uint64_t access, const unsigned int flags)
{
	const struct landlock_net_port_attr attr = {
		.allowed_access = access,
		.port = port,
	};

	must(syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_NET_PORT,
		     &attr, flags));
}

/* Keeps account of what it does in "self". */
static void enforce(const int ruleset, const unsigned int flags)
{
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(syscall(__NR_landlock_restrict_self, ruleset, flags));
	if (ruleset >= 0) {
		self.layers[self.num_layers++] = (struct layer){
			.domain = ++shared->num_domains,
			.same_exec = true,
			.log_same_exec = !(flags & SAME_EXEC_OFF),
			.log_new_exec = !!(flags & NEW_EXEC_ON),
			.log_off = self.log_subdomains_off,
		};
		close(ruleset);
	}
	if (flags & SUBDOMAINS_OFF)
		self.log_subdomains_off = true;
}

/* Goes on in programs[] with that name, in a new program. */
static void exec_self(const char *const name)
{
	shared->subject = self;
	must(execl("/proc/self/exe", "trace-deny", name, NULL));
}

/* --- Audit --- */

struct record {
	int type;
	char text[TEXT_MAX];
};

/* Kernels without audit have the same events. */
static bool has_audit = true;
static int audit_fd;
static struct record records[MAX_RECORDS];
static int num_records;

static void audit_send(const int type, const void *const data, const size_t len)
{
	struct {
		struct nlmsghdr header;
		char data[256];
	} msg = {
		.header = {
			.nlmsg_len = NLMSG_LENGTH(len),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST,
		},
	};

	memcpy(msg.data, data, len);
	must(send(audit_fd, &msg, msg.header.nlmsg_len, 0));
}

static void audit_set(const unsigned int key, const unsigned int value)
{
	const struct audit_status status = {
		.mask = key,
		.enabled = value,
		.pid = value,
		.rate_limit = value,
		.backlog_limit = value,
	};

	if (!has_audit)
		return;
	audit_send(AUDIT_SET, &status, sizeof(status));
}

/* Adds to records[] until @mark comes back, which came after them all. */
static void audit_read(void)
{
	static int marks;
	char mark[32];

	if (!has_audit)
		return;
	snprintf(mark, sizeof(mark), "trace-deny-%d.", ++marks);
	/* The one type of message that comes back even if audit is off. */
	audit_send(AUDIT_USER_AVC, mark, strlen(mark) + 1);
	while (true) {
		char buffer[TEXT_MAX];
		const struct nlmsghdr *const header = (void *)buffer;
		struct pollfd ready = { .fd = audit_fd, .events = POLLIN };
		struct record *const record = &records[num_records];
		ssize_t len;

		if (poll(&ready, 1, 10000) != 1) {
			puts("Bail out! no answer from audit");
			exit(1);
		}
		len = must(recv(audit_fd, buffer, sizeof(buffer) - 1, 0));
		buffer[len] = '\0';
		if (header->nlmsg_type == AUDIT_USER_AVC &&
		    strstr(NLMSG_DATA(header), mark))
			return;
		if (header->nlmsg_type != AUDIT_LANDLOCK_ACCESS &&
		    header->nlmsg_type != AUDIT_LANDLOCK_DOMAIN)
			continue;
		must(num_records < MAX_RECORDS - 1 ? 0 : -1);
		record->type = header->nlmsg_type;
		snprintf(record->text, sizeof(record->text), "%s",
			 (const char *)NLMSG_DATA(header));
		num_records++;
	}
}

static void audit_open(void)
{
	const int size = 1 << 22;

	audit_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (audit_fd < 0 && errno == EPROTONOSUPPORT) {
		puts("# this kernel has no audit");
		has_audit = false;
		return;
	}
	must(audit_fd);
	must(setsockopt(audit_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
			sizeof(size)));
	audit_set(AUDIT_STATUS_RATE_LIMIT, 0);
	audit_set(AUDIT_STATUS_BACKLOG_LIMIT, 8192);
	audit_set(AUDIT_STATUS_ENABLED, 1);
	audit_set(AUDIT_STATUS_PID, getpid());
	audit_read();
}

/* The Nth (from 0) record of a denial, or NULL. */
static const struct record *find_record(int n)
{
	for (int i = 0; i < num_records; i++)
		if (records[i].type == AUDIT_LANDLOCK_ACCESS && !n--)
			return &records[i];
	return NULL;
}

static int count_records(const int type, const char *const with)
{
	int n = 0;

	for (int i = 0; i < num_records; i++)
		n += records[i].type == type && strstr(records[i].text, with);
	return n;
}

/* Copies the bytes of a value, decoded, NUL-terminated; -1 if not there. */
static ssize_t audit_value(const char *const record, const char *const key,
			   char *const out)
{
	char pattern[32];
	const char *at;
	size_t len;

	out[0] = '\0';
	snprintf(pattern, sizeof(pattern), " %s=", key);
	at = strstr(record, pattern);
	if (!at)
		return -1;
	at += strlen(pattern);
	if (*at == '"') {
		len = strcspn(++at, "\"");
		memcpy(out, at, len);
	} else {
		len = strcspn(at, " ");
		memcpy(out, at, len);
		/* Only these are in hexadecimal when they are not quoted. */
		if (!strcmp(key, "path") || !strcmp(key, "ocomm")) {
			len /= 2;
			for (size_t i = 0; i < len; i++)
				sscanf(at + 2 * i, "%2hhx",
				       (unsigned char *)out + i);
		}
	}
	out[len] = '\0';
	return len;
}

/* --- Agreement of an event with the audit record of the same denial --- */

/* Whether the record has no such key, or the same bytes. */
static bool same_if_there(const char *const record, const char *const key,
			  const char *const text)
{
	char got[TEXT_MAX];

	return audit_value(record, key, got) < 0 || !strcmp(got, text);
}

static bool same_number(const char *const record, const char *const key,
			const struct event *const event,
			const char *const field)
{
	char got[TEXT_MAX];

	return audit_value(record, key, got) > 0 &&
	       !strcmp(got, value(event, field));
}

/* Same bytes as the field, which is escaped, after @skip bytes. */
static bool same_text(const char *const record, const char *const key,
		      const struct event *const event, const char *const field,
		      const size_t skip)
{
	char got[TEXT_MAX], decoded[TEXT_MAX];
	const size_t len = decode(value(event, field), decoded);

	return audit_value(record, key, got) == (ssize_t)(skip + len) &&
	       !memcmp(got + skip, decoded, len);
}

/* What audit calls the blockers of an event. */
static void audit_blockers(const struct event *const event, char *const out)
{
	const char *const blockers = value(event, "blockers");
	const char *prefix = "fs.";
	char *at = out;

	if (!strcmp(event->name, "deny_ptrace")) {
		strcpy(out, "ptrace");
		return;
	}
	if (!strncmp(event->name, "deny_scope_", 11)) {
		sprintf(out, "scope.%s", event->name + 11);
		return;
	}
	if (!strcmp(event->name, "deny_access_net"))
		prefix = "net.";
	at += sprintf(at, "%s", prefix);
	for (const char *c = blockers; *c; c++) {
		if (*c == '|')
			at += sprintf(at, ",%s", prefix);
		else
			*at++ = *c;
	}
	*at = '\0';
}

static bool agree_path(const struct event *const event,
		       const char *const record)
{
	const char *const path = value(event, "path");
	char got[TEXT_MAX], decoded[TEXT_MAX], *deleted;

	/* Umount and remount: audit only tells the root's own name. */
	if (audit_value(record, "name", got) >= 0)
		return got[0] &&
		       !strcmp(value(event, "blockers"), "change_topology");
	if (audit_value(record, "path", got) < 0)
		return false;
	/* Too long for one of them, or detached: audit says something else. */
	if (*path == '<' || strstr(path, CUT))
		return true;
	deleted = strstr(got, " (deleted)");
	if (deleted)
		*deleted = '\0';
	decoded[decode(path, decoded)] = '\0';
	if (got[0] != '/')
		return false;
	/* Audit's path starts at the root of the task. */
	return strlen(decoded) >= strlen(got) &&
	       !strcmp(decoded + strlen(decoded) - strlen(got), got);
}

static bool agree_fs(const struct event *const event, const char *const record)
{
	char got[TEXT_MAX];

	return audit_value(record, "dev", got) > 0 && !strcmp(got, "tmpfs") &&
	       same_number(record, "ino", event, "ino") &&
	       agree_path(event, record);
}

static bool agree_net(const struct event *const event, const char *const record)
{
	const char *const addr = value(event, "addr");
	const char *const port = value(event, "port");
	const bool bind = !strncmp(value(event, "blockers"), "bind", 4);

	return same_if_there(record, bind ? "saddr" : "daddr", addr) &&
	       same_if_there(record, bind ? "src" : "dest", port) &&
	       same_if_there(record, bind ? "daddr" : "saddr", "") &&
	       same_if_there(record, bind ? "dest" : "src", "");
}

static bool agree_unix(const struct event *const event,
		       const char *const record)
{
	char got[TEXT_MAX];

	return audit_value(record, "path", got) > 0 && !got[0] &&
	       same_text(record, "path", event, "sun_path", 1);
}

static bool agree(const struct event *const event, const char *const record)
{
	const char *const name = event->name;
	char got[TEXT_MAX], blockers[512];

	audit_blockers(event, blockers);
	if (audit_value(record, "blockers", got) < 0 || strcmp(got, blockers) ||
	    !same_number(record, "domain", event, "domain"))
		return false;
	if (!strcmp(name, "deny_access_fs"))
		return agree_fs(event, record);
	if (!strcmp(name, "deny_access_net"))
		return agree_net(event, record);
	if (!strcmp(name, "deny_ptrace"))
		return same_number(record, "opid", event, "tracee_pid") &&
		       same_text(record, "ocomm", event, "tracee_comm", 0);
	if (!strcmp(name, "deny_scope_signal"))
		return same_number(record, "opid", event, "target_pid") &&
		       same_text(record, "ocomm", event, "target_comm", 0);
	return agree_unix(event, record);
}

/* Checks that agree() would have noticed another value of what it compares. */
static bool can_disagree(const struct event *const event,
			 const char *const record)
{
	static const char *const keys[] = {
		"domain", "blockers", "dev",   "ino", "opid",
		"ocomm",  "saddr",    "daddr", "src", "dest",
		"path",
	};
	const char *const path = value(event, "path");
	bool ok = true;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char other[TEXT_MAX], pattern[32];
		char *at;

		strcpy(other, record);
		snprintf(pattern, sizeof(pattern), " %s=", keys[i]);
		at = strstr(other, pattern);
		if (!at)
			continue;
		/* Only one of the two has the whole path. */
		if (!strcmp(keys[i], "path") && path &&
		    (*path == '<' || strstr(path, CUT)))
			continue;
		at += strlen(pattern) + (at[strlen(pattern)] == '"');
		*at = *at == '1' ? '2' : '1';
		if (agree(event, other)) {
			printf("# agrees: %s %s\n# with: %s\n", event->name,
			       event->fields, other);
			ok = false;
		}
	}
	return ok;
}

/* --- Running scenarios and comparing --- */

/* What one run of a scenario left behind. */
struct outcome {
	int num_tries, num_domains, num_records;
	int errors[MAX_TRIES];
	/* By audit's words. */
	char blockers[MAX_RECORDS][512];
	/* Of each domain, as its free_domain event tells. */
	char denials[MAX_DOMAINS][24];
};

static const char *const deny_events[] = {
	"deny_access_fs",
	"deny_access_net",
	"deny_ptrace",
	"deny_scope_signal",
	"deny_scope_abstract_unix_socket",
};

#define NUM_DENY ((int)(sizeof(deny_events) / sizeof(deny_events[0])))

static void enable_denials(const bool on)
{
	for (int i = 0; i < NUM_DENY; i++)
		trace_enable(deny_events[i], on);
}

static struct event *find_denial(int n)
{
	for (int i = 0; i < num_events; i++)
		if (!strncmp(events[i].name, "deny_", 5) && !n--)
			return &events[i];
	return NULL;
}

static int count_denials(void)
{
	int n = 0;

	while (find_denial(n))
		n++;
	return n;
}

/* The number of a domain, -1 if it was not enforced in this scenario. */
static int number_of_id(const char *const id)
{
	const unsigned long long number = strtoull(id, NULL, 16);
	const struct event *event;

	if (!strcmp(id, "0"))
		return 0;
	for (int i = 0; (event = find_event("restrict_self", i)); i++)
		if (strtoull(value(event, "domain"), NULL, 16) == number)
			return i + 1;
	return -1;
}

/* The line of an event as want() writes it. */
static const char *line_of(const struct event *const event)
{
	static char line[TEXT_MAX + 64];
	char fields[TEXT_MAX];
	char *rest = fields, *token;
	size_t len;

	len = sprintf(line, "%d %s:", event->pid, event->name);
	snprintf(fields, sizeof(fields), "%s", event->fields);
	while ((token = strsep(&rest, " "))) {
		char *const id = strstr(token, "domain=");

		/* No field ends in "domain" but those with an ID. */
		if (id && id + 6 == strchr(token, '=')) {
			const int number = number_of_id(id + 7);

			id[7] = '\0';
			len += sprintf(line + len, " %s%s", token,
				       domain_name(number));
		} else {
			len += sprintf(line + len, " %s", token);
		}
	}
	return line;
}

static bool is_wanted(const int n)
{
	const struct event *const event = find_denial(n);
	const char *const got = event ? line_of(event) : "no event";

	if (!strcmp(shared->wants[n].line, got))
		return true;
	printf("# expected %s\n# got      %s\n", shared->wants[n].line, got);
	return false;
}

/* One check per call: its errno and its lines. */
static void check_tries(const char *const scenario)
{
	int n = 0;

	for (int i = 0; i < shared->num_tries; i++) {
		const struct try *const try = &shared->tries[i];
		bool ok = try->error == try->expected_error;

		if (!ok)
			printf("# returned %s, expected %s\n",
			       strerrorname_np(try->error),
			       strerrorname_np(try->expected_error));
		for (; n < shared->num_wants && shared->wants[n].try == i; n++)
			ok = is_wanted(n) && ok;
		check(ok, "%s: %s", scenario, try->what);
	}
	check(count_denials() == shared->num_wants, "%s: no other denial",
	      scenario);
}

/* Of all scenarios. */
static int num_agree, num_disagree;

/* The n-th record is that of the n-th denial that says that it is logged. */
static void check_audit(const char *const scenario)
{
	const struct event *event;
	bool ok = true, able = true;
	int n = 0;

	for (int i = 0; (event = find_denial(i)); i++) {
		const struct record *const record = find_record(n);

		if (strcmp(value(event, "logged"), "1"))
			continue;
		n++;
		if (!record || !agree(event, record->text)) {
			printf("# event  %s %s\n# record %s\n", event->name,
			       event->fields, record ? record->text : "none");
			ok = false;
			num_disagree++;
		} else {
			able = can_disagree(event, record->text) && able;
			num_agree++;
		}
	}
	check(ok && n == count_records(AUDIT_LANDLOCK_ACCESS, ""),
	      "%s: audit agrees, with %d records", scenario, n);
	check(able, "%s: other records would not agree", scenario);
}

/* Audit names both ends of a connected socket, and the address apart. */
static void check_audit_ends(const char *const scenario)
{
	check(count_records(AUDIT_LANDLOCK_ACCESS,
			    " laddr=127.0.0.1 lport=2000 faddr=127.0.0.2 fport=2001") ==
			      shared->num_wants &&
		      shared->num_wants > 0,
	      "%s: audit names both ends of the socket", scenario);
}

/* Each domain is freed once, with as many denials as it has events. */
static void check_counters(const char *const scenario)
{
	const struct event *enforced, *freed;
	bool ok = true;

	for (int i = 0; (enforced = find_event("restrict_self", i)); i++) {
		const struct event *denial;
		int denials = 0, frees = 0;
		char id[24], expected[24];

		snprintf(id, sizeof(id), "%.23s", value(enforced, "domain"));
		for (int j = 0; (denial = find_denial(j)); j++)
			denials += !strcmp(value(denial, "domain"), id);
		snprintf(expected, sizeof(expected), "%d", denials);
		for (int j = 0; (freed = find_event("free_domain", j)); j++) {
			if (strcmp(value(freed, "domain"), id))
				continue;
			frees++;
			ok = is_value(freed, "denials", expected) && ok;
		}
		ok = frees == 1 && ok;
	}
	check(ok && count_events("restrict_self") == shared->num_domains &&
		      count_events("free_domain") == shared->num_domains,
	      "%s: each denial of %d domains is counted", scenario,
	      shared->num_domains);
}

/* The counters that audit tells are those that the events tell. */
static void check_audit_counters(const char *const scenario)
{
	const int allocated =
		count_records(AUDIT_LANDLOCK_DOMAIN, "status=allocated");
	bool ok = count_records(AUDIT_LANDLOCK_DOMAIN, "status=deallocated") ==
			  allocated &&
		  !allocated == !count_records(AUDIT_LANDLOCK_ACCESS, "");

	for (int i = 0; i < num_records; i++) {
		char id[TEXT_MAX], denials[TEXT_MAX];
		const struct event *freed;
		bool found = false;

		if (!strstr(records[i].text, "status=deallocated"))
			continue;
		audit_value(records[i].text, "domain", id);
		audit_value(records[i].text, "denials", denials);
		for (int j = 0; (freed = find_event("free_domain", j)); j++)
			if (!strcmp(value(freed, "domain"), id))
				found = is_value(freed, "denials", denials);
		ok = found && ok;
	}
	check(ok, "%s: audit counts the same", scenario);
}

static void make_file(const char *const path, const mode_t mode)
{
	const int fd = must(open(path, O_WRONLY | O_CREAT | O_EXCL, mode));

	must(write(fd, "content", 7));
	close(fd);
}

/* A file system of its own for each run: what stat(2) says is plain there. */
static void make_files(void)
{
	if (mkdir(ROOT, 0755) && errno != EEXIST)
		must(-1);
	must(mount("trace-deny", ROOT, "tmpfs", 0, "mode=755"));
	must(chdir(ROOT));
	must(mkdir("dir", 0755));
	must(mkdir("dir/sub", 0755));
	must(mkdir("other", 0755));
	must(mkdir("mnt", 0755));
	make_file("dir/file", 0755);
	make_file("dir/sub/file", 0644);
	make_file("other/file", 0644);
	must(mknod("dir/null", S_IFCHR | 0666, makedev(1, 3)));
	must(symlink("dir/file", "link"));
}

static void keep_outcome(struct outcome *const outcome)
{
	memset(outcome, 0, sizeof(*outcome));
	outcome->num_tries = shared->num_tries;
	outcome->num_domains = shared->num_domains;
	for (int i = 0; i < shared->num_tries; i++)
		outcome->errors[i] = shared->tries[i].error;
	for (int i = 0; i < count_records(AUDIT_LANDLOCK_ACCESS, ""); i++) {
		char blockers[TEXT_MAX];

		audit_value(find_record(i)->text, "blockers", blockers);
		snprintf(outcome->blockers[i], sizeof(outcome->blockers[i]),
			 "%.511s", blockers);
		outcome->num_records++;
	}
	for (int i = 0; i < count_events("free_domain"); i++) {
		const struct event *const freed = find_event("free_domain", i);
		const int n = number_of_id(value(freed, "domain"));

		if (n > 0 && n <= MAX_DOMAINS)
			snprintf(outcome->denials[n - 1],
				 sizeof(outcome->denials[0]), "%.23s",
				 value(freed, "denials"));
	}
}

/* Starts a run, whose events and records are then all that there is. */
static void begin_run(void)
{
	memset(shared, 0, offsetof(struct shared, tries));
	make_files();
	audit_read();
	num_records = 0;
	trace_clear();
}

/* Waits for the last of what a run causes: domains are freed deferred. */
static void end_run(void)
{
	must(chdir("/"));
	must(umount2(ROOT, MNT_DETACH));
	wait_events("free_domain", shared->num_domains);
	audit_read();
	for (int i = 0;
	     i < 500 &&
	     count_records(AUDIT_LANDLOCK_DOMAIN, "status=deallocated") !=
		     count_records(AUDIT_LANDLOCK_DOMAIN, "status=allocated");
	     i++) {
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
		audit_read();
	}
}

static void run(const char *const name, void (*const scenario)(void),
		struct outcome *const outcome)
{
	int status;
	pid_t child;

	begin_run();
	child = must(fork());
	if (!child) {
		scenario();
		_exit(0);
	}
	must(waitpid(child, &status, 0));
	end_run();
	if (status)
		check(false, "%s: ended with %x", name, status);
	keep_outcome(outcome);
}

/* Runs a scenario with the events of denials, then without. */
static void check_scenario(const char *const name, void (*const scenario)(void),
			   const bool audit)
{
	static struct outcome with, without;

	audit_set(AUDIT_STATUS_ENABLED, audit);
	enable_denials(true);
	run(name, scenario, &with);
	check_tries(name);
	check_counters(name);
	if (audit) {
		check_audit(name);
		check_audit_counters(name);
		if (!strcmp(name, "net_checked_address"))
			check_audit_ends(name);
	} else {
		check(!num_records, "%s: no record", name);
	}

	enable_denials(false);
	run(name, scenario, &without);
	check(!count_denials(), "%s: no event when they are off", name);
	check(!memcmp(&with, &without, sizeof(with)),
	      "%s: nothing else differs when they are off", name);
}

/* --- Other processes --- */

/* Kept until the scenario ends: nobody may send them a signal. */
struct victim {
	pid_t pid;
	int domain;
	char comm[16];
};

/* Waits until nobody has the other end of that pipe anymore. */
static void wait_hangup(const int fd)
{
	char byte;

	while (read(fd, &byte, 1) > 0)
		;
}

/* A process that runs @setup and then waits for the end of the scenario. */
static struct victim spawn(const char *const comm, void (*const setup)(void))
{
	struct victim victim = {};
	int ready[2], end[2];
	char byte;

	snprintf(victim.comm, sizeof(victim.comm), "%s", comm);
	must(pipe2(ready, O_CLOEXEC));
	must(pipe2(end, O_CLOEXEC));
	victim.pid = must(fork());
	if (!victim.pid) {
		close(ready[0]);
		close(end[1]);
		must(prctl(PR_SET_NAME, comm));
		shared->value = 0;
		if (setup)
			setup();
		must(write(ready[1], "x", 1));
		wait_hangup(end[0]);
		_exit(0);
	}
	close(ready[1]);
	close(end[0]);
	must(read(ready[0], &byte, 1) == 1 ? 0 : -1);
	close(ready[0]);
	victim.domain = shared->value;
	return victim;
}

/* For spawn(): a domain of its own, which none of the tests needs. */
static void enforce_own(void)
{
	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_BLOCK), 0);
	shared->value = self.layers[self.num_layers - 1].domain;
}

#define HOSTILE_COMM "v \"='\\\xff\xc3\xa9\t\n\x01\x7f%s"

/* --- Scenarios: file system --- */

static void fs_rights(void)
{
	static char *const no_args[] = { NULL };

	enforce(RULESET(.handled_access_fs = ALL_FS), 0);
	DENY_ALL_FS(open("dir/file", O_RDONLY), "read_file", "dir/file");
	DENY_ALL_FS(open("dir/file", O_WRONLY), "write_file", "dir/file");
	DENY_ALL_FS(open("dir/file", O_RDWR), "write_file|read_file",
		    "dir/file");
	DENY_ALL_FS(open("dir/file", O_RDWR | O_TRUNC), "write_file|read_file",
		    "dir/file");
	DENY_ALL_FS(open("link", O_RDONLY), "read_file", "dir/file");
	DENY_ALL_FS(open("dir/../dir/./sub/../file", O_RDONLY), "read_file",
		    "dir/file");
	DENY_ALL_FS(open("dir", O_RDONLY | O_DIRECTORY), "read_dir", "dir");
	DENY_ALL_FS(open(".", O_RDONLY), "read_dir", ".");
	DENY_ALL_FS(execve("dir/file", no_args, no_args), "execute|read_file",
		    "dir/file");
	DENY_ALL_FS(truncate("dir/file", 1), "truncate", "dir/file");
	DENY_ALL_FS(open("dir/new", O_WRONLY | O_CREAT, 0600), "make_reg",
		    "dir");
	DENY_ALL_FS(mkdir("dir/new", 0700), "make_dir", "dir");
	DENY_ALL_FS(mknod("dir/new", 0600, 0), "make_reg", "dir");
	DENY_ALL_FS(mknod("dir/new", S_IFREG | 0600, 0), "make_reg", "dir");
	DENY_ALL_FS(mknod("dir/new", S_IFIFO | 0600, 0), "make_fifo", "dir");
	DENY_ALL_FS(mknod("dir/new", S_IFSOCK | 0600, 0), "make_sock", "dir");
	DENY_ALL_FS(mknod("dir/new", S_IFCHR | 0600, makedev(1, 3)),
		    "make_char", "dir");
	DENY_ALL_FS(mknod("dir/new", S_IFBLK | 0600, makedev(7, 1)),
		    "make_block", "dir");
	/* A whiteout is made as a device, but is none. */
	DENY_ALL_FS(mknod("dir/new", S_IFCHR | 0600, 0), "make_reg", "dir");
	DENY_ALL_FS(symlink("x", "dir/new"), "make_sym", "dir");
	DENY_ALL_FS(unlink("dir/file"), "remove_file", "dir");
	DENY_ALL_FS(unlink("dir/null"), "remove_file", "dir");
	DENY_ALL_FS(unlink("link"), "remove_file", ".");
	DENY_ALL_FS(rmdir("dir/sub"), "remove_dir", "dir");
	/* What does not get as far as Landlock. */
	TRY(open("dir/missing", O_RDONLY), ENOENT);
	TRY(mkdir("dir/sub", 0700), EEXIST);
	TRY(open("dir/file", O_PATH), 0);
}

static void fs_refer(void)
{
	enforce(RULESET(.handled_access_fs = ALL_FS), 0);
	/* Within one directory, nothing is referred to. */
	DENY_ALL_FS(rename("dir/file", "dir/new"), "remove_file|make_reg",
		    "dir");
	DENY_ALL_FS(link("dir/file", "dir/new"), "make_reg", "dir");
	DENY_BOTH_FS(rename("dir/file", "other/new"), "remove_file|refer",
		     "dir", "make_reg|refer", "other");
	DENY_BOTH_FS(rename("dir/file", "other/file"), "remove_file|refer",
		     "dir", "remove_file|make_reg|refer", "other");
	DENY_BOTH_FS(rename("dir/sub", "other/new"), "remove_dir|refer", "dir",
		     "make_dir|refer", "other");
	DENY_BOTH_FS(rename("dir/null", "other/new"), "remove_file|refer",
		     "dir", "make_char|refer", "other");
	DENY_BOTH_FS(rename("link", "other/new"), "remove_file|refer", ".",
		     "make_sym|refer", "other");
	DENY_BOTH_FS(link("dir/file", "other/new"), "refer", "dir",
		     "make_reg|refer", "other");
	DENY_BOTH_FS(renameat2(AT_FDCWD, "dir/file", AT_FDCWD, "other/file",
			       RENAME_EXCHANGE),
		     "remove_file|make_reg|refer", "dir",
		     "remove_file|make_reg|refer", "other");
	DENY_BOTH_FS(renameat2(AT_FDCWD, "dir/sub", AT_FDCWD, "other/file",
			       RENAME_EXCHANGE),
		     "remove_dir|make_reg|refer", "dir",
		     "remove_file|make_dir|refer", "other");
	DENY_BOTH_FS(renameat2(AT_FDCWD, "dir/file", AT_FDCWD, "other/new",
			       RENAME_WHITEOUT),
		     "remove_file|make_reg|refer", "dir", "make_reg|refer",
		     "other");
	DENY_BOTH_FS(linkat(must(open("dir/file", O_PATH)), "", AT_FDCWD,
			    "other/new", AT_EMPTY_PATH),
		     "refer", "dir", "make_reg|refer", "other");
}

/* Only one side is denied. */
static void fs_refer_one_side(void)
{
	const uint64_t handled = LANDLOCK_ACCESS_FS_REMOVE_FILE |
				 LANDLOCK_ACCESS_FS_MAKE_REG | REFER;
	const int ruleset = RULESET(.handled_access_fs = handled);

	must(mkdir("third", 0755));
	add_path(ruleset, "dir", handled, 0);
	add_path(ruleset, "other", handled & ~REFER, 0);
	add_path(ruleset, "third", REFER, 0);
	enforce(ruleset, 0);
	DENY_FS(rename("dir/file", "other/new"), EXDEV, "refer",
		"make_reg|refer", "other");
	DENY_FS(rename("other/file", "dir/new"), EXDEV, "refer",
		"remove_file|refer", "other");
	DENY_FS(link("dir/file", "other/new"), EXDEV, "refer", "make_reg|refer",
		"other");
	DENY_FS(link("other/file", "dir/new"), EXDEV, "refer", "refer",
		"other");
	DENY_FS(rename("dir/file", "third/new"), EACCES, "make_reg",
		"make_reg|refer", "third");
}

/*
 * A file would gain rights where it goes: what is then checked are all the
 * rights that the domain handles, and audit tells the missing ones of them.
 */
static void fs_refer_gain(void)
{
	const uint64_t handled = LANDLOCK_ACCESS_FS_REMOVE_FILE |
				 LANDLOCK_ACCESS_FS_MAKE_REG | REFER |
				 LANDLOCK_ACCESS_FS_EXECUTE;
	const int ruleset = RULESET(.handled_access_fs = handled);

	add_path(ruleset, "dir", handled & ~LANDLOCK_ACCESS_FS_EXECUTE, 0);
	add_path(ruleset, "other", handled, 0);
	enforce(ruleset, 0);
	DENY_FS(rename("dir/file", "other/new"), EXDEV, "execute",
		"execute|remove_file|make_reg|refer", "dir");
}

/* The request is whole, also when the domain handles only a part of it. */
static void fs_request_part_open(void)
{
	enforce(RULESET(.handled_access_fs = READ_FILE), 0);
	DENY_FS(open("dir/file", O_RDWR), EACCES, "read_file",
		"write_file|read_file", "dir/file");
}

static void fs_request_part_rename(void)
{
	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_REG), 0);
	DENY_FS(rename("dir/file", "dir/new"), EACCES, "make_reg",
		"remove_file|make_reg", "dir");
}

/* An implied right: a domain always handles refer. */
static void fs_implied_refer(void)
{
	enforce(RULESET(.handled_access_fs = READ_FILE), 0);
	want_fs("refer", "refer", "dir");
	want_fs("refer", "make_reg|refer", "other");
	TRY(link("dir/file", "other/new"), EXDEV);
}

static int open_for_truncation(void)
{
	return must(open("dir/file", O_WRONLY | O_CLOEXEC));
}

static int open_device(void)
{
	return must(open("dir/null", O_RDWR | O_CLOEXEC));
}

static void fs_open_file(void)
{
	int ruleset, file, device;
	struct subject at_open;

	ruleset = RULESET(.handled_access_fs = TRUNCATE | WRITE_FILE);
	add_path(ruleset, ".", WRITE_FILE, 0);
	enforce(ruleset, 0);
	enforce(RULESET(.handled_access_fs = IOCTL_DEV), 0);
	file = open_for_truncation();
	device = open_device();
	next.layer = 1;
	DENY_FS(ftruncate(file, 0), EACCES, "truncate", "truncate", "dir/file");
	next.layer = 2;
	DENY_FS(ioctl(device, TCGETS, 0), EACCES, "ioctl_dev", "ioctl_dev",
		"dir/null");
	TRY(ioctl(device, FIOCLEX, 0), 0);
	TRY(ioctl(file, FIOCLEX, 0), 0);
	next.layer = 1;
	DENY_FS(open("dir/file", O_WRONLY | O_TRUNC), EACCES, "truncate",
		"truncate", "dir/file");

	/* A younger domain changes nothing for what is open. */
	at_open = self;
	enforce(RULESET(.handled_access_fs = ALL_FS), 0);
	next.subject = &at_open;
	next.layer = 1;
	DENY_FS(ftruncate(file, 0), EACCES, "truncate", "truncate", "dir/file");
	next.subject = &at_open;
	DENY_FS(ioctl(device, TCGETS, 0), EACCES, "ioctl_dev", "ioctl_dev",
		"dir/null");
}

/* Both optional rights, missing in the same layer or in different ones. */
static void fs_open_file_layers(void)
{
	const uint64_t both = TRUNCATE | IOCTL_DEV;
	const uint64_t handled[] = { both, TRUNCATE, READ_DIR, both,
				     IOCTL_DEV };

	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++) {
		int file, device;

		enforce(RULESET(.handled_access_fs = handled[i]), 0);
		file = open_for_truncation();
		device = open_device();
		next.layer = (const int[]){ 1, 2, 2, 4, 4 }[i];
		DENY_FS(ftruncate(file, 0), EACCES, "truncate", "truncate",
			"dir/file");
		next.layer = (const int[]){ 1, 1, 1, 4, 5 }[i];
		DENY_FS(ioctl(device, TCGETS, 0), EACCES, "ioctl_dev",
			"ioctl_dev", "dir/null");
	}
}

static int receive_fd(const int socket)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec data = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &data,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };

	must(recvmsg(socket, &msg, 0));
	return *(int *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
}

static void send_fd(const int socket, const int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &data,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *const header = CMSG_FIRSTHDR(&msg);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	must(sendmsg(socket, &msg, 0));
}

/* The subject is who opened the file, the task is who uses it. */
static void fs_open_file_passed(void)
{
	struct subject opener;
	int pair[2], status, file;
	pid_t child;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	child = must(fork());
	if (!child) {
		enforce(RULESET(.handled_access_fs = TRUNCATE), 0);
		shared->subject = self;
		send_fd(pair[1], open_for_truncation());
		_exit(0);
	}
	file = receive_fd(pair[0]);
	must(waitpid(child, &status, 0));
	opener = shared->subject;
	next.subject = &opener;
	DENY_FS(ftruncate(file, 0), EACCES, "truncate", "truncate", "dir/file");
	TRY(truncate("dir/file", 7), 0);
	enforce(RULESET(.handled_access_fs = TRUNCATE), 0);
	next.subject = &opener;
	DENY_FS(ftruncate(file, 0), EACCES, "truncate", "truncate", "dir/file");
	DENY_ALL_FS(truncate("dir/file", 0), "truncate", "dir/file");
}

static void fs_open_file_exec(void)
{
	int file;

	enforce(RULESET(.handled_access_fs = TRUNCATE), NEW_EXEC_ON);
	file = must(open("dir/file", O_WRONLY));
	shared->value = file;
	DENY_ALL_FS(ftruncate(file, 0), "truncate", "dir/file");
	exec_self("fs_open_file_exec_after");
}

/* In the new program: the open file keeps what it had at open(). */
static void fs_open_file_exec_after(void)
{
	struct subject at_open = self;

	at_open.layers[0].same_exec = true;
	next.subject = &at_open;
	DENY_ALL_FS(ftruncate(shared->value, 0), "truncate", "dir/file");
	DENY_ALL_FS(ftruncate(open_for_truncation(), 0), "truncate",
		    "dir/file");
	DENY_ALL_FS(truncate("dir/file", 0), "truncate", "dir/file");
}

static socklen_t make_unix(struct sockaddr_un *const un, const char *const path)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	strcpy(un->sun_path, path);
	return sizeof(*un);
}

static int bind_unix(const int type, const struct sockaddr_un *const un,
		     const socklen_t len)
{
	const int fd = must(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));

	must(bind(fd, (const struct sockaddr *)un, len));
	if (type != SOCK_DGRAM)
		must(listen(fd, 5));
	return fd;
}

static void fs_resolve_unix(void)
{
	struct sockaddr_un stream, dgram, seqpacket, inside;
	const struct sockaddr *const s = (void *)&stream,
				     *const d = (void *)&dgram,
				     *const q = (void *)&seqpacket,
				     *const i = (void *)&inside;
	const socklen_t len = make_unix(&stream, "dir/stream");
	const int stream_fd = must(socket(AF_UNIX, SOCK_STREAM, 0));
	const int dgram_fd = must(socket(AF_UNIX, SOCK_DGRAM, 0));
	const int seqpacket_fd = must(socket(AF_UNIX, SOCK_SEQPACKET, 0));

	bind_unix(SOCK_STREAM, &stream, len);
	make_unix(&dgram, "dir/dgram");
	bind_unix(SOCK_DGRAM, &dgram, len);
	make_unix(&seqpacket, "dir/seqpacket");
	bind_unix(SOCK_SEQPACKET, &seqpacket, len);

	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_RESOLVE_UNIX),
		0);
	DENY_ALL_FS(connect(stream_fd, s, len), "resolve_unix", "dir/stream");
	DENY_ALL_FS(connect(dgram_fd, d, len), "resolve_unix", "dir/dgram");
	DENY_ALL_FS(sendto(dgram_fd, "x", 1, 0, d, len), "resolve_unix",
		    "dir/dgram");
	DENY_ALL_FS(connect(seqpacket_fd, q, len), "resolve_unix",
		    "dir/seqpacket");
	/* Within the domain, nothing is denied, but in a younger one. */
	make_unix(&inside, "dir/inside");
	bind_unix(SOCK_STREAM, &inside, len);
	TRY(connect(must(socket(AF_UNIX, SOCK_STREAM, 0)), i, len), 0);
	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_RESOLVE_UNIX),
		0);
	DENY_ALL_FS(connect(stream_fd, i, len), "resolve_unix", "dir/inside");
	DENY_ALL_FS(connect(stream_fd, s, len), "resolve_unix", "dir/stream");
}

static void fs_topology(void)
{
	struct stat root;
	int tree, fs;

	must(unshare(CLONE_NEWNS));
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must(mount("t", "mnt", "tmpfs", 0, NULL));
	must(mkdir("mnt/old", 0755));
	must(stat("mnt", &root));
	/* One whose root is not the one of its file system, and a file. */
	must(mount("mnt/old", "dir/sub", NULL, MS_BIND, NULL));
	must(mount("dir/file", "other/file", NULL, MS_BIND, NULL));
	tree = must(open_tree(AT_FDCWD, "mnt", OPEN_TREE_CLONE));

	enforce(RULESET(.handled_access_fs = WRITE_FILE), 0);
	/* Ignored: the youngest layer with file system rights denies. */
	enforce(RULESET(.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP), 0);
	next.layer = 1;
	DENY_TOPOLOGY(mount("t", "dir", "tmpfs", 0, NULL), "dir");
	next.layer = 1;
	DENY_TOPOLOGY(mount("dir", "other", NULL, MS_BIND, NULL), "other");
	next.layer = 1;
	DENY_TOPOLOGY(mount("dir/file", "other/file", NULL, MS_BIND, NULL),
		      "other/file");
	next.layer = 1;
	DENY_TOPOLOGY(mount(NULL, "mnt", NULL, MS_REMOUNT | MS_RDONLY, NULL),
		      "mnt");
	next.layer = 1;
	DENY_TOPOLOGY(mount(NULL, "mnt", NULL, MS_SHARED, NULL), "mnt");
	next.layer = 1;
	DENY_TOPOLOGY(mount("mnt", "dir", NULL, MS_MOVE, NULL), "dir");
	next.layer = 1;
	DENY_TOPOLOGY(umount2("mnt", 0), "mnt");
	next.layer = 1;
	DENY_TOPOLOGY(umount2("mnt", MNT_DETACH), "mnt");
	next.layer = 1;
	DENY_TOPOLOGY(umount2("dir/sub", 0), "dir/sub");
	next.layer = 1;
	DENY_TOPOLOGY(umount2("other/file", 0), "other/file");
	next.layer = 1;
	DENY_TOPOLOGY(syscall(SYS_pivot_root, "mnt", "mnt/old"), "mnt");
	next.layer = 1;
	DENY_TOPOLOGY(move_mount(AT_FDCWD, "mnt", AT_FDCWD, "dir", 0), "dir");
	next.layer = 1;
	DENY_TOPOLOGY(move_mount(tree, "", AT_FDCWD, "other",
				 MOVE_MOUNT_F_EMPTY_PATH),
		      "other");

	/* Remounting through its own interface: only the superblock is known. */
	fs = must(fspick(AT_FDCWD, "mnt", 0));
	next.layer = 1;
	want_fs_stat("change_topology", "", &root, "/");
	TRY(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0), EPERM);
	fs = must(fspick(AT_FDCWD, "dir/sub", 0));
	next.layer = 1;
	want_fs_stat("change_topology", "", &root, "/");
	TRY(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0), EPERM);

	/* An older layer with rights is not asked. */
	enforce(RULESET(.handled_access_fs = READ_DIR), 0);
	next.layer = 3;
	DENY_TOPOLOGY(umount2("mnt", 0), "mnt");
	TRY(chroot("mnt"), 0);
}

static const char *const hostile_names[] = {
	" ",
	"a b",
	"=",
	"domain=1 logged=0",
	"a\nb",
	"\n# tracer: nop",
	"\"quoted\"",
	"'single'",
	"\\",
	"\\040",
	"\xc3\xa9\xf0\x9f\x90\xa7",
	"\xff\xfe\x80",
	"\x7f\x1b[31m",
	"\t\r\v\f\b",
	CUT,
	"%s%n%d",
	"plain-name_1.2:{|},;",
};

/* All bytes that a name may have. */
static const char *every_byte(void)
{
	static char name[255];
	size_t len = 0;

	for (int c = 1; c < 256; c++)
		if (c != '/')
			name[len++] = c;
	return name;
}

static void fs_names(void)
{
	const size_t num = sizeof(hostile_names) / sizeof(hostile_names[0]);

	for (size_t i = 0; i < num; i++)
		must(mkdir(hostile_names[i], 0755));
	must(mkdir(every_byte(), 0755));
	enforce(RULESET(.handled_access_fs = ALL_FS), 0);
	for (size_t i = 0; i < num; i++)
		DENY_ALL_FS(open(hostile_names[i], O_RDONLY), "read_dir",
			    hostile_names[i]);
	DENY_ALL_FS(open(every_byte(), O_RDONLY), "read_dir", every_byte());
	DENY_ALL_FS(symlink("target of a b", "a b/x\ny"), "make_sym", "a b");
}

/* Makes and enters a directory whose absolute path has @total bytes. */
static const char *enter_long(const size_t total, const char c)
{
	static char path[TEXT_MAX];
	size_t len = strlen(ROOT);

	must(chdir(ROOT));
	memset(path, c, sizeof(path));
	memcpy(path, ROOT, len);
	while (len < total) {
		char *const name = path + len + 1;
		size_t size = total - len - 1;

		if (size > 200)
			size = 200;
		/* What remains must be enough for a slash and a name. */
		if (total - len - 1 - size == 1)
			size--;
		path[len] = '/';
		name[size] = '\0';
		if (mkdir(name, 0755) && errno != EEXIST)
			must(-1);
		must(chdir(name));
		name[size] = c;
		len += 1 + size;
	}
	path[total] = '\0';
	return path;
}

static void fs_long_paths(void)
{
	static const struct {
		size_t len;
		char c;
	} paths[] = {
		{ 1000, 'a' },
		{ PATH_LEN_MAX, 'a' },
		{ PATH_LEN_MAX + 1, 'a' },
		{ 4095, 'a' },
		{ 4096, 'a' },
		{ 6000, 'a' },
		/* Escaped: fits, cut, too long. */
		{ 1500, '\xff' },
		{ 1540, '\xff' },
		{ 1560, '\n' },
		{ 3000, ' ' },
		{ PATH_LEN_MAX, '\xff' },
		{ PATH_LEN_MAX + 1, '\xff' },
	};

	enforce(RULESET(.handled_access_fs = READ_DIR), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *const path = enter_long(paths[i].len, paths[i].c);
		struct stat object;

		must(stat(".", &object));
		want_fs_stat("read_dir", "read_dir", &object,
			     paths[i].len > PATH_LEN_MAX ?
				     "<too_long>" :
				     escape(path, paths[i].len));
		TRY(open(".", O_RDONLY), EACCES);
	}
}

static void fs_odd_paths(void)
{
	struct stat object;
	int gone, tree, moved;

	must(unshare(CLONE_NEWNS));
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must(mkdir("gone", 0755));
	gone = must(open("gone", O_PATH));
	must(rmdir("gone"));
	tree = must(open_tree(AT_FDCWD, "dir", OPEN_TREE_CLONE));
	/* A directory that leaves the tree of the mount it is reached by. */
	must(mkdir("dir/sub/leaving", 0755));
	must(mount("dir/sub", "mnt", NULL, MS_BIND, NULL));
	moved = must(open("mnt/leaving", O_PATH));
	must(rename("dir/sub/leaving", "other/left"));

	enforce(RULESET(.handled_access_fs = ALL_FS), 0);
	must(fstat(gone, &object));
	want_fs_stat("read_dir", "read_dir", &object, ROOT "/gone");
	TRY(openat(gone, ".", O_RDONLY), EACCES);

	must(fstatat(tree, "file", &object, 0));
	want_fs_stat("read_file", "read_file", &object, "<unreachable>");
	TRY(openat(tree, "file", O_RDONLY), EACCES);
	must(fstat(tree, &object));
	want_fs_stat("make_dir", "make_dir", &object, "<unreachable>");
	TRY(mkdirat(tree, "new", 0700), EACCES);

	must(fstat(moved, &object));
	want_fs_stat("make_dir", "make_dir", &object, "<unreachable>");
	TRY(mkdirat(moved, "new", 0700), EACCES);

	/* Through the mount, its own path. */
	DENY_ALL_FS(open("mnt/file", O_RDONLY), "read_file", "mnt/file");

	/* A task's own root does not shorten the path. */
	must(stat("dir/file", &object));
	must(chroot("dir"));
	want_fs_stat("read_file", "read_file", &object, ROOT "/dir/file");
	TRY(open("/file", O_RDONLY), EACCES);
	want_fs_stat("read_file", "read_file", &object, ROOT "/dir/file");
	TRY(open("dir/file", O_RDONLY), EACCES);
}

static void layer_file(char *const name, const int layer)
{
	sprintf(name, "layer-%d", layer);
}

/*
 * Layer i denies to read file i and file 0, and allows the others: with n
 * layers, each of them denies one file alone, and the youngest denies file 0.
 */
static void fs_layers(void)
{
	char name[16];

	for (int i = 0; i <= MAX_LAYERS; i++) {
		layer_file(name, i);
		make_file(name, 0644);
	}
	for (int i = 1; i <= MAX_LAYERS; i++) {
		const int ruleset = RULESET(.handled_access_fs = READ_FILE);

		for (int j = 1; j <= MAX_LAYERS; j++) {
			layer_file(name, j);
			if (i != j)
				add_path(ruleset, name, READ_FILE, 0);
		}
		enforce(ruleset, 0);
		for (int j = 0; j <= i; j++) {
			layer_file(name, j);
			next.layer = j ?: i;
			DENY_ALL_FS(open(name, O_RDONLY), "read_file", name);
		}
	}
	TRY(syscall(__NR_landlock_restrict_self,
		    RULESET(.handled_access_fs = READ_FILE), 0),
	    E2BIG);
}

/* The blockers are those of one layer, the request is whole. */
static void fs_blockers(void)
{
	int ruleset = RULESET(.handled_access_fs = READ_FILE | WRITE_FILE |
						   TRUNCATE | READ_DIR);

	add_path(ruleset, "dir", READ_FILE, 0);
	add_path(ruleset, "other", WRITE_FILE, 0);
	enforce(ruleset, 0);
	DENY_FS(open("dir/file", O_RDWR), EACCES, "write_file",
		"write_file|read_file", "dir/file");
	DENY_FS(open("other/file", O_RDWR), EACCES, "read_file",
		"write_file|read_file", "other/file");

	ruleset = RULESET(.handled_access_fs = READ_FILE);
	add_path(ruleset, "dir/sub", READ_FILE, 0);
	enforce(ruleset, 0);
	DENY_FS(open("dir/file", O_RDWR), EACCES, "read_file",
		"write_file|read_file", "dir/file");
	next.layer = 1;
	DENY_FS(open("dir/sub/file", O_RDWR), EACCES, "write_file",
		"write_file|read_file", "dir/sub/file");
	next.layer = 1;
	DENY_FS(open("other/file", O_WRONLY | O_TRUNC), EACCES, "truncate",
		"truncate", "other/file");

	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_DIR), 0);
	next.layer = 1;
	DENY_FS(open("dir/sub/file", O_RDWR), EACCES, "write_file",
		"write_file|read_file", "dir/sub/file");
	DENY_ALL_FS(mkdir("dir/new", 0700), "make_dir", "dir");
	next.layer = 1;
	DENY_ALL_FS(open("dir", O_RDONLY), "read_dir", "dir");
}

static void fs_quiet(void)
{
	int ruleset = RULESET(.handled_access_fs = ALL_FS,
			      .quiet_access_fs = READ_FILE | READ_DIR |
						 TRUNCATE | IOCTL_DEV);
	int file, device;

	add_path(ruleset, "other", 0, LANDLOCK_ADD_RULE_QUIET);
	add_path(ruleset, "dir/sub", WRITE_FILE, LANDLOCK_ADD_RULE_QUIET);
	add_path(ruleset, "dir/null", READ_FILE | WRITE_FILE,
		 LANDLOCK_ADD_RULE_QUIET);
	add_path(ruleset, "dir/file", WRITE_FILE, 0);
	enforce(ruleset, 0);
	DENY_ALL_FS(open("dir/file", O_RDONLY), "read_file", "dir/file");
	next.quiet = true;
	DENY_ALL_FS(open("other/file", O_RDONLY), "read_file", "other/file");
	next.quiet = true;
	DENY_ALL_FS(open("other", O_RDONLY), "read_dir", "other");
	DENY_ALL_FS(open("other/file", O_WRONLY), "write_file", "other/file");
	/* Quiet only if all that is missing is. */
	DENY_ALL_FS(open("other/file", O_RDWR), "write_file|read_file",
		    "other/file");
	next.quiet = true;
	DENY_FS(open("dir/sub/file", O_RDWR), EACCES, "read_file",
		"write_file|read_file", "dir/sub/file");
	DENY_ALL_FS(mkdir("other/new", 0700), "make_dir", "other");
	next.quiet = true;
	DENY_ALL_FS(truncate("other/file", 0), "truncate", "other/file");

	/* Open files */
	file = must(open("dir/sub/file", O_WRONLY));
	next.quiet = true;
	DENY_ALL_FS(ftruncate(file, 0), "truncate", "dir/sub/file");
	file = must(open("dir/file", O_WRONLY));
	DENY_ALL_FS(ftruncate(file, 0), "truncate", "dir/file");
	device = must(open("dir/null", O_RDWR));
	next.quiet = true;
	DENY_ALL_FS(ioctl(device, TCGETS, 0), "ioctl_dev", "dir/null");

	/* Another layer denies: what is quiet in the older one is not here. */
	enforce(RULESET(.handled_access_fs = READ_FILE), 0);
	DENY_ALL_FS(open("other/file", O_RDONLY), "read_file", "other/file");
	next.quiet = true;
	next.layer = 1;
	DENY_ALL_FS(truncate("other/file", 0), "truncate", "other/file");
}

/* Every right can be quiet, alone. */
static void fs_quiet_rights(void)
{
	static const struct {
		uint64_t right;
		mode_t mode;
		const char *name;
	} kinds[] = {
		{ LANDLOCK_ACCESS_FS_MAKE_REG, S_IFREG, "make_reg" },
		{ LANDLOCK_ACCESS_FS_MAKE_FIFO, S_IFIFO, "make_fifo" },
		{ LANDLOCK_ACCESS_FS_MAKE_SOCK, S_IFSOCK, "make_sock" },
		{ LANDLOCK_ACCESS_FS_MAKE_CHAR, S_IFCHR, "make_char" },
		{ LANDLOCK_ACCESS_FS_MAKE_BLOCK, S_IFBLK, "make_block" },
	};
	const int num = sizeof(kinds) / sizeof(kinds[0]);

	for (int i = 0; i < num; i++) {
		const int ruleset = RULESET(.handled_access_fs = ALL_FS,
					    .quiet_access_fs = kinds[i].right);

		add_path(ruleset, "dir", 0, LANDLOCK_ADD_RULE_QUIET);
		enforce(ruleset, 0);
		for (int j = 0; j < num; j++) {
			next.quiet = i == j;
			DENY_ALL_FS(mknod("dir/new", kinds[j].mode | 0600,
					  makedev(1, 3)),
				    kinds[j].name, "dir");
		}
	}
}

static void fs_quiet_rename(void)
{
	const int ruleset =
		RULESET(.handled_access_fs = ALL_FS,
			.quiet_access_fs = REFER |
					   LANDLOCK_ACCESS_FS_REMOVE_FILE);

	add_path(ruleset, "dir", 0, LANDLOCK_ADD_RULE_QUIET);
	enforce(ruleset, 0);
	next.quiet = true;
	want_fs("remove_file|refer", "remove_file|refer", "dir");
	next.quiet = false;
	want_fs("make_reg|refer", "make_reg|refer", "other");
	TRY(rename("dir/file", "other/new"), EACCES);
	/* The destination also has to be made. */
	want_fs("remove_file|refer", "remove_file|refer", "other");
	want_fs("make_reg|refer", "make_reg|refer", "dir");
	TRY(rename("other/file", "dir/new"), EACCES);
	next.quiet = true;
	DENY_ALL_FS(unlink("dir/file"), "remove_file", "dir");
}

/* --- Scenarios: log flags --- */

static void deny_write(const int layer)
{
	next.layer = layer;
	DENY_ALL_FS(open("dir/file", O_WRONLY), "write_file", "dir/file");
}

/* In the new program, whose domains all came before. */
static void log_after(void)
{
	deny_write(0);
	/* A domain of this program, then both layers. */
	enforce(RULESET(.handled_access_fs = READ_DIR), 0);
	DENY_ALL_FS(open("dir", O_RDONLY), "read_dir", "dir");
	deny_write(1);
}

static void enforce_and_exec(const unsigned int flags)
{
	enforce(RULESET(.handled_access_fs = WRITE_FILE), flags);
	deny_write(0);
	exec_self("log_after");
}

static void log_flags_none(void)
{
	enforce_and_exec(0);
}

static void log_same_exec_off(void)
{
	enforce_and_exec(SAME_EXEC_OFF);
}

static void log_new_exec_on(void)
{
	enforce_and_exec(NEW_EXEC_ON);
}

static void log_new_exec_only(void)
{
	enforce_and_exec(SAME_EXEC_OFF | NEW_EXEC_ON);
}

static void log_subdomains_off(void)
{
	enforce_and_exec(SUBDOMAINS_OFF | NEW_EXEC_ON);
}

static void log_all_flags(void)
{
	enforce_and_exec(SAME_EXEC_OFF | NEW_EXEC_ON | SUBDOMAINS_OFF);
}

static void log_subdomain(void)
{
	enforce(RULESET(.handled_access_fs = WRITE_FILE), SUBDOMAINS_OFF);
	deny_write(1);
	enforce(RULESET(.handled_access_fs = READ_FILE), NEW_EXEC_ON);
	DENY_ALL_FS(open("other/file", O_RDONLY), "read_file", "other/file");
	deny_write(1);
	enforce(RULESET(.handled_access_fs = READ_DIR | WRITE_FILE), 0);
	DENY_ALL_FS(open("dir", O_RDONLY), "read_dir", "dir");
	deny_write(3);
	next.layer = 2;
	DENY_ALL_FS(open("other/file", O_RDONLY), "read_file", "other/file");
}

static void log_without_ruleset(void)
{
	enforce(-1, SUBDOMAINS_OFF);
	enforce_and_exec(NEW_EXEC_ON);
}

static pthread_barrier_t barrier;

static void *deny_in_thread(void *const arg)
{
	(void)arg;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	deny_write(0);
	return NULL;
}

/* The line's task is the thread. */
static void log_thread(void)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	must(pthread_create(&thread, NULL, deny_in_thread, NULL) ? -1 : 0);
	pthread_barrier_wait(&barrier);
	enforce(RULESET(.handled_access_fs = WRITE_FILE),
		LANDLOCK_RESTRICT_SELF_TSYNC);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	deny_write(0);
}

/* --- Scenarios: network --- */

struct addr {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
	const char *text;
	int port;
};

/* IPv6 if it has a colon. */
static struct addr make_addr(const char *const text, const int port)
{
	struct addr addr = { .text = text, .port = port };

	if (strchr(text, ':')) {
		addr.v6.sin6_family = AF_INET6;
		addr.v6.sin6_port = htons(port);
		addr.len = sizeof(addr.v6);
		must(inet_pton(AF_INET6, text, &addr.v6.sin6_addr) - 1);
	} else {
		addr.v4.sin_family = AF_INET;
		addr.v4.sin_port = htons(port);
		addr.len = sizeof(addr.v4);
		must(inet_pton(AF_INET, text, &addr.v4.sin_addr) - 1);
	}
	return addr;
}

static struct addr make_unspec(const char *const text, const int port)
{
	struct addr addr = make_addr(text, port);

	addr.any.sa_family = AF_UNSPEC;
	return addr;
}

static int new_socket(const struct addr *const addr, const int type)
{
	return must(socket(strchr(addr->text, ':') ? AF_INET6 : AF_INET,
			   type | SOCK_CLOEXEC, 0));
}

static int send_msg(const int fd, const struct addr *const addr)
{
	struct iovec data = { "x", 1 };
	struct msghdr msg = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_name = addr ? (void *)&addr->any : NULL,
		.msg_namelen = addr ? addr->len : 0,
	};

	return sendmsg(fd, &msg, 0);
}

/* Two messages: the first one is denied. */
static int send_mmsg(const int fd, const struct addr *const addr)
{
	struct iovec data = { "x", 1 };
	struct mmsghdr msgs[2];

	memset(msgs, 0, sizeof(msgs));
	for (int i = 0; i < 2; i++) {
		msgs[i].msg_hdr.msg_iov = &data;
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = (void *)&addr->any;
		msgs[i].msg_hdr.msg_namelen = addr->len;
	}
	return sendmmsg(fd, msgs, 2, 0);
}

static const struct {
	const char *addr;
	int port;
} net_addrs[] = {
	{ "127.0.0.1", 1025 },
	{ "127.0.0.1", 0 },
	{ "0.0.0.0", 80 },
	{ "127.1.2.3", 65535 },
	{ "255.255.255.255", 1 },
	{ "::1", 1025 },
	{ "::1", 0 },
	{ "::", 80 },
	{ "2001:db8::1:0:0:2", 65535 },
	{ "fe80::1", 1 },
	{ "::ffff:127.0.0.1", 1025 },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 53 },
};

#define NUM_ADDRS (sizeof(net_addrs) / sizeof(net_addrs[0]))

static void net_tcp(void)
{
	enforce(RULESET(.handled_access_net = ALL_NET), 0);
	for (size_t i = 0; i < NUM_ADDRS; i++) {
		const struct addr a =
			make_addr(net_addrs[i].addr, net_addrs[i].port);
		const int fd = new_socket(&a, SOCK_STREAM);

		DENY_NET(bind(fd, &a.any, a.len), "bind_tcp", a.port, a.text);
		DENY_NET(connect(fd, &a.any, a.len), "connect_tcp", a.port,
			 a.text);
		DENY_NET(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &a.any,
				a.len),
			 "connect_tcp", a.port, a.text);
		close(fd);
	}
}

static void net_udp(void)
{
	enforce(RULESET(.handled_access_net = ALL_NET), 0);
	for (size_t i = 0; i < NUM_ADDRS; i++) {
		const struct addr a =
			make_addr(net_addrs[i].addr, net_addrs[i].port);
		const int fd = new_socket(&a, SOCK_DGRAM);

		DENY_NET(bind(fd, &a.any, a.len), "bind_udp", a.port, a.text);
		DENY_NET(connect(fd, &a.any, a.len), "connect_send_udp", a.port,
			 a.text);
		DENY_NET(sendto(fd, "x", 1, 0, &a.any, a.len),
			 "connect_send_udp", a.port, a.text);
		DENY_NET(send_msg(fd, &a), "connect_send_udp", a.port, a.text);
		DENY_NET(send_mmsg(fd, &a), "connect_send_udp", a.port, a.text);
		close(fd);
	}
}

/* Addresses that are short, of another family, or none. */
static void net_odd_addresses(void)
{
	struct addr v4 = make_addr("127.0.0.1", 1025);
	struct addr v6 = make_addr("2001:db8::1", 1026);
	const struct addr any = make_unspec("0.0.0.0", 1027);
	const struct addr none = make_unspec("127.0.0.1", 1028);
	const struct addr none6 = make_unspec("::1", 1029);

	/* RFC 2133, i.e. without the scope, of which nothing must be told. */
	v6.len = offsetof(struct sockaddr_in6, sin6_scope_id);
	v6.v6.sin6_scope_id = 0xffffffff;
	enforce(RULESET(.handled_access_net = ALL_NET), 0);
	for (int i = 0; i < 2; i++) {
		const int type = i ? SOCK_DGRAM : SOCK_STREAM;
		const char *const bind_right = i ? "bind_udp" : "bind_tcp";
		const char *const connect_right = i ? "connect_send_udp" :
						      "connect_tcp";
		const int s4 = new_socket(&v4, type);
		const int s6 = new_socket(&v6, type);

		DENY_NET(bind(s6, &v6.any, v6.len), bind_right, 1026,
			 "2001:db8::1");
		DENY_NET(connect(s6, &v6.any, v6.len), connect_right, 1026,
			 "2001:db8::1");
		/* Longer than its family needs. */
		DENY_NET(bind(s4, &v4.any, sizeof(struct sockaddr_in6)),
			 bind_right, 1025, "127.0.0.1");
		/* Treated as IPv4. */
		DENY_NET(bind(s4, &any.any, any.len), bind_right, 1027,
			 "0.0.0.0");
		TRY(bind(s4, &none.any, none.len), EAFNOSUPPORT);
		TRY(bind(s6, &none6.any, none6.len), EAFNOSUPPORT);
		/* To dissolve an association is always allowed. */
		TRY(connect(s4, &none.any, none.len), 0);
		TRY(connect(s6, &none6.any, none6.len), 0);
		TRY(bind(s4, &v4.any, sizeof(v4.v4) - 1), EINVAL);
		TRY(bind(s4, &v4.any, 1), EINVAL);
		TRY(bind(s6, &v6.any, v6.len - 1), EINVAL);
		TRY(bind(s4, &v6.any, v6.len), EINVAL);
		TRY(connect(s6, &v4.any, v4.len), EINVAL);
		if (type != SOCK_DGRAM)
			continue;
		DENY_NET(sendto(s6, "x", 1, 0, &v6.any, v6.len), connect_right,
			 1026, "2001:db8::1");
		DENY_NET(sendto(s4, "x", 1, 0, &none.any, none.len),
			 connect_right, 1028, "127.0.0.1");
		DENY_NET(send_msg(s4, &none), connect_right, 1028, "127.0.0.1");
		/* No address was checked. */
		DENY_NET(sendto(s6, "x", 1, 0, &none6.any, none6.len),
			 connect_right, -1, "");
		DENY_NET(sendto(s6, "x", 1, 0, &none.any, none.len),
			 connect_right, -1, "");
		DENY_NET(send_msg(s6, &none6), connect_right, -1, "");
	}
}

/* What is told is the address of the call, not those of the socket. */
static void net_checked_address(void)
{
	const struct addr local = make_addr("127.0.0.1", 2000);
	const struct addr remote = make_addr("127.0.0.2", 2001);
	const struct addr other = make_addr("127.0.0.3", 2002);
	const int fd = new_socket(&local, SOCK_DGRAM);

	must(bind(fd, &local.any, local.len));
	must(connect(fd, &remote.any, remote.len));
	enforce(RULESET(.handled_access_net = ALL_NET), 0);
	DENY_NET(sendto(fd, "x", 1, 0, &other.any, other.len),
		 "connect_send_udp", 2002, "127.0.0.3");
	DENY_NET(connect(fd, &other.any, other.len), "connect_send_udp", 2002,
		 "127.0.0.3");
	DENY_NET(bind(fd, &other.any, other.len), "bind_udp", 2002,
		 "127.0.0.3");
	/* Neither an address nor a port to take: nothing is checked. */
	TRY(send_msg(fd, NULL) < 0 && errno != ECONNREFUSED ? -1 : 0, 0);
}

static void net_autobind(void)
{
	const struct addr v4 = make_addr("127.0.0.1", 1026);
	const struct addr v6 = make_addr("::1", 1026);
	const int ruleset = RULESET(.handled_access_net = ALL_NET);
	int s4, s6;

	add_port(ruleset, 1026, LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP, 0);
	enforce(ruleset, 0);
	s4 = new_socket(&v4, SOCK_DGRAM);
	s6 = new_socket(&v6, SOCK_DGRAM);
	DENY_NET(connect(s4, &v4.any, v4.len), "bind_udp", 0, "0.0.0.0");
	DENY_NET(connect(s6, &v6.any, v6.len), "bind_udp", 0, "::");
	DENY_NET(sendto(s4, "x", 1, 0, &v4.any, v4.len), "bind_udp", 0,
		 "0.0.0.0");
	DENY_NET(sendto(s6, "x", 1, 0, &v6.any, v6.len), "bind_udp", 0, "::");
	DENY_NET(send_msg(s4, NULL), "bind_udp", 0, "0.0.0.0");
	DENY_NET(send_msg(s6, NULL), "bind_udp", 0, "::");
	DENY_NET(send(s4, "x", 1, 0), "bind_udp", 0, "0.0.0.0");
	DENY_NET(write(s6, "x", 1), "bind_udp", 0, "::");
}

static void net_layers(void)
{
	const struct addr a = make_addr("127.0.0.1", 1025);
	const struct addr b = make_addr("::1", 1026);
	int ruleset = RULESET(.handled_access_net = ALL_NET);
	int tcp, udp;

	add_port(ruleset, 1025, LANDLOCK_ACCESS_NET_BIND_TCP, 0);
	add_port(ruleset, 1026, ALL_NET, 0);
	enforce(ruleset, 0);
	ruleset =
		RULESET(.handled_access_net = LANDLOCK_ACCESS_NET_CONNECT_TCP |
					      LANDLOCK_ACCESS_NET_BIND_UDP);
	add_port(ruleset, 1025, LANDLOCK_ACCESS_NET_CONNECT_TCP, 0);
	enforce(ruleset, 0);
	enforce(RULESET(.handled_access_fs = WRITE_FILE), 0);

	tcp = new_socket(&a, SOCK_STREAM);
	udp = new_socket(&a, SOCK_DGRAM);
	next.layer = 1;
	DENY_NET(connect(tcp, &a.any, a.len), "connect_tcp", 1025, a.text);
	next.layer = 2;
	DENY_NET(bind(udp, &a.any, a.len), "bind_udp", 1025, a.text);
	next.layer = 1;
	DENY_NET(sendto(udp, "x", 1, 0, &a.any, a.len), "connect_send_udp",
		 1025, a.text);
	TRY(bind(tcp, &a.any, a.len), 0);

	tcp = new_socket(&b, SOCK_STREAM);
	udp = new_socket(&b, SOCK_DGRAM);
	next.layer = 2;
	DENY_NET(connect(tcp, &b.any, b.len), "connect_tcp", 1026, b.text);
	next.layer = 2;
	DENY_NET(bind(udp, &b.any, b.len), "bind_udp", 1026, b.text);
	TRY(bind(tcp, &b.any, b.len), 0);
}

static void net_sixteen_layers(void)
{
	const struct addr a = make_addr("::1", 1024);
	const int tcp = new_socket(&a, SOCK_STREAM);

	for (int i = 1; i <= MAX_LAYERS; i++) {
		const int ruleset =
			RULESET(.handled_access_net =
					LANDLOCK_ACCESS_NET_BIND_TCP);

		/* Layer i denies port i and port 1024. */
		for (int port = 1; port <= MAX_LAYERS; port++)
			if (port != i)
				add_port(ruleset, port,
					 LANDLOCK_ACCESS_NET_BIND_TCP, 0);
		enforce(ruleset, 0);
	}
	for (int i = 1; i <= MAX_LAYERS; i++) {
		const struct addr b = make_addr("::1", i);

		next.layer = i;
		DENY_NET(bind(tcp, &b.any, b.len), "bind_tcp", i, "::1");
	}
	DENY_NET(bind(tcp, &a.any, a.len), "bind_tcp", 1024, "::1");
}

static void net_quiet(void)
{
	const struct addr a = make_addr("127.0.0.1", 1025);
	const struct addr b = make_addr("127.0.0.1", 1027);
	const int ruleset =
		RULESET(.handled_access_net = ALL_NET,
			.quiet_access_net =
				LANDLOCK_ACCESS_NET_BIND_TCP |
				LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP);
	const int tcp = new_socket(&a, SOCK_STREAM);
	const int udp = new_socket(&a, SOCK_DGRAM);

	add_port(ruleset, 1025, 0, LANDLOCK_ADD_RULE_QUIET);
	enforce(ruleset, 0);
	next.quiet = true;
	DENY_NET(bind(tcp, &a.any, a.len), "bind_tcp", 1025, a.text);
	DENY_NET(connect(tcp, &a.any, a.len), "connect_tcp", 1025, a.text);
	DENY_NET(bind(udp, &a.any, a.len), "bind_udp", 1025, a.text);
	next.quiet = true;
	DENY_NET(connect(udp, &a.any, a.len), "connect_send_udp", 1025, a.text);
	DENY_NET(bind(tcp, &b.any, b.len), "bind_tcp", 1027, b.text);
	DENY_NET(connect(udp, &b.any, b.len), "connect_send_udp", 1027, b.text);
	enforce(RULESET(.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP), 0);
	DENY_NET(bind(tcp, &a.any, a.len), "bind_tcp", 1025, a.text);
	next.quiet = true;
	next.layer = 1;
	DENY_NET(connect(udp, &a.any, a.len), "connect_send_udp", 1025, a.text);
}

/* --- Scenarios: ptrace --- */

static int read_memory(const pid_t pid)
{
	char byte;
	struct iovec local = { &byte, 1 }, remote = { &byte, 1 };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

static int open_proc(const pid_t pid, const char *const name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Fails if /proc/PID/stat tells what only a tracer may know (startcode). */
static int read_stat(const pid_t pid)
{
	const int fd = must(open_proc(pid, "stat"));
	char text[4096];
	unsigned long start = 0;
	ssize_t len;

	len = must(read(fd, text, sizeof(text) - 1));
	text[len] = '\0';
	close(fd);
	sscanf(strrchr(text, ')') + 1,
	       " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu",
	       &start);
	errno = EBADMSG;
	/* The kernel prints 1 if there is something, 0 if it is not told. */
	return start > 1 ? -1 : 0;
}

static void deny_all_ptrace(const struct victim *const victim)
{
	const pid_t pid = victim->pid;
	const int pidfd = must(syscall(SYS_pidfd_open, pid, 0));

	DENY_PTRACE(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM, victim);
	DENY_PTRACE(ptrace(PTRACE_SEIZE, pid, 0, 0), EPERM, victim);
	DENY_PTRACE(read_memory(pid), EPERM, victim);
	DENY_PTRACE(open_proc(pid, "mem"), EACCES, victim);
	/* CAP_PERFMON overrules this one, after it was denied and logged. */
	DENY_PTRACE(open_proc(pid, "environ"), 0, victim);
	DENY_PTRACE(syscall(SYS_pidfd_getfd, pidfd, 1, 0), EPERM, victim);
	/* PTRACE_MODE_NOAUDIT: neither logged, counted nor traced. */
	TRY(read_stat(pid), 0);
	close(pidfd);
}

static void ptrace_exec_after(void)
{
	const struct victim victim = { .pid = shared->value, .comm = "plain" };

	DENY_PTRACE(ptrace(PTRACE_SEIZE, victim.pid, 0, 0), EPERM, &victim);
	TRY(read_stat(victim.pid), 0);
	enforce(RULESET(.scoped = SCOPE_UNIX), 0);
	DENY_PTRACE(ptrace(PTRACE_SEIZE, victim.pid, 0, 0), EPERM, &victim);
}

static void ptrace_others(void)
{
	const struct victim plain = spawn("plain", NULL);
	const struct victim hostile = spawn(HOSTILE_COMM, NULL);
	const struct victim nameless = spawn("", NULL);
	const struct victim sandboxed = spawn("in a domain", enforce_own);
	struct victim inside;
	int status;
	pid_t child;

	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SYM), 0);
	deny_all_ptrace(&plain);
	deny_all_ptrace(&hostile);
	deny_all_ptrace(&nameless);
	deny_all_ptrace(&sandboxed);

	/* A process of the same domain or of one below may be traced. */
	inside = spawn("inside", enforce_own);
	TRY(read_memory(inside.pid) < 0 && errno != EFAULT ? -1 : 0, 0);
	/* Until there is one more. */
	enforce(RULESET(.handled_access_net = ALL_NET), 0);
	deny_all_ptrace(&inside);

	shared->value = plain.pid;
	child = must(fork());
	if (!child)
		exec_self("ptrace_exec_after");
	must(waitpid(child, &status, 0));
}

#define THREAD_COMM "thr ead\\"

static void *wait_in_thread(void *const arg)
{
	const int *const end = arg;

	must(prctl(PR_SET_NAME, THREAD_COMM));
	shared->value = gettid();
	pthread_barrier_wait(&barrier);
	wait_hangup(*end);
	return NULL;
}

static int thread_end[2];

static void start_thread(void)
{
	static pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	/* Nothing is ever written there: it waits as its leader does. */
	must(pthread_create(&thread, NULL, wait_in_thread, &thread_end[0]) ?
		     -1 :
		     0);
	pthread_barrier_wait(&barrier);
}

/* The PID is that of the process, the name that of the thread. */
static void ptrace_thread(void)
{
	struct victim victim;
	pid_t tid;

	must(pipe2(thread_end, O_CLOEXEC));
	victim = spawn("leader", start_thread);
	tid = shared->value;
	victim.domain = 0;
	strcpy(victim.comm, THREAD_COMM);
	enforce(RULESET(.scoped = SCOPE_UNIX), 0);
	DENY_PTRACE(ptrace(PTRACE_SEIZE, tid, 0, 0), EPERM, &victim);
	strcpy(victim.comm, "leader");
	DENY_PTRACE(ptrace(PTRACE_SEIZE, victim.pid, 0, 0), EPERM, &victim);
}

static void wait_byte(const int fd)
{
	char byte;

	must(read(fd, &byte, 1) == 1 ? 0 : -1);
}

/* No newline: this task emits the event, and its name starts the line. */
#define TRACEME_COMM "tr=acee \"'\\"

/* The subject is the parent, the task is the child. */
static void traceme_child(const int go, const int ready, const bool sandboxed)
{
	struct subject tracer;
	int domain = 0;

	must(prctl(PR_SET_NAME, TRACEME_COMM));
	if (sandboxed) {
		enforce(RULESET(.scoped = SCOPE_UNIX), 0);
		domain = self.layers[0].domain;
	}
	must(write(ready, "x", 1));
	wait_byte(go);
	tracer = shared->subject;
	next.subject = &tracer;
	want_ptrace(getppid(), domain, getpid(), TRACEME_COMM);
	TRY(ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM);
	_exit(0);
}

/* Returns what to write to for the child to go on, also after execve(2). */
static int fork_traceme(const bool sandboxed)
{
	int go[2], ready[2];

	must(pipe(go));
	must(pipe(ready));
	if (!must(fork()))
		traceme_child(go[0], ready[1], sandboxed);
	wait_byte(ready[0]);
	return go[1];
}

static void go_and_wait(const int go)
{
	shared->subject = self;
	must(write(go, "x", 1));
	must(wait(NULL));
}

static void ptrace_traceme(void)
{
	const int go[] = {
		fork_traceme(false),
		fork_traceme(true),
		fork_traceme(false),
		fork_traceme(false),
	};

	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SYM), 0);
	go_and_wait(go[0]);
	go_and_wait(go[1]);
	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SYM),
		SAME_EXEC_OFF | NEW_EXEC_ON);
	go_and_wait(go[2]);
	shared->value = go[3];
	exec_self("ptrace_traceme_after");
}

static void ptrace_traceme_after(void)
{
	go_and_wait(shared->value);
}

/* --- Scenarios: signals --- */

static int queue_signal(const pid_t pid, const int signal)
{
	return sigqueue(pid, signal, (union sigval){ 0 });
}

static int pidfd_signal(const pid_t pid, const int signal)
{
	const int pidfd = must(syscall(SYS_pidfd_open, pid, 0));
	const int ret = syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
	const int error = errno;

	close(pidfd);
	errno = error;
	return ret;
}

static void deny_all_signals(const struct victim *const victim)
{
	const pid_t pid = victim->pid;

	DENY_SIGNAL(kill(pid, 0), EPERM, victim, 0);
	DENY_SIGNAL(kill(pid, SIGUSR1), EPERM, victim, SIGUSR1);
	DENY_SIGNAL(kill(pid, SIGKILL), EPERM, victim, SIGKILL);
	DENY_SIGNAL(kill(pid, SIGRTMIN + 3), EPERM, victim, SIGRTMIN + 3);
	DENY_SIGNAL(syscall(SYS_tgkill, pid, pid, SIGTERM), EPERM, victim,
		    SIGTERM);
	DENY_SIGNAL(syscall(SYS_tkill, pid, SIGHUP), EPERM, victim, SIGHUP);
	DENY_SIGNAL(queue_signal(pid, SIGUSR2), EPERM, victim, SIGUSR2);
	DENY_SIGNAL(queue_signal(pid, 64), EPERM, victim, 64);
	DENY_SIGNAL(pidfd_signal(pid, SIGUSR1), EPERM, victim, SIGUSR1);
	DENY_SIGNAL(pidfd_signal(pid, 0), EPERM, victim, 0);
}

static void own_group(void)
{
	must(setpgid(0, 0));
}

static void signal_senders(void)
{
	const struct victim plain = spawn("plain", NULL);
	const struct victim hostile = spawn(HOSTILE_COMM, NULL);
	const struct victim sandboxed = spawn("in a domain", enforce_own);
	const struct victim group = spawn("group", own_group);
	struct victim inside;

	enforce(RULESET(.scoped = SCOPE_SIGNAL), 0);
	deny_all_signals(&plain);
	deny_all_signals(&hostile);
	deny_all_signals(&sandboxed);
	DENY_SIGNAL(kill(-group.pid, SIGTERM), EPERM, &group, SIGTERM);
	TRY(kill(getpid(), 0), 0);
	inside = spawn("inside", enforce_own);
	TRY(kill(inside.pid, 0), 0);

	/* Layers that do not scope signals are not asked. */
	enforce(RULESET(.scoped = SCOPE_UNIX), 0);
	next.layer = 1;
	DENY_SIGNAL(kill(plain.pid, 0), EPERM, &plain, 0);
	enforce(RULESET(.handled_access_fs = WRITE_FILE), 0);
	next.layer = 1;
	DENY_SIGNAL(kill(sandboxed.pid, SIGTERM), EPERM, &sandboxed, SIGTERM);
	enforce(RULESET(.scoped = SCOPE_SIGNAL), 0);
	DENY_SIGNAL(kill(plain.pid, 0), EPERM, &plain, 0);
	DENY_SIGNAL(kill(inside.pid, 0), EPERM, &inside, 0);
}

/* An empty pipe tells its owner with each write. */
struct owned {
	int read, write;
};

static struct owned make_owned(void)
{
	struct owned owned;
	int pipes[2];

	must(pipe2(pipes, O_NONBLOCK | O_CLOEXEC));
	owned.read = pipes[0];
	owned.write = pipes[1];
	return owned;
}

static void set_owner(const struct owned *const owned, const pid_t owner)
{
	must(fcntl(owned->read, F_SETOWN, owner));
	must(fcntl(owned->read, F_SETFL, O_ASYNC | O_NONBLOCK));
}

/* The end of a pipe would also tell its owner. */
static void stop_owned(const struct owned *const owned)
{
	must(fcntl(owned->read, F_SETFL, O_NONBLOCK));
}

static int write_owned(const struct owned *const owned)
{
	char byte;

	must(write(owned->write, "x", 1));
	must(read(owned->read, &byte, 1));
	return 0;
}

static void signal_thread(void)
{
	const struct owned owned = make_owned();
	struct victim victim;
	pid_t tid;

	must(pipe2(thread_end, O_CLOEXEC));
	victim = spawn("leader", start_thread);
	tid = shared->value;
	victim.domain = 0;
	enforce(RULESET(.scoped = SCOPE_SIGNAL), 0);
	DENY_SIGNAL(kill(victim.pid, 0), EPERM, &victim, 0);
	strcpy(victim.comm, THREAD_COMM);
	DENY_SIGNAL(syscall(SYS_tgkill, victim.pid, tid, SIGTERM), EPERM,
		    &victim, SIGTERM);
	/* The owner of a file may be a thread, too. */
	must(fcntl(owned.read, F_SETOWN_EX,
		   &(struct f_owner_ex){ F_OWNER_TID, tid }));
	must(fcntl(owned.read, F_SETFL, O_ASYNC | O_NONBLOCK));
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGIO);
	stop_owned(&owned);
}

static void signal_layers(void)
{
	const struct victim victim = spawn("plain", NULL);

	for (int i = 1; i <= MAX_LAYERS; i++) {
		enforce(RULESET(.scoped = i % 3 ? SCOPE_UNIX : SCOPE_SIGNAL),
			0);
		next.layer = i / 3 * 3;
		if (next.layer)
			DENY_SIGNAL(kill(victim.pid, SIGINT), EPERM, &victim,
				    SIGINT);
		else
			TRY(kill(victim.pid, 0), 0);
	}
}

/* The signals of files, to an owner whom the domain may not send any. */
static void signal_owner(void)
{
	const struct victim victim = spawn("own er=", NULL);
	const struct victim sandboxed = spawn("in a domain", enforce_own);
	const struct victim group = spawn("group", own_group);
	const struct owned owned = make_owned();
	struct subject setter;
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	enforce(RULESET(.scoped = SCOPE_SIGNAL), 0);
	set_owner(&owned, victim.pid);
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGIO);
	must(fcntl(owned.read, F_SETSIG, SIGUSR1));
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGUSR1);
	must(fcntl(owned.read, F_SETSIG, SIGRTMIN + 5));
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGRTMIN + 5);
	must(fcntl(owned.read, F_SETSIG, SIGIO));
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGIO);
	must(fcntl(owned.read, F_SETSIG, 0));
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGIO);
	set_owner(&owned, sandboxed.pid);
	DENY_SIGNAL(write_owned(&owned), 0, &sandboxed, SIGIO);
	set_owner(&owned, -group.pid);
	DENY_SIGNAL(write_owned(&owned), 0, &group, SIGIO);

	must(fcntl(pair[0], F_SETOWN, victim.pid));
	DENY_SIGNAL(send(pair[1], "x", 1, MSG_OOB), 0, &victim, SIGURG);
	/* F_SETSIG is not for SIGURG. */
	must(fcntl(pair[0], F_SETSIG, SIGUSR2));
	DENY_SIGNAL(send(pair[1], "x", 1, MSG_OOB), 0, &victim, SIGURG);

	/* As of F_SETOWN, not as of now. */
	set_owner(&owned, victim.pid);
	setter = self;
	enforce(RULESET(.scoped = SCOPE_SIGNAL), 0);
	next.subject = &setter;
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGIO);
	set_owner(&owned, victim.pid);
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGIO);
	/* Only the layer that scopes signals, as of F_SETOWN too. */
	enforce(RULESET(.scoped = SCOPE_UNIX), 0);
	set_owner(&owned, victim.pid);
	next.layer = 2;
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGIO);
	stop_owned(&owned);
}

/* Who writes is not sandboxed: the line has its PID but another's domain. */
static void signal_owner_by_other(void)
{
	const struct victim victim = spawn("owner", NULL);
	const struct owned owned = make_owned();
	struct subject setter;
	pid_t child;

	child = must(fork());
	if (!child) {
		enforce(RULESET(.scoped = SCOPE_SIGNAL), NEW_EXEC_ON);
		set_owner(&owned, victim.pid);
		shared->subject = self;
		_exit(0);
	}
	must(waitpid(child, NULL, 0));
	setter = shared->subject;
	next.subject = &setter;
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGIO);
	enforce(RULESET(.scoped = SCOPE_SIGNAL), 0);
	next.subject = &setter;
	DENY_SIGNAL(write_owned(&owned), 0, &victim, SIGIO);
	TRY(fcntl(owned.read, F_SETOWN, getpid()), 0);
	must(fcntl(owned.read, F_SETSIG, SIGURG));
	TRY(write_owned(&owned), 0);
}

static struct owned exec_owned = { 201, 202 };

static void signal_owner_exec(void)
{
	const struct victim victim = spawn("owner", NULL);
	const struct owned owned = make_owned();

	must(dup2(owned.read, exec_owned.read));
	must(dup2(owned.write, exec_owned.write));
	shared->value = victim.pid;
	/* The end of the victim must not come with the new program. */
	if (must(fork())) {
		must(wait(NULL));
		_exit(0);
	}
	enforce(RULESET(.scoped = SCOPE_SIGNAL), NEW_EXEC_ON);
	set_owner(&exec_owned, victim.pid);
	DENY_SIGNAL(write_owned(&exec_owned), 0, &victim, SIGIO);
	exec_self("signal_owner_exec_after");
}

static void signal_owner_exec_after(void)
{
	const struct victim victim = { .pid = shared->value, .comm = "owner" };
	struct subject setter = self;

	setter.layers[0].same_exec = true;
	next.subject = &setter;
	DENY_SIGNAL(write_owned(&exec_owned), 0, &victim, SIGIO);
	DENY_SIGNAL(kill(victim.pid, 0), EPERM, &victim, 0);
	set_owner(&exec_owned, victim.pid);
	DENY_SIGNAL(write_owned(&exec_owned), 0, &victim, SIGIO);
	stop_owned(&exec_owned);
}

/* --- Scenarios: abstract UNIX sockets --- */

static socklen_t make_abstract(struct sockaddr_un *const un,
			       const char *const name, const size_t len)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path + 1, name, len);
	return offsetof(struct sockaddr_un, sun_path) + 1 + len;
}

/* Denies a socket of that name and type, which @domain made and @pid serves. */
static void deny_unix(const int type, const char *const name, const size_t len,
		      const int domain, const pid_t pid)
{
	struct sockaddr_un un;
	const socklen_t size = make_abstract(&un, name, len);
	const struct sockaddr *const addr = (void *)&un;
	const int fd = must(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
	const int layer = next.layer;
	const bool quiet = next.quiet;

	want_unix(domain, pid, name, len);
	TRY(connect(fd, addr, size), EPERM);
	if (type == SOCK_DGRAM) {
		next.layer = layer;
		next.quiet = quiet;
		want_unix(domain, pid, name, len);
		TRY(sendto(fd, "x", 1, 0, addr, size), EPERM);
	}
	close(fd);
}

static const struct {
	const char *text;
	size_t len;
} unix_names[] = {
	{ "stream", 6 },
	{ "", 0 },
	{ "x", 1 },
	{ "\0", 1 },
	{ "\0\0a\0 b\0=\0", 9 },
	{ "a\0b\nc\\d\"'", 9 },
	{ "\xc3\xa9\xff", 3 },
};

#define NUM_NAMES (sizeof(unix_names) / sizeof(unix_names[0]))

/* Full names: all byte values in three of them. */
#define FULL_NAME 107

static const char *full_name(const int n)
{
	static char name[FULL_NAME];

	for (int i = 0; i < FULL_NAME; i++)
		name[i] = (n == 2 ? 149 : n * FULL_NAME) + i;
	return name;
}

static void bind_names(const int type)
{
	struct sockaddr_un un;

	for (size_t i = 0; i < NUM_NAMES; i++) {
		const socklen_t len = make_abstract(&un, unix_names[i].text,
						    unix_names[i].len);

		bind_unix(type, &un, len);
	}
	for (int i = 0; i < 3; i++) {
		const socklen_t len =
			make_abstract(&un, full_name(i), FULL_NAME);

		bind_unix(type, &un, len);
	}
}

static void deny_names(const int type, const pid_t pid)
{
	for (size_t i = 0; i < NUM_NAMES; i++)
		deny_unix(type, unix_names[i].text, unix_names[i].len, 0, pid);
	for (int i = 0; i < 3; i++)
		deny_unix(type, full_name(i), FULL_NAME, 0, pid);
}

static void unix_stream(void)
{
	bind_names(SOCK_STREAM);
	enforce(RULESET(.scoped = SCOPE_UNIX), 0);
	deny_names(SOCK_STREAM, getpid());
}

static void unix_seqpacket(void)
{
	bind_names(SOCK_SEQPACKET);
	enforce(RULESET(.scoped = SCOPE_UNIX), 0);
	deny_names(SOCK_SEQPACKET, getpid());
}

/* Nobody listens: there is no PID. */
static void unix_dgram(void)
{
	bind_names(SOCK_DGRAM);
	enforce(RULESET(.scoped = SCOPE_UNIX), 0);
	deny_names(SOCK_DGRAM, 0);
}

static int passed_socket;

static void serve_passed(void)
{
	must(listen(passed_socket, 5));
}

static void serve_passed_own(void)
{
	enforce_own();
	must(listen(passed_socket, 5));
}

static void serve_both(void)
{
	struct sockaddr_un un;

	enforce_own();
	bind_unix(SOCK_STREAM, &un, make_abstract(&un, "sandboxed", 9));
	bind_unix(SOCK_DGRAM, &un, make_abstract(&un, "dgram", 5));
}

static void bind_passed(const char *const name)
{
	struct sockaddr_un un;
	const socklen_t len = make_abstract(&un, name, strlen(name));

	passed_socket = must(socket(AF_UNIX, SOCK_STREAM, 0));
	must(bind(passed_socket, (const struct sockaddr *)&un, len));
}

/* The domain is that of who made the socket, the PID that of who listens. */
static void unix_peers(void)
{
	struct victim both, other, other_own, inside;

	both = spawn("both", serve_both);
	bind_passed("passed");
	other = spawn("other", serve_passed);
	bind_passed("passed own");
	other_own = spawn("other own", serve_passed_own);

	enforce(RULESET(.scoped = SCOPE_UNIX), 0);
	deny_unix(SOCK_STREAM, "sandboxed", 9, both.domain, both.pid);
	deny_unix(SOCK_DGRAM, "dgram", 5, both.domain, 0);
	deny_unix(SOCK_STREAM, "passed", 6, 0, other.pid);
	deny_unix(SOCK_STREAM, "passed own", 10, 0, other_own.pid);

	/* Made by the first domain, served in the second, denied in the third. */
	bind_passed("nested");
	inside = spawn("inside", serve_passed_own);
	enforce(RULESET(.scoped = SCOPE_UNIX | SCOPE_SIGNAL), 0);
	deny_unix(SOCK_STREAM, "nested", 6, self.layers[0].domain, inside.pid);
	enforce(RULESET(.scoped = SCOPE_SIGNAL), 0);
	next.layer = 2;
	deny_unix(SOCK_STREAM, "nested", 6, self.layers[0].domain, inside.pid);
	next.layer = 2;
	deny_unix(SOCK_DGRAM, "dgram", 5, both.domain, 0);
}

/* What is within the domain, or was connected before, is allowed. */
static void unix_allowed(void)
{
	struct sockaddr_un un;
	const struct sockaddr *const addr = (void *)&un;
	const int before = must(socket(AF_UNIX, SOCK_DGRAM, 0));
	const int after = must(socket(AF_UNIX, SOCK_DGRAM, 0));
	socklen_t len = make_abstract(&un, "before", 6);

	bind_unix(SOCK_DGRAM, &un, len);
	must(connect(before, addr, len));
	enforce(RULESET(.scoped = SCOPE_UNIX), 0);
	TRY(send(before, "x", 1, 0), 0);
	TRY(sendto(before, "x", 1, 0, addr, len), 0);
	want_unix(0, 0, "before", 6);
	TRY(sendto(after, "x", 1, 0, addr, len), EPERM);
	len = make_abstract(&un, "inside", 6);
	bind_unix(SOCK_DGRAM, &un, len);
	TRY(sendto(after, "x", 1, 0, addr, len), 0);
}

static void scope_quiet(void)
{
	const struct victim victim = spawn("plain", NULL);
	struct sockaddr_un un;

	bind_unix(SOCK_DGRAM, &un, make_abstract(&un, "dgram", 5));
	bind_unix(SOCK_STREAM, &un, make_abstract(&un, "stream", 6));
	enforce(RULESET(.scoped = SCOPE_UNIX | SCOPE_SIGNAL,
			.quiet_scoped = SCOPE_SIGNAL),
		0);
	next.quiet = true;
	DENY_SIGNAL(kill(victim.pid, SIGTERM), EPERM, &victim, SIGTERM);
	deny_unix(SOCK_DGRAM, "dgram", 5, 0, 0);
	/* Ptrace is never quiet. */
	DENY_PTRACE(ptrace(PTRACE_SEIZE, victim.pid, 0, 0), EPERM, &victim);
	enforce(RULESET(.scoped = SCOPE_UNIX | SCOPE_SIGNAL,
			.quiet_scoped = SCOPE_UNIX),
		0);
	DENY_SIGNAL(kill(victim.pid, SIGTERM), EPERM, &victim, SIGTERM);
	next.quiet = true;
	deny_unix(SOCK_DGRAM, "dgram", 5, 0, 0);
	next.quiet = true;
	deny_unix(SOCK_STREAM, "stream", 6, 0, getpid());
	enforce(RULESET(.scoped = SCOPE_UNIX | SCOPE_SIGNAL,
			.quiet_scoped = SCOPE_UNIX | SCOPE_SIGNAL),
		0);
	next.quiet = true;
	DENY_SIGNAL(kill(victim.pid, 0), EPERM, &victim, 0);
	next.quiet = true;
	deny_unix(SOCK_STREAM, "stream", 6, 0, getpid());
	enforce(RULESET(.scoped = SCOPE_UNIX | SCOPE_SIGNAL), 0);
	DENY_SIGNAL(kill(victim.pid, 0), EPERM, &victim, 0);
	deny_unix(SOCK_STREAM, "stream", 6, 0, getpid());
}

/* The PID in the initial namespace, of which /proc still is. */
static pid_t initial_pid(void)
{
	char text[16] = {};

	must(readlink("/proc/self", text, sizeof(text) - 1));
	return atoi(text);
}

static void tell_initial_pid(void)
{
	shared->value = initial_pid();
}

/* PIDs are those of the initial namespace, whoever is in another one. */
static void deny_in_namespace(void)
{
	const struct victim inside = spawn("inside", tell_initial_pid);
	const struct victim initial = { .pid = shared->value,
					.comm = "inside" };
	const pid_t own_pid = initial_pid();
	struct sockaddr_un un;
	const socklen_t len = make_abstract(&un, "inside", 6);
	const int fd = must(socket(AF_UNIX, SOCK_STREAM, 0));

	must(inside.pid == initial.pid || own_pid == getpid() ? -1 : 0);
	bind_unix(SOCK_STREAM, &un, len);
	enforce(RULESET(.scoped = SCOPE_SIGNAL | SCOPE_UNIX), 0);
	next.pid = own_pid;
	DENY_SIGNAL(kill(inside.pid, SIGTERM), EPERM, &initial, SIGTERM);
	next.pid = own_pid;
	DENY_PTRACE(ptrace(PTRACE_SEIZE, inside.pid, 0, 0), EPERM, &initial);
	next.pid = own_pid;
	want_unix(0, own_pid, "inside", 6);
	TRY(connect(fd, (const struct sockaddr *)&un, len), EPERM);
}

static void pid_namespace(void)
{
	must(unshare(CLONE_NEWPID));
	if (!must(fork())) {
		deny_in_namespace();
		_exit(0);
	}
	must(wait(NULL));
}

/* --- Filters, formats and single events --- */

/* What the filter of each event is tried on: one denial of each kind. */
#define FILTER_COMM "vic tim"
#define FILTER_NAME "na me"
#define FILTER_PATH "a b=c/file"

static void deny_each(const pid_t victim, const int tcp, const int stream)
{
	const struct addr addr = make_addr("127.0.0.1", 1025);
	struct sockaddr_un un;
	const socklen_t len =
		make_abstract(&un, FILTER_NAME, strlen(FILTER_NAME));

	open(FILTER_PATH, O_RDWR);
	connect(tcp, &addr.any, addr.len);
	ptrace(PTRACE_SEIZE, victim, 0, 0);
	kill(victim, SIGUSR1);
	connect(stream, (const struct sockaddr *)&un, len);
}

struct denier {
	pid_t pid;
	int go, done;
};

/* A sandboxed process that does deny_each() for each byte it gets. */
static void run_denier(const int go, const int done)
{
	const struct victim victim = spawn(FILTER_COMM, enforce_own);
	const struct addr addr = make_addr("127.0.0.1", 1025);
	const int tcp = new_socket(&addr, SOCK_STREAM);
	const int stream = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	struct sockaddr_un un;
	const socklen_t len =
		make_abstract(&un, FILTER_NAME, strlen(FILTER_NAME));
	char byte;

	bind_unix(SOCK_STREAM, &un, len);
	must(mkdir("a b=c", 0755));
	make_file(FILTER_PATH, 0644);
	enforce(RULESET(.handled_access_fs = READ_DIR), 0);
	enforce(RULESET(.handled_access_fs = READ_FILE,
			.handled_access_net = ALL_NET,
			.scoped = SCOPE_UNIX | SCOPE_SIGNAL),
		SAME_EXEC_OFF | NEW_EXEC_ON);
	do {
		deny_each(victim.pid, tcp, stream);
		must(write(done, "x", 1));
	} while (read(go, &byte, 1) == 1);
	_exit(0);
}

static struct denier start_denier(void)
{
	struct denier denier;
	int go[2], done[2];

	begin_run();
	must(pipe2(go, O_CLOEXEC));
	must(pipe2(done, O_CLOEXEC));
	denier.pid = must(fork());
	if (!denier.pid) {
		close(go[1]);
		run_denier(go[0], done[1]);
	}
	close(go[0]);
	close(done[1]);
	denier.go = go[1];
	denier.done = done[0];
	wait_byte(denier.done);
	return denier;
}

static void deny_again(const struct denier *const denier)
{
	trace_clear();
	must(write(denier->go, "x", 1));
	wait_byte(denier->done);
	trace_read();
}

static void stop_denier(const struct denier *const denier)
{
	close(denier->go);
	must(waitpid(denier->pid, NULL, 0));
	close(denier->done);
	end_run();
}

/* Whether the kernel takes that filter; "0" removes it. */
static bool set_filter(const char *const event, const char *const filter)
{
	const int fd = must(
		open(event ? trace_file("events/landlock/landlock_%s/filter",
					event) :
			     trace_file("events/landlock/filter"),
		     O_WRONLY | O_CLOEXEC));
	const bool ok = write(fd, filter, strlen(filter)) > 0;

	close(fd);
	return ok;
}

/* The event passes the filter, and the others are not concerned. */
static void check_filter(const struct denier *const denier,
			 const char *const event, const char *const filter,
			 const bool passes)
{
	const bool ok = set_filter(event, filter);

	deny_again(denier);
	check(ok && count_events(event) == passes &&
		      count_denials() == NUM_DENY - 1 + passes,
	      "filter: %s: %s: %s", event, filter, passes ? "yes" : "no");
	set_filter(event, "0");
}

/* Each printed key, what it prints here (or NULL: anything), its number. */
struct field {
	const char *key, *printed, *filter;
};

static const struct field fs_fields[] = {
	{ "blockers", "read_file", "0x4" },
	{ "access_request", "write_file|read_file", "6" },
	{ "ino", NULL, NULL },
	{ "path", ROOT "/a\\040b\\075c/file", "\"" ROOT "/a b=c/file\"" },
	{}
};

static const struct field net_fields[] = {
	{ "blockers", "connect_tcp", "2" },
	{ "access_request", "connect_tcp", "0x2" },
	{ "port", "1025", "1025" },
	{ "addr", "127.0.0.1", "\"127.0.0.1\"" },
	{}
};

static const struct field ptrace_fields[] = { { "tracee_domain", NULL, NULL },
					      { "tracee_pid", NULL, NULL },
					      { "tracee_comm", "vic\\040tim",
						"\"vic tim\"" },
					      {} };

static const struct field signal_fields[] = { { "target_domain", NULL, NULL },
					      { "target_pid", NULL, NULL },
					      { "signal", "10", "10" },
					      { "target_comm", "vic\\040tim",
						"\"vic tim\"" },
					      {} };

static const struct field unix_fields[] = { { "peer_domain", "0", "0" },
					    { "peer_pid", NULL, NULL },
					    { "sun_path", "na\\040me",
					      "\"na me\"" },
					    {} };

static const struct field common_fields[] = {
	{ "domain", NULL, NULL },	  { "same_exec", "1", "1" },
	{ "logged", "0", "0" },		  { "layer", "2", "2" },
	{ "subject_domain", NULL, NULL }, {}
};

static const struct field *const event_fields[NUM_DENY] = {
	fs_fields, net_fields, ptrace_fields, signal_fields, unix_fields,
};

/* A filter on what is printed passes, its contrary does not. */
static void check_fields(const struct denier *const denier,
			 const char *const event,
			 const struct field *const fields)
{
	for (const struct field *f = fields; f->key; f++) {
		char number[64], filter[512];
		const char *printed;

		deny_again(denier);
		printed = value(find_event(event, 0), f->key);
		check(printed && (!f->printed || !strcmp(printed, f->printed)),
		      "filter: %s prints %s=%s", event, f->key,
		      printed ?: "nothing");
		/* IDs are the only ones in hexadecimal. */
		snprintf(number, sizeof(number), "%s%s",
			 strstr(f->key, "domain") ? "0x" : "", printed ?: "?");
		snprintf(filter, sizeof(filter), "%s == %s", f->key,
			 f->filter ?: number);
		check_filter(denier, event, filter, true);
		snprintf(filter, sizeof(filter), "%s != %s", f->key,
			 f->filter ?: number);
		check_filter(denier, event, filter, false);
	}
}

static void check_more_filters(const struct denier *const denier)
{
	static const struct {
		const char *event, *filter;
		bool passes;
	} filters[] = {
		{ "deny_access_fs", "blockers & 0x4", true },
		{ "deny_access_fs", "blockers & 0x2", false },
		{ "deny_access_fs", "access_request & 0x2", true },
		{ "deny_access_fs", "path ~ \"*/file\"", true },
		{ "deny_access_fs", "path ~ \"/tmp/*\"", false },
		{ "deny_access_fs", "path == \"a\\040b\"", false },
		{ "deny_access_fs", "layer > 1 && logged == 0", true },
		{ "deny_access_net", "port > 1024", true },
		{ "deny_access_net", "port < 0", false },
		{ "deny_access_net", "port == 1025 && addr == \"127.0.0.1\"",
		  true },
		/* Its end is the one of a field that is padded with NULs. */
		{ "deny_access_net", "addr ~ \"*.0.0.1\"", false },
		{ "deny_access_net", "addr ~ \"*.0.0.1*\"", true },
		/* Tracing takes a pattern that starts with a digit for a number. */
		{ "deny_access_net", "addr ~ \"[1]27.*\"", true },
		{ "deny_access_net", "addr == \"127.0.0.10\"", false },
		{ "deny_ptrace", "tracee_comm ~ \"vic*\"", true },
		{ "deny_ptrace", "tracee_comm == \"vic\"", false },
		{ "deny_scope_signal", "signal == 0", false },
		{ "deny_scope_abstract_unix_socket", "sun_path ~ \"*me\"",
		  true },
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		check_filter(denier, filters[i].event, filters[i].filter,
			     filters[i].passes);
}

/* dev is printed as MAJOR:MINOR and filters as the kernel's dev_t. */
static void check_dev_filter(const struct denier *const denier)
{
	char filter[64];
	struct stat object;
	unsigned long dev;

	must(stat(FILTER_PATH, &object));
	dev = (unsigned long)major(object.st_dev) << 20 | minor(object.st_dev);
	snprintf(filter, sizeof(filter), "dev == %lu", dev);
	check_filter(denier, "deny_access_fs", filter, true);
	snprintf(filter, sizeof(filter), "dev == %lu", dev + 1);
	check_filter(denier, "deny_access_fs", filter, false);
}

/* One filter for the whole subsystem. */
static void check_common_filter(const struct denier *const denier)
{
	char filter[128];

	deny_again(denier);
	snprintf(filter, sizeof(filter), "domain == 0x%s && logged == 0",
		 value(find_denial(0), "domain"));
	check(set_filter(NULL, filter), "filter: all events take %s", filter);
	deny_again(denier);
	check(count_denials() == NUM_DENY, "filter: it passes all");
	check(set_filter(NULL, "logged == 1 && layer == 2"),
	      "filter: all events take another one");
	deny_again(denier);
	check(!count_denials(), "filter: it passes none");
	must(set_filter(NULL, "0") ? 0 : -1);
	deny_again(denier);
	check(count_denials() == NUM_DENY, "filter: removed");
}

/* Each key is a field, and each field a key. */
static void check_format(const char *const event)
{
	char *const format = read_file(
		trace_file("events/landlock/landlock_%s/format", event));
	char *rest = format, *line;
	int fields = 0, keys = 0;
	bool ok = true;

	while ((line = strsep(&rest, "\n"))) {
		char *const end = strchr(line, ';');
		char *name;

		if (!strstr(line, "field:") || !end)
			continue;
		*end = '\0';
		/* "char addr[46]" or "__data_loc char[] path" */
		name = strrchr(line, ' ') + 1;
		if (!strncmp(name, "common_", 7))
			continue;
		name[strcspn(name, "[")] = '\0';
		fields++;
		if (!value(find_event(event, 0), name)) {
			printf("# field %s is not printed\n", name);
			ok = false;
		}
	}
	if (find_event(event, 0))
		for (const char *c = find_event(event, 0)->fields; *c; c++)
			keys += *c == '=';
	check(ok && fields == keys, "format: %s: %d fields, %d keys", event,
	      fields, keys);
	free(format);
}

/* Each event can be the only one that is on, and the only one that is off. */
static void check_single(const struct denier *const denier)
{
	for (int i = 0; i < NUM_DENY; i++) {
		enable_denials(false);
		trace_enable(deny_events[i], true);
		deny_again(denier);
		check(num_events == 1 && count_events(deny_events[i]) == 1,
		      "single: %s is on", deny_events[i]);
		enable_denials(true);
		trace_enable(deny_events[i], false);
		deny_again(denier);
		check(num_events == NUM_DENY - 1 &&
			      !count_events(deny_events[i]),
		      "single: %s is off", deny_events[i]);
		trace_enable(deny_events[i], true);
	}
}

static void check_filters(void)
{
	struct denier denier;

	audit_set(AUDIT_STATUS_ENABLED, 1);
	enable_denials(true);
	denier = start_denier();
	deny_again(&denier);
	for (int i = 0; i < NUM_DENY; i++)
		check_format(deny_events[i]);
	for (int i = 0; i < NUM_DENY; i++) {
		check_fields(&denier, deny_events[i], common_fields);
		check_fields(&denier, deny_events[i], event_fields[i]);
	}
	check_dev_filter(&denier);
	check_more_filters(&denier);
	check_common_filter(&denier);
	check_single(&denier);
	stop_denier(&denier);
}

/* --- All of it --- */

#define NAMED(name)         \
	{                   \
#name, name \
	}

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	NAMED(fs_rights),
	NAMED(fs_refer),
	NAMED(fs_refer_one_side),
	NAMED(fs_refer_gain),
	NAMED(fs_request_part_open),
	NAMED(fs_request_part_rename),
	NAMED(fs_implied_refer),
	NAMED(fs_open_file),
	NAMED(fs_open_file_layers),
	NAMED(fs_open_file_passed),
	NAMED(fs_open_file_exec),
	NAMED(fs_resolve_unix),
	NAMED(fs_topology),
	NAMED(fs_names),
	NAMED(fs_long_paths),
	NAMED(fs_odd_paths),
	NAMED(fs_layers),
	NAMED(fs_blockers),
	NAMED(fs_quiet),
	NAMED(fs_quiet_rights),
	NAMED(fs_quiet_rename),
	NAMED(log_flags_none),
	NAMED(log_same_exec_off),
	NAMED(log_new_exec_on),
	NAMED(log_new_exec_only),
	NAMED(log_subdomains_off),
	NAMED(log_all_flags),
	NAMED(log_subdomain),
	NAMED(log_without_ruleset),
	NAMED(log_thread),
	NAMED(net_tcp),
	NAMED(net_udp),
	NAMED(net_odd_addresses),
	NAMED(net_checked_address),
	NAMED(net_autobind),
	NAMED(net_layers),
	NAMED(net_sixteen_layers),
	NAMED(net_quiet),
	NAMED(ptrace_others),
	NAMED(ptrace_thread),
	NAMED(ptrace_traceme),
	NAMED(signal_senders),
	NAMED(signal_thread),
	NAMED(signal_layers),
	NAMED(signal_owner),
	NAMED(signal_owner_by_other),
	NAMED(signal_owner_exec),
	NAMED(unix_stream),
	NAMED(unix_seqpacket),
	NAMED(unix_dgram),
	NAMED(unix_peers),
	NAMED(unix_allowed),
	NAMED(scope_quiet),
	NAMED(pid_namespace),
};

#define NUM_SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

/* How a scenario goes on after execve(2), cf. exec_self(). */
static const struct {
	const char *name;
	void (*run)(void);
} programs[] = {
	NAMED(fs_open_file_exec_after), NAMED(log_after),
	NAMED(ptrace_exec_after),	NAMED(ptrace_traceme_after),
	NAMED(signal_owner_exec_after),
};

/* These also run with audit off, which must not change what is said of it. */
static const char *const without_audit[] = {
	"fs_rights",	       "fs_quiet",
	"log_new_exec_only",   "log_subdomain",
	"log_without_ruleset", "net_quiet",
	"ptrace_traceme",      "signal_owner",
	"scope_quiet",
};

static int go_on(const char *const name)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	share();
	self = shared->subject;
	for (int i = 0; i < self.num_layers; i++)
		self.layers[i].same_exec = false;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (!strcmp(programs[i].name, name))
			programs[i].run();
	return 0;
}

static void open_events(void)
{
	trace_open();
	write_file(trace_file("events/landlock/enable"), "0");
	trace_enable("restrict_self", true);
	trace_enable("free_domain", true);
}

static void open_shared(void)
{
	const int fd = must(syscall(SYS_memfd_create, "shared", 0));

	must(ftruncate(fd, sizeof(*shared)));
	must(dup2(fd, SHARED_FD));
	close(fd);
	share();
}

int main(int argc, char *argv[])
{
	if (argc > 1)
		return go_on(argv[1]);
	open_events();
	signal(SIGIO, SIG_IGN);
	signal(SIGURG, SIG_IGN);
	umask(0);
	open_shared();
	audit_open();
	for (size_t i = 0; i < NUM_SCENARIOS; i++) {
		check_scenario(scenarios[i].name, scenarios[i].run, has_audit);
		for (size_t j = 0;
		     has_audit &&
		     j < sizeof(without_audit) / sizeof(without_audit[0]);
		     j++)
			if (!strcmp(scenarios[i].name, without_audit[j]))
				check_scenario(scenarios[i].name,
					       scenarios[i].run, false);
	}
	check_filters();
	if (has_audit)
		check(num_agree > 500 && !num_disagree,
		      "promise.4-agreement: of %d records with their events",
		      num_agree);
	else
		check(!num_agree, "promise.7-independence: no record, all events");
	finish();
	return 0;
}
