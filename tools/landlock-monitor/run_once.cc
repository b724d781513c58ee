// SPDX-License-Identifier: GPL-2.0-only
#include "run_once.h"

#include "launcher.h"
#include "live.h"
#include "prometheus.h"

namespace landlock {
namespace {

// Hands signals on that are for the command; those of the terminal's keys reach
// it anyway.
void forward(int signal, int pid) {
	if (signal != SIGINT && signal != SIGQUIT && signal != SIGCHLD)
		kill(pid, signal);
}

// Whether it is for us when only descendants of the command are left.
bool ends_the_wait(int signal) {
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
	return command;
}

RunResult run_once(const Options &options, const Command &command) {
	RunResult result;
	Metrics metrics;
	Signals signals;
	LiveOptions live_options;

	live_options.is_filtered = true;
	live_options.checks = true;
	live_options.buffer_kb = options.buffer_kb;
	Live live(live_options);
	MetricsFile metrics_file(options.prometheus);
	metrics_file.write(metrics, live.state(), {});
	Child child(command, signals);
	OwnDomains own_domains;

	const auto handler = [&](const Record &record, const Process &process, bool) {
		metrics.add(record, process);
		own_domains.apply(record, process);
		if (is_denial(record.kind))
			result.explanation.add(record, process, live.state());
	};
	live.follow(child.pid());
	live.start();
	if (const int failed = child.release()) {
		result.status = failed;
		result.error = child.error();
		return result;
	}
	std::optional<int> status;
	bool is_interrupted = false;
	while (!has_ended(child, status, options.wait_all) && !is_interrupted) {
		live.poll(1000, signals.fd(), handler);
		std::vector<int> came;
		while (const int signal = signals.next())
			came.push_back(signal);
		// A command that was reaped has no PID anymore: it may be another's.
		status = child.reap();
		for (const int signal : came) {
			if (!status)
				forward(signal, child.pid());
			else
				is_interrupted |= ends_the_wait(signal);
		}
	}
	live.finish(handler);
	result.status = *status;
	result.own_domains = own_domains.ids();
	result.lost = live.lost();
	metrics_file.write(metrics, live.state(), result.lost);
	return result;
}

} // namespace landlock
