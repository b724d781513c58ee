// SPDX-License-Identifier: GPL-2.0-only
//
// setpriv, of util-linux 2.42: its rules are options that name each right.
#include "launcher.h"

#include <algorithm>

namespace landlock {
namespace {

constexpr uint32_t known = fs_resolve_unix - 1;

class Setpriv : public Launcher {
public:
	std::string_view name() const override { return "setpriv"; }
	bool is(std::string_view program) const override { return program == "setpriv"; }

private:
	Form write(const Wanted &wanted) const override {
		if (wanted.type != Type::fs)
			return cannot("setpriv only has rules for files");
		if (wanted.rights & ~known)
			return cannot("setpriv does not know this right");
		std::string rights = names(Type::fs, wanted.rights, ",");
		std::replace(rights.begin(), rights.end(), '_', '-');
		return flag_form({"--landlock-rule", "path-beneath:" + rights + ":" + wanted.path}, wanted);
	}
};

} // namespace

const Launcher &setpriv() {
	static const Setpriv launcher;

	return launcher;
}

} // namespace landlock
