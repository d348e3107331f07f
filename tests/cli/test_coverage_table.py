#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/coverage_table.py: each branch that no test took is explained by one list or named,
a row that explains nothing is found, and the rows of both lists are of source that is there."""
import fnmatch
import os
import pathlib
import sys

import suite

ROOT = pathlib.Path(os.environ.get("PO_SOURCE_DIR",
                                   pathlib.Path(__file__).resolve().parent.parent.parent))
sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True
import coverage_table as table  # pylint: disable=wrong-import-position

SOURCE = "if (length < 0)\nif (status == PO_OK)\nif (count > 3)\n"
# Two branches a line, the first of each taken.
COUNTS = {("store/a.c", line, number): 5 * (number == 0) for line in (1, 2, 3)
          for number in (0, 1)}
COUNTS["cli/b.c", 1, 0] = 0  # a folder that is not looked at


def lists(folder, known, rest):
    made = []
    for name, text in (("known.txt", known), ("rest.txt", rest)):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write("# a list\n\n" + text)
        made.append(table.Reasons(path))
    return made


def sources(folder):
    os.makedirs(os.path.join(folder, "src", "store"), exist_ok=True)
    with open(os.path.join(folder, "src", "store", "a.c"), "w", encoding="utf-8") as out:
        out.write(SOURCE)
    return table.Sources(folder)


def each_branch_has_its_place(folder):
    known, rest = lists(folder, "* | length < 0 | cannot\n",
                        "store/*.c | status == | ladder\nstore/a.c | count | ladder\n")
    total, taken, bare = table.sort_out(COUNTS, known, rest, sources(folder))
    assert (total, taken) == ({"supervise": 6}, {"supervise": 3}), (total, taken)
    assert not bare, bare
    assert known.table() == [(("supervise", "cannot"), 1)], known.table()
    assert rest.table() == [(("supervise", "ladder"), 2)], rest.table()
    assert rest.total("supervise") == 2 and not known.idle() and not rest.idle()


def what_no_row_explains_is_named(folder):
    known, rest = lists(folder, "base/*.c | length < 0 | of another folder\n", "")
    _, _, bare = table.sort_out(COUNTS, known, rest, sources(folder))
    assert sorted(bare) == [("store/a.c", line) for line in (1, 2, 3)], bare


def an_idle_row_is_found(folder):
    taken = {place: 1 for place in COUNTS}
    known, rest = lists(folder, "* | length < 0 | cannot\n", "* | status | ladder\n")
    table.sort_out(taken, known, rest, sources(folder))
    assert [row[2] for row in known.idle() + rest.idle()] == ["cannot", "ladder"]


def a_row_without_a_reason_is_refused(folder):
    for row in ("* | length < 0\n", "* | length < 0 | \n", "* |  | why\n", "a | b | c | d\n"):
        try:
            lists(folder, "", row)
        except SystemExit as refusal:
            assert "rest.txt" in str(refusal), refusal
        else:
            raise AssertionError("taken: " + row)


def rows_are_of_lines_that_exist(_):
    texts = {path.relative_to(ROOT / "src").as_posix(): path.read_text().split("\n")
             for path in (ROOT / "src").rglob("*.[ch]")}
    for name in ("coverage_known.txt", "coverage_rest.txt"):
        for files, pattern, _ in table.Reasons(ROOT / "scripts" / name).rows:
            found = any(pattern.search(line) for file, lines in texts.items()
                        if fnmatch.fnmatch(file, files) for line in lines)
            assert found, f"{name}: no such line: {files} | {pattern.pattern}"


if __name__ == "__main__":
    sys.exit(suite.in_turn("po-coverage-", [
        each_branch_has_its_place, what_no_row_explains_is_named, an_idle_row_is_found,
        a_row_without_a_reason_is_refused, rows_are_of_lines_that_exist]))
