// SPDX-License-Identifier: GPL-2.0-only
//
// Plugin of libtraceevent: trace-cmd and perf then print Landlock's events as
// the kernel does.  perf has a libtraceevent of its own and exports few of its
// functions: this is linked to neither, and only uses what both have.
#include <event-parse.h>
#include <trace-seq.h>

#include <stdint.h>
#include <string.h>

enum form {
	ID,
	RULESET, // with its version
	DECIMAL,
	FS,
	NET,
	SCOPE,
	RESTRICT,
	DEV,
	TEXT,    // escaped
	ADDRESS, // made by the kernel
	FS_BLOCKERS,
	FS_GRANTS,
	NET_GRANTS,
};

struct item {
	const char *name;
	enum form form;
};

struct line {
	const char *event;
	struct item items[12];
};

#define DENIAL {"domain", ID}, {"same_exec", DECIMAL}, {"logged", DECIMAL}, {"layer", DECIMAL}, {"subject_domain", ID}

static const struct line lines[] = {
	{"landlock_create_ruleset",
	 {{"ruleset", RULESET}, {"handled_fs", FS}, {"handled_net", NET}, {"scoped", SCOPE}, {"quiet_fs", FS},
	  {"quiet_net", NET}, {"quiet_scoped", SCOPE}}},
	{"landlock_free_ruleset", {{"ruleset", RULESET}}},
	{"landlock_add_rule_fs",
	 {{"ruleset", RULESET}, {"access_rights", FS}, {"quiet", DECIMAL}, {"dev", DEV}, {"ino", DECIMAL}, {"path", TEXT}}},
	{"landlock_add_rule_net",
	 {{"ruleset", RULESET}, {"access_rights", NET}, {"quiet", DECIMAL}, {"port", DECIMAL}}},
	{"landlock_restrict_self",
	 {{"domain", ID}, {"parent", ID}, {"ruleset", RULESET}, {"flags", RESTRICT}, {"threads", DECIMAL},
	  {"no_new_privs", DECIMAL}}},
	{"landlock_free_domain", {{"domain", ID}, {"denials", DECIMAL}}},
	{"landlock_check_rule_fs",
	 {{"domain", ID}, {"access_request", FS}, {"dev", DEV}, {"ino", DECIMAL}, {"grants", FS_GRANTS}}},
	{"landlock_check_rule_net", {{"domain", ID}, {"access_request", NET}, {"port", DECIMAL}, {"grants", NET_GRANTS}}},
	{"landlock_deny_access_fs",
	 {DENIAL, {"blockers", FS_BLOCKERS}, {"access_request", FS}, {"dev", DEV}, {"ino", DECIMAL}, {"path", TEXT}}},
	{"landlock_deny_access_net",
	 {DENIAL, {"blockers", NET}, {"access_request", NET}, {"port", DECIMAL}, {"addr", ADDRESS}}},
	{"landlock_deny_ptrace",
	 {DENIAL, {"tracer_pid", DECIMAL}, {"tracee_domain", ID}, {"tracee_pid", DECIMAL}, {"tracee_comm", TEXT}}},
	{"landlock_deny_scope_signal",
	 {DENIAL, {"target_domain", ID}, {"target_pid", DECIMAL}, {"signal", DECIMAL}, {"target_comm", TEXT}}},
	{"landlock_deny_scope_abstract_unix_socket",
	 {DENIAL, {"peer_domain", ID}, {"peer_pid", DECIMAL}, {"sun_path", TEXT}}},
};

static const char *const fs_names[] = {
	"execute",   "write_file", "read_file", "read_dir",  "remove_dir", "remove_file", "make_char", "make_dir", "make_reg",
	"make_sock", "make_fifo",  "make_block", "make_sym", "refer",	   "truncate",	  "ioctl_dev", "resolve_unix", NULL,
};
static const char *const net_names[] = {"bind_tcp", "connect_tcp", "bind_udp", "connect_send_udp", NULL};
static const char *const scope_names[] = {"abstract_unix_socket", "signal", NULL};
static const char *const restrict_names[] = {"log_same_exec_off", "log_new_exec_on", "log_subdomains_off", "tsync", NULL};

// Joined by "|"; bits without a name come last, as a number.
static void print_names(struct trace_seq *s, const char *const *names, unsigned long mask) {
	const char *separator = "";
	int i;

	for (i = 0; names[i]; i++) {
		if (!(mask & 1UL << i))
			continue;
		trace_seq_printf(s, "%s%s", separator, names[i]);
		separator = "|";
		mask &= ~(1UL << i);
	}
	if (mask)
		trace_seq_printf(s, "%s0x%lx", separator, mask);
}

// The kernel's limit for one value, and its mark for what is cut.
static void print_escaped(struct trace_seq *s, const char *text, int length) {
	static const char mark[] = "\xe2\x80\xa6";
	const int most = 6144;
	int i, size = 0, whole = 0, end = 0;

	for (i = 0; i < length; i++) {
		const unsigned char c = (unsigned char)text[i];

		size += c > ' ' && c <= '~' && !strchr("=\"'\\", c) ? 1 : 4;
		if (size <= most - (int)(sizeof(mark) - 1))
			whole = i + 1;
		if (size > most)
			break;
	}
	end = size > most ? whole : length;
	for (i = 0; i < end; i++) {
		const unsigned char c = (unsigned char)text[i];

		if (c > ' ' && c <= '~' && !strchr("=\"'\\", c))
			trace_seq_putc(s, c);
		else
			trace_seq_printf(s, "\\%03o", c);
	}
	if (end < length)
		trace_seq_puts(s, mark);
}

static void print_text(struct trace_seq *s, struct tep_event *event, struct tep_record *record, const char *name) {
	int length = 0;
	const char *text = tep_get_field_raw(s, event, name, record, &length, 0);
	const struct tep_format_field *field = tep_find_field(event, name);

	if (!text || !field)
		return;
	// A string has its terminator at its end; an array may have more behind it.
	if (field->flags & TEP_FIELD_IS_DYNAMIC)
		length = length > 0 ? length - 1 : 0;
	else
		length = (int)strnlen(text, (size_t)length);
	print_escaped(s, text, length);
}

static void print_grants(struct trace_seq *s, struct tep_event *event, struct tep_record *record,
			 const char *const *names) {
	int i, length = 0;
	const char *grants = tep_get_field_raw(s, event, "grants", record, &length, 0);

	trace_seq_putc(s, '{');
	for (i = 0; grants && i + 4 <= length; i += 4) {
		if (i)
			trace_seq_putc(s, ',');
		print_names(s, names, (unsigned long)tep_read_number(event->tep, grants + i, 4));
	}
	trace_seq_putc(s, '}');
}

static unsigned long long number(struct trace_seq *s, struct tep_event *event, struct tep_record *record,
				 const char *name) {
	unsigned long long value = 0;

	tep_get_field_val(s, event, name, record, &value, 0);
	return value;
}

static void print_decimal(struct trace_seq *s, struct tep_event *event, const char *name, unsigned long long value) {
	const struct tep_format_field *field = tep_find_field(event, name);

	if (field && (field->flags & TEP_FIELD_IS_SIGNED) && field->size == 4)
		trace_seq_printf(s, "%d", (int)value);
	else
		trace_seq_printf(s, "%llu", value);
}

static void print_item(struct trace_seq *s, struct tep_event *event, struct tep_record *record, const struct item *item) {
	unsigned long long value = 0;
	int length;

	if (item->form != TEXT && item->form != ADDRESS && item->form != FS_GRANTS && item->form != NET_GRANTS)
		value = number(s, event, record, item->name);
	trace_seq_printf(s, "%s=", item->name);
	switch (item->form) {
	case ID: trace_seq_printf(s, "%llx", value); break;
	case RULESET: trace_seq_printf(s, "%llx.%llu", value, number(s, event, record, "ruleset_version")); break;
	case DECIMAL: print_decimal(s, event, item->name, value); break;
	case FS: print_names(s, fs_names, (unsigned long)value); break;
	case NET: print_names(s, net_names, (unsigned long)value); break;
	case SCOPE: print_names(s, scope_names, (unsigned long)value); break;
	case RESTRICT: print_names(s, restrict_names, (unsigned long)value); break;
	case DEV: trace_seq_printf(s, "%u:%u", (unsigned)(value >> 20), (unsigned)(value & 0xfffff)); break;
	case TEXT: print_text(s, event, record, item->name); break;
	case ADDRESS: {
		const char *text = tep_get_field_raw(s, event, item->name, record, &length, 0);

		trace_seq_puts(s, text && length > 0 && !text[length - 1] ? text : "");
		break;
	}
	case FS_BLOCKERS:
		print_names(s, fs_names, (unsigned long)value);
		if (!number(s, event, record, "access_request"))
			trace_seq_puts(s, "change_topology");
		break;
	case FS_GRANTS: print_grants(s, event, record, fs_names); break;
	case NET_GRANTS: print_grants(s, event, record, net_names); break;
	}
}

// Prints one event; what has other fields is left to libtraceevent.
static int print_line(struct trace_seq *s, struct tep_record *record, struct tep_event *event, void *context) {
	const struct line *line = context;
	const struct item *item;

	for (item = line->items; item->name; item++) {
		if (!tep_find_field(event, item->name))
			return 1;
	}
	for (item = line->items; item->name; item++) {
		if (item != line->items)
			trace_seq_putc(s, ' ');
		print_item(s, event, record, item);
	}
	return 0;
}

int TEP_PLUGIN_LOADER(struct tep_handle *tep);
int TEP_PLUGIN_LOADER(struct tep_handle *tep) {
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		tep_register_event_handler(tep, -1, "landlock", lines[i].event, print_line, (void *)&lines[i]);
	return 0;
}

void TEP_PLUGIN_UNLOADER(struct tep_handle *tep);
void TEP_PLUGIN_UNLOADER(struct tep_handle *tep) {
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		tep_unregister_event_handler(tep, -1, "landlock", lines[i].event, print_line, (void *)&lines[i]);
}
