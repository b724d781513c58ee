// SPDX-License-Identifier: GPL-2.0-only
//
// The one place that knows what kernels call events and fields.
#pragma once

#include "record.h"

#include <span>
#include <string_view>

namespace landlock {

enum class Field : uint8_t {
	domain,
	parent,
	subject_domain,
	other_domain,
	ruleset,
	version,
	access,
	blockers,
	handled_fs,
	handled_net,
	scoped,
	quiet,
	flags,
	threads,
	complete,
	process_wide,
	no_new_privs,
	layer,
	dev,
	ino,
	port,
	other_pid,
	tracer_pid,
	old_pid,
	signal,
	denials,
	same_exec,
	logged,
	number,
	result,
	args,
	text,
	grants,
};

inline uint64_t bit(Field field) {
	return uint64_t{1} << static_cast<unsigned>(field);
}

struct EventName {
	std::string_view system;
	std::string_view name;
	Kind kind;
	// Comes from another task than the subject, so that no filter for
	// processes selects it.
	bool is_foreign = false;
};

struct FieldName {
	std::string_view name;
	Field field;
};

// All names of all events; several may stand for one kind.
std::span<const EventName> event_names();

// All names of all fields; an event has at most one for each field.
std::span<const FieldName> field_names();

} // namespace landlock
