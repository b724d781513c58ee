// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes create, nest, enforce (with TSYNC too) and drop domains on all
 * processors and try what is denied, while events and filters are toggled,
 * instances are made and removed, buffers overrun, and trace_pipe is read and
 * closed.  Verdicts have to be right all the time.
 *
 * In the first half, the events of rulesets and domains are toggled too; in the
 * second half they stay on in an instance of their own, which has to be
 * balanced and in order at the end.
 *
 * usage: stress SECONDS   (root)
 */
#define _GNU_SOURCE
#define EVENTS_MAX (1 << 20)
#include "trace.h"

#include <linux/landlock.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#define BASE "/tmp/stress"
#define TRACING "/sys/kernel/tracing"
/* Counts events in a buffer that is too small for them. */
#define COUNTER "instances/counter"
#define NUM_INSTANCES 3
#define LAYERS_MAX 16

#define READ LANDLOCK_ACCESS_FS_READ_FILE
#define RULESET_SIZE sizeof(struct landlock_ruleset_attr)

/* What all processes did. */
static struct counters {
	_Atomic unsigned long domains, tsyncs, layers_max, rulesets, rules;
	_Atomic unsigned long denied, allowed, wrong, wrong_line;
	_Atomic unsigned long toggles, filters, triggers, made, removed, reads;
	_Atomic int stop;
} * count;

/* Which events the togglers may touch. */
static bool is_balanced_half;

static int allowed_dir;

/* The first process: it is in no domain and outlives the others. */
static pid_t outside;

static __thread unsigned int seed;

/* xorshift: of each thread its own. */
static unsigned int pick(const unsigned int below)
{
	if (!seed)
		seed = syscall(SYS_gettid) * 2654435761U | 1;
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % below;
}

static void start_seed(void)
{
	seed = 0;
}

/* A verdict that is not the one to expect. */
#define expect(ok)                                    \
	do {                                          \
		if (!(ok)) {                          \
			count->wrong++;               \
			count->wrong_line = __LINE__; \
		}                                     \
	} while (0)

#define expect_denied(call, error)                      \
	do {                                            \
		errno = 0;                              \
		expect((call) < 0 && errno == (error)); \
		count->denied++;                        \
	} while (0)

/* Waits for a child; some kill themselves. */
static void end_of(const pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0));
	expect(!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

/* Sandboxes */

static int make_ruleset(struct landlock_ruleset_attr *const attr)
{
	int ruleset;

	*attr = (struct landlock_ruleset_attr){
		.handled_access_fs = READ |
				     pick(LANDLOCK_ACCESS_FS_RESOLVE_UNIX),
		.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP | pick(16),
		.scoped = pick(4),
	};
	if (pick(2)) {
		attr->quiet_access_fs = attr->handled_access_fs & pick(1 << 16);
		attr->quiet_access_net = attr->handled_access_net & pick(16);
		attr->quiet_scoped = attr->scoped & pick(4);
	}
	ruleset = must(
		syscall(__NR_landlock_create_ruleset, attr, RULESET_SIZE, 0));
	count->rulesets++;
	return ruleset;
}

static void add_rules(const int ruleset,
		      const struct landlock_ruleset_attr *const attr)
{
	const __u32 quiet = pick(2) ? LANDLOCK_ADD_RULE_QUIET : 0;
	const struct landlock_path_beneath_attr path = {
		.allowed_access = READ,
		.parent_fd = allowed_dir,
	};
	struct landlock_net_port_attr port = {
		.allowed_access = LANDLOCK_ACCESS_NET_BIND_TCP,
	};

	must(syscall(__NR_landlock_add_rule, ruleset,
		     LANDLOCK_RULE_PATH_BENEATH, &path,
		     attr->quiet_access_fs ? quiet : 0));
	count->rules++;
	for (int n = pick(4); n; n--) {
		port.port = 1024 + pick(64);
		must(syscall(__NR_landlock_add_rule, ruleset,
			     LANDLOCK_RULE_NET_PORT, &port,
			     attr->quiet_access_net ? quiet : 0));
		count->rules++;
	}
}

static int enforce(const int ruleset, const __u32 flags)
{
	int ret;

	ret = syscall(__NR_landlock_restrict_self, ruleset, flags);
	if (!ret) {
		count->domains++;
		count->tsyncs += !!(flags & LANDLOCK_RESTRICT_SELF_TSYNC);
	}
	return ret;
}

static void try_secret(void)
{
	expect_denied(open(BASE "/secret", O_RDONLY | O_CLOEXEC), EACCES);
}

static void try_allowed(void)
{
	const int fd = open(BASE "/d/file", O_RDONLY | O_CLOEXEC);

	expect(fd >= 0);
	if (fd >= 0)
		close(fd);
	count->allowed++;
}

static void try_bind(void)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(999),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

	expect_denied(bind(fd, (void *)&addr, sizeof(addr)), EACCES);
	close(fd);
}

static void try_connect(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	memcpy(addr.sun_path + 1, "stress", 6);
	expect_denied(connect(fd, (void *)&addr,
			      offsetof(struct sockaddr_un, sun_path) + 7),
		      EPERM);
	close(fd);
}

static void try_all(const __u64 scoped)
{
	try_secret();
	try_allowed();
	try_bind();
	if (scoped & LANDLOCK_SCOPE_SIGNAL)
		expect_denied(kill(outside, 0), EPERM);
	if (scoped & LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET)
		try_connect();
	if (!pick(4))
		expect_denied(ptrace(PTRACE_SEIZE, outside, 0, 0), EPERM);
	/* Denied or not: several walks, and layers that handle it or not. */
	if (!pick(4) && !link(BASE "/d/file", BASE "/e/link"))
		unlink(BASE "/e/link");
}

/* What the sibling threads of one process know. */
static struct siblings {
	_Atomic int stop, enforced;
	int ruleset;
} siblings;

static void *sibling_opens(void *const arg)
{
	start_seed();
	while (!siblings.stop) {
		const bool enforced = siblings.enforced;
		const int fd = open(BASE "/secret", O_RDONLY | O_CLOEXEC);

		expect(fd < 0 ? errno == EACCES : !enforced);
		if (fd >= 0)
			close(fd);
		sched_yield();
	}
	return arg;
}

/* Competes with the other threads that enforce. */
static void *sibling_enforces(void *const arg)
{
	start_seed();
	expect(!enforce(siblings.ruleset, LANDLOCK_RESTRICT_SELF_TSYNC));
	siblings.enforced = 1;
	return arg;
}

static void *sibling_exits(void *const arg)
{
	return arg;
}

/* The number of threads changes while they are looked for. */
static void *sibling_makes_threads(void *const arg)
{
	while (!siblings.stop) {
		pthread_t thread;

		if (!pthread_create(&thread, NULL, sibling_exits, NULL))
			pthread_join(thread, NULL);
	}
	return arg;
}

static void sandbox_threads(void)
{
	void *(*const kinds[])(void *) = {
		sibling_opens,
		sibling_enforces,
		sibling_makes_threads,
		sibling_exits,
	};
	struct landlock_ruleset_attr attr;
	pthread_t threads[4];
	const int num = 1 + pick(4);

	siblings.ruleset = make_ruleset(&attr);
	add_rules(siblings.ruleset, &attr);
	for (int i = 0; i < num; i++)
		must(-pthread_create(&threads[i], NULL, kinds[i ? pick(4) : 0],
				     NULL));
	for (int i = 0; i < 2; i++) {
		expect(!enforce(siblings.ruleset,
				LANDLOCK_RESTRICT_SELF_TSYNC));
		siblings.enforced = 1;
		try_secret();
		try_allowed();
	}
	/* Some are ended by the process, in the middle of something. */
	if (pick(2)) {
		siblings.stop = 1;
		for (int i = 0; i < num; i++)
			pthread_join(threads[i], NULL);
	}
}

static void sandbox_layers(void)
{
	const int depth = pick(8) ? 1 + pick(4) : LAYERS_MAX;
	struct landlock_ruleset_attr attr;
	__u64 scoped = 0;
	unsigned long max;
	int ruleset = -1;

	for (int i = 0; i < depth; i++) {
		/* Once in a while the same one again, with more rules. */
		if (ruleset < 0 || pick(4)) {
			close(ruleset);
			ruleset = make_ruleset(&attr);
		}
		add_rules(ruleset, &attr);
		expect(!enforce(ruleset, pick(8)));
		scoped |= attr.scoped;
		if (i < 2 || i == depth - 1)
			try_all(scoped);
		/* A child goes on, its parent ends before or after it. */
		if (!pick(3)) {
			const pid_t pid = must(fork());

			if (pid) {
				if (pick(2))
					end_of(pid);
				return;
			}
			start_seed();
		}
	}
	if (depth == LAYERS_MAX) {
		errno = 0;
		expect(enforce(ruleset, 0) < 0 && errno == E2BIG);
	}
	max = count->layers_max;
	while (max < (unsigned long)depth &&
	       !atomic_compare_exchange_weak(&count->layers_max, &max, depth))
		;
}

static void worker(void)
{
	while (!count->stop) {
		const pid_t pid = must(fork());

		if (!pid) {
			start_seed();
			must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
			if (pick(3))
				sandbox_layers();
			else
				sandbox_threads();
			if (!pick(4))
				kill(getpid(), SIGKILL);
			_exit(0);
		}
		end_of(pid);
	}
}

/* A ruleset that changes while others build domains from it. */

struct shared {
	struct landlock_ruleset_attr attr;
	int ruleset;
};

static void *shared_adds(void *const arg)
{
	const struct shared *const shared = arg;

	start_seed();
	while (!count->stop) {
		add_rules(shared->ruleset, &shared->attr);
		sched_yield();
	}
	return NULL;
}

static void sharer(void)
{
	while (!count->stop) {
		struct shared shared;
		pthread_t thread;
		pid_t pid;

		shared.ruleset = make_ruleset(&shared.attr);
		add_rules(shared.ruleset, &shared.attr);
		pid = must(fork());
		if (!pid) {
			must(-pthread_create(&thread, NULL, shared_adds,
					     &shared));
			must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
			for (int i = 0; i < LAYERS_MAX && !count->stop; i++) {
				expect(!enforce(shared.ruleset, 0));
				try_secret();
				try_allowed();
			}
			_exit(0);
		}
		for (int i = 0; i < 50; i++)
			add_rules(shared.ruleset, &shared.attr);
		end_of(pid);
		close(shared.ruleset);
	}
}

/* Tracing.  Its instances may vanish at any time: errors are part of it. */

static const char *const event_names[] = {
	"create_ruleset",
	"free_ruleset",
	"add_rule_fs",
	"add_rule_net",
	"restrict_self",
	"free_domain",
	"check_rule_fs",
	"check_rule_net",
	"deny_access_fs",
	"deny_access_net",
	"deny_ptrace",
	"deny_scope_signal",
	"deny_scope_abstract_unix_socket",
};
#define NUM_EVENTS (sizeof(event_names) / sizeof(event_names[0]))

static bool try_write(const char *const dir, const char *const file,
		      const char *const text)
{
	char path[512];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), TRACING "/%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = write(fd, text, strlen(text));
	close(fd);
	return len == (ssize_t)strlen(text);
}

static const char *pick_instance(void)
{
	static char name[64];
	const unsigned int n = pick(NUM_INSTANCES + 2);

	if (n == 0)
		return ".";
	if (n == 1 && !is_balanced_half)
		return COUNTER;
	snprintf(name, sizeof(name), "instances/stress%d", n % NUM_INSTANCES);
	return name;
}

static void toggler(void)
{
	static const char *const filters[] = {
		"0",
		"domain != 0",
		"logged == 1 || path ~ \"*secret*\"",
		"ruleset_version > 1",
		"access_request & 4",
		"addr == \"127.0.0.1\"",
		"target_comm ~ \"stress*\" && target_pid > 1",
		"layer > 1 && dev == 0",
		"common_pid & 1",
		/* Refused: what was set before stays. */
		"no_such_field == 1",
		"grants == 1",
		"domain ==",
	};
	static const char *const triggers[] = {
		"hist:keys=domain",
		"hist:keys=common_pid,path:vals=hitcount",
		"hist:keys=ruleset",
		"stacktrace:5",
		"enable_event:landlock:landlock_deny_access_fs",
		"disable_event:landlock:landlock_check_rule_fs:3",
	};
	static const char *const sizes[] = { "1", "4", "16", "64" };
	static const char *const clocks[] = { "local", "global", "counter" };

	while (!count->stop) {
		const char *const instance = pick_instance();
		const char *const name = event_names[pick(NUM_EVENTS)];
		char file[128], text[128];

		switch (pick(8)) {
		case 0:
			try_write(instance, "events/landlock/enable",
				  pick(3) ? "1" : "0");
			count->toggles++;
			break;
		case 1:
		case 2:
			snprintf(file, sizeof(file),
				 "events/landlock/landlock_%s/enable", name);
			try_write(instance, file, pick(3) ? "1" : "0");
			count->toggles++;
			break;
		case 3:
		case 4:
			if (pick(4))
				snprintf(file, sizeof(file),
					 "events/landlock/landlock_%s/filter",
					 name);
			else
				strcpy(file, "events/landlock/filter");
			if (try_write(instance, file,
				      filters[pick(sizeof(filters) /
						   sizeof(filters[0]))]))
				count->filters++;
			break;
		case 5:
			snprintf(file, sizeof(file),
				 "events/landlock/landlock_%s/trigger", name);
			snprintf(text, sizeof(text), "%s%s", pick(2) ? "!" : "",
				 triggers[pick(sizeof(triggers) /
					       sizeof(triggers[0]))]);
			if (try_write(instance, file, text))
				count->triggers++;
			break;
		case 6:
			/* What it counts would be cleared or grow. */
			if (strcmp(instance, COUNTER))
				try_write(instance, "buffer_size_kb",
					  sizes[pick(4)]);
			break;
		case 7:
			if (!strcmp(instance, COUNTER))
				break;
			if (pick(2))
				try_write(instance, "trace_clock",
					  clocks[pick(3)]);
			else
				try_write(instance, "options/stacktrace",
					  pick(4) ? "0" : "1");
			break;
		}
		/* Each is expensive: patched code, RCU grace periods. */
		poll(NULL, 0, pick(20));
	}
}

static void instancer(void)
{
	while (!count->stop) {
		char name[64], path[128];

		snprintf(name, sizeof(name), "instances/stress%d",
			 pick(NUM_INSTANCES));
		snprintf(path, sizeof(path), TRACING "/%s", name);
		if (!mkdir(path, 0700)) {
			count->made++;
			try_write(name, "buffer_size_kb", "4");
			try_write(name, "events/landlock/enable", "1");
		}
		poll(NULL, 0, pick(100));
		if (pick(2) && !rmdir(path))
			count->removed++;
	}
}

static void reader(void)
{
	static const char *const files[] = {
		"trace_pipe",
		"trace_pipe",
		"trace",
		"per_cpu/cpu0/trace_pipe_raw",
		"per_cpu/cpu1/trace_pipe",
		"events/landlock/landlock_deny_access_fs/hist",
	};
	static char buffer[65536];

	while (!count->stop) {
		char path[128];
		int fd;

		snprintf(path, sizeof(path), TRACING "/%s/%s", pick_instance(),
			 files[pick(sizeof(files) / sizeof(files[0]))]);
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		for (int n = pick(20); fd >= 0 && n; n--) {
			if (read(fd, buffer, 1 + pick(sizeof(buffer))) > 0)
				count->reads++;
			else
				poll(NULL, 0, 1);
		}
		if (fd >= 0)
			close(fd);
		poll(NULL, 0, pick(10));
	}
}

static pid_t start(void (*const run)(void))
{
	const pid_t pid = must(fork());

	if (!pid) {
		start_seed();
		run();
		exit(0);
	}
	return pid;
}

/* Orphans included: this is their subreaper. */
static bool run_all(const int seconds)
{
	void (*const jobs[])(void) = {
		worker,	 worker,  worker,    worker, sharer,
		toggler, toggler, instancer, reader, reader,
	};
	bool ended_well = true;
	int status;

	count->stop = 0;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		start(jobs[i]);
	for (int i = 0; i < seconds && !count->wrong; i++)
		sleep(1);
	count->stop = 1;
	while (wait(&status) > 0)
		if (status &&
		    !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
			ended_well = false;
	return ended_well;
}

/* Leaves nothing but the instances of the test itself. */
static void reset_tracing(void)
{
	static const char *const clean[] = { ".", COUNTER };
	char path[512];

	for (int i = 0; i < NUM_INSTANCES; i++) {
		snprintf(path, sizeof(path), TRACING "/instances/stress%d", i);
		if (rmdir(path))
			must(errno == ENOENT ? 0 : -1);
	}
	for (size_t i = 0; i < 2; i++) {
		try_write(clean[i], "events/landlock/enable", "0");
		try_write(clean[i], "events/landlock/filter", "0");
		for (size_t e = 0; e < NUM_EVENTS; e++) {
			char file[128], *text, *rest, *line;

			snprintf(file, sizeof(file),
				 "events/landlock/landlock_%s/trigger",
				 event_names[e]);
			snprintf(path, sizeof(path), TRACING "/%s/%s", clean[i],
				 file);
			rest = text = read_file(path);
			while ((line = strsep(&rest, "\n"))) {
				char remove[512];

				if (!*line || *line == '#')
					continue;
				/* What follows is how it is now. */
				snprintf(remove, sizeof(remove), "!%s", line);
				*strchrnul(remove, '[') = '\0';
				try_write(clean[i], file, remove);
			}
			free(text);
		}
		try_write(clean[i], "options/stacktrace", "0");
	}
}

/* Adds up the lines of all processors' stats that start with @key. */
static unsigned long stat_of(const char *const instance, const char *const key)
{
	const long cpus = sysconf(_SC_NPROCESSORS_CONF);
	unsigned long sum = 0;

	for (long cpu = 0; cpu < cpus; cpu++) {
		char path[128], *text, *line, *rest;

		snprintf(path, sizeof(path), TRACING "/%s/per_cpu/cpu%ld/stats",
			 instance, cpu);
		rest = text = read_file(path);
		while ((line = strsep(&rest, "\n")))
			if (!strncmp(line, key, strlen(key)) &&
			    line[strlen(key)] == ':')
				sum += strtoul(line + strlen(key) + 1, NULL,
					       10);
		free(text);
	}
	return sum;
}

static unsigned long count_recorded(const char *const instance)
{
	return stat_of(instance, "entries") + stat_of(instance, "overrun") +
	       stat_of(instance, "read events");
}

/* The life of each ruleset or domain. */

struct life {
	unsigned long long id, parent;
	int ended;
	/* Places in the trace. */
	int begin, end;
};

static int by_id(const void *const a, const void *const b)
{
	const unsigned long long x = ((const struct life *)a)->id;
	const unsigned long long y = ((const struct life *)b)->id;

	return x < y ? -1 : x > y;
}

static struct life *find_life(struct life *const lives, const size_t num,
			      const unsigned long long id)
{
	const struct life key = { .id = id };

	return bsearch(&key, lives, num, sizeof(*lives), by_id);
}

static unsigned long long id_of(const struct event *const event,
				const char *const key)
{
	const char *const text = value(event, key);

	return text ? strtoull(text, NULL, 16) : 0;
}

struct verdict {
	size_t num;
	int unknown, twice, unended, disorder;
};

/*
 * IDs only grow: what ends with an ID below the first one that began here is
 * from before.
 */
static struct verdict judge_lives(const char *const begin,
				  const char *const end, const char *const key)
{
	struct life *const lives = calloc(num_events + 1, sizeof(*lives));
	struct verdict verdict = {};
	size_t num = 0;

	for (int i = 0; i < num_events; i++)
		if (!strcmp(events[i].name, begin))
			lives[num++] = (struct life){
				.id = id_of(&events[i], key),
				.parent = id_of(&events[i], "parent"),
				.begin = i,
			};
	qsort(lives, num, sizeof(*lives), by_id);
	for (size_t i = 1; i < num; i++)
		verdict.twice += lives[i].id == lives[i - 1].id;
	for (int i = 0; i < num_events; i++) {
		struct life *life;

		if (strcmp(events[i].name, end))
			continue;
		life = find_life(lives, num, id_of(&events[i], key));
		if (life) {
			verdict.twice += life->ended++;
			life->end = i;
			verdict.disorder += life->end < life->begin;
		} else if (num && id_of(&events[i], key) > lives[0].id) {
			verdict.unknown++;
		}
	}
	for (size_t i = 0; i < num; i++) {
		const struct life *const parent =
			find_life(lives, num, lives[i].parent);

		verdict.unended += !lives[i].ended;
		if (lives[i].parent)
			verdict.disorder +=
				!parent || parent->begin > lives[i].begin ||
				(parent->ended && parent->end < lives[i].end);
	}
	free(lives);
	verdict.num = num;
	return verdict;
}

static void check_lives(const char *const name,
			const struct verdict *const verdict)
{
	printf("# %zu %s: %d unended, %d unknown, %d twice, %d out of order\n",
	       verdict->num, name, verdict->unended, verdict->unknown,
	       verdict->twice, verdict->disorder);
	check(verdict->num && !verdict->unknown && !verdict->twice &&
		      !verdict->unended,
	      "promise.1-balance: stress: %s", name);
	check(!verdict->disorder, "promise.2-order: stress: %s", name);
}

static void check_balance(void)
{
	struct verdict rulesets, domains;
	unsigned long lost;
	int n;

	/* Freeing may be deferred. */
	for (int t = 0; t < 100; t++) {
		trace_read();
		rulesets = judge_lives("create_ruleset", "free_ruleset",
				       "ruleset");
		domains = judge_lives("restrict_self", "free_domain", "domain");
		if (!rulesets.unended && !domains.unended)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	}
	/* Too many to show. */
	n = num_events;
	num_events = 0;
	check_lives("rulesets", &rulesets);
	check_lives("domains", &domains);
	lost = stat_of("instances/test", "overrun") +
	       stat_of("instances/test", "dropped events");
	printf("# %lu of %d events of rulesets and domains lost\n", lost, n);
	check(!lost, "stress: no event of rulesets and domains lost");
}

/* Room for what one half of the time leaves. */
static void open_balance(void)
{
	write_file(trace_file("buffer_size_kb"), "32768");
	write_file(trace_file("events/landlock/enable"), "0");
	trace_clear();
	trace_enable("create_ruleset", true);
	trace_enable("free_ruleset", true);
	trace_enable("restrict_self", true);
	trace_enable("free_domain", true);
}

int main(const int argc, char *const argv[])
{
	const int seconds = argc > 1 ? atoi(argv[1]) : 0;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	unsigned long recorded, lost;
	bool ended_well;
	time_t start_time;
	int fd;

	if (seconds < 2) {
		fputs("usage: stress SECONDS   (at least 2)\n", stderr);
		return 2;
	}
	outside = getpid();
	trace_open();
	write_file(trace_file("events/landlock/enable"), "0");
	count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(count == MAP_FAILED ? -1 : 0);
	must(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	must(mkdir(BASE, 0700));
	must(mount("tmpfs", BASE, "tmpfs", 0, "mode=755"));
	must(mkdir(BASE "/d", 0755));
	must(mkdir(BASE "/e", 0755));
	close(must(open(BASE "/secret", O_WRONLY | O_CREAT | O_CLOEXEC, 0644)));
	close(must(open(BASE "/d/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644)));
	allowed_dir = must(open(BASE "/d", O_PATH | O_CLOEXEC));
	fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	memcpy(addr.sun_path + 1, "stress", 6);
	must(bind(fd, (void *)&addr,
		  offsetof(struct sockaddr_un, sun_path) + 7));
	must(listen(fd, 16));
	must(mkdir(TRACING "/" COUNTER, 0700));
	try_write(COUNTER, "buffer_size_kb", "4");
	try_write(COUNTER, "events/landlock/enable", "1");

	start_time = time(NULL);
	ended_well = run_all(seconds / 2);
	reset_tracing();
	is_balanced_half = true;
	try_write(COUNTER, "events/landlock/enable", "1");
	open_balance();
	ended_well = run_all(seconds - seconds / 2) && ended_well;
	start_time = time(NULL) - start_time;
	reset_tracing();

	recorded = count_recorded(COUNTER);
	lost = stat_of(COUNTER, "overrun");
	printf("# ran %ld s: %lu domains of up to %lu layers (%lu by TSYNC), %lu rulesets, %lu rules\n",
	       (long)start_time, count->domains, count->layers_max,
	       count->tsyncs, count->rulesets, count->rules);
	printf("# %lu denials and %lu permissions checked, %lu events recorded, %lu of them overwritten\n",
	       count->denied, count->allowed, recorded, lost);
	printf("# %lu toggles, %lu filters, %lu triggers, %lu instances made, %lu removed, %lu reads\n",
	       count->toggles, count->filters, count->triggers, count->made,
	       count->removed, count->reads);
	if (count->wrong)
		printf("# %lu wrong verdicts, the last at %s:%lu\n",
		       count->wrong, __FILE__, count->wrong_line);
	check(!count->wrong, "stress: each verdict right");
	check(ended_well, "stress: each process ended well");
	check(count->domains && count->tsyncs && recorded && lost &&
		      count->toggles && count->filters && count->made &&
		      count->removed && count->reads &&
		      count->layers_max == LAYERS_MAX,
	      "stress: some of everything");
	check_balance();
	finish();
	return 0;
}
