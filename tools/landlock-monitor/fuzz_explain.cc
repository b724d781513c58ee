// SPDX-License-Identifier: GPL-2.0-only
//
// Random sequences of records, with few IDs, so that they meet each other.
#include "fuzz.h"

using namespace landlock;

namespace {

// Takes values from the fuzzer's bytes; 0 when there are no more.
class Bytes {
public:
	Bytes(const uint8_t *data, size_t size) : at_(data), end_(data + size) {}

	bool is_empty() const { return at_ == end_; }
	uint8_t byte() { return is_empty() ? 0 : *at_++; }
	uint32_t word() { return byte() | uint32_t{byte()} << 8 | uint32_t{byte()} << 16 | uint32_t{byte()} << 24; }
	// From 0 to @most.
	uint8_t upto(uint8_t most) { return static_cast<uint8_t>(byte() % (most + 1)); }
	std::string text() {
		std::string text(upto(64), '\0');
		for (char &c : text)
			c = static_cast<char>(byte());
		return text;
	}

private:
	const uint8_t *at_, *end_;
};

Record random_record(Bytes &in) {
	Record record;

	record.kind = static_cast<Kind>(in.upto(static_cast<uint8_t>(Kind::task_rename)));
	record.fields = in.word();
	record.time = in.byte();
	record.tid = in.upto(5);
	record.domain = in.upto(20);
	record.parent = in.upto(20);
	record.subject_domain = in.upto(20);
	record.other_domain = in.upto(20);
	record.ruleset = in.upto(6);
	record.access = in.word();
	record.blockers = in.word();
	record.flags = in.word();
	record.layer = in.upto(20);
	record.ino = in.upto(3);
	record.port = static_cast<int32_t>(in.word());
	record.other_pid = in.upto(6) - 1;
	record.signal = static_cast<int32_t>(in.word());
	record.topology = in.upto(1);
	record.number = in.upto(3) + 443;
	record.result = -static_cast<int64_t>(in.byte());
	for (int i = in.upto(20); i > 0; i--)
		record.grants.push_back(in.word());
	if (in.upto(1))
		record.text = "/";
	record.text += in.text();
	return record;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	Bytes in(data, size);
	Machine machine;

	while (!in.is_empty())
		machine.feed(random_record(in));
	machine.finish();
	return 0;
}
