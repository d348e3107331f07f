#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions of 16-bit images: two thermal cameras with 128 counts on different offsets give
the depths of the 8-bit pair; their black points are reported, and kept for frames that come
later; 8-bit sessions know nothing of it."""
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import rig_files as rigs
import suite

TOOL = os.path.join(os.environ.get("PO_BINARY_DIR", "build"), "process_offline")
SIDES = ("left", "right")

problems = []


def complain(text, *values):
    problems.append(text % values)


def write_counts(path, image, offset, divisor):
    """A 16-bit PGM of the grey levels / divisor + offset."""
    samples = b"".join(struct.pack(">H", offset + v // divisor) for v in image.pixels)
    rigs.write_text(path, b"P5\n%d %d\n65535\n" % (image.width, image.height) + samples)


def run(folder, out, *options):
    result = subprocess.run([TOOL, "--input", folder, "--output", out, *options],
                            capture_output=True, text=True, timeout=300, check=False)
    if result.returncode != 0:
        complain("%s: exit %d\n%s", folder, result.returncode, result.stderr)
    return result


def frame_of(out, frame):
    with open(os.path.join(out, "frames", frame, "frame.json"), encoding="utf-8") as file:
        return json.load(file)


def black_points(out):
    with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
        return [text for text in file.read().split('"') if text.startswith("16-bit images")]


def main():
    with tempfile.TemporaryDirectory(prefix="po_sixteen_") as root:
        rig = rigs.ideal_rig()
        films = [rig.photograph(os.path.join(root, "film"), i + 1) for i in range(2)]
        folder = os.path.join(root, "thermal")
        plain = os.path.join(root, "plain")
        for name, text in calib.middlebury(rig).items():
            rigs.write_text(os.path.join(folder, name), text)
            rigs.write_text(os.path.join(plain, name), text)
        for side, image in enumerate(films[0]):
            write_counts(os.path.join(folder, SIDES[side], "000.pgm"), image,
                         (29800, 31000)[side], 2)
            rigs.write_png(os.path.join(plain, SIDES[side], "000.png"), image)
        out, plain_out = os.path.join(root, "out"), os.path.join(root, "plain_out")
        run(plain, plain_out)
        run(folder, out)
        points = [frame_of(o, "000")["points"] for o in (plain_out, out)]
        depths = [frame_of(o, "000")["extent"]["median_depth_mm"] for o in (plain_out, out)]
        black = frame_of(out, "000")["black16"]
        print("points %s, median depth %s mm, black %s" % (points, depths, black))
        if not points[1] > 0.95 * points[0] or abs(depths[1] - depths[0]) > 0.01 * depths[0]:
            complain("thermal: %s points at %s mm, 8-bit %s", points[1], depths[1], points[0])
        if not (29700 < black[0] <= 29800 and 30900 < black[1] <= 31000):
            complain("black points %s, want a little below 29800 and 31000", black)
        if "black16" in frame_of(plain_out, "000") or black_points(plain_out):
            complain("8-bit frames speak of black points")
        if not any("found on sampled frames" in text for text in black_points(out)):
            complain("the report does not name the black points: %s", black_points(out))
        # A frame of another offset comes later: what the session has is kept.
        for side, image in enumerate(films[1]):
            write_counts(os.path.join(folder, SIDES[side], "001.pgm"), image,
                         (29790, 30990)[side], 2)
        run(folder, out)
        if frame_of(out, "001")["black16"] != black:
            complain("black points %s of a later frame, want those kept, %s",
                     frame_of(out, "001")["black16"], black)
        if not any("kept from an earlier run" in text for text in black_points(out)):
            complain("the report does not name the kept black points: %s", black_points(out))
    sys.exit(suite.ended(problems))


if __name__ == "__main__":
    main()
