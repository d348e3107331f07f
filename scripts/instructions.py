#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions of a small session under valgrind and compares them with a kept
baseline, so that a slow-down is seen on any machine, however busy.

    instructions.py [--build DIR] [--baseline FILE] [--tolerance PERCENT] [--update]

Two made pairs of 320x240 in one process, one worker, `--cpu sse4`, all default files. Counts
of the whole run and of its steps are compared; libraries count with the step that calls them.
Ends with 8 when a count is above the baseline by more than the tolerance (3 %; 12 % where
compiler or libraries are not those of the baseline), with 77 without valgrind. --update keeps
this run's counts (default FILE: tests/bench/instructions.json).
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Functions that no compiler inlines: they are called from other files.
STEPS = {"survey": "session_survey_run", "read": "image_file_read", "rectify": "rectifier_run",
         "match": "match_stage_run", "refine": "refine_run", "cloud": "cloud_select_add",
         "write rows": "frame_write_strip", "write ends": "frame_end_writing",
         "report": "run_reporting_write"}
ALIKE_PERCENT, OTHER_PERCENT = 3.0, 12.0


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{words[0]}: status {done.returncode}: {done.stderr[-1000:]}")
    return done.stdout


def surroundings(build):
    """What the counts depend on beside the source."""
    cache = (build / "CMakeCache.txt").read_text()
    found = re.search(r"^CMAKE_C_COMPILER:\w+=(.*)$", cache, re.M)
    compiler = run(found.group(1), "--version").splitlines()[0]
    linked = run("ldd", build / "process_offline") + run("ldd", build / "process_offline_cv.so")
    names = sorted({pathlib.Path(path).resolve().name
                    for path in re.findall(r"=> (\S+)", linked)
                    if re.search(r"/lib(z|isal|png16|jpeg|opencv_imgproc|xxhash|c|m)\.", path)})
    kind = re.search(r"^CMAKE_BUILD_TYPE:\w+=(.*)$", cache, re.M).group(1) or "Release"
    return [compiler, kind, *names]


def count(build, folder):
    session, profile = folder / "session", folder / "callgrind"
    run(build / "tests" / "make_scene", session, "--frames", "2", "--size", "320x240", "--kind",
        "sphere")
    run("valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}",
        build / "process_offline", "--input", session, "--output", folder / "out", "--quiet",
        "--in-process", "--workers", "1", "--cpu", "sse4")
    text = run("callgrind_annotate", "--inclusive=yes", "--threshold=100", profile)
    counts = {}
    for name, function in {"whole": "PROGRAM TOTALS", **STEPS}.items():
        found = re.search(rf"^\s*([\d,]+) .*(?:\?\?\?:|[./\w]+:| ){function}(?: |$)", text, re.M)
        if not found:
            sys.exit(f"{function} is not in the profile: was it renamed, or the build stripped?")
        counts[name] = int(found.group(1).replace(",", ""))
    return counts


def compare(counts, kept, tolerance):
    worse = []
    for name, value in counts.items():
        before = kept["counts"].get(name)
        change = 100 * (value / before - 1) if before else 0.0
        mark = "  WORSE" if change > tolerance else ""
        print(f"{name:>12} {value / 1e6:9.2f} M  {change:+6.2f} %{mark}")
        if mark:
            worse.append(name)
    return worse


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--baseline", type=pathlib.Path,
                        default=ROOT / "tests" / "bench" / "instructions.json")
    parser.add_argument("--tolerance", type=float)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        print("instructions.py: skipped: valgrind is not installed", file=sys.stderr)
        return 77
    here = surroundings(arguments.build)
    with tempfile.TemporaryDirectory(prefix="po_count_") as place:
        counts = count(arguments.build, pathlib.Path(place))
    if arguments.update or not arguments.baseline.exists():
        if not arguments.update:
            print(f"{arguments.baseline}: there is no baseline; --update keeps this one")
        else:
            arguments.baseline.write_text(
                json.dumps({"surroundings": here, "counts": counts}, indent=2) + "\n")
        compare(counts, {"counts": {}}, 0.0)
        return 0
    kept = json.loads(arguments.baseline.read_text())
    alike = kept["surroundings"] == here
    tolerance = arguments.tolerance
    if tolerance is None:
        tolerance = ALIKE_PERCENT if alike else OTHER_PERCENT
    if not alike:
        print("compiler or libraries are not those of the baseline: " + ", ".join(
            sorted(set(here) ^ set(kept["surroundings"]))))
    worse = compare(counts, kept, tolerance)
    if worse:
        print(f"above the baseline by more than {tolerance:g} %: {', '.join(worse)}")
    return 8 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
