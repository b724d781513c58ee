// SPDX-License-Identifier: GPL-2.0-only
//
// Random sequences of records, with few IDs, so that they meet each other.
#include "fuzz.h"

#include <fuzzer/FuzzedDataProvider.h>

using namespace landlock;

static Record random_record(FuzzedDataProvider &in) {
	Record record;

	record.kind = static_cast<Kind>(in.ConsumeIntegralInRange<int>(0, static_cast<int>(Kind::task_rename)));
	record.fields = in.ConsumeIntegral<uint32_t>();
	record.time = in.ConsumeIntegral<uint8_t>();
	record.tid = in.ConsumeIntegralInRange(0, 5);
	record.domain = in.ConsumeIntegralInRange<uint64_t>(0, 20);
	record.parent = in.ConsumeIntegralInRange<uint64_t>(0, 20);
	record.subject_domain = in.ConsumeIntegralInRange<uint64_t>(0, 20);
	record.other_domain = in.ConsumeIntegralInRange<uint64_t>(0, 20);
	record.ruleset = in.ConsumeIntegralInRange<uint64_t>(0, 6);
	record.access = in.ConsumeIntegral<uint32_t>();
	record.blockers = in.ConsumeIntegral<uint32_t>();
	record.flags = in.ConsumeIntegral<uint32_t>();
	record.layer = in.ConsumeIntegralInRange<uint32_t>(0, 20);
	record.ino = in.ConsumeIntegralInRange<uint64_t>(0, 3);
	record.port = in.ConsumeIntegral<int32_t>();
	record.other_pid = in.ConsumeIntegralInRange(-1, 5);
	record.signal = in.ConsumeIntegral<int32_t>();
	record.topology = in.ConsumeBool();
	for (int i = in.ConsumeIntegralInRange(0, 20); i > 0; i--)
		record.grants.push_back(in.ConsumeIntegral<uint32_t>());
	record.text = in.ConsumeRandomLengthString(64);
	if (in.ConsumeBool())
		record.text.insert(0, "/");
	return record;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	FuzzedDataProvider in(data, size);
	Machine machine;

	while (in.remaining_bytes())
		machine.feed(random_record(in));
	machine.finish();
	return 0;
}
