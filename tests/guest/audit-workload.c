// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provokes every kind of Landlock audit record and prints, per scenario, what
 * each call returned and then the records as they came:
 *
 *   == scenario
 *   call EXPRESSION: RESULT
 *   record TYPE TEXT
 *
 * usage: audit-workload   (root, alone on the system, in an empty tmpfs)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALL_FS ((LANDLOCK_ACCESS_FS_RESOLVE_UNIX << 1) - 1)
#define ALL_NET ((LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP << 1) - 1)
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE LANDLOCK_ACCESS_FS_WRITE_FILE
#define A LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define S LANDLOCK_SCOPE_SIGNAL

/* Prints what @expr returned: a denial that becomes a success shows too. */
#define TRY(expr)                                                            \
	({                                                                   \
		errno = 0;                                                   \
		const long ret_ = (long)(expr);                              \
		printf("call %s: %s\n", #expr,                               \
		       ret_ == -1 ? strerrorname_np(errno) : "ok");          \
		ret_;                                                        \
	})

static void fail(const char *const what)
{
	printf("audit-workload: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- Landlock --- */

static int new_ruleset(struct landlock_ruleset_attr attr)
{
	const int fd = syscall(__NR_landlock_create_ruleset, &attr,
			       sizeof(attr), 0);

	if (fd < 0)
		fail("landlock_create_ruleset");
	return fd;
}

#define RULESET(...) new_ruleset((struct landlock_ruleset_attr){ __VA_ARGS__ })

static void add_path(const int ruleset, const char *const path,
		     const uint64_t access, const unsigned int flags)
{
	const struct landlock_path_beneath_attr attr = {
		.allowed_access = access,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (attr.parent_fd < 0 ||
	    syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		    &attr, flags))
		fail(path);
	close(attr.parent_fd);
}

static void add_port(const int ruleset, const uint64_t port,
		     const uint64_t access, const unsigned int flags)
{
	const struct landlock_net_port_attr attr = {
		.allowed_access = access,
		.port = port,
	};

	if (syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_NET_PORT,
		    &attr, flags))
		fail("landlock_add_rule");
}

static void enforce(const int ruleset, const unsigned int flags)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(__NR_landlock_restrict_self, ruleset, flags))
		fail("landlock_restrict_self");
	if (ruleset >= 0)
		close(ruleset);
}

/* --- audit --- */

static int audit_fd;

static void audit_set(const unsigned int key, const unsigned int value)
{
	struct {
		struct nlmsghdr header;
		struct audit_status status;
	} msg = {
		.header = {
			.nlmsg_len = sizeof(msg),
			.nlmsg_type = AUDIT_SET,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.status = {
			.mask = key,
			.enabled = value,
			.pid = value,
			.rate_limit = value,
			.backlog_limit = value,
		},
	};
	char reply[1024];

	if (send(audit_fd, &msg, sizeof(msg), 0) != sizeof(msg) ||
	    recv(audit_fd, reply, sizeof(reply), 0) < 0)
		fail("audit");
}

static void audit_open(void)
{
	const int size = 1 << 20;

	audit_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (audit_fd < 0)
		fail("socket");
	if (setsockopt(audit_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		fail("SO_RCVBUFFORCE");
	audit_set(AUDIT_STATUS_RATE_LIMIT, 0);
	audit_set(AUDIT_STATUS_BACKLOG_LIMIT, 8192);
	audit_set(AUDIT_STATUS_ENABLED, 1);
	audit_set(AUDIT_STATUS_PID, getpid());
}

/* Prints records until none came for a while: domains are freed deferred. */
static void audit_print(const int timeout)
{
	struct pollfd p = { .fd = audit_fd, .events = POLLIN };
	char buf[9000];

	while (poll(&p, 1, timeout) == 1) {
		const struct nlmsghdr *const header = (void *)buf;
		const ssize_t len = recv(audit_fd, buf, sizeof(buf) - 1, 0);

		if (len < (ssize_t)sizeof(*header))
			fail("lost records");
		buf[len] = '\0';
		if (header->nlmsg_type >= AUDIT_FIRST_USER_MSG ||
		    header->nlmsg_type >= AUDIT_SYSCALL)
			printf("record %d %s\n", header->nlmsg_type,
			       (char *)NLMSG_DATA(header));
	}
}

/* --- scenarios: each runs in a child of its own --- */

static void fs_all_denied(void)
{
	enforce(RULESET(.handled_access_fs = ALL_FS), 0);
	TRY(open("dir/file", O_RDONLY));
	TRY(open("dir/file", O_WRONLY));
	TRY(open("dir/file", O_RDWR | O_TRUNC));
	TRY(open("dir", O_RDONLY | O_DIRECTORY));
	TRY(open("dir/new", O_WRONLY | O_CREAT, 0600));
	TRY(truncate("dir/file", 1));
	TRY(execl("/proc/self/exe", "x", NULL));
	TRY(mkdir("dir/new", 0700));
	TRY(mknod("dir/new", S_IFREG | 0600, 0));
	TRY(mknod("dir/new", S_IFIFO | 0600, 0));
	TRY(mknod("dir/new", S_IFSOCK | 0600, 0));
	TRY(mknod("dir/new", S_IFCHR | 0600, 259));
	TRY(mknod("dir/new", S_IFBLK | 0600, 1793));
	TRY(symlink("x", "dir/new"));
	TRY(link("dir/file", "dir/new"));
	TRY(link("dir/file", "other/new"));
	TRY(rename("dir/file", "dir/new"));
	TRY(rename("dir/file", "other/new"));
	TRY(rename("dir/sub", "other/new"));
	TRY(renameat2(AT_FDCWD, "dir/file", AT_FDCWD, "other/file",
		      RENAME_EXCHANGE));
	TRY(unlink("dir/file"));
	TRY(rmdir("dir/sub"));
	TRY(linkat(open("dir/file", O_PATH), "", AT_FDCWD, "dir/new",
		   AT_EMPTY_PATH));
}

static void fs_some_allowed(void)
{
	const int r = RULESET(.handled_access_fs = ALL_FS);

	add_path(r, "dir", READ, 0);
	add_path(r, "dir/sub", READ | WRITE, 0);
	add_path(r, "other", LANDLOCK_ACCESS_FS_MAKE_REG, 0);
	enforce(r, 0);
	TRY(open("dir/file", O_RDONLY));
	TRY(open("dir/file", O_RDWR));
	TRY(open("dir/sub/file", O_RDWR));
	TRY(open("dir/sub/file", O_RDWR | O_TRUNC));
	TRY(open("other/new", O_WRONLY | O_CREAT, 0600));
	TRY(rename("dir/sub/file", "other/new"));
	TRY(link("dir/file", "other/new2"));
}

static void fs_layers(void)
{
	int r = RULESET(.handled_access_fs = READ | WRITE);

	add_path(r, "dir", READ, 0);
	enforce(r, 0);
	r = RULESET(.handled_access_fs = READ);
	add_path(r, "dir/sub", READ, 0);
	enforce(r, 0);
	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_DIR |
					     LANDLOCK_ACCESS_FS_REFER),
		0);
	TRY(open("other/file", O_RDONLY));
	TRY(open("dir/file", O_RDONLY));
	TRY(open("dir/sub/file", O_RDONLY));
	TRY(open("dir/sub/file", O_WRONLY));
	TRY(open("dir/file", O_RDWR));
	TRY(mkdir("dir/new", 0700));
	TRY(rename("dir/file", "other/new"));
}

static void fs_sixteen_layers(void)
{
	for (int i = 0; i < 16; i++)
		enforce(RULESET(.handled_access_fs = 1ULL << i), 0);
	TRY(open("dir/file", O_RDWR));
	TRY(mkdir("dir/new", 0700));
	TRY(unlink("dir/file"));
	TRY(execl("/proc/self/exe", "x", NULL));
}

static void fs_open_file(void)
{
	int r = RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_TRUNCATE |
					     LANDLOCK_ACCESS_FS_WRITE_FILE);
	int fd;

	add_path(r, ".", LANDLOCK_ACCESS_FS_WRITE_FILE, 0);
	add_path(r, "/dev", LANDLOCK_ACCESS_FS_WRITE_FILE, 0);
	enforce(r, 0);
	r = RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_IOCTL_DEV);
	enforce(r, 0);
	fd = open("dir/file", O_WRONLY);
	TRY(ftruncate(fd, 0));
	/* A younger domain does not change what the open file may. */
	enforce(RULESET(.handled_access_fs = ALL_FS), 0);
	TRY(ftruncate(fd, 0));
	TRY(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1));
}

static void fs_ioctl(void)
{
	const int r = RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_IOCTL_DEV);
	int fd;

	enforce(r, 0);
	fd = open("/dev/null", O_RDWR);
	TRY(ioctl(fd, 0x5401, 0));
	TRY(ioctl(fd, FIONREAD, 0));
	TRY(ioctl(fd, FIOCLEX, 0));
}

static void fs_names(void)
{
	int fd;

	mkdir("a b", 0700);
	mkdir("deep", 0700);
	close(open("a b/\"q\\\n\x1b\xff=x", O_WRONLY | O_CREAT, 0600));
	mkdir("gone", 0700);
	fd = open("gone", O_RDONLY | O_DIRECTORY);
	rmdir("gone");
	prctl(PR_SET_NAME, "c\xf6mm \"=");
	enforce(RULESET(.handled_access_fs = ALL_FS), 0);
	TRY(open("a b/\"q\\\n\x1b\xff=x", O_RDONLY));
	TRY(open("a b", O_RDONLY));
	TRY(openat(fd, ".", O_RDONLY));
	TRY(open("dir/../dir/./sub/../file", O_RDONLY));
	TRY(open("link", O_RDONLY));
	TRY(open("/proc/self/environ", O_RDONLY));
	TRY(open("/", O_RDONLY));
	TRY(syscall(SYS_memfd_create, "m", 0));
}

static void fs_topology(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("t", "mnt", "tmpfs", 0, NULL) || mkdir("mnt/old", 0700))
		fail("mounts");
	enforce(RULESET(.handled_access_fs = WRITE), 0);
	TRY(mount("t", "dir", "tmpfs", 0, NULL));
	TRY(mount("dir", "other", NULL, MS_BIND, NULL));
	TRY(mount(NULL, "mnt", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	TRY(mount(NULL, "mnt", NULL, MS_SHARED, NULL));
	TRY(mount("mnt", "dir", NULL, MS_MOVE, NULL));
	TRY(umount("mnt"));
	TRY(umount2("mnt", MNT_DETACH));
	TRY(syscall(SYS_pivot_root, "mnt", "mnt/old"));
	TRY(syscall(SYS_move_mount, AT_FDCWD, "mnt", AT_FDCWD, "dir", 0));
	TRY(chroot("mnt"));
}

static void net_use(const int type, const uint16_t port)
{
	const struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	struct sockaddr_in unspec = v4;
	int s4 = socket(AF_INET, type, 0), s6 = socket(AF_INET6, type, 0);

	unspec.sin_family = AF_UNSPEC;
	printf("call type %d port %d\n", type, port);
	TRY(bind(s4, (struct sockaddr *)&v4, sizeof(v4)));
	TRY(bind(s6, (struct sockaddr *)&v6, sizeof(v6)));
	TRY(connect(s4, (struct sockaddr *)&v4, sizeof(v4)));
	TRY(connect(s6, (struct sockaddr *)&v6, sizeof(v6)));
	TRY(connect(s4, (struct sockaddr *)&unspec, sizeof(unspec)));
	unspec.sin_addr.s_addr = htonl(INADDR_ANY);
	TRY(bind(s4, (struct sockaddr *)&unspec, sizeof(unspec)));
	if (type == SOCK_STREAM) {
		TRY(listen(s4, 1));
		TRY(sendto(s4, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
			   (struct sockaddr *)&v4, sizeof(v4)));
	} else {
		TRY(sendto(s4, "x", 1, 0, (struct sockaddr *)&v4, sizeof(v4)));
		TRY(sendto(s6, "x", 1, 0, (struct sockaddr *)&v6, sizeof(v6)));
		TRY(sendto(s6, "x", 1, 0, (struct sockaddr *)&unspec,
			   sizeof(unspec)));
	}
	TRY(bind(s4, (struct sockaddr *)&v4, 3));
	close(s4);
	close(s6);
}

static void net_denied(void)
{
	enforce(RULESET(.handled_access_net = ALL_NET), 0);
	net_use(SOCK_STREAM, 1025);
	net_use(SOCK_DGRAM, 1026);
	net_use(SOCK_STREAM, 0);
	net_use(SOCK_DGRAM, 0);
}

static void net_layers(void)
{
	int r = RULESET(.handled_access_net = ALL_NET);

	add_port(r, 1025, LANDLOCK_ACCESS_NET_BIND_TCP, 0);
	add_port(r, 1026, LANDLOCK_ACCESS_NET_BIND_UDP, 0);
	enforce(r, 0);
	enforce(RULESET(.handled_access_net = LANDLOCK_ACCESS_NET_CONNECT_TCP),
		0);
	enforce(RULESET(.handled_access_net =
				LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP),
		0);
	net_use(SOCK_STREAM, 1025);
	net_use(SOCK_DGRAM, 1026);
}

static void net_udp_send_without_bind(void)
{
	const int r = RULESET(.handled_access_net = ALL_NET);

	add_port(r, 1026, LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP, 0);
	enforce(r, 0);
	net_use(SOCK_DGRAM, 1026);
}

static void ptrace_parent(void)
{
	char buf[8];
	struct iovec local = { buf, 1 }, remote = { buf, 1 };
	const pid_t parent = getppid();
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", parent);
	enforce(RULESET(.handled_access_fs = WRITE), 0);
	enforce(RULESET(.scoped = A), 0);
	TRY(ptrace(PTRACE_ATTACH, parent, 0, 0));
	TRY(ptrace(PTRACE_SEIZE, parent, 0, 0));
	TRY(process_vm_readv(parent, &local, 1, &remote, 1, 0));
	TRY(open(path, O_RDONLY));
}

static void ptrace_traceme(void)
{
	int go[2];
	pid_t child;

	if (pipe(go))
		fail("pipe");
	child = fork();
	if (!child) {
		char byte;

		close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		TRY(ptrace(PTRACE_TRACEME, 0, 0, 0));
		_exit(0);
	}
	enforce(RULESET(.handled_access_fs = WRITE), 0);
	if (write(go[1], "x", 1) != 1)
		fail("write");
	waitpid(child, NULL, 0);
}

static void scope_signal(void)
{
	const pid_t parent = getppid();
	int p[2], s[2];

	enforce(RULESET(.scoped = S), 0);
	TRY(kill(parent, 0));
	TRY(kill(parent, SIGUSR1));
	TRY(syscall(SYS_tgkill, parent, parent, SIGUSR1));
	TRY(sigqueue(parent, SIGUSR1, (union sigval){ 0 }));
	TRY(syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, parent, 0),
		    SIGUSR1, NULL, 0));
	TRY(kill(getpid(), 0));

	/* SIGIO and SIGURG to a file's owner */
	if (pipe(p) || socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		fail("pipe");
	TRY(fcntl(p[0], F_SETOWN, parent));
	TRY(fcntl(p[0], F_SETFL, O_ASYNC));
	TRY(write(p[1], "x", 1));
	TRY(fcntl(p[0], F_SETSIG, SIGUSR1));
	TRY(write(p[1], "x", 1));
	TRY(fcntl(s[0], F_SETOWN, parent));
	TRY(send(s[1], "x", 1, MSG_OOB));
}

static void scope_layers(void)
{
	enforce(RULESET(.scoped = S), 0);
	enforce(RULESET(.scoped = A), 0);
	TRY(kill(getppid(), 0));
}

static int abstract_stream, abstract_dgram;

static socklen_t abstract(struct sockaddr_un *const un, const char *const name,
			  const size_t len)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path + 1, name, len);
	return offsetof(struct sockaddr_un, sun_path) + 1 + len;
}

static void scope_unix(void)
{
	struct sockaddr_un un;
	socklen_t len;
	int stream = socket(AF_UNIX, SOCK_STREAM, 0);
	int dgram = socket(AF_UNIX, SOCK_DGRAM, 0);

	enforce(RULESET(.scoped = A), 0);
	len = abstract(&un, "stream", 6);
	TRY(connect(stream, (struct sockaddr *)&un, len));
	len = abstract(&un, "d\0g \xff", 5);
	TRY(connect(dgram, (struct sockaddr *)&un, len));
	TRY(sendto(dgram, "x", 1, 0, (struct sockaddr *)&un, len));
}

static void fs_unix(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX,
				  .sun_path = "dir/stream" };
	int stream = socket(AF_UNIX, SOCK_STREAM, 0);

	enforce(RULESET(.handled_access_fs = LANDLOCK_ACCESS_FS_RESOLVE_UNIX),
		0);
	TRY(connect(stream, (struct sockaddr *)&un, sizeof(un)));
	strcpy(un.sun_path, "dir/dgram");
	stream = socket(AF_UNIX, SOCK_DGRAM, 0);
	TRY(connect(stream, (struct sockaddr *)&un, sizeof(un)));
	TRY(sendto(stream, "x", 1, 0, (struct sockaddr *)&un, sizeof(un)));
}

static void quiet_fs(void)
{
	int r = RULESET(.handled_access_fs = ALL_FS,
			.quiet_access_fs = READ | LANDLOCK_ACCESS_FS_TRUNCATE);
	int fd;

	add_path(r, "other", 0, LANDLOCK_ADD_RULE_QUIET);
	add_path(r, "dir/sub", WRITE, LANDLOCK_ADD_RULE_QUIET);
	enforce(r, 0);
	TRY(open("dir/file", O_RDONLY));
	TRY(open("other/file", O_RDONLY));
	TRY(open("other/file", O_WRONLY));
	TRY(open("other/file", O_RDWR));
	TRY(rename("other/file", "dir/new"));
	TRY(link("other/file", "dir/new"));
	fd = open("dir/sub/file", O_WRONLY);
	TRY(ftruncate(fd, 0));
	enforce(RULESET(.handled_access_fs = READ), 0);
	TRY(open("other/file", O_RDONLY));
}

static void quiet_net(void)
{
	const int r = RULESET(.handled_access_net = ALL_NET,
			      .quiet_access_net = LANDLOCK_ACCESS_NET_BIND_TCP |
						  LANDLOCK_ACCESS_NET_BIND_UDP);

	add_port(r, 1025, 0, LANDLOCK_ADD_RULE_QUIET);
	enforce(r, 0);
	net_use(SOCK_STREAM, 1025);
	net_use(SOCK_STREAM, 1027);
	net_use(SOCK_DGRAM, 1025);
}

static void quiet_scope(void)
{
	enforce(RULESET(.scoped = A | S, .quiet_scoped = S), 0);
	TRY(kill(getppid(), 0));
	scope_unix();
}

static void deny_and_exec(void)
{
	TRY(open("dir/file", O_RDONLY));
	fflush(stdout);
	execl("/proc/self/exe", "audit-workload", "denied", NULL);
	fail("exec");
}

static void flags_none(void)
{
	enforce(RULESET(.handled_access_fs = READ), 0);
	deny_and_exec();
}

static void flags_same_exec_off(void)
{
	enforce(RULESET(.handled_access_fs = READ),
		LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF);
	deny_and_exec();
}

static void flags_new_exec_on(void)
{
	enforce(RULESET(.handled_access_fs = READ),
		LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON);
	deny_and_exec();
}

static void flags_new_exec_only(void)
{
	enforce(RULESET(.handled_access_fs = READ),
		LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF |
			LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON);
	deny_and_exec();
}

static void flags_subdomains_off(void)
{
	enforce(RULESET(.handled_access_fs = WRITE),
		LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF);
	enforce(RULESET(.handled_access_fs = READ),
		LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON);
	TRY(open("dir/file", O_WRONLY));
	deny_and_exec();
}

static void flags_without_ruleset(void)
{
	enforce(-1, LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF);
	enforce(RULESET(.handled_access_fs = READ), 0);
	TRY(open("dir/file", O_RDONLY));
}

static pthread_barrier_t barrier;

static void *thread_denied(void *const arg)
{
	(void)arg;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	TRY(open("dir/file", O_RDONLY));
	return NULL;
}

static void flags_tsync(void)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, thread_denied, NULL);
	pthread_barrier_wait(&barrier);
	enforce(RULESET(.handled_access_fs = READ),
		LANDLOCK_RESTRICT_SELF_TSYNC);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	TRY(open("other/file", O_RDONLY));
}

static void two_domains(void)
{
	const pid_t child = fork();

	if (!child) {
		enforce(RULESET(.handled_access_fs = READ), 0);
		TRY(open("dir/file", O_RDONLY));
		_exit(0);
	}
	waitpid(child, NULL, 0);
	/* The end of its domain, freed deferred, comes before our start. */
	usleep(300000);
	enforce(RULESET(.handled_access_fs = WRITE), 0);
	for (int i = 0; i < 20; i++)
		open("dir/file", O_WRONLY);
}

static void no_denial(void)
{
	enforce(RULESET(.handled_access_fs = READ), 0);
}

#define SCENARIO(name) { #name, name }

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	SCENARIO(fs_all_denied),
	SCENARIO(fs_some_allowed),
	SCENARIO(fs_layers),
	SCENARIO(fs_sixteen_layers),
	SCENARIO(fs_open_file),
	SCENARIO(fs_ioctl),
	SCENARIO(fs_names),
	SCENARIO(fs_topology),
	SCENARIO(fs_unix),
	SCENARIO(net_denied),
	SCENARIO(net_layers),
	SCENARIO(net_udp_send_without_bind),
	SCENARIO(ptrace_parent),
	SCENARIO(ptrace_traceme),
	SCENARIO(scope_signal),
	SCENARIO(scope_layers),
	SCENARIO(scope_unix),
	SCENARIO(quiet_fs),
	SCENARIO(quiet_net),
	SCENARIO(quiet_scope),
	SCENARIO(flags_none),
	SCENARIO(flags_same_exec_off),
	SCENARIO(flags_new_exec_on),
	SCENARIO(flags_new_exec_only),
	SCENARIO(flags_subdomains_off),
	SCENARIO(flags_without_ruleset),
	SCENARIO(flags_tsync),
	SCENARIO(two_domains),
	SCENARIO(no_denial),
};

static void make_file(const char *const path)
{
	const int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd < 0 || write(fd, "content", 7) != 7)
		fail(path);
	close(fd);
}

static int bind_unix(const int type, const struct sockaddr_un *const un,
		     const socklen_t len)
{
	const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (bind(fd, (const struct sockaddr *)un, len) ||
	    (type == SOCK_STREAM && listen(fd, 5)))
		fail("bind");
	return fd;
}

static void prepare(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len;

	mkdir("dir", 0700);
	mkdir("dir/sub", 0700);
	mkdir("other", 0700);
	mkdir("mnt", 0700);
	make_file("dir/file");
	make_file("dir/sub/file");
	make_file("other/file");
	if (symlink("dir/file", "link"))
		fail("symlink");
	strcpy(un.sun_path, "dir/stream");
	bind_unix(SOCK_STREAM, &un, sizeof(un));
	strcpy(un.sun_path, "dir/dgram");
	bind_unix(SOCK_DGRAM, &un, sizeof(un));
	len = abstract(&un, "stream", 6);
	abstract_stream = bind_unix(SOCK_STREAM, &un, len);
	len = abstract(&un, "d\0g \xff", 5);
	abstract_dgram = bind_unix(SOCK_DGRAM, &un, len);
}

int main(int argc, char *argv[])
{
	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1) {
		TRY(open("other/file", O_RDONLY));
		TRY(open("other/file", O_WRONLY));
		return 0;
	}
	/* System call arguments in records: the same addresses each time. */
	if (!(personality(0xffffffff) & ADDR_NO_RANDOMIZE)) {
		personality(ADDR_NO_RANDOMIZE);
		execv("/proc/self/exe", argv);
		fail("exec");
	}
	signal(SIGIO, SIG_IGN);
	signal(SIGURG, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	umask(0077);
	prepare();
	audit_open();
	audit_print(300);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		int status;
		pid_t child;

		printf("== %s\n", scenarios[i].name);
		child = fork();
		if (child < 0)
			fail("fork");
		if (!child) {
			scenarios[i].run();
			_exit(0);
		}
		if (waitpid(child, &status, 0) != child)
			fail("waitpid");
		printf("status %x\n", status);
		audit_print(300);
	}
	return 0;
}
