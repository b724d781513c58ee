// SPDX-License-Identifier: GPL-2.0-only
//
// Renames and links from one directory to another: one request with two ends, each
// of which the kernel may report.
#pragma once

#include "access.h"
#include "record.h"
#include "state.h"
#include "suggest.h"

#include <string>

namespace landlock {

// To make something in a directory.
constexpr uint32_t makes = fs_make_char | fs_make_dir | fs_make_reg | fs_make_sock | fs_make_fifo | fs_make_block |
			   fs_make_sym;

// Whether @record denies one end of a rename or link between two directories.
bool is_move(const Record &record);

// Whether the kernel was still comparing what the two directories grant when it
// denied @move: it then reports all rights that the domain handles, not what was
// asked for.
bool is_comparison(const Record &move);

// Whether the end of @move that came first is the source.  A kernel that does not
// report the whole request reports the two ends in any order.
bool is_ordered(const Record &move);

// Whether @second is the other end of what denied @first, both of one thread with
// no denial between them; @is_one_call: nor is the end of a system call.
bool is_other_end(const Record &first, const Record &second, bool is_one_call);

// The layer that denied @record, "?" if unknown.
std::string layer_number(const Record &record);

// Puts why @first was denied, and what helps, into @s; @second is its other end, or
// nullptr if only one was denied.
void suggest_move(const Record &first, const Record *second, const State &state, Suggestion &s);

// @s, of where a directory comes from, for a move to @to: it may not gain the right to
// make directories either.
Suggestion suggest_same(const Suggestion &s, const Record &to);

// What the other end of such a comparison needs, if @s, for one end, is a rule: else
// the same.
Suggestion suggest_other_end(const Record &first, const Record &second, const Suggestion &s);

} // namespace landlock
