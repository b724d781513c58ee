// SPDX-License-Identifier: GPL-2.0-only
#include "commands.h"

#include "access.h"
#include "apart.h"
#include "diff.h"
#include "error.h"
#include "escape.h"
#include "json.h"
#include "recording.h"
#include "text.h"
#include "tree.h"

#include <fmt/format.h>

#include <filesystem>
#include <functional>

namespace landlock {
namespace {

// What is recorded is not lost for a report about it.
void check_output(const Options &options) {
	std::error_code ignored;

	for (const std::string &file : options.files) {
		if (std::filesystem::equivalent(file, options.output, ignored))
			throw Error(fmt::format("{} is the recording itself", escape(options.output)), "Give -o another file.");
	}
}

// Recordings come from others: reading them can do nothing else, and libtracecmd may
// crash at those that are cut off.
std::string read_apart(const std::vector<std::string> &files, const std::function<std::string()> &work) {
	std::string names;

	for (const std::string &file : files)
		names += (names.empty() ? "" : " or ") + escape(file);
	return apart(
		[&] {
			// libtracecmd unpacks compressed ones there.
			confine({{{"/tmp", fs_read_file | fs_write_file | fs_make_reg | fs_remove_file}}});
			return work();
		},
		Error(fmt::format("libtracecmd crashes at {}, which is cut off or damaged", names),
		      "Copy it again from where it was recorded, or record it again."));
}

std::string report_text(const Options &options, const Recording &recording, const Style &style) {
	if (options.json)
		return explanation_json(recording.explanation, {}, recording.lost);
	if (options.counts)
		return counts_text(recording.explanation, recording.lost);

	std::string text;
	if (!recording.events)
		text = "note: no Landlock event is in it: nothing was sandboxed, or they were not recorded\n";
	Context context;
	context.lost = recording.lost;
	context.has_tasks = recording.has_tasks;
	context.most = options.most;
	return text + explanation_text(recording.explanation, context, style);
}

std::string difference(const Options &options, const Recording &before, const Recording &after) {
	if (options.json)
		return diff_json(before.explanation, after.explanation);
	return diff_text(before.explanation, after.explanation) +
	       (before.lost.any() || after.lost.any()
			? "warning: events are lost in them: a difference may be one of the recording\n"
			: "");
}

} // namespace

int cmd_report(const Options &options) {
	check_output(options);
	Output out(options.output, stdout);
	const RecordingFile first(options.files.front()), last(options.files.back());

	out.put(read_apart(options.files, [&] {
		const Recording recording = first.read();
		return options.diff ? difference(options, recording, last.read())
				    : report_text(options, recording, style_of(out.file()));
	}));
	out.finish();
	return 0;
}

int cmd_tree(const Options &options) {
	check_output(options);
	Output out(options.output, stdout);

	if (options.files.empty())
		return watch_tree(options, out);
	const RecordingFile file(options.files.front());
	out.put(read_apart(options.files, [&] {
		const Recording recording = file.read();
		return options.dot ? tree_dot(recording.state) : tree_text(recording.state, options.verbose);
	}));
	out.finish();
	return 0;
}

} // namespace landlock
