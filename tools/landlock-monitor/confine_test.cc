// SPDX-License-Identifier: GPL-2.0-only
#include "confine.h"

#include "access.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>

using namespace landlock;

namespace {

struct Sets {
	uint32_t effective, permitted;

	bool operator==(const Sets &) const = default;
};

// The lower half has all that matter here.
Sets sets() {
	__user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
	__user_cap_data_struct data[2] = {};

	syscall(SYS_capget, &header, data);
	return {data[0].effective, data[0].permitted};
}

constexpr uint32_t kill_bit = 1u << CAP_KILL;
constexpr uint32_t look_bit = 1u << CAP_DAC_READ_SEARCH;
constexpr uint32_t override_bits = 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER;

// In a process of its own, as nothing of it can be undone.
#define ALONE(...) EXPECT_EXIT({ __VA_ARGS__; _exit(0); }, testing::ExitedWithCode(0), "")
#define CHECK(condition)                                                       \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "not so: %s\n", #condition);           \
			_exit(1);                                              \
		}                                                              \
	} while (0)

std::string new_folder(const std::string &name) {
	const auto folder = std::filesystem::path(testing::TempDir()) / (name + std::to_string(getpid()));

	std::filesystem::remove_all(folder);
	std::filesystem::create_directories(folder);
	return folder;
}

} // namespace

TEST(Confine, KeepsNoCapability) {
	ALONE(confine({}); CHECK((sets() == Sets{0, 0})); CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1));
	if (!(sets().permitted & 1u << CAP_SETPCAP))
		GTEST_SKIP() << "cannot drop from the bounding set";
	ALONE(confine({}); CHECK(prctl(PR_CAPBSET_READ, CAP_SETUID, 0, 0, 0) == 0));
}

TEST(Confine, KeepsWhatIsNeeded) {
	if (geteuid() || (sets().permitted & (kill_bit | look_bit | override_bits)) != (kill_bit | look_bit | override_bits))
		GTEST_SKIP() << "needs root";
	const std::string mine = new_folder("mine"), other = new_folder("other");
	ASSERT_EQ(chown(other.c_str(), 1234, 1234), 0);
	ALONE(confine({{{mine, fs_make_reg}}, true}); CHECK((sets() == Sets{kill_bit, kill_bit})));
	ALONE(confine({.grants = {}, .can_look = true}); CHECK((sets() == Sets{look_bit, look_bit})));
	ALONE(confine({{{other, fs_read_file}}}); CHECK((sets() == Sets{0, 0})));
	ALONE(confine({{{other, fs_make_reg}}}); CHECK((sets() == Sets{override_bits, override_bits})));
	std::filesystem::remove_all(mine);
	std::filesystem::remove_all(other);
}

TEST(Confine, CanBeForAWhile) {
	const Sets before = sets();

	ALONE(confine({.grants = {}, .is_temporary = true}); CHECK(sets().effective == 0); CHECK(sets().permitted == before.permitted);
	      CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0); CHECK(access("/", R_OK) == 0); regain();
	      CHECK(sets().effective == before.permitted));
}

// Has the system call @number fail with @error.
void break_call(unsigned number, unsigned error) {
	sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	sock_fprog program{static_cast<unsigned short>(std::size(code)), code};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	CHECK(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

// What confine() says if @number fails with @error.
#define SAYS(number, error, text)                                              \
	EXPECT_EXIT({ break_call(number, error); confine({{{"/proc", fs_read_file}}}); _exit(0); }, testing::ExitedWithCode(0), text)

TEST(Confine, SaysWhatItKeeps) {
	const std::string text = "keeps access to files and the network: ";

	SAYS(SYS_capset, EPERM, "^landlock-monitor: warning: it keeps its capabilities: capset: Operation not permitted\n");
	SAYS(SYS_landlock_create_ruleset, ENOSYS, "^landlock-monitor: warning: it " + text + "Landlock: Function not implemented\n$");
	SAYS(SYS_landlock_create_ruleset, EOPNOTSUPP, text + "Landlock: Operation not supported\n$");
	if (syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 2)
		GTEST_SKIP() << "no Landlock";
	SAYS(SYS_landlock_add_rule, ENOMEM, text + "landlock_add_rule for /proc: Cannot allocate memory\n$");
	SAYS(SYS_landlock_restrict_self, E2BIG, text + "landlock_restrict_self: Argument list too long\n$");
	SAYS(SYS_acct, EPERM, "^$");
}

TEST(Confine, FilesOnlyAsGranted) {
	if (syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 2)
		GTEST_SKIP() << "no Landlock";
	const std::string folder = new_folder("granted");
	ALONE(confine({{{folder, fs_write_file | fs_make_reg}, {"/none", fs_read_file}}});
	      CHECK(open((folder + "/x").c_str(), O_WRONLY | O_CREAT, 0600) >= 0);
	      CHECK(open((folder + "/x").c_str(), O_RDONLY) < 0 && errno == EACCES);
	      CHECK(unlink((folder + "/x").c_str()) && errno == EACCES);
	      CHECK(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
	      CHECK(execl("/bin/true", "true", nullptr) && errno == EACCES);
	      // What it started before is still its own.
	      CHECK(kill(getppid(), 0) == 0));
	std::filesystem::remove_all(folder);
}
