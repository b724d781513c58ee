// SPDX-License-Identifier: GPL-2.0-only
#include "calls.h"

#include "access.h"
#include "adapt.h"
#include "testing.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <cerrno>

using namespace landlock;
using Lines = std::vector<std::string>;

namespace {

constexpr uint64_t attr = 0x7ffff000;

Record make_call(int64_t number, int64_t result, std::array<uint64_t, 6> args) {
	Record r;
	r.kind = Kind::call;
	r.tid = 12;
	r.number = number;
	r.result = result;
	r.args = args;
	r.fields = bit(Field::args);
	return r;
}

Record create(int error, uint64_t address, uint64_t size, uint64_t flags) {
	return make_call(SYS_landlock_create_ruleset, -error, {address, size, flags});
}

Record add_rule(int error, uint64_t type, uint64_t flags, uint64_t fd = 3) {
	return make_call(SYS_landlock_add_rule, -error, {fd, type, attr, flags});
}

Record restrict_self(int error, uint64_t flags, uint64_t fd = 3) {
	return make_call(SYS_landlock_restrict_self, -error, {fd, flags});
}

bool has(const std::string &text, const std::string &part) {
	return text.find(part) != std::string::npos;
}

#define EXPECT_HAS(text, part) EXPECT_TRUE(has(text, part)) << text

const Process process{12, "python3", "/usr/bin/python3"};

} // namespace

TEST(Calls, CreateRuleset) {
	EXPECT_HAS(why_failed(create(EINVAL, attr, 0, 1), {}), "LANDLOCK_CREATE_RULESET_VERSION, attr has to be NULL");
	EXPECT_HAS(why_failed(create(EINVAL, 0, 8, 2), {}), "LANDLOCK_CREATE_RULESET_ERRATA, attr has to be NULL");
	EXPECT_HAS(why_failed(create(EINVAL, 0, 0, 0x10), {}), "does not know the flags 0x10");
	EXPECT_HAS(why_failed(create(EINVAL, attr, 4, 0), {}), "size 4 is smaller");
	EXPECT_HAS(why_failed(create(EINVAL, attr, 8, 0), {}), "a right or scope that this kernel does not know");
	EXPECT_HAS(why_failed(create(E2BIG, attr, 5000, 0), {}), "larger than a page");
	EXPECT_HAS(why_failed(create(E2BIG, attr, 64, 0), {}), "fields that this kernel does not know");
	EXPECT_HAS(why_failed(create(ENOMSG, attr, 8, 0), {}), "attr handles nothing");
	EXPECT_HAS(why_failed(create(EFAULT, 0, 8, 0), {}), "attr is NULL");
	EXPECT_HAS(why_failed(create(EFAULT, attr, 8, 0), {}), "memory");
	EXPECT_HAS(why_failed(create(EOPNOTSUPP, 0, 0, 1), {}), "lsm=");
	EXPECT_HAS(why_failed(create(ENOSYS, 0, 0, 1), {}), "seccomp");
	EXPECT_HAS(why_failed(create(EPERM, 0, 0, 1), {}), "seccomp");
	EXPECT_EQ(why_failed(create(EMFILE, attr, 8, 0), {}), "too many open files");
}

TEST(Calls, AddRule) {
	EXPECT_HAS(why_failed(add_rule(EINVAL, 1, 6), {}), "does not know the flags 0x6");
	EXPECT_HAS(why_failed(add_rule(EINVAL, 9, 0), {}), "no rules of type 9");
	const std::string both = why_failed(add_rule(EINVAL, 1, 0), Handled{fs_read_file | fs_read_dir, 0});
	EXPECT_HAS(both, "does not handle (it handles read_file, read_dir)");
	EXPECT_HAS(both, "only directories have");
	EXPECT_FALSE(has(both, "QUIET"));
	EXPECT_HAS(why_failed(add_rule(EINVAL, 1, 0), {}), "only directories have");
	EXPECT_FALSE(has(why_failed(add_rule(EINVAL, 1, 0), Handled{fs_read_file, 0}), "only directories have"));
	EXPECT_HAS(why_failed(add_rule(EINVAL, 1, 1), {}), "quiet_access_fs");
	EXPECT_HAS(why_failed(add_rule(EINVAL, 2, 0), Handled{1, 0}), "(it handles no network rights)");
	EXPECT_FALSE(has(why_failed(add_rule(EINVAL, 2, 0), Handled{1, 0}), "65535"));
	EXPECT_HAS(why_failed(add_rule(EINVAL, 2, 0), Handled{0, 1}), "above 65535");
	EXPECT_HAS(why_failed(add_rule(EINVAL, 2, 0), {}), "above 65535");
	EXPECT_HAS(why_failed(add_rule(ENOMSG, 1, 0), {}), "allowed_access is 0");
	EXPECT_EQ(why_failed(add_rule(EBADF, 1, 0), {}), "ruleset_fd 3 is not open, or parent_fd is not open");
	EXPECT_HAS(why_failed(add_rule(EINVAL, 1, 0), {}), "(read_dir, remove_*, make_*, refer), but parent_fd is not a directory");
	EXPECT_EQ(why_failed(add_rule(EBADF, 1, 0), Handled{}), "parent_fd is not open");
	EXPECT_EQ(why_failed(add_rule(EBADF, 2, 0), {}), "ruleset_fd 3 is not open");
	EXPECT_HAS(why_failed(add_rule(EBADFD, 1, 0), {}), "ruleset_fd 3 is not of a ruleset, or parent_fd is of");
	EXPECT_HAS(why_failed(add_rule(EAFNOSUPPORT, 2, 0), {}), "without TCP/IP");
	EXPECT_HAS(why_failed(add_rule(EPERM, 1, 0), {}), "seccomp");
}

TEST(Calls, RestrictSelf) {
	EXPECT_HAS(why_failed(restrict_self(EPERM, 0), {}), "neither no_new_privs nor CAP_SYS_ADMIN");
	EXPECT_HAS(why_failed(restrict_self(EINVAL, 0x40), {}), "does not know the flags 0x40");
	EXPECT_HAS(why_failed(restrict_self(E2BIG, 0), {}), "16 domains");
	EXPECT_EQ(why_failed(restrict_self(EBADF, 0, 9), {}), "ruleset_fd 9 is not open");
	EXPECT_EQ(why_failed(restrict_self(EBADFD, 0, 9), {}), "ruleset_fd 9 is not of a ruleset");
	// A call whose start was not seen.
	Record call = restrict_self(EINVAL, 0);
	call.fields = 0;
	EXPECT_HAS(why_failed(call, {}), "not known");
}

TEST(Calls, KnowsWhatTheRulesetHandles) {
	Calls calls;
	Record ruleset = make_ruleset(1, fs_read_file, 0);
	ruleset.tid = 12;

	calls.add(ruleset, process);
	calls.add(make_call(SYS_landlock_create_ruleset, 5, {attr, 8, 0}), process);
	calls.add(add_rule(EINVAL, 1, 0, 5), process);
	calls.add(add_rule(EINVAL, 1, 0, 5), process);
	calls.add(add_rule(EINVAL, 1, 0, 6), process);
	ASSERT_EQ(calls.failed().size(), 2u);
	EXPECT_EQ(calls.lines().at(0), "python3[12]: landlock_add_rule(5, LANDLOCK_RULE_PATH_BENEATH, attr, 0x0) failed with "
				       "EINVAL (2 times): allowed_access has a right that the ruleset does not handle (it "
				       "handles read_file)");
	EXPECT_TRUE(has(calls.lines().at(1), "; no domain was made"));
}

TEST(Calls, SaysWhenNoDomainWasMade) {
	Calls calls;
	Record domain = make_domain(2, 0, 1);

	calls.add(restrict_self(EPERM, 0), process);
	ASSERT_EQ(calls.lines().size(), 1u);
	EXPECT_TRUE(has(calls.lines()[0], "landlock_restrict_self(3, 0x0) failed with EPERM: ")) << calls.lines()[0];
	EXPECT_TRUE(has(calls.lines()[0], "; no domain was made"));
	domain.tid = 12;
	calls.add(domain, process);
	EXPECT_FALSE(has(calls.lines()[0], "no domain was made"));
}

TEST(Calls, NoFailures) {
	Calls calls;

	// The version.
	calls.add(make_call(SYS_landlock_create_ruleset, 10, {0, 0, 1}), process);
	calls.add(make_call(SYS_landlock_restrict_self, 0, {3, 0}), process);
	// Started again by the kernel.
	calls.add(make_call(SYS_landlock_restrict_self, -513, {3, 8}), process);
	calls.add(make_call(SYS_renameat2, -EXDEV, {}), process);
	EXPECT_EQ(calls.lines(), Lines());
}

TEST(Calls, AreBounded) {
	Calls calls;

	for (uint64_t fd = 0; fd < 300; fd++)
		calls.add(restrict_self(EBADF, 0, fd), process);
	EXPECT_EQ(calls.failed().size(), 256u);
	EXPECT_EQ(calls.lines().back(), "44 more calls of Landlock failed");
}

TEST(Calls, NamesOfRenames) {
	EXPECT_EQ(call_name(SYS_renameat2), "renameat2");
	EXPECT_EQ(call_name(SYS_linkat), "linkat");
	EXPECT_EQ(call_name(SYS_read), "");
}

// From the kernel's own two events.
TEST(Calls, AreDecoded) {
	const Formats formats{{"syscalls.formats"}};
	const Decoder decoder(formats.tep());
	Adapter adapter;
	Record record;
	using u64 = uint64_t;
	std::string args(48, '\0');

	args[0] = 3;
	args[8] = 2;
	args[24] = 1;
	ASSERT_EQ(decoder.events().size(), 2u);
	ASSERT_TRUE(decoder.decode(formats.encode("sys_enter", 12, {{"id", u64{SYS_landlock_add_rule}}, {"args", args}}), record));
	EXPECT_FALSE(adapter.adapt(record, {}));
	ASSERT_TRUE(decoder.decode(formats.encode("sys_exit", 12, {{"id", u64{SYS_landlock_add_rule}}, {"ret", static_cast<u64>(-EINVAL)}}), record));
	EXPECT_TRUE(adapter.adapt(record, {}));
	EXPECT_EQ(record.kind, Kind::call);
	EXPECT_EQ(record.number, SYS_landlock_add_rule);
	EXPECT_EQ(record.result, -EINVAL);
	EXPECT_EQ(record.args, (std::array<uint64_t, 6>{3, 2, 0, 1, 0, 0}));
	EXPECT_TRUE(record.fields & bit(Field::args));
	// The next one has no start.
	ASSERT_TRUE(decoder.decode(formats.encode("sys_exit", 12, {{"id", u64{SYS_landlock_add_rule}}, {"ret", static_cast<u64>(-EPERM)}}), record));
	EXPECT_TRUE(adapter.adapt(record, {}));
	EXPECT_FALSE(record.fields & bit(Field::args));
}
