// SPDX-License-Identifier: GPL-2.0-only
//
// For compilers without libFuzzer: random bytes, without guidance.
//
// usage: NAME [RUNS [SEED]]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
	const int runs = argc > 1 ? std::atoi(argv[1]) : 1000;
	std::mt19937 random(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1);

	for (int i = 0; i < runs; i++) {
		std::vector<uint8_t> data(random() % 4096);
		// Small numbers are lengths and kinds more often than large ones.
		for (uint8_t &byte : data)
			byte = static_cast<uint8_t>(random() % 3 ? random() % 32 : random());
		LLVMFuzzerTestOneInput(data.data(), data.size());
	}
	std::printf("%d runs\n", runs);
}
