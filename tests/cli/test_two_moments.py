#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two images that are not of one scene and moment are told so, and never that they are exchanged;
exchanged ones are; true ones are done without a doubt. On real images of every family."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import suite

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")).resolve()
DATA = pathlib.Path(os.environ.get(
    "PO_TEST_DATA", pathlib.Path(__file__).resolve().parents[2] / ".." / "shared" / "data"))
FAMILIES = ("kitti2012/000001", "kitti2012/000071", "middlebury2001/Tsukuba",
            "middlebury2003/Cones", "middlebury2005/Books", "middlebury2006/Wood2",
            "middlebury2006/Lampshade1", "middlebury2014/Jadeplant", "middlebury2014/PianoL")
UNRELATED = (("kitti2012/000006", "kitti2012/000071"), ("middlebury2005/Books",
             "middlebury2005/Dolls"), ("middlebury2003/Cones", "middlebury2014/Teddy"),
             ("middlebury2006/Bowling1", "middlebury2006/Cloth3"))
MATCHES = ("00", "01"), ("00", "02"), ("00", "04"), ("00", "08"), ("15", "00")
problems = []


def run(work, name, left, right, *options):
    output = work / name
    done = subprocess.run(
        [BUILD / "process_offline", "--left", left, "--right", right, "--output", output,
         "--outputs", "disparity", "--workers", "1", *options],
        capture_output=True, text=True, check=False, timeout=120)
    report = json.loads((output / "report.json").read_text())
    frame, = report["frames"]
    said = "\n".join([done.stdout, done.stderr, frame["message"] or "", *frame["warnings"],
                      *report["warnings"]])
    print(f"  {name:40} {done.returncode} {frame['status']} {frame['lacks']} "
          f"{(frame['message'] or '')[:90]}", flush=True)
    return done.returncode, frame, said


def expect(name, holds, said):
    if not holds:
        problems.append(f"{name}:\n{said}")


def two_moments(work):
    """A street seen by a car that drives on: what is near matches nowhere, far walls a little."""
    left, right = (sorted((DATA / "karlsruhe_a" / side).iterdir()) for side in ("left", "right"))
    for calibration in ("none", DATA / "karlsruhe_a" / "calib.txt"):
        for first, second in MATCHES:
            for swap in ([], ["--swap"]):
                name = f"{first}-{second}{''.join(swap)}{'' if calibration == 'none' else '-metric'}"
                status, frame, said = run(work, name, left[int(first)], right[int(second)],
                                          "--calibration", calibration, *swap)
                expect(name, "exchanged" not in said, said)
                if frame["status"] == "done":
                    expect(name, status == 3 and frame["lacks"] == ["measurement"] and
                           "moment" in said, said)
                else:
                    expect(name, status == 4 and "moment" in frame["message"], said)


def images(scene):
    for line in (DATA / "scenes.tsv").read_text().splitlines()[1:]:
        name, left, right = line.split("\t")[:3]
        if name == scene:
            return DATA / left, DATA / right
    raise KeyError(scene)


def true_and_exchanged(work):
    """Without a calibration exchanged images are searched where they match, too; what is wrong
    with the order is said where their disparities show it."""
    for scene in FAMILIES:
        name, (left, right) = scene.replace("/", "-"), images(scene)
        status, frame, said = run(work, name, left, right, "--calibration", "none")
        expect(name, status == 0 and frame["lacks"] == [] and "moment" not in said, said)
        expect(name, "exchanged" not in said, said)
        back = name + "-other-way"
        status, frame, said = run(work, back, right, left, "--calibration", "none")
        expect(back, "exchanged" in said and "moment" not in said, said)
        searched = back + " searched"
        status, frame, said = run(work, searched, right, left, "--calibration", "none",
                                  "--num-disparities", "128", "--min-disparity", "0")
        expect(searched, status != 0 and "--swap" in said and "moment" not in said, said)


def unrelated(work):
    for first, second in UNRELATED:
        for options in ([], ["--num-disparities", "96"]):
            name = (first + " and " + second + " searched" * bool(options)).replace("/", "-")
            status, frame, said = run(work, name, images(first)[0], images(second)[1],
                                      "--calibration", "none", *options)
            expect(name, status == 4 and "scene" in frame["message"], said)
            expect(name, "exchanged" not in said, said)


def main():
    if not (DATA / "scenes.tsv").exists():
        print(f"skipped: no images in {DATA}")
        return suite.SKIPPED
    with tempfile.TemporaryDirectory(prefix="po_pairs_") as root:
        for part in (two_moments, unrelated, true_and_exchanged):
            part(pathlib.Path(root))
    return suite.ended(problems)


if __name__ == "__main__":
    sys.exit(main())
