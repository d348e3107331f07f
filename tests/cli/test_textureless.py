#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where there is nothing to match nothing is measured: flat pictures, pure noise, and the flat
half of a picture, in every profile."""
import json
import os
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import rig_files as rigs

TOOL = os.path.join(os.environ.get("PO_BINARY_DIR", "build"), "process_offline")
WIDTH, HEIGHT = 320, 240
PIXELS = WIDTH * HEIGHT


def flat():
    return rigs.Image(WIDTH, HEIGHT, b"\x80" * PIXELS)


def bands():
    """Grey changes from row to row alone: every disparity fits."""
    return rigs.Image(WIDTH, HEIGHT, b"".join(bytes([40 + y // 2]) * WIDTH for y in range(HEIGHT)))


def noise(seed, sigma):
    source = random.Random(seed)
    return rigs.Image(WIDTH, HEIGHT, bytes(int(128 + source.gauss(0, sigma) + 0.5)
                                           for _ in range(PIXELS)))


def half(image):
    return rigs.Image(WIDTH, HEIGHT, image.pixels[:PIXELS // 2] + b"\x80" * (PIXELS // 2))


def measured(work, name, pair, profile):
    """Share of pixels that count as measured."""
    folder = os.path.join(work, name)
    for side, image in zip(("left", "right"), pair):
        rigs.write_png(os.path.join(folder, side, "000.png"), image)
    for file, text in calib.middlebury(rigs.ideal_rig()).items():
        rigs.write_text(os.path.join(folder, file), text)
    out = folder + "_" + profile
    subprocess.run([TOOL, "--input", folder, "--output", out, "--profile", profile,
                    "--allow-misaligned", "--min-measured", "0"], capture_output=True, timeout=240,
                   check=False)
    with open(os.path.join(out, "frames", "000", "frame.json"), encoding="utf-8") as file:
        return json.load(file)["counts"]["measured"] / PIXELS


def main():
    failed = False
    with tempfile.TemporaryDirectory(prefix="po_flat_") as work:
        left, right = rigs.ideal_rig().photograph(os.path.join(work, "film"))
        cases = [("flat", (flat(), flat()), 0, 0), ("bands", (bands(), bands()), 0, 0),
                 ("noise of 0.3", (noise(1, 0.3), noise(2, 0.3)), 0, 0.03),
                 ("noise of 3", (noise(1, 3), noise(2, 3)), 0, 0.05),
                 ("flat half", (half(left), half(right)), 0.4, 0.51)]
        for name, pair, least, most in cases:
            for profile in ("fast", "balanced", "quality"):
                share = measured(work, name.replace(" ", "_"), pair, profile)
                good = least <= share <= most
                failed |= not good
                print("%-14s %-9s %5.1f %% measured%s" % (
                    name, profile, 100 * share,
                    "" if good else ", want %g..%g" % (100 * least, 100 * most)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
