// SPDX-License-Identifier: GPL-2.0-only
//
// Makes landlock_check_rule_fs events at a steady rate: each open() of a file
// below 50 nested directories, each with a rule, makes 50.
//
// usage: speed_load FOLDER EVENTS-PER-SECOND SECONDS   (prints how many)
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEPTH 50
#define BEATS 100 // per second

static int add_rule(int ruleset, const char *path, uint64_t access) {
	struct landlock_path_beneath_attr attr = {.allowed_access = access};
	int err;

	attr.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (attr.parent_fd < 0)
		return -1;
	err = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
	close(attr.parent_fd);
	return err;
}

int main(int argc, char **argv) {
	struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE};
	char path[4096];
	struct timespec next;
	double owed = 0, per_beat;
	long opens = 0, beats, i;
	size_t length;
	int ruleset, fd;

	if (argc != 4)
		return 2;
	per_beat = atof(argv[2]) / DEPTH / BEATS;
	beats = atol(argv[3]) * BEATS;
	length = (size_t)snprintf(path, 3000, "%s", argv[1]);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	for (i = 0; i < DEPTH; i++) {
		// The rule that allows it is the last one on the way up.
		if (i > 0) {
			length += (size_t)snprintf(path + length, 16, "/d%ld", i);
			mkdir(path, 0755);
		}
		if (add_rule(ruleset, path, i ? LANDLOCK_ACCESS_FS_EXECUTE : LANDLOCK_ACCESS_FS_READ_FILE)) {
			perror(path);
			return 1;
		}
	}
	strcpy(path + length, "/file");
	close(open(path, O_CREAT | O_WRONLY, 0644));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, ruleset, 0)) {
		perror("landlock_restrict_self");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (i = 0; i < beats; i++) {
		for (owed += per_beat; owed >= 1; owed--) {
			fd = open(path, O_RDONLY);
			if (fd < 0) {
				perror(path);
				return 1;
			}
			close(fd);
			opens++;
		}
		next.tv_nsec += 1000000000L / BEATS;
		if (next.tv_nsec >= 1000000000L) {
			next.tv_nsec -= 1000000000L;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	{
		struct timespec now;
		clock_gettime(CLOCK_MONOTONIC, &now);
		// How late it is tells whether the rate was reached.
		printf("%ld %.2f\n", opens * DEPTH,
		       (double)(now.tv_sec - next.tv_sec) + (double)(now.tv_nsec - next.tv_nsec) / 1e9);
	}
	return 0;
}
