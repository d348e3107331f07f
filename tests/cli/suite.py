# SPDX-License-Identifier: Apache-2.0
"""How a test of the command line runs: its tests one after another in a folder that goes
away, what is missing said first, what was found said last."""
import os
import sys
import tempfile

SKIPPED = 77


def skipped_without(*programs):
    """Whether one of them is not built, after a line that says so."""
    for program in programs:
        if not os.path.exists(program):
            print(f"skipped: {program} is not built")
            return True
    return False


def in_turn(prefix, tests, place=str):
    """Each test with `place` of one new folder; a failed one ends it by its exception."""
    with tempfile.TemporaryDirectory(prefix=prefix) as root:
        where = place(root)
        for test in tests:
            test(where)
            print("ok", test.__name__.replace("_", " "), flush=True)
    return 0


def ended(problems):
    """The exit status, after what was wrong in full."""
    for problem in problems:
        print("\n" + problem, file=sys.stderr)
    return 1 if problems else 0
