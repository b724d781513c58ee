// SPDX-License-Identifier: GPL-2.0-only
#include "confine.h"

#include "access.h"
#include "error.h"
#include "escape.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace landlock {
namespace {

constexpr uint32_t changes_folder = fs_make_reg | fs_make_dir | fs_remove_file | fs_remove_dir;

constexpr uint64_t bit(int capability) {
	return 1ull << capability;
}

// As the kernel has them: halves of 32 bits.
using Capabilities = std::array<__user_cap_data_struct, 2>;

Capabilities capabilities() {
	__user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
	Capabilities all{};

	syscall(SYS_capget, &header, all.data());
	return all;
}

bool set_capabilities(const Capabilities &all) {
	__user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};

	return !syscall(SYS_capset, &header, all.data());
}

// Says what was not given up, and which step failed because of errno.
void report(const char *what, const std::string &step) {
	put(stderr, fmt::format("landlock-monitor: warning: it keeps {}: {}: {}\n", what, step, std::strerror(errno)));
}

// Whether root can change what is in @path only because it overrides permissions,
// for instance in the folder of who called sudo.
bool is_of_another(const std::string &path) {
	struct stat status {};

	return stat(path.c_str(), &status) || status.st_uid != geteuid() || !(status.st_mode & S_IWUSR);
}

uint64_t needed_capabilities(const Confinement &confinement) {
	uint64_t needed = 0;

	if (confinement.can_signal)
		needed |= bit(CAP_KILL);
	if (confinement.can_look)
		needed |= bit(CAP_DAC_READ_SEARCH);
	for (const Grant &grant : confinement.grants) {
		if (grant.rights & changes_folder && is_of_another(grant.path))
			needed |= bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER);
	}
	return needed;
}

void drop_capabilities(uint64_t needed, bool is_temporary) {
	Capabilities all = capabilities();

	// First, as it takes a capability itself.
	for (int i = 0; !is_temporary && prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
		if (!(needed & bit(i)))
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	}
	for (size_t i = 0; i < all.size(); i++) {
		const auto half = static_cast<uint32_t>(needed >> (32 * i));
		all[i].effective &= half;
		if (!is_temporary) {
			all[i].permitted &= half;
			all[i].inheritable = 0;
		}
	}
	if (!set_capabilities(all))
		report("its capabilities", "capset");
}

// What this version of Landlock can restrict.  Not signals: the command would not
// get those that are for it.
struct RulesetAttributes {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

RulesetAttributes restrictable(long abi) {
	RulesetAttributes all{2 * fs_refer - 1, 0, 0};

	if (abi >= 3)
		all.fs |= fs_truncate;
	if (abi >= 4)
		all.net = net_bind_tcp | net_connect_tcp;
	if (abi >= 5)
		all.fs |= fs_ioctl_dev;
	if (abi >= 6)
		all.scoped = scope_abstract_unix_socket;
	if (abi >= 9)
		all.fs |= fs_resolve_unix;
	if (abi >= 10)
		all.net |= net_bind_udp | net_connect_send_udp;
	return all;
}

void enter_domain(const std::vector<Grant> &grants) {
	constexpr const char *what = "access to files and the network";
	const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
	// The first version cannot allow that a file moves.
	if (abi == 1)
		errno = EOPNOTSUPP;
	if (abi < 2)
		return report(what, "Landlock");
	const RulesetAttributes all = restrictable(abi);
	const size_t size = abi < 4 ? sizeof(all.fs) : abi < 6 ? sizeof(all.fs) + sizeof(all.net) : sizeof(all);
	const auto ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &all, size, 0));
	if (ruleset < 0)
		return report(what, "landlock_create_ruleset");
	for (const Grant &grant : grants) {
		landlock_path_beneath_attr rule{};
		rule.allowed_access = grant.rights & all.fs;
		rule.parent_fd = open(grant.path.c_str(), O_PATH | O_CLOEXEC);
		// What is gone needs no rule.
		if (rule.parent_fd < 0)
			continue;
		// Without it, the domain would keep us from our work.
		const bool is_added = !syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
		if (!is_added)
			report(what, "landlock_add_rule for " + escape(grant.path));
		close(rule.parent_fd);
		if (!is_added) {
			close(ruleset);
			return;
		}
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0))
		report(what, "landlock_restrict_self");
	close(ruleset);
}

} // namespace

void confine(const Confinement &confinement) {
	drop_capabilities(needed_capabilities(confinement), confinement.is_temporary);
	if (confinement.is_temporary)
		return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		report("privileges by exec", "prctl");
	enter_domain(confinement.grants);
}

void regain() {
	Capabilities all = capabilities();

	for (auto &half : all)
		half.effective = half.permitted;
	set_capabilities(all);
}

} // namespace landlock
