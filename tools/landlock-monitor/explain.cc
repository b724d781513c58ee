// SPDX-License-Identifier: GPL-2.0-only
#include "explain.h"

#include "access.h"
#include "escape.h"
#include "move.h"
#include "path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <set>
#include <utility>

namespace landlock {
namespace {

// Programs that a denial names.
constexpr size_t max_programs = 16;

// Two denials with the same key are one to the reader, whoever asked: a program can
// change its name.  Those of two domains are not: each has its own rules and creator.
std::string key_of(const Record &record) {
	return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", static_cast<int>(record.kind), record.domain,
			   record.blockers, record.access, record.topology, record.layer, record.port, record.signal,
			   record.kind == Kind::deny_ptrace || record.kind == Kind::deny_signal ? record.other_pid : 0,
			   record.text);
}

bool is_above(const std::string &folder, const std::string &path) {
	return folder != path && is_beneath(path, folder);
}

const Rule *rule_for(const Rules &rules, const Check &check) {
	for (const Rule &rule : rules) {
		if (!rule.is_net && !check.is_net && rule.dev == check.dev && rule.ino == check.ino)
			return &rule;
	}
	return nullptr;
}

// The first of the checked objects that has a rule in this layer.
const Rule *met_rule(const Record &record, const Rules &rules, const std::vector<Check> &checks) {
	for (const Check &check : checks) {
		const Rule *rule = rule_for(rules, check);
		// What allows it all cannot have been met on the way.
		if (rule && (record.blockers & ~rule->access))
			return rule;
	}
	return nullptr;
}

// The rule with the longest path above the object that @is_wanted.
template <class Wanted> const Rule *rule_above(const Record &record, const Rules &rules, Wanted is_wanted) {
	const Rule *best = nullptr;

	for (const Rule &rule : rules) {
		if (!rule.is_net && is_beneath(record.text, rule.path) && is_wanted(rule) &&
		    (!best || rule.path.size() > best->path.size()))
			best = &rule;
	}
	return best;
}

Nearest nearest_fs(const Record &record, const Rules &rules, const std::vector<Check> &checks) {
	uint32_t missing = record.blockers;

	rule_above(record, rules, [&](const Rule &rule) { return missing &= ~rule.access, false; });
	if (record.blockers && !missing)
		return {Nearness::missed, *rule_above(record, rules, [&](const Rule &rule) { return rule.access & record.blockers; })};
	const Rule *rule = met_rule(record, rules, checks);
	// What is not one directory may share its number with it, as on overlayfs.
	if (rule)
		return {rule->dev == record.dev && rule->ino == record.ino && !is_above(rule->path, record.text) ? Nearness::object
														   : Nearness::ancestor,
			*rule};
	rule = rule_above(record, rules, [](const Rule &) { return true; });
	if (!rule)
		return {};
	return {rule->path == record.text ? Nearness::object : Nearness::ancestor, *rule};
}

Nearest nearest_net(const Record &record, const Rules &rules) {
	for (const Rule &rule : rules) {
		if (rule.is_net && rule.port == static_cast<uint64_t>(record.port))
			return {Nearness::port, rule};
	}
	return {};
}

Nearest nearest(const Record &record, const Domain &domain, const State &state) {
	if (record.kind != Kind::deny_fs && record.kind != Kind::deny_net)
		return {};
	if (!domain.is_known)
		return {Nearness::unknown, {}};
	const Rules &rules = *domain.ruleset.rules;
	const Nearest found = record.kind == Kind::deny_net
				      ? nearest_net(record, rules)
				      : nearest_fs(record, rules, state.checks_of(record));
	if (found.how == Nearness::none && !domain.ruleset.is_whole)
		return {Nearness::unknown, {}};
	return found;
}

// Whether the system call that @denial is of can fail with @error for it.
bool is_error_of(const Record &denial, int error) {
	switch (denial.kind) {
	case Kind::deny_fs:
		if (denial.topology)
			return error == EPERM;
		return error == EACCES || (error == EXDEV && is_move(denial));
	case Kind::deny_net: return error == EACCES;
	// Files in /proc have either.
	case Kind::deny_ptrace: return error == EPERM || error == EACCES;
	// Whom a file owner's signal does not reach did not fail.
	case Kind::deny_signal: return error == EPERM && !is_on_behalf(denial, {});
	default: return error == EPERM;
	}
}

// Whether a call that was denied @first goes on to @second: an open with O_CREAT of a
// file whose name the kernel did not remember, and which is there.
bool is_no_creation(const Record &first, const Record &second) {
	return first.kind == Kind::deny_fs && first.blockers == fs_make_reg && second.kind == Kind::deny_fs &&
	       !(second.blockers & ~fs_file_rights) && parent(second.text) == first.text;
}

// Whether an open may succeed though @denial came: there was nothing to make, as the
// file was there, or CAP_PERFMON allows to read what tracing does not.
bool may_succeed(const Record &denial) {
	return (denial.kind == Kind::deny_fs && denial.blockers == fs_make_reg) ||
	       (denial.kind == Kind::deny_ptrace && !is_on_behalf(denial, {}));
}

unsigned nth_launcher(const Record &record, const Domain &domain, const State &state) {
	std::set<uint64_t> rulesets; // each launcher makes one
	unsigned nth = 0;

	for (unsigned i = 1; i <= state.layers(subject(record)); i++) {
		const Domain &layer = *state.layer_of(subject(record), i);
		if (&launcher_of(layer) != &launcher_of(domain))
			continue;
		rulesets.insert(layer.ruleset.id);
		if (layer.id == domain.id)
			nth = static_cast<unsigned>(rulesets.size());
	}
	return rulesets.size() > 1 ? nth : 0;
}

std::string dev_text(uint64_t dev) {
	return fmt::format("{}:{}", dev >> 20, dev & 0xfffff);
}

std::string signal_text(int number) {
	if (number < 0)
		return "a signal";
	if (!number)
		return "a probe (signal 0)";
	const char *name = sigabbrev_np(number);
	return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

std::string other_text(const Record &record) {
	return fmt::format("{}[{}], {}", record.text.empty() ? "?" : escape(record.text), record.other_pid,
			   record.other_domain ? fmt::format("in domain {:x}", record.other_domain)
					       : "which is not sandboxed");
}

} // namespace

bool is_on_behalf(const Record &record, const Process &process) {
	if (record.kind == Kind::deny_signal)
		return record.signal == SIGIO || record.signal == SIGURG;
	// Nobody is denied to trace itself: the task is the tracee.
	return record.kind == Kind::deny_ptrace && record.other_pid == process.pid;
}

bool is_usual(const Record &denial) {
	return denial.kind == Kind::deny_fs && !denial.topology &&
	       (is_habit(denial.text, denial.blockers) || (denial.blockers == fs_make_dir && is_compiled_in(denial.text)));
}

std::string subject_comm(const Record &record, const Process &process) {
	return is_on_behalf(record, process) ? "" : process.comm;
}

std::string what(const Record &denial) {
	switch (denial.kind) {
	case Kind::deny_fs:
		if (is_comparison(denial))
			return fmt::format("a rename or link that would gain rights, of {}", escape(denial.text));
		return fmt::format("{} on {}",
				   denial.topology ? "a change of mounts" : names(Type::fs, denial.blockers, ", "),
				   denial.text.empty() ? "?" : escape(denial.text));
	case Kind::deny_net:
		if (denial.port < 0)
			return fmt::format("{} without an address", names(Type::net, denial.blockers, ", "));
		return fmt::format("{} on port {}{}", names(Type::net, denial.blockers, ", "), denial.port,
				   denial.text.empty() ? "" : fmt::format(" ({})", escape(denial.text)));
	case Kind::deny_ptrace: return fmt::format("ptrace of {}", other_text(denial));
	case Kind::deny_signal: return fmt::format("{} to {}", signal_text(denial.signal), other_text(denial));
	default:
		return fmt::format("the abstract UNIX socket @{} of {}", escape(denial.text),
				   denial.other_domain ? fmt::format("domain {:x}", denial.other_domain)
						       : "an unsandboxed process");
	}
}

std::string nearest_text(const Denial &denial) {
	const Rule &rule = denial.nearest.rule;
	const Type type = rule.is_net ? Type::net : Type::fs;
	const uint32_t missing = denial.first.blockers & ~rule.access;

	switch (denial.nearest.how) {
	case Nearness::unknown:
		return "unknown: this domain was made before the watch began, or records of it are lost";
	case Nearness::none:
		if (denial.first.kind == Kind::deny_net)
			return fmt::format("this layer has no rule for port {}", denial.first.port);
		return "no rule of this layer is for it or for a directory above it";
	case Nearness::port:
		return fmt::format("port {} has a rule that allows {}, not {}", rule.port,
				   rule.access ? names(type, rule.access, ", ") : "nothing", names(type, missing, ", "));
	case Nearness::missed:
		return fmt::format("the rule for {} allows that, but the kernel did not meet its inode, {} of device {}, on the way "
				   "up from here, inode {} of device {}: a mount hides it, or it was opened before a mount or chroot, "
				   "or the file was replaced, or its file system changes inodes (as 9p)",
				   escape(rule.path), rule.ino, dev_text(rule.dev), denial.first.ino, dev_text(denial.first.dev));
	case Nearness::object:
	case Nearness::ancestor: break;
	}
	return fmt::format("the rule for {}{} allows {}{}", escape(rule.path),
			   denial.nearest.how == Nearness::object ? " itself" : ", above it,",
			   rule.access ? names(type, rule.access, ", ") : "nothing",
			   missing ? ", not " + names(type, missing, ", ") : "");
}

// The place of a denial with that @key, which is new with a count of 0; nullptr if
// there is none left for this program.
Denial *Explanation::find(const std::string &key, const Record &record, const Process &process, const State &state) {
	const auto [place, is_new] = index_.try_emplace(key, denials_.size());
	if (!is_new)
		return &denials_[place->second];
	// No program fills the table alone.
	size_t &used = budget_[process.exe];
	if (denials_.size() >= limit_ || used >= limit_ / 2) {
		index_.erase(place);
		return nullptr;
	}
	used++;

	Denial denial;
	denial.first = record;
	denial.process = process;
	denial.is_on_behalf = is_on_behalf(record, process);
	denial.domain.id = record.domain;
	if (const Domain *domain = state.domain(record.domain))
		denial.domain = *domain;
	// How deep the one is that refused does not tell how many there are.
	denial.layers = record.subject_domain ? state.layers(record.subject_domain) : 0;
	denial.nth_launcher = nth_launcher(record, denial.domain, state);
	denial.nearest = nearest(record, denial.domain, state);
	denial.suggestion = suggest(record, denial.domain);
	if (denial.nearest.how == Nearness::missed) {
		denial.suggestion.impossible = "that rule is there already: another one for the same path would be the same";
		denial.suggestion.remedy = "open the path for the rule when what is there now is there, after the mount or chroot; "
					   "for files that are replaced, allow their directory";
	}
	if (is_move(record))
		suggest_move(record, nullptr, state, denial.suggestion);
	denials_.push_back(std::move(denial));
	return &denials_.back();
}

void Explanation::add_other_end(size_t first, const Record &record, const Process &process, const State &state) {
	Denial *second = find(fmt::format("{}\n{}", first, key_of(record)), record, process, state);

	if (!second)
		return;
	if (!second->count++) {
		Denial &before = denials_[first];
		second->first_end = first;
		second_ends_++;
		suggest_move(before.first, &record, state, before.suggestion);
		if (is_comparison(record) || is_comparison(before.first))
			second->suggestion = suggest_other_end(before.first, record, before.suggestion);
		else
			before.suggestion = suggest_same(before.suggestion, record);
	}
	second->last = ++came_;
}

void Explanation::add(const Record &record, const Process &process, const State &state) {
	const auto last = last_.find(record.tid);
	if (last != last_.end() && !last->second.is_over && is_other_end(last->second.record, record, has_calls_)) {
		last->second.is_over = true;
		add_other_end(last->second.index, record, process, state);
		return;
	}
	if (last != last_.end() && has_calls_ && is_no_creation(last->second.record, record))
		denials_[last->second.index].succeeded++;
	total_++;
	Denial *denial = find(key_of(record), record, process, state);
	if (!denial) {
		not_kept_++;
		last_not_kept_ = what(record);
		return;
	}
	denial->count++;
	denial->last = ++came_;
	const auto index = static_cast<size_t>(denial - denials_.data());
	if (last_.size() >= limit_)
		last_.clear();
	if (suspects_.size() >= limit_)
		suspects_.clear();
	last_[record.tid] = {index, record, process.pid, false, suspects_[process.pid].any};
	if (!is_usual(record) && !denial->is_on_behalf)
		suspects_[process.pid].any = index;

	const std::string comm = subject_comm(record, process);
	const auto same = std::find_if(denial->programs.begin(), denial->programs.end(), [&](const Program &program) {
		return program.comm == comm && program.process.exe == process.exe;
	});
	if (same != denial->programs.end())
		same->count++;
	else if (denial->programs.size() < max_programs)
		denial->programs.push_back({process, comm, 1});
}

void Explanation::set_error(int tid, int error) {
	const auto last = last_.find(tid);

	has_calls_ = true;
	if (last == last_.end())
		return;
	const auto [index, record, pid, is_over, suspect] = std::move(last->second);
	const auto suspects = suspects_.find(pid);
	last_.erase(last);
	if (!error && may_succeed(record)) {
		denials_[index].succeeded++;
		if (suspects != suspects_.end() && suspects->second.any == index)
			suspects->second.any = suspect;
		return;
	}
	if (!is_error_of(record, error))
		return;
	denials_[index].error = error;
	if (suspects != suspects_.end() && !is_usual(record))
		suspects->second.passed_on = index;
}

void Explanation::blame(int pid) {
	const auto suspects = suspects_.find(pid);

	if (suspects == suspects_.end())
		return;
	if (const auto index = suspects->second.passed_on ? suspects->second.passed_on : suspects->second.any)
		denials_[*index].is_last = true;
	suspects_.erase(suspects);
}

} // namespace landlock
