// SPDX-License-Identifier: GPL-2.0-only
#include "recording.h"

#include "adapt.h"
#include "api.h"
#include "decode.h"
#include "error.h"
#include "escape.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

namespace landlock {
namespace {

struct Close {
	void operator()(tracecmd_input *input) const { tracecmd_close(input); }
};

struct Context {
	Recording recording;
	std::map<tep_handle *, Decoder> decoders;
	Adapter adapter;
	Tasks tasks;
	Record record;
};

Decoder &decoder_of(Context &context, tep_handle *tep) {
	const auto found = context.decoders.find(tep);

	return found != context.decoders.end() ? found->second : context.decoders.emplace(tep, Decoder(tep)).first->second;
}

int handle(tracecmd_input *input, tep_record *raw, int cpu, void *data) {
	auto &context = *static_cast<Context *>(data);
	Recording &recording = context.recording;
	Record &record = context.record;
	const Decoder &decoder = decoder_of(context, tracecmd_get_tep(input));

	recording.lost.add(raw->missed_events);
	if (!decoder.decode({static_cast<const char *>(raw->data), static_cast<size_t>(raw->size)}, record))
		return 0;
	record.time = raw->ts;
	record.cpu = cpu;
	if (is_task(record.kind)) {
		recording.has_tasks = true;
		context.tasks.apply(record);
	} else {
		recording.events++;
	}
	if (!context.adapter.adapt(record, recording.state))
		return 0;
	const Process process = context.tasks.find(record.tid);
	recording.state.apply(record, process);
	if (is_denial(record.kind))
		recording.explanation.add(record, process, recording.state);
	return 0;
}

} // namespace

RecordingFile::RecordingFile(const std::string &file) : file_(file), fd_(open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
	if (fd_ < 0)
		throw Error(fmt::format("cannot read {}: {}", escape(file), std::strerror(errno)), "Give a file that trace-cmd recorded.");
}

RecordingFile::~RecordingFile() {
	close(fd_);
}

Recording RecordingFile::read() const {
	Context context;
	std::vector<tracecmd_input *> handles;
	std::vector<std::unique_ptr<tracecmd_input, Close>> opened;

	// They complain on stderr.
	tracecmd_set_loglevel(TEP_LOG_NONE);
	tep_set_loglevel(TEP_LOG_NONE);
	opened.emplace_back(tracecmd_open_fd(dup(fd_), 1 /* TRACECMD_FL_LOAD_NO_PLUGINS */));
	if (!opened.front())
		throw Error(fmt::format("{} is no recording of trace-cmd", escape(file_)),
			    "Make one with: landlock-monitor record -o FILE COMMAND");
	tracecmd_input *top = opened.front().get();
	handles.push_back(top);
	for (int i = 0; i < tracecmd_buffer_instances(top); i++) {
		opened.emplace_back(tracecmd_buffer_instance_handle(top, i));
		if (opened.back())
			handles.push_back(opened.back().get());
	}
	context.tasks = Tasks([tep = tracecmd_get_tep(top)](int tid) {
		const char *comm = tep_data_comm_from_pid(tep, tid);
		return Process{tid, comm && std::strcmp(comm, "<...>") != 0 ? comm : "", ""};
	});
	if (tracecmd_iterate_events_multi(handles.data(), static_cast<int>(handles.size()), handle, &context) < 0)
		throw Error(fmt::format("{} is damaged", escape(file_)), "Record it again.");
	return std::move(context.recording);
}

} // namespace landlock
