// SPDX-License-Identifier: GPL-2.0-only
//
// The kernel's own samples/landlock/sandboxer.c, of Linux 7.2: its rules are lists in
// environment variables.
#include "launcher.h"

#include "escape.h"
#include "start.h"

#include <fmt/format.h>

namespace landlock {
namespace {

// What a directory of LL_FS_RO and of LL_FS_RW gets; a file gets the rights that
// files can have.
constexpr uint32_t ro = fs_execute | fs_read_file | fs_read_dir;
constexpr uint32_t rw = (fs_resolve_unix << 1) - 1;

const char *port_variable(uint32_t right) {
	switch (right) {
	case net_bind_tcp: return "LL_TCP_BIND";
	case net_connect_tcp: return "LL_TCP_CONNECT";
	case net_bind_udp: return "LL_UDP_BIND";
	case net_connect_send_udp: return "LL_UDP_CONNECT_SEND";
	default: return nullptr;
	}
}

Form written(const char *variable, const std::string &value) {
	Form form;

	form.words = {variable, value};
	// Adds to the caller's own.
	form.text = fmt::format("{0}=\"${{{0}:+${0}:}}\"{1}", variable, shell_quote(value));
	return form;
}

Form fs_form(const Wanted &wanted) {
	if (wanted.rights & ~rw)
		return cannot("the sandboxer does not know this right");
	if (wanted.path.find(':') != std::string::npos)
		return cannot("its lists are split at ':', which this path has: allow a directory above it");
	const bool is_ro = !(wanted.rights & ~ro);
	Form form = written(is_ro ? "LL_FS_RO" : "LL_FS_RW", wanted.path);
	form.extra = (is_ro ? ro : rw) & (wanted.is_directory ? ~uint32_t{0} : fs_file_rights) & ~wanted.rights;
	form.opens = opens(wanted, form.extra);
	return form;
}

// @old with @value, once.
std::string longer(const std::string &old, const std::string &value) {
	if ((":" + old + ":").find(":" + value + ":") != std::string::npos)
		return old;
	return old.empty() ? value : old + ":" + value;
}

class Sandboxer : public Launcher {
public:
	std::string_view name() const override { return "sandboxer"; }
	// Others with that in their name have rules of their own.
	bool is(std::string_view program) const override { return program == "sandboxer"; }
	std::string how(bool is_whole, unsigned nth) const override {
		return fmt::format(fmt::runtime(is_whole ? "start the {}sandboxer with"
							 : "add to the lists that the {}sandboxer is started with"),
				   ordinal(nth));
	}
	std::string without_scope(uint32_t scope) const override {
		return fmt::format("start the sandboxer with LL_SCOPED without '{}', which opens {}",
				   scope == scope_signal ? 's' : 'a', opens_without(scope));
	}
	std::string_view variables() const override { return "LL_"; }
	std::string line(const std::vector<Form> &forms, const Environment *environment) const override {
		Environment whole = lists(forms, environment ? *environment : Environment());
		std::string text;

		// Without those that stay as they are, it would not start in another shell.
		for (const auto &[name, value] : environment && !whole.empty() ? *environment : Environment()) {
			if (name.starts_with(variables()))
				whole.try_emplace(name, value);
		}
		if (environment)
			return assignments(whole);
		for (const auto &[name, value] : whole)
			text += (text.empty() ? "" : " ") + written(name.c_str(), value).text;
		return text;
	}
	bool add(const std::vector<Form> &forms, std::vector<std::string> &argv, Environment &environment) const override {
		const Environment before = find_launcher(argv, environment).environment;
		bool is_changed = false;

		for (const auto &[name, value] : lists(forms, before)) {
			const auto old = before.find(name);
			if (old != before.end() && old->second == value)
				continue;
			set_variable(name, value, argv, environment);
			is_changed = true;
		}
		return is_changed;
	}

private:
	Form write(const Wanted &wanted) const override {
		if (wanted.type == Type::fs)
			return fs_form(wanted);
		const char *variable = port_variable(wanted.rights);
		if (!variable)
			return cannot("the sandboxer has no list for these rights together");
		Form form = written(variable, std::to_string(wanted.port));
		form.opens = opens(wanted, 0);
		return form;
	}
	// The variables that @forms change, whole.
	Environment lists(const std::vector<Form> &forms, const Environment &old) const {
		Environment changed;

		for (const Form &form : merged(forms)) {
			const auto before = old.find(form.words[0]);
			const auto [place, is_new] = changed.try_emplace(
				form.words[0], before == old.end() ? "" : before->second);
			place->second = longer(place->second, form.words[1]);
		}
		return changed;
	}
};

} // namespace

const Launcher &sandboxer() {
	static const Sandboxer launcher;

	return launcher;
}

} // namespace landlock
