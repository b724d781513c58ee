// SPDX-License-Identifier: GPL-2.0-only
#include "decode.h"

#include <cstring>
#include <string>

namespace landlock {
namespace {

template <class Number> uint64_t read_as(const char *data) {
	Number number;

	std::memcpy(&number, data, sizeof(number));
	return number;
}

uint64_t sign_extend(uint64_t value, int size) {
	const int shift = 64 - 8 * size;

	return static_cast<uint64_t>(static_cast<int64_t>(value << shift) >> shift);
}

} // namespace

Decoder::Decoder(tep_handle *tep) : tep_(tep), is_native_(tep_is_file_bigendian(tep) == tep_is_local_bigendian(tep)) {
	for (const EventName &name : event_names()) {
		tep_event *event = tep_find_event_by_name(tep, std::string(name.system).c_str(),
							  std::string(name.name).c_str());
		if (!event)
			continue;
		known_.push_back(&name);
		bind(event, name.kind);
	}
}

void Decoder::bind(const tep_event *event, Kind kind) {
	auto *changeable = const_cast<tep_event *>(event);
	Binding binding{kind, {}};

	// The same for all events.
	type_ = tep_find_common_field(changeable, "common_type");
	pid_ = tep_find_common_field(changeable, "common_pid");
	for (const FieldName &name : field_names()) {
		const tep_format_field *format = tep_find_field(changeable, std::string(name.name).c_str());
		if (!format)
			continue;
		binding.slots.push_back({name.field, format});
	}
	bindings_.emplace(event->id, std::move(binding));
}

// A number of 1, 2, 4 or 8 bytes.
uint64_t Decoder::read(const char *data, size_t size) const {
	if (!is_native_)
		return tep_read_number(tep_, data, static_cast<int>(size));
	switch (size) {
	case 1: return static_cast<unsigned char>(*data);
	case 2: return read_as<uint16_t>(data);
	case 4: return read_as<uint32_t>(data);
	default: return read_as<uint64_t>(data);
	}
}

bool Decoder::number(const tep_format_field *format, std::span<const char> data, uint64_t &value) const {
	const auto offset = static_cast<size_t>(format->offset);
	const auto size = static_cast<size_t>(format->size);

	if (format->offset < 0 || (size != 1 && size != 2 && size != 4 && size != 8) || offset > data.size() ||
	    data.size() - offset < size)
		return false;
	value = read(data.data() + offset, size);
	if ((format->flags & TEP_FIELD_IS_SIGNED) && size < 8)
		value = sign_extend(value, format->size);
	return true;
}

bool Decoder::text(const tep_format_field *format, std::span<const char> data, std::span<const char> &value) const {
	size_t offset = static_cast<size_t>(format->offset);
	size_t size = static_cast<size_t>(format->size);

	if (format->flags & TEP_FIELD_IS_DYNAMIC) {
		if (format->offset < 0 || data.size() < 4 || offset > data.size() - 4)
			return false;
		const uint64_t where = read(data.data() + offset, 4);
		size_t base = 0;
		if (format->flags & TEP_FIELD_IS_RELATIVE)
			base = offset + size;
		offset = base + (where & 0xffff);
		size = where >> 16;
	}
	if (offset > data.size() || data.size() - offset < size)
		return false;
	value = data.subspan(offset, size);
	return true;
}

bool Decoder::set(const Slot &slot, std::span<const char> data, Record &record) const {
	uint64_t value = 0;
	std::span<const char> bytes;

	if (slot.field == Field::text) {
		if (!text(slot.format, data, bytes))
			return false;
		// What is behind the end: of a string with a length, one NUL; of
		// an array, all after the first.
		size_t length = bytes.size();
		if (slot.format->flags & TEP_FIELD_IS_DYNAMIC)
			length = length && !bytes[length - 1] ? length - 1 : length;
		else
			length = strnlen(bytes.data(), bytes.size());
		record.text.assign(bytes.data(), length);
		return true;
	}
	if (slot.field == Field::grants) {
		if (!text(slot.format, data, bytes))
			return false;
		for (size_t i = 0; i + 4 <= bytes.size(); i += 4)
			record.grants.push_back(static_cast<uint32_t>(read(bytes.data() + i, 4)));
		return true;
	}
	if (slot.field == Field::args) {
		const auto size = static_cast<size_t>(slot.format->elementsize);
		if ((size != 4 && size != 8) || !text(slot.format, data, bytes))
			return false;
		for (size_t i = 0; i < record.args.size() && (i + 1) * size <= bytes.size(); i++)
			record.args[i] = read(bytes.data() + i * size, size);
		return true;
	}
	if (!number(slot.format, data, value))
		return false;
	const auto small = static_cast<uint32_t>(value);
	switch (slot.field) {
	case Field::domain: record.domain = value; break;
	case Field::parent: record.parent = value; break;
	case Field::subject_domain: record.subject_domain = value; break;
	case Field::other_domain: record.other_domain = value; break;
	case Field::ruleset: record.ruleset = value; break;
	case Field::version: record.version = value; break;
	case Field::access: record.access = small; break;
	case Field::blockers: record.blockers = small; break;
	case Field::handled_fs: record.handled_fs = small; break;
	case Field::handled_net: record.handled_net = small; break;
	case Field::scoped: record.scoped = small; break;
	case Field::quiet: record.quiet = small; break;
	case Field::flags: record.flags = small; break;
	case Field::threads: record.threads = small; break;
	case Field::complete: record.complete = value; break;
	case Field::process_wide: record.process_wide = value; break;
	case Field::no_new_privs: record.no_new_privs = value; break;
	case Field::layer: record.layer = small; break;
	case Field::dev: record.dev = value; break;
	case Field::ino: record.ino = value; break;
	case Field::port: record.port = static_cast<int64_t>(value); break;
	case Field::other_pid: record.other_pid = static_cast<int32_t>(small); break;
	case Field::tracer_pid: record.tracer_pid = static_cast<int32_t>(small); break;
	case Field::old_pid: record.old_pid = static_cast<int32_t>(small); break;
	case Field::signal: record.signal = static_cast<int32_t>(small); break;
	case Field::denials: record.denials = value; break;
	case Field::same_exec: record.same_exec = value; break;
	case Field::logged: record.logged = value; break;
	case Field::number: record.number = static_cast<int64_t>(value); break;
	case Field::result: record.result = static_cast<int64_t>(value); break;
	case Field::text:
	case Field::args:
	case Field::grants: break;
	}
	return true;
}

bool Decoder::decode(std::span<const char> data, Record &record) const {
	uint64_t type = 0, tid = 0;

	if (!type_ || !number(type_, data, type) || (pid_ && !number(pid_, data, tid)))
		return false;
	const auto found = bindings_.find(static_cast<int>(type));
	if (found == bindings_.end())
		return false;

	record.clear();
	record.kind = found->second.kind;
	record.tid = static_cast<int>(tid);
	for (const Slot &slot : found->second.slots) {
		if (!set(slot, data, record))
			return false;
		record.fields |= bit(slot.field);
	}
	// Only what no right allows is denied without a right that is missing.
	record.topology = record.kind == Kind::deny_fs && !record.blockers;
	// A kernel that does not tell the whole request tells what was missing.
	if (is_denial(record.kind) && !(record.fields & bit(Field::access)))
		record.access = record.blockers;
	if (record.kind == Kind::deny_signal && !(record.fields & bit(Field::signal)))
		record.signal = -1;
	return true;
}

} // namespace landlock
