#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--rectify-uncalibrated beside Hartley's rectification as OpenCV has it (findFundamentalMat by
RANSAC, stereoRectifyUncalibrated), on the same points of a session whose calibration is not read.

Rows: the vertical distance of a point in both rectified images, median and the quarter above 75 %.
Distortion: how much longer a small circle becomes one way than the other (largest over least
singular value of the map), and how unlike areas grow (largest over least), over both images.

    bench_uncalibrated.py DIR...
"""
import math
import os
import pathlib
import subprocess
import sys

PROGRAMS = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")) / "tests"


def stretch(at, right, below):
    """Ratio of the singular values, and the area, of the map's derivative."""
    a, c = right[0] - at[0], right[1] - at[1]
    b, d = below[0] - at[0], below[1] - at[1]
    area = abs(a * d - b * c)
    squares = a * a + b * b + c * c + d * d
    root = math.sqrt(max(0, squares * squares - 4 * area * area))
    return math.sqrt((squares + root) / max(squares - root, 1e-12)), area


def sum_up(text):
    rows, places = [], []
    for line in text.splitlines():
        words = line.split()
        if words[0] == "match":
            rows.append(abs(float(words[5])))
        elif words[0] == "place":
            places.append((float(words[4]), float(words[5])))
    rows.sort()
    stretches = [stretch(*places[i:i + 3]) for i in range(0, len(places) - 2, 3)]
    ratios, areas = sorted(s[0] for s in stretches), sorted(s[1] for s in stretches)
    return (f"rows {rows[len(rows) // 2]:.3f} px (75 % below {rows[3 * len(rows) // 4]:.3f}), "
            f"stretch {ratios[len(ratios) // 2]:.3f} (worst {ratios[-1]:.3f}), "
            f"areas {areas[-1] / areas[0]:.2f}")


def main():
    for folder in sys.argv[1:]:
        ours = subprocess.run([PROGRAMS / "uncalibrated_matches", folder], capture_output=True,
                              text=True, check=False)
        if ours.returncode != 0:
            print(f"{folder}: refused: {ours.stderr.strip().splitlines()[-1]}")
            continue
        peer = subprocess.run([PROGRAMS / "hartley_rectify"], input=ours.stdout,
                              capture_output=True, text=True, check=False)
        print(f"{folder}: {ours.stdout.count('match ')} points")
        print(f"  ours    {sum_up(ours.stdout)}")
        print(f"  Hartley {sum_up(peer.stdout) if peer.returncode == 0 else peer.stderr}",
              flush=True)


if __name__ == "__main__":
    main()
