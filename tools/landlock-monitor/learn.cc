// SPDX-License-Identifier: GPL-2.0-only
#include "learn.h"

#include "escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace landlock {
namespace {

// Both are paths of the kernel; ".." would leave the root that it names.
bool is_beneath(const std::string &path, const std::string &root) {
	const auto inner = std::filesystem::path(path).lexically_normal();
	const auto outer = (std::filesystem::path(root) / "").lexically_normal();

	const auto [end, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
	// The root itself has no empty last part.
	return end == outer.end() || (std::next(end) == outer.end() && end->empty());
}

// Why a rule for @s may open something else than what was denied, which the
// sandboxed program may have replaced meanwhile; "" if it does not now.
std::string changed(const Suggestion &s) {
	std::error_code error;
	const auto now = std::filesystem::canonical(s.path, error);

	if (error)
		return fmt::format("{} is not there anymore, or not here: {}", escape(s.path), error.message());
	if (now != std::filesystem::path(s.path))
		return fmt::format("{} leads to {} now", escape(s.path), escape(now.string()));
	if (!s.is_directory && std::filesystem::is_directory(now, error))
		return fmt::format("{} is a directory now", escape(s.path));
	return "";
}

} // namespace

std::string refusal(const Suggestion &s, const std::string &launcher, bool ask_nobody,
		    const std::vector<std::string> &roots, const std::vector<std::string> &ports) {
	if (!s.impossible.empty())
		return s.impossible;
	const Form &form = launcher == "landrun" ? s.landrun : s.sandboxer;
	if (form.text.empty())
		return form.why;
	if (!ask_nobody)
		return "";
	if (s.type == Type::net) {
		if (std::find(ports.begin(), ports.end(), std::to_string(s.port)) == ports.end())
			return fmt::format("port {} is not among --ports", s.port);
		return "";
	}
	for (const std::string &root : roots) {
		if (is_beneath(s.path, root))
			return changed(s);
	}
	return fmt::format("{} is not beneath a --root", escape(s.path));
}

} // namespace landlock
