// SPDX-License-Identifier: GPL-2.0-only
#include "commands.h"

#include "child.h"
#include "error.h"
#include "json.h"
#include "live.h"
#include "prometheus.h"
#include "text.h"
#include "tree.h"
#include "watch.h"

#include <fmt/format.h>

#include <chrono>

namespace landlock {
namespace {

using Clock = std::chrono::steady_clock;

// Follows @pid, its threads and all that they have started already.
void follow_all(Live &live, int pid) {
	// Again for those that were started meanwhile by what was not followed yet.
	for (int i = 0; i < 2; i++) {
		const std::vector<int> threads = threads_beneath(pid);
		if (threads.empty() && kill(pid, 0) && errno == ESRCH)
			throw Error(fmt::format("no process has the PID {}", pid), "See the list of: ps -e");
		if (threads.empty())
			throw Error(fmt::format("/proc hides the process {} from us", pid),
				    "Give the monitor CAP_SYS_PTRACE, or mount /proc without hidepid.");
		for (const int tid : threads)
			live.follow(tid);
	}
}

class Watch {
public:
	Watch(const Options &options, Output &out, const Live &live)
		: options_(options), out_(out), live_(live), style_(style_of(out.file())),
		  domain_(options.domain.empty() ? 0 : parse_domain(options.domain)),
		  metrics_file_(options.prometheus) {}

	void handle(const Record &record, const Process &process, bool is_after_loss) {
		metrics_.add(record, process);
		if (is_after_loss)
			mark_loss();
		if (!is_watched(options_, domain_, record, process, live_.state()))
			return;
		if (options_.counts) {
			if (is_denial(record.kind))
				counts_.add(record, process, live_.state());
		} else if (options_.json) {
			event_json(buffer_, record, process);
		} else {
			const std::string line = event_line(record, process, live_.state(), style_) + "\n";
			buffer_.append(line.data(), line.data() + line.size());
		}
		if (buffer_.size() > 1 << 16)
			flush();
	}

	// Returns false if it cannot be written or nobody reads anymore.
	bool flush() {
		out_.put({buffer_.data(), buffer_.size()});
		buffer_.clear();
		return out_.flush() && !out_.is_closed();
	}

	void write_metrics(bool is_last) {
		if (options_.prometheus.empty() || (!is_last && Clock::now() < next_))
			return;
		metrics_file_.write(metrics_, live_.state(), live_.lost());
		next_ = Clock::now() + std::chrono::seconds(options_.interval);
	}

	void end() {
		const Lost lost = live_.lost();
		flush();
		if (options_.counts && !options_.json)
			out_.put(counts_text(counts_, lost));
		else if (options_.counts)
			out_.put(explanation_json(counts_, {}, lost));
		else if (options_.json)
			out_.put(lost_json(lost));
		else if (lost.any())
			out_.put(lost_text(lost) + "\n");
	}

	std::vector<Grant> grants() const { return metrics_file_.grants(); }

private:
	// Only where: how many is told by the kernel's counters.
	void mark_loss() {
		const std::string mark = options_.json ? gap_json() : "(events are lost here)\n";
		if (!options_.counts)
			buffer_.append(mark.data(), mark.data() + mark.size());
	}

	const Options &options_;
	Output &out_;
	const Live &live_;
	Style style_;
	uint64_t domain_;
	fmt::memory_buffer buffer_;
	Explanation counts_;
	Metrics metrics_;
	MetricsFile metrics_file_;
	Clock::time_point next_ = Clock::now();
};

bool is_over(const Options &options, Clock::time_point start) {
	if (options.pid && kill(options.pid, 0) && errno == ESRCH)
		return true;
	return options.seconds && Clock::now() - start >= std::chrono::seconds(options.seconds);
}

// Whether a signal that ends us came.
bool is_interrupted(Signals &signals) {
	bool is_ended = false;

	while (const int signal = signals.next())
		is_ended |= signal != SIGCHLD;
	return is_ended;
}

} // namespace

int cmd_watch(const Options &options) {
	Output out(options.output, stdout);
	Signals signals;
	LiveOptions live_options;

	live_options.is_filtered = options.pid != 0;
	live_options.checks = options.verbose >= 2;
	live_options.buffer_kb = options.buffer_kb;
	Live live(live_options);
	Watch watch(options, out, live);
	const auto handler = [&](const Record &record, const Process &process, bool is_after_loss) {
		watch.handle(record, process, is_after_loss);
	};

	if (options.pid)
		follow_all(live, options.pid);
	// What cannot be written is told at once.
	watch.write_metrics(false);
	live.start();
	out.publish();
	live.confine({watch.grants()});
	const auto start = Clock::now();
	while (!is_interrupted(signals) && !is_over(options, start)) {
		live.poll(200, signals.fd(), handler);
		if (!watch.flush())
			break;
		watch.write_metrics(false);
	}
	live.finish(handler);
	watch.write_metrics(true);
	watch.end();
	out.finish();
	return 0;
}

int watch_tree(const Options &options, Output &out) {
	Signals signals;
	LiveOptions live_options;

	live_options.buffer_kb = options.buffer_kb;
	Live live(live_options);
	const auto handler = [](const Record &, const Process &, bool) {};
	live.start();
	live.confine({out.grants()});
	const auto start = Clock::now();
	while (!is_interrupted(signals) && !is_over(options, start))
		live.poll(200, signals.fd(), handler);
	// The domains of now, not of after we waited for them to go.
	const std::string text = options.dot ? tree_dot(live.state()) : tree_text(live.state(), options.verbose);
	out.put(text + (options.dot || !live.lost().any() ? "" : lost_text(live.lost()) + "\n"));
	out.finish();
	return 0;
}

} // namespace landlock
