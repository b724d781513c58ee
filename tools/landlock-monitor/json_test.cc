// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

#include "access.h"
#include "escape.h"
#include "table.h"
#include "testing.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <map>
#include <sstream>

using namespace landlock;
using nlohmann::json;

static json event(const Record &record, const Process &process = {7, "cat", "/bin/cat"}) {
	fmt::memory_buffer out;

	event_json(out, record, process);
	const std::string line(out.data(), out.size());
	EXPECT_EQ(line.back(), '\n');
	EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
	for (const char c : line)
		EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
	return json::parse(line);
}

TEST(Json, Denial) {
	Record record = make_fs_denial(0xfedcba9876543210, "/a b", fs_read_file | fs_write_file);
	record.ino = UINT64_MAX;
	record.dev = 8u << 20 | 1;
	const json got = event(record);

	EXPECT_EQ(got["v"], 2);
	EXPECT_EQ(got["event"], "deny_access_fs");
	EXPECT_EQ(got["domain"], "fedcba9876543210");
	EXPECT_EQ(got["ino"], "18446744073709551615");
	EXPECT_EQ(got["dev_major"], 8);
	EXPECT_EQ(got["path"], "/a\\040b");
	EXPECT_EQ(got["blockers"], (json{"write_file", "read_file"}));
	EXPECT_EQ(got["comm"], "cat");
}

TEST(Json, OnBehalf) {
	EXPECT_EQ(event(make_sigio_denial(1))["on_behalf"], true);
	EXPECT_EQ(event(make_ptrace_denial(1, 7))["on_behalf"], true);
	EXPECT_EQ(event(make_ptrace_denial(1, 9))["on_behalf"], false);
	EXPECT_EQ(event(make_fs_denial(1, "/", fs_read_file))["on_behalf"], false);
}

TEST(Json, LostEventsThatNobodyCounted) {
	Lost lost;

	EXPECT_EQ(json::parse(lost_json(lost))["at_least"], false);
	lost.add(-1);
	EXPECT_EQ(json::parse(lost_json(lost))["at_least"], true);
	EXPECT_EQ(json::parse(explanation_json(Explanation(), {}, lost))["lost_at_least"], true);
}

TEST(Json, OnlyWhatWasTold) {
	Record record = make_fs_denial(1, "/", fs_read_file);

	EXPECT_FALSE(event(record).contains("logged"));
	EXPECT_FALSE(event(record).contains("same_exec"));
	record.fields = bit(Field::logged) | bit(Field::same_exec);
	EXPECT_EQ(event(record)["logged"], false);
	EXPECT_EQ(event(record)["same_exec"], false);
}

TEST(Json, AllBytesComeBack) {
	std::string bytes;
	for (int i = 0; i < 256; i++)
		bytes += static_cast<char>(i);

	const json got = event(make_fs_denial(1, bytes, fs_read_file), {1, bytes, bytes});
	EXPECT_EQ(unescape(got["path"].get<std::string>()), bytes);
	EXPECT_EQ(unescape(got["comm"].get<std::string>()), bytes);
}

TEST(Json, AllKinds) {
	for (int kind = 0; kind <= static_cast<int>(Kind::task_rename); kind++) {
		Record record;
		record.kind = static_cast<Kind>(kind);
		record.grants = {1, 0, 1u << 30};
		EXPECT_EQ(event(record)["event"], kind_name(record.kind));
	}
}

TEST(Json, Grants) {
	Record record;
	record.kind = Kind::check_fs;
	record.grants = {fs_execute, 0};
	EXPECT_EQ(event(record)["grants"], json::parse("[[\"execute\"],[]]"));
}

TEST(Json, Explanation) {
	State state;
	Explanation explanation;
	state.apply(make_ruleset(1, fs_read_file, 0), {5, "sandboxer", "/sandboxer"});
	state.apply(make_fs_rule(1, "/etc", fs_read_dir), {});
	state.apply(make_domain(2, 0, 1), {5, "sandboxer", "/sandboxer"});
	explanation.add(make_fs_denial(2, "/etc/\xff", fs_read_file), {7, "c\xfft", ""}, state);

	std::istringstream lines(explanation_json(explanation, {}, {3}));
	std::string line;
	ASSERT_TRUE(std::getline(lines, line));
	const json denial = json::parse(line);
	EXPECT_EQ(denial["process"]["comm"], "c\\377t");
	EXPECT_EQ(denial["domain"]["creator"]["comm"], "sandboxer");
	EXPECT_EQ(denial["nearest"]["how"], "ancestor");
	EXPECT_EQ(denial["nearest"]["rule"]["path"], "/etc");
	EXPECT_EQ(denial["suggestion"]["text"], "LL_FS_RO=\"${LL_FS_RO:+$LL_FS_RO:}\"$'/etc/\\377'");
	EXPECT_EQ(denial["suggestion"]["opens_also"], json{"execute"});
	ASSERT_TRUE(std::getline(lines, line));
	const json advice = json::parse(line);
	EXPECT_EQ(advice["stands_for"], json{"read_file on /etc/\\377"});
	EXPECT_EQ(advice["suggestion"], denial["suggestion"]);
	ASSERT_TRUE(std::getline(lines, line));
	const json summary = json::parse(line);
	EXPECT_EQ(summary["lost_events"], 3);
	EXPECT_FALSE(std::getline(lines, line));
}

// Who reads only one of them gets the same.
TEST(Json, ExplanationAndAdviceAgree) {
	State state;
	Explanation explanation;
	state.apply(make_ruleset(1, fs_read_file | fs_refer | fs_make_reg | fs_remove_file, 0), {5, "sandboxer", "/sandboxer"});
	state.apply(make_domain(2, 0, 1), {5, "sandboxer", "/sandboxer"});
	const auto deny = [&](const Record &record) { explanation.add(record, {7, "cat", ""}, state); };
	deny(make_fs_denial(2, "/proc/7/mounts", fs_read_file));
	deny(make_fs_denial(2, "/etc/shadow", fs_read_file));
	for (int i = 0; i < 9; i++)
		deny(make_fs_denial(2, "/srv/" + std::to_string(i) + "/x", fs_make_reg));
	Record from = make_fs_denial(2, "/a", fs_refer), to = make_fs_denial(2, "/b", fs_refer);
	from.access |= fs_remove_file;
	to.access |= fs_make_reg;
	from.fields = to.fields = bit(Field::access);
	deny(from);
	deny(to);

	std::istringstream lines(explanation_json(explanation, {}, {}));
	std::map<std::string, json> explained;
	size_t agreed = 0;
	for (std::string text; std::getline(lines, text);) {
		const json line = json::parse(text);
		if (line["type"] == "explanation")
			explained[line["what"]] = line;
		if (line["type"] != "advice")
			continue;
		for (const json &what : line["stands_for"]) {
			EXPECT_EQ(explained.at(what)["suggestion"], line["suggestion"]) << what;
			EXPECT_EQ(explained.at(what)["left_out"], line["left_out"]) << what;
			agreed++;
		}
		EXPECT_EQ(line["domains"], json{"2"});
	}
	EXPECT_EQ(agreed, 12u);
	EXPECT_EQ(explained.size(), 13u);
	EXPECT_EQ(explained["read_file on /proc/7/mounts"]["suggestion"]["possible"], false);
	EXPECT_NE(explained["read_file on /etc/shadow"]["left_out"], "");
}

TEST(Json, FailedCalls) {
	Calls calls;
	Record record;
	record.kind = Kind::call;
	record.number = 446;
	record.result = -EPERM;
	calls.add(record, {7, "c\xfft", ""});
	calls.add(record, {7, "c\xfft", ""});

	const json call = json::parse(calls_json(calls));
	EXPECT_EQ(call["type"], "call");
	EXPECT_EQ(call["call"], "landlock_restrict_self");
	EXPECT_EQ(call["count"], 2);
	EXPECT_EQ(call["errno"], "EPERM");
	EXPECT_EQ(call["process"]["comm"], "c\\377t");
	EXPECT_EQ(call["made_domain"], false);
	EXPECT_EQ(calls_json({}), "");
}

TEST(Json, Hints) {
	const json hint = json::parse(hints_json({"a \"b\""}));

	EXPECT_EQ(hint["type"], "hint");
	EXPECT_EQ(hint["text"], "a \"b\"");
}

TEST(Json, WhatIsOpen) {
	DomainOpen domain;
	domain.domain.id = 0xd1;
	domain.domain.creator = {5, "s\xff", ""};

	json open = json::parse(open_json({domain}));
	EXPECT_EQ(open["domain"], "d1");
	EXPECT_EQ(open["creator"]["comm"], "s\\377");
	EXPECT_EQ(open["known"], false);
	EXPECT_FALSE(open.contains("fs"));
	domain.open = Open{fs_truncate, 0, 0};
	open = json::parse(open_json({domain}));
	EXPECT_EQ(open["fs"], json{"truncate"});
	EXPECT_EQ(open["net"], json::array());
}

// In each of two domains with the same rules, one move with two ends.
TEST(Json, MovesThatAreAlike) {
	const Process launcher{5, "sandboxer", "/bin/sandboxer"};
	State state;
	Explanation explanation;

	for (const uint64_t id : {2, 4}) {
		state.apply(make_ruleset(id + 1, fs_refer | fs_make_reg | fs_remove_file, 0), launcher);
		state.apply(make_domain(id, 0, id + 1), launcher);
		for (const char *path : {"/a", "/b"}) {
			Record record = make_fs_denial(id, path, fs_refer);
			record.access |= path[1] == 'a' ? fs_remove_file : fs_make_reg;
			record.fields = bit(Field::access);
			explanation.add(record, {7, "mv", ""}, state);
		}
		explanation.set_error(7, EXDEV);
	}
	std::istringstream lines(explanation_json(explanation, {}, {}));
	std::map<std::string, int> types;
	for (std::string line; std::getline(lines, line);)
		types[json::parse(line)["type"]]++;
	EXPECT_EQ(types["explanation"], 4);
	EXPECT_EQ(types["advice"], 1);
}
