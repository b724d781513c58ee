// SPDX-License-Identifier: GPL-2.0-only
#include "learn.h"

#include "escape.h"
#include "path.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace landlock {
namespace {

// As the kernel has paths: without "." and "..", and no slash at the end.
std::string clean(const std::string &root) {
	const std::string path = (std::filesystem::path(root) / "").lexically_normal();

	return path == "/" ? path : path.substr(0, path.size() - 1);
}

// Why a rule for @s may open something else than what was denied, which the
// sandboxed program may have replaced meanwhile; "" if it does not now.
std::string changed(const Suggestion &s) {
	std::error_code error;
	const auto now = std::filesystem::canonical(s.wanted.path, error);

	if (error)
		return fmt::format("{} is not there anymore, or not here: {}", escape(s.wanted.path), error.message());
	if (now != std::filesystem::path(s.wanted.path))
		return fmt::format("{} leads to {} now", escape(s.wanted.path), escape(now.string()));
	if (!s.wanted.is_directory && std::filesystem::is_directory(now, error))
		return fmt::format("{} is a directory now", escape(s.wanted.path));
	return "";
}

} // namespace

std::string refusal(const Suggestion &s, const std::string &apart, bool ask_nobody,
		    const std::vector<std::string> &roots, const std::vector<std::string> &ports) {
	if (!s.impossible.empty())
		return s.impossible;
	if (s.form.text.empty())
		return s.form.why;
	const auto is_it = [&](const std::string &root) { return clean(root) == s.wanted.path; };
	if (!apart.empty() && std::none_of(roots.begin(), roots.end(), is_it))
		return fmt::format("{}: only --root {} would accept that", apart, shell_quote(s.wanted.path));
	if (!ask_nobody)
		return "";
	if (s.wanted.type == Type::net) {
		if (std::find(ports.begin(), ports.end(), std::to_string(s.wanted.port)) == ports.end())
			return fmt::format("port {} is not among --ports", s.wanted.port);
		return "";
	}
	for (const std::string &root : roots) {
		if (is_beneath(s.wanted.path, clean(root)))
			return changed(s);
	}
	return fmt::format("{} is not beneath a --root", escape(s.wanted.path));
}

} // namespace landlock
