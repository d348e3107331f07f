#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each option that names a file or folder, with each command and a name that is not there: it
ends with an error that says which option, or the file is one that is made."""
import os
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import suite

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build"))
TOOL = BUILD / "process_offline"
COMMANDS = ("", "--list", "--dry-run", "--check", "--plan", "--merge", "--calibrate", "--recalibrate")
NOTHING = "/nowhere/nothing"
# What is given in place of --input, and with what.
ALONE = {"left": ["--right", NOTHING], "right": ["--left", NOTHING], "input": [], "input-list": [],
         "network-info": []}
# What else it takes to be looked at.
BESIDE = {"network": ["--matcher", "network"], "network-config": ["--matcher", "network", "--network",
                                                                  NOTHING],
          "prior-config": ["--prior", NOTHING], "onnxruntime": ["--prior", NOTHING]}
# Written by a run, so looked at when it begins.
LATER = {"junit": ("--list", "--dry-run", "--check", "--plan", "--merge")}


def file_options():
    """The names of options whose argument is a file, from the help that the table makes."""
    text = subprocess.run([TOOL, "--help", "all"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^  (?:-\w, )?--([a-z-]+) \S*(?:FILE|DIR|REPORT)", text, re.M)
    assert {"calibration", "prior", "baseline", "config", "input-list"} <= set(found), found
    return sorted(set(found) - {"output"})


def call(place, command, option):
    """The run, and the options of which one must be named."""
    output = ["--output", place / "out" / (command.strip("-") or "run") / "rig.yml"]
    output[1].parent.mkdir(parents=True, exist_ok=True)
    session = [] if option in ALONE else ["--input", place / "session"]
    asked = ["--" + option, NOTHING, *ALONE.get(option, BESIDE.get(option, []))]
    words = [*session, *([] if option == "network-info" else output), *([command] if command else []),
             *asked]
    done = subprocess.run([TOOL, *words], capture_output=True, text=True, timeout=120, check=False)
    return done, [word for word in asked if word.startswith("--")]


def test_each_says_its_option(place):
    place = pathlib.Path(place)
    subprocess.run([BUILD / "tests" / "make_scene", place / "session", "--frames", "2", "--size",
                    "64x48"], check=True, stdout=subprocess.DEVNULL)
    problems = []
    options = file_options()
    for option in options:
        for command in COMMANDS:
            if command in LATER.get(option, ()):
                continue
            done, asked = call(place, command, option)
            said = done.stdout + done.stderr
            named = any(word in said for word in asked)
            # A session is known by its place; a merge asks for the session and its plan first.
            named |= option == "input" and NOTHING in said
            named |= command == "--merge" and ("no plan of the session" in said or
                                               "--merge needs --input" in said)
            if done.returncode == 0 or not named:
                problems.append(f"{command or 'a run'} --{option}: status {done.returncode}: "
                                f"{said[-300:]}")
    assert not problems, "\n".join(problems)
    print(len(options), "options with", len(COMMANDS), "commands")


def main():
    if suite.skipped_without(TOOL, BUILD / "tests" / "make_scene"):
        return suite.SKIPPED
    return suite.in_turn("po_asked_", [test_each_says_its_option])


if __name__ == "__main__":
    sys.exit(main())
