#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Turns what bench/bench.c counted into cost.csv, cost.md and cost.svg.

usage: bench.py DIR OUT SETUP...   SETUP: lines on how it was measured

DIR has base-N.csv, tracing-N.csv (the series without the patches that make checks
faster) and series-N.csv, one for each boot, KERNEL-memory.csv, and KERNEL-structs,
which is what pahole prints for what STRUCTS names.  Fails, and
says why, if boots differ by more than 1 %, or if an aim is missed.
"""
import csv
import glob
import os
import statistics
import sys

SPREAD = 0.01
KERNELS = ("base", "series")
STRUCTS = (
    ("landlock_ruleset", "ruleset"),
    ("landlock_domain", "domain"),
    ("landlock_hierarchy", "hierarchy node, one per domain"),
    ("landlock_details", "details of a domain, without the path of its program"),
    ("landlock_rule", "rule, without its layers"),
    ("landlock_layer", "layer of a rule"),
    ("landlock_object", "object, one per inode that has rules"),
    ("landlock_cred_security", "part of credentials"),
    ("landlock_file_security", "part of an open file"),
    ("landlock_request", "denied request, on the stack"),
)
# Of the issue that asked for these figures.
AIM_OFF = 0.005
AIM_DENY_FS = 1100
AIM_CHECK = 400
YARDSTICK = "prctl PR_SET_NAME"
COLORS = {
    "base": "#9e9e9e",
    "off": "#a6cee3",
    "event": "#1f78b4",
    "audit": "#fdbf6f",
    "audit-syscall": "#e66101",
}
LABELS = {
    "base": "base 7.2, no audit",
    "off": "series, events off",
    "event": "series, its event on",
    "audit": "series, audit on instead",
    "audit-syscall": "series, audit on, with a record of the system call",
}


def die(what, *how):
    print("error:", what, file=sys.stderr)
    for line in how:
        print("  " + line, file=sys.stderr)
    sys.exit(1)


def read_boots(folder, kernel):
    """Returns {(case, mode): [(instructions, records) of each boot]}."""
    figures = {}
    paths = sorted(glob.glob(os.path.join(folder, kernel + "-[0-9].csv")))
    for path in paths:
        with open(path, encoding="ascii") as file:
            for row in csv.DictReader(file):
                key = row["case"], row["mode"]
                value = int(row["instructions"]), int(row["records"])
                figures.setdefault(key, []).append(value)
    for key, values in figures.items():
        if len(values) != len(paths):
            die(f"{kernel}: {key} is not in each of {len(paths)} boots")
    if not figures:
        die(f"no figures of the {kernel} in {folder}", "Run scripts/bench.")
    return figures


def summarize(boots, kernel, problems):
    """Returns {(case, mode): (median, min, max, records)}."""
    figures = {}
    for key, values in boots.items():
        counts = [count for count, _ in values]
        median = int(statistics.median(counts))
        if max(counts) - min(counts) > SPREAD * median:
            problems.append(f"{kernel}: boots differ by more than 1 %: {key}: {counts}")
        # With all events on, those of the worker that frees domains come too.
        if key[1] != "all" and len({records for _, records in values}) != 1:
            problems.append(f"{kernel}: boots differ in records: {key}: {values}")
        figures[key] = median, min(counts), max(counts), values[0][1]
    return figures


class Figures:
    """Medians of all kernels, cases and modes."""

    def __init__(self, folder, problems):
        self.of = {}
        self.boots = 0
        for kernel in (*KERNELS, "tracing"):
            boots = read_boots(folder, kernel)
            self.boots = len(next(iter(boots.values())))
            for (case, mode), figure in summarize(boots, kernel, problems).items():
                self.of[kernel, case, mode] = figure
        self.cases = list(dict.fromkeys(case for kernel, case, mode in self.of
                                        if kernel == "series" and mode == "off"))
        self.cases.remove(YARDSTICK)

    def get(self, case, mode, kernel="series"):
        return self.of.get((kernel, case, mode), (None,))[0]

    def records(self, case, mode):
        return self.of["series", case, mode][3]

    def off_change(self, case):
        return self.get(case, "off") / self.get(case, "off", "base") - 1

    def event(self, case):
        """The mode that has the event of this case on, if it has one."""
        for kernel, other, mode in self.of:
            if kernel == "series" and other == case and \
                    not mode.startswith(("off", "all", "audit", "delivered")):
                return mode
        return None

    def added(self, case, mode):
        """What a mode adds to a call."""
        return self.get(case, mode) - self.get(case, "off")

    def per_record(self, case, mode):
        records = self.records(case, mode)
        if not records:
            die(f"no event in {case} with {mode} on", "The case or the event is broken.")
        return self.added(case, mode) / records


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |",
             "|" + "|".join("---" if i == 0 else "--:" for i in range(len(head))) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def number(value):
    return f"{value:,}" if value is not None else ""


def plus(value):
    return f"+{value:,.0f}" if value >= 0 else f"−{-value:,.0f}"


def percent(value):
    return f"{100 * value:+.2f} %".replace("-", "−")


def allowed_table(figures):
    rows = []
    for case in figures.cases:
        if " denied" in case:
            continue
        event = figures.event(case)
        row = [case, number(figures.get(case, "off", "base")),
               number(figures.get(case, "off", "tracing")),
               number(figures.get(case, "off")), percent(figures.off_change(case))]
        if event:
            row += ["`%s`" % event, plus(figures.added(case, event))]
        else:
            row += ["", ""]
        rows.append(row + [plus(figures.added(case, "all"))])
    return table(["system call", "base", "tracing alone", "events off", "change", "event",
                  "event on", "all on"], rows)


def denied_table(figures):
    rows = []
    for case in figures.cases:
        if " denied" not in case:
            continue
        event = figures.event(case)
        rows.append([case, number(figures.get(case, "off", "base")),
                     number(figures.get(case, "off", "tracing")),
                     number(figures.get(case, "off")), percent(figures.off_change(case)),
                     "`%s`" % event, plus(figures.added(case, event)),
                     plus(figures.added(case, "audit")),
                     plus(figures.added(case, "audit-syscall"))])
    return table(["system call", "base", "tracing alone", "events off", "change", "event",
                  "event on", "audit on", "and its system call"], rows)


def delivered_table(figures):
    rows = []
    for case in figures.cases:
        if figures.get(case, "delivered-audit") is None:
            continue
        off = figures.get(case, "delivered-off")
        rows.append([case, plus(figures.get(case, "delivered-event") - off),
                     plus(figures.get(case, "delivered-audit") - off)])
    return table(["system call", "event, read as text", "audit record, read"], rows)


def read_memory(folder, kernel):
    path = os.path.join(folder, kernel + "-memory.csv")
    with open(path, encoding="ascii") as file:
        return {row["case"]: [int(row[name]) for name in
                              ("allocations", "requested", "allocated")]
                for row in csv.DictReader(file)}


def read_structs(folder, kernel):
    """Returns {name: size in bytes} of what "pahole --sizes" prints."""
    sizes = {}
    with open(os.path.join(folder, kernel + "-structs"), encoding="utf-8") as file:
        for line in file:
            name, size, _ = line.split("\t")
            sizes[name] = int(size)
    return sizes


def structs_table(folder):
    sizes = [read_structs(folder, kernel) for kernel in KERNELS]
    rows = []
    for name, what in STRUCTS:
        base, series = (size.get(name) for size in sizes)
        if name == "landlock_domain":
            base = sizes[0]["landlock_ruleset"]
        rows.append([f"`struct {name}`: {what}", number(base), number(series)])
    return table(["", "base", "series"], rows)


def memory_table(folder):
    memory = [read_memory(folder, kernel) for kernel in KERNELS]
    rows = []

    def add(what, get):
        row = [what]
        for column in (1, 2):
            row += [f"{get(memory[i], column):,.0f}" for i in (0, 1)]
        rows.append(row)

    add("ruleset", lambda m, i: m["create_ruleset"][i])
    add("rule of a ruleset", lambda m, i: m["add_rule net"][i])
    add("the same, the first rule of a file", lambda m, i: m["add_rule fs (first rule of a file)"][i])
    for layers in (1, 2, 16):
        add(f"domain with {layers} layer{'s' * (layers > 1)}, without rules",
            lambda m, i, n=layers: m[f"restrict_self rules=0 layers={n}"][i])
    for layers in (1, 2, 16):
        # 100 rules of files and 100 of ports more.
        add(f"rule of a domain with {layers} layer{'s' * (layers > 1)}",
            lambda m, i, n=layers: (m[f"restrict_self rules=101 layers={n}"][i] -
                                    m[f"restrict_self rules=1 layers={n}"][i]) / 200)
    return table(["", "base, asked for", "series, asked for", "base, given", "series, given"], rows)


def check_records(figures, problems):
    """Each event that is on comes once for each call, and none does when off."""
    for kernel, case, mode in figures.of:
        if kernel != "series" or mode.startswith(("all", "delivered", "audit")):
            continue
        want = 0 if mode == "off" else 1
        if figures.records(case, mode) != want:
            problems.append(f"{case}: {figures.records(case, mode)} events with {mode}, expected {want}")


def check_aims(figures, problems):
    """Returns the rows of the table of aims, and adds what is missed."""
    rows = []

    def aim(what, want, got, met):
        rows.append([what, want, got, "yes" if met else "**no**"])
        if not met:
            problems.append(f"aim missed: {what}: {got}, aim {want}")

    worst = max(figures.cases, key=figures.off_change)
    aim("whole series, events off, worst case against the base", "≤ +0.5 %",
        f"{percent(figures.off_change(worst))} ({worst})", figures.off_change(worst) <= AIM_OFF)

    rows.append(["for comparison: `task_rename` event of the base, a process ID and two names", "",
                 number(figures.added(YARDSTICK, "task_rename")), ""])
    denials = [case for case in figures.cases if " denied" in case]
    files = [case for case in denials if case.startswith("open ")]
    for case in files:
        if "depth=3 " not in case or not case.endswith(" layers=1"):
            continue
        cost = figures.added(case, figures.event(case))
        aim(f"`deny_access_fs` event: {case}", f"≤ {AIM_DENY_FS:,}", number(cost), cost <= AIM_DENY_FS)
    for case in figures.cases:
        if figures.event(case) != "check_rule_fs" or not case.endswith("depth=10 rules=1 layers=1"):
            continue
        cost = figures.per_record(case, "check_rule_fs")
        aim(f"`check_rule_fs` event: {case}", f"≤ {AIM_CHECK}", f"{cost:,.0f}", cost <= AIM_CHECK)
    for case in figures.cases:
        if figures.event(case) == "check_rule_net" and case.startswith("bind ") and case.endswith("layers=1"):
            cost = figures.per_record(case, "check_rule_net")
            aim(f"`check_rule_net` event: {case}", f"≤ {AIM_CHECK}", f"{cost:,.0f}", cost <= AIM_CHECK)
    worst = max(denials, key=lambda case: figures.added(case, figures.event(case)) /
                figures.added(case, "audit"))
    aim("each denial event against the audit record of the same denial, worst case", "less",
        f"{number(figures.added(worst, figures.event(worst)))} against "
        f"{number(figures.added(worst, 'audit'))} ({worst})",
        figures.added(worst, figures.event(worst)) < figures.added(worst, "audit"))
    return rows


def draw(figures, path):
    """A bar for each mode of some cases."""
    wanted = [case for case in figures.cases if case in (
        "open none depth=10", "open allowed depth=10 rules=1 layers=1",
        "open allowed depth=10 rules=10 layers=1",
        "open allowed depth=10 rules=1000 layers=16",
        "open denied depth=3 rules=1 layers=1", "open denied depth=10 rules=1 layers=16",
        "bind allowed layers=1", "bind denied layers=1", "connect denied layers=1",
        "kill denied layers=1", "connect-unix denied layers=1", "ptrace denied layers=1",
        "create_ruleset", "add_rule fs depth=3")]
    bars = []
    for case in wanted:
        event = figures.event(case)
        values = [("base", figures.get(case, "off", "base")), ("off", figures.get(case, "off"))]
        if event:
            values.append(("event", figures.get(case, event)))
        for mode in ("audit", "audit-syscall"):
            if figures.get(case, mode):
                values.append((mode, figures.get(case, mode)))
        bars.append((case, values))
    left, right, height, gap, top = 300, 640, 13, 12, 30 + 18 * len(LABELS)
    scale = right / max(value for _, values in bars for _, value in values)
    out, y = [], top
    for i, (mode, label) in enumerate(LABELS.items()):
        out.append(f'<rect x="{left}" y="{34 + 18 * i}" width="12" height="12" fill="{COLORS[mode]}"/>')
        out.append(f'<text x="{left + 18}" y="{44 + 18 * i}">{label}</text>')
    y += 14
    for case, values in bars:
        middle = y + height * len(values) / 2 + 4
        out.append(f'<text x="{left - 8}" y="{middle:.0f}" text-anchor="end">{case}</text>')
        for mode, value in values:
            width = value * scale
            out.append(f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{height - 2}" '
                       f'fill="{COLORS[mode]}"/>')
            out.append(f'<text x="{left + width + 5:.1f}" y="{y + 9}" font-size="10">{value:,}</text>')
            y += height
        y += gap
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right + 70}" height="{y}" '
                   'font-family="sans-serif" font-size="12">\n'
                   f'<rect width="100%" height="100%" fill="white"/>\n'
                   f'<text x="{left}" y="20" font-size="14">Instructions per system call</text>\n')
        file.write("\n".join(out) + "\n</svg>\n")


def write_csv(figures, path):
    with open(path, "w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["kernel", "case", "mode", "instructions", "min", "max", "records"])
        for (kernel, case, mode), figure in figures.of.items():
            writer.writerow([kernel, case, mode, *figure])


TEXT = """\
# What the series costs

`make bench` made this file, [`cost.csv`](cost.csv) and [`cost.svg`](cost.svg).

![instructions per system call](cost.svg)

{setup}

A figure is the number of instructions that the guest ran from the one that
enters the kernel to the one after it: the minimum of many calls, then the
median of {boots} boots.  Time plays no role: QEMU counts instructions, so that
a figure does not depend on what else a machine does.  It says nothing about
caches.

* "depth": an absolute path of that many names, below the root of a tmpfs.  The
  rule that allows an open() is the one of `/`, so a check walks all of the path.
  The other rules are of other files.  A denied open() is one of a file without a
  rule on its way.
* "rules": so many rules of files and as many of ports in each layer.
* "none": a task that is not sandboxed.
* "tracing alone": the series up to the patch that documents the events, with
  events off.  The patches after it make checks faster.
* "events off": the whole series.
* "event on": what it adds to have this event in the ring buffer.
* "audit on": what it adds to have the audit record of the same denial queued,
  for a task that is older than audit.  "and its system call" is for a younger
  one, whose system calls audit follows: for a denial, it then records the system
  call, too.  A reader of the audit socket plays auditd's part.

## Aims

{aims}
"Tracing alone" adds instructions to a denied request, and two for each directory
that a check visits.  In some cases this is more than the aim.  The patches after
it take that back.

What an event costs is mostly the tracing core.  This holds even for the base's
`task_rename`, which only copies a number and two names.  No event of this kernel
can take 400.  Of `check_rule_net`, about 110 instructions are the event's own
code, with those that read what it is about.

A denial of a file resolves its path.  This takes 140 instructions for each
directory, most of them in the VFS's own `copy_from_kernel_nofault()` of a name.
A path of more than 256 bytes is resolved a second time.  Next idea: a way for the
VFS to copy the names of a pinned path without faults in mind.

## Denials

{denied}
What it adds until a reader has the record, in a task whose system calls audit
does not follow.  This is the denial, a `sched_yield()` that lets the kernel's
thread for audit send the record, and a `read()` of the audit socket or of
`trace_pipe`.  That `read()` makes the text of an event:

{delivered}
## What is allowed

{allowed}
`free_domain` is not in the table: a worker frees a domain, not a system call.

## Memory

In bytes, from pahole.  In the base, a domain is a `struct landlock_ruleset`.

{structs}
What `kmalloc()` was asked for and gave, from the events of `kmem`, without
credentials.  That of a domain includes its hierarchy node and its details, with
the path of the program:

{memory}"""


def main():
    folder, out, *setup = sys.argv[1:]
    problems = []
    figures = Figures(folder, problems)
    check_records(figures, problems)
    aims = check_aims(figures, problems)
    os.makedirs(out, exist_ok=True)
    write_csv(figures, os.path.join(out, "cost.csv"))
    draw(figures, os.path.join(out, "cost.svg"))
    with open(os.path.join(out, "cost.md"), "w", encoding="utf-8") as file:
        file.write(TEXT.format(
            setup="\n".join(setup), boots=figures.boots,
            aims=table(["aim", "wanted", "measured", "met"], aims),
            denied=denied_table(figures), delivered=delivered_table(figures),
            allowed=allowed_table(figures), structs=structs_table(folder),
            memory=memory_table(folder)))
    for problem in problems:
        print("error:", problem, file=sys.stderr)
    figures_count = len(figures.of)
    print(f"{len(figures.cases)} cases, {figures_count} figures, {figures.boots} boots each: "
          f"{len(problems)} problems")
    sys.exit(bool(problems))


main()
