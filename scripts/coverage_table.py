#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Branch coverage of the folders of src/, from gcov's JSON: coverage_table.py BUILD.

Prints a line a folder (branches, taken, percent) and writes BUILD/untaken.txt: a line a
source line of which a branch was never taken. Branches that gcov marks as thrown are not
counted: C has no exceptions."""
import collections
import glob
import gzip
import json
import os
import subprocess
import sys
import tempfile

FOLDERS = ["base", "settings", "image", "calib", "session", "record", "supervise"]
# The rooms that the supervisor was split into count as it did.
ROOMS = {"process": "supervise", "budget": "supervise", "survey": "supervise",
         "store": "supervise"}


def reports(build):
    """The JSON of every object of the program's own libraries."""
    found = [os.path.abspath(path) for path in
             glob.glob(os.path.join(build, "CMakeFiles", "po_*.dir", "**", "*.gcda"),
                       recursive=True)]
    with tempfile.TemporaryDirectory() as work:
        for start in range(0, len(found), 50):
            subprocess.run(["gcov", "--json-format", "--branch-probabilities",
                            *found[start:start + 50]], cwd=work, check=True,
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


def main():
    build = sys.argv[1]
    counts = branches_of(build)
    total, taken, untaken = (collections.Counter() for _ in range(3))
    for (name, line, _), count in counts.items():
        folder = name.split("/")[0]
        folder = ROOMS.get(folder, folder)
        total[folder] += 1
        taken[folder] += count > 0
        untaken[name, line] += count == 0
    with open(os.path.join(build, "untaken.txt"), "w", encoding="utf-8") as out:
        for (name, line), count in sorted(untaken.items()):
            if count > 0:
                out.write("%s:%d: %d\n" % (name, line, count))
    print("%-12s %9s %9s %8s" % ("folder", "branches", "taken", "percent"))
    for folder in FOLDERS:
        print("%-12s %9d %9d %7.1f%%" % (folder, total[folder], taken[folder],
                                         100.0 * taken[folder] / max(total[folder], 1)))


if __name__ == "__main__":
    main()
