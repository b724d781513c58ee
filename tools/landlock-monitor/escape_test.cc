// SPDX-License-Identifier: GPL-2.0-only
#include "escape.h"

#include <gtest/gtest.h>

using namespace landlock;

static std::string all_bytes() {
	std::string text;

	for (int i = 0; i < 256; i++)
		text += static_cast<char>(i);
	return text;
}

TEST(Escape, IsTheKernels) {
	EXPECT_EQ(escape("/etc/a b"), "/etc/a\\040b");
	EXPECT_EQ(escape("a=\"'\\"), "a\\075\\042\\047\\134");
	EXPECT_EQ(escape("\x1b[2J\n\x7f"), "\\033[2J\\012\\177");
	EXPECT_EQ(escape("\xc3\xa9"), "\\303\\251");
	EXPECT_EQ(escape(std::string("a\0b", 3)), "a\\000b");
}

TEST(Escape, IsUndoneExactly) {
	EXPECT_EQ(unescape(escape(all_bytes())), all_bytes());
}

TEST(Escape, LeavesWhatIsNoEscape) {
	EXPECT_EQ(unescape("\\"), "\\");
	EXPECT_EQ(unescape("\\12"), "\\12");
	EXPECT_EQ(unescape("\\400"), "\\400");
	EXPECT_EQ(unescape("\\08x"), "\\08x");
}

TEST(Escape, AllFormsAreSafeToPrint) {
	for (const std::string &text : {escape(all_bytes()), shell_quote(all_bytes()), c_quote(all_bytes())}) {
		for (const char c : text)
			EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
	}
}

TEST(Escape, QuotesForShells) {
	EXPECT_EQ(shell_quote("/usr/bin-1.2"), "/usr/bin-1.2");
	EXPECT_EQ(shell_quote(""), "''");
	EXPECT_EQ(shell_quote("a b"), "'a b'");
	EXPECT_EQ(shell_quote("$(rm)'"), "'$(rm)'\\'''");
	EXPECT_EQ(shell_quote("a\n'\\"), "$'a\\012\\047\\134'");
	EXPECT_EQ(shell_quote("~"), "'~'");
	EXPECT_EQ(shell_quote("a=b"), "'a=b'");
}

// What a real shell makes of it.
TEST(Escape, BashReadsItBack) {
	std::string text = all_bytes().substr(1);
	FILE *out = popen(("bash -c " + shell_quote("printf %s " + shell_quote(text))).c_str(), "r");
	std::string got;

	ASSERT_TRUE(out);
	for (int c; (c = fgetc(out)) != EOF;)
		got += static_cast<char>(c);
	pclose(out);
	EXPECT_EQ(got, text);
}

TEST(Escape, QuotesForC) {
	EXPECT_EQ(c_quote("/etc"), "\"/etc\"");
	EXPECT_EQ(c_quote("a\"\\?\n1"), "\"a\\042\\134\\077\\0121\"");
}
