/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What we use of libtracefs and libtracecmd: their headers of Debian 12 are C
 * only (an int becomes an enum there).  api_check.c has the compiler compare
 * these with theirs.
 */
#pragma once

#include <event-parse.h>
#include <sched.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tracefs_instance;
int tracefs_tracing_dir_is_mounted(bool mount, const char **path);
struct tep_handle *tracefs_local_events_system(const char *tracing_dir, const char *const *sys_names);
struct tracefs_instance *tracefs_instance_create(const char *name);
int tracefs_instance_destroy(struct tracefs_instance *instance);
void tracefs_instance_free(struct tracefs_instance *instance);
int tracefs_instance_file_write(struct tracefs_instance *instance, const char *file, const char *str);
int tracefs_instance_file_append(struct tracefs_instance *instance, const char *file, const char *str);
int tracefs_trace_off(struct tracefs_instance *instance);
int tracefs_event_disable(struct tracefs_instance *instance, const char *system, const char *event);
void tracefs_set_loglevel(enum tep_loglevel level);

struct tracecmd_input;
struct tracecmd_input *tracecmd_open_fd(int fd, int flags);
void tracecmd_close(struct tracecmd_input *handle);
struct tep_handle *tracecmd_get_tep(struct tracecmd_input *handle);
int tracecmd_buffer_instances(struct tracecmd_input *handle);
struct tracecmd_input *tracecmd_buffer_instance_handle(struct tracecmd_input *handle, int indx);
int tracecmd_iterate_events_multi(struct tracecmd_input **handles, int nr_handles,
				  int (*callback)(struct tracecmd_input *handle, struct tep_record *, int, void *),
				  void *callback_data);
void tracecmd_set_loglevel(enum tep_loglevel level);

#ifdef __cplusplus
}
#endif
