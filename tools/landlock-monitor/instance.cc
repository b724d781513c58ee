// SPDX-License-Identifier: GPL-2.0-only
#include "instance.h"

#include "access.h"
#include "api.h"
#include "error.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace landlock {
namespace {

constexpr std::string_view prefix = "landlock-monitor-";

// The inode of the initial PID namespace is part of the kernel's ABI.
constexpr ino_t initial_pid_namespace = 0xEFFFFFFC;

// When @pid started, in ticks since boot; 0 if there is none.
uint64_t start_time(int pid) {
	std::ifstream in(fmt::format("/proc/{}/stat", pid));
	std::string line, word;

	std::getline(in, line);
	// The name in parentheses may have anything in it.
	const size_t end = line.rfind(')');
	if (end == std::string::npos)
		return 0;
	std::istringstream rest(line.substr(end + 1));
	for (int field = 3; field <= 22; field++)
		rest >> word;
	return std::strtoull(word.c_str(), nullptr, 10);
}

std::string read_file(const std::string &file) {
	std::ifstream in(file);

	return {std::istreambuf_iterator<char>(in), {}};
}

[[noreturn]] void refuse(const std::string &what) {
	switch (errno) {
	case EACCES:
	case EPERM:
		if (geteuid() == 0)
			throw Error(fmt::format("{}: {}", what, std::strerror(errno)),
				    "This root lacks CAP_DAC_OVERRIDE over tracefs, or the kernel is locked down.");
		throw Error(fmt::format("{}: tracing needs root (CAP_DAC_OVERRIDE over tracefs)", what),
			    "Run it as: sudo landlock-monitor ...; the command itself still runs as you.");
	default: throw Error(fmt::format("{}: {}", what, std::strerror(errno)));
	}
}

} // namespace

std::string instance_name(const std::string &suffix) {
	return fmt::format("{}{}-{}{}", prefix, getpid(), start_time(getpid()), suffix);
}

bool is_stale(std::string_view name) {
	int pid = 0;
	uint64_t started = 0;

	if (!name.starts_with(prefix))
		return false;
	name.remove_prefix(prefix.size());
	const char *end = name.data() + name.size();
	const auto first = std::from_chars(name.data(), end, pid);
	if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-')
		return false;
	const auto second = std::from_chars(first.ptr + 1, end, started);
	return second.ec == std::errc() && start_time(pid) != started;
}

std::string tracing_folder() {
	struct stat ns {};
	const char *folder = nullptr;

	if (!stat("/proc/self/ns/pid", &ns) && ns.st_ino != initial_pid_namespace)
		throw Error("inside of a PID namespace (a container?) the kernel's filter for processes does not match",
			    "Run landlock-monitor outside of it, for instance on the host.");
	// tracefs_tracing_dir() would mount it.
	if (tracefs_tracing_dir_is_mounted(false, &folder) <= 0 || !folder)
		throw Error("tracefs is not mounted", "As root: mount -t tracefs tracefs /sys/kernel/tracing");
	const std::string path = folder;
	if (access((path + "/events").c_str(), R_OK | X_OK) || access((path + "/instances").c_str(), W_OK | X_OK))
		refuse("cannot use " + path);
	if (access((path + "/events/landlock").c_str(), F_OK))
		throw Error("this kernel has no Landlock trace events",
			    "It needs CONFIG_SECURITY_LANDLOCK, CONFIG_TRACEPOINTS and a version with these events.");
	return path;
}

void reclaim_stale_instances() {
	std::error_code ignored;

	for (const auto &entry :
	     std::filesystem::directory_iterator(tracing_folder() + "/instances", ignored)) {
		const std::string path = entry.path();
		if (!is_stale(entry.path().filename().string()))
			continue;
		// Its last reader may still be on its way out.
		rmdir(path.c_str());
	}
}

unsigned buffer_size(unsigned wanted) {
	const auto cpus = static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_CONF)));

	return wanted ? wanted : std::clamp(65536 / cpus, 512u, 8192u);
}

Instance::Instance(const std::string &suffix) {
	const std::string name = instance_name(suffix);

	folder_ = tracing_folder() + "/instances/" + name;
	instance_ = tracefs_instance_create(name.c_str());
	if (!instance_)
		refuse("cannot make the tracing instance " + folder_);
}

Instance::~Instance() {
	tracefs_trace_off(instance_);
	tracefs_event_disable(instance_, nullptr, nullptr);
	// EBUSY for as long as a reader is on its way out.
	for (int i = 0; i < 100 && tracefs_instance_destroy(instance_) && errno == EBUSY; i++)
		usleep(10000);
	tracefs_instance_free(instance_);
}

std::string Instance::file(const std::string &name) const {
	return folder_ + "/" + name;
}

bool Instance::has(const std::string &name) const {
	return access(file(name).c_str(), F_OK) == 0;
}

void Instance::write(const std::string &name, const std::string &text) {
	if (tracefs_instance_file_write(instance_, name.c_str(), text.c_str()) < 0)
		refuse(fmt::format("cannot write '{}' to {}", text, file(name)));
}

void Instance::append(const std::string &name, const std::string &text) {
	if (tracefs_instance_file_append(instance_, name.c_str(), text.c_str()) < 0)
		refuse(fmt::format("cannot add '{}' to {}", text, file(name)));
}

void Instance::try_write(const std::string &name, const std::string &text) {
	if (has(name))
		tracefs_instance_file_write(instance_, name.c_str(), text.c_str());
}

void Instance::enable(std::string_view system, std::string_view event) {
	write(fmt::format("events/{}/{}/enable", system, event), "1");
}

std::vector<Grant> Instance::grants() const {
	return {{folder_, fs_read_file | fs_read_dir | fs_write_file | fs_truncate}, {folder_ + "/..", fs_remove_dir}};
}

std::vector<int> Instance::open_pipes() const {
	std::vector<std::string> names;
	std::vector<int> pipes;

	for (const auto &entry : std::filesystem::directory_iterator(file("per_cpu")))
		names.push_back(entry.path());
	std::sort(names.begin(), names.end());
	for (const std::string &name : names) {
		const int fd = open((name + "/trace_pipe_raw").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0) {
			for (const int pipe : pipes)
				close(pipe);
			refuse("cannot read " + name + "/trace_pipe_raw");
		}
		pipes.push_back(fd);
	}
	return pipes;
}

size_t Instance::page_size() const {
	const std::string kilobytes = read_file(file("buffer_subbuf_size_kb"));
	const size_t size = std::strtoul(kilobytes.c_str(), nullptr, 10) * 1024;

	return size ? size : static_cast<size_t>(getpagesize());
}

uint64_t Instance::lost() const {
	std::error_code ignored;
	uint64_t sum = 0;

	for (const auto &entry : std::filesystem::directory_iterator(file("per_cpu"), ignored)) {
		std::ifstream in(entry.path().string() + "/stats");
		for (std::string line; std::getline(in, line);) {
			for (const std::string_view key : {"overrun: ", "dropped events: ", "commit overrun: "}) {
				if (line.starts_with(key))
					sum += std::strtoull(line.c_str() + key.size(), nullptr, 10);
			}
		}
	}
	return sum;
}

} // namespace landlock
