// SPDX-License-Identifier: GPL-2.0-only
#include "tree.h"

#include "escape.h"
#include "open.h"
#include "text.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace landlock {
namespace {

std::string label(const State &state, const Domain &domain) {
	if (!domain.is_known)
		return fmt::format("domain {:x}: made before the watch began, {} denials seen{}", domain.id, domain.denials,
				   domain.is_alive ? "" : ", gone");
	const unsigned layer = state.layers(domain.id);
	const size_t rules = domain.ruleset.rules->size();

	return fmt::format("domain {:x}: {}{}, layer {}, {} rule{}{}, {} denial{}{}", domain.id, program(domain.creator),
			   domain.creator.exe.empty() ? "" : " (" + escape(domain.creator.exe) + ")",
			   layer ? std::to_string(layer) : "?", rules, rules == 1 ? "" : "s",
			   domain.ruleset.is_whole ? "" : " at least", domain.denials, domain.denials == 1 ? "" : "s",
			   domain.is_alive ? "" : ", gone");
}

} // namespace

std::string tree_text(const State &state, bool is_verbose) {
	const auto all = state.domains();
	std::multimap<uint64_t, const Domain *> inside;
	std::string out;

	if (all.empty())
		return "no domain was seen\n";
	for (const Domain *domain : all)
		inside.emplace(state.domain(domain->parent) ? domain->parent : 0, domain);

	// Not by calls: the depth is up to the records.
	std::vector<std::pair<const Domain *, size_t>> todo;
	std::set<uint64_t> done;
	const auto push = [&](uint64_t parent, size_t depth) {
		const auto [begin, end] = inside.equal_range(parent);
		for (auto it = end; it != begin;)
			todo.emplace_back((--it)->second, depth);
	};
	push(0, 0);
	while (!todo.empty()) {
		const auto [domain, depth] = todo.back();
		todo.pop_back();
		if (!done.insert(domain->id).second)
			continue;
		out += std::string(2 * depth, ' ') + label(state, *domain) + "\n";
		if (is_verbose)
			out += fmt::format("{:{}}not restricted: {}\n", "", 2 * depth + 4, open_text(open_rights(state, domain->id)));
		push(domain->id, depth + 1);
	}
	return out;
}

std::string tree_dot(const State &state) {
	std::string out = "digraph landlock {\n\trankdir=LR;\n\tnode [shape=box];\n";

	for (const Domain *domain : state.domains()) {
		std::string text;
		// In a string of Graphviz, a backslash starts an escape.
		for (const char c : label(state, *domain))
			text += c == '\\' ? std::string("\\\\") : std::string(1, c);
		out += fmt::format("\t\"{:x}\" [label=\"{}\"{}];\n", domain->id, text,
				   domain->is_alive ? "" : ", style=dashed");
		if (domain->parent)
			out += fmt::format("\t\"{:x}\" -> \"{:x}\";\n", domain->parent, domain->id);
	}
	return out + "}\n";
}

} // namespace landlock
