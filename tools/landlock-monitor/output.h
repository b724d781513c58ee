// SPDX-License-Identifier: GPL-2.0-only
//
// Files that we write: what is there stays until the new one is whole, and who
// may change the folder meanwhile leads us to no other file.
#pragma once

#include "confine.h"
#include "error.h"

#include <sys/stat.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landlock {

// A file by its folder, which is opened once, and its name there.
class Target {
public:
	// @option is the one that names @file.  Throws an Error if there is no such folder,
	// or only through the link of another user.
	Target(const std::string &file, const std::string &option);
	~Target();
	Target(const Target &) = delete;
	Target &operator=(const Target &) = delete;

	int folder() const { return folder_; }
	const std::string &name() const { return name_; }
	// The whole, for messages.
	std::string text() const;
	// That of the folder, whatever happened to its name.
	std::string folder_path() const;
	// Whether nobody but root and we may change what is in the folder.
	bool is_private() const;
	// The file that is there already, if one is.  Throws an Error if it is something
	// that no file may replace, as a device or a link.
	std::optional<struct stat> old() const;
	// Makes @name in @folder, to replace that one, whose mode and owner it gets.
	// Returns -1 and an errno if it cannot, as if there is one.
	int create(int folder, const std::string &name) const;
	// What to throw if @number is why the file cannot be written.
	Error error(int number) const;

private:
	std::string file_; // as it was given
	std::string option_;
	std::string name_;
	int folder_;
};

// A file that replaces its target when it is whole.
class Draft {
public:
	// Makes it, empty, beside its target, whose mode and owner it gets.
	explicit Draft(const Target &target);
	// Removes it, unless it replaced its target.
	~Draft();
	Draft(const Draft &) = delete;
	Draft &operator=(const Draft &) = delete;

	int fd() const { return fd_; }
	void write(std::string_view text);
	// Puts it in its place; who has it open may still write to it.
	void replace();

private:
	const Target &target_;
	std::string name_;
	int fd_ = -1;
};

// What a command prints to: -o FILE, which is standard output if it is "-", or the
// terminal.
class Output {
public:
	// Throws an Error if @file cannot be written; @standard is taken if it is "".
	// What is there stays as it is for now.
	Output(const std::string &file, FILE *standard);
	~Output();
	Output(const Output &) = delete;
	Output &operator=(const Output &) = delete;

	FILE *file() const { return file_; }
	// Writes what can be written; finish() reports the rest.
	void put(std::string_view text);
	// Returns false if something could not be written.
	bool flush();
	// Whether nobody can read what is written.
	bool is_closed() const;
	// Puts the file in its place already, for those who want to read along.
	void publish();
	// Puts it in its place now that it is whole.  Throws an Error if it is not.
	void finish();
	// What publish() and finish() need.
	std::vector<Grant> grants() const;

private:
	// Returns what to write to, or -1 and an errno.
	int open_target();

	std::optional<Target> target_;
	std::optional<Draft> draft_;
	FILE *file_;
	bool is_ours_ = false; // to be closed
	bool is_cut_ = false;  // an older content is behind what is written
	int error_ = 0;        // the first one
};

inline void put(Output &out, std::string_view text) {
	out.put(text);
}

} // namespace landlock
