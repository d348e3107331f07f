#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Branch coverage of the folders of src/, from gcov's JSON: coverage_table.py BUILD.

Prints a line a folder and writes BUILD/untaken.txt: a line a source line of which a branch
was never taken. What cannot be taken is listed in coverage_known.txt beside this script, a
line each: file (a pattern), a pattern of the source line, the reason. Such branches are left
out of the second percentage; a line that leaves nothing out is an error. Branches that gcov
marks as thrown are not counted: C has no exceptions."""
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
KNOWN = os.path.join(ROOT, "scripts", "coverage_known.txt")
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


class Known:
    """What cannot be taken, and which of its lines left something out."""

    def __init__(self):
        self.rows, self.texts, self.needed = [], {}, set()
        with open(KNOWN, encoding="utf-8") as handle:
            for line in handle:
                if line.strip() and not line.startswith("#"):
                    files, pattern, reason = (part.strip() for part in line.split(" | "))
                    self.rows.append((files, re.compile(pattern), reason))

    def source(self, name, line):
        if name not in self.texts:
            with open(os.path.join(ROOT, "src", name), encoding="utf-8") as handle:
                self.texts[name] = handle.read().split("\n")
        lines = self.texts[name]
        return lines[line - 1] if line <= len(lines) else ""  # shorter since the build

    def excuse(self, name, line):
        """The number of the row that explains a line, or None."""
        text = self.source(name, line)
        for number, (files, pattern, _) in enumerate(self.rows):
            if fnmatch.fnmatch(name, files) and pattern.search(text):
                self.needed.add(number)
                return number
        return None


def main():
    build = sys.argv[1]
    known = Known()
    total, taken, excused = (collections.Counter() for _ in range(3))
    reasons, untaken = collections.Counter(), collections.Counter()
    for (name, line, _), count in branches_of(build).items():
        folder = name.split("/")[0]
        folder = ROOMS.get(folder, folder)
        if folder not in FOLDERS:
            continue
        total[folder] += 1
        taken[folder] += count > 0
        row = known.excuse(name, line) if count == 0 else None
        if row is not None:
            excused[folder] += 1
            reasons[row] += 1
        elif count == 0:
            untaken[name, line] += 1
    with open(os.path.join(build, "untaken.txt"), "w", encoding="utf-8") as out:
        for (name, line), count in sorted(untaken.items()):
            out.write("%s:%d: %d: %s\n" % (name, line, count, known.source(name, line).strip()))
    print("%-12s %9s %9s %9s %8s %10s" % ("folder", "branches", "taken", "excused", "percent",
                                         "of others"))
    for folder in FOLDERS:
        print("%-12s %9d %9d %9d %7.1f%% %9.1f%%" % (
            folder, total[folder], taken[folder], excused[folder],
            100.0 * taken[folder] / max(total[folder], 1),
            100.0 * taken[folder] / max(total[folder] - excused[folder], 1)))
    for row, count in reasons.most_common():
        print("%6d  %s" % (count, known.rows[row][2]))
    idle = [" | ".join((row[0], row[1].pattern)) for number, row in enumerate(known.rows)
            if number not in known.needed]
    for line in idle:
        print("leaves nothing out: " + line)
    return 1 if idle else 0


if __name__ == "__main__":
    sys.exit(main())
