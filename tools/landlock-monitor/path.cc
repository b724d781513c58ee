// SPDX-License-Identifier: GPL-2.0-only
#include "path.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace landlock {
namespace {

// A rule for one of them opens what a sandbox is there to close.
constexpr std::array wholes = {"/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/opt", "/proc", "/root", "/run",
			       "/sbin", "/srv", "/sys", "/usr", "/var", "/var/lib", "/proc/sys", "/usr/lib", "/usr/share"};

// What others run or are configured by.
constexpr std::array systems = {"/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys", "/usr", "/dev"};

// What is run or trusted later, by others.
constexpr std::array trusted = {"/var/lib/apt", "/var/lib/dpkg", "/var/lib/rpm", "/var/spool/cron"};

// What sandboxes are there to keep, wherever it is.
constexpr std::array secrets = {"/.aws", "/.docker", "/.gnupg", "/.kube", "/.netrc", "/.password-store", "/.ssh",
				"/etc/gshadow", "/etc/shadow", "/etc/ssl/private", "/etc/sudoers", "/etc/sudoers.d"};

// In /dev, for whoever wants.
constexpr std::array devices = {"/dev/full", "/dev/mqueue", "/dev/null", "/dev/ptmx", "/dev/pts", "/dev/random", "/dev/shm",
				"/dev/tty", "/dev/urandom", "/dev/zero"};

// Looked up by the C library, an allocator or a language's runtime at each start.
constexpr std::array habits = {
	"/etc/gai.conf", "/etc/gnutls", "/etc/inputrc", "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/locale.alias",
	"/etc/localtime", "/etc/nsswitch.conf", "/etc/terminfo", "/etc/timezone", "/proc/cgroups", "/proc/cpuinfo",
	"/proc/filesystems", "/proc/meminfo", "/proc/mounts", "/proc/stat", "/proc/sys/kernel/cap_last_cap",
	"/proc/sys/kernel/ngroups_max", "/proc/sys/kernel/osrelease", "/proc/sys/kernel/random",
	"/proc/sys/vm", "/proc/version", "/sys/devices/system", "/sys/fs/cgroup", "/sys/fs/selinux", "/sys/kernel/mm",
	"/usr/lib/locale", "/usr/lib/terminfo", "/usr/lib/x86_64-linux-gnu/gconv", "/usr/share/locale",
	"/usr/share/locale-langpack", "/usr/share/terminfo", "/usr/share/zoneinfo",
};

// The same of one process, beneath /proc/PID.
constexpr std::array process_habits = {"/cgroup", "/limits", "/maps", "/mountinfo", "/mounts", "/smaps", "/stat", "/statm",
				       "/status", "/task", "/auxv"};

template <class List> bool has(const List &list, std::string_view path) {
	return std::find(list.begin(), list.end(), path) != list.end();
}

template <class List> bool is_beneath_any(const List &list, std::string_view path) {
	return std::any_of(list.begin(), list.end(), [&](const char *folder) { return is_beneath(path, folder); });
}

// How long "/proc/PID" is in front of @path; 0 if it is not.
size_t process_prefix(std::string_view path) {
	constexpr std::string_view proc = "/proc/";
	size_t end = proc.size();

	if (!path.starts_with(proc))
		return 0;
	while (end < path.size() && std::isdigit(static_cast<unsigned char>(path[end])))
		end++;
	return end > proc.size() && (end == path.size() || path[end] == '/') ? end : 0;
}

// Whether @secret is anywhere in @path, or from its beginning on if it is of the system.
bool has_secret(std::string_view path, std::string_view secret) {
	if (secret.starts_with("/etc/"))
		return is_beneath(path, secret);
	for (size_t begin = 0; (begin = path.find(secret, begin)) != std::string_view::npos; begin++) {
		if (is_beneath(path.substr(begin), secret))
			return true;
	}
	return false;
}

// Whether @path has one of the secrets in it, or is a private key.
bool is_secret(std::string_view path) {
	return (path.starts_with("/etc/ssh/") && path.ends_with("_key")) ||
	       std::any_of(secrets.begin(), secrets.end(), [&](const char *secret) { return has_secret(path, secret); });
}

} // namespace

bool is_beneath(std::string_view path, std::string_view folder) {
	if (folder == "/")
		return path.starts_with('/');
	return !folder.empty() && path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string parent(std::string_view path) {
	const size_t slash = path.rfind('/');

	return slash == 0 || slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

bool is_of_process(std::string_view path) {
	return process_prefix(path);
}

std::string regret(std::string_view path, bool is_directory, bool is_write, std::string_view home) {
	if (is_secret(path))
		return "it gives away a secret";
	if (is_directory && (has(wholes, path) || (home.size() > 1 && path == home)))
		return "it opens all that is there";
	if (is_write && (is_beneath_any(trusted, path) || (is_beneath_any(systems, path) && !is_beneath_any(devices, path))))
		return "it lets the program change the system";
	return "";
}

bool is_habit(std::string_view path) {
	if (const size_t end = process_prefix(path))
		return has(process_habits, path.substr(end)) || path.substr(end).starts_with("/task/");
	return is_beneath_any(habits, path) || path.ends_with("/__pycache__") ||
	       path.find("/__pycache__/") != std::string_view::npos;
}

bool is_compiled_in(std::string_view path) {
	// pip makes others in site-packages and dist-packages.
	return (path.find("/lib/python3") != std::string_view::npos && !path.ends_with("-packages")) ||
	       is_beneath(path, "/usr/share/gdb/python");
}

} // namespace landlock
