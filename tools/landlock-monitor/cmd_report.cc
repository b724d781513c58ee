// SPDX-License-Identifier: GPL-2.0-only
#include "commands.h"

#include "access.h"
#include "diff.h"
#include "error.h"
#include "escape.h"
#include "json.h"
#include "recording.h"
#include "text.h"
#include "tree.h"

#include <fmt/format.h>

#include <filesystem>

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

// Recordings come from others: reading them can do nothing else.
void confine_reader(const Output &out) {
	Confinement confinement{out.grants()};

	// libtracecmd unpacks compressed ones there.
	confinement.add({{"/tmp", fs_read_file | fs_write_file | fs_make_reg | fs_remove_file}});
	confine(confinement);
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
	confine_reader(out);
	const Recording recording = first.read();

	if (options.diff)
		out.put(difference(options, recording, last.read()));
	else
		out.put(report_text(options, recording, style_of(out.file())));
	out.finish();
	return 0;
}

int cmd_tree(const Options &options) {
	check_output(options);
	Output out(options.output, stdout);

	if (options.files.empty())
		return watch_tree(options, out);
	const RecordingFile file(options.files.front());
	confine_reader(out);
	const Recording recording = file.read();
	out.put(options.dot ? tree_dot(recording.state) : tree_text(recording.state, options.verbose));
	out.finish();
	return 0;
}

} // namespace landlock
