#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--recalibrate: a calibration that has drifted is refined from the session's own images; the
baseline keeps its length, inputs stay, and what cannot be refined is refused."""
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import suite

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))
DATA = pathlib.Path(os.environ.get("PO_TEST_DATA", ROOT / ".." / "shared" / "data"))
PROGRAM = BUILD / "process_offline"

CALIBRATION = """%%YAML:1.0
---
image_width: 640
image_height: 480
unit: mm
M1: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 600, 0, 320, 0, 600, 240, 0, 0, 1 ]
D1: !!opencv-matrix
   rows: 1
   cols: 5
   dt: d
   data: [ -0.1, 0, 0, 0, 0 ]
M2: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 600, 0, 320, 0, 600, 240, 0, 0, 1 ]
D2: !!opencv-matrix
   rows: 1
   cols: 5
   dt: d
   data: [ -0.1, 0, 0, 0, 0 ]
R: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ %s ]
T: !!opencv-matrix
   rows: 3
   cols: 1
   dt: d
   data: [ -80, 0, 0 ]
"""


def rotation(degrees):
    v = [math.radians(value) for value in degrees]
    angle = math.sqrt(sum(x * x for x in v)) or 1e-12
    x, y, z = (c / angle for c in v)
    c, s = math.cos(angle), math.sin(angle)
    t = 1 - c
    return [t * x * x + c, t * x * y - s * z, t * x * z + s * y,
            t * x * y + s * z, t * y * y + c, t * y * z - s * x,
            t * x * z - s * y, t * y * z + s * x, t * z * z + c]


def make_session(folder, drift, right_focal=600):
    """Four scenes of a rig that is parallel; the calibration says it turns by `drift`, and that
    the right focal length is 600."""
    for side in ("left", "right"):
        (folder / side).mkdir(parents=True)
    for number in range(4):
        subprocess.run([BUILD / "tests" / "make_rig", folder / "left" / f"{number}.pgm",
                        folder / "right" / f"{number}.pgm", "--size", "640x480",
                        "--left", "600,600,320,240,0,radtan,-0.1",
                        "--right", f"{right_focal},{right_focal},320,240,0,radtan,-0.1",
                        "--move=-80,0,0",
                        "--depths", f"{1500 + 400 * number},{900 + 150 * number}",
                        "--seed", str(number + 1)], check=True)
    (folder / "stereo.yml").write_text(
        CALIBRATION % ", ".join(repr(value) for value in rotation(drift)))


def run(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False,
                          timeout=300)
    return done.returncode, done.stdout + done.stderr


def numbers(path, key):
    found = re.search(r"^%s:.*?data: \[([^\]]*)\]" % key, path.read_text(), re.S | re.M)
    return [float(value) for value in found.group(1).split(",")]


def rows_of(text):
    before, after = re.search(r"rows: (\S+) px apart before, (\S+) px after", text).groups()
    return float(before), float(after)


def check_rows(session, calibration):
    """The vertical disparity that --check measures."""
    _, said = run("--check", "--input", session, "--calibration", calibration)
    return abs(float(re.search(r"rows align within \S+ px \(median (\S+) px", said).group(1)))


def test_drift_is_found(base):
    session = base / "drifted"
    make_session(session, [0.4, 0, -0.3])
    before = (session / "stereo.yml").read_bytes()
    status, said = run("--recalibrate", "--input", session, "--output", base / "new.yml",
                       "--workers", "2")
    assert status == 0, said
    assert rows_of(said)[0] > 2 and rows_of(said)[1] < 0.2, said
    turn = numbers(base / "new.yml", "R")
    assert abs(math.degrees(turn[7])) < 0.03 and abs(math.degrees(turn[3])) < 0.1, (turn, said)
    assert abs(math.degrees(turn[2])) < 0.1, (turn, said)
    length = math.hypot(*numbers(base / "new.yml", "T"))
    assert abs(length - 80) < 1e-6, length
    assert check_rows(session, base / "new.yml") < 0.1
    assert (session / "stereo.yml").read_bytes() == before
    status, said = run("--recalibrate", "--input", session, "--output", base / "again.yml",
                       "--workers", "1", "--no-parallel")
    assert status == 0, said
    assert (base / "again.yml").read_bytes() == (base / "new.yml").read_bytes()


def test_a_good_calibration_is_confirmed(base):
    session = base / "good"
    make_session(session, [0, 0, 0])
    status, said = run("--recalibrate", "--input", session, "--output", base / "same.yml")
    assert status == 0, said
    turn = numbers(base / "same.yml", "R")
    assert max(abs(math.degrees(turn[i])) for i in (2, 3, 7)) < 0.05, (turn, said)
    assert "not enough to change them" in said and "lenses and the length" in said, said
    assert numbers(base / "same.yml", "M2")[0] == 600, said


def test_a_focal_length_is_mended(base):
    """A right focal length that is 1 % off leaves rows apart that no pose brings together."""
    session = base / "focal"
    make_session(session, [0.2, 0, 0], 606)
    status, said = run("--recalibrate", "--input", session, "--output", base / "focal.yml")
    assert status == 0, said
    right = numbers(base / "focal.yml", "M2")
    assert abs(right[0] - 606) < 0.5 and abs(right[4] - 606) < 0.5, (right, said)
    assert numbers(base / "focal.yml", "M1")[0] == 600, said
    change, sigma = re.search(r"over the left one changes by (\S+) \+- (\S+) %", said).groups()
    assert abs(float(change) - 1) < 3 * float(sigma) < 0.3, said
    after, before = re.search(r"held out: (\S+) px with that, (\S+) px", said).groups()
    assert float(after) < 0.1 and float(before) > 0.5, said
    assert check_rows(session, base / "focal.yml") < 0.1


def test_refusals(base):
    session = base / "drifted"
    status, said = run("--recalibrate", "--input", session, "--output", session / "stereo.yml")
    assert status == 2 and "is the calibration that is read" in said, said
    status, said = run("--recalibrate", "--input", session)
    assert status == 2 and "--output FILE.yml" in said, said
    kept = (session / "stereo.yml").read_text()
    (session / "stereo.yml").unlink()
    status, said = run("--recalibrate", "--input", session, "--output", base / "none.yml")
    assert status == 5 and "--calibrate" in said, said
    assert not (base / "none.yml").exists()
    (session / "stereo.yml").write_text(kept)


def test_real_rigs(base):
    status, said = run("--recalibrate", "--input", DATA / "unlook_scanner", "--output",
                       base / "unlook.yml")
    assert status == 0 and rows_of(said)[0] > 5, said
    assert check_rows(DATA / "unlook_scanner", base / "unlook.yml") < 0.3
    status, said = run("--recalibrate", "--input", DATA / "euroc_v1_excerpt", "--output",
                       base / "euroc.yml")
    assert status == 0, said
    changes = re.findall(r"(-?[0-9.]+) \+- ", said)
    assert len(changes) == 5 and max(abs(float(change)) for change in changes) < 0.1, said
    assert rows_of(said)[1] <= rows_of(said)[0], said
    assert "lenses and the length of the baseline" in said, said


def main():
    if suite.skipped_without(PROGRAM):
        return suite.SKIPPED
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        test_drift_is_found(base)
        test_a_good_calibration_is_confirmed(base)
        test_a_focal_length_is_mended(base)
        test_refusals(base)
        if DATA.exists():
            test_real_rigs(base)
        else:
            print("skipped: real rigs: no test data")
    return 0


if __name__ == "__main__":
    sys.exit(main())
