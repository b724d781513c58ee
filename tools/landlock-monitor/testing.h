// SPDX-License-Identifier: GPL-2.0-only
//
// For tests: formats of a kernel, and raw records in them.
#pragma once

#include "decode.h"

#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace landlock {

using Value = std::variant<uint64_t, std::string, std::vector<uint32_t>>;
using Values = std::map<std::string, Value>;

// The formats in files of testdata/, each event's "format" file after the other.
class Formats {
public:
	explicit Formats(const std::vector<std::string> &files) : tep_(tep_alloc()) {
		tep_set_loglevel(TEP_LOG_NONE);
		tep_set_long_size(tep_, 8);
		for (const std::string &file : files)
			load(std::string(TESTDATA) + "/" + file);
	}
	~Formats() { tep_free(tep_); }
	Formats(const Formats &) = delete;
	Formats &operator=(const Formats &) = delete;

	tep_handle *tep() const { return tep_; }

	// One record as the kernel writes it; fields that are not given are 0.
	std::vector<char> encode(const char *name, int tid, const Values &values) const {
		tep_event *event = tep_find_event_by_name(tep_, nullptr, name);
		if (!event)
			throw std::runtime_error(std::string("no event ") + name);
		std::vector<char> data(fixed_size(event));
		put(data, tep_find_common_field(event, "common_type"), static_cast<uint64_t>(event->id));
		put(data, tep_find_common_field(event, "common_pid"), static_cast<uint64_t>(tid));
		for (const auto &[field_name, value] : values) {
			const tep_format_field *field = tep_find_field(event, field_name.c_str());
			if (!field)
				throw std::runtime_error("no field " + field_name);
			set(data, field, value);
		}
		return data;
	}

private:
	void load(const std::string &file) {
		std::ifstream in(file);
		std::string block, line;

		if (!in)
			throw std::runtime_error("no file " + file);
		while (std::getline(in, line)) {
			if (line.starts_with("name: ") && !block.empty())
				parse(std::exchange(block, ""));
			block += line + "\n";
		}
		parse(block);
	}
	void parse(const std::string &block) {
		const std::string name = block.substr(6);
		const char *system = name.starts_with("landlock") ? "landlock"
				     : name.starts_with("task")     ? "task"
				     : name.starts_with("sys_")     ? "raw_syscalls"
								    : "sched";
		if (tep_parse_event(tep_, block.c_str(), block.size(), system) != TEP_ERRNO__SUCCESS)
			throw std::runtime_error("cannot parse: " + block);
	}
	static size_t fixed_size(const tep_event *event) {
		size_t size = 8;
		for (const tep_format_field *field = event->format.fields; field; field = field->next)
			size = std::max(size, static_cast<size_t>(field->offset + field->size));
		return size;
	}
	static void put(std::vector<char> &data, const tep_format_field *field, uint64_t value) {
		std::memcpy(data.data() + field->offset, &value, static_cast<size_t>(field->size));
	}
	static void set(std::vector<char> &data, const tep_format_field *field, const Value &value) {
		if (const auto *number = std::get_if<uint64_t>(&value))
			return put(data, field, *number);
		std::string bytes;
		if (const auto *text = std::get_if<std::string>(&value)) {
			bytes = *text;
		} else {
			const auto &list = std::get<std::vector<uint32_t>>(value);
			bytes.assign(reinterpret_cast<const char *>(list.data()), list.size() * 4);
		}
		if (!(field->flags & TEP_FIELD_IS_DYNAMIC)) {
			bytes.resize(static_cast<size_t>(field->size));
			std::memcpy(data.data() + field->offset, bytes.data(), bytes.size());
			return;
		}
		if (std::holds_alternative<std::string>(value))
			bytes += '\0';
		size_t offset = data.size();
		if (field->flags & TEP_FIELD_IS_RELATIVE)
			offset -= static_cast<size_t>(field->offset + field->size);
		put(data, field, offset | bytes.size() << 16);
		data.insert(data.end(), bytes.begin(), bytes.end());
	}

	tep_handle *tep_;
};

// Shorthands for records of tests.
inline Record make_ruleset(uint64_t id, uint32_t fs, uint32_t net) {
	Record r;
	r.kind = Kind::create_ruleset;
	r.ruleset = id;
	r.handled_fs = fs;
	r.handled_net = net;
	return r;
}

inline Record make_fs_rule(uint64_t ruleset, const std::string &path, uint32_t access, uint64_t ino = 0) {
	Record r;
	r.kind = Kind::add_rule_fs;
	r.ruleset = ruleset;
	r.text = path;
	r.access = access;
	r.ino = ino;
	return r;
}

inline Record make_net_rule(uint64_t ruleset, int64_t port, uint32_t access) {
	Record r;
	r.kind = Kind::add_rule_net;
	r.ruleset = ruleset;
	r.port = port;
	r.access = access;
	return r;
}

inline Record make_domain(uint64_t id, uint64_t parent, uint64_t ruleset) {
	Record r;
	r.kind = Kind::restrict_self;
	r.domain = id;
	r.parent = parent;
	r.ruleset = ruleset;
	return r;
}

// What all denials have; of the oldest layer.
inline Record make_denial(Kind kind, uint64_t domain, const std::string &text) {
	Record r;
	r.kind = kind;
	r.domain = r.subject_domain = domain;
	r.text = text;
	r.layer = 1;
	r.tid = 7;
	return r;
}

inline Record make_fs_denial(uint64_t domain, const std::string &path, uint32_t blockers, uint32_t layer = 1) {
	Record r = make_denial(Kind::deny_fs, domain, path);
	r.blockers = r.access = blockers;
	r.layer = layer;
	return r;
}

inline Record make_net_denial(uint64_t domain, int64_t port, uint32_t blockers) {
	Record r = make_denial(Kind::deny_net, domain, "127.0.0.1");
	r.port = port;
	r.blockers = r.access = blockers;
	return r;
}

// Its task is the sender.
inline Record make_sigio_denial(uint64_t domain) {
	Record r = make_denial(Kind::deny_signal, domain, "owner");
	r.signal = 29; // SIGIO
	r.other_pid = 9;
	return r;
}

// By PTRACE_TRACEME, if @tracee is the task.
inline Record make_ptrace_denial(uint64_t domain, int tracee) {
	Record r = make_denial(Kind::deny_ptrace, domain, "child");
	r.other_pid = tracee;
	return r;
}

inline Record make_end(uint64_t domain, uint64_t denials) {
	Record r;
	r.kind = Kind::free_domain;
	r.domain = domain;
	r.denials = denials;
	return r;
}

} // namespace landlock
