// SPDX-License-Identifier: GPL-2.0-only
//
// Programs that sandbox themselves: what their source, in C, has to have.
#include "launcher.h"

#include "escape.h"

#include <fmt/format.h>

namespace landlock {
namespace {

class C : public Launcher {
public:
	std::string_view name() const override { return "C"; }
	bool is(std::string_view) const override { return false; }
	// A program has no command line for its rules.
	std::string line(const std::vector<Form> &, const Environment *) const override { return ""; }
	std::string without_scope(uint32_t scope) const override {
		return fmt::format("make the ruleset without {} in .scoped, which opens {}", c_names(Type::scope, scope),
				   opens_without(scope));
	}

private:
	Form write(const Wanted &wanted) const override {
		Form form;

		if (wanted.type == Type::net)
			form.text = fmt::format(".port = {}, .allowed_access = {}", wanted.port,
						c_names(Type::net, wanted.rights));
		else
			form.text = fmt::format(".parent_fd = open({}, O_PATH | O_CLOEXEC), .allowed_access = {}",
						c_quote(wanted.path), c_names(Type::fs, wanted.rights));
		form.opens = opens(wanted, 0);
		return form;
	}
};

} // namespace

const Launcher &c_code() {
	static const C c;

	return c;
}

} // namespace landlock
