// SPDX-License-Identifier: GPL-2.0-only
#include "advice.h"

#include "access.h"
#include "escape.h"
#include "move.h"
#include "path.h"
#include "place.h"

#include <fmt/format.h>

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace landlock {
namespace {

// So many rules for what is in one directory are one rule for it.
constexpr size_t max_siblings = 5;

// So many directories are, as long as their rules make one line to paste.
constexpr size_t max_folders = 16;

bool is_rule(const Suggestion &s) {
	return s.impossible.empty() && s.wanted.type == Type::fs;
}

// Makes the rule of @s one for the directory @path.
void lift(Suggestion &s, const std::string &path) {
	Wanted wanted = s.wanted;

	wanted.path = path;
	wanted.is_directory = true;
	s = with_rule(s, wanted);
}

// The nearest directory above @path that was there before @since and still is.
std::string lasting_parent(const std::string &path, int64_t since) {
	std::string folder = parent(path);

	while (folder != "/") {
		const Place place = look(folder, since);
		if (!place.is_gone && !place.is_new)
			break;
		folder = parent(folder);
	}
	return folder;
}

// When that which a rule is for has to be there: before its domain is made.
int64_t limit_of(const Denial &denial, const Circumstances &run) {
	return run.has_steps ? run.started : std::max(run.started, denial.domain.not_before);
}

// Whether what opens the paths of the rules of @launcher executes the program itself.
bool becomes_program(const Launcher &launcher) {
	return &launcher == &sandboxer() || &launcher == &landrun() || &launcher == &setpriv();
}

// A rule is for an object: that has to be there before the program is, and still the
// next time.  Changes @s, for @denial, and says why in @notes.
void find_lasting(Suggestion &s, const Denial &denial, const Circumstances &run, std::vector<std::string> &notes) {
	const std::string path = s.wanted.path;

	if (!is_rule(s))
		return;
	if (is_beneath(path, "/dev/pts") && path != "/dev/pts") {
		lift(s, "/dev/pts");
		notes.emplace_back("a terminal has another number the next time: the rule is for all of them");
		return;
	}
	if (is_of_process(path)) {
		if (becomes_program(*s.launcher) && is_beneath(path, fmt::format("/proc/{}", denial.domain.creator.pid))) {
			lift(s, "/proc/self");
			notes.push_back(fmt::format("{} becomes the program, which keeps its number; processes that start later "
						    "have others", s.launcher->name()));
			return;
		}
		s.impossible = fmt::format("{} is of one process, which has another number the next time", escape(path));
		s.remedy = "only a rule for /proc covers processes that start later; it opens what all processes have there";
		return;
	}
	if (!run.is_here)
		return;
	const int64_t limit = limit_of(denial, run);
	const Place place = look(path, limit);
	if (place.is_directory && !s.wanted.is_directory) {
		Wanted wanted = s.wanted;
		wanted.is_directory = true;
		s = with_rule(s, wanted);
	}
	// The kernel denies what a link leads to: somebody has put one there since.
	if (place.is_link || (!place.is_gone && !place.is_new))
		return;
	if (denial.process.has_mounts) {
		notes.push_back(fmt::format("{} is of another mount namespace: whether it is there the next time "
					    "is not known", escape(path)));
		return;
	}
	const char *const why = place.is_gone ? "is deleted by now" : "was made or replaced since the program started";
	const std::string folder = lasting_parent(path, limit);
	if (folder == "/") {
		s.impossible = fmt::format("{} {}, and no directory above it was there before, except /", escape(path), why);
		s.remedy = "make a directory for it before the sandbox is entered, and allow that";
		return;
	}
	lift(s, folder);
	notes.push_back(fmt::format("{} {}: the rule is for {}", escape(path), why,
				    folder == parent(path) ? "its directory" : escape(folder) + ", which is there"));
}

// Opening a directory to walk down from it, as libraries do that resist links.
bool is_walk(const Denial &denial) {
	if (denial.first.kind != Kind::deny_fs || denial.first.blockers != fs_read_dir)
		return false;
	const std::string &path = denial.first.text;
	const Rules &rules = *denial.domain.ruleset.rules;
	return path == "/" || std::any_of(rules.begin(), rules.end(), [&](const Rule &rule) {
		       return !rule.is_net && rule.path != path && is_beneath(rule.path, path);
	       });
}

std::string tracing_note(const Record &record) {
	if (record.kind != Kind::deny_ptrace)
		return "";
	return fmt::format("to read /proc/{}/ exe, cwd, root, environ, maps, mem, fd or ns counts as tracing", record.other_pid);
}

void add_notes(Advice &advice) {
	const Denial &denial = *advice.denials.front();

	if (is_walk(denial))
		advice.notes.emplace_back("if it is only opened to walk down from it, not to list it: O_PATH needs no right");
	if (const std::string note = tracing_note(denial.first); !note.empty() && !denial.is_on_behalf)
		advice.notes.push_back(note);
	if (is_comparison(denial.first) && advice.suggestion.impossible.empty())
		advice.notes.emplace_back("what is moved or linked may gain no rights: where it comes from has to grant what its "
					  "new place does; a directory needs remove_dir and make_dir instead of remove_file "
					  "and make_reg, and make_dir on both sides");
	if (denial.error == EXDEV)
		advice.notes.emplace_back("EXDEV makes mv and cargo copy instead");
	// The launcher's own.
	if (is_of_process(denial.first.text)) {
		for (const Rule &rule : *denial.domain.ruleset.rules) {
			if (is_of_process(rule.path))
				advice.notes.push_back(fmt::format("the rule for {} is for that process alone, not for its children",
								   escape(rule.path)));
		}
	}
}

// Whether a program got its error; of none, if it is not known.
bool is_passed_on(const Advice &advice) {
	return std::any_of(advice.denials.begin(), advice.denials.end(), [](const Denial *denial) { return denial->error; });
}

uint64_t last_time(const Advice &advice) {
	uint64_t last = 0;

	for (const Denial *denial : advice.denials)
		last = std::max(last, denial->last);
	return last;
}

bool is_rule(const Advice &advice) {
	return is_rule(advice.suggestion);
}

// What is kept from programs, and whether it is a directory: what was denied of it, and
// what is in a directory of what was denied or above it, as a rule for that opens it.
using Kept = std::map<std::string, bool>;

Kept kept_beneath(const std::vector<Denial> &denials, const Circumstances &run) {
	std::set<std::string> seen;
	Kept kept;

	const auto add = [&](const std::string &path) {
		const Place place = look(path, 0);
		if (place.is_known && !place.is_gone)
			kept[path] = place.is_directory;
	};
	for (const Denial &denial : denials) {
		const Record &record = denial.first;
		if (record.kind != Kind::deny_fs || !record.text.starts_with('/'))
			continue;
		if (!regret(record.text, false, fs_read_file, run.home).empty())
			kept.emplace(record.text, true);
		if (!run.is_here)
			continue;
		std::string folder = look(record.text, 0).is_directory ? record.text : parent(record.text);
		for (; folder != "/" && seen.insert(folder).second; folder = parent(folder)) {
			for (const std::string &name : kept_names())
				add(folder + name);
		}
	}
	return kept;
}

// Why nobody should grant @rights on @path, or all beneath it; "" if that is fine.
std::string why_not(const std::string &path, bool is_directory, uint32_t rights, const Kept &kept, const Circumstances &run) {
	std::string why = regret(path, is_directory, rights, run.home);

	if (!is_directory)
		return why;
	for (auto one = kept.lower_bound(path + "/"); why.empty() && one != kept.end() && is_beneath(one->first, path); ++one) {
		// What is made beside a file does not touch it.
		why = regret(one->first, false, one->second ? rights : rights & ~makes, run.home);
		if (!why.empty())
			why += ", " + escape(one->first);
	}
	return why;
}

// Why a rule is not for the line to paste, "" if it is.
std::string why_apart(const Suggestion &s, const Kept &kept, const Circumstances &run) {
	if (!is_rule(s))
		return "";
	// Whatever its name.
	if (run.is_here && look(s.wanted.path, run.started).is_raw)
		return regret("/dev/mem", false, fs_read_file, run.home);
	return why_not(s.wanted.path, s.wanted.is_directory, s.wanted.rights | s.form.extra, kept, run);
}

bool is_same(const Rules &a, const Rules &b) {
	const auto all_of = [](const Rule &rule) {
		return std::tie(rule.is_net, rule.access, rule.dev, rule.ino, rule.port, rule.path);
	};

	return std::equal(a.begin(), a.end(), b.begin(), b.end(),
			  [&](const Rule &x, const Rule &y) { return all_of(x) == all_of(y); });
}

// Whether @a and @b were refused by the same layer of the same policy, which a
// program may have entered many times.
bool is_same_policy(const Denial &a, const Denial &b) {
	const auto all_of = [](const Denial &denial) {
		const Ruleset &ruleset = denial.domain.ruleset;
		return std::tie(denial.first.layer, denial.layers, denial.domain.creator.exe, ruleset.creator.exe,
				ruleset.handled_fs, ruleset.handled_net, ruleset.scoped, ruleset.is_whole);
	};

	return a.domain.id == b.domain.id || (a.domain.is_known && b.domain.is_known && all_of(a) == all_of(b) &&
					      is_same(*a.domain.ruleset.rules, *b.domain.ruleset.rules));
}

// Numbers the policies of all denials.
void set_policies(std::vector<Advice> &all) {
	std::vector<const Denial *> policies;

	for (Advice &advice : all) {
		const Denial *denial = advice.denials.front();
		const auto same = std::find_if(policies.begin(), policies.end(),
					       [&](const Denial *first) { return is_same_policy(*first, *denial); });
		advice.policy = static_cast<size_t>(same - policies.begin());
		if (same == policies.end())
			policies.push_back(denial);
	}
}

// What one rule would mend, or the same in words.
using Key = std::tuple<size_t, uint32_t, std::string, bool>;

Key key_of(const Advice &advice, std::string path, bool is_directory) {
	return {advice.policy, advice.suggestion.wanted.rights, std::move(path), is_directory};
}

// Whether one change of the ruleset mends it, whoever is signalled or traced.
bool is_scope(const Advice &advice) {
	return advice.suggestion.wanted.type == Type::scope && !advice.denials.front()->is_on_behalf;
}

Key key_of(const Advice &advice) {
	const Suggestion &s = advice.suggestion;

	if ((is_rule(s) || is_scope(advice)) && !advice.other_end)
		return key_of(advice, s.wanted.path, s.wanted.is_directory);
	return key_of(advice, fmt::format("{}\n{}\n{}\n{}", what(advice.denials.front()->first),
					  advice.other_end ? what(advice.other_end->first) : "", s.impossible, s.form.text), false);
}

// Puts those together whose rule or scope is the same, or that only differ in their
// domain.
void merge(std::vector<Advice> &all) {
	std::map<Key, size_t> index;
	std::vector<Advice> merged;

	for (Advice &advice : all) {
		const auto [place, is_new] = index.try_emplace(key_of(advice), merged.size());
		if (is_new) {
			merged.push_back(std::move(advice));
			continue;
		}
		Advice &first = merged[place->second];
		first.denials.insert(first.denials.end(), advice.denials.begin(), advice.denials.end());
		first.count += advice.count;
		first.weight = std::min(first.weight, advice.weight);
	}
	all = std::move(merged);
}

// Lifts the rules of at least @most siblings to their directory, unless one of them
// or that is regretted.  Returns whether there were any.
bool fold_siblings(std::vector<Advice> &all, size_t most, const Kept &kept, const Circumstances &run) {
	std::map<Key, std::set<std::string>> siblings;
	const auto key = [](const Advice &advice) { return key_of(advice, parent(advice.suggestion.wanted.path), false); };
	bool is_folded = false;

	for (const Advice &advice : all) {
		if (is_rule(advice) && !advice.other_end)
			siblings[key(advice)].insert(advice.suggestion.wanted.path);
	}
	for (Advice &advice : all) {
		if (!is_rule(advice) || advice.other_end || siblings[key(advice)].size() < most)
			continue;
		const std::string folder = parent(advice.suggestion.wanted.path);
		if (why_not(folder, true, advice.suggestion.wanted.rights, kept, run).empty()) {
			lift(advice.suggestion, folder);
			is_folded = true;
		}
	}
	return is_folded;
}

// The folder in which the Python @program looks for modules first, "" if unknown.
std::string modules_of(const Process &program, const Circumstances &run) {
	if (program.interpreter.empty())
		return run.modules;
	return parent((std::filesystem::path(run.folder) / program.exe).lexically_normal().string());
}

// Whether @program asks for that when it starts, and goes on without it.
bool is_of_start(const Process &program, const Record &record, const Circumstances &run) {
	constexpr const char *here = "."; // the folder that it starts in
	constexpr std::array<std::pair<const char *, const char *>, 9> habits = {{
		{"bash", "/dev/tty"}, {"bash", "/dev/pts/*"}, {"bash", "/etc/passwd"},
		{"sh", "/dev/tty"}, {"sh", "/dev/pts/*"}, {"sh", "/etc/passwd"},
		{"find", here}, {"python*", "/etc/passwd"}, {"vim*", here},
	}};
	const std::string &exe = program.interpreter.empty() ? program.exe : program.interpreter;
	const std::string name = exe.substr(exe.rfind('/') + 1);

	if (!(record.blockers & (fs_read_file | fs_read_dir)))
		return false;
	if (name.starts_with("python") && record.blockers == fs_read_dir)
		return record.text == modules_of(program, run);
	return std::any_of(habits.begin(), habits.end(), [&](const auto &habit) {
		return !fnmatch(habit.first, name.c_str(), 0) &&
		       (habit.second == here ? record.blockers == fs_read_dir && record.text == run.folder
					     : !fnmatch(habit.second, record.text.c_str(), 0));
	});
}

// Whether nothing failed for it.
bool has_succeeded(const Denial &denial) {
	return denial.succeeded && denial.succeeded == denial.count;
}

// Whether a program most likely goes on without it.  In another root, it only knows
// the end of the path.
bool is_harmless(const Denial &denial, const Circumstances &run) {
	const Record &record = denial.first;

	if (has_succeeded(denial))
		return true;
	if (is_usual(record) || record.kind != Kind::deny_fs || record.topology)
		return is_usual(record);
	if (!denial.programs.empty() && std::all_of(denial.programs.begin(), denial.programs.end(), [&](const Program &program) {
		    return is_of_start(program.process, record, run);
	    }))
		return true;
	if (!denial.process.has_root)
		return false;
	for (size_t slash = record.text.find('/', 1); slash != std::string::npos; slash = record.text.find('/', slash + 1)) {
		if (is_habit(record.text.substr(slash), record.blockers))
			return true;
	}
	return false;
}

// What was denied last before a program failed matters most, or, if it is not known
// which one did, before all ended; what programs go on without, least, unless there is
// nothing else.
void weigh(std::vector<Advice> &all, const Circumstances &run) {
	Advice *last = nullptr;
	bool is_known = false;

	for (Advice &advice : all) {
		if (std::all_of(advice.denials.begin(), advice.denials.end(), [&](const Denial *d) { return is_harmless(*d, run); }))
			advice.weight = Weight::habit;
		else if (std::any_of(advice.denials.begin(), advice.denials.end(), [](const Denial *d) { return d->is_last; }))
			advice.weight = Weight::last;
		is_known |= advice.weight == Weight::last;
		if (std::all_of(advice.denials.begin(), advice.denials.end(), [](const Denial *d) { return has_succeeded(*d); }))
			continue;
		const auto rank = [](const Advice &a) {
			return std::tuple(a.weight != Weight::habit, is_passed_on(a), last_time(a));
		};
		if (!last || rank(advice) >= rank(*last))
			last = &advice;
	}
	if (!last || is_known || !run.has_failed)
		return;
	last->is_doubtful = last->weight == Weight::habit;
	if (last->is_doubtful)
		last->notes.emplace_back(doubt);
	last->weight = Weight::last;
}

// Says so where a program looked for a place for temporary files.
void note_search(std::vector<Advice> &all) {
	constexpr std::array<std::string_view, 3> places = {"/tmp", "/var/tmp", "/usr/tmp"};
	std::vector<Advice *> found;

	for (Advice &advice : all) {
		const Wanted &wanted = advice.suggestion.wanted;
		if (is_rule(advice) && (wanted.rights & fs_make_reg) &&
		    std::find(places.begin(), places.end(), wanted.path) != places.end())
			found.push_back(&advice);
	}
	if (found.size() < 2)
		return;
	for (Advice *advice : found)
		advice->notes.emplace_back("programs look for a place for temporary files in several directories: one of them does");
}

// The nearest to a failure first.
bool is_before(const Advice &a, const Advice &b) {
	const auto rank = [](const Advice &advice) {
		return std::tuple(advice.weight, !is_passed_on(advice),
				  advice.weight == Weight::last ? ~last_time(advice) : 0);
	};

	return rank(a) < rank(b);
}

} // namespace

std::string why_left_out(const Advice &advice) {
	if (advice.is_doubtful)
		return doubt;
	return advice.apart.empty() ? advice.other_apart : advice.apart;
}

std::vector<uint64_t> domains_of(const Advice &advice) {
	std::vector<uint64_t> ids;
	std::set<uint64_t> seen;

	for (const Denial *denial : advice.denials) {
		if (seen.insert(denial->domain.id).second)
			ids.push_back(denial->domain.id);
	}
	return ids;
}

std::vector<Advice> advise(const Explanation &explanation, const Circumstances &run) {
	const std::vector<Denial> &denials = explanation.denials();
	std::vector<Advice> all;
	std::vector<size_t> place(denials.size());

	for (size_t i = 0; i < denials.size(); i++) {
		const Denial &denial = denials[i];
		if (Advice *first = denial.first_end ? &all[place[*denial.first_end]] : nullptr; first && !first->other_end) {
			first->other_end = &denial;
			first->other = denial.suggestion;
			continue;
		}
		place[i] = all.size();
		Advice advice;
		advice.denials = {&denial};
		advice.count = denial.count;
		advice.suggestion = denial.suggestion;
		all.push_back(std::move(advice));
	}
	for (Advice &advice : all) {
		find_lasting(advice.suggestion, *advice.denials.front(), run, advice.notes);
		if (advice.other_end)
			find_lasting(advice.other, *advice.other_end, run, advice.notes);
		add_notes(advice);
	}
	const Kept kept = kept_beneath(denials, run);
	set_policies(all);
	fold_siblings(all, max_siblings, kept, run);
	merge(all);
	while (fold_siblings(all, max_folders, kept, run))
		merge(all);
	weigh(all, run);
	note_search(all);
	for (Advice &advice : all) {
		advice.apart = why_apart(advice.suggestion, kept, run);
		if (advice.other_end)
			advice.other_apart = why_apart(advice.other, kept, run);
	}
	std::stable_sort(all.begin(), all.end(), is_before);
	return all;
}

} // namespace landlock
