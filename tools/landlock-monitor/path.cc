// SPDX-License-Identifier: GPL-2.0-only
#include "path.h"

#include "access.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace landlock {
namespace {

// A rule for one of them opens what a sandbox is there to close.
constexpr std::array wholes = {"/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/opt", "/proc", "/root", "/run",
			       "/sbin", "/srv", "/sys", "/usr", "/var", "/var/cache", "/var/lib", "/var/log", "/proc/sys",
			       "/usr/lib", "/usr/share"};

constexpr uint32_t reading = fs_execute | fs_read_file | fs_read_dir | fs_ioctl_dev;

// With refer, a file can be moved to where it may be read.
constexpr uint32_t gives_away = reading | fs_refer;

struct Kept {
	const char *pattern; // as for fnmatch(); "~" in front: wherever it is
	uint32_t harmless;   // the rights that anybody may have
	const char *why;
};

constexpr char secret[] = "it gives away a secret";
constexpr char raw[] = "it opens disks or memory, whatever is in there";
constexpr char daemon[] = "it lets the program command a daemon of the system";
constexpr char later[] = "it lets the program change what the user runs later";
constexpr char terminal[] = "it opens the user's terminals";
constexpr char system[] = "it lets the program change the system";

// What sandboxes are there to keep.
constexpr Kept kept[] = {
	{"/etc/NetworkManager/system-connections", 0, secret},
	{"/etc/gshadow", 0, secret},
	{"/etc/gshadow-", 0, secret},
	{"/etc/krb5.keytab", 0, secret},
	{"/etc/letsencrypt", 0, secret},
	{"/etc/pki/tls/private", 0, secret},
	{"/etc/shadow", 0, secret},
	{"/etc/shadow-", 0, secret},
	{"/etc/ssh/*_key", 0, secret},
	{"/etc/ssl/private", 0, secret},
	{"/etc/sudoers", 0, secret},
	{"/etc/sudoers.d", 0, secret},
	{"/etc/wireguard", 0, secret},
	{"~/.*_history", 0, secret},
	{"~/.bash_history", 0, secret}, // whole names are looked for, too
	{"~/.zsh_history", 0, secret},
	{"~/.aws", 0, secret},
	{"~/.azure", 0, secret},
	{"~/.cargo/credentials.toml", 0, secret},
	{"~/.config/gcloud", 0, secret},
	{"~/.config/gh", 0, secret},
	{"~/.config/git/credentials", 0, secret},
	{"~/.docker", 0, secret},
	{"~/.env", 0, secret},
	{"~/.git-credentials", 0, secret},
	{"~/.gnupg", 0, secret},
	{"~/.kube", 0, secret},
	{"~/.local/share/fish/fish_history", 0, secret},
	{"~/.local/share/keyrings", 0, secret},
	{"~/.mozilla", 0, secret},
	{"~/.netrc", 0, secret},
	{"~/.npmrc", 0, secret},
	{"~/.password-store", 0, secret},
	{"~/.pgpass", 0, secret},
	{"~/.pypirc", 0, secret},
	{"~/.ssh", 0, secret},
	{"~/.vault-token", 0, secret},
	{"~/id_ecdsa", 0, secret},
	{"~/id_ed25519", 0, secret},
	{"~/id_rsa", 0, secret},
	{"~/privkey.pem", 0, secret},

	{"/dev/dm-*", 0, raw},
	{"/dev/kmem", 0, raw},
	{"/dev/loop[0-9]*", 0, raw},
	{"/dev/md[0-9]*", 0, raw},
	{"/dev/mem", 0, raw},
	{"/dev/mmcblk*", 0, raw},
	{"/dev/nvme*", 0, raw},
	{"/dev/port", 0, raw},
	{"/dev/[shv]d[a-z]*", 0, raw},
	{"/dev/xvd*", 0, raw},
	{"/proc/[0-9]*/environ", 0, secret},
	{"/proc/kcore", 0, raw},

	{"/run/containerd", reading, daemon},
	{"/run/crio", reading, daemon},
	{"/run/dbus", reading, daemon},
	{"/run/docker.sock", reading, daemon},
	{"/run/libvirt", reading, daemon},
	{"/run/podman", reading, daemon},
	{"/run/systemd/private", reading, daemon},
	{"/run/user/*/bus", reading, daemon},
	{"/run/user/*/docker.sock", reading, daemon},
	{"/run/user/*/podman", reading, daemon},
	{"/run/user/*/systemd", reading, daemon},

	{"~/.bash_*", reading, later},
	{"~/.bash_profile", reading, later},
	{"~/.bashrc", reading, later},
	{"~/.envrc", reading, later},
	{"~/.git/config", reading, later}, // names programs
	{"~/.git/hooks", reading, later},
	{"~/.config/autostart", reading, later},
	{"~/.config/fish", reading, later},
	{"~/.config/systemd", reading, later},
	{"~/.local/bin", reading, later},
	{"~/.local/share/applications", reading, later},
	{"~/.profile", reading, later},
	{"~/.z*rc", reading, later},
	{"~/.zshrc", reading, later},
	{"~/.zprofile", reading, later},
	{"~/.zshenv", reading, later},

	{"/dev/pts", 0, terminal}, // what is typed there, and to type
	{"/dev/tty", 0, terminal},

	{"/var/lib/apt", reading, system},
	{"/var/lib/dpkg", reading, system},
	{"/var/lib/rpm", reading, system},
	{"/var/spool/cron", reading, system},
};

// What others run or are configured by.
constexpr std::array systems = {"/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys", "/usr", "/dev"};

// In /dev, for whoever wants, and what is the program's own.
constexpr std::array devices = {"/dev/full", "/dev/mqueue", "/dev/null", "/dev/ptmx", "/dev/pts", "/dev/random", "/dev/shm",
				"/dev/tty", "/dev/urandom", "/dev/zero", "/proc/self"};

// Looked up by the C library, an allocator or a language's runtime at each start.
constexpr std::array habits = {
	"/dev/urandom", "/etc/gai.conf", "/etc/gnutls", "/etc/inputrc", "/etc/ld.so.cache", "/etc/ld.so.preload",
	"/etc/locale.alias", "/etc/localtime", "/etc/nsswitch.conf", "/etc/terminfo", "/etc/timezone", "/proc/cgroups", "/proc/cpuinfo",
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

// Whether @pattern is for @path or what it is beneath or, if @is_directory, for
// something beneath that.
bool is_for(const std::string &pattern, const char *path, bool is_directory) {
	if (!fnmatch(pattern.c_str(), path, FNM_PATHNAME | FNM_LEADING_DIR))
		return true;
	for (size_t end = pattern.find('/', 1); is_directory && end != std::string::npos; end = pattern.find('/', end + 1)) {
		if (!fnmatch(pattern.substr(0, end).c_str(), path, FNM_PATHNAME))
			return true;
	}
	return false;
}

bool is_for(const Kept &what, const std::string &path, bool is_directory) {
	if (*what.pattern != '~')
		return is_for(what.pattern, path.c_str(), is_directory);
	for (size_t begin = 0; (begin = path.find('/', begin)) != std::string::npos; begin++) {
		if (is_for(what.pattern + 1, path.c_str() + begin, is_directory))
			return true;
	}
	return false;
}

// Whether somebody has all that is his there, or it is above that.
bool is_home(std::string_view path, std::string_view home) {
	return (home.size() > 1 && is_beneath(home, path)) || (path != "/home" && parent(path) == "/home");
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
	return process_prefix(path) && !is_beneath(path, "/proc/1");
}

std::string regret(const std::string &path, bool is_directory, uint32_t rights, std::string_view home) {
	if (is_directory && (has(wholes, path) || is_home(path, home)))
		return "it opens all that is there";
	for (const Kept &what : kept) {
		if ((rights & ~what.harmless) && is_for(what, path, is_directory))
			return what.why == secret && !(rights & gives_away) ? "it lets the program change or remove a secret" : what.why;
	}
	if ((rights & ~reading) && home.size() > 1 && is_beneath(path, std::string(home) + "/bin"))
		return later;
	if ((rights & ~(reading | fs_resolve_unix)) && is_beneath_any(systems, path) && !is_beneath_any(devices, path))
		return system;
	return "";
}

const std::vector<std::string> &kept_names() {
	static const std::vector<std::string> all = [] {
		std::vector<std::string> names;

		for (const Kept &what : kept) {
			const std::string pattern = what.pattern;
			if (pattern.starts_with('~') && pattern.find('*') == std::string::npos)
				names.push_back(pattern.substr(1));
		}
		return names;
	}();

	return all;
}

bool is_habit(std::string_view path, uint32_t rights) {
	if (path.ends_with("/__pycache__") || path.find("/__pycache__/") != std::string_view::npos)
		return true;
	// Who writes a setting wants that.
	if (rights & ~reading)
		return false;
	if (const size_t end = process_prefix(path))
		return has(process_habits, path.substr(end)) || path.substr(end).starts_with("/task/");
	return is_beneath_any(habits, path);
}

bool is_compiled_in(std::string_view path) {
	// pip makes others in site-packages and dist-packages.
	return (path.find("/lib/python3") != std::string_view::npos && !path.ends_with("-packages")) ||
	       is_beneath(path, "/usr/share/gdb/python");
}

} // namespace landlock
