// SPDX-License-Identifier: GPL-2.0-only
#include "recording.h"

#include "adapt.h"
#include "api.h"
#include "decode.h"
#include "error.h"
#include "escape.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <string_view>

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

// A pipe without a writer would let us wait.
RecordingFile::RecordingFile(const std::string &file)
	: file_(file), fd_(open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
	struct stat status {};

	if (fd_ < 0 || fstat(fd_, &status))
		throw Error(fmt::format("cannot read {}: {}", name(), std::strerror(errno)), "Give a file that trace-cmd recorded.");
	if (!S_ISREG(status.st_mode)) {
		close(fd_);
		throw Error(fmt::format("cannot read {}: it is {}, no regular file", name(),
					S_ISDIR(status.st_mode)    ? "a directory"
					: S_ISFIFO(status.st_mode) ? "a pipe"
								   : "a device"),
			    "Give a file that trace-cmd recorded; save what comes from a pipe to one first.");
	}
	size_ = static_cast<size_t>(status.st_size);
}

RecordingFile::~RecordingFile() {
	close(fd_);
}

std::string RecordingFile::name() const {
	return file_.empty() ? "''" : escape(file_);
}

Error RecordingFile::damage() const {
	// How each one begins.
	constexpr std::string_view magic("\x17\x08\x44tracing", 10);
	char begin[magic.size()];
	const ssize_t size = pread(fd_, begin, sizeof(begin), 0);

	if (!size)
		return Error(fmt::format("{} is empty", name()), "Record it again.");
	if (size < 0 || !magic.starts_with({begin, static_cast<size_t>(size)}))
		return Error(fmt::format("{} is no recording of trace-cmd", name()),
			     "Make one with: landlock-monitor record -o FILE COMMAND");
	return Error(fmt::format("{} is a recording of trace-cmd, but cut off (at byte {}?), damaged or of a newer version", name(), size_),
		     "Copy it again from where it was recorded, or record it again.");
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
		throw damage();
	tracecmd_input *top = opened.front().get();
	handles.push_back(top);
	for (int i = 0; i < tracecmd_buffer_instances(top); i++) {
		opened.emplace_back(tracecmd_buffer_instance_handle(top, i));
		if (!opened.back())
			throw damage();
		handles.push_back(opened.back().get());
	}
	context.tasks = Tasks([tep = tracecmd_get_tep(top)](int tid) {
		const char *comm = tep_data_comm_from_pid(tep, tid);
		return Process{tid, comm && std::strcmp(comm, "<...>") != 0 ? comm : "", ""};
	});
	if (tracecmd_iterate_events_multi(handles.data(), static_cast<int>(handles.size()), handle, &context) < 0)
		throw damage();
	return std::move(context.recording);
}

} // namespace landlock
