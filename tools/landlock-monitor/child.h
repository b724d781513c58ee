// SPDX-License-Identifier: GPL-2.0-only
//
// The command that is watched: started, but held until all is ready for it.
#pragma once

#include "suggest.h"

#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace landlock {

struct User {
	unsigned uid = 0;
	unsigned gid = 0;
	std::string name, home, shell; // "" if the user database has no such user
};

// The name or, if there is none, the number.
std::string name_of(const User &user);

// A name or number of the user database.  Throws an Error if there is none.
User find_user(const std::string &name);

// Who ran sudo, doas, pkexec or run0, if this runs through one of them.  Throws an
// Error if they name a user that there is not.
std::optional<User> sudo_user();

// What these dropped of the caller's environment: variables whose name is in
// @names, each a name or a prefix with '*'.  pkexec and run0 do not stay: what
// they got is lost.
Environment sudo_environment(const std::vector<std::string> &names);

struct Command {
	std::vector<std::string> argv;
	std::optional<User> user;
	Environment environment; // added to ours
};

// Ignores SIGPIPE: what cannot be written is told.  Once, before any Signals.
void ignore_closed_pipes();

// Signals for the monitor: read from a file instead of interrupting it.
class Signals {
public:
	Signals();
	~Signals();
	Signals(const Signals &) = delete;
	Signals &operator=(const Signals &) = delete;

	int fd() const { return fd_; }
	// In a child: undoes what was done to signals.
	void restore() const;
	// The next one that came, 0 if none.
	int next();

private:
	int fd_;
	sigset_t old_;
};

// Hands a signal on that is for the command; those of the terminal's keys reach it
// anyway.
void pass_on(int signal, int pid);

class Child {
public:
	// The command starts with the signals that we were started with.  With
	// @is_family, what it leaves behind becomes ours.
	Child(const Command &command, const Signals &signals, bool is_family);
	~Child();
	Child(const Child &) = delete;
	Child &operator=(const Child &) = delete;

	int pid() const { return pid_; }
	// Lets it execute the command.  Returns 0, or 126 or 127 as a shell does, or
	// 125 if it cannot become the user, with the reason in error().
	int release();
	const std::string &error() const { return error_; }
	// Its exit status as a shell tells it once it ended; reaps all that ended.
	std::optional<int> reap();
	// Whether nothing that it started is left.
	bool is_alone() const { return is_alone_; }

private:
	int pid_ = -1;
	int hold_ = -1;   // closing it would end the child
	int failure_ = -1; // an errno comes from there if it cannot execute
	std::optional<int> status_;
	bool is_alone_ = false;
	std::string user_; // that it is to become
	std::string error_;
};

} // namespace landlock
