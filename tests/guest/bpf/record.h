/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs of landlock.bpf.c found behind the arguments of an event,
 * for ebpf.c.
 */
#ifndef RECORD_H
#define RECORD_H

#define LAYERS_MAX 16
/* A path of an event is never longer. */
#define TEXT_SIZE 3840

enum event_type {
	CREATE_RULESET,
	FREE_RULESET,
	ADD_RULE_FS,
	ADD_RULE_NET,
	RESTRICT_SELF,
	FREE_DOMAIN,
	CHECK_RULE_FS,
	CHECK_RULE_NET,
	DENY_ACCESS_FS,
	DENY_ACCESS_NET,
	DENY_PTRACE,
	DENY_SCOPE_SIGNAL,
	DENY_SCOPE_ABSTRACT_UNIX_SOCKET,
	NUM_EVENTS,
};

struct masks {
	unsigned int fs, net, scope;
};

struct layer {
	unsigned int level, quiet, access;
};

struct rule {
	unsigned int num_layers;
	struct layer layers[LAYERS_MAX];
};

struct hierarchy {
	/* From this node to its root. */
	unsigned int depth;
	unsigned long long ids[LAYERS_MAX];
	unsigned long long denials;
	unsigned int usage, enforced, log_same_exec, log_new_exec;
	struct masks quiet;
	/* Who made it, which only a kernel with audit knows. */
	int maker_pid;
	char maker_comm[16];
};

struct domain {
	unsigned int num_layers, num_rules;
	struct masks handled[LAYERS_MAX];
	struct hierarchy hierarchy;
};

struct ruleset {
	unsigned long long id, version;
	struct masks handled, quiet;
	unsigned int num_rules, usage, locked_by_current;
};

struct record {
	unsigned int event;
	int tid;
	struct ruleset ruleset;
	struct domain domain;
	struct hierarchy denier;
	struct rule rule;
	unsigned long long ruleset_version;
	unsigned int flags, threads, no_new_privs;
	unsigned int access, blockers;
	unsigned int layer, same_exec, logged;
	unsigned long long port;
	/* the file */
	unsigned long long ino;
	unsigned int dev, has_mount;
	char fs_type[16];
	char name[64];
	/* the other party */
	unsigned long long other_domain;
	int tracer_pid, other_pid, other_tid, other_parent, signal;
	char other_comm[16];
	/* the socket, and the address as bytes */
	unsigned int sk_family, sk_type, sk_protocol;
	unsigned char addr[32];
	/* a path or a name: not always terminated */
	unsigned int text_len;
	char text[TEXT_SIZE];
} __attribute__((aligned(8)));

#endif
