// SPDX-License-Identifier: GPL-2.0-only
#include "output.h"

#include "access.h"
#include "escape.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>

namespace landlock {
namespace {

// Standard output or error if it goes to the regular file @target, else -1: what the
// command writes there must not be lost, whoever replaces or truncates it.
int standard_fd(const Target &target) {
	struct stat there {}, ours {};

	if (fstatat(target.folder(), target.name().c_str(), &there, 0) || !S_ISREG(there.st_mode))
		return -1;
	for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
		if (!fstat(fd, &ours) && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
			return fd;
	}
	return -1;
}

bool is_of_another(const struct stat &status) {
	return status.st_uid != 0 && status.st_uid != geteuid();
}

// Opens the folder @path.  Follows no link of another user, who could have it lead
// anywhere.  Returns -1 and an errno if it cannot: ELOOP for such a link.
int open_folder(const std::string &path) {
	std::vector<std::string> todo;
	struct stat status {};
	struct statfs system {};
	int links = 0;
	int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	const auto add = [&](const std::filesystem::path &more) {
		const auto end = todo.insert(todo.end(), more.begin(), more.end());
		std::reverse(end, todo.end());
	};
	for (add(path); fd >= 0 && !todo.empty();) {
		const std::string name = todo.back();
		todo.pop_back();
		if (name.empty())
			continue;
		int next = openat(fd, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
		// Their text is not all that those of /proc are.
		if (next >= 0 && !fstatfs(next, &system) && system.f_type == PROC_SUPER_MAGIC) {
			close(next);
			next = openat(fd, name.c_str(), O_PATH | O_CLOEXEC);
		}
		if (next < 0 || fstat(next, &status) || !S_ISLNK(status.st_mode)) {
			close(fd);
			fd = next;
			continue;
		}
		char text[PATH_MAX];
		const ssize_t size = readlinkat(next, "", text, sizeof(text));
		close(next);
		if (size < 0 || is_of_another(status) || ++links > 40) {
			close(fd);
			errno = ELOOP;
			return -1;
		}
		add(std::string(text, static_cast<size_t>(size)));
	}
	if (fd >= 0 && (fstat(fd, &status) || !S_ISDIR(status.st_mode))) {
		close(fd);
		errno = ENOTDIR;
		return -1;
	}
	return fd;
}

} // namespace

Target::Target(const std::string &file, const std::string &option) : file_(file), option_(option) {
	const size_t slash = file.rfind('/');
	const std::string folder = slash == std::string::npos ? "." : slash ? file.substr(0, slash) : "/";

	name_ = slash == std::string::npos ? file : file.substr(slash + 1);
	if (name_.empty())
		throw error(EISDIR);
	folder_ = open_folder(folder);
	if (folder_ < 0 && errno == ELOOP)
		throw Error(fmt::format("cannot write {}: its folder is behind a link of another user, or behind too many", text()),
			    fmt::format("Give {} a path without that link.", option_));
	if (folder_ < 0)
		throw error(errno);
}

Target::~Target() {
	close(folder_);
}

std::string Target::text() const {
	return escape(file_);
}

std::string Target::folder_path() const {
	return fmt::format("/proc/self/fd/{}", folder_);
}

bool Target::is_private() const {
	struct stat status {};

	// In a sticky folder too, others may put a file where ours is to be.
	return !fstat(folder_, &status) && (status.st_uid == 0 || status.st_uid == geteuid()) &&
	       !(status.st_mode & (S_IWGRP | S_IWOTH));
}

std::optional<struct stat> Target::old() const {
	struct stat status {};

	if (fstatat(folder_, name_.c_str(), &status, AT_SYMLINK_NOFOLLOW))
		return {};
	if (!S_ISREG(status.st_mode))
		throw Error(fmt::format("cannot replace {}: it is no regular file", text()),
			    fmt::format("Give {} the file itself, not a device or a link to it.", option_));
	return status;
}

int Target::create(int folder, const std::string &name) const {
	const auto before = old();
	const int fd = openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, before ? 0600 : 0666);

	if (fd >= 0 && before) {
		// Only root can give it to another owner: that of others is theirs.
		(void)!fchown(fd, before->st_uid, before->st_gid);
		fchmod(fd, before->st_mode & 0777);
	}
	return fd;
}

Error Target::error(int number) const {
	const bool is_full = number == ENOSPC || number == EDQUOT;

	return Error(fmt::format("cannot write {}: {}", text(), std::strerror(number)),
		     fmt::format("{} {} a file {}.", is_full ? "Free some space there, or give" : "Give", option_,
				 is_full ? "on another file system" : "in a folder that you can write"));
}

Draft::Draft(const Target &target) : target_(target) {
	// A name that is taken may be somebody's file.
	for (int i = 0; fd_ < 0; i++) {
		// Names have 255 bytes.
		name_ = fmt::format("{}.{}", target.name().substr(0, 200), getpid() + i);
		fd_ = target.create(target.folder(), name_);
		if (fd_ < 0 && (errno != EEXIST || i == 100))
			throw target.error(errno);
	}
}

Draft::~Draft() {
	if (fd_ >= 0)
		close(fd_);
	if (!name_.empty())
		unlinkat(target_.folder(), name_.c_str(), 0);
}

void Draft::write(std::string_view text) {
	while (!text.empty()) {
		const ssize_t size = ::write(fd_, text.data(), text.size());
		if (size >= 0)
			text.remove_prefix(static_cast<size_t>(size));
		else if (errno != EINTR)
			throw target_.error(errno);
	}
}

void Draft::replace() {
	const int fd = fd_;

	fd_ = -1;
	// Some file systems only know now that they are full.
	if (close(fd) || renameat(target_.folder(), name_.c_str(), target_.folder(), target_.name().c_str()))
		throw target_.error(errno);
	name_.clear();
}

Output::Output(const std::string &file, FILE *standard) : file_(file == "-" ? stdout : standard) {
	if (file.empty() || file == "-")
		return;
	target_.emplace(file, "-o");
	const int fd = open_target();
	file_ = fd >= 0 ? fdopen(fd, "w") : nullptr;
	if (!file_)
		throw target_->error(errno);
	is_ours_ = true;
}

int Output::open_target() {
	struct stat old {};

	if (const int fd = standard_fd(*target_); fd >= 0)
		return fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fstatat(target_->folder(), target_->name().c_str(), &old, AT_SYMLINK_NOFOLLOW) || S_ISREG(old.st_mode)) {
		draft_.emplace(*target_);
		return fcntl(draft_->fd(), F_DUPFD_CLOEXEC, 0);
	}
	// A device, pipe or link, as /dev/stdout is one, stays what it is.
	const bool is_link = S_ISLNK(old.st_mode);
	const bool is_private = target_->is_private();
	if (is_link && !is_private)
		throw Error(fmt::format("cannot write {}: it is a link in a folder that others may change", target_->text()),
			    "Name the file itself.");
	// It would have us wait as long as that user likes.
	if (is_of_another(old) && !is_private)
		throw Error(fmt::format("cannot write {}: it is another user's, and no regular file", target_->text()),
			    "Give -o a file, or a pipe of your own.");
	const int fd = openat(target_->folder(), target_->name().c_str(),
			      O_WRONLY | O_NOCTTY | O_CLOEXEC | (is_link ? O_CREAT : O_NOFOLLOW), 0666);
	is_cut_ = fd >= 0 && !fstat(fd, &old) && S_ISREG(old.st_mode);
	// Others put it there since we looked.
	if (fd >= 0 && !is_link && (is_cut_ || (is_of_another(old) && !is_private))) {
		close(fd);
		throw target_->error(EEXIST);
	}
	return fd;
}

Output::~Output() {
	if (is_ours_)
		fclose(file_);
}

void Output::put(std::string_view text) {
	if (fwrite(text.data(), 1, text.size(), file_) != text.size() && !error_)
		error_ = errno;
}

bool Output::flush() {
	if (fflush(file_) && !error_)
		error_ = errno;
	return !error_;
}

bool Output::is_closed() const {
	pollfd poll_fd{fileno(file_), 0, 0};

	return poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLERR;
}

void Output::publish() {
	flush();
	if (is_cut_ && !error_ && ftruncate(fileno(file_), ftello(file_)))
		error_ = errno;
	is_cut_ = false;
	if (draft_ && !error_)
		draft_->replace();
	draft_.reset();
	// Who reads us does not want more: nothing to tell.
	if (error_ == EPIPE)
		throw Error("");
	if (error_ && !target_)
		throw Error(fmt::format("cannot write the output: {}", std::strerror(error_)));
	if (error_)
		throw target_->error(error_);
}

void Output::finish() {
	publish();
	if (!is_ours_)
		return;
	is_ours_ = false;
	if (fclose(file_))
		throw target_->error(errno);
}

std::vector<Grant> Output::grants() const {
	if (!draft_)
		return {};
	return {{target_->folder_path(), fs_make_reg | fs_remove_file}};
}

} // namespace landlock
