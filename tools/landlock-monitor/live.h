// SPDX-License-Identifier: GPL-2.0-only
//
// Live events of the running kernel, as records with their process.
#pragma once

#include "adapt.h"
#include "confine.h"
#include "decode.h"
#include "explain.h"
#include "instance.h"
#include "reader.h"
#include "state.h"
#include "tasks.h"

#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>

namespace landlock {

struct LiveOptions {
	bool is_filtered = false; // only what follow() named, and their descendants
	bool checks = false;      // also the many check_rule events
	bool calls = false;       // also system calls that failed; then times only count
	unsigned buffer_kb = 0;   // for each CPU; 0: see buffer_size()
};

class Live {
public:
	// Gets what is of Landlock, each exec and exit, and the system calls that were asked for.
	using Handler = std::function<void(const Record &, const Process &, bool is_after_loss)>;

	// Makes the instances; nothing is traced before start().
	explicit Live(const LiveOptions &options);
	~Live();

	// Adds a thread to the filter; what it starts is followed too.
	void follow(int tid);
	void start();
	// Gives up all but @confinement and what this needs itself; has to be started.
	void confine(Confinement confinement);
	// Waits up to @milliseconds for events or for @fd to be readable, then
	// hands on what came.
	void poll(int milliseconds, int fd, const Handler &handler);
	// Hands on all that is left, after waiting a moment for domains to go.
	void finish(const Handler &handler);
	Lost lost() const;

	const State &state() const { return state_; }

private:
	struct FreeTep {
		void operator()(tep_handle *tep) const { tep_free(tep); }
	};

	void prepare(Instance &instance, unsigned buffer_kb);
	bool is_ours(const Record &record) const;
	void enable(const EventName &name);
	void handle(const RawEvent &event, const Handler &handler);
	bool has_living_domain() const;

	LiveOptions options_;
	std::unique_ptr<tep_handle, FreeTep> tep_;
	std::unique_ptr<Decoder> decoder_;
	std::unique_ptr<Instance> filtered_; // or all of it
	std::unique_ptr<Instance> foreign_;  // what no filter for processes selects
	std::unique_ptr<Reader> reader_;     // ends before what it reads
	Adapter adapter_;
	bool reads_programs_ = true; // those of processes that no event told about
	Tasks tasks_;
	State state_;
	Record record_;
	Process process_; // of the last event
	int process_tid_ = -1;
	const int own_tid_ = getpid();
	int64_t quiet_ = 0; // when all events were known last, in nanoseconds since the epoch
	bool is_loss_pending_ = false;
	bool is_more_ = false;
};

} // namespace landlock
