// SPDX-License-Identifier: GPL-2.0-only
/*
 * One program for each Landlock event, which follows the typed pointers of its
 * prototype to what no field has: the rules of a ruleset, the layers of a
 * domain and of a rule, the nodes of a hierarchy, the other task or socket.
 *
 * Offsets are those of the running kernel (CO-RE).  A load through a pointer
 * has the type that the verifier knows; arrays at the end of a structure, and
 * bit fields, are copied.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "record.h"

#define SUN_PATH offsetof(struct sockaddr_un, sun_path)

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} ring SEC(".maps");

/* Events that did not fit in the ring. */
unsigned long long lost;

static __always_inline struct record *new_record(const enum event_type event)
{
	struct record *const r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);

	if (!r) {
		__sync_fetch_and_add(&lost, 1);
		return NULL;
	}
	/* A ring buffer has old data; volatile: there is no memset() to call. */
	for (int i = 0; i < offsetof(struct record, text) / 8; i++)
		((volatile __u64 *)r)[i] = 0;
	r->event = event;
	r->tid = (__u32)bpf_get_current_pid_tgid();
	return r;
}

static __always_inline void read_masks(struct masks *const to,
				       const struct access_masks *const from)
{
	to->fs = BPF_CORE_READ_BITFIELD_PROBED(from, fs);
	to->net = BPF_CORE_READ_BITFIELD_PROBED(from, net);
	to->scope = BPF_CORE_READ_BITFIELD_PROBED(from, scope);
}

static __always_inline void
read_ruleset(struct ruleset *const to,
	     const struct landlock_ruleset *const from)
{
	to->id = from->id;
	to->version = from->version;
	to->num_rules = from->rules.num_rules;
	to->usage = from->usage.refs.counter;
	/* The lowest bits are flags, see kernel/locking/mutex.c. */
	to->locked_by_current = (from->lock.owner.counter & ~7ULL) ==
				bpf_get_current_task();
	read_masks(&to->handled, &from->access_masks);
	read_masks(&to->quiet, &from->quiet_masks);
}

static __always_inline void read_rule(struct rule *const to,
				      const struct landlock_rule *const from)
{
	const void *const layers = &from->layers[0];

	to->num_layers = BPF_CORE_READ(from, num_layers);
	for (int i = 0; i < LAYERS_MAX && i < to->num_layers; i++) {
		const struct landlock_layer *const layer =
			layers + i * bpf_core_type_size(struct landlock_layer);

		to->layers[i].level = BPF_CORE_READ(layer, level);
		to->layers[i].access = BPF_CORE_READ(layer, access);
		to->layers[i].quiet =
			BPF_CORE_READ_BITFIELD_PROBED(layer, flags.quiet);
	}
}

/*
 * Reads the rule of @inode, or of @port, from a tree.  Looks at its first three
 * levels, which is where all are if there are no more than three.
 */
static __always_inline void find_rule(struct rule *const to,
				      const struct rb_node *const root,
				      const struct inode *const inode,
				      const __u64 port)
{
	for (int i = 1; i < 8; i++) {
		const struct rb_node *node = root;
		const struct landlock_rule *rule;

		if (i >= 4)
			node = i & 2 ? BPF_CORE_READ(node, rb_right) :
				       BPF_CORE_READ(node, rb_left);
		if (i >= 2)
			node = i & 1 ? BPF_CORE_READ(node, rb_right) :
				       BPF_CORE_READ(node, rb_left);
		if (!node)
			continue;
		rule = &container_of(node, struct landlock_rule_node, node)->rule;
		if (inode ? BPF_CORE_READ(rule, key.object, underobj) == inode :
			    BPF_CORE_READ(rule, key.data) == bpf_htons(port)) {
			read_rule(to, rule);
			return;
		}
	}
}

static __always_inline void
read_hierarchy(struct hierarchy *const to,
	       const struct landlock_hierarchy *const from)
{
	const struct landlock_hierarchy *node = from;

	to->denials = from->num_denials.counter;
	to->usage = from->usage.refs.counter;
	to->enforced = from->enforced;
	to->log_same_exec = BPF_CORE_READ_BITFIELD_PROBED(from, log_same_exec);
	to->log_new_exec = BPF_CORE_READ_BITFIELD_PROBED(from, log_new_exec);
	read_masks(&to->quiet, &from->quiet_masks);
	for (int i = 0; i < LAYERS_MAX && node; i++) {
		to->ids[i] = node->id;
		to->depth = i + 1;
		node = node->parent;
	}
	if (bpf_core_field_exists(from->details)) {
		to->maker_pid = from->details->pid->numbers[0].nr;
		bpf_core_read_str(to->maker_comm, sizeof(to->maker_comm),
				  &from->details->comm);
	}
}

static __always_inline void
read_domain(struct domain *const to, const struct landlock_domain *const from)
{
	const void *const masks = &from->access_masks[0];

	to->num_layers = from->num_layers;
	to->num_rules = from->rules.num_rules;
	for (int i = 0; i < LAYERS_MAX && i < to->num_layers; i++)
		read_masks(&to->handled[i],
			   masks + i * bpf_core_type_size(struct access_masks));
	read_hierarchy(&to->hierarchy, from->hierarchy);
}

static __always_inline void read_dentry(struct record *const r,
					const struct dentry *const dentry)
{
	const struct inode *const inode = dentry->d_inode;

	r->ino = inode ? inode->i_ino : 0;
	r->dev = dentry->d_sb->s_dev;
	bpf_core_read_str(r->fs_type, sizeof(r->fs_type),
			  dentry->d_sb->s_type->name);
	bpf_core_read_str(r->name, sizeof(r->name), dentry->d_name.name);
}

static __always_inline void read_text(struct record *const r,
				      const char *const text)
{
	const long len =
		bpf_probe_read_kernel_str(r->text, sizeof(r->text), text);

	r->text_len = len > 0 ? len - 1 : 0;
}

static __always_inline void read_task(struct record *const r,
				      const struct task_struct *const task)
{
	r->other_pid = task->tgid;
	r->other_tid = task->pid;
	r->other_parent = task->real_parent->tgid;
	bpf_core_read_str(r->other_comm, sizeof(r->other_comm), &task->comm);
}

static __always_inline void read_sock(struct record *const r,
				      const struct sock *const sk)
{
	r->sk_family = sk->__sk_common.skc_family;
	r->sk_type = sk->sk_type;
	r->sk_protocol = sk->sk_protocol;
}

SEC("tp_btf/landlock_create_ruleset")
int BPF_PROG(create_ruleset, const struct landlock_ruleset *ruleset)
{
	struct record *const r = new_record(CREATE_RULESET);

	if (!r)
		return 0;
	read_ruleset(&r->ruleset, ruleset);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_free_ruleset")
int BPF_PROG(free_ruleset, const struct landlock_ruleset *ruleset)
{
	struct record *const r = new_record(FREE_RULESET);

	if (!r)
		return 0;
	read_ruleset(&r->ruleset, ruleset);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_add_rule_fs")
int BPF_PROG(add_rule_fs, const struct landlock_ruleset *ruleset,
	     access_mask_t access_rights, u32 flags, const struct path *path,
	     const char *pathname)
{
	struct record *const r = new_record(ADD_RULE_FS);

	if (!r)
		return 0;
	read_ruleset(&r->ruleset, ruleset);
	r->access = access_rights;
	r->flags = flags;
	r->has_mount = !!path->mnt;
	read_dentry(r, path->dentry);
	read_text(r, pathname);
	find_rule(&r->rule, ruleset->rules.root_inode.rb_node,
		  path->dentry->d_inode, 0);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_add_rule_net")
int BPF_PROG(add_rule_net, const struct landlock_ruleset *ruleset,
	     access_mask_t access_rights, u32 flags, u64 port)
{
	struct record *const r = new_record(ADD_RULE_NET);

	if (!r)
		return 0;
	read_ruleset(&r->ruleset, ruleset);
	r->access = access_rights;
	r->flags = flags;
	r->port = port;
	find_rule(&r->rule, ruleset->rules.root_net_port.rb_node, NULL, port);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_restrict_self")
int BPF_PROG(restrict_self, const struct landlock_domain *domain,
	     const struct landlock_ruleset *ruleset, u64 ruleset_version,
	     u32 flags, unsigned int threads, bool no_new_privs)
{
	struct record *const r = new_record(RESTRICT_SELF);

	if (!r)
		return 0;
	read_domain(&r->domain, domain);
	read_ruleset(&r->ruleset, ruleset);
	r->ruleset_version = ruleset_version;
	r->flags = flags;
	r->threads = threads;
	r->no_new_privs = no_new_privs;
	if (bpf_core_field_exists(domain->hierarchy->details))
		read_text(r, domain->hierarchy->details->exe_path);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_free_domain")
int BPF_PROG(free_domain, const struct landlock_hierarchy *hierarchy)
{
	struct record *const r = new_record(FREE_DOMAIN);

	if (!r)
		return 0;
	read_hierarchy(&r->denier, hierarchy);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_check_rule_fs")
int BPF_PROG(check_rule_fs, const struct landlock_domain *domain,
	     const struct landlock_rule *rule, access_mask_t access_request,
	     const struct dentry *dentry)
{
	struct record *const r = new_record(CHECK_RULE_FS);

	if (!r)
		return 0;
	read_domain(&r->domain, domain);
	read_rule(&r->rule, rule);
	r->access = access_request;
	read_dentry(r, dentry);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_check_rule_net")
int BPF_PROG(check_rule_net, const struct landlock_domain *domain,
	     const struct landlock_rule *rule, access_mask_t access_request,
	     u64 port)
{
	struct record *const r = new_record(CHECK_RULE_NET);

	if (!r)
		return 0;
	read_domain(&r->domain, domain);
	read_rule(&r->rule, rule);
	r->access = access_request;
	r->port = port;
	bpf_ringbuf_submit(r, 0);
	return 0;
}

/* What all denials have in common. */
#define DENIAL                                              \
	const struct landlock_domain *subject,              \
		const struct landlock_hierarchy *hierarchy, \
		unsigned int layer, bool same_exec, bool logged
#define READ_DENIAL(r)                                   \
	do {                                             \
		read_domain(&(r)->domain, subject);      \
		read_hierarchy(&(r)->denier, hierarchy); \
		(r)->layer = layer;                      \
		(r)->same_exec = same_exec;              \
		(r)->logged = logged;                    \
	} while (0)

SEC("tp_btf/landlock_deny_access_fs")
int BPF_PROG(deny_access_fs, DENIAL, access_mask_t blockers,
	     access_mask_t access_request, const struct path *path,
	     const char *pathname)
{
	struct record *const r = new_record(DENY_ACCESS_FS);

	if (!r)
		return 0;
	READ_DENIAL(r);
	r->blockers = blockers;
	r->access = access_request;
	r->has_mount = !!path->mnt;
	read_dentry(r, path->dentry);
	read_text(r, pathname);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_deny_access_net")
int BPF_PROG(deny_access_net, DENIAL, access_mask_t blockers,
	     access_mask_t access_request, const struct sock *sk,
	     const struct __kernel_sockaddr_storage *addr)
{
	struct record *const r = new_record(DENY_ACCESS_NET);

	if (!r)
		return 0;
	READ_DENIAL(r);
	r->blockers = blockers;
	r->access = access_request;
	read_sock(r, sk);
	bpf_core_read(r->addr, sizeof(r->addr), addr);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_deny_ptrace")
int BPF_PROG(deny_ptrace, DENIAL, const struct task_struct *tracer,
	     u64 tracee_domain, const struct task_struct *tracee)
{
	struct record *const r = new_record(DENY_PTRACE);

	if (!r)
		return 0;
	READ_DENIAL(r);
	r->tracer_pid = tracer->tgid;
	r->other_domain = tracee_domain;
	read_task(r, tracee);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_deny_scope_signal")
int BPF_PROG(deny_scope_signal, DENIAL, u64 target_domain,
	     const struct task_struct *target, int signal)
{
	struct record *const r = new_record(DENY_SCOPE_SIGNAL);

	if (!r)
		return 0;
	READ_DENIAL(r);
	r->other_domain = target_domain;
	r->signal = signal;
	read_task(r, target);
	bpf_ringbuf_submit(r, 0);
	return 0;
}

SEC("tp_btf/landlock_deny_scope_abstract_unix_socket")
int BPF_PROG(deny_scope_unix, DENIAL, u64 peer_domain, const struct sock *peer)
{
	struct record *const r = new_record(DENY_SCOPE_ABSTRACT_UNIX_SOCKET);
	const struct unix_sock *unix_sock;
	int len;

	if (!r)
		return 0;
	READ_DENIAL(r);
	r->other_domain = peer_domain;
	read_sock(r, peer);
	r->other_pid = peer->sk_peer_pid->numbers[0].nr;
	unix_sock = bpf_skc_to_unix_sock((void *)peer);
	if (unix_sock) {
		len = unix_sock->addr->len - SUN_PATH - 1;
		/* For the verifier: a name has at most 107 bytes. */
		if (len > 0 && len < 108) {
			r->text_len = len;
			bpf_core_read(r->text, len,
				      &unix_sock->addr->name[0].sun_path[1]);
		}
	}
	bpf_ringbuf_submit(r, 0);
	return 0;
}
