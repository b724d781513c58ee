// SPDX-License-Identifier: GPL-2.0-only
#include "hints.h"

#include "escape.h"
#include "text.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>

namespace landlock {
namespace {

// More would not be read, but could be made on purpose.
constexpr size_t max_threads = 1024;
constexpr size_t max_execs = 16;

// What executing @file would give @uid, as "it is ...: ... keeps it from ..."; ""
// if nothing.
std::string gain(const std::string &file, unsigned uid) {
	constexpr std::string_view reason = "no_new_privs, which a sandbox without CAP_SYS_ADMIN needs, keeps it from";
	struct stat info {};

	if (!file.starts_with('/') || stat(file.c_str(), &info))
		return "";
	if ((info.st_mode & S_ISUID) && info.st_uid != uid)
		return fmt::format("is set-user-ID: {} becoming {}", reason,
				   info.st_uid ? fmt::format("user {}", info.st_uid) : "root");
	if (uid && getxattr(file.c_str(), "security.capability", nullptr, 0) > 0)
		return fmt::format("has file capabilities: {} getting them", reason);
	return "";
}

} // namespace

void Hints::add_domain(const Record &record, const Process &process, const Domain &domain) {
	if (!domain.threads || domain.threads >= domain.process_threads)
		return;
	if (threads_.size() >= max_threads)
		threads_.clear();
	Threads &threads = threads_[{process.pid, record.ruleset}];
	threads.process = process;
	threads.domain = record.domain;
	threads.inside.insert(record.tid);
	threads.all = domain.process_threads;
}

void Hints::add_exec(const Record &record, const Process &process, const State &state) {
	const auto credentials = ask_(process.pid);
	const Domain *domain = state.domain(record.domain);

	// Only one thread is left, with its domain.
	std::erase_if(threads_, [&](const auto &entry) { return entry.first.first == process.pid; });
	if (!domain || execs_.size() >= max_execs)
		return;
	if (credentials ? !credentials->no_new_privs : !domain->no_new_privs.value_or(true))
		return;
	const std::string why = gain(record.text, credentials ? credentials->uid : uid_);
	if (why.empty())
		return;
	const std::string line = fmt::format("{} {}", escape(record.text), why);
	if (std::find(execs_.begin(), execs_.end(), line) == execs_.end())
		execs_.push_back(line);
}

void Hints::add(const Record &record, const Process &process, const State &state) {
	if (record.kind == Kind::task_exec)
		add_exec(record, process, state);
	else if (const Domain *domain = record.kind == Kind::restrict_self ? state.domain(record.domain) : nullptr)
		add_domain(record, process, *domain);
}

std::vector<std::string> Hints::lines(bool is_failure) const {
	std::vector<std::string> lines;

	// Each process once, whatever rulesets its threads have.
	for (auto entry = threads_.begin(); entry != threads_.end();) {
		const int pid = entry->first.first;
		const Threads *last = nullptr;
		size_t domains = 0;
		for (; entry != threads_.end() && entry->first.first == pid; ++entry) {
			// Others go from thread to thread.
			if (entry->second.inside.size() >= entry->second.all)
				continue;
			last = &entry->second;
			domains++;
		}
		if (!last)
			continue;
		lines.push_back(fmt::format("domain {:x} covers {} of {} threads of {}{}: the others are not restricted by it; "
					    "call landlock_restrict_self with LANDLOCK_RESTRICT_SELF_TSYNC, or before "
					    "other threads start",
					    last->domain, last->inside.size(), last->all, program(last->process),
					    domains == 1 ? "" : fmt::format(", and {} more of its domains only some", domains - 1)));
	}
	if (is_failure)
		lines.insert(lines.end(), execs_.begin(), execs_.end());
	return lines;
}

} // namespace landlock
