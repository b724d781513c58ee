#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Turns what bench/scale.c and bench/sharing.c printed into a report.

usage: scale.py DIR OUT COUNTED SUMMED TIMED SETUP...

COUNTED, SUMMED, TIMED: calls of a process.  SETUP: lines on how it was measured.
DIR has KERNEL-cases.csv with KERNEL-counts.csv, which has the same cases in the
same order; KERNEL-icount.csv, where a nanosecond is an instruction; and
KERNEL-N.csv, one for each round.  Fails, and says why, if a sandboxed
open() of the series shares more than one that is not sandboxed.
"""
import csv
import os
import statistics
import sys

KERNELS = ("base", "series")
CASE = ("sandbox", "file", "depth", "processes")
COUNTS = ("instructions", "atomic", "touched", "written", "contended")


def die(what):
    print("error:", what, file=sys.stderr)
    sys.exit(1)


def read(folder, name):
    with open(os.path.join(folder, name), encoding="ascii") as file:
        return list(csv.DictReader(file))


def case_of(row):
    return tuple(row[name] for name in CASE)


def read_counts(folder, kernel):
    """Returns {case: {count: value}}."""
    cases = read(folder, kernel + "-cases.csv")
    counts = read(folder, kernel + "-counts.csv")
    if not cases or len(cases) != len(counts):
        die(f"{kernel}: {len(cases)} cases, but {len(counts)} counts")
    return {case_of(case): {name: int(count[name]) for name in COUNTS}
            for case, count in zip(cases, counts)}


def read_times(folder, kernel):
    """Returns {case: [nanoseconds of each round]} and the machine."""
    times, machines, number = {}, set(), 1
    while os.path.exists(os.path.join(folder, f"{kernel}-{number}.csv")):
        for row in read(folder, f"{kernel}-{number}.csv"):
            times.setdefault(case_of(row), []).append(int(row["nanoseconds"]))
            machines.add(row["machine"])
        number += 1
    if len(machines) != 1 or {len(rounds) for rounds in times.values()} != {number - 1}:
        die(f"{kernel}: rounds differ in cases or in the machine")
    return times, machines.pop()


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def read_sums(folder, kernel):
    """Returns {case: instructions of all processors}."""
    return {case_of(row): int(row["nanoseconds"]) for row in read(folder, kernel + "-icount.csv")}


def name(case):
    sandbox, file, depth, processes = case
    if processes == "1":
        file = ""
    return ["one domain" if sandbox == "landlock" else "none", depth, processes, file]


def counts_table(base, series):
    rows = []
    for case, before in base.items():
        after = series[case]
        row = name(case)
        for count in COUNTS:
            row.append(f"{before[count]:,} → {after[count]:,}")
        rows.append(row)
    return table(["sandbox", "depth", "processes", "file", "instructions", "atomic", "shared lines",
                  "written", "atomic on them"], rows)


def times_table(base, series, sums, summed, timed):
    rows = []
    for case, before in base.items():
        calls = timed * int(case[-1])
        after = series[case]
        # Of the same round: it suffered alike from what else the machine did.
        ratios = [one / other for one, other in zip(before, after)]
        counted = [sums[kernel][case] / (summed * int(case[-1])) for kernel in KERNELS]
        rows.append(name(case) + [f"{each:,.0f}" for each in counted] + [f"{counted[0] / counted[1]:.2f}"] +
                    [f"{calls / statistics.median(ns) * 1e6:,.0f}" for ns in (before, after)] +
                    [f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}",
                     f"{min(before) / min(after):.2f}"])
    return table(["sandbox", "depth", "processes", "file", "base, instructions", "series, instructions",
                  "ratio", "base, calls/ms", "series, calls/ms", "ratio, median", "ratio, all rounds",
                  "ratio, best rounds"], rows)


def check(counts):
    """Returns what is wrong: sharing that comes from the sandbox of the series."""
    problems = []
    for case, count in counts["series"].items():
        usual = counts["series"][("none", *case[1:])]
        for what in ("touched", "written", "contended"):
            if count[what] > usual[what]:
                problems.append(f"series: {case}: {what} {count[what]}, {usual[what]} without sandbox")
    return problems


TEXT = """\
# How file checks scale

`make bench-scale` made this file.

{setup}

Processes of one domain, each on its own processor, open and close files below
one directory at once.  "depth": an absolute path of that many names, below the
root of a tmpfs.  The rule that allows the open() is the one of `/`, so a check
walks all of the path.  "file": each process opens its own file there, or all the
same.  "none": the same processes, not sandboxed.

To find the rules of the directories above a file, Linux 7.2 takes a reference on
each of them and drops it again.  These are two atomic operations that write to a
cache line, and all processors that check a file below that directory need this
line.  The series walks up under RCU and only reads.

## What open() shares

Of one open(), base → series, counted by a plugin of QEMU's emulator
(`bench/sharing.c`) in {counted:,} calls of each process:

* "instructions": of the kernel, median.
* "atomic": those of them that lock a cache line (`lock` prefix, or `xchg` with
  memory), median.
* "shared lines": cache lines of 64 bytes that an open() reads or writes, and that
  an open() of another process writes; "written": those that it writes too.
* "atomic on them": atomic operations on shared lines.

{counts}
A sandboxed open() of the own file at depth {depth} writes to {lines} lines that others
write too in the base, with {contended} atomic operations, and to {series_lines} in the series.
{verdict}
The lines that are left with the same file are there even without a sandbox: the
VFS counts the users of a file.

## Throughput

* "instructions": what all processors ran for one open() and its close(), from the
  start of the first process to the end of the last one, as QEMU counts with
  `-icount shift=0,sleep=off`, in {summed:,} calls of each process; "ratio": base /
  series.
* "calls/ms": open() and close() per millisecond of the guest's clock, all
  processes together, median of {rounds} rounds of {timed:,} calls of each process, base and
  series in turns; "ratio": throughput of the series / of the base, in the same
  round, and of the fastest round of each.

{times}
{time_says}

## What this says, and what it does not

* Which lines are shared follows from the code that runs.  It does not depend on
  how fast a machine is, nor on how QEMU schedules its processors.  A processor
  that writes to a line takes it from all others.  So on a real machine, each
  "shared line" can be one transfer between caches for each open().  It is one if
  another processor came in between.
* It does not say how long a transfer takes, nor how often it is one: that depends
  on the machine, on the number of processors and on what else they do.
* QEMU ran one processor after the other while counting: there are as many
  instructions for each call with four processes as with one.  No `cmpxchg` failed
  because of another processor.  Only the base can repeat one in this walk, so its
  figures are a lower bound.
* Lines that less than half of the calls use (e.g. those of interrupts) are not in
  the figures.  Nor is close(), which does not check anything.
* If anything is renamed (even a file), mounted or unmounted during a walk, the
  series walks again with references.  None of this happened here.
* link(), and rename() to another directory, always take references, and so do
  walks below a disconnected directory.
* With `landlock_check_rule_fs` on, a walk that finds more than eight rules is done
  again with references.
"""

TCG_SAYS = """\
QEMU's emulator ran these rounds: one thread of the host plays all processors in
turn, and there are no caches between them.  So four processes do no more in a
millisecond than one, and the ratio is about that of instructions: **it shows
less work, not less waiting**.  The rows of "none" do the same in both kernels.
Their ratios would be 1 without the host's other work and the layout of the
translated code.  With a thread for each processor, this QEMU now and then
crashes the guest (see `scripts/boot`).  Where KVM works, `make bench-scale`
measures real processors instead."""

OTHER_SAYS = """\
These rounds ran on the real processors of a machine that has {processors}, with {machine}:
if there are at least four, waiting for cache lines is in these figures.  The rows
of "none" do the same in both kernels: how far their ratios are from 1 is the
noise."""


def main():
    folder, out, counted, summed, timed, *setup = sys.argv[1:]
    counts = {kernel: read_counts(folder, kernel) for kernel in KERNELS}
    (base, machine), (series, other) = (read_times(folder, kernel) for kernel in KERNELS)
    sums = {kernel: read_sums(folder, kernel) for kernel in KERNELS}
    cases = [list(each) for each in (*counts.values(), *sums.values(), base, series)]
    if machine != other or any(each != cases[0] for each in cases):
        die("base and series differ in cases or in the machine")
    deepest = max((case for case in base if case[:2] == ("landlock", "own")),
                  key=lambda case: (int(case[2]), int(case[3])))
    problems = check(counts)
    with open(out, "w", encoding="utf-8") as file:
        file.write(TEXT.format(
            setup="\n".join(setup), counted=int(counted), summed=int(summed), timed=int(timed),
            rounds=len(base[deepest]), depth=deepest[2],
            lines=counts["base"][deepest]["written"],
            contended=counts["base"][deepest]["contended"],
            series_lines=counts["series"][deepest]["written"] or "none",
            verdict="**A sandbox of the series shares more than no sandbox.**" if problems else
            "In no case does a sandbox of the series share more than no sandbox.",
            counts=counts_table(counts["base"], counts["series"]),
            times=times_table(base, series, sums, int(summed), int(timed)),
            time_says=TCG_SAYS if machine == "TCG" else OTHER_SAYS.format(
                machine=machine, processors=os.cpu_count())))
    for problem in problems:
        print("error:", problem, file=sys.stderr)
    sys.exit(bool(problems))


main()
