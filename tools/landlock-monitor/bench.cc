// SPDX-License-Identifier: GPL-2.0-only
//
// What an event costs, without a kernel: decodes one again and again and writes
// its JSON.  Prints events per second.
#include "json.h"
#include "state.h"
#include "testing.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace landlock;

// usage: bench [COUNT]
int main(int argc, char **argv) {
	const Formats formats({"series.formats"});
	const Decoder decoder(formats.tep());
	const auto raw = formats.encode("landlock_check_rule_fs", 42,
					{{"domain", uint64_t{0x1404dcae6}}, {"access_request", uint64_t{0x404}},
					 {"ino", uint64_t{123456}}, {"grants", std::vector<uint32_t>{4}}});
	Tasks tasks;
	State state;
	Record record;
	fmt::memory_buffer out;
	const int count = argc > 1 ? atoi(argv[1]) : 1000000;
	const auto start = std::chrono::steady_clock::now();

	for (int i = 0; i < count; i++) {
		if (!decoder.decode(raw, record))
			return 1;
		const Process process = tasks.find(record.tid);
		state.apply(record, process);
		event_json(out, record, process);
		if (out.size() > 1 << 16)
			out.clear();
	}
	const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
	printf("%.0f events per second\n", count / time.count());
}
