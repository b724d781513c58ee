// SPDX-License-Identifier: GPL-2.0-only
#include "tasks.h"

#include "proc.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include <charconv>
#include <climits>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

namespace landlock {
namespace {

// Their last events may still come.
constexpr size_t max_dead = 4096;
// Of those whose end was lost.
constexpr size_t max_threads = 1 << 18;

std::string first_line(const std::string &file) {
	std::ifstream in(file);
	std::string line;

	std::getline(in, line);
	return line;
}

// Whether two files of /proc lead to the same; nothing if that is not known.
std::optional<bool> is_same(const std::string &a, const std::string &b) {
	struct statx first, second;

	if (statx(AT_FDCWD, a.c_str(), 0, STATX_INO | STATX_MNT_ID, &first) ||
	    statx(AT_FDCWD, b.c_str(), 0, STATX_INO | STATX_MNT_ID, &second))
		return {};
	return first.stx_ino == second.stx_ino && first.stx_mnt_id == second.stx_mnt_id;
}

std::vector<int> numbers_in(const std::string &folder) {
	std::vector<int> list;
	std::error_code ignored;

	for (const auto &entry : std::filesystem::directory_iterator(folder, ignored)) {
		const std::string name = entry.path().filename();
		int number = 0;
		const auto end = std::from_chars(name.data(), name.data() + name.size(), number).ptr;
		if (end == name.data() + name.size() && number > 0)
			list.push_back(number);
	}
	return list;
}

} // namespace

std::vector<int> all_processes() {
	return numbers_in("/proc");
}

std::optional<Credentials> credentials_of(int pid) {
	const auto uid = proc_status_number(pid, "Uid");
	const auto no_new_privs = proc_status_number(pid, "NoNewPrivs");

	if (!uid || !no_new_privs)
		return {};
	return Credentials{static_cast<unsigned>(*uid), *no_new_privs != 0};
}

Process process_from_proc(int tid, bool has_exe) {
	Process process;
	char exe[PATH_MAX];

	process.pid = proc_status_number(tid, "Tgid").value_or(0);
	if (!process.pid)
		return {};
	process.comm = first_line(fmt::format("/proc/{}/comm", tid));
	if (!has_exe)
		return process;
	const ssize_t length = readlink(fmt::format("/proc/{}/exe", tid).c_str(), exe, sizeof(exe));
	if (length > 0)
		process.exe.assign(exe, static_cast<size_t>(length));
	// Where init has the same mounts, its root is theirs.
	process.has_root = is_same(fmt::format("/proc/{}/ns/mnt", tid), "/proc/1/ns/mnt") == true &&
			   is_same(fmt::format("/proc/{}/root", tid), "/proc/1/root") == false;
	return process;
}

std::vector<int> threads_beneath(int pid) {
	std::multimap<int, int> children;
	std::vector<int> todo{pid}, threads;

	for (const int process : all_processes())
		children.emplace(proc_status_number(process, "PPid").value_or(0), process);
	while (!todo.empty()) {
		const int process = todo.back();
		todo.pop_back();
		for (const int tid : numbers_in(fmt::format("/proc/{}/task", process)))
			threads.push_back(tid);
		const auto [begin, end] = children.equal_range(process);
		for (auto child = begin; child != end; ++child)
			todo.push_back(child->second);
	}
	return threads;
}

Tasks::Thread &Tasks::thread(int tid) {
	const auto found = threads_.find(tid);
	if (found != threads_.end())
		return found->second;

	if (threads_.size() >= max_threads)
		threads_.clear();
	Thread &made = threads_[tid];
	if (fallback_) {
		Process process = fallback_(tid);
		made = Thread{process.pid, std::move(process.comm), std::move(process.exe)};
		made.has_root = process.has_root;
	}
	if (!made.pid)
		made.pid = tid;
	return made;
}

void Tasks::bury(int tid) {
	const auto found = threads_.find(tid);
	if (found == threads_.end() || found->second.dead)
		return;
	found->second.dead = true;
	const auto first = threads_.find(found->second.pid);
	if (first != threads_.end() && first->second.threads)
		first->second.threads--;
	dead_.push_back(tid);
	if (dead_.size() <= max_dead)
		return;
	// Its number may have been given out again.
	const auto oldest = threads_.find(dead_.front());
	if (oldest != threads_.end() && oldest->second.dead)
		threads_.erase(oldest);
	dead_.pop_front();
}

void Tasks::enter(const Record &record) {
	Thread &task = thread(record.tid);

	task.domain = record.domain;
	if (record.threads <= 1)
		return;
	for (auto &[tid, other] : threads_) {
		if (other.pid == task.pid)
			other.domain = record.domain;
	}
}

// To another root or other mounts, by a @call that succeeded.
void Tasks::move(const Record &call) {
	if (call.result)
		return;
	switch (call.number) {
	// Of all threads.
	case SYS_chroot: thread(thread(call.tid).pid).has_root = true; break;
	case SYS_unshare: thread(call.tid).has_mounts |= (call.args[0] & CLONE_NEWNS) != 0; break;
	// 0 is any kind of namespace.
	case SYS_setns: thread(call.tid).has_mounts |= !call.args[1] || (call.args[1] & CLONE_NEWNS); break;
	default: break;
	}
}

void Tasks::apply(const Record &record) {
	switch (record.kind) {
	case Kind::task_new: {
		const Thread parent = thread(record.tid);
		const bool is_thread = record.flags & CLONE_THREAD;
		const Process process = find(record.tid);
		if (threads_.size() >= max_threads)
			threads_.clear();
		threads_[record.other_pid] = Thread{is_thread ? parent.pid : record.other_pid,
						    record.text.empty() ? parent.comm : record.text,
						    is_thread ? "" : process.exe, false, parent.domain, is_thread ? 0u : 1u,
						    process.has_root, process.has_mounts || (record.flags & CLONE_NEWNS),
						    is_thread ? "" : process.interpreter, ""};
		const auto first = threads_.find(parent.pid);
		if (is_thread && first != threads_.end() && first->second.threads)
			first->second.threads++;
		break;
	}
	case Kind::task_interpreter: thread(record.tid).next = record.text; break;
	case Kind::task_exec: {
		// The process goes on as its first thread, whichever executed.
		const std::string interpreter = std::exchange(thread(record.old_pid ? record.old_pid : record.tid).next, "");
		Thread &task = thread(record.tid);
		const bool is_script = !interpreter.empty() && interpreter != record.text;
		// "#!/usr/bin/env" only looks up what the script is for.
		const bool is_by_env = !is_script && task.interpreter.ends_with("/env");
		task.interpreter = is_script ? interpreter : is_by_env ? record.text : "";
		const size_t slash = record.text.rfind('/');
		task.pid = record.tid;
		if (!is_by_env)
			task.exe = record.text;
		// The kernel's own name for it is 15 bytes; task_rename may correct it.
		task.comm = record.text.substr(slash == std::string::npos ? 0 : slash + 1, 15);
		task.dead = false;
		// The others have ended.
		task.threads = 1;
		break;
	}
	case Kind::task_rename:
		thread(record.other_pid ? record.other_pid : record.tid).comm = record.text;
		break;
	case Kind::restrict_self: enter(record); break;
	case Kind::call: move(record); break;
	case Kind::task_exit: bury(record.other_pid ? record.other_pid : record.tid); break;
	default: break;
	}
}

unsigned Tasks::threads_of(int pid) const {
	const auto found = threads_.find(pid);

	return found == threads_.end() ? 0 : found->second.threads;
}

uint64_t Tasks::domain_of(int tid) const {
	const auto found = threads_.find(tid);

	return found == threads_.end() ? 0 : found->second.domain;
}

Process Tasks::find(int tid) {
	const Thread &task = thread(tid);

	Process process{task.pid, task.comm, task.exe, task.has_root, task.has_mounts, task.interpreter};
	if (task.pid != tid) {
		const auto leader = threads_.find(task.pid);
		if (leader != threads_.end() && !leader->second.exe.empty()) {
			process.exe = leader->second.exe;
			process.interpreter = leader->second.interpreter;
		}
		process.has_root |= leader != threads_.end() && leader->second.has_root;
	}
	return process;
}

} // namespace landlock
