// SPDX-License-Identifier: GPL-2.0-only
#include "move.h"

#include "access.h"
#include "escape.h"
#include "path.h"
#include "table.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace landlock {
namespace {

constexpr uint32_t removes = fs_remove_dir | fs_remove_file;

// What the rules of @layer grant on @path, as far as paths tell.
uint32_t granted(const Domain &layer, const std::string &path) {
	uint32_t rights = 0;

	for (const Rule &rule : *layer.ruleset.rules) {
		if (!rule.is_net && is_beneath(path, rule.path))
			rights |= rule.access;
	}
	return rights;
}

// What something gets by the move from @from to @to: a file, unless that is nothing.
uint32_t for_a_file(uint32_t gained) {
	return gained & fs_file_rights ? gained & fs_file_rights : gained;
}

struct Gain {
	unsigned layer = 0; // 0 if unknown
	uint32_t rights = 0;
};

// What the move from @from to @to would gain, and in which layer.
Gain gain_of(const Record &from, const Record *to, const State &state) {
	if (!to)
		return {from.layer, for_a_file(from.blockers)};
	// The destination has all in the layer of the first, which is above its own.
	if (to->layer && from.layer > to->layer)
		return {from.layer, for_a_file(from.blockers)};
	// Both ends in one layer: what only the first lacks.
	if (from.layer == to->layer && (from.blockers & ~to->blockers))
		return {from.layer, for_a_file(from.blockers & ~to->blockers)};
	// An older layer, which the kernel does not report.
	for (unsigned i = state.layers(subject(from)); i > 0; i--) {
		const Domain *layer = state.layer_of(subject(from), i);
		const uint32_t rights = granted(*layer, to->text) & ~granted(*layer, from.text) & layer->ruleset.handled_fs;
		if (rights)
			return {i, for_a_file(rights)};
	}
	return {};
}

// What a source that lacks @missing has to grant.
std::string removing(uint32_t missing) {
	if (!(missing & fs_remove_dir))
		return "remove_file (of a file)";
	return missing & fs_remove_file ? "remove_file (of a directory, remove_dir)" : "remove_dir (of a directory)";
}

// Which of the ends lack refer; with their layers, if these are not the same.
std::string lacking_refer(const Record &from, const Record *to) {
	const bool is_one_layer = !to || from.domain == to->domain;
	std::vector<std::string> ends;

	for (const Record *end : {&from, to}) {
		if (end && (end->blockers & fs_refer))
			ends.push_back(escape(end->text) + (is_one_layer ? "" : fmt::format(" in layer {}", layer_number(*end))));
	}
	return is_one_layer && ends.size() == 2 ? "both" : fmt::format("{}", fmt::join(ends, " and "));
}

// Whether a rule for the source is what helps, and @layer could have it: the source has
// none, or a launcher writes the rules of both.
bool needs_rule(const Record &from, const Domain *layer) {
	return layer && layer->is_known && !layer->creator.has_root && from.text.starts_with('/') &&
	       (((from.blockers & fs_refer) && from.blockers == layer->ruleset.handled_fs) ||
		&launcher_of(*layer) != &c_code());
}

void suggest_gain(const Record &from, const Record *to, const State &state, Suggestion &s) {
	const Gain gain = gain_of(from, to, state);

	// What is exchanged goes the other way, too.
	if (!gain.rights && to && gain_of(*to, &from, state).rights)
		return suggest_gain(*to, &from, state, s);
	if (gain.rights && gain.layer == from.layer && needs_rule(from, state.domain(from.domain))) {
		s.impossible = s.remedy = "";
		s = with_rule(s, {Type::fs, gain.rights | (from.blockers & (fs_refer | fs_remove_file)), from.text, true, 0});
		return;
	}
	const std::string rights = gain.rights ? names(Type::fs, gain.rights, ", ") : "rights";
	const std::string there = to ? escape(to->text) : "the destination";

	s.impossible = fmt::format("what is moved or linked from {} would gain {}: {} grants that{}, {} does not",
				   escape(from.text), rights, there,
				   gain.layer && gain.layer != from.layer ? fmt::format(" in layer {}", gain.layer) : "",
				   escape(from.text));
	s.remedy = fmt::format("grant {0} on {1} too, or no longer on {2}", rights, escape(from.text), there);
	if (const std::string where = lacking_refer(from, to); !where.empty())
		s.remedy += "; refer is missing too, on " + where;
	// The kernel does not get to what else the request needs.
	if (from.blockers & removes)
		s.remedy += fmt::format("; a move, not a link, also needs {} on {}", removing(from.blockers), escape(from.text));
	s.remedy += "; or copy it";
}

void suggest_unhandled(const Record &move, Suggestion &s) {
	s.impossible = fmt::format("layer {} does not handle refer, so it denies every move and link between directories: "
				   "no rule of it can grant that", move.layer);
	s.remedy = "let its ruleset handle refer and allow it in a rule, put its rules into the ruleset of another layer "
		   "that does, or do without this layer";
}

} // namespace

std::string layer_number(const Record &record) {
	return record.layer ? std::to_string(record.layer) : "?";
}

bool is_move(const Record &record) {
	const uint32_t rights = record.access | record.blockers;

	if (record.kind != Kind::deny_fs)
		return false;
	// No other request asks to make or remove something and for more.
	return (rights & fs_refer) || ((rights & (removes | makes)) && (rights & ~(removes | makes)));
}

bool is_comparison(const Record &move) {
	return is_move(move) && (move.access & ~(removes | makes | fs_refer));
}

bool is_ordered(const Record &move) {
	return move.fields & bit(Field::access);
}

bool is_other_end(const Record &first, const Record &second, bool is_one_call) {
	// The end that grants more may lack nothing that only moves need.
	if (is_one_call && !is_ordered(first) && first.kind == second.kind && subject(first) == subject(second) &&
	    first.text != second.text && (is_comparison(first) || is_comparison(second)))
		return true;
	if (!is_move(first) || !is_move(second) || subject(first) != subject(second) || first.text == second.text)
		return false;
	if (!is_ordered(first))
		return true;
	if (is_comparison(first) || is_comparison(second))
		return first.access == second.access;
	// The destination comes last: something is made there.
	return (second.access & makes) && (!(first.access & makes) || (first.access & removes));
}

void suggest_move(const Record &first, const Record *second, const State &state, Suggestion &s) {
	const Domain *layer = state.domain(first.domain);

	if ((first.blockers & fs_refer) && layer && layer->is_known && layer->ruleset.id &&
	    !(layer->ruleset.handled_fs & fs_refer))
		suggest_unhandled(first, s);
	else if (!is_comparison(first) && !(second && is_comparison(*second)))
		return;
	// What lacks more is where it comes from.
	else if (second && !is_ordered(first) && !(first.blockers & ~second->blockers))
		suggest_gain(*second, &first, state, s);
	else
		suggest_gain(first, second, state, s);
}

Suggestion suggest_same(const Suggestion &s, const Record &to) {
	Wanted wanted = s.wanted;

	wanted.rights |= to.blockers & fs_make_dir;
	return s.impossible.empty() ? with_rule(s, wanted) : s;
}

Suggestion suggest_other_end(const Record &first, const Record &second, const Suggestion &s) {
	const Record &to = s.wanted.path == second.text ? first : second;
	const uint32_t rights = to.blockers & (fs_refer | fs_make_reg);

	if (!s.impossible.empty() || !rights || first.domain != second.domain)
		return s;
	return with_rule(s, {Type::fs, rights, to.text, true, 0});
}

} // namespace landlock
