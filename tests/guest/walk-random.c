// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of sandboxed threads for files in a tree that changes all the time:
 * directories and mounts are made, moved, exchanged, covered, detached and
 * removed.  All of it, and so what is printed, only depends on the seed and on
 * the verdicts: two kernels that print the same gave the same verdicts.
 *
 * Prints a line per 1000 requests, with a hash over everything since the start;
 * then how often what was handled by the domain was allowed and denied, for each
 * kind of place.  "verbose" also prints each request and each change, from
 * number FROM on, to explain the first line that differs.
 *
 * "concurrent" is another test: what moves meanwhile does not change the
 * verdicts, which are known.  It prints KTAP.
 *
 * usage: walk-random SEED REQUESTS [verbose [FROM]]   (root)
 *        walk-random concurrent SECONDS
 */
#define _GNU_SOURCE
#define EVENTS_MAX 1
#include "trace.h"

#include <arpa/inet.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

/* Where the root of all is made, and what is there once it is the root. */
#define NEW_ROOT "/tmp/walk-random"
#define BASE "/walk"

/* All access rights of files, and of files and directories. */
#define ACCESS_FILE                                                   \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | \
	 LANDLOCK_ACCESS_FS_IOCTL_DEV | LANDLOCK_ACCESS_FS_RESOLVE_UNIX)
#define ACCESS_ALL ((LANDLOCK_ACCESS_FS_RESOLVE_UNIX << 1) - 1)
#define ACCESS_RW (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)

#define LAYERS_MAX 16
#define RULES_MAX 60
#define DEPTH_MAX 25
/* More than a walk to the root does without references. */
#define ABYSS_DEPTH 1300

#define NUM_DIRS 160
#define NUM_FILES 56
#define NUM_HANDLES (NUM_DIRS + NUM_FILES)
#define NUM_SOCKETS 8
/* Directories and files that are always held. */
#define KEPT_DIRS 4
#define KEPT_FILES 4

#define REQUESTS_PER_LINE 1000
#define REQUESTS_PER_DOMAIN 1200
#define DOMAINS_PER_WORLD 16
#define MOUNTS_PER_WORLD 300

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A file or directory that is held by an O_PATH file descriptor. */
struct handle {
	int fd;
	bool is_dir;
	bool is_mount; /* root of a mount when it was opened */
	bool is_moved_out; /* of the bind mount that it was opened through */
};

enum place {
	PLACE_SHALLOW,
	PLACE_DEEP, /* at least twelve directories */
	PLACE_ABYSS,
	PLACE_DETACHED,
	PLACE_DISCONNECTED,
	PLACE_REMOVED,
	PLACE_OTHER, /* of a file system without a path */
	NUM_PLACES,
};

static const char *const place_names[NUM_PLACES] = {
	"shallow",	"deep",	   "abyss", "detached",
	"disconnected", "removed", "other",
};

static struct handle handles[NUM_HANDLES];
static int sockets[NUM_SOCKETS];
static const char *const names[] = { "a", "b", "c", "d", "e" };

static struct {
	__u64 handled; /* by any layer */
	unsigned int layers;
	unsigned int cores[5];
	unsigned int num_cores;
	unsigned int keep; /* in how many of 16 layers the cores are granted */
} domain;

/* What outlives a world, each of which is a process. */
static struct {
	__u64 rng;
	__u64 hash;
	unsigned long requests, changes, changes_done, layers, rules;
	unsigned long allowed, eacces, exdev, enoent, other;
	/* What the domain handles, sampled. */
	unsigned long place_allowed[NUM_PLACES], place_denied[NUM_PLACES];
	unsigned long handled_allowed, handled_denied;
} * count;

static dev_t root_dev;
static unsigned int mounts_left;
static bool verbose;
static unsigned long verbose_from;

/* splitmix64 */
static __u64 draw(void)
{
	__u64 z = (count->rng += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static unsigned int pick(const unsigned int below)
{
	return (draw() >> 32) % below;
}

static bool one_in(const unsigned int n)
{
	return !pick(n);
}

/* Returns 0 or the error of a system call that returned @ret. */
static int error_of(const long ret)
{
	return ret < 0 ? errno : 0;
}

static void add_hash(const unsigned int value)
{
	count->hash = (count->hash ^ value) * 0x100000001b3;
	count->hash ^= count->hash >> 29;
}

/* For the operations that need a path. */
static const char *proc_path(const struct handle *const handle)
{
	static char paths[4][32];
	static int next;
	char *const path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "/proc/self/fd/%d", handle->fd);
	return path;
}

static const char *real_path(const struct handle *const handle)
{
	static char paths[2][4096];
	static int next;
	char *const path = paths[next++ % 2];
	const ssize_t len =
		readlink(proc_path(handle), path, sizeof(paths[0]) - 1);

	if (len < 0)
		snprintf(path, sizeof(paths[0]), "(%s)", strerror(errno));
	else
		path[len] = '\0';
	return path;
}

static bool is_verbose(void)
{
	return verbose && count->requests >= verbose_from;
}

/* Text that explains what is being done, only made if it will be printed. */
static char story[16384];

#define tell(...)                                                    \
	do {                                                         \
		if (is_verbose()) {                                  \
			const size_t len_ = strlen(story);           \
			snprintf(story + len_, sizeof(story) - len_, \
				 __VA_ARGS__);                       \
		}                                                    \
	} while (0)

#define tell_handle(handle) \
	tell(" #%d %s", (int)((handle)-handles), real_path(handle))

static void end_story(const char *const kind, const int err)
{
	if (is_verbose())
		printf("%s %lu:%s = %s\n", kind, count->requests, story,
		       err ? strerrorname_np(err) : "0");
	story[0] = '\0';
}

/* Handles */

static struct handle *pick_dir(void)
{
	return &handles[pick(NUM_DIRS)];
}

static struct handle *pick_file(void)
{
	return &handles[NUM_DIRS + pick(NUM_FILES)];
}

/* For another directory, respectively file, to hold. */
static struct handle *pick_slot(void)
{
	return &handles[KEPT_DIRS + pick(NUM_DIRS - KEPT_DIRS)];
}

static struct handle *pick_file_slot(void)
{
	return &handles[NUM_DIRS + KEPT_FILES + pick(NUM_FILES - KEPT_FILES)];
}

static bool is_dir(const int fd)
{
	struct stat stat;

	must(fstat(fd, &stat));
	return S_ISDIR(stat.st_mode);
}

/* Replaces @handle; a negative @fd is the error of having opened it. */
static int set_handle(struct handle *const handle, const int fd)
{
	const int err = error_of(fd);

	if (err)
		return err;
	if (handle->fd)
		close(handle->fd);
	*handle = (struct handle){ .fd = fd, .is_dir = is_dir(fd) };
	return 0;
}

static int open_path(const int dir, const char *const path, const int flags)
{
	return openat(dir, path, O_PATH | O_CLOEXEC | flags);
}

static const char *pick_name(void)
{
	return names[pick(ARRAY_SIZE(names))];
}

/* "." or up to three components. */
static const char *pick_path(void)
{
	static char paths[4][16];
	static int next;
	char *const path = paths[next++ % 4];
	const unsigned int num = pick(4);

	strcpy(path, num ? "" : ".");
	for (unsigned int i = 0; i < num; i++) {
		if (i)
			strcat(path, "/");
		strcat(path, one_in(6) ? ".." : pick_name());
	}
	return path;
}

/* Mostly the name of a direct child. */
static const char *pick_leaf(void)
{
	return one_in(4) ? pick_path() : pick_name();
}

static enum place place_of(const struct handle *const handle)
{
	const char *const path = real_path(handle);
	const size_t len = strlen(path);
	unsigned int depth = 0;
	struct stat stat;

	if (len > 10 && !strcmp(path + len - 10, " (deleted)"))
		return strncmp(path, "/memfd:", 7) ? PLACE_REMOVED :
						     PLACE_OTHER;
	if (*path != '/')
		return PLACE_OTHER;
	if (handle->is_moved_out)
		return PLACE_DISCONNECTED;
	must(fstat(handle->fd, &stat));
	if (strncmp(path, BASE, strlen(BASE)) && stat.st_dev != root_dev)
		return PLACE_DETACHED;
	for (const char *at = path; *at; at++)
		depth += *at == '/';
	if (depth > 1000)
		return PLACE_ABYSS;
	return depth >= 12 ? PLACE_DEEP : PLACE_SHALLOW;
}

/* Changes, which are made outside of the sandbox */

static int make_dir(void)
{
	struct handle *const parent = pick_dir();
	const char *const name = pick_leaf();

	tell(" mkdir");
	tell_handle(parent);
	tell(" %s", name);
	/* Often there is one already. */
	(void)mkdirat(parent->fd, name, 0755);
	return set_handle(pick_slot(),
			  open_path(parent->fd, name, O_DIRECTORY));
}

static int make_file(void)
{
	struct handle *const parent = pick_dir();
	const char *const name = pick_leaf();
	const mode_t mode = (const mode_t[]){
		S_IFREG, S_IFREG, S_IFREG, S_IFREG, S_IFIFO, S_IFCHR,
	}[pick(6)];

	tell(" mknod %o", mode);
	tell_handle(parent);
	tell(" %s", name);
	(void)mknodat(parent->fd, name, mode | 0755, makedev(1, 3));
	return set_handle(pick_file_slot(),
			  open_path(parent->fd, name, O_NOFOLLOW));
}

/* One that accepts connections. */
static int make_socket(void)
{
	struct handle *const parent = pick_dir();
	int *const slot = &sockets[pick(NUM_SOCKETS)];
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char name[16];
	int err;

	if (*slot)
		close(*slot);
	*slot = must(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	strcpy(name, pick_name());
	tell(" bind");
	tell_handle(parent);
	tell(" %s", name);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s",
		 proc_path(parent), name);
	(void)unlinkat(parent->fd, name, 0);
	err = error_of(bind(*slot, (void *)&addr, sizeof(addr)));
	if (err)
		return err;
	return set_handle(pick_file_slot(),
			  open_path(parent->fd, name, O_NOFOLLOW));
}

static int hold_any(void)
{
	struct handle *const parent = pick_dir();
	const char *const path = pick_path();
	const int fd = open_path(parent->fd, path, 0);

	tell(" hold");
	tell_handle(parent);
	tell(" %s", path);
	if (fd < 0)
		return errno;
	return set_handle(is_dir(fd) ? pick_slot() : pick_file_slot(), fd);
}

static int move(const unsigned int flags)
{
	struct handle *const from = pick_dir(), *const to = pick_dir();
	const char *const old_name = pick_leaf(), *const new_name = pick_leaf();

	tell(" renameat2 %#x", flags);
	tell_handle(from);
	tell(" %s", old_name);
	tell_handle(to);
	tell(" %s", new_name);
	return error_of(renameat2(from->fd, old_name, to->fd, new_name, flags));
}

/* Removes a file that stays held. */
static int remove_file(void)
{
	struct handle *const parent = pick_dir();
	const char *const name = pick_name();
	const int fd = open_path(parent->fd, name, O_NOFOLLOW);

	tell(" unlink");
	tell_handle(parent);
	tell(" %s", name);
	if (fd < 0)
		return errno;
	if (is_dir(fd)) {
		close(fd);
		return EISDIR;
	}
	set_handle(pick_file_slot(), fd);
	return error_of(unlinkat(parent->fd, name, 0));
}

/* Makes and removes some directories in each other that stay held. */
static int remove_dirs(void)
{
	struct handle *const parent = pick_dir();
	const int num = 1 + pick(4);
	char path[3][16];
	int err = 0;

	tell(" remove %d directories", num);
	tell_handle(parent);
	strcpy(path[0], "x");
	strcpy(path[1], "x/y");
	strcpy(path[2], "x/y/z");
	for (int i = 0; i < num && i < 3; i++) {
		(void)mkdirat(parent->fd, path[i], 0755);
		err = set_handle(pick_slot(),
				 open_path(parent->fd, path[i], O_DIRECTORY));
	}
	for (int i = 2; i >= 0; i--)
		(void)unlinkat(parent->fd, path[i], AT_REMOVEDIR);
	return err;
}

static int new_tmpfs(void)
{
	const int fs = must(fsopen("tmpfs", FSOPEN_CLOEXEC));
	int mount;

	must(fsconfig(fs, FSCONFIG_SET_STRING, "size", "4m", 0));
	must(fsconfig(fs, FSCONFIG_SET_STRING, "mode", "755", 0));
	must(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	mount = must(fsmount(fs, FSMOUNT_CLOEXEC, 0));
	close(fs);
	(void)mkdirat(mount, "a", 0755);
	(void)mkdirat(mount, "a/b", 0755);
	(void)mkdirat(mount, "b", 0755);
	(void)mknodat(mount, "c", S_IFREG | 0755, 0);
	(void)mknodat(mount, "a/d", S_IFREG | 0755, 0);
	return mount;
}

/* A new mount of its own, of a new file system or of what is there. */
static int new_mount(void)
{
	const bool is_file = one_in(8);
	struct handle *source;
	unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
			     AT_EMPTY_PATH;

	if (one_in(4)) {
		tell(" tmpfs");
		return new_tmpfs();
	}
	source = is_file ? pick_file() : pick_dir();
	if (one_in(5))
		flags |= AT_RECURSIVE;
	tell(" clone %#x", flags);
	tell_handle(source);
	return open_tree(source->fd, "", flags);
}

static int attach(const struct handle *const from,
		  const struct handle *const to)
{
	unsigned int flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

	if (one_in(8))
		flags |= MOVE_MOUNT_BENEATH;
	tell(" move_mount %#x", flags);
	tell_handle(from);
	tell_handle(to);
	return error_of(move_mount(from->fd, "", to->fd, "", flags));
}

/* Makes a mount, and leaves it detached or mounts it somewhere. */
static int make_mount(const bool attached)
{
	struct handle *const handle = pick_slot();
	struct handle *to = pick_dir();
	int fd, err;

	if (!mounts_left)
		return ENOSPC;
	mounts_left--;
	fd = new_mount();
	err = set_handle(handle, fd);
	if (err)
		return err;
	handle->is_mount = true;
	if (!handle->is_dir)
		to = pick_file();
	if (attached)
		return attach(handle, to);
	/* Also directories below. */
	return set_handle(pick_slot(), open_path(fd, pick_path(), O_DIRECTORY));
}

static struct handle *find_mount(void)
{
	const unsigned int start = pick(NUM_DIRS);

	for (unsigned int i = 0; i < NUM_DIRS; i++) {
		struct handle *const handle = &handles[(start + i) % NUM_DIRS];

		if (handle->is_mount)
			return handle;
	}
	return NULL;
}

static int move_a_mount(void)
{
	struct handle *const handle = find_mount();

	if (!handle)
		return ENOENT;
	return attach(handle, handle->is_dir ? pick_dir() : pick_file());
}

static int unmount(void)
{
	struct handle *const handle = find_mount();
	int err;

	if (!handle)
		return ENOENT;
	tell(" umount");
	tell_handle(handle);
	/* Holds something below, sometimes. */
	if (handle->is_dir && one_in(2))
		set_handle(pick_slot(),
			   open_path(handle->fd, pick_path(), O_DIRECTORY));
	err = error_of(umount2(proc_path(handle), MNT_DETACH));
	if (!err)
		handle->is_mount = false;
	return err;
}

/*
 * Mounts a directory elsewhere, opens a directory through this mount, and moves
 * this directory out of it.
 */
static int disconnect(void)
{
	struct handle *const from = pick_dir(), *const to = pick_dir();
	struct handle *const mount = pick_slot();
	struct handle *const moved = pick_slot();
	struct handle *const below = pick_slot();
	const char *const new_name = pick_leaf();
	struct handle *out;
	int fd, err;

	if (!mounts_left)
		return ENOSPC;
	mounts_left--;
	tell(" disconnect");
	tell_handle(from);
	(void)mkdirat(from->fd, "m", 0755);
	(void)mkdirat(from->fd, "m/a", 0755);
	(void)mkdirat(from->fd, "m/a/b", 0755);
	(void)mkdirat(from->fd, "m/a/b/c", 0755);
	(void)mknodat(from->fd, "m/a/b/d", S_IFREG | 0755, 0);
	/* Not through @from, which may be replaced. */
	fd = open_path(from->fd, "m/a", O_DIRECTORY);
	if (fd < 0)
		return errno;
	err = set_handle(mount, open_tree(fd, "",
					  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
						  AT_EMPTY_PATH));
	if (err)
		goto out_close;
	mount->is_mount = true;
	/* Stays detached, sometimes. */
	if (!one_in(4))
		(void)attach(mount, to);
	err = set_handle(below, open_path(mount->fd, "b/c", O_DIRECTORY));
	if (err)
		goto out_close;
	if (moved != mount && moved != below)
		err = set_handle(moved, open_path(mount->fd, "b", O_DIRECTORY));
	set_handle(pick_file_slot(), open_path(mount->fd, "b/d", O_NOFOLLOW));
	out = pick_dir();
	tell_handle(out);
	tell(" %s", new_name);
	err = error_of(renameat2(fd, "b", out->fd, new_name,
				 one_in(2) ? RENAME_EXCHANGE : 0));
	if (err)
		/* Not far, but out of the mount. */
		err = error_of(renameat2(fd, "b", fd, "../b", 0));
	if (!err) {
		below->is_moved_out = true;
		if (moved != mount)
			moved->is_moved_out = true;
	}
out_close:
	close(fd);
	return err;
}

static int change_anything(void)
{
	switch (pick(24)) {
	case 0 ... 2:
		return make_dir();
	case 3 ... 4:
		return make_file();
	case 5:
		return make_socket();
	case 6 ... 8:
		return hold_any();
	case 9 ... 11:
		return move(0);
	case 12 ... 13:
		return move(RENAME_EXCHANGE);
	case 14:
		return remove_file();
	case 15 ... 16:
		return remove_dirs();
	case 17:
		return make_mount(true);
	case 18:
		return make_mount(false);
	case 19:
		return move_a_mount();
	case 20 ... 21:
		return unmount();
	default:
		return disconnect();
	}
}

static void change(void)
{
	const int err = change_anything();

	count->changes++;
	count->changes_done += !err;
	add_hash(err);
	end_story("change", err);
}

/* The world: all files, directories and mounts */

/* So that nothing of the machine is part of the world. */
static void enter_new_root(void)
{
	struct stat stat;

	must(unshare(CLONE_NEWNS));
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	if (mkdir(NEW_ROOT, 0700))
		must(errno == EEXIST ? 0 : -1);
	must(mount("tmpfs", NEW_ROOT, "tmpfs", 0, "mode=755"));
	must(chdir(NEW_ROOT));
	must(mkdir("proc", 0755));
	must(mkdir(BASE + 1, 0755));
	must(mount("/proc", "proc", NULL, MS_BIND, NULL));
	must(mount(".", "/", NULL, MS_MOVE, NULL));
	must(chroot("."));
	must(chdir("/"));
	must(lstat("/", &stat));
	root_dev = stat.st_dev;
}

static void build_abyss(const int top)
{
	int fd = dup(top);

	for (int i = 0; i < ABYSS_DEPTH; i++) {
		int next;

		must(mkdirat(fd, "a", 0755));
		next = must(open_path(fd, "a", O_DIRECTORY));
		if (i == 10 || i == ABYSS_DEPTH / 2)
			set_handle(&handles[i == 10 ? 2 : 3], must(dup(fd)));
		close(fd);
		fd = next;
	}
	must(mknodat(fd, "b", S_IFREG | 0755, 0));
	set_handle(&handles[NUM_DIRS + 3], must(open_path(fd, "b", 0)));
	set_handle(&handles[1], fd);
}

static void build_world(void)
{
	int depths[NUM_DIRS] = {};
	int last = 0, fd;

	must(mount("tmpfs", BASE, "tmpfs", 0, "mode=755,size=64m"));
	set_handle(&handles[0], must(open_path(AT_FDCWD, BASE, 0)));
	must(mkdirat(handles[0].fd, "abyss", 0755));
	fd = must(open_path(handles[0].fd, "abyss", O_DIRECTORY));
	build_abyss(fd);
	close(fd);
	for (int i = KEPT_DIRS; i < NUM_DIRS; i++) {
		int parent = one_in(3) ? (int)pick(i) : last;
		const char *const name = pick_name();

		if (depths[parent] >= DEPTH_MAX ||
		    (parent && parent < KEPT_DIRS))
			parent = 0;
		depths[i] = depths[parent] + 1;
		(void)mkdirat(handles[parent].fd, name, 0755);
		set_handle(&handles[i],
			   must(open_path(handles[parent].fd, name, 0)));
		last = i;
	}

	/* Files of internal file systems. */
	set_handle(&handles[NUM_DIRS],
		   must(open_path(AT_FDCWD, "/proc/self/ns/mnt", 0)));
	fd = must(memfd_create("memfd", MFD_CLOEXEC));
	set_handle(&handles[NUM_DIRS + 1],
		   must(open_path(AT_FDCWD,
				  proc_path(&(struct handle){ .fd = fd }), 0)));
	close(fd);
	fd = must(syscall(__NR_landlock_create_ruleset,
			  &(struct landlock_ruleset_attr){ .handled_access_fs =
								   ACCESS_ALL },
			  sizeof(struct landlock_ruleset_attr), 0));
	set_handle(&handles[NUM_DIRS + 2],
		   must(open_path(AT_FDCWD,
				  proc_path(&(struct handle){ .fd = fd }), 0)));
	close(fd);
	for (int i = KEPT_FILES; i < NUM_FILES; i++) {
		/* A name that no directory has. */
		const int parent = pick_slot()->fd;
		const char *const name = one_in(2) ? pick_name() : "f";

		(void)mknodat(parent, name, S_IFREG | 0755, 0);
		set_handle(&handles[NUM_DIRS + i],
			   must(open_path(parent, name, O_NOFOLLOW)));
	}
	mounts_left = MOUNTS_PER_WORLD;
	for (int i = 0; i < 40; i++)
		change();
}

/* Layers */

static int add_rule(const int ruleset, const __u64 handled, const __u64 quiet,
		    const struct handle *const handle, const bool generous)
{
	struct landlock_path_beneath_attr attr = {
		.allowed_access = handled,
		.parent_fd = handle->fd,
	};
	__u32 flags = 0;

	if (!generous)
		attr.allowed_access &= draw();
	if (!handle->is_dir)
		attr.allowed_access &= ACCESS_FILE;
	if (quiet && one_in(4))
		flags = LANDLOCK_ADD_RULE_QUIET;
	count->rules++;
	if (is_verbose())
		printf("rule %llx %s %s\n", attr.allowed_access,
		       flags ? "quiet" : "", real_path(handle));
	return error_of(syscall(__NR_landlock_add_rule, ruleset,
				LANDLOCK_RULE_PATH_BENEATH, &attr, flags));
}

static void add_port(const int ruleset)
{
	const struct landlock_net_port_attr attr = {
		.allowed_access = LANDLOCK_ACCESS_NET_BIND_TCP,
		.port = 2000 + pick(32),
	};

	add_hash(error_of(syscall(__NR_landlock_add_rule, ruleset,
				  LANDLOCK_RULE_NET_PORT, &attr, 0)));
}

static void add_rules(const int ruleset,
		      const struct landlock_ruleset_attr *const attr)
{
	const __u64 handled = attr->handled_access_fs;
	unsigned int num = one_in(10) ? pick(RULES_MAX) : pick(10);

	for (unsigned int i = 0; i < domain.num_cores; i++) {
		if (pick(16) < domain.keep)
			add_hash(add_rule(
				ruleset, handled, attr->quiet_access_fs,
				&handles[domain.cores[i]], !one_in(24)));
	}
	for (unsigned int i = 0; i < num; i++)
		add_hash(add_rule(ruleset, handled, attr->quiet_access_fs,
				  one_in(4) ? pick_file() : pick_dir(),
				  one_in(2)));
	if (attr->handled_access_net)
		for (num = pick(6); num; num--)
			add_port(ruleset);
}

/* Called by a thread, which only sandboxes itself. */
static void add_layers(unsigned int num)
{
	struct landlock_ruleset_attr attr;
	int ruleset = -1;

	for (; num && domain.layers < LAYERS_MAX; num--) {
		int err;

		/* Sometimes the same one again, maybe with more rules. */
		if (ruleset < 0 || !one_in(4)) {
			close(ruleset);
			attr = (struct landlock_ruleset_attr){
				.handled_access_fs = ACCESS_ALL,
			};
			if (one_in(3))
				attr.handled_access_fs &= draw();
			attr.handled_access_fs |= LANDLOCK_ACCESS_FS_READ_FILE;
			if (one_in(3))
				attr.handled_access_net =
					LANDLOCK_ACCESS_NET_BIND_TCP;
			if (one_in(4))
				attr.quiet_access_fs = attr.handled_access_fs &
						       draw();
			ruleset = must(syscall(__NR_landlock_create_ruleset,
					       &attr, sizeof(attr), 0));
			add_rules(ruleset, &attr);
		} else if (one_in(2)) {
			add_rules(ruleset, &attr);
		}
		err = error_of(
			syscall(__NR_landlock_restrict_self, ruleset, pick(8)));
		add_hash(err);
		tell(" layer %u handles %llx", domain.layers + 1,
		     attr.handled_access_fs);
		end_story("restrict", err);
		if (!err) {
			domain.layers++;
			domain.handled |= attr.handled_access_fs;
			count->layers++;
		}
	}
	close(ruleset);
}

static void begin_domain(void)
{
	domain.handled = 0;
	domain.layers = 0;
	domain.num_cores = 2 + pick(ARRAY_SIZE(domain.cores) - 1);
	domain.keep = (const unsigned int[]){ 14, 16, 16, 16 }[pick(4)];
	for (unsigned int i = 0; i < domain.num_cores; i++) {
		const struct handle *const mount = find_mount();

		domain.cores[i] = one_in(12) ? 0 : pick(NUM_DIRS);
		if (mount && one_in(4))
			domain.cores[i] = mount - handles;
	}
	/* More that may be granted, also if the cores are deep. */
	for (int i = 0; i < 40; i++) {
		const int core = domain.cores[pick(domain.num_cores)];
		const int fd = open_path(handles[core].fd, pick_path(), 0);

		if (fd >= 0)
			set_handle(is_dir(fd) ? pick_slot() : pick_file_slot(),
				   fd);
	}
}

static unsigned int pick_num_layers(void)
{
	switch (pick(4)) {
	case 0:
		return 1 + pick(LAYERS_MAX);
	case 1:
		return one_in(4) ? LAYERS_MAX : 4;
	default:
		return 1 + pick(3);
	}
}

/* Requests, by the sandboxed thread */

/* What is allowed when the file was opened and only shows later. */
static int try_opened(const int fd, const int flags)
{
	int err = 0;

	if ((flags & O_ACCMODE) != O_RDONLY && one_in(3))
		err = error_of(ftruncate(fd, 0));
	/* Denied for devices. */
	if (one_in(6))
		err = err * 256 + error_of(ioctl(fd, TIOCGPGRP, NULL));
	return err;
}

static __u64 access_of_open(const int flags)
{
	__u64 access = 0;

	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		access = flags & O_DIRECTORY ? LANDLOCK_ACCESS_FS_READ_DIR :
					       LANDLOCK_ACCESS_FS_READ_FILE;
		break;
	case O_WRONLY:
		access = LANDLOCK_ACCESS_FS_WRITE_FILE;
		break;
	case O_RDWR:
		access = ACCESS_RW;
		break;
	}
	return access;
}

/* Opens something through @dir, or @dir itself with an empty @path. */
static int request_open(const struct handle *const at, const char *const path,
			const int flags, __u64 *const access)
{
	int fd, err;

	tell(" open");
	tell_handle(at);
	tell(" \"%s\" %#o", path, flags);
	*access = access_of_open(flags);
	if (*path)
		fd = openat(at->fd, path,
			    flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0755);
	else
		fd = open(proc_path(at),
			  flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0755);
	if (fd < 0)
		return errno;
	err = try_opened(fd, flags);
	tell(" opened, then %d", err);
	close(fd);
	add_hash(err);
	return 0;
}

static int pick_open_flags(void)
{
	static const int flags[] = {
		O_RDONLY,
		O_RDONLY,
		O_RDONLY,
		O_WRONLY,
		O_RDWR,
		O_WRONLY | O_TRUNC,
		O_RDONLY | O_TRUNC,
		O_RDONLY | O_DIRECTORY,
		O_RDWR | O_NOFOLLOW,
		O_WRONLY | O_CREAT,
		O_RDONLY | O_CREAT | O_EXCL,
	};

	return flags[pick(ARRAY_SIZE(flags))];
}

static int request_rename(const struct handle *const from, __u64 *const access)
{
	static const unsigned int flags[] = { 0,
					      0,
					      0,
					      RENAME_EXCHANGE,
					      RENAME_EXCHANGE,
					      RENAME_NOREPLACE,
					      RENAME_WHITEOUT };
	const struct handle *const to = one_in(3) ? from : pick_dir();
	const char *const old_name = pick_leaf(), *const new_name = pick_leaf();
	const unsigned int flag = flags[pick(ARRAY_SIZE(flags))];

	tell(" renameat2 %#x", flag);
	tell_handle(from);
	tell(" %s", old_name);
	tell_handle(to);
	tell(" %s", new_name);
	*access = LANDLOCK_ACCESS_FS_REFER;
	return error_of(renameat2(from->fd, old_name, to->fd, new_name, flag));
}

static int request_link(const struct handle *const from, __u64 *const access)
{
	const struct handle *const to = one_in(3) ? from : pick_dir();
	const char *const name = pick_leaf();
	const char *old_name = pick_leaf();

	*access = LANDLOCK_ACCESS_FS_REFER;
	tell(" linkat");
	tell_handle(to);
	tell(" %s", name);
	if (one_in(2)) {
		const struct handle *const file = pick_file();

		tell_handle(file);
		return error_of(
			linkat(file->fd, "", to->fd, name, AT_EMPTY_PATH));
	}
	tell_handle(from);
	tell(" %s", old_name);
	return error_of(linkat(from->fd, old_name, to->fd, name, 0));
}

static int request_mknod(const struct handle *const at, __u64 *const access)
{
	static const struct {
		mode_t mode;
		__u64 access;
	} kinds[] = {
		{ S_IFREG, LANDLOCK_ACCESS_FS_MAKE_REG },
		{ S_IFREG, LANDLOCK_ACCESS_FS_MAKE_REG },
		{ S_IFIFO, LANDLOCK_ACCESS_FS_MAKE_FIFO },
		{ S_IFSOCK, LANDLOCK_ACCESS_FS_MAKE_SOCK },
		{ S_IFCHR, LANDLOCK_ACCESS_FS_MAKE_CHAR },
	};
	const unsigned int kind = pick(ARRAY_SIZE(kinds));
	const char *const name = pick_leaf();

	tell(" mknodat %o", kinds[kind].mode);
	tell_handle(at);
	tell(" %s", name);
	*access = kinds[kind].access;
	return error_of(
		mknodat(at->fd, name, kinds[kind].mode | 0755, makedev(1, 3)));
}

static int request_unlink(const struct handle *const at, __u64 *const access)
{
	const bool is_rmdir = one_in(3);
	const char *const name = pick_leaf();

	tell(" unlinkat %s", is_rmdir ? "dir" : "file");
	tell_handle(at);
	tell(" %s", name);
	*access = is_rmdir ? LANDLOCK_ACCESS_FS_REMOVE_DIR :
			     LANDLOCK_ACCESS_FS_REMOVE_FILE;
	return error_of(unlinkat(at->fd, name, is_rmdir ? AT_REMOVEDIR : 0));
}

/* Fails in any case: the files are empty. */
static int request_exec(const struct handle *const file, __u64 *const access)
{
	char *const none[] = { NULL };

	tell(" execveat");
	tell_handle(file);
	*access = LANDLOCK_ACCESS_FS_EXECUTE;
	return error_of(syscall(__NR_execveat, file->fd, "", none, none,
				AT_EMPTY_PATH));
}

static int request_connect(const struct handle *const file, __u64 *const access)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int fd = must(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	int err;

	tell(" connect");
	tell_handle(file);
	strcpy(addr.sun_path, proc_path(file));
	err = error_of(connect(fd, (void *)&addr, sizeof(addr)));
	close(fd);
	*access = LANDLOCK_ACCESS_FS_RESOLVE_UNIX;
	return err;
}

static int request_bind(void)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(2000 + pick(32)),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	const int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	int err;

	tell(" bind %d", ntohs(addr.sin_port));
	err = error_of(bind(fd, (void *)&addr, sizeof(addr)));
	close(fd);
	return err;
}

/* Returns the error, and the handle that it was about. */
static int request_anything(const struct handle **const about,
			    __u64 *const access)
{
	const struct handle *const dir = pick_dir();
	const struct handle *const file = pick_file();
	const char *name;

	*about = dir;
	switch (pick(64)) {
	case 0 ... 9:
		return request_open(dir, ".",
				    one_in(6) ? O_TMPFILE | O_RDWR :
						O_RDONLY | O_DIRECTORY,
				    access);
	case 10 ... 25:
		*about = file;
		return request_open(file, "", pick_open_flags() & ~O_CREAT,
				    access);
	case 26 ... 35:
		return request_open(dir, pick_path(), pick_open_flags(),
				    access);
	case 36 ... 38:
		name = pick_leaf();
		tell(" mkdirat");
		tell_handle(dir);
		tell(" %s", name);
		*access = LANDLOCK_ACCESS_FS_MAKE_DIR;
		return error_of(mkdirat(dir->fd, name, 0755));
	case 39 ... 42:
		return request_mknod(dir, access);
	case 43 ... 46:
		return request_unlink(dir, access);
	case 47 ... 53:
		return request_rename(dir, access);
	case 54 ... 56:
		return request_link(dir, access);
	case 57:
		name = pick_leaf();
		tell(" symlinkat");
		tell_handle(dir);
		tell(" %s", name);
		*access = LANDLOCK_ACCESS_FS_MAKE_SYM;
		return error_of(symlinkat(pick_path(), dir->fd, name));
	case 58 ... 59:
		*about = file;
		tell(" truncate");
		tell_handle(file);
		*access = LANDLOCK_ACCESS_FS_TRUNCATE;
		return error_of(truncate(proc_path(file), 0));
	case 60:
		*about = file;
		return request_exec(file, access);
	case 61 ... 62:
		*about = file;
		return request_connect(file, access);
	default:
		*access = 0;
		return request_bind();
	}
}

/* What happens after Landlock allowed it. */
static bool is_after(const int err)
{
	return !err || err == ENXIO || err == ENOEXEC;
}

static void request(void)
{
	const struct handle *about;
	enum place place = NUM_PLACES;
	__u64 access;
	int err;

	err = request_anything(&about, &access);
	add_hash(err);
	switch (err) {
	case 0:
		count->allowed++;
		break;
	case EACCES:
		count->eacces++;
		break;
	case EXDEV:
		count->exdev++;
		break;
	case ENOENT:
		count->enoent++;
		break;
	default:
		count->other++;
	}
	if (!is_after(err) && err != EACCES)
		access = 0;
	access &= domain.handled;
	if (access && (err == EACCES || is_after(err))) {
		count->handled_denied += err == EACCES;
		count->handled_allowed += err != EACCES;
		if (!(count->requests % 4))
			place = place_of(about);
		if (place < NUM_PLACES && err == EACCES)
			count->place_denied[place]++;
		else if (place < NUM_PLACES)
			count->place_allowed[place]++;
	}
	end_story("request", err);
	if (++count->requests % REQUESTS_PER_LINE)
		return;
	printf("requests %lu changes %lu/%lu layers %lu rules %lu allowed %lu EACCES %lu EXDEV %lu ENOENT %lu other %lu hash %016llx\n",
	       count->requests, count->changes_done, count->changes,
	       count->layers, count->rules, count->allowed, count->eacces,
	       count->exdev, count->enoent, count->other, count->hash);
}

/* What the sandboxed thread shall do, with which it takes turns. */
static struct {
	sem_t begin, end;
	unsigned int layers, requests;
	bool stop;
} turn;

static void *sandbox(void *const arg)
{
	while (true) {
		while (sem_wait(&turn.begin))
			;
		if (turn.stop)
			return arg;
		add_layers(turn.layers);
		while (turn.requests--)
			request();
		sem_post(&turn.end);
	}
}

static void give_turn(const unsigned int layers, const unsigned int requests)
{
	turn.layers = layers;
	turn.requests = requests;
	sem_post(&turn.begin);
	while (sem_wait(&turn.end))
		;
}

/* A thread shares memory and files, but not its domain. */
static void run_domain(const unsigned long requests_max)
{
	const unsigned long end = count->requests + REQUESTS_PER_DOMAIN;
	pthread_t thread;

	begin_domain();
	turn.stop = false;
	must(-pthread_create(&thread, NULL, sandbox, NULL));
	give_turn(pick_num_layers(), 0);
	while (count->requests < end && count->requests < requests_max) {
		unsigned long num = 10 + pick(40);

		if (num > requests_max - count->requests)
			num = requests_max - count->requests;
		for (int n = pick(4); n; n--)
			change();
		give_turn(one_in(40) ? 1 + pick(2) : 0, num);
	}
	turn.stop = true;
	sem_post(&turn.begin);
	must(-pthread_join(thread, NULL));
}

static void run_world(const unsigned long requests)
{
	enter_new_root();
	build_world();
	must(sem_init(&turn.begin, 0, 0));
	must(sem_init(&turn.end, 0, 0));
	for (int i = 0; i < DOMAINS_PER_WORLD && count->requests < requests;
	     i++)
		run_domain(requests);
}

static int run_random(const unsigned long seed, const unsigned long requests)
{
	count->rng = seed;
	count->hash = 0xcbf29ce484222325;
	while (count->requests < requests) {
		int status;

		fflush(stdout);
		if (!must(fork())) {
			run_world(requests);
			exit(0);
		}
		must(wait(&status));
		if (status)
			return 1;
	}
	printf("handled: allowed %lu denied %lu\n", count->handled_allowed,
	       count->handled_denied);
	for (int i = 0; i < NUM_PLACES; i++)
		printf("place %s: allowed %lu denied %lu\n", place_names[i],
		       count->place_allowed[i], count->place_denied[i]);
	printf("end: seed %lu requests %lu hash %016llx\n", seed,
	       count->requests, count->hash);
	return 0;
}

/*
 * Concurrent requests
 *
 * Names of directories: "yes" has a rule and "no" has none, nor has anything
 * above; both have directories and mounts that move inside of them.  The rules
 * of "eq1" and "eq2" are equal; "rd" and "wr" grant half of it.  A rule moves
 * with "g" in "p" and "q".  "own" is mounted and has a rule, "src" has none.
 */

#define NUM_CHECKERS 3
#define NUM_MOVERS 4

/* Verdicts. */
#define OK 1
#define DENIED 2
#define ABSENT 4
#define REFERS 8
#define EXISTS 16

static struct shared {
	_Atomic unsigned long requests, allowed, denied, absent, wrong;
	_Atomic unsigned long moves, mounts, mount_moves;
	_Atomic int wrong_probe, wrong_error;
	_Atomic int ready, stop;
} * shared;

/* Pairs that are exchanged. */
static const char *const exchanges[][2] = {
	{ "yes/l", "yes/far/x/r" }, { "no/l", "no/far/x/r" },
	{ "eq1/d", "eq2/d" },	    { "rd/d", "wr/d" },
	{ "p/g", "q/g" },	    { "own/l", "own/far/x/r" },
	{ "src/sub/x", "src/x" },   { "src/low/y", "src/y" },
	{ "eq1", "eq2" },	    { "p", "q" },
};

/* Most of the requests are for the first ones. */
#define NUM_FREQUENT 2

static const struct probe {
	/* The directory, opened first, and what is opened in it. */
	const char *held, *path;
	int flags;
	int expect;
	/* Or a directory that the file is linked to. */
	const char *refer;
} probes[] = {
	/* NUM_FREQUENT, in mounts that move: most could go wrong there. */
	{ "yes/m1", ".", O_RDONLY | O_DIRECTORY, OK, NULL },
	{ "no/m1", ".", O_RDONLY | O_DIRECTORY, DENIED, NULL },
	{ "yes/l/1/2/3", "file", O_RDWR, OK, NULL },
	{ "yes/far/x/r/1/2/3", "file", O_WRONLY | O_TRUNC, OK, NULL },
	{ "no/l/1/2/3", "file", O_RDONLY, DENIED, NULL },
	{ "no/far/x/r/1/2/3", "file", O_WRONLY | O_TRUNC, DENIED, NULL },
	{ "eq1/d/1/2/3", "file", O_RDWR, OK, NULL },
	{ "eq2/d/1/2/3", "file", O_RDWR, OK, NULL },
	/* One of both, never both. */
	{ "rd/d/1/2/3", "file", O_RDWR, DENIED, NULL },
	{ "wr/d/1/2/3", "file", O_RDWR, DENIED, NULL },
	{ "rd/d/1/2/3", "file", O_RDONLY, OK | DENIED, NULL },
	{ "p/g/1/2/3", "file", O_RDWR, OK, NULL },
	{ "q/g/1/2/3", "file", O_RDWR, OK, NULL },
	/* A rule in a mount that comes and goes, and a stack of mounts. */
	{ ".", "no/m3/l/1/2/3/file", O_RDWR, OK | ABSENT, NULL },
	{ ".", "yes/o/1/2/3/file", O_RDWR, OK, NULL },
	{ ".", "else/t/1/2/3/file", O_RDONLY, DENIED | ABSENT, NULL },
	/* Sometimes out of their mounts. */
	{ "yes/dm/x/1/2/3", "file", O_RDWR, OK, NULL },
	{ "no/dm/y/1/2/3", "file", O_RDONLY, DENIED, NULL },
	{ "yes/dm/x/1/2/3", ".", O_RDONLY | O_DIRECTORY, OK, NULL },
	/* In a detached mount. */
	{ "@own/l/1/2/3", "file", O_RDWR, OK, NULL },
	{ "@src/x/1/2/3", "file", O_RDONLY, DENIED, NULL },
	/* The second time, the link is there. */
	{ "no/l/1/2/3", "file", 0, REFERS, "yes/l/1/2/3" },
	{ "eq1/d/1/2/3", "file", 0, OK | EXISTS, "eq2/d/1/2/3" },
};

/* The directories of the probes. */
static int held_fds[ARRAY_SIZE(probes)], refer_fds[ARRAY_SIZE(probes)];

static void make_dirs(const char *const path)
{
	char text[128];

	for (size_t i = 1; i <= strlen(path); i++) {
		if (path[i] && path[i] != '/')
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)i, path);
		if (mkdir(text, 0755))
			must(errno == EEXIST ? 0 : -1);
	}
}

/* A directory with a file further down. */
static void make_deep(const char *const path)
{
	char text[128];

	snprintf(text, sizeof(text), "%s/1/2/3", path);
	make_dirs(text);
	strcat(text, "/file");
	if (mknod(text, S_IFREG | 0644, 0))
		must(errno == EEXIST ? 0 : -1);
}

static void bind_mount(const char *const from, const char *const to)
{
	must(mount(from, to, NULL, MS_BIND, NULL));
}

static void build_concurrent(void)
{
	static const char *const places[] = {
		"yes/m1", "yes/k", "no/m1",   "no/k",	  "no/m3",
		"yes/dm", "no/dm", "src/k/m", "yes/k2/m", "else/t",
	};

	must(mount("tmpfs", BASE, "tmpfs", 0, "mode=755"));
	must(chdir(BASE));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		make_dirs(places[i]);
	for (size_t i = 0; i < ARRAY_SIZE(exchanges); i++)
		for (int side = 0; side < 2; side++)
			make_deep(exchanges[i][side]);
	make_deep("yes/o");
	make_deep("yes/hidden");
	make_deep("src");
	/*
	 * The mounts move between two mounts of the same file system, of which
	 * the second is a directory that, elsewhere, has the other verdict.
	 */
	bind_mount("src/k", "yes/k");
	bind_mount("yes/k2", "no/k");
	bind_mount("src", "yes/m1");
	bind_mount("yes/hidden", "no/m1");
	bind_mount("src/sub", "yes/dm");
	bind_mount("src/low", "no/dm");
}

/* Opens the directories of the probes, before anything moves. */
static void open_probes(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		const struct probe *const probe = &probes[i];
		const char *path = probe->held;
		int at = AT_FDCWD;

		if (*path == '@') {
			char root[16];

			path = strchr(path, '/') + 1;
			snprintf(root, sizeof(root), "%.*s",
				 (int)(path - probe->held - 2),
				 probe->held + 1);
			at = must(open_tree(AT_FDCWD, root, OPEN_TREE_CLONE));
		}
		held_fds[i] = must(open_path(at, path, 0));
		if (probe->refer)
			refer_fds[i] =
				must(open_path(AT_FDCWD, probe->refer, 0));
	}
}

static void add_path(const int ruleset, const char *const path,
		     const __u64 access)
{
	const struct landlock_path_beneath_attr attr = {
		.allowed_access = access,
		.parent_fd = must(open_path(AT_FDCWD, path, 0)),
	};

	must(syscall(__NR_landlock_add_rule, ruleset,
		     LANDLOCK_RULE_PATH_BENEATH, &attr, 0));
	close(attr.parent_fd);
}

static void restrict_checker(const int layers)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = ACCESS_RW | LANDLOCK_ACCESS_FS_READ_DIR |
				     LANDLOCK_ACCESS_FS_TRUNCATE |
				     LANDLOCK_ACCESS_FS_REFER,
	};
	static const char *const granted[] = { "yes", "eq1", "eq2",
					       "p/g", "q/g", "own" };

	for (int layer = 0; layer < layers; layer++) {
		const int ruleset = must(syscall(__NR_landlock_create_ruleset,
						 &attr, sizeof(attr), 0));

		for (size_t i = 0; i < ARRAY_SIZE(granted); i++)
			add_path(ruleset, granted[i], attr.handled_access_fs);
		add_path(ruleset, "rd",
			 LANDLOCK_ACCESS_FS_READ_FILE |
				 LANDLOCK_ACCESS_FS_REFER);
		add_path(ruleset, "wr",
			 LANDLOCK_ACCESS_FS_WRITE_FILE |
				 LANDLOCK_ACCESS_FS_REFER);
		/* Not all layers are the same. */
		if (layer % 3 == 2)
			add_path(ruleset, "no", LANDLOCK_ACCESS_FS_REFER);
		must(syscall(__NR_landlock_restrict_self, ruleset, 0));
		close(ruleset);
	}
}

static unsigned int pick_probe(void)
{
	if (one_in(4))
		return pick(ARRAY_SIZE(probes));

	return one_in(4) ? pick(NUM_FREQUENT) : 0;
}

static int try_probe(const unsigned int i)
{
	const struct probe *const probe = &probes[i];
	int fd;

	if (probe->refer)
		return error_of(linkat(held_fds[i], probe->path, refer_fds[i],
				       "link", 0));
	fd = openat(held_fds[i], probe->path, probe->flags | O_CLOEXEC);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void check_requests(const int layers)
{
	restrict_checker(layers);
	shared->ready++;
	while (!shared->stop) {
		const unsigned int i = pick_probe();
		const int err = try_probe(i);
		int got = 0;

		shared->requests++;
		switch (err) {
		case 0:
			shared->allowed++;
			got = OK;
			break;
		case EACCES:
			shared->denied++;
			got = DENIED;
			break;
		case ENOENT:
			shared->absent++;
			got = ABSENT;
			break;
		case EXDEV:
			got = REFERS;
			break;
		case EEXIST:
			got = EXISTS;
			break;
		}
		if (!(got & probes[i].expect)) {
			shared->wrong++;
			shared->wrong_probe = i;
			shared->wrong_error = err;
		}
		if (one_in(64))
			sched_yield();
	}
}

/* Some time in which nothing moves, and for those who move mounts. */
static void pause_moving(const unsigned int max)
{
	if (one_in(2))
		usleep(pick(max));
}

static void move_dirs(void)
{
	while (!shared->stop) {
		const unsigned int i = pick(ARRAY_SIZE(exchanges));

		must(renameat2(AT_FDCWD, exchanges[i][0], AT_FDCWD,
			       exchanges[i][1], RENAME_EXCHANGE));
		shared->moves++;
		pause_moving(2000);
	}
}

/* What is opened through it shall not be detached: waits until it is closed. */
static void unmount_unused(const char *const path)
{
	while (umount2(path, UMOUNT_NOFOLLOW))
		must(errno == EBUSY ? 0 : -1);
}

/* Mounts what is not mounted, or the other way round. */
static void toggle_mounts(void)
{
	bool is_mounted[3] = {};

	while (!shared->stop) {
		const unsigned int i = pick(ARRAY_SIZE(is_mounted));

		switch (i) {
		case 0:
			/* Its rule is inside. */
			if (is_mounted[i])
				must(umount2("no/m3", MNT_DETACH));
			else
				bind_mount("own", "no/m3");
			break;
		case 1:
			if (is_mounted[i])
				unmount_unused("yes/o");
			else
				bind_mount("src", "yes/o");
			break;
		default:
			if (is_mounted[i])
				unmount_unused("else/t");
			else
				bind_mount("src", "else/t");
			break;
		}
		is_mounted[i] = !is_mounted[i];
		shared->mounts++;
		pause_moving(2000);
	}
}

/*
 * As often as possible: a mount that is not attached anywhere, or that is
 * thought to be attached to the wrong directory of the wrong mount, can only be
 * seen for a moment.
 */
static void move_mounts(void)
{
	static const char *const pairs[][2] = {
		{ "yes/m1", "yes/k/m" },
		{ "no/m1", "no/k/m" },
	};
	bool is_moved[ARRAY_SIZE(pairs)] = {};

	while (!shared->stop) {
		const unsigned int i = one_in(4);

		must(mount(pairs[i][is_moved[i]], pairs[i][!is_moved[i]], NULL,
			   MS_MOVE, NULL));
		is_moved[i] = !is_moved[i];
		shared->mount_moves++;
		if (one_in(16))
			pause_moving(200);
	}
}

static void start(void (*const run)(int), const int arg)
{
	static unsigned int num;
	const pid_t pid = must(fork());

	num++;
	if (pid)
		return;
	must(prctl(PR_SET_PDEATHSIG, SIGKILL));
	/* Of each process its own. */
	count = calloc(1, sizeof(*count));
	count->rng = num;
	run(arg);
	exit(0);
}

static void start_mover(const int which)
{
	switch (which) {
	case 0:
		return move_mounts();
	case 1:
		return toggle_mounts();
	default:
		return move_dirs();
	}
}

static int run_concurrent(const int seconds)
{
	bool ended_well = true;
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	puts("KTAP version 1");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared == MAP_FAILED ? -1 : 0);
	build_concurrent();
	open_probes();
	for (int i = 0; i < NUM_CHECKERS; i++)
		start(check_requests, (const int[]){ 1, 2, 7 }[i]);
	while (shared->ready < NUM_CHECKERS)
		must(waitpid(-1, &status, WNOHANG) ? -1 : usleep(1000));
	for (int i = 0; i < NUM_MOVERS; i++)
		start(start_mover, i);
	for (int i = 0; i < seconds && !shared->wrong; i++)
		sleep(1);
	shared->stop = 1;
	while (wait(&status) > 0)
		ended_well = ended_well && !status;

	printf("# %lu requests: %lu allowed, %lu denied, %lu absent; %lu moves, %lu mounts, %lu moved\n",
	       shared->requests, shared->allowed, shared->denied,
	       shared->absent, shared->moves, shared->mounts,
	       shared->mount_moves);
	if (shared->wrong) {
		const struct probe *const probe = &probes[shared->wrong_probe];

		printf("# %lu wrong verdicts, the last of %s %s: %s\n",
		       shared->wrong, probe->held, probe->path,
		       strerror(shared->wrong_error));
	}
	check(!shared->wrong, "walk: each verdict right");
	check(ended_well, "walk: each process ended well");
	check(shared->allowed * 100 > shared->requests * 15 &&
		      shared->denied * 100 > shared->requests * 15 &&
		      shared->moves && shared->mounts && shared->mount_moves,
	      "walk: allowed and denied while directories and mounts moved");
	finish();
	return 0;
}

int main(const int argc, char *const argv[])
{
	count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(count == MAP_FAILED ? -1 : 0);
	if (argc == 3 && !strcmp(argv[1], "concurrent") && atoi(argv[2]) > 0) {
		enter_new_root();
		return run_concurrent(atoi(argv[2]));
	}
	if (argc < 3 || argc > 5 || atol(argv[1]) <= 0 || atol(argv[2]) <= 0 ||
	    (argc > 3 && strcmp(argv[3], "verbose"))) {
		fputs("usage: walk-random SEED REQUESTS [verbose [FROM]]\n"
		      "       walk-random concurrent SECONDS\n",
		      stderr);
		return 2;
	}
	verbose = argc > 3;
	verbose_from = argc > 4 ? atol(argv[4]) : 0;
	return run_random(atol(argv[1]), atol(argv[2]));
}
