// SPDX-License-Identifier: GPL-2.0-only
#include "place.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>

namespace landlock {
namespace {

int64_t nanoseconds(const statx_timestamp &time) {
	return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// Whether the birth time of a directory at @path says nothing: overlayfs makes it again
// when something in it changes first, mounts were there, and so were the others.
bool is_old_anyway(const std::string &path, const struct statx &found) {
	struct statfs system;

	return path == "/tmp" || path == "/var/tmp" || path == "/dev/shm" || (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) ||
	       (!statfs(path.c_str(), &system) && system.f_type == OVERLAYFS_SUPER_MAGIC);
}

// Major number 1 has /dev/mem, /dev/kmem and /dev/port, and what is for all.
bool has_raw(const struct statx &found) {
	return S_ISBLK(found.stx_mode) ||
	       (S_ISCHR(found.stx_mode) && found.stx_rdev_major == 1 &&
		(found.stx_rdev_minor == 1 || found.stx_rdev_minor == 2 || found.stx_rdev_minor == 4));
}

} // namespace

Place look(const std::string &path, int64_t since) {
	struct statx found;
	Place place;

	if (path.empty() || path[0] != '/')
		return place;
	if (statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MODE | STATX_BTIME, &found)) {
		place.is_gone = place.is_known = errno == ENOENT || errno == ENOTDIR;
		return place;
	}
	place.is_known = true;
	place.is_directory = S_ISDIR(found.stx_mode);
	place.is_link = S_ISLNK(found.stx_mode);
	place.is_raw = has_raw(found);
	place.is_new = (found.stx_mask & STATX_BTIME) && nanoseconds(found.stx_btime) >= since &&
		       !(place.is_directory && is_old_anyway(path, found));
	return place;
}

} // namespace landlock
