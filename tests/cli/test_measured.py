#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Done means measured: pairs that hardly match fail with the likely cause, and --check
foretells the status of the run."""
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import rig_files as rigs
import suite

TOOL = os.path.join(os.environ.get("PO_BINARY_DIR", "build"), "process_offline")
FRAMES = 3
problems = []


def mirrored(image):
    return rigs.Image(image.width, image.height, b"".join(row[::-1] for row in image.rows()))


def turned(image):
    return rigs.Image(image.width, image.height, image.pixels[::-1])


def flat(image):
    return rigs.Image(image.width, image.height, bytes([128]) * len(image.pixels))


class Bench:
    """Pairs that the cases share, photographed once."""

    def __init__(self, root):
        self.root = root
        self.ideal, self.raw = rigs.ideal_rig(), rigs.raw_rig()
        self.pairs = {}

    def pair(self, rig, seed):
        key = (id(rig), seed)
        if key not in self.pairs:
            self.pairs[key] = rig.photograph(os.path.join(self.root, "film"), seed)
        return self.pairs[key]

    def session(self, name, rig, files, corrupt):
        folder = os.path.join(self.root, name.replace(" ", "_").replace(",", ""))
        for frame in range(FRAMES):
            left, right = corrupt(frame, *self.pair(rig, frame + 1))
            rigs.write_png(os.path.join(folder, "left", "%03d.png" % frame), left)
            rigs.write_png(os.path.join(folder, "right", "%03d.png" % frame), right)
        for file, text in files.items():
            rigs.write_text(os.path.join(folder, file), text)
        return folder


def run(folder, *options):
    command = [TOOL, "--input", folder, "--output", folder + ".out", "--workers", "2", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def expect(name, folder, status, words, failed, *options):  # pylint: disable=too-many-arguments
    """The run and --check end with `status`; `failed` frames say `words`."""
    check = run(folder, "--check", *options)
    result = run(folder, *options)
    report = {"frames": []}
    path = os.path.join(folder + ".out", "report.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as handle:
            report = json.load(handle)
    reported = [f["message"] for f in report["frames"] if f["status"] == "failed"]
    print("  %-44s run %d, check %d  %s" % (name, result.returncode, check.returncode,
                                            reported[0][:110] if reported else ""), flush=True)
    if (result.returncode, check.returncode) != (status, status):
        problems.append("%s: run %d, check %d, want %d\n%s\n%s" % (
            name, result.returncode, check.returncode, status, result.stderr[-600:], check.stdout))
    if len(reported) != failed or any(word not in text for text in reported for word in words):
        problems.append("%s: %d failed, want %d that say %s: %s" % (
            name, len(reported), failed, words, reported))
    for word in words if failed else []:
        if word not in check.stdout:
            problems.append("%s: --check does not say %r:\n%s" % (name, word, check.stdout))


def whole_sessions(bench):
    ideal = calib.middlebury(bench.ideal)
    fixed = ["--num-disparities", "96"]
    expect("good", bench.session("good", bench.ideal, ideal, lambda i, l, r: (l, r)), 0, [], 0)
    expect("right images mirrored", bench.session(
        "mirrored", bench.ideal, ideal, lambda i, l, r: (l, mirrored(r))), 4,
           ["is measured", "mirrored"], FRAMES, *fixed)
    expect("mirrored, no calibration", bench.session(
        "mirrored bare", bench.ideal, {}, lambda i, l, r: (l, mirrored(r))), 4,
           ["is measured", "mirrored"], FRAMES, "--outputs", "disparity", *fixed)
    expect("right images upside down", bench.session(
        "turned", bench.ideal, ideal, lambda i, l, r: (l, turned(r))), 4,
           ["is measured", "upside down"], FRAMES, *fixed)
    expect("no texture", bench.session(
        "flat", bench.ideal, ideal, lambda i, l, r: (flat(l), flat(r))), 4,
           ["is measured", "texture"], FRAMES, *fixed)
    expect("another scene on the right", bench.session(
        "strange", bench.ideal, ideal,
        lambda i, l, r: (l, bench.pair(bench.ideal, 50 + i)[1])), 4,
           ["is measured", "not of one scene"], FRAMES, *fixed)
    expect("not rectified, no calibration", bench.session(
        "raw", bench.raw, {}, lambda i, l, r: (l, r.lower(9))), 5, ["rows", "px apart"], FRAMES,
           "--outputs", "disparity", *fixed)


def single_frames(bench):
    ideal = calib.middlebury(bench.ideal)
    lower = bench.session("one lower", bench.ideal, ideal,
                          lambda i, l, r: (l, r.lower(8) if i == 1 else r))
    expect("one frame of three is 8 rows off", lower, 3, ["is measured", "8.0 px apart"], 1)
    # Rows that are let pass are no rows of one scene: what is measured by chance is a lack.
    expect("the same, allowed", lower, 3, [], 0, "--allow-misaligned", "--min-measured", "1")
    expect("and asked again", lower, 3, ["is measured", "8.0 px apart"], 1)
    expect("one frame is mirrored", bench.session(
        "one mirrored", bench.ideal, ideal,
        lambda i, l, r: (l, mirrored(r) if i == 2 else r)), 3, ["is measured", "mirrored"], 1)


def limits(bench):
    """A laxer run's results do not pass for those of a stricter one."""
    ideal = calib.middlebury(bench.ideal)
    strange = bench.session("lax", bench.ideal, ideal,
                            lambda i, l, r: (l, bench.pair(bench.ideal, 50 + i)[1]))
    fixed = ["--num-disparities", "96"]
    expect("--min-measured 0", strange, 3, [], 0, "--min-measured", "0", *fixed)
    expect("--min-measured 0, no cloud asked", strange, 0, [], 0, "--min-measured", "0",
           "--outputs", "disparity", *fixed)
    expect("and not reused by a stricter run", strange, 4, ["is measured"], FRAMES, *fixed)
    good = bench.session("all but all", bench.ideal, ideal, lambda i, l, r: (l, r))
    expect("--min-measured 99", good, 4, ["--min-measured 99"], FRAMES, "--min-measured", "99")
    if run(good, "--min-measured", "101").returncode != 2:
        problems.append("--min-measured 101 is taken")


def main():
    with tempfile.TemporaryDirectory(prefix="po_measured_") as root:
        bench = Bench(root)
        for part in (whole_sessions, single_frames, limits):
            part(bench)
    sys.exit(suite.ended(problems))


if __name__ == "__main__":
    main()
