#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Error paths under valgrind: no bad access, nothing lost. The unit tests that feed broken
files to the readers, and the program, with its children, on broken sessions and arguments.
All of them with PO_LONG=1, one of each kind without."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("PO_BINARY_DIR", "build")
TOOL = os.path.join(BUILD, "process_offline")
MAKE_SCENE = os.path.join(BUILD, "tests", "make_scene")
LONG = os.environ.get("PO_LONG") == "1"
FOUND_ERRORS = 99
# "Possibly lost" is left out: the memory of a thread that still runs, and what libGL, which
# OpenCV brings along, takes when it is loaded.
VALGRIND = ["valgrind", "-q", "--leak-check=full", "--trace-children=yes",
            "--show-leak-kinds=definite,indirect", "--errors-for-leak-kinds=definite,indirect",
            "--error-exitcode=%d" % FOUND_ERRORS]
UNITS = ["test_base", "test_settings", "test_manifest", "test_record", "test_image_netpbm",
         "test_image_png_broken"]
LONG_UNITS = ["test_calib_broken", "test_calib_formats", "test_config", "test_image_file",
              "test_image_jpeg", "test_image_tiff", "test_layouts", "test_options"]

problems = []
# The valgrind of Debian 12 does not know pidfd_open; the program then does without it.
FOREIGN_CALL = re.compile(
    r"--\d+-- WARNING: unhandled amd64-linux syscall: 434\n(?:--\d+-- (?!WARNING).*\n)*")


def is_sanitized():
    with open(TOOL, "rb") as handle:
        content = handle.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def checked(name, command, expected):
    """Runs `command` under valgrind; `expected` is its exit status."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as logs:
        done = subprocess.run(
            VALGRIND + ["--log-file=" + os.path.join(logs, "%p"), *command],
            capture_output=True, text=True, errors="replace", timeout=600, check=False,
            env=dict(os.environ, PO_TEST_DATA="/nonexistent"))
        said = ""
        for path in sorted(glob.glob(os.path.join(logs, "*"))):
            with open(path, encoding="utf-8", errors="replace") as handle:
                said += FOREIGN_CALL.sub("", handle.read())
    print("%-40s exit %d %6.1f s" % (name, done.returncode, time.monotonic() - started),
          flush=True)
    if said or done.returncode != expected:
        problems.append("%s: exit %d, want %d\n%s%s" % (
            name, done.returncode, expected, said[:6000], done.stderr[-1500:]))


def sessions(root):
    """(name, exit status, arguments) of runs that go wrong, each on a session of its own."""
    pristine = os.path.join(root, "pristine")
    subprocess.run([MAKE_SCENE, pristine, "--frames", "2", "--size", "64x48", "--kind", "plane"],
                   check=True, capture_output=True)

    def session(name, corrupt):
        folder = os.path.join(root, name)
        shutil.copytree(pristine, folder)
        corrupt(folder)
        return ["--input", folder, "--matcher", "opencv", "--num-disparities", "16",
                "--progress", "never"]

    def cut(*place):
        def corrupt(folder):
            path = os.path.join(folder, *place)
            os.truncate(path, os.path.getsize(path) // 2)
        return corrupt

    def wrote(name, text):
        def corrupt(folder):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(text)
        return corrupt

    def emptied(folder):
        shutil.rmtree(os.path.join(folder, "right"))

    rows = [
        ("truncated_image", 3, session("truncated_image", cut("left", "000001.png"))),
        ("good", 0, session("good", lambda folder: None)),
        ("truncated_calibration", 5, session("truncated_calibration", cut("calibration.yml"))),
        ("no_option_of_that_name", 2, ["--no-such-option"]),
    ]
    if not LONG:
        return rows
    broken = wrote("reconstruction/frames/000000/frame.json", "{\"id\": [")
    config = os.path.join(root, "config.json")
    with open(config, "w", encoding="utf-8") as handle:
        json.dump({"profile": "fastest", "num-disparities": "many"}, handle)
    return rows + [
        ("no_right_images", 4, session("no_right_images", emptied)),
        ("no_input", 2, []),
        ("no_such_folder", 2, ["--input", os.path.join(root, "nowhere")]),
        ("not_ours", 3, session("not_ours", broken)),  # no schema says that it is
        ("broken_config", 2, session("broken_config", lambda f: None) + ["--config", config]),
        ("in_process", 3, session("in_process", cut("left", "000000.png")) + ["--in-process"]),
        ("check", 3, session("check", cut("right", "000000.png")) + ["--check"]),
        ("dry_run", 0, session("dry_run", cut("left", "000000.png")) + ["--dry-run"]),
        ("too_little_memory", 6, session("too_little_memory", lambda f: None) +
         ["--memory-limit", "1M"]),
    ]


def main():
    if shutil.which("valgrind") is None or not os.path.exists(MAKE_SCENE):
        print("skipped: valgrind or make_scene is missing")
        return 77
    if is_sanitized():
        print("skipped: a sanitized build does not run under valgrind")
        return 77
    for name in UNITS + (LONG_UNITS if LONG else []):
        checked(name, [os.path.join(BUILD, "tests", name)], 0)
    with tempfile.TemporaryDirectory() as root:
        for name, expected, arguments in sessions(root):
            # Valgrind knows nothing of the sandbox's calls, and says so.
            checked(name, [TOOL, "--no-sandbox", *arguments], expected)
    for problem in problems:
        print("\n" + problem)
    print("%d problems" % len(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
