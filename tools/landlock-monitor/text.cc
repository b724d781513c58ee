// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include "access.h"
#include "escape.h"
#include "table.h"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <unordered_map>
#include <utility>

namespace landlock {
namespace {

constexpr unsigned label_width = 13;

std::string paint(const char *code, const std::string &text, const Style &style) {
	return style.colour ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
}

// "   label    text", text wrapped.
std::string line(const char *label, const std::string &text, const Style &style) {
	return fmt::format("   {:<{}}{}\n", label, label_width, wrap(text, label_width + 3, label_width + 3, style));
}

// The same for what is to be copied: never broken.
std::string copied(const char *label, const std::string &text, const Style &style) {
	return fmt::format("   {:<{}}{}\n", label, label_width, paint("32", text, style));
}

std::string layer_text(const Denial &denial) {
	std::string text = fmt::format("layer {}", denial.first.layer ? std::to_string(denial.first.layer) : "?");

	if (denial.layers)
		text += fmt::format(" of {}", denial.layers);
	text += fmt::format(": domain {:x}", denial.domain.id);
	if (!denial.domain.is_known)
		return text + ", which is not known: it was made before the watch began, or records are lost";
	text += fmt::format(", made by {}", program(denial.domain.creator));
	if (!denial.domain.creator.exe.empty())
		text += fmt::format(" ({})", escape(denial.domain.creator.exe));
	return text;
}

std::string rule_lines(const Suggestion &s, const Style &style) {
	const bool is_c = s.launcher == &c_code();

	if (!s.impossible.empty())
		return line("rule", s.impossible, style) + (s.remedy.empty() ? "" : line("instead", s.remedy, style));
	if (s.form.text.empty())
		return line("rule", fmt::format("({})", s.form.why), style);
	return copied(is_c ? "rule in C" : "rule", s.form.text, style) + line("", "opens beyond this: " + s.form.opens, style);
}

std::string older_layers(const Denial &denial) {
	if (denial.first.layer > 1)
		return "; older layers may refuse more, which one denial does not tell";
	if (!denial.first.layer && denial.layers != 1)
		return "; other layers may refuse more, which one denial does not tell";
	return "";
}

// What only differs in the program, and is one thing to mend.
struct Group {
	const Denial *denial;
	uint64_t count = 0;
	std::vector<std::string> programs;
};

std::vector<Group> group(const std::vector<Denial> &denials) {
	std::vector<Group> groups;
	std::map<std::pair<std::string, std::string>, size_t> index;

	for (const Denial &denial : denials) {
		const auto [place, is_new] = index.try_emplace({layer_text(denial), what(denial.first)}, groups.size());
		if (is_new)
			groups.push_back({&denial, 0, {}});
		Group &group = groups[place->second];
		group.count += denial.count;
		group.programs.push_back(subject_text(denial.first, denial.process));
	}
	return groups;
}

std::string programs_text(const std::vector<std::string> &programs) {
	constexpr size_t most = 6;
	std::string text = fmt::format("{}", fmt::join(programs.begin(),
						       programs.begin() + static_cast<ptrdiff_t>(std::min(programs.size(), most)), ", "));

	if (programs.size() > most)
		text += fmt::format(" and {} more", programs.size() - most);
	return text;
}

std::string group_text(size_t number, const Group &group, const Style &style) {
	const Denial &denial = *group.denial;
	const Record &record = denial.first;
	const Type type = record.kind == Kind::deny_fs ? Type::fs : Type::net;
	const bool has_rights = (record.kind == Kind::deny_fs || record.kind == Kind::deny_net) && !record.topology;
	std::string head = fmt::format("{}: denied {}", programs_text(group.programs), what(record));

	if (group.count > 1)
		head += fmt::format(" ({} times)", group.count);
	std::string out = fmt::format("{:>2} {}\n", number, paint("1", wrap(head, 3, 3, style), style));
	if (has_rights && (record.access & ~record.blockers))
		out += line("asked for", names(type, record.access, ", "), style);
	if (has_rights)
		out += line("nearest", nearest_text(denial), style);
	return out + rule_lines(denial.suggestion, style);
}

// What allows all of it at once, for each launcher.
std::string together(const Explanation &explanation, const Context &context, const Style &style) {
	std::vector<std::pair<const Domain *, std::vector<Form>>> starts;
	std::string out;

	for (const Denial &denial : explanation.denials()) {
		const auto same = [&](const auto &start) { return start.first->creator == denial.domain.creator; };
		if (!denial.suggestion.impossible.empty())
			continue;
		if (std::none_of(starts.begin(), starts.end(), same))
			starts.push_back({&denial.domain, {}});
		std::find_if(starts.begin(), starts.end(), same)->second.push_back(denial.suggestion.form);
	}
	for (const auto &[domain, forms] : starts) {
		const Launcher &launcher = launcher_of(domain->creator.exe);
		const bool is_own = context.own_domains.contains(domain->id);
		const std::string all = launcher.line(forms, is_own ? &context.environment : nullptr);
		if (!all.empty())
			out += fmt::format("To allow all that a rule can allow, {}:\n", launcher.how()) +
			       copied(std::string(launcher.name()).c_str(), all, style);
	}
	return out;
}

} // namespace

Style style_of(FILE *out) {
	Style style;
	winsize size{};
	const int fd = fileno(out);

	// What a person set it to, also for a file.
	if (const char *columns = std::getenv("COLUMNS"))
		style.width = std::max(40u, static_cast<unsigned>(std::strtoul(columns, nullptr, 10)));
	if (!isatty(fd))
		return style;
	const char *no_colour = std::getenv("NO_COLOR");
	const char *term = std::getenv("TERM");
	style.colour = !(no_colour && *no_colour) && term && std::string_view(term) != "dumb";
	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col >= 40)
		style.width = size.ws_col;
	return style;
}

std::string wrap(const std::string &text, unsigned first, unsigned indent, const Style &style) {
	std::string out;
	size_t column = first;

	for (size_t begin = 0; begin < text.size();) {
		size_t end = text.find(' ', begin);
		if (end == std::string::npos)
			end = text.size();
		if (!out.empty()) {
			if (column + 1 + (end - begin) > style.width) {
				out += '\n';
				out.append(indent, ' ');
				column = indent;
			} else {
				out += ' ';
				column++;
			}
		}
		out.append(text, begin, end - begin);
		column += end - begin;
		begin = end + 1;
	}
	return out;
}

std::string program(const Process &process) {
	return fmt::format("{}[{}]", process.comm.empty() ? "?" : escape(process.comm), process.pid);
}

std::string subject_text(const Record &denial, const Process &process) {
	return is_on_behalf(denial, process) ? fmt::format("a process of domain {:x}", subject(denial)) : program(process);
}

std::string lost_text(const Lost &lost) {
	if (!lost.any())
		return "";
	return fmt::format("{}{} events are lost: the trace buffer was full (make it larger with --buffer)",
			   lost.is_at_least ? "at least " : "", lost.events);
}

std::string explanation_text(const Explanation &explanation, const Context &context, const Style &style) {
	const auto &denials = explanation.denials();
	std::string out;

	if (context.lost.any())
		out += paint("31", "warning: ", style) +
		       wrap(lost_text(context.lost) + "; what follows may be incomplete, and its causes wrong", 9, 0, style) +
		       "\n";
	if (!context.has_tasks)
		out += wrap("note: this file has no events of tasks: programs are the last names that the recorder knew", 0,
			    0, style) +
		       "\n";
	if (denials.empty())
		return out + (context.lost.any() ? "landlock-monitor: no denial among the events that were read\n"
						 : "landlock-monitor: nothing was denied by Landlock\n");

	const std::vector<Group> groups = group(denials);
	out += fmt::format("landlock-monitor: {} distinct denial{}, {} in all\n", groups.size(),
			   groups.size() == 1 ? "" : "s", explanation.total());
	std::string layer;
	for (size_t i = 0; i < groups.size() && i < context.most; i++) {
		// Most often it is the same for all.
		const std::string its_layer = layer_text(*groups[i].denial) + older_layers(*groups[i].denial);
		if (its_layer != layer)
			out += "\n" + wrap("Refused by " + its_layer, 0, 0, style) + ":\n";
		layer = its_layer;
		out += group_text(i + 1, groups[i], style);
	}
	if (groups.size() > context.most)
		out += fmt::format("\n... and {} more: see them with --json or --most {}\n", groups.size() - context.most,
				   groups.size());
	if (explanation.not_kept())
		out += fmt::format("\n{} denials of yet other kinds were only counted\n", explanation.not_kept());
	if (const std::string all = together(explanation, context, style); !all.empty())
		out += "\n" + all;
	return out;
}

std::string event_line(const Record &record, const Process &process, const State &state, const Style &style) {
	const std::string who = subject_text(record, process);
	const Domain *domain = state.domain(record.domain);
	std::string text;

	switch (record.kind) {
	case Kind::create_ruleset:
		text = fmt::format("new ruleset {:x}: handles {}{}{}{}{}", record.ruleset, names(Type::fs, record.handled_fs),
				   record.handled_net ? " " : "", names(Type::net, record.handled_net),
				   record.scoped ? " scopes " : "", names(Type::scope, record.scoped));
		break;
	case Kind::free_ruleset: text = fmt::format("freed ruleset {:x}", record.ruleset); break;
	case Kind::add_rule_fs:
		text = fmt::format("rule {:x}.{}: {} beneath {}", record.ruleset, record.version,
				   names(Type::fs, record.access), escape(record.text));
		break;
	case Kind::add_rule_net:
		text = fmt::format("rule {:x}.{}: {} on port {}", record.ruleset, record.version,
				   names(Type::net, record.access), record.port);
		break;
	case Kind::restrict_self:
		text = fmt::format("new domain {:x} of ruleset {:x}.{}{}", record.domain, record.ruleset, record.version,
				   record.parent ? fmt::format(", inside of {:x}", record.parent) : "");
		break;
	case Kind::free_domain:
		return fmt::format("domain {:x} is gone, {} denials", record.domain, record.denials);
	case Kind::check_fs:
		text = fmt::format("checks {} at {}:{} ino {} in domain {:x}", names(Type::fs, record.access),
				   record.dev >> 20, record.dev & 0xfffff, record.ino, record.domain);
		break;
	case Kind::check_net:
		text = fmt::format("checks {} at port {} in domain {:x}", names(Type::net, record.access), record.port,
				   record.domain);
		break;
	default:
		if (!is_denial(record.kind))
			return "";
		text = fmt::format("{} {} (layer {}, domain {:x}{}{})", paint("31", "denied", style), what(record),
				   record.layer ? std::to_string(record.layer) : "?", record.domain,
				   domain && domain->is_known ? " of " + program(domain->creator)
							      : ", which is older than this watch",
				   !(record.fields & bit(Field::logged)) || record.logged ? "" : ", not logged by audit");
		break;
	}
	return who + " " + text;
}

std::string counts_text(const Explanation &explanation, const Lost &lost) {
	std::unordered_map<std::string, size_t> index;
	std::vector<std::pair<std::string, uint64_t>> sorted;

	// Whatever the domain.
	for (const Denial &denial : explanation.denials()) {
		const std::string comm = subject_comm(denial.first, denial.process);
		const std::string line = fmt::format("{:<16} {}\n", comm.empty() ? "?" : escape(comm), what(denial.first));
		const auto [place, is_new] = index.try_emplace(line, sorted.size());
		if (is_new)
			sorted.emplace_back(line, 0);
		sorted[place->second].second += denial.count;
	}
	std::stable_sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) { return a.second > b.second; });
	std::string out = "   count program          denied\n-------- ---------------- ------\n";
	for (const auto &[line, count] : sorted)
		out += fmt::format("{:>8} {}", count, line);
	out += fmt::format("-------- ---------------- ------\n{:>8} in all\n", explanation.total());
	if (lost.any())
		out += lost_text(lost) + "\n";
	return out;
}

} // namespace landlock
