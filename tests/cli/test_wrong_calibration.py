#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A run with a wrong calibration: named before anything is matched, never silently used.
What cannot be right ends the run without a frame; what contradicts itself is a warning with
the values, in the log and in report.json. (test_check.py does the same for --check.)"""
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import rig_files as rigs
from test_check import FRAMES, TOOL, Bench

problems = []


def run(folder, *options):
    output = os.path.join(folder, "reconstruction")
    done = subprocess.run(
        [TOOL, "--input", folder, "--output", output, "--progress", "never", *options],
        capture_output=True, text=True, timeout=240, check=False)
    report = {"frames": [], "warnings": [], "totals": {}}
    if os.path.exists(os.path.join(output, "report.json")):
        with open(os.path.join(output, "report.json"), encoding="utf-8") as handle:
            report = json.load(handle)
    frames = os.path.join(output, "frames")
    made = sorted(os.listdir(frames)) if os.path.isdir(frames) else []
    return done, report, made


def holds(sentences, words):
    return any(all(word in sentence for word in words) for sentence in sentences)


def refused(name, folder, words, *options):
    """Exit 5, no frame made and none matched, the cause on stderr."""
    done, report, made = run(folder, *options)
    stages = [stage for frame in report["frames"] for stage in frame["stages_ms"]
              if stage == "match" and frame["stages_ms"][stage]]
    reported = holds(done.stderr.splitlines(), words)
    print("  %-34s exit %d%s" % (name, done.returncode, "" if reported else ", not reported"))
    if done.returncode != 5 or made or stages or not reported:
        problems.append("%s: exit %d, frames %s, matched %s, %s in:\n%s" % (
            name, done.returncode, made, stages, words, done.stderr))


def warned(name, folder, words, *options):
    """Every frame is made, and the warning stands on stderr and in the report. So few pixels of
    rows that are apart are measured surely that they lack measurement."""
    done, report, made = run(folder, *options)
    apart = "--allow-misaligned" in options
    reported = holds(done.stderr.splitlines(), words)
    noted = holds([json.dumps(report)], words)
    print("  %-34s exit %d%s" % (name, done.returncode, "" if reported and noted else ", not reported"))
    if done.returncode != (3 if apart else 0) or len(made) != FRAMES or not reported or not noted:
        problems.append("%s: exit %d, frames %s, %s in:\n%s" % (
            name, done.returncode, made, words, done.stderr))


def quiet(name, folder, *options):
    done, _, made = run(folder, *options)
    if done.returncode != 0 or len(made) != FRAMES or "warning" in done.stderr:
        problems.append("%s: exit %d, frames %s:\n%s" % (name, done.returncode, made,
                                                         done.stderr))


def cases(bench):
    ideal, raw = bench.ideal, bench.raw
    files = calib.middlebury(ideal)
    lowered = lambda _, pair: (pair[0], pair[1].lower(6))
    quiet("right", bench.session(ideal, files))
    refused("rows 6 px apart", bench.session(ideal, files, lowered),
            ["rows of the rectified pairs", "6.0 px apart", "--allow-misaligned"])
    refused("rows apart, range given", bench.session(ideal, files, lowered),
            ["rows of the rectified pairs", "6.0 px apart"], "--num-disparities", "64")
    warned("rows 6 px apart, allowed", bench.session(ideal, files, lowered),
           ["6.0 px apart"], "--allow-misaligned", "--outputs", "disparity")
    refused("images exchanged", bench.session(ideal, files, lambda _, pair: pair[::-1]),
            ["left and right are exchanged", "--swap"])
    refused("cameras exchanged", bench.session(
        raw, calib.opencv_one(raw, T=[100.0, -1.5, -2.0])), ["swapped", "--swap"])
    refused("another size", bench.session(
        ideal, calib.middlebury(rigs.ideal_rig(size=(500, 300)))), ["500x300", "320x240"])
    refused("another size, unstated", bench.session(
        raw, calib.opencv_split(rigs.raw_rig(size=(1280, 960), focal=1200.0))),
            ["principal point", "lies outside the images", "320x240"])
    refused("one camera's matrix is missing", bench.session(
        raw, calib.opencv_one(raw, M2=None)), ["M2"])
    warned("T beside another baseline_mm", bench.session(
        raw, calib.unlook_json_long(raw, baseline_mm=80.0)), ["baseline = 80", "|T| = 100."])
    far = [row[:] for row in raw.rectification()["P2"]]
    far[0][3] *= 1.4
    warned("P2 contradicts T", bench.session(raw, calib.unlook_json_long(raw, P2=far)),
           ["do not follow", "140."])
    shifted = raw.rectification()["Q"][:3] + [[0.0, 0.0, 1000 / raw.baseline(), 0.0]]
    warned("Q contradicts T", bench.session(raw, calib.unlook_json_long(raw, Q=shifted)),
           ["1/Q[3][2]"])


def main():
    if not os.path.exists(rigs.MAKE_RIG):
        print("skipped: make_rig is not built")
        return 77
    with tempfile.TemporaryDirectory() as root:
        cases(Bench(root))
    for problem in problems:
        print("\n" + problem)
    print("%d problems" % len(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
