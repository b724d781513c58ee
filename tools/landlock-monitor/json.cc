// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

#include "access.h"
#include "escape.h"
#include "table.h"

#include <nlohmann/json.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <unordered_map>

namespace landlock {
namespace {

using nlohmann::ordered_json;

std::string hex(uint64_t id) {
	return fmt::format("{:x}", id);
}

Type type_of(Kind kind) {
	return kind == Kind::add_rule_net || kind == Kind::check_net || kind == Kind::deny_net ? Type::net : Type::fs;
}

// Events come by the hundred thousand: written without a tree of objects, to
// memory that is asked for in large pieces.
class Line {
public:
	explicit Line(fmt::memory_buffer &out) : out_(out) { grow(0); }
	~Line() { out_.resize(used()); }
	Line(const Line &) = delete;
	Line &operator=(const Line &) = delete;

	void raw(std::string_view text) {
		room(text.size());
		std::memcpy(at_, text.data(), text.size());
		at_ += text.size();
	}
	template <size_t size> void key(const char (&name)[size]) {
		room(size + 3);
		*at_++ = ',';
		*at_++ = '"';
		std::memcpy(at_, name, size - 1);
		at_ += size - 1;
		*at_++ = '"';
		*at_++ = ':';
	}
	template <size_t size> void number(const char (&name)[size], int64_t value) {
		key(name);
		room(max_digits);
		at_ = std::to_chars(at_, at_ + max_digits, value).ptr;
	}
	// As a string: readers round what has more digits than a double.
	template <size_t size> void large(const char (&name)[size], uint64_t value, int base = 10) {
		key(name);
		room(max_digits + 2);
		*at_++ = '"';
		at_ = std::to_chars(at_, at_ + max_digits, value, base).ptr;
		*at_++ = '"';
	}
	template <size_t size> void id(const char (&name)[size], uint64_t value) { large(name, value, 16); }
	template <size_t size> void boolean(const char (&name)[size], bool value) {
		key(name);
		raw(value ? "true" : "false");
	}
	// The only character of escaped text that JSON escapes is the backslash.
	template <size_t size> void text(const char (&name)[size], std::string_view value) {
		key(name);
		room(5 * value.size() + 2);
		*at_++ = '"';
		for (const char c : value) {
			const auto byte = static_cast<unsigned char>(c);
			if (byte > ' ' && byte <= '~' && c != '=' && c != '"' && c != '\'' && c != '\\') {
				*at_++ = c;
				continue;
			}
			*at_++ = '\\';
			*at_++ = '\\';
			*at_++ = static_cast<char>('0' + (byte >> 6));
			*at_++ = static_cast<char>('0' + ((byte >> 3) & 7));
			*at_++ = static_cast<char>('0' + (byte & 7));
		}
		*at_++ = '"';
	}
	template <size_t size> void rights(const char (&name)[size], Type type, uint32_t mask) {
		key(name);
		list(type, mask);
	}
	void list(Type type, uint32_t mask) {
		raw("[");
		for (bool is_first = true; mask; is_first = false) {
			const std::string &name = quoted_name(type, static_cast<size_t>(std::countr_zero(mask)));
			mask &= mask - 1;
			if (!is_first)
				raw(",");
			raw(name);
		}
		raw("]");
	}

private:
	static constexpr size_t max_digits = 24;

	static const std::string &quoted_name(Type type, size_t right) {
		static const auto table = [] {
			std::array<std::array<std::string, 32>, 3> made;
			for (const Type t : {Type::fs, Type::net, Type::scope}) {
				for (unsigned i = 0; i < 32; i++)
					made[static_cast<size_t>(t)][i] = '"' + names(t, uint32_t{1} << i) + '"';
			}
			return made;
		}();
		return table[static_cast<size_t>(type)][right];
	}
	size_t used() const { return at_ ? static_cast<size_t>(at_ - out_.data()) : out_.size(); }
	void room(size_t size) {
		if (static_cast<size_t>(end_ - at_) < size)
			grow(size);
	}
	void grow(size_t size) {
		const size_t before = used();
		out_.resize(before + size + 1024);
		at_ = out_.data() + before;
		end_ = out_.data() + out_.size();
	}

	fmt::memory_buffer &out_;
	char *at_ = nullptr;
	char *end_ = nullptr;
};

void add_denial(Line &line, const Record &record, const Process &process) {
	line.boolean("on_behalf", is_on_behalf(record, process));
	line.id("domain", record.domain);
	line.id("subject_domain", subject(record));
	line.number("layer", record.layer);
	// Not what the kernel did not tell.
	if (record.fields & bit(Field::same_exec))
		line.boolean("same_exec", record.same_exec);
	if (record.fields & bit(Field::logged))
		line.boolean("logged", record.logged);
	switch (record.kind) {
	case Kind::deny_fs:
		line.boolean("change_topology", record.topology);
		[[fallthrough]];
	case Kind::deny_net:
		line.rights("blockers", type_of(record.kind), record.blockers);
		line.rights("access_request", type_of(record.kind), record.access);
		break;
	default:
		line.id("other_domain", record.other_domain);
		line.number("other_pid", record.other_pid);
		break;
	}
	if (record.tracer_pid)
		line.number("tracer_pid", record.tracer_pid);
	if (record.kind == Kind::deny_signal && record.signal >= 0)
		line.number("signal", record.signal);
}

void add_object(Line &line, const Record &record) {
	switch (record.kind) {
	case Kind::add_rule_fs:
	case Kind::check_fs:
	case Kind::deny_fs:
		line.number("dev_major", static_cast<int64_t>(record.dev >> 20));
		line.number("dev_minor", static_cast<int64_t>(record.dev & 0xfffff));
		line.large("ino", record.ino);
		if (record.kind != Kind::check_fs)
			line.text("path", record.text);
		break;
	case Kind::add_rule_net:
	case Kind::check_net: line.number("port", record.port); break;
	case Kind::deny_net:
		line.number("port", record.port);
		line.text("addr", record.text);
		break;
	case Kind::deny_ptrace:
	case Kind::deny_signal: line.text("other_comm", record.text); break;
	case Kind::deny_socket: line.text("sun_path", record.text); break;
	default: break;
	}
}

ordered_json rule_json(const Rule &rule) {
	ordered_json json;

	if (rule.is_net) {
		json["port"] = rule.port;
		json["access_rights"] = name_list(Type::net, rule.access);
	} else {
		json["path"] = escape(rule.path);
		json["access_rights"] = name_list(Type::fs, rule.access);
	}
	return json;
}

ordered_json process_json(const Process &process) {
	return {{"pid", process.pid}, {"comm", escape(process.comm)}, {"exe", escape(process.exe)}};
}

ordered_json suggestion_json(const Suggestion &s) {
	ordered_json json;

	json["possible"] = s.impossible.empty();
	if (!s.impossible.empty()) {
		json["why_not"] = s.impossible;
		json["instead"] = s.remedy;
		return json;
	}
	json["access_rights"] = name_list(s.wanted.type, s.wanted.rights);
	if (s.wanted.type == Type::fs)
		json["path"] = escape(s.wanted.path);
	else
		json["port"] = s.wanted.port;
	json["launcher"] = s.launcher->name();
	if (s.form.text.empty()) {
		json["why_not"] = s.form.why;
		return json;
	}
	// Quoted already, and to be copied as it is.
	json["text"] = s.form.text;
	json["opens_also"] = name_list(s.wanted.type, s.form.extra);
	json["opens_beyond"] = s.form.opens;
	return json;
}

const char *nearness_name(Nearness how) {
	switch (how) {
	case Nearness::none: return "none";
	case Nearness::unknown: return "unknown";
	case Nearness::object: return "object";
	case Nearness::ancestor: return "ancestor";
	case Nearness::missed: return "missed";
	case Nearness::port: return "port";
	}
	return "unknown";
}

// @s allows it; @apart says why nobody should.
ordered_json denial_json(const Denial &denial, const Suggestion &s, const std::string &apart) {
	const Record &record = denial.first;
	ordered_json json;

	json["v"] = json_version;
	json["type"] = "explanation";
	json["event"] = kind_name(record.kind);
	json["count"] = denial.count;
	json["process"] = process_json(denial.process);
	json["programs"] = ordered_json::array();
	for (const Program &program : denial.programs)
		json["programs"].push_back({{"comm", escape(program.comm)}, {"count", program.count}});
	json["on_behalf"] = denial.is_on_behalf;
	json["what"] = what(record);
	if (record.kind == Kind::deny_fs) {
		json["path"] = escape(record.text);
		json["change_topology"] = record.topology;
	} else if (record.kind == Kind::deny_net) {
		json["port"] = record.port;
		json["addr"] = escape(record.text);
	}
	if (record.kind == Kind::deny_fs || record.kind == Kind::deny_net) {
		json["blockers"] = name_list(type_of(record.kind), record.blockers);
		json["access_request"] = name_list(type_of(record.kind), record.access);
	}
	if (record.tracer_pid)
		json["tracer_pid"] = record.tracer_pid;
	if (denial.error)
		json["error"] = errno_name(denial.error);
	json["layer"] = record.layer;
	json["layers"] = denial.layers;
	json["older_layers_may_refuse_more"] = record.layer != 1;
	json["domain"] = {{"id", hex(denial.domain.id)}, {"known", denial.domain.is_known}};
	if (denial.domain.is_known)
		json["domain"]["creator"] = process_json(denial.domain.creator);
	json["nearest"] = {{"how", nearness_name(denial.nearest.how)}};
	if (denial.nearest.how > Nearness::unknown)
		json["nearest"]["rule"] = rule_json(denial.nearest.rule);
	json["suggestion"] = suggestion_json(s);
	json["left_out"] = apart;
	return json;
}

const char *weight_name(Weight weight) {
	switch (weight) {
	case Weight::last: return "last";
	case Weight::other: return "other";
	case Weight::habit: break;
	}
	return "habit";
}

ordered_json advice_json(const Advice &advice) {
	ordered_json json = {{"v", json_version},
			     {"type", "advice"},
			     {"weight", weight_name(advice.weight)},
			     {"count", advice.count},
			     {"stands_for", ordered_json::array()},
			     {"domain", hex(advice.denials.front()->domain.id)},
			     {"domains", ordered_json::array()},
			     {"suggestion", suggestion_json(advice.suggestion)}};

	for (const uint64_t id : domains_of(advice))
		json["domains"].push_back(hex(id));
	for (const Denial *denial : advice.denials)
		json["stands_for"].push_back(what(denial->first));
	if (advice.other_end)
		json["other_end"] = what(advice.other_end->first);
	json["notes"] = advice.notes;
	json["left_out"] = why_left_out(advice);
	return json;
}

} // namespace

void event_json(fmt::memory_buffer &out, const Record &record, const Process &process) {
	static const std::string head = fmt::format("{{\"v\":{},\"type\":\"event\",\"event\":\"", json_version);
	Line line(out);

	line.raw(head);
	line.raw(kind_name(record.kind));
	line.raw("\"");
	line.large("time_ns", record.time);
	line.number("pid", process.pid);
	line.number("tid", record.tid);
	line.text("comm", process.comm);
	line.text("exe", process.exe);
	switch (record.kind) {
	case Kind::create_ruleset:
		line.id("ruleset", record.ruleset);
		line.rights("handled_fs", Type::fs, record.handled_fs);
		line.rights("handled_net", Type::net, record.handled_net);
		line.rights("scoped", Type::scope, record.scoped);
		break;
	case Kind::free_ruleset: line.id("ruleset", record.ruleset); break;
	case Kind::add_rule_fs:
	case Kind::add_rule_net:
		line.id("ruleset", record.ruleset);
		line.number("ruleset_version", static_cast<int64_t>(record.version));
		line.rights("access_rights", type_of(record.kind), record.access);
		line.number("quiet", record.quiet);
		break;
	case Kind::restrict_self:
		line.id("domain", record.domain);
		line.id("parent", record.parent);
		line.id("ruleset", record.ruleset);
		line.number("ruleset_version", static_cast<int64_t>(record.version));
		line.number("threads", record.threads);
		break;
	case Kind::free_domain:
		line.id("domain", record.domain);
		line.number("denials", static_cast<int64_t>(record.denials));
		break;
	case Kind::check_fs:
	case Kind::check_net:
		line.id("domain", record.domain);
		line.rights("access_request", type_of(record.kind), record.access);
		break;
	default:
		if (is_denial(record.kind))
			add_denial(line, record, process);
		break;
	}
	add_object(line, record);
	if (is_check(record.kind)) {
		line.key("grants");
		line.raw("[");
		for (size_t i = 0; i < record.grants.size(); i++) {
			if (i)
				line.raw(",");
			line.list(type_of(record.kind), record.grants[i]);
		}
		line.raw("]");
	}
	line.raw("}\n");
}

std::string gap_json() {
	return ordered_json{{"v", json_version}, {"type", "gap"}}.dump() + "\n";
}

std::string lost_json(const Lost &lost) {
	return ordered_json{{"v", json_version}, {"type", "lost"}, {"events", lost.events}, {"at_least", lost.is_at_least}}
		       .dump() + "\n";
}

std::string calls_json(const Calls &calls) {
	std::string out;

	for (const Call &call : calls.failed()) {
		const ordered_json json = {{"v", json_version},
					   {"type", "call"},
					   {"call", call_name(call.first.number)},
					   {"count", call.count},
					   {"process", process_json(call.process)},
					   {"errno", errno_name(-call.first.result)},
					   {"why", call.why},
					   {"made_domain", !calls.is_without_domain(call)}};
		out += json.dump() + "\n";
	}
	return out;
}

std::string hints_json(const std::vector<std::string> &hints) {
	std::string out;

	for (const std::string &hint : hints)
		out += ordered_json{{"v", json_version}, {"type", "hint"}, {"text", hint}}.dump() + "\n";
	return out;
}

std::string open_json(const std::vector<DomainOpen> &list) {
	std::string out;

	for (const auto &[domain, open] : list) {
		ordered_json json = {{"v", json_version}, {"type", "open"}, {"domain", hex(domain.id)},
				     {"creator", process_json(domain.creator)}, {"known", open.has_value()}};
		if (open) {
			json["fs"] = name_list(Type::fs, open->fs);
			json["net"] = name_list(Type::net, open->net);
			json["scopes"] = name_list(Type::scope, open->scopes);
		}
		out += json.dump() + "\n";
	}
	return out;
}

std::string explanation_json(const Explanation &explanation, const Circumstances &run, const Lost &lost) {
	std::string out;

	const std::vector<Advice> all = advise(explanation, run);
	std::unordered_map<const Denial *, const Advice *> advice_of;

	for (const Advice &advice : all) {
		for (const Denial *denial : advice.denials)
			advice_of[denial] = &advice;
		advice_of[advice.other_end] = &advice;
	}
	for (const Denial &denial : explanation.denials()) {
		const auto own = advice_of.find(&denial);
		// Of moves that are alike, only the first keeps its other end.
		const Advice &advice = own == advice_of.end() ? *advice_of.at(&explanation.denials()[*denial.first_end]) : *own->second;
		const bool is_other_end = own == advice_of.end() || &denial == advice.other_end;
		out += denial_json(denial, is_other_end ? advice.other : advice.suggestion, why_left_out(advice)).dump() + "\n";
	}
	for (const Advice &advice : all)
		out += advice_json(advice).dump() + "\n";
	const ordered_json whole = {{"v", json_version},
				    {"type", "summary"},
				    {"distinct", explanation.distinct()},
				    {"denials", explanation.total()},
				    {"not_kept", explanation.not_kept()},
				    {"lost_events", lost.events},
				    {"lost_at_least", lost.is_at_least}};
	return out + whole.dump() + "\n";
}

} // namespace landlock
