// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include "access.h"
#include "calls.h"
#include "escape.h"
#include "move.h"
#include "table.h"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
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
	std::string text = "layer " + layer_number(denial.first);

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

// How many other domains it is for.
std::string alike(const Advice &advice) {
	const size_t others = domains_of(advice).size() - 1;

	return others ? fmt::format("; and by {} more with the same rules", others) : "";
}

// The first of @list, and how many are left.
std::string some_of(const std::vector<std::string> &list, size_t most) {
	std::string text = fmt::format("{}", fmt::join(list.begin(), list.begin() + static_cast<ptrdiff_t>(std::min(list.size(), most)), ", "));

	if (list.size() > most)
		text += fmt::format(" and {} more", list.size() - most);
	return text;
}

void add_once(std::vector<std::string> &list, const std::string &text) {
	if (std::find(list.begin(), list.end(), text) == list.end())
		list.push_back(text);
}

std::string programs_text(const Advice &advice) {
	std::vector<std::string> list;

	for (const Denial *denial : advice.denials) {
		for (const Program &program : denial->programs)
			add_once(list, subject_text(denial->first, program.process));
	}
	return some_of(list, 6);
}

// What one rule would mend, in words.
std::string what(const Advice &advice) {
	const Record &first = advice.denials.front()->first;

	if (advice.other_end)
		return fmt::format(fmt::runtime(is_ordered(first) ? "a rename or link from {} to {}"
								  : "a rename or link between {} and {}"),
				   escape(first.text), escape(advice.other_end->first.text));
	if (advice.denials.size() == 1)
		return what(first);
	if (first.kind != Kind::deny_fs) {
		std::vector<std::string> kinds;
		for (const Denial *denial : advice.denials)
			add_once(kinds, what(denial->first));
		constexpr size_t most = 3;
		const size_t shown = std::min(kinds.size(), most);
		std::string text = fmt::format("{}", fmt::join(kinds.begin(), kinds.begin() + static_cast<ptrdiff_t>(shown), "; "));
		return text + (kinds.size() > shown ? fmt::format("; and {} more of the kind", kinds.size() - shown) : "");
	}
	std::vector<std::string> paths;
	for (const Denial *denial : advice.denials)
		add_once(paths, escape(denial->first.text));
	return fmt::format("{} on {}", names(Type::fs, first.blockers, ", "), some_of(paths, 3));
}

// What is missing at the two ends of a rename or link.
std::string ends_text(const Denial &first, const Denial &second) {
	const auto end = [&](const Denial &denial) {
		return fmt::format("{} on {}{}", names(Type::fs, denial.first.blockers, ", "), escape(denial.first.text),
				   first.domain.id == second.domain.id ? "" : " in layer " + layer_number(denial.first));
	};

	return end(first) + "; " + end(second);
}

// The paths of all rules that would allow it.
std::string apart_paths(const Advice &advice) {
	const std::string path = escape(advice.suggestion.wanted.path);
	const std::string other = advice.other_end ? escape(advice.other.wanted.path) : path;

	return other == path ? path : fmt::format("{} and one for {}", path, other);
}

std::string advice_text(size_t number, const Advice &advice, const Style &style) {
	const Denial &denial = *advice.denials.front();
	const Record &record = denial.first;
	const Type type = record.kind == Kind::deny_fs ? Type::fs : Type::net;
	// A comparison reports all rights that the domain handles.
	const bool has_rights = (record.kind == Kind::deny_fs || record.kind == Kind::deny_net) && !record.topology &&
				!is_comparison(record);
	std::string head = denied_text(advice);

	// Elsewhere it is the one that everybody expects.
	if (denial.error && is_move(record))
		head += fmt::format(" with {}", errno_name(denial.error));
	if (advice.count > 1)
		head += fmt::format(" ({} times)", advice.count);
	std::string out = fmt::format("{:>2} {}\n", number, paint("1", wrap(head, 3, 3, style), style));
	if (has_rights && advice.other_end)
		out += line("missing", ends_text(denial, *advice.other_end), style);
	else if (has_rights && (record.access & ~record.blockers))
		out += line("asked for", names(type, record.access, ", "), style);
	if ((has_rights || is_comparison(record)) &&
	    (advice.suggestion.impossible.empty() || denial.nearest.how == Nearness::missed))
		out += line("nearest", nearest_text(denial), style);
	const std::string rule = rule_lines(advice.suggestion, style);
	const std::string regretted = advice.is_doubtful ? "" : why_left_out(advice);
	if (!regretted.empty() && advice.suggestion.impossible.empty())
		out += line("rule", fmt::format("one for {} would allow it, but {}: allow less, if that does", apart_paths(advice),
						regretted), style);
	else
		out += rule;
	if (advice.other_end && regretted.empty()) {
		const Denial &other = *advice.other_end;
		// Why no rule helps is most often the same for both ends.
		const std::string its_rule = rule_lines(advice.other, style);
		if (its_rule != rule && other.domain.id != denial.domain.id)
			out += line("and in", layer_text(other) + ":", style);
		if (its_rule != rule)
			out += its_rule;
	}
	for (const std::string &note : advice.notes)
		out += line("note", note, style);
	return out;
}

// What programs go on without: one line for each program.
std::string habits_text(const std::vector<Advice> &all, const Style &style) {
	std::map<std::string, std::vector<std::string>> programs;
	std::string out;

	for (const Advice &advice : all) {
		if (advice.weight == Weight::habit)
			programs[programs_text(advice)].push_back(what(advice));
	}
	for (const auto &[program, list] : programs)
		out += "   " + wrap(fmt::format("{}: {}", program, some_of(list, 12)), 3, 5, style) + "\n";
	return out.empty() ? out : "\nUsually harmless, as programs go on without it:\n" + out;
}

// What is not in a line to paste.
std::string apart_text(const std::vector<Advice> &all, const Style &style) {
	std::vector<std::string> lines;
	std::string out;

	for (const Advice &advice : all) {
		if (advice.is_doubtful || advice.weight == Weight::habit || why_left_out(advice).empty())
			continue;
		const auto add = [&](const Suggestion &s, const std::string &why) {
			if (!s.form.words.empty())
				add_once(lines, fmt::format("{} ({})", s.form.text, why.empty() ? "of no use without the other rule of this move" : why));
		};
		add(advice.suggestion, advice.apart);
		if (advice.other_end)
			add(advice.other, advice.other_apart);
	}
	for (const std::string &text : lines)
		out += "   " + wrap(text, 3, 5, style) + "\n";
	return out.empty() ? out : "\nNot among them, as it opens more than a sandbox should:\n" + out;
}

// What allows all of it at once, for each start of a launcher; once for those that
// need the same.
std::string together(const std::vector<Advice> &all, const Context &context, const Style &style) {
	// Longer lines are cut by terminals and refused by tools.
	constexpr size_t max_line = 4000;
	std::vector<std::pair<const Denial *, std::vector<Form>>> starts;
	struct Line {
		const Launcher *launcher;
		std::string text;
		std::string much; // of what can be allowed
		uint64_t domain;
		size_t count; // of starts
		bool is_whole;
		unsigned nth; // launcher of that kind
	};
	std::vector<Line> lines;
	bool is_nested = false;
	std::string out;

	const auto add = [&](const Denial &denial, const Suggestion &s) {
		const Domain &domain = denial.domain;
		// The same process may be one launcher after the other.
		const auto same = [&](const auto &start) {
			const Domain &other = start.first->domain;
			return other.creator == domain.creator && &launcher_of(other) == &launcher_of(domain) &&
			       (other.ruleset.id == domain.ruleset.id ||
				(context.own_domains.contains(other.id) && context.own_domains.contains(domain.id)));
		};
		if (!s.impossible.empty() || s.form.text.empty())
			return;
		if (std::none_of(starts.begin(), starts.end(), same))
			starts.push_back({&denial, {}});
		std::find_if(starts.begin(), starts.end(), same)->second.push_back(s.form);
	};
	for (const Advice &advice : all) {
		if (advice.weight == Weight::habit || !why_left_out(advice).empty())
			continue;
		std::set<uint64_t> domains;
		is_nested |= advice.denials.front()->layers > 1;
		for (const Denial *denial : advice.denials) {
			if (domains.insert(denial->domain.id).second)
				add(*denial, advice.suggestion);
		}
		if (advice.other_end)
			add(*advice.other_end, advice.other);
	}
	for (const auto &[denial, forms] : starts) {
		const Launcher &launcher = launcher_of(denial->domain);
		const Environment *environment = context.own_domains.contains(denial->domain.id) ? &context.environment : nullptr;
		const auto line_of = [&](size_t count) {
			return launcher.line({forms.begin(), forms.begin() + static_cast<ptrdiff_t>(count)}, environment);
		};
		size_t count = forms.size();
		while (count > 1 && line_of(count).size() > max_line)
			count = count * 3 / 4;
		const std::string line = line_of(count);
		if (line.empty())
			continue;
		const auto same = std::find_if(lines.begin(), lines.end(), [&](const Line &other) {
			return other.launcher == &launcher && other.text == line && other.is_whole == (environment != nullptr) &&
			       other.nth == denial->nth_launcher;
		});
		if (same != lines.end())
			same->count++;
		else
			lines.push_back({&launcher, line,
					 count == forms.size() ? "all that a rule can allow"
							       : fmt::format("the first {} of {}", count, forms.size()),
					 denial->domain.id, 1, environment != nullptr, denial->nth_launcher});
	}
	for (const Line &line : lines) {
		// A program may start several launchers of one kind, each inside of the other.
		std::string where = lines.size() > 1 || (is_nested && line.count == 1) ? fmt::format(" in domain {:x}", line.domain) : "";
		if (line.count > 1)
			where += lines.size() > 1 ? fmt::format(" and {} more", line.count - 1)
						  : fmt::format(" in each of {} domains", line.count);
		out += fmt::format("\nTo allow {}{}, {}:\n", line.much, where, line.launcher->how(line.is_whole, line.nth)) +
		       copied(std::string(line.launcher->name()).c_str(), line.text, style);
	}
	return out;
}

std::string not_kept_text(const Explanation &explanation, const Style &style) {
	if (!explanation.not_kept())
		return "";
	return "\n" +
	       wrap(fmt::format("{} denials are only counted: a program has too many of different kinds; the last of them: {}",
				explanation.not_kept(), explanation.last_not_kept()), 0, 2, style) +
	       "\n";
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
	return fmt::format("{}[{}]", process.comm.empty() ? "unknown" : escape(process.comm), process.pid);
}

std::string subject_text(const Record &denial, const Process &process) {
	if (!is_on_behalf(denial, process))
		return program(process);
	// Its name is not known.
	return denial.tracer_pid ? fmt::format("process {} of domain {:x}", denial.tracer_pid, subject(denial))
				 : fmt::format("a process of domain {:x}", subject(denial));
}

std::string denied_text(const Advice &advice) {
	return fmt::format("{}: denied {}", programs_text(advice), what(advice));
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
	std::string sentences;
	for (const std::string &sentence : context.sentences)
		sentences += wrap(sentence, 0, 2, style) + "\n";
	if (denials.empty())
		return out +
		       (context.lost.any() ? "landlock-monitor: no denial among the events that were read\n"
					   : "landlock-monitor: nothing was denied by Landlock\n") +
		       sentences;

	const std::vector<Advice> all = advise(explanation, context.run);
	const size_t shown = static_cast<size_t>(std::count_if(all.begin(), all.end(), [](const Advice &advice) {
		return advice.weight != Weight::habit;
	}));
	out += fmt::format("landlock-monitor: {} distinct denial{}, {} in all\n", explanation.distinct(),
			   explanation.distinct() == 1 ? "" : "s", explanation.total());
	out += sentences;
	std::string layer;
	for (size_t i = 0; i < shown && i < context.most; i++) {
		// Most often it is the same for all.
		const Denial &denial = *all[i].denials.front();
		const std::string its_layer = layer_text(denial) + older_layers(denial) + alike(all[i]);
		if (its_layer != layer)
			out += "\n" + wrap("Refused by " + its_layer, 0, 0, style) + ":\n";
		layer = its_layer;
		out += advice_text(i + 1, all[i], style);
	}
	if (shown > context.most)
		out += fmt::format("\n... and {} more: see them with --json or --most {}\n", shown - context.most, shown);
	return out + not_kept_text(explanation, style) + habits_text(all, style) + together(all, context, style) +
	       apart_text(all, style);
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
				   layer_number(record), record.domain,
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
	const auto add = [&](const std::string &comm, const Denial &denial, uint64_t count) {
		const std::string line = fmt::format("{:<16} {}\n", comm, what(denial.first));
		const auto [place, is_new] = index.try_emplace(line, sorted.size());
		if (is_new)
			sorted.emplace_back(line, 0);
		sorted[place->second].second += count;
	};
	for (const Denial &denial : explanation.denials()) {
		uint64_t rest = denial.count;
		for (const Program &program : denial.programs) {
			add(program.comm.empty() ? "unknown" : escape(program.comm), denial, program.count);
			rest -= program.count;
		}
		if (rest && !denial.first_end)
			add("(others)", denial, rest);
	}
	std::stable_sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) { return a.second > b.second; });
	std::string out = "   count program          denied\n-------- ---------------- ------\n";
	for (const auto &[line, count] : sorted)
		out += fmt::format("{:>8} {}", count, line);
	if (explanation.not_kept())
		out += fmt::format("{:>8} (more of the same programs, which have no row of their own)\n", explanation.not_kept());
	out += fmt::format("-------- ---------------- ------\n{:>8} in all\n", explanation.total());
	if (lost.any())
		out += lost_text(lost) + "\n";
	return out;
}

} // namespace landlock
