// SPDX-License-Identifier: GPL-2.0-only
//
// Raw records to ours, with the formats that libtraceevent has read: where a
// field is, how large, and whether it is there, is known at run time only.
#pragma once

#include "record.h"
#include "table.h"

#include <event-parse.h>

#include <span>
#include <unordered_map>
#include <vector>

namespace landlock {

class Decoder {
public:
	// Takes the formats that @tep knows now; @tep has to outlive this.
	explicit Decoder(tep_handle *tep);

	// The names, as "system/event", that @tep has and the table knows.
	const std::vector<const EventName *> &events() const { return known_; }

	// Fills @record, but its time and CPU, from the @data of one event.
	// Returns false if that is none of ours or does not fit its format.
	bool decode(std::span<const char> data, Record &record) const;

private:
	struct Slot {
		Field field;
		const tep_format_field *format;
	};
	struct Binding {
		Kind kind;
		std::vector<Slot> slots;
	};

	void bind(const tep_event *event, Kind kind);
	uint64_t read(const char *data, size_t size) const;
	bool number(const tep_format_field *format, std::span<const char> data, uint64_t &value) const;
	bool text(const tep_format_field *format, std::span<const char> data, std::span<const char> &value) const;
	bool set(const Slot &slot, std::span<const char> data, Record &record) const;

	tep_handle *tep_;
	bool is_native_; // no byte has to be swapped
	const tep_format_field *type_ = nullptr;
	const tep_format_field *pid_ = nullptr;
	std::unordered_map<int, Binding> bindings_;
	std::vector<const EventName *> known_;
};

} // namespace landlock
