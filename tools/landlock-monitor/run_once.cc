// SPDX-License-Identifier: GPL-2.0-only
#include "run_once.h"

#include "ends.h"
#include "hints.h"
#include "launcher.h"
#include "live.h"
#include "prometheus.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace landlock {
namespace {

// Whether it is to end what runs; for us when only descendants of the command are left.
bool ends_programs(int signal) {
	return signal == SIGINT || signal == SIGQUIT || signal == SIGTERM || signal == SIGHUP;
}

bool has_ended(const Child &child, const std::optional<int> &status, bool wait_all) {
	return status && (!wait_all || child.is_alone());
}

} // namespace

Command command_of(const Options &options) {
	Command command;

	command.argv = options.argv;
	command.environment = sudo_environment(options.environment);
	command.user = options.user.empty() ? sudo_user() : find_user(options.user);
	if (command.user && command.user->uid != geteuid())
		put(stderr, fmt::format("landlock-monitor: running as {}\n", name_of(*command.user)));
	return command;
}

RunResult run_once(const Options &options, const Command &command, const Output &out) {
	RunResult result;
	Metrics metrics;
	Signals signals;
	LiveOptions live_options;

	// What the last step laid aside.
	if (options.learn)
		regain();
	live_options.is_filtered = true;
	live_options.checks = true;
	live_options.calls = true;
	live_options.buffer_kb = options.buffer_kb;
	Live live(live_options);
	MetricsFile metrics_file(options.prometheus);
	metrics_file.write(metrics, live.state(), {});
	Child child(command, signals, options.wait_all);
	OwnDomains own_domains;
	Ends ends;
	Hints hints(command.user ? command.user->uid : getuid());

	const auto handler = [&](const Record &record, const Process &process, bool) {
		metrics.add(record, process);
		own_domains.apply(record, process, live.state());
		result.calls.add(record, process);
		hints.add(record, process, live.state());
		if (is_denial(record.kind))
			result.explanation.add(record, process, live.state());
		else if (record.kind == Kind::call && !is_last_call(record.number))
			result.explanation.set_error(record.tid, static_cast<int>(std::max<int64_t>(-record.result, 0)));
		else if (ends.is_failure(record, process))
			result.explanation.blame(process.pid);
	};
	live.follow(child.pid());
	live.start();
	// What a script makes right before is older.
	result.started = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
	// The command is a process of its own already.
	Confinement confinement{.grants = out.grants(), .can_signal = true, .can_look = true, .is_temporary = options.learn};
	confinement.add(metrics_file.grants());
	live.confine(std::move(confinement));
	if (const int failed = child.release()) {
		result.status = failed;
		result.error = child.error();
		return result;
	}
	std::optional<int> status;
	bool is_over = false;
	while (!has_ended(child, status, options.wait_all) && !is_over) {
		live.poll(1000, signals.fd(), handler);
		std::vector<int> came;
		while (const int signal = signals.next())
			came.push_back(signal);
		// A command that was reaped has no PID anymore: it may be another's.
		status = child.reap();
		for (const int signal : came) {
			result.is_interrupted |= ends_programs(signal);
			if (!status)
				pass_on(signal, child.pid());
			else
				is_over |= ends_programs(signal);
		}
	}
	live.finish(handler);
	result.status = *status;
	result.own_domains = own_domains.ids();
	result.hints = hints.lines(result.status != 0);
	result.open = open_of(live.state(), result.own_domains);
	result.lost = live.lost();
	metrics_file.write(metrics, live.state(), result.lost);
	return result;
}

} // namespace landlock
