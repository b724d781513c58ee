// SPDX-License-Identifier: GPL-2.0-only
#include "explain.h"

#include "access.h"
#include "escape.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>

namespace landlock {
namespace {

// Two denials with the same key are one to the reader.  Those of two domains are
// not: each has its own rules and creator.
std::string key_of(const Record &record, const Process &process) {
	return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", static_cast<int>(record.kind), subject_comm(record, process),
			   record.domain, record.blockers, record.access, record.topology, record.layer, record.port, record.signal,
			   record.kind == Kind::deny_ptrace || record.kind == Kind::deny_signal ? record.other_pid : 0,
			   record.text);
}

// Whether @path is @folder or beneath it.
bool is_beneath(const std::string &path, const std::string &folder) {
	if (folder == "/")
		return path.starts_with('/');
	return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

const Rule *rule_for(const Rules &rules, const Check &check) {
	for (const Rule &rule : rules) {
		if (!rule.is_net && !check.is_net && rule.dev == check.dev && rule.ino == check.ino)
			return &rule;
	}
	return nullptr;
}

// The first of the checked objects that has a rule in this layer, else the
// longest path above the object.
Nearest nearest_fs(const Record &record, const Rules &rules, const std::vector<Check> &checks) {
	for (const Check &check : checks) {
		if (const Rule *rule = rule_for(rules, check)) {
			const bool is_same = rule->dev == record.dev && rule->ino == record.ino;
			return {is_same ? Nearness::object : Nearness::ancestor, *rule};
		}
	}
	Nearest best;
	for (const Rule &rule : rules) {
		if (rule.is_net || rule.path.empty() || !is_beneath(record.text, rule.path))
			continue;
		if (best.how == Nearness::none || rule.path.size() > best.rule.path.size()) {
			best.how = rule.path == record.text ? Nearness::object : Nearness::ancestor;
			best.rule = rule;
		}
	}
	return best;
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

std::string signal_text(int number) {
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

std::string subject_comm(const Record &record, const Process &process) {
	return is_on_behalf(record, process) ? "" : process.comm;
}

std::string what(const Record &denial) {
	switch (denial.kind) {
	case Kind::deny_fs:
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
	case Nearness::object:
	case Nearness::ancestor: break;
	}
	return fmt::format("the rule for {}{} allows {}{}", escape(rule.path),
			   denial.nearest.how == Nearness::object ? " itself" : ", above it,",
			   rule.access ? names(type, rule.access, ", ") : "nothing",
			   missing ? ", not " + names(type, missing, ", ") : "");
}

void Explanation::add(const Record &record, const Process &process, const State &state) {
	total_++;
	const auto [place, is_new] = index_.try_emplace(key_of(record, process), denials_.size());
	if (!is_new) {
		denials_[place->second].count++;
		return;
	}
	if (denials_.size() >= limit_) {
		index_.erase(place);
		not_kept_++;
		return;
	}

	Denial denial;
	denial.first = record;
	denial.count = 1;
	denial.process = process;
	denial.is_on_behalf = is_on_behalf(record, process);
	denial.domain.id = record.domain;
	if (const Domain *domain = state.domain(record.domain))
		denial.domain = *domain;
	denial.layers = state.layers(subject(record));
	denial.nearest = nearest(record, denial.domain, state);
	denial.suggestion = suggest(record, denial.domain);
	denials_.push_back(std::move(denial));
}

} // namespace landlock
