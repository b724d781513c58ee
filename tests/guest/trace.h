/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For test programs in the guest: prints KTAP, and reads Landlock events from a
 * tracefs instance of their own.  A failed system call of the test itself ends
 * it (see must()).
 */
#ifndef TRACE_H
#define TRACE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef EVENTS_MAX
#define EVENTS_MAX 4096
#endif
#define INSTANCE "/sys/kernel/tracing/instances/test"

/* One line of the trace: "comm-pid [cpu] time: landlock_NAME: FIELDS". */
struct event {
	char *name; /* without "landlock_" */
	int pid; /* of the thread that emitted it */
	char *fields; /* "key=value key=value..." */
};

static struct event events[EVENTS_MAX];
static int num_events;
static char *trace_text;
static int num_checks;

/* Ends the test if a call of the test itself, not of what it tests, failed. */
#define must(call)                                                         \
	({                                                                 \
		const long ret_ = (long)(call);                            \
		if (ret_ < 0) {                                            \
			printf("Bail out! %s:%d: %s: %s\n", __FILE__,      \
			       __LINE__, #call, strerror(errno));          \
			exit(1);                                           \
		}                                                          \
		ret_;                                                      \
	})

/* One KTAP result; the trace is shown when it failed. */
__attribute__((format(printf, 2, 3))) static bool
check(const bool ok, const char *const format, ...)
{
	va_list args;

	if (!ok)
		for (int i = 0; i < num_events; i++)
			printf("# %d %s: %s\n", events[i].pid, events[i].name,
			       events[i].fields);
	printf("%sok %d ", ok ? "" : "not ", ++num_checks);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	puts("");
	return ok;
}

static void finish(void)
{
	printf("1..%d\n", num_checks);
}

static void write_file(const char *const path, const char *const text)
{
	const int fd = must(open(path, O_WRONLY | O_TRUNC | O_CLOEXEC));

	must(write(fd, text, strlen(text)));
	close(fd);
}

static char *read_file(const char *const path)
{
	const int fd = must(open(path, O_RDONLY | O_CLOEXEC));
	size_t size = 0;
	char *text = NULL;
	ssize_t len;

	do {
		text = realloc(text, size + 65537);
		len = must(read(fd, text + size, 65536));
		size += len;
	} while (len);
	text[size] = '\0';
	close(fd);
	return text;
}

/* trace_file("enable"), or trace_file("events/landlock/%s/filter", name)... */
__attribute__((format(printf, 1, 2))) static const char *
trace_file(const char *const format, ...)
{
	static char path[4096];
	const int len = sprintf(path, "%s/", INSTANCE);
	va_list args;

	va_start(args, format);
	vsnprintf(path + len, sizeof(path) - len, format, args);
	va_end(args);
	return path;
}

/* Call it first.  All events are on. */
static void trace_open(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	puts("KTAP version 1");
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		must(-1);
	/* The order over all CPUs is the order of emission. */
	write_file(trace_file("trace_clock"), "counter");
	write_file(trace_file("options/irq-info"), "0");
	write_file(trace_file("buffer_size_kb"), "16384");
	write_file(trace_file("events/landlock/enable"), "1");
}

static void trace_enable(const char *const name, const bool on)
{
	write_file(trace_file("events/landlock/landlock_%s/enable", name),
		   on ? "1" : "0");
}

static void trace_clear(void)
{
	write_file(trace_file("trace"), "\n");
	num_events = 0;
}

/* Reads all events since trace_clear() into events[].  Any other line of the
 * trace is an error: one line is one event. */
static void trace_read(void)
{
	char *line, *rest, *at;

	free(trace_text);
	rest = trace_text = read_file(trace_file("trace"));
	num_events = 0;
	while ((line = strsep(&rest, "\n"))) {
		struct event *const event = &events[num_events];

		if (!*line || *line == '#')
			continue;
		at = strstr(line, ": landlock_");
		if (!at || num_events == EVENTS_MAX) {
			printf("Bail out! trace line: %s\n", line);
			exit(1);
		}
		*at = '\0';
		event->name = at + strlen(": landlock_");
		at = strchr(event->name, ':');
		*at = '\0';
		event->fields = at + 2;
		/* The comm may have any character, but the PID ends at " [". */
		at = strrchr(line, '[');
		while (at > line && at[-1] == ' ')
			at--;
		*at = '\0';
		event->pid = atoi(strrchr(line, '-') + 1);
		num_events++;
	}
}

/* The value of a key in a static buffer, or NULL. */
static const char *value(const struct event *const event, const char *const key)
{
	static char buffers[16][8192];
	static int next;
	const size_t len = strlen(key);
	const char *at;

	if (!event)
		return NULL;
	for (at = event->fields; at; at = strchr(at, ' ')) {
		if (*at == ' ')
			at++;
		if (!strncmp(at, key, len) && at[len] == '=') {
			char *const buffer = buffers[next++ % 16];

			at += len + 1;
			snprintf(buffer, sizeof(buffers[0]), "%.*s",
				 (int)strcspn(at, " "), at);
			return buffer;
		}
	}
	return NULL;
}

static bool is_value(const struct event *const event, const char *const key,
		     const char *const want)
{
	const char *const got = value(event, key);

	if (got && !strcmp(got, want))
		return true;
	printf("# %s: %s is %s, expected %s\n", event ? event->name : "no event",
	       key, got ? got : "missing", want);
	return false;
}

/* The Nth (from 0) event of that name, or NULL. */
static struct event *find_event(const char *const name, int n)
{
	for (int i = 0; i < num_events; i++)
		if (!strcmp(events[i].name, name) && !n--)
			return &events[i];
	return NULL;
}

static int count_events(const char *const name)
{
	int n = 0;

	for (int i = 0; i < num_events; i++)
		n += !strcmp(events[i].name, name);
	return n;
}

/* Reads until there are @n events of that name, at most five seconds: freeing
 * may be deferred. */
static bool wait_events(const char *const name, const int n)
{
	for (int i = 0; i < 500; i++) {
		trace_read();
		if (count_events(name) >= n)
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return false;
}

/* Decodes "\ooo" of an untrusted string into @out, returns its length. */
static size_t decode(const char *text, char *const out)
{
	size_t len = 0;

	while (*text) {
		if (*text == '\\') {
			out[len++] = strtol((char[]){ text[1], text[2],
						      text[3], 0 },
					    NULL, 8);
			text += 4;
		} else {
			out[len++] = *text++;
		}
	}
	return len;
}

/* Keeps -Wunused-function away from those that a program does not need. */
static inline void trace_unused(void)
{
	(void)check, (void)finish, (void)trace_open, (void)trace_enable;
	(void)trace_clear, (void)value, (void)is_value, (void)find_event;
	(void)wait_events, (void)decode;
}

#endif
