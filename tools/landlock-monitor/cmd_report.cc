// SPDX-License-Identifier: GPL-2.0-only
#include "commands.h"

#include "diff.h"
#include "json.h"
#include "recording.h"
#include "text.h"
#include "tree.h"

#include <fmt/format.h>

namespace landlock {

int cmd_report(const Options &options) {
	const File out = open_output(options, stdout);
	const Recording recording = read_recording(options.files.front());

	if (options.diff) {
		const Recording after = read_recording(options.files.back());
		fmt::print(out.get(), "{}", options.json ? diff_json(recording.explanation, after.explanation)
							 : diff_text(recording.explanation, after.explanation));
		if (!options.json && (recording.lost.any() || after.lost.any()))
			fmt::print(out.get(), "warning: events are lost in them: a difference may be one of the recording\n");
		return 0;
	}
	if (options.json) {
		fmt::print(out.get(), "{}", explanation_json(recording.explanation, recording.lost, {}));
		return 0;
	}
	if (options.counts) {
		fmt::print(out.get(), "{}", counts_text(recording.explanation, recording.lost));
		return 0;
	}
	if (!recording.events)
		fmt::print(out.get(), "note: no Landlock event is in it: nothing was sandboxed, or they were not recorded\n");
	Context context;
	context.lost = recording.lost;
	context.has_tasks = recording.has_tasks;
	context.most = options.most;
	fmt::print(out.get(), "{}", explanation_text(recording.explanation, context, style_of(out.get())));
	return 0;
}

int cmd_tree(const Options &options) {
	const File out = open_output(options, stdout);

	if (options.files.empty())
		return watch_tree(options, out.get());
	const Recording recording = read_recording(options.files.front());
	fmt::print(out.get(), "{}", options.dot ? tree_dot(recording.state) : tree_text(recording.state, options.verbose));
	return 0;
}

} // namespace landlock
