// SPDX-License-Identifier: GPL-2.0-only
//
// Any bytes as raw records, in the formats of both kernels: each is a length, the
// kernel, then the record.
#include "fuzz.h"
#include "testing.h"

using namespace landlock;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static const Formats series({"series.formats"});
	static const Formats other({"other.formats"});
	static const Decoder decoders[] = {Decoder(series.tep()), Decoder(other.tep())};
	Machine machine;

	while (size > 1) {
		const size_t length = std::min<size_t>(data[0], size - 2);
		// At its exact size on the heap, so that reading beyond it is seen.
		const std::vector<char> raw(data + 2, data + 2 + length);
		Record record;
		if (decoders[data[1] & 1].decode(raw, record))
			machine.feed(std::move(record));
		data += 2 + raw.size();
		size -= 2 + raw.size();
	}
	machine.finish();
	return 0;
}
