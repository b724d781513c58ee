// SPDX-License-Identifier: GPL-2.0-only
//
// Raw events of several buffers, in the order of their time.
#pragma once

#include "instance.h"

#include <poll.h>


#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

struct kbuffer;

namespace landlock {

// One event; its data only lives during the call.
struct RawEvent {
	std::span<const char> data;
	uint64_t time;
	int cpu;
	size_t instance; // in the order of Reader::add()
	bool is_after_loss; // events before it are missing
};

class Reader {
public:
	using Handler = std::function<void(const RawEvent &)>;

	Reader() = default;
	~Reader();
	Reader(const Reader &) = delete;
	Reader &operator=(const Reader &) = delete;

	// Opens the buffers of @instance, which has to outlive this.
	void add(const Instance &instance);
	// To wait for events, and only those.
	std::vector<pollfd> poll_fds() const;
	// Reads what is there, calls @handler for what cannot be overtaken anymore:
	// what was there at the end of the round before.  Returns whether there is
	// more to do at once.
	bool round(const Handler &handler);

private:
	using Page = std::unique_ptr<char[]>;
	struct Source {
		int fd;
		int cpu;
		size_t instance;
		size_t page_size;
		kbuffer *buffer;
		std::deque<Page> pages; // the first one is loaded
		bool is_loaded = false;
		bool is_after_loss = false;
		void *event = nullptr; // the next one
		unsigned long long time = 0;
	};

	bool fill(Source &source, uint64_t &last);
	bool load(Source &source);
	void advance(Source &source);
	uint64_t last_time(char *page);

	std::deque<Source> sources_;
	std::vector<Page> spare_;
	kbuffer *probe_ = nullptr;
	size_t instances_ = 0;
	uint64_t horizon_ = 0;
};

} // namespace landlock
