// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens files below one deep directory in several processes of one domain at
 * once, each on its own processor.
 *
 * usage: scale CALLS   as root
 *
 * Prints CSV: machine,sandbox,file,depth,processes,nanoseconds.  The machine is
 * TCG or KVM, or what else the hypervisor calls itself.  Nanoseconds are the time
 * of the guest in which each process made CALLS calls of open() and close().
 * An instruction that does nothing marks each open(), and the end of a case, for
 * bench/sharing.c.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

#define MAX_PROCESSES 4
#define MAX_DEPTH 29
#define WARM_UP 20

#define MARK_BEGIN 0
#define MARK_END 1
#define MARK_CASE 2
/* nopl 0x736c6cNN(%rax) */
#define mark(number)                                                      \
	do {                                                              \
		asm volatile(".byte 0x0f, 0x1f, 0x80, %c0, 'l', 'l', 's'" \
			     : : "i"(number) : "memory");                 \
	} while (0)

static int calls;
static char machine[4];
/* "/level-01/.../", for each number of names in the path of a file there. */
static char directories[MAX_DEPTH + 1][512];
static struct {
	int ready;
	struct timespec begin[MAX_PROCESSES], end[MAX_PROCESSES];
} *shared;

static void wait_for(const pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0));
	if (status)
		exit(1);
}

/* An absolute path has as many names as it is deep. */
static void make_tree(void)
{
	char path[512] = "";

	must(unshare(CLONE_NEWNS));
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must(mkdir("/run/scale", 0755));
	must(mount("scale", "/run/scale", "tmpfs", 0, NULL));
	must(chdir("/run/scale"));
	must(syscall(SYS_pivot_root, ".", "."));
	must(umount2(".", MNT_DETACH));
	must(chdir("/"));
	for (int depth = 1; depth <= MAX_DEPTH; depth++) {
		snprintf(directories[depth], sizeof(directories[depth]), "%.480s/",
			 path);
		for (int i = 0; i < MAX_PROCESSES; i++) {
			char file[528];

			snprintf(file, sizeof(file), "%sfile-%d",
				 directories[depth], i);
			close(must(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)));
		}
		sprintf(path + strlen(path), "/level-%02d", depth);
		must(mkdir(path, 0755));
	}
}

static void name_machine(void)
{
	uint32_t eax, name[3];

	__cpuid(0x40000000, eax, name[0], name[1], name[2]);
	/* TCGTCGTCGTCG or KVMKVMKVM */
	memcpy(machine, name, 3);
}

static void enter_sandbox(void)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE,
	};
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
		.parent_fd = must(open("/", O_PATH | O_CLOEXEC)),
	};
	const int ruleset =
		must(syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0));

	/* Found at the end of the walk: all of a path is walked. */
	must(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		     &rule, 0));
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(syscall(SYS_landlock_restrict_self, ruleset, 0));
	close(rule.parent_fd);
	close(ruleset);
}

static void work(const int index, const int processes, const char *const path)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(index, &set);
	must(sched_setaffinity(0, sizeof(set), &set));
	for (int i = 0; i < WARM_UP; i++)
		close(must(open(path, O_RDONLY | O_CLOEXEC)));

	__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
	/* All start at once.  PAUSE makes QEMU go on with another processor. */
	while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) < processes)
		__builtin_ia32_pause();

	must(clock_gettime(CLOCK_MONOTONIC, &shared->begin[index]));
	for (int i = 0; i < calls; i++) {
		int fd;

		mark(MARK_BEGIN);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		mark(MARK_END);
		close(must(fd));
	}
	must(clock_gettime(CLOCK_MONOTONIC, &shared->end[index]));
	_exit(0);
}

static int64_t to_ns(const struct timespec *const time)
{
	return time->tv_sec * 1000000000LL + time->tv_nsec;
}

static void run_case(const bool sandbox, const bool same, const int depth,
		     const int processes)
{
	int64_t begin = INT64_MAX, end = 0;
	pid_t pids[MAX_PROCESSES];

	memset(shared, 0, sizeof(*shared));
	for (int i = 0; i < processes; i++) {
		char path[528];

		snprintf(path, sizeof(path), "%sfile-%d", directories[depth],
			 same ? 0 : i);
		pids[i] = must(fork());
		if (!pids[i])
			work(i, processes, path);
	}
	for (int i = 0; i < processes; i++)
		wait_for(pids[i]);
	mark(MARK_CASE);
	for (int i = 0; i < processes; i++) {
		if (to_ns(&shared->begin[i]) < begin)
			begin = to_ns(&shared->begin[i]);
		if (to_ns(&shared->end[i]) > end)
			end = to_ns(&shared->end[i]);
	}
	printf("%s,%s,%s,%d,%d,%lld\n", machine, sandbox ? "landlock" : "none",
	       same ? "same" : "own", depth, processes, (long long)(end - begin));
	fflush(stdout);
}

static void run_cases(const bool sandbox)
{
	static const int depths[] = { 10, MAX_DEPTH };

	if (sandbox)
		enter_sandbox();
	for (int i = 0; i < 2; i++)
		for (int same = 0; same < 2; same++)
			/* One process alone has no other file. */
			for (int processes = same ? 2 : 1;
			     processes <= MAX_PROCESSES; processes *= 2)
				run_case(sandbox, same, depths[i], processes);
}

int main(const int argc, char *const argv[])
{
	calls = argc == 2 ? atoi(argv[1]) : 0;
	if (calls < 1 || sysconf(_SC_NPROCESSORS_ONLN) < MAX_PROCESSES) {
		fprintf(stderr, "usage: scale CALLS, with %d processors\n",
			MAX_PROCESSES);
		return 1;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		must(-1);
	name_machine();
	make_tree();
	puts("machine,sandbox,file,depth,processes,nanoseconds");
	fflush(stdout);
	/* In a child: a sandbox cannot be left. */
	for (int sandbox = 0; sandbox < 2; sandbox++) {
		const pid_t pid = must(fork());

		if (!pid) {
			run_cases(sandbox);
			exit(0);
		}
		wait_for(pid);
	}
	return 0;
}
