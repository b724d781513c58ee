// SPDX-License-Identifier: GPL-2.0-only
#include "decode.h"

#include "access.h"
#include "testing.h"

#include <gtest/gtest.h>

using namespace landlock;

namespace {

struct Series : testing::Test {
	Formats formats{{"series.formats"}};
	Decoder decoder{formats.tep()};
	Record record;

	bool decode(const char *name, const Values &values) {
		return decoder.decode(formats.encode(name, 42, values), record);
	}
};

struct Other : testing::Test {
	Formats formats{{"other.formats"}};
	Decoder decoder{formats.tep()};
	Record record;

	bool decode(const char *name, const Values &values) {
		return decoder.decode(formats.encode(name, 42, values), record);
	}
};

using u64 = uint64_t;

} // namespace

TEST_F(Series, KnowsAllEvents) {
	EXPECT_EQ(decoder.events().size(), 18u);
}

TEST_F(Series, Ruleset) {
	ASSERT_TRUE(decode("landlock_create_ruleset", {{"ruleset", u64{0xabc123456789}}, {"handled_fs", u64{5}}, {"scoped", u64{2}}}));
	EXPECT_EQ(record.kind, Kind::create_ruleset);
	EXPECT_EQ(record.tid, 42);
	EXPECT_EQ(record.ruleset, 0xabc123456789u);
	EXPECT_EQ(record.handled_fs, 5u);
	EXPECT_EQ(record.scoped, 2u);
}

TEST_F(Series, Rules) {
	ASSERT_TRUE(decode("landlock_add_rule_fs", {{"ruleset", u64{1}}, {"ruleset_version", u64{3}}, {"access_rights", u64{12}},
						    {"dev", u64{8u << 20 | 1}}, {"ino", u64{1} << 40}, {"path", "/a b"}}));
	EXPECT_EQ(record.kind, Kind::add_rule_fs);
	EXPECT_EQ(record.version, 3u);
	EXPECT_EQ(record.access, 12u);
	EXPECT_EQ(record.dev, 8u << 20 | 1);
	EXPECT_EQ(record.ino, u64{1} << 40);
	EXPECT_EQ(record.text, "/a b");
	ASSERT_TRUE(decode("landlock_add_rule_net", {{"ruleset", u64{1}}, {"access_rights", u64{2}}, {"port", u64{443}}}));
	EXPECT_EQ(record.port, 443);
	EXPECT_EQ(record.text, "");
}

TEST_F(Series, Domain) {
	ASSERT_TRUE(decode("landlock_restrict_self", {{"domain", u64{9}}, {"parent", u64{8}}, {"ruleset", u64{7}}, {"threads", u64{2}}}));
	EXPECT_EQ(record.domain, 9u);
	EXPECT_EQ(record.parent, 8u);
	EXPECT_EQ(record.threads, 2u);
	ASSERT_TRUE(decode("landlock_free_domain", {{"domain", u64{9}}, {"denials", u64{4}}}));
	EXPECT_EQ(record.denials, 4u);
}

TEST_F(Series, Checks) {
	ASSERT_TRUE(decode("landlock_check_rule_fs", {{"domain", u64{9}}, {"access_request", u64{5}}, {"ino", u64{3}},
						      {"grants", std::vector<uint32_t>{1, 0, 4}}}));
	EXPECT_EQ(record.grants, (std::vector<uint32_t>{1, 0, 4}));
	ASSERT_TRUE(decode("landlock_check_rule_net", {{"port", u64{80}}}));
	EXPECT_TRUE(record.grants.empty());
}

TEST_F(Series, Denials) {
	ASSERT_TRUE(decode("landlock_deny_access_fs", {{"domain", u64{9}}, {"subject_domain", u64{10}}, {"layer", u64{1}}, {"logged", u64{1}},
						       {"blockers", u64{fs_make_reg}}, {"access_request", u64{fs_make_reg}}, {"path", "/x"}}));
	EXPECT_EQ(record.subject_domain, 10u);
	EXPECT_TRUE(record.logged);
	EXPECT_FALSE(record.same_exec);
	EXPECT_FALSE(record.topology);
	ASSERT_TRUE(decode("landlock_deny_access_fs", {{"domain", u64{9}}, {"path", "/mnt"}}));
	EXPECT_TRUE(record.topology);
	ASSERT_TRUE(decode("landlock_deny_access_net", {{"port", u64{0xffffffff}}, {"addr", ""}}));
	EXPECT_EQ(record.port, -1);
	ASSERT_TRUE(decode("landlock_deny_ptrace", {{"tracer_pid", u64{76}}, {"tracee_pid", u64{77}}, {"tracee_domain", u64{5}},
						    {"tracee_comm", "a\n"}}));
	EXPECT_EQ(record.tracer_pid, 76);
	EXPECT_EQ(record.other_pid, 77);
	EXPECT_EQ(record.other_domain, 5u);
	EXPECT_EQ(record.text, "a\n");
	ASSERT_TRUE(decode("landlock_deny_scope_signal", {{"signal", u64{15}}, {"target_comm", "0123456789abcde"}}));
	EXPECT_EQ(record.signal, 15);
	EXPECT_EQ(record.text, "0123456789abcde");
	ASSERT_TRUE(decode("landlock_deny_scope_abstract_unix_socket", {{"sun_path", std::string("a\0b\0", 4)}}));
	EXPECT_EQ(record.text, std::string("a\0b\0", 4));
}

TEST_F(Series, Tasks) {
	ASSERT_TRUE(decode("task_newtask", {{"pid", u64{43}}, {"comm", "sh"}, {"clone_flags", u64{0x10000}}}));
	EXPECT_EQ(record.other_pid, 43);
	EXPECT_EQ(record.flags, 0x10000u);
	ASSERT_TRUE(decode("task_rename", {{"pid", u64{43}}, {"oldcomm", "sh"}, {"newcomm", "cat"}}));
	EXPECT_EQ(record.text, "cat");
	ASSERT_TRUE(decode("sched_prepare_exec", {{"interp", "/bin/sh"}, {"filename", "/bin/script"}, {"comm", "bash"}}));
	EXPECT_EQ(record.kind, Kind::task_interpreter);
	EXPECT_EQ(record.text, "/bin/sh");
	ASSERT_TRUE(decode("sched_process_exec", {{"filename", "/bin/cat"}, {"pid", u64{42}}}));
	EXPECT_EQ(record.text, "/bin/cat");
}

// No prefix of a record makes it read beyond its end, or takes it for whole.
TEST_F(Series, RefusesWhatIsCut) {
	const auto data = formats.encode("landlock_deny_access_fs", 1, {{"domain", u64{9}}, {"path", "/some/path"}});

	for (size_t size = 0; size < data.size(); size++) {
		const std::vector<char> part(data.begin(), data.begin() + static_cast<ptrdiff_t>(size));
		EXPECT_FALSE(decoder.decode(part, record)) << size;
	}
	EXPECT_TRUE(decoder.decode(data, record));
}

TEST_F(Series, RefusesTextOutside) {
	auto data = formats.encode("landlock_deny_access_fs", 1, {{"path", "/x"}});
	const tep_format_field *field = tep_find_field(tep_find_event_by_name(formats.tep(), nullptr, "landlock_deny_access_fs"), "path");
	const uint32_t where = 0xffff0000u | 8;

	std::memcpy(data.data() + field->offset, &where, 4);
	EXPECT_FALSE(decoder.decode(data, record));
}

TEST_F(Series, RefusesOtherEvents) {
	const std::vector<char> data(64, 1);

	EXPECT_FALSE(decoder.decode(data, record));
}

TEST_F(Series, TheLastThreadOfAProcess) {
	ASSERT_TRUE(decode("sched_process_exit", {{"pid", u64{42}}, {"group_dead", u64{1}}}));
	EXPECT_EQ(record.kind, Kind::task_exit);
	EXPECT_TRUE(record.complete);
	ASSERT_TRUE(decode("sched_process_exit", {{"pid", u64{42}}}));
	EXPECT_FALSE(record.complete);
}

TEST_F(Other, KnowsAllEvents) {
	EXPECT_EQ(decoder.events().size(), 19u);
}

TEST_F(Other, SameThingsOtherNames) {
	ASSERT_TRUE(decode("landlock_create_ruleset", {{"ruleset_id", u64{1}}, {"handled_fs", u64{4}}}));
	EXPECT_EQ(record.ruleset, 1u);
	ASSERT_TRUE(decode("landlock_add_rule_path_beneath", {{"ruleset_id", u64{1}}, {"ruleset_version", u64{3}}, {"access_rights", u64{4}},
							      {"ino", u64{5}}, {"pathname", "/usr"}}));
	EXPECT_EQ(record.kind, Kind::add_rule_fs);
	EXPECT_EQ(record.version, 3u);
	EXPECT_EQ(record.ino, 5u);
	EXPECT_EQ(record.text, "/usr");
	ASSERT_TRUE(decode("landlock_add_rule_net_port", {{"ruleset_id", u64{1}}, {"port", u64{80}}}));
	EXPECT_EQ(record.kind, Kind::add_rule_net);
	ASSERT_TRUE(decode("landlock_check_rule_inode", {{"domain_id", u64{2}}, {"ino", u64{5}}, {"grants", std::vector<uint32_t>{4, 0}}}));
	EXPECT_EQ(record.kind, Kind::check_fs);
	EXPECT_EQ(record.domain, 2u);
	EXPECT_EQ(record.grants, (std::vector<uint32_t>{4, 0}));
	ASSERT_TRUE(decode("landlock_check_rule_net_port", {{"domain_id", u64{2}}, {"port", u64{80}}}));
	EXPECT_EQ(record.kind, Kind::check_net);
	ASSERT_TRUE(decode("landlock_free_domain", {{"domain_id", u64{2}}, {"denials", u64{3}}}));
	EXPECT_EQ(record.domain, 2u);
	ASSERT_TRUE(decode("sched_process_exec", {{"filename", "/bin/cat"}, {"pid", u64{42}}, {"old_pid", u64{43}}}));
	EXPECT_EQ(record.old_pid, 43);
}

TEST_F(Other, DomainsInParts) {
	ASSERT_TRUE(decode("landlock_create_domain", {{"domain_id", u64{9}}, {"parent_id", u64{8}}, {"ruleset_id", u64{7}}, {"ruleset_version", u64{2}}}));
	EXPECT_EQ(record.kind, Kind::create_domain);
	EXPECT_EQ(record.parent, 8u);
	EXPECT_EQ(record.version, 2u);
	ASSERT_TRUE(decode("landlock_enforce_domain", {{"domain_id", u64{9}}, {"complete", u64{1}}, {"no_new_privs", u64{1}}}));
	EXPECT_EQ(record.kind, Kind::enforce_domain);
	EXPECT_TRUE(record.complete);
	EXPECT_TRUE(record.no_new_privs);
	EXPECT_FALSE(record.process_wide);
	ASSERT_TRUE(decode("landlock_enforce_domain", {{"domain_id", u64{9}}, {"process_wide", u64{1}}}));
	EXPECT_FALSE(record.complete);
	EXPECT_TRUE(record.process_wide);
	EXPECT_TRUE(record.fields & bit(Field::process_wide));
}

TEST_F(Other, DenialsTellTheRightsThatWereMissing) {
	ASSERT_TRUE(decode("landlock_deny_access_fs", {{"domain_id", u64{2}}, {"blockers_type", u64{3}}, {"blockers_access", u64{fs_read_file}},
						       {"pathname", "/etc/passwd"}}));
	EXPECT_EQ(record.blockers, fs_read_file);
	EXPECT_EQ(record.access, fs_read_file);
	EXPECT_FALSE(record.fields & bit(Field::layer));
	EXPECT_FALSE(record.topology);
	ASSERT_TRUE(decode("landlock_deny_access_fs", {{"domain_id", u64{2}}, {"blockers_type", u64{2}}, {"pathname", "/mnt"}}));
	EXPECT_TRUE(record.topology);
	ASSERT_TRUE(decode("landlock_deny_access_net", {{"domain_id", u64{2}}, {"blockers_access", u64{net_bind_tcp}}, {"port", ~u64{0}}}));
	EXPECT_EQ(record.port, -1);
	EXPECT_FALSE(record.topology);
}

TEST_F(Other, DenialsOfAnotherTask) {
	ASSERT_TRUE(decode("landlock_deny_ptrace", {{"tracee_domain_id", u64{5}}, {"tracee_pid", u64{77}}, {"tracee_comm", "a\n"}}));
	EXPECT_EQ(record.other_domain, 5u);
	EXPECT_EQ(record.other_pid, 77);
	EXPECT_EQ(record.text, "a\n");
	ASSERT_TRUE(decode("landlock_deny_scope_signal", {{"target_domain_id", u64{5}}, {"target_pid", u64{77}}, {"target_comm", "sh"}}));
	EXPECT_EQ(record.other_pid, 77);
	EXPECT_EQ(record.signal, -1);
	ASSERT_TRUE(decode("landlock_deny_scope_abstract_unix_socket", {{"peer_pid", u64{77}}, {"sun_path", std::string("a\0b\0", 4)}}));
	EXPECT_EQ(record.text, std::string("a\0b\0", 4));
}
