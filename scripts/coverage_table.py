#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Branch coverage of the folders of src/, from gcov's JSON: coverage_table.py BUILD.

Prints a line a folder, and why branches were not taken; two lists beside this script say
it, a line each: file (a pattern) | pattern of the source line | the reason.
- coverage_known.txt: what no test can take. Left out of the second percentage.
- coverage_rest.txt: what a test could take and none does. Counted as not taken.
Writes BUILD/untaken.txt: a line a source line of which a branch was never taken and that
neither list explains. A line of a list that explains nothing is an error: what is taken at
last leaves its list. Branches that gcov marks as thrown are not counted: C has no
exceptions."""
import collections
import fnmatch
import glob
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
FOLDERS = ["base", "settings", "image", "calib", "session", "record", "supervise"]
# The rooms that the supervisor was split into count as it did.
ROOMS = {"process": "supervise", "budget": "supervise", "survey": "supervise",
         "store": "supervise"}


def reports(build):
    """The JSON of every object of the program's own libraries."""
    found = [os.path.abspath(path) for pattern in ("CMakeFiles/po_*.dir", "tests/CMakeFiles/"
             "process_offline_faults.dir") for path in
             glob.glob(os.path.join(build, pattern, "**", "*.gcda"), recursive=True)]
    with tempfile.TemporaryDirectory() as work:
        for start in range(0, len(found), 50):
            subprocess.run(["gcov", "--json-format", "--branch-probabilities",
                            *found[start:start + 50]], cwd=work, check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for path in glob.glob(os.path.join(work, "*.gcov.json.gz")):
                with gzip.open(path, "rt", encoding="utf-8") as handle:
                    yield json.load(handle)
                os.unlink(path)


def branches_of(build):
    """{(file, line, number of the branch): how often it was taken}"""
    counts = collections.Counter()
    for report in reports(build):
        for file in report["files"]:
            if "/src/" not in file["file"]:
                continue
            name = file["file"].split("/src/")[-1]
            for line in file["lines"]:
                for number, branch in enumerate(line["branches"]):
                    if not branch["throw"]:
                        counts[name, line["line_number"], number] += branch["count"]
    return counts


def folder_of(name):
    folder = name.split("/")[0]
    return ROOMS.get(folder, folder)


class Sources:
    """The lines of src/, read once."""

    def __init__(self, root):
        self.root, self.texts = root, {}

    def line(self, name, number):
        if name not in self.texts:
            with open(os.path.join(self.root, "src", name), encoding="utf-8") as handle:
                self.texts[name] = handle.read().split("\n")
        lines = self.texts[name]
        return lines[number - 1] if number <= len(lines) else ""  # shorter since the build


class Reasons:
    """One list, and how many branches of which folder each of its rows explains."""

    def __init__(self, path):
        self.name, self.rows, self.counts = os.path.basename(path), [], []
        with open(path, encoding="utf-8") as handle:
            for line in handle:
                if not line.strip() or line.startswith("#"):
                    continue
                parts = [part.strip() for part in line.split(" | ")]
                if len(parts) != 3 or not all(parts):
                    raise SystemExit("%s: not file | pattern | reason: %s" % (self.name, line))
                self.rows.append((parts[0], re.compile(parts[1]), parts[2]))
                self.counts.append(collections.Counter())

    def explain(self, name, text):
        """Whether a row tells why a branch of this line of source was not taken."""
        for number, (files, pattern, _) in enumerate(self.rows):
            if fnmatch.fnmatch(name, files) and pattern.search(text):
                self.counts[number][folder_of(name)] += 1
                return True
        return False

    def total(self, folder):
        return sum(count[folder] for count in self.counts)

    def table(self):
        """Branches by folder and reason, the most first; rows that share a reason are one."""
        sums = collections.Counter()
        for (_, _, reason), count in zip(self.rows, self.counts):
            for folder, branches in count.items():
                sums[folder, reason] += branches
        return sorted(sums.items(), key=lambda item: (FOLDERS.index(item[0][0]), -item[1],
                                                      item[0][1]))

    def idle(self):
        return [row for row, count in zip(self.rows, self.counts) if not count]


def sort_out(counts, known, rest, sources):
    """Branches and taken ones by folder; by file and line what neither list explains."""
    total, taken, bare = (collections.Counter() for _ in range(3))
    for (name, line, _), count in counts.items():
        folder = folder_of(name)
        if folder not in FOLDERS:
            continue
        total[folder] += 1
        taken[folder] += count > 0
        if count == 0:
            text = sources.line(name, line)
            if not known.explain(name, text) and not rest.explain(name, text):
                bare[name, line] += 1
    return total, taken, bare


def print_folders(total, taken, known, rest, bare):
    unexplained = collections.Counter()
    for (name, _), count in bare.items():
        unexplained[folder_of(name)] += count
    print("%-10s %8s %7s %8s %10s %9s %10s %10s" % (
        "folder", "branches", "taken", "percent", "cannot be", "of others", "explained",
        "no reason"))
    for folder in FOLDERS:
        excused = known.total(folder)
        print("%-10s %8d %7d %7.1f%% %10d %8.1f%% %10d %10d" % (
            folder, total[folder], taken[folder],
            100.0 * taken[folder] / max(total[folder], 1), excused,
            100.0 * taken[folder] / max(total[folder] - excused, 1), rest.total(folder),
            unexplained[folder]))


def main():
    build = sys.argv[1]
    sources = Sources(ROOT)
    known = Reasons(os.path.join(ROOT, "scripts", "coverage_known.txt"))
    rest = Reasons(os.path.join(ROOT, "scripts", "coverage_rest.txt"))
    total, taken, bare = sort_out(branches_of(build), known, rest, sources)
    with open(os.path.join(build, "untaken.txt"), "w", encoding="utf-8") as out:
        for (name, line), count in sorted(bare.items()):
            out.write("%s:%d: %d: %s\n" % (name, line, count,
                                           sources.line(name, line).strip()))
    print_folders(total, taken, known, rest, bare)
    for title, reasons in (("no test can take", known), ("no test takes", rest)):
        print("\nWhat %s, and why (%s)" % (title, reasons.name))
        for (folder, reason), count in reasons.table():
            print("%-10s %6d  %s" % (folder, count, reason))
    idle = [(reasons, row) for reasons in (known, rest) for row in reasons.idle()]
    for reasons, (files, pattern, _) in idle:
        print("%s: explains nothing: %s | %s" % (reasons.name, files, pattern.pattern))
    return 1 if idle else 0


if __name__ == "__main__":
    sys.exit(main())
