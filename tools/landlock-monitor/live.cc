// SPDX-License-Identifier: GPL-2.0-only
#include "live.h"

#include "access.h"
#include "api.h"
#include "error.h"

#include <fmt/format.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace landlock {
namespace {

// Landlock's own system calls, and those that give a process other mounts; at the start
// of others, with which status a process ends; at their end, another root, errors that
// a denial leads to, and all opens: one may succeed though something was denied.  What
// io_uring does, or a signal to a group that reaches somebody, has no end here: the next
// end of the thread is taken for it, if it could be.
std::string filter_of(Kind kind) {
	const std::string whole = fmt::format("id == {} || id == {} || id == {} || id == {} || id == {}",
					      SYS_landlock_create_ruleset, SYS_landlock_add_rule,
					      SYS_landlock_restrict_self, SYS_unshare, SYS_setns);

	std::string opens = fmt::format("id == {} || id == {}", SYS_openat, SYS_openat2);
	// Not all architectures have the older ones.
#ifdef SYS_open
	opens += fmt::format(" || id == {}", SYS_open);
#endif
#ifdef SYS_creat
	opens += fmt::format(" || id == {}", SYS_creat);
#endif
	return kind == Kind::call_enter
		       ? fmt::format("{} || id == {} || id == {}", whole, SYS_exit_group, SYS_exit)
		       : fmt::format("{} || {} || id == {} || ret == -{} || ret == -{} || ret == -{}", whole, opens,
				     SYS_chroot, EPERM, EACCES, EXDEV);
}

// The time that a file would get which is made now: in ticks.
int64_t file_time() {
	timespec time{};

	clock_gettime(CLOCK_REALTIME_COARSE, &time);
	return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

} // namespace

Live::Live(const LiveOptions &options)
	: options_(options), tasks_([this](int tid) { return process_from_proc(tid, reads_programs_); }) {
	const char *const systems[] = {"landlock", "sched", "task", "raw_syscalls", nullptr};
	const std::string folder = tracing_folder();

	reclaim_stale_instances();
	// They complain on stderr, which may be the command's.
	tep_set_loglevel(TEP_LOG_NONE);
	tracefs_set_loglevel(TEP_LOG_NONE);
	tep_.reset(tracefs_local_events_system(folder.c_str(), systems));
	if (!tep_)
		throw Error("cannot read the formats of the events in " + folder);
	decoder_ = std::make_unique<Decoder>(tep_.get());

	filtered_ = std::make_unique<Instance>("");
	prepare(*filtered_, buffer_size(options_.buffer_kb));
	if (options_.is_filtered) {
		foreign_ = std::make_unique<Instance>("-foreign");
		// Few of its events are frequent.
		prepare(*foreign_, std::min(buffer_size(options_.buffer_kb), 1024u));
		filtered_->try_write("options/event-fork", "1");
	}
	reader_ = std::make_unique<Reader>();
	reader_->add(*filtered_);
	if (foreign_)
		reader_->add(*foreign_);
}

Live::~Live() = default;

void Live::prepare(Instance &instance, unsigned buffer_kb) {
	instance.write("tracing_on", "0");
	// Read across CPUs and instances, only these clocks keep the order; where it tells
	// which call a denial is of, none of time is fine enough on all machines.
	instance.write("trace_clock", options_.calls ? "counter" : "global");
	instance.write("buffer_size_kb", std::to_string(buffer_kb));
	// Wake up for the first event, not when the buffer is half full.
	instance.try_write("buffer_percent", "0");
}

void Live::follow(int tid) {
	filtered_->append("set_event_pid", std::to_string(tid));
	// Known from now on: its first event may be one that the filter misses.
	tasks_.find(tid);
}

void Live::enable(const EventName &name) {
	Instance &instance = foreign_ && name.is_foreign ? *foreign_ : *filtered_;

	if (is_check(name.kind) && !options_.checks)
		return;
	if (is_call(name.kind)) {
		if (!options_.calls)
			return;
		instance.write(fmt::format("events/{}/{}/filter", name.system, name.name), filter_of(name.kind));
	}
	instance.enable(name.system, name.name);
}

void Live::start() {
	for (const EventName *name : decoder_->events())
		enable(*name);
	filtered_->write("tracing_on", "1");
	if (foreign_)
		foreign_->write("tracing_on", "1");
	// Of those that start from now on, events tell.
	for (const int pid : options_.is_filtered ? std::vector<int>() : all_processes())
		tasks_.find(pid);
}

// In a domain, reading the program of a process (/proc/PID/exe) is denied like
// tracing it, and makes events and audit records: all are known by now.
void Live::confine(Confinement confinement) {
	for (const Instance *instance : {filtered_.get(), foreign_.get()}) {
		if (instance)
			confinement.add(instance->grants());
	}
	confinement.add({{"/proc", fs_read_file | fs_read_dir}});
	reads_programs_ = confinement.is_temporary;
	landlock::confine(confinement);
}

// Of events that no filter selected: those of domains, rulesets or threads that
// the selected ones told about.
bool Live::is_ours(const Record &record) const {
	switch (record.kind) {
	case Kind::free_ruleset: return state_.ruleset(record.ruleset);
	case Kind::free_domain: return state_.domain(record.domain);
	default: return state_.domain(record.domain) || state_.domain(subject(record)) || tasks_.knows(record.tid);
	}
}

void Live::handle(const RawEvent &event, const Handler &handler) {
	is_loss_pending_ |= event.is_after_loss;
	// We are not what is watched.
	if (!decoder_->decode(event.data, record_) || record_.tid == own_tid_)
		return;
	record_.time = event.time;
	record_.cpu = event.cpu;
	if (event.instance == 1 && !is_ours(record_))
		return;
	if (is_task(record_.kind)) {
		tasks_.apply(record_);
		process_tid_ = -1;
	}
	if (!adapter_.adapt(record_, state_))
		return;
	if (record_.kind == Kind::call) {
		tasks_.apply(record_);
		process_tid_ = -1;
	}
	// A comm that changes comes as an event: the last answer holds.
	if (record_.tid != process_tid_) {
		process_ = tasks_.find(record_.tid);
		process_tid_ = record_.tid;
	}
	if (record_.kind == Kind::restrict_self) {
		record_.process_threads = tasks_.threads_of(process_.pid);
		record_.not_before = quiet_;
		tasks_.apply(record_);
	} else if (record_.kind == Kind::task_exec) {
		record_.domain = tasks_.domain_of(record_.tid);
	}
	state_.apply(record_, process_);
	if (is_task(record_.kind) && record_.kind != Kind::task_exec && record_.kind != Kind::task_exit)
		return;
	handler(record_, process_, is_loss_pending_);
	is_loss_pending_ = false;
}

void Live::poll(int milliseconds, int fd, const Handler &handler) {
	auto fds = reader_->poll_fds();

	if (fd >= 0)
		fds.push_back({fd, POLLIN, 0});
	// What was read once is handed on in the next round.
	if (is_more_)
		milliseconds = std::min(milliseconds, 1);
	::poll(fds.data(), fds.size(), milliseconds);
	const int64_t now = file_time();
	is_more_ = reader_->round([&](const RawEvent &event) { handle(event, handler); });
	if (!is_more_)
		quiet_ = now;
}

bool Live::has_living_domain() const {
	for (const Domain *domain : state_.domains()) {
		if (domain->is_alive && domain->is_known)
			return true;
	}
	return false;
}

void Live::finish(const Handler &handler) {
	// Domains are freed by a worker, a moment after their last process.
	for (int i = 0; i < 20; i++) {
		poll(5, -1, handler);
		poll(5, -1, handler);
		if (!is_more_ && !has_living_domain())
			break;
		usleep(10000);
	}
	filtered_->write("tracing_on", "0");
	if (foreign_)
		foreign_->write("tracing_on", "0");
	do
		poll(0, -1, handler);
	while (is_more_);
}

Lost Live::lost() const {
	return {filtered_->lost() + (foreign_ ? foreign_->lost() : 0)};
}

} // namespace landlock
