// SPDX-License-Identifier: GPL-2.0-only
#include "watch.h"

#include "error.h"
#include "escape.h"
#include "explain.h"

#include <fmt/format.h>

#include <charconv>

namespace landlock {
namespace {

bool is_inside(uint64_t id, uint64_t outer, const State &state) {
	// As deep as domains can be.
	for (int i = 0; id && i < 64; i++) {
		if (id == outer)
			return true;
		const Domain *domain = state.domain(id);
		id = domain ? domain->parent : 0;
	}
	return false;
}

} // namespace

bool is_watched(const Options &options, uint64_t domain, const Record &record, const Process &process,
		const State &state) {
	if (is_task(record.kind))
		return false;
	if (!is_denial(record.kind) && options.verbose < (is_check(record.kind) ? 2 : 1))
		return false;
	if (!options.comm.empty() && subject_comm(record, process) != options.comm)
		return false;
	if (domain && !is_inside(record.domain, domain, state) && !is_inside(subject(record), domain, state))
		return false;
	return true;
}

uint64_t parse_domain(const std::string &text) {
	const size_t skip = text.starts_with("0x") ? 2 : 0;
	uint64_t id = 0;
	const char *end = text.data() + text.size();
	const auto result = std::from_chars(text.data() + skip, end, id, 16);

	if (result.ec != std::errc() || result.ptr != end || !id)
		throw Error(fmt::format("'{}' is no domain ID", escape(text)),
			    "Give it as the events print it: hexadecimal digits, as 1404dcae6.");
	return id;
}

} // namespace landlock
