// SPDX-License-Identifier: GPL-2.0-only
//
// Programs that make sandboxes for others: how each of them writes a rule, and how
// one is added to its command line.  One file for each, and a table of them all.
#pragma once

#include "access.h"
#include "record.h"
#include "state.h"
#include "tasks.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landlock {

// Environment variables by name; as they are, not quoted.
using Environment = std::map<std::string, std::string>;

// "A='x:y' B=z" for a shell, in front of a command.
std::string assignments(const Environment &variables);

// A rule that is missing.
struct Wanted {
	Type type = Type::fs;
	uint32_t rights = 0;
	std::string path;          // of a file system rule: raw
	bool is_directory = false; // then for all beneath it
	uint64_t port = 0;
};

// How to write that rule, and what it opens beyond what is wanted.
struct Form {
	std::string text; // for a shell; "" if there is no way to say it
	std::string why;  // then, why
	// The same, not quoted: words of the command line, or a variable and a value.
	std::vector<std::string> words;
	uint32_t extra = 0; // rights beyond those that are wanted
	std::string opens;  // what it opens beyond the denied request, in words
	Wanted wanted;      // what it is for
};

class Launcher {
public:
	virtual ~Launcher() = default;
	virtual std::string_view name() const = 0;
	// Whether a program of that name, without folders, is it.
	virtual bool is(std::string_view program) const = 0;
	Form form(const Wanted &wanted) const;
	// What it can allow instead of @wanted: that, or what is around it.
	virtual Wanted widened(const Wanted &wanted) const { return wanted; }
	// What to paste for all of @forms, which have words; @environment is what the
	// launcher was started with, if that is known.
	virtual std::string line(const std::vector<Form> &forms, const Environment *environment) const;
	// How to use that line, ending the sentence "To allow ...,"; @is_whole: it has all
	// that the launcher was started with.  Of several, each inside of the other, it is
	// for the @nth; else that is 0.
	virtual std::string how(bool is_whole, unsigned nth) const;
	// What to do about @scope, which no rule opens, and what else that opens; after
	// "instead".
	virtual std::string without_scope(uint32_t scope) const;
	// How the variables begin that its rules are in; "" if they are flags.
	virtual std::string_view variables() const { return ""; }
	// What a line that starts it needs in front, for a shell that sets nothing for it;
	// "" for most.
	virtual std::string_view exports() const { return ""; }
	// Adds @forms to the command line @argv, which starts it with @environment (see
	// start.h).  Returns whether that changes anything.
	virtual bool add(const std::vector<Form> &forms, std::vector<std::string> &argv, Environment &environment) const;

protected:
	// One form for each path: what is wanted of it, all together.  None for what the
	// form of a directory above it grants.
	std::vector<Form> merged(const std::vector<Form> &forms) const;

private:
	virtual Form write(const Wanted &wanted) const = 0;
};

// The launcher that the program @exe is; for all others, who sandbox themselves,
// the one that writes C.
const Launcher &launcher_of(std::string_view exe);

// The launcher that made @domain.
const Launcher &launcher_of(const Domain &domain);

// The domains that the launcher makes: all of the first process that makes one,
// threads included, until it executes the program.  That may make others, which
// have their rules elsewhere; so may the program of a launcher whose library enters
// its domain there.
class OwnDomains {
public:
	// @state knows @record already.
	void apply(const Record &record, const Process &process, const State &state);
	const std::set<uint64_t> &ids() const { return ids_; }

private:
	int pid_ = 0;
	const Launcher *launcher_ = nullptr;
	bool is_complete_ = false;
	std::set<uint64_t> ids_;
};

// For how(): "second " of 2, "" of 0.
std::string ordinal(unsigned nth);

// For those that write forms: what a rule for @wanted with @extra rights opens, and
// the form of a rule that cannot be written.
std::string opens(const Wanted &wanted, uint32_t extra);
// The same for a domain without @scope.
std::string opens_without(uint32_t scope);
Form cannot(const std::string &why);

// A flag for a path.  Its name ends with '=' if the path has to be in the same word.
struct PathFlag {
	const char *name;
	uint32_t rights; // that it grants beneath a directory; a file gets those that files can have
};

// The form with those of @flags of the launcher @name that open the least.
Form path_form(std::string_view name, std::span<const PathFlag> flags, const Wanted &wanted);
// The form with these words of a command line.
Form flag_form(const std::vector<std::string> &words, const Wanted &wanted, uint32_t extra = 0);

// The launchers, for the table.
const Launcher &c_code();
const Launcher &sandboxer();
const Launcher &landrun();
const Launcher &setpriv();
const Launcher &firejail();
const Launcher &minijail();

} // namespace landlock
