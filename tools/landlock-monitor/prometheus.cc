// SPDX-License-Identifier: GPL-2.0-only
#include "prometheus.h"

#include "access.h"
#include "error.h"
#include "escape.h"

#include <fmt/format.h>

#include <sys/stat.h>

#include <cerrno>

namespace landlock {
namespace {

constexpr size_t max_programs = 32;

// In a label, backslash and quote are escaped; of them, escape() leaves the first.
std::string label(const std::string &raw) {
	std::string out;

	for (const char c : escape(raw)) {
		if (c == '\\')
			out += '\\';
		out += c;
	}
	return out;
}

std::vector<std::string> rights_of(const Record &record) {
	switch (record.kind) {
	case Kind::deny_fs:
		return record.topology ? std::vector<std::string>{"change_topology"}
				       : name_list(Type::fs, record.blockers);
	case Kind::deny_net: return name_list(Type::net, record.blockers);
	case Kind::deny_signal: return {"signal"};
	case Kind::deny_socket: return {"abstract_unix_socket"};
	default: return {"ptrace"};
	}
}

void head(std::string &out, const char *name, const char *type, const char *help) {
	out += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

} // namespace

void Metrics::add(const Record &record, const Process &process) {
	if (record.kind == Kind::create_ruleset)
		rulesets_++;
	else if (record.kind == Kind::restrict_self)
		domains_++;
	if (!is_denial(record.kind))
		return;
	for (std::string &right : rights_of(record)) {
		// Bits that have no name yet are one.
		if (right.starts_with("0x"))
			right = "unknown";
		rights_[{record.kind, right}]++;
	}
	const std::string comm = subject_comm(record, process);
	const std::string name = comm.empty() ? "?" : comm;
	if (programs_.contains(name) || programs_.size() < max_programs)
		programs_[name]++;
	else
		programs_["other"]++;
}

std::string Metrics::text(const State &state, const Lost &lost) const {
	std::string out;
	size_t alive = 0;

	for (const Domain *domain : state.domains())
		alive += domain->is_alive;
	head(out, "landlock_denied_rights_total", "counter", "Access rights that Landlock denied.");
	for (const auto &[key, count] : rights_)
		out += fmt::format("landlock_denied_rights_total{{event=\"{}\",right=\"{}\"}} {}\n",
				   kind_name(key.first), key.second, count);
	head(out, "landlock_program_denials_total", "counter", "Denials of the programs seen first, then of all others.");
	for (const auto &[name, count] : programs_)
		out += fmt::format("landlock_program_denials_total{{comm=\"{}\"}} {}\n", label(name), count);
	head(out, "landlock_rulesets_total", "counter", "Rulesets that were created.");
	out += fmt::format("landlock_rulesets_total {}\n", rulesets_);
	head(out, "landlock_domains_total", "counter", "Domains that were enforced.");
	out += fmt::format("landlock_domains_total {}\n", domains_);
	head(out, "landlock_domains", "gauge", "Domains that are known to be alive.");
	out += fmt::format("landlock_domains {}\n", alive);
	head(out, "landlock_lost_events_total", "counter", "Trace events that could not be read.");
	out += fmt::format("landlock_lost_events_total {}\n", lost.events);
	return out;
}

MetricsFile::MetricsFile(const std::string &name) {
	if (name.empty())
		return;
	target_.emplace(name, "--prometheus");
	if (!target_->is_private())
		throw Error(fmt::format("cannot write {}: others may change its folder", target_->text()),
			    "Give --prometheus a file in a folder that belongs to root and that only root can write.");
}

void MetricsFile::replace(const std::string &text) const {
	Draft draft(*target_);

	draft.write(text);
	// Its mode is for the collector, whatever our umask.
	if (fchmod(draft.fd(), 0644))
		throw target_->error(errno);
	draft.replace();
}

void MetricsFile::write(const Metrics &metrics, const State &state, const Lost &lost) {
	if (!target_)
		return;
	try {
		replace(metrics.text(state, lost));
	} catch (const Error &error) {
		if (!is_started_)
			throw;
		if (!is_told_)
			put(stderr, fmt::format("landlock-monitor: warning: {}\n", error.what()));
		is_told_ = true;
	}
	is_started_ = true;
}

std::vector<Grant> MetricsFile::grants() const {
	if (!target_)
		return {};
	return {{target_->folder_path(), fs_write_file | fs_make_reg | fs_remove_file}};
}

} // namespace landlock
