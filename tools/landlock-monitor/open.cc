// SPDX-License-Identifier: GPL-2.0-only
#include "open.h"

#include "access.h"
#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace landlock {
namespace {

void add(std::string &text, Type type, const char *name, uint32_t open) {
	if (!open)
		return;
	text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", name,
			    open == all_rights(type) ? "all" : names(type, open, ", "));
}

} // namespace

std::optional<Open> open_rights(const State &state, uint64_t domain) {
	const unsigned layers = state.layers(domain);
	uint32_t fs = 0, net = 0, scopes = 0;

	if (!layers)
		return {};
	for (unsigned layer = 1; layer <= layers; layer++) {
		const Ruleset &set = state.layer_of(domain, layer)->ruleset;
		// The kernel makes none that handles nothing.
		if (!(set.handled_fs | set.handled_net | set.scoped))
			return {};
		fs |= set.handled_fs;
		net |= set.handled_net;
		scopes |= set.scoped;
	}
	// Who handles files forbids moves between directories, asked to or not.
	if (fs)
		fs |= fs_refer;
	return Open{all_rights(Type::fs) & ~fs, all_rights(Type::net) & ~net, all_rights(Type::scope) & ~scopes};
}

std::string open_text(const std::optional<Open> &open) {
	std::string text;

	if (!open)
		return "not known: its layers were made before the watch began, or records of them are lost";
	add(text, Type::fs, "files", open->fs);
	add(text, Type::net, "network", open->net);
	add(text, Type::scope, "scopes", open->scopes);
	return text.empty() ? "nothing that Landlock has a right for" : text;
}

std::vector<DomainOpen> open_of(const State &state, const std::set<uint64_t> &ids) {
	std::vector<DomainOpen> list;

	for (const Domain *domain : state.domains()) {
		if (ids.empty() ? domain->is_known : ids.contains(domain->id))
			list.push_back({*domain, open_rights(state, domain->id)});
	}
	return list;
}

std::vector<std::string> open_lines(const std::vector<DomainOpen> &list) {
	std::vector<std::pair<std::string, std::vector<std::string>>> groups; // and their domains
	std::vector<std::string> lines;

	for (const auto &[domain, open] : list) {
		const std::string text = fmt::format("made by {}: not restricted: {}", program(domain.creator), open_text(open));
		const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto &group) { return group.first == text; });
		auto &ids = same == groups.end() ? groups.emplace_back(text, std::vector<std::string>()).second : same->second;
		ids.push_back(fmt::format("{:x}", domain.id));
	}
	for (const auto &[text, ids] : groups)
		lines.push_back(fmt::format("domain{} {}, {}", ids.size() == 1 ? "" : "s", fmt::join(ids, ", "), text));
	if (lines.empty())
		lines.push_back("no domain was made: Landlock restricts nothing");
	return lines;
}

} // namespace landlock
