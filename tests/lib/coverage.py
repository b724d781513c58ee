# SPDX-License-Identifier: GPL-2.0-only
"""Reports what gcov saw of security/landlock, of the events' header and of what
the series adds to other files.

usage: coverage.py LINUX BASE REASONS JSON...

JSON is what "gcov --json-format -b" wrote.  REASONS has one reason per line,
as FILE-GLOB | REGEX | REASON: it stands for the uncovered lines that REGEX
finds together with the three lines before them (joined by line breaks).

Fails if a line that the commits after BASE add or change is uncovered without a
reason, or if less than 96 % of the lines of security/landlock are covered.  A
reason that stands for no line is told: races do happen now and then.
"""

import fnmatch
import gzip
import json
import re
import subprocess
import sys

MINIMUM = 96.0
# All of these count, of other files only what is new.
WHOLE = re.compile(r'security/landlock/|include/trace/events/landlock\.h$')
# KUnit's, which run with the rest.
TESTS = re.compile(r'.*(_test|_kunit)\.[ch]$')


class File:
    """Counts of one source, summed over all objects that it is part of."""

    def __init__(self):
        self.lines = {}
        self.branches = {}
        self.functions = {}
        self.tests = set()

    def add(self, data, only=None):
        for line in data['lines']:
            number = line['line_number']
            if only is not None and number not in only:
                continue
            self.lines[number] = self.lines.get(number, 0) + line['count']
            if line.get('function_name', '').startswith('test_') or TESTS.match(data['file']):
                self.tests.add(number)
            # One copy for each place where it is inlined, which may differ.
            counts = tuple(b['count'] for b in line['branches'])
            old = self.branches.setdefault(number, {}).setdefault(len(counts), (0,) * len(counts))
            self.branches[number][len(counts)] = tuple(map(sum, zip(old, counts)))
        for function in data['functions']:
            if only is not None and function['start_line'] not in only:
                continue
            key = function['start_line'], function['name']
            self.functions[key] = self.functions.get(key, 0) + function['execution_count']

    def figures(self):
        branches = [c for sets in self.branches.values() for counts in sets.values() for c in counts]
        return [(sum(1 for c in counts if c), len(counts))
                for counts in (self.lines.values(), self.functions.values(), branches)]


def series_files(linux, base):
    """Sources that the commits after BASE add or change, but for KUnit's own."""
    names = subprocess.run(
        ['git', '-C', linux, '-c', 'safe.directory=*', 'diff', '--name-only', '--diff-filter=d',
         f'{base}..HEAD', '--', '*.c', '*.h', ':!tools', ':!samples'],
        check=True, capture_output=True, text=True).stdout.split()
    return {name for name in names if WHOLE.match(name) or not TESTS.match(name)}


def load(paths, linux, base):
    files = {}
    names = series_files(linux, base)
    added = {name: changed_lines(linux, base, name) for name in names if not WHOLE.match(name)}
    for path in paths:
        with gzip.open(path, 'rt') as stream:
            report = json.load(stream)
        for data in report['files']:
            name = data['file'].removeprefix(linux + '/')
            if WHOLE.match(name) or name in names:
                files.setdefault(name, File()).add(data, added.get(name))
    for name in sorted(names - set(files)):
        print(f'{name}: no code of its own, or not in this kernel')
    return {name: file for name, file in files.items() if file.lines}


def read_reasons(path):
    reasons = []
    with open(path, encoding='utf-8') as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip() or line.startswith('#'):
                continue
            parts = [part.strip() for part in line.split(' | ')]
            if len(parts) != 3:
                sys.exit(f'error: {path}:{number} is not "FILE | REGEX | REASON"')
            reasons.append((parts[0], re.compile(parts[1]), parts[2], f'{path}:{number}'))
    return reasons


def changed_lines(linux, base, name):
    """Lines of the series, without those that it only moved."""
    blame = subprocess.run(
        ['git', '-C', linux, '-c', 'safe.directory=*', 'blame', '-s', '-M', '-C',
         '--abbrev=40', f'{base}..HEAD', '--', name],
        check=True, capture_output=True, text=True).stdout
    return {number for number, line in enumerate(blame.splitlines(), 1) if not line.startswith('^')}


def percent(covered, total):
    return 100.0 * covered / total if total else 100.0


def cell(covered, total):
    return f'{covered:5}/{total:<5}{percent(covered, total):6.1f} %' if total else f'{"-":>18} '


def print_table(files):
    print(f'{"file":36} {"lines":^19} {"functions":^19} {"branches":^19}')
    totals = [[0, 0], [0, 0], [0, 0]]
    for name in sorted(files):
        figures = files[name].figures()
        print(f'{name:36} ' + ' '.join(cell(*f) for f in figures))
        if name.startswith('security/landlock/'):
            for total, (covered, number) in zip(totals, figures):
                total[0] += covered
                total[1] += number
    print(f'{"all of security/landlock":36} ' + ' '.join(cell(*t) for t in totals))
    counts = [count for name, file in files.items() if name.startswith('security/landlock/')
              for number, count in file.lines.items() if number not in file.tests]
    print(f'{"  without its KUnit tests":36} ' + cell(sum(1 for c in counts if c), len(counts)))
    return percent(*totals[0])


def main():
    linux, base, reasons_path, *paths = sys.argv[1:]
    reasons = read_reasons(reasons_path)
    used = set()
    files = load(paths, linux, base)
    total = print_table(files)
    unexplained = uncovered = of_series = 0
    print('\nUncovered lines (+ are those that the series adds or changes):')
    for name in sorted(files):
        with open(f'{linux}/{name}', encoding='utf-8') as stream:
            text = stream.read().splitlines()
        missing = sorted(n for n, count in files[name].lines.items() if not count)
        changed = changed_lines(linux, base, name) if missing else set()
        for number in missing:
            context = '\n'.join(text[max(number - 4, 0):number])
            found = next((r for r in reasons if fnmatch.fnmatch(name, r[0]) and r[1].search(context)), None)
            uncovered += 1
            if found:
                used.add(found[3])
            if number in changed:
                of_series += 1
                unexplained += not found
            why = found[2] if found else 'NO REASON' if number in changed else '-'
            mark = '+' if number in changed else ' '
            print(f'{mark} {name}:{number}: {text[number - 1].strip()}\n      {why}')

    print(f'\n{uncovered} lines are uncovered, {of_series} of the series, {unexplained} of these without a reason')
    failed = unexplained > 0
    for reason in reasons:
        if reason[3] not in used:
            print(f'note: {reason[3]} stands for no uncovered line: {reason[1].pattern}')
    if total < MINIMUM:
        print(f'error: {total:.1f} % of the lines are covered, {MINIMUM:.0f} % are asked for')
        failed = True
    sys.exit(failed)


main()
