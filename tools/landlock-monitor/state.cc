// SPDX-License-Identifier: GPL-2.0-only
#include "state.h"

#include "table.h"

#include <algorithm>
#include <cstddef>

namespace landlock {
namespace {

// Longer walks are not kept whole: a path of a hundred names has a nearer rule.
constexpr size_t max_checks = 128;

// No domain has more layers than that, unless records lie.
constexpr unsigned max_layers = 64;

Rule rule_of(const Record &record) {
	Rule rule;

	rule.is_net = record.kind == Kind::add_rule_net;
	rule.access = record.access;
	rule.dev = record.dev;
	rule.ino = record.ino;
	rule.port = static_cast<uint64_t>(record.port);
	if (!rule.is_net)
		rule.path = record.text;
	return rule;
}

size_t size_of(const Rule &rule) {
	return sizeof(rule) + rule.path.size();
}

bool is_same_object(const Rule &a, const Rule &b) {
	if (a.is_net || b.is_net)
		return a.is_net && b.is_net && a.port == b.port;
	return a.dev == b.dev && a.ino == b.ino && a.path == b.path;
}

} // namespace

Ruleset &State::touch_ruleset(uint64_t id) {
	if (rulesets_.size() >= limits_.rulesets && !rulesets_.contains(id)) {
		rulesets_.erase(rulesets_.begin());
		forgotten_++;
	}
	const auto [place, is_new] = rulesets_.try_emplace(id);
	Ruleset &set = place->second;
	set.id = id;
	if (is_new)
		set.rules = new_rules({});
	return set;
}

std::shared_ptr<Rules> State::new_rules(const Rules &from) const {
	size_t size = 0;

	for (const Rule &rule : from)
		size += size_of(rule);
	*bytes_ += size;
	return {new Rules(from), [bytes = bytes_](Rules *rules) {
			for (const Rule &rule : *rules)
				*bytes -= size_of(rule);
			delete rules;
		}};
}

// Takes their rules from @domains, the first ones first, until all rules take no
// more than @most.
void State::drop_rules(const std::list<uint64_t> &domains, size_t most) {
	for (const uint64_t id : domains) {
		if (*bytes_ <= most)
			return;
		Ruleset &set = domains_.at(id).domain.ruleset;
		if (set.rules->empty())
			continue;
		set.rules = new_rules({});
		set.is_whole = false;
	}
}

// Whether there is room for rules of so many @bytes; drops those of dead domains,
// then of living ones for it.
bool State::make_room(size_t bytes) {
	if (*bytes_ + bytes <= limits_.bytes)
		return true;
	// It is long work, which others may keep from having an effect.
	if (hopeless_ && --hopeless_)
		return false;
	// With some in reserve, to do it rarely.
	const size_t wanted = bytes + limits_.bytes / 8;
	const size_t most = wanted < limits_.bytes ? limits_.bytes - wanted : 0;
	drop_rules(dead_, most);
	if (*bytes_ + bytes > limits_.bytes)
		drop_rules(alive_, most);
	if (*bytes_ + bytes <= limits_.bytes)
		return true;
	hopeless_ = 1024;
	return false;
}

void State::add_rule(const Record &record) {
	Ruleset &set = touch_ruleset(record.ruleset);
	const Rule rule = rule_of(record);

	// A domain has the rules of when it was made.
	if (set.rules.use_count() > 1) {
		size_t size = 0;
		for (const Rule &other : *set.rules)
			size += size_of(other);
		const bool is_room = make_room(size);
		// To make room may have left us alone with them.
		if (set.rules.use_count() > 1) {
			set.is_whole &= is_room;
			set.rules = new_rules(is_room ? *set.rules : Rules());
		}
	}
	const auto same = std::find_if(set.rules->begin(), set.rules->end(),
				       [&](const Rule &other) { return is_same_object(rule, other); });
	if (same != set.rules->end()) {
		same->access |= rule.access;
	} else if (set.rules->size() < limits_.rules && make_room(size_of(rule))) {
		set.rules->push_back(rule);
		*bytes_ += size_of(rule);
	} else {
		set.is_whole = false;
	}
}

Domain &State::touch(uint64_t id) {
	auto found = domains_.find(id);
	if (found == domains_.end()) {
		if (domains_.size() >= limits_.domains) {
			auto &list = dead_.empty() ? alive_ : dead_;
			domains_.erase(list.front());
			list.pop_front();
			forgotten_++;
		}
		found = domains_.emplace(id, Entry{}).first;
		found->second.domain.id = id;
		found->second.position = alive_.insert(alive_.end(), id);
		return found->second.domain;
	}
	auto &list = found->second.domain.is_alive ? alive_ : dead_;
	list.splice(list.end(), list, found->second.position);
	return found->second.domain;
}

void State::retire(uint64_t id) {
	Entry &entry = domains_.at(id);

	if (entry.domain.is_alive) {
		dead_.splice(dead_.end(), alive_, entry.position);
		entry.domain.is_alive = false;
	}
	if (dead_.size() > limits_.dead) {
		domains_.erase(dead_.front());
		dead_.pop_front();
		forgotten_++;
	}
}

void State::enforce(const Record &record, const Process &process) {
	const auto set = rulesets_.find(record.ruleset);
	Domain &domain = touch(record.domain);

	domain.parent = record.parent;
	domain.version = record.version;
	domain.threads = record.threads;
	if (record.fields & bit(Field::process_wide))
		domain.is_process_wide = record.process_wide;
	domain.process_threads = record.process_threads;
	if (record.fields & bit(Field::no_new_privs))
		domain.no_new_privs = record.no_new_privs;
	domain.made = record.time;
	domain.not_before = record.not_before;
	domain.creator = process;
	domain.is_known = true;
	if (set != rulesets_.end())
		domain.ruleset = set->second;
	domain.ruleset.id = record.ruleset;
}

void State::apply(const Record &record, const Process &process) {
	switch (record.kind) {
	case Kind::create_ruleset: {
		Ruleset &set = touch_ruleset(record.ruleset);
		set = Ruleset();
		set.rules = new_rules({});
		set.id = record.ruleset;
		set.handled_fs = record.handled_fs;
		set.handled_net = record.handled_net;
		set.scoped = record.scoped;
		set.creator = process;
		set.is_whole = true;
		break;
	}
	case Kind::free_ruleset: rulesets_.erase(record.ruleset); break;
	case Kind::add_rule_fs:
	case Kind::add_rule_net: add_rule(record); break;
	case Kind::restrict_self: enforce(record, process); break;
	case Kind::free_domain:
		touch(record.domain).denials = record.denials;
		retire(record.domain);
		break;
	case Kind::check_fs:
	case Kind::check_net: {
		if (checks_.size() >= limits_.tasks && !checks_.contains(record.tid))
			checks_.clear();
		auto &[list, denials] = checks_[record.tid];
		if (denials)
			list.clear();
		denials = 0;
		if (list.size() >= max_checks)
			list.erase(list.begin(), list.begin() + max_checks / 2);
		Check check{record.domain, record.kind == Kind::check_net, record.access, record.dev, record.ino,
			    static_cast<uint64_t>(record.port), {}};
		std::copy_n(record.grants.begin(), std::min(record.grants.size(), check.grants.size()),
			    check.grants.begin());
		list.push_back(check);
		break;
	}
	// What a call checked says nothing of the next one.
	case Kind::call:
	case Kind::task_exit: checks_.erase(record.tid); break;
	default:
		if (is_denial(record.kind)) {
			touch(record.domain).denials++;
			if (const auto found = checks_.find(record.tid); found != checks_.end())
				found->second.denials++;
		}
		break;
	}
}

const Domain *State::domain(uint64_t id) const {
	const auto found = domains_.find(id);

	return found == domains_.end() ? nullptr : &found->second.domain;
}

const Ruleset *State::ruleset(uint64_t id) const {
	const auto found = rulesets_.find(id);

	return found == rulesets_.end() ? nullptr : &found->second;
}

std::vector<const Domain *> State::domains() const {
	std::vector<const Domain *> list;

	for (const auto &[id, entry] : domains_)
		list.push_back(&entry.domain);
	std::sort(list.begin(), list.end(), [](const Domain *a, const Domain *b) {
		return a->made != b->made ? a->made < b->made : a->id < b->id;
	});
	return list;
}

// Whether @checks, of one walk, may have led to @denial: they looked for what was
// missing and did not find it.  If not, they are of an earlier request, as they may
// be where the layer is not known.
static bool led_to(const std::vector<Check> &checks, const Record &denial) {
	uint32_t granted = 0;

	if (!denial.layer)
		return false;
	for (const Check &check : checks) {
		if (denial.layer <= check.grants.size())
			granted |= check.grants[denial.layer - 1];
	}
	return (checks.back().access & denial.blockers) == denial.blockers && !(granted & denial.blockers);
}

std::vector<Check> State::checks_of(const Record &denial) const {
	const uint64_t domain = subject(denial);
	const auto found = checks_.find(denial.tid);
	if (found == checks_.end() || found->second.denials > 1 || found->second.list.empty() || found->second.list.back().domain != domain)
		return {};

	// A walk asks for one thing and visits each object once.
	const auto &all = found->second.list;
	size_t begin = all.size() - 1;
	const auto is_new = [&](const Check &check) {
		return std::none_of(all.begin() + static_cast<ptrdiff_t>(begin), all.end(), [&](const Check &other) {
			return other.dev == check.dev && other.ino == check.ino && other.port == check.port;
		});
	};
	while (begin > 0 && all[begin - 1].domain == domain && all[begin - 1].access == all.back().access &&
	       all[begin - 1].is_net == all.back().is_net && is_new(all[begin - 1]))
		begin--;
	const std::vector<Check> walk(all.begin() + static_cast<ptrdiff_t>(begin), all.end());
	return led_to(walk, denial) ? walk : std::vector<Check>();
}

unsigned State::layers(uint64_t id) const {
	unsigned count = 0;

	while (id && count < max_layers) {
		const Domain *found = domain(id);
		if (!found || !found->is_known)
			return 0;
		count++;
		id = found->parent;
	}
	return count;
}

const Domain *State::layer_of(uint64_t id, unsigned layer) const {
	const unsigned count = layers(id);

	if (!layer || layer > count)
		return nullptr;
	const Domain *found = domain(id);
	for (unsigned i = count; found && i > layer; i--)
		found = domain(found->parent);
	return found;
}

} // namespace landlock
