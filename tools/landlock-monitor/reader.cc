// SPDX-License-Identifier: GPL-2.0-only
#include "reader.h"

#include "error.h"

extern "C" {
#include <kbuffer.h>
}

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace landlock {
namespace {

// Of one buffer in one round, so that no CPU starves the others.
constexpr size_t max_pages = 256;

constexpr size_t max_spare = 1024;

kbuffer *new_buffer() {
	kbuffer *buffer = kbuffer_alloc(KBUFFER_LSIZE_SAME_AS_HOST, KBUFFER_ENDIAN_SAME_AS_HOST);

	if (!buffer)
		throw Error("out of memory");
	return buffer;
}

} // namespace

Reader::~Reader() {
	for (Source &source : sources_) {
		close(source.fd);
		kbuffer_free(source.buffer);
	}
	if (probe_)
		kbuffer_free(probe_);
}

void Reader::add(const Instance &instance) {
	int cpu = 0;

	if (!probe_)
		probe_ = new_buffer();
	for (const int fd : instance.open_pipes()) {
		Source source{};
		source.fd = fd;
		source.cpu = cpu++;
		source.instance = instances_;
		source.page_size = instance.page_size();
		source.buffer = new_buffer();
		sources_.push_back(std::move(source));
	}
	instances_++;
}

std::vector<pollfd> Reader::poll_fds() const {
	std::vector<pollfd> fds;

	for (const Source &source : sources_)
		fds.push_back({source.fd, POLLIN, 0});
	return fds;
}

// The time of the last event of @page.
uint64_t Reader::last_time(char *page) {
	unsigned long long time = 0, last = 0;

	kbuffer_load_subbuffer(probe_, page);
	for (void *event = kbuffer_read_event(probe_, &time); event; event = kbuffer_next_event(probe_, &time))
		last = time;
	return last;
}

// Reads all pages that are there.  Returns false if there may be more, @last is
// then the time up to which all is known.
bool Reader::fill(Source &source, uint64_t &last) {
	for (size_t i = 0; i < max_pages; i++) {
		Page bytes;
		if (spare_.empty()) {
			bytes = std::make_unique<char[]>(source.page_size);
		} else {
			bytes = std::move(spare_.back());
			spare_.pop_back();
		}
		const ssize_t size = read(source.fd, bytes.get(), source.page_size);
		if (size <= 0) {
			if (size < 0 && errno != EAGAIN && errno != EINTR)
				throw Error(fmt::format("cannot read the trace buffer: {}", std::strerror(errno)));
			spare_.push_back(std::move(bytes));
			return true;
		}
		source.pages.push_back(std::move(bytes));
	}
	last = last_time(source.pages.back().get());
	return false;
}

// Makes the next event of @source known, if there is one.
bool Reader::load(Source &source) {
	while (!source.event && !source.pages.empty()) {
		if (!source.is_loaded) {
			kbuffer_load_subbuffer(source.buffer, source.pages.front().get());
			source.is_loaded = true;
			if (kbuffer_missed_events(source.buffer))
				source.is_after_loss = true;
			source.event = kbuffer_read_event(source.buffer, &source.time);
		}
		if (!source.event) {
			if (spare_.size() < max_spare)
				spare_.push_back(std::move(source.pages.front()));
			source.pages.pop_front();
			source.is_loaded = false;
		}
	}
	return source.event;
}

void Reader::advance(Source &source) {
	source.is_after_loss = false;
	source.event = kbuffer_next_event(source.buffer, &source.time);
}

bool Reader::round(const Handler &handler) {
	uint64_t limit = horizon_;
	uint64_t newest = horizon_;
	bool is_more = false;

	for (Source &source : sources_) {
		const size_t before = source.pages.size();
		uint64_t last = 0;
		if (!fill(source, last)) {
			limit = std::min(limit, last);
			is_more = true;
		}
		if (source.pages.size() > before)
			newest = std::max(newest, last_time(source.pages.back().get()));
	}
	for (;;) {
		Source *first = nullptr;
		for (Source &source : sources_) {
			if (load(source) && (!first || source.time < first->time))
				first = &source;
		}
		if (!first || first->time > limit)
			break;
		const int size = kbuffer_event_size(first->buffer);
		handler({{static_cast<const char *>(first->event), static_cast<size_t>(size)},
			 first->time,
			 first->cpu,
			 first->instance,
			 first->is_after_loss});
		advance(*first);
	}
	horizon_ = newest;
	for (const Source &source : sources_)
		is_more |= source.event != nullptr;
	return is_more;
}

} // namespace landlock
