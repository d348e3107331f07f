#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small folders from public reports, ../shared/cases: each has a README that says what is
right, and one row here that asserts it. Without the folder the test is skipped.

A row: {"status": exit status, "depth": median z in mm, "points": at least so many,
"frames": so many done, "says": words that must be in what is printed, "options": [...]}.
"""
import array
import json
import os
import struct
import subprocess
import sys
import tempfile

import suite

TOOL = os.path.join(os.environ.get("PO_BINARY_DIR", "build"), "process_offline")
DATA = os.environ.get("PO_TEST_DATA", os.path.join(
    os.environ.get("PO_SOURCE_DIR", "."), "..", "shared", "data"))
CASES = os.path.join(os.path.dirname(os.path.normpath(DATA)), "cases")

IN_MM = ["--calibration-unit", "mm"]
PLANES = {"depth": 1800.0, "points": 60000}
FISHEYE = {"depth": 1000.0, "points": 20000, "options": IN_MM}

CALIBRATIONS = {
    "fisheye_kalibr_reference": FISHEYE,
    "fisheye_opencv_yml": {**FISHEYE, "says": ["read as fisheye", "--distortion"]},
    "fisheye_opencv_yml_marked": FISHEYE,
    "fisheye_ros_reference": FISHEYE,
    "opencv_empty_D": {**PLANES, "options": IN_MM},
    "opencv_key_cameraMatrixL": {**PLANES, "options": IN_MM},
    "orb_slam_settings": PLANES,
    "ros_R_zero": PLANES,
    "ros_Tx_in_both": {"status": 5, "says": ["both cameras have the same P[0][3] = -18"]},
    "ros_empty_D": PLANES,
    "ros_roi_crop": {**PLANES, "says": ["window of 320x240 pixels at (160, 120)"]},
    "ros_topic_echo_ros1": PLANES,
    # Its images are those of cameras side by side: there is little to measure.
    "ros_vertical": {"status": 4, "says": ["the cameras stand above each other"]},
}

IMAGES_AND_PAIRS = {
    "bmp": {**PLANES, "options": IN_MM},
    "hotpixel_12bit": {**PLANES, "options": IN_MM},
    "jp2_not_counted": {"status": 4, "says": ["2 files of JPEG 2000"]},
    "suffix_0_1": {"status": 5, "frames": 2},
    "swapped_no_calibration": {"status": 5, "frames": 1,
                               "says": ["as if left and right were exchanged"]},
    "thermal_29800": {**PLANES, "options": IN_MM},
    "timestamp_names": {"status": 5, "frames": 3},
}

ROWS = {**CALIBRATIONS, **IMAGES_AND_PAIRS}


def median_depth(out, report):
    depths = array.array("f")
    for frame in report["frames"]:
        path = os.path.join(out, "frames", frame["id"], "cloud.ply")
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            head, body = file.read().split(b"end_header\n", 1)
        count = int(head.split(b"element vertex ")[1].split()[0])
        size = len(body) // max(count, 1)
        depths.extend(struct.unpack_from("<f", body, i * size + 8)[0] for i in range(count))
    return sorted(depths)[len(depths) // 2] if depths else None, len(depths)


def check(name, row, out):
    """What is wrong with the run of one case, and the line of the table."""
    result = subprocess.run(
        [TOOL, "--input", os.path.join(CASES, name), "--output", out, *row.get("options", [])],
        capture_output=True, text=True, timeout=300, check=False)
    said = result.stdout + result.stderr
    report, depth, points, done = {"frames": []}, None, 0, 0
    if os.path.exists(os.path.join(out, "report.json")):
        with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
            report = json.load(file)
        depth, points = median_depth(out, report)
        done = sum(frame["status"] == "done" for frame in report["frames"])
    wrong = []
    if result.returncode != row.get("status", 0):
        wrong.append("exit %d, want %d" % (result.returncode, row.get("status", 0)))
    if "depth" in row and (depth is None or abs(depth - row["depth"]) > 0.03 * row["depth"]):
        wrong.append("median depth %s, want %s" % (depth, row["depth"]))
    if points < row.get("points", 0):
        wrong.append("%d points, want %d" % (points, row["points"]))
    if "frames" in row and done != row["frames"]:
        wrong.append("%d frames done, want %d" % (done, row["frames"]))
    wrong += ["does not say '%s'" % words for words in row.get("says", []) if words not in said]
    line = "%-28s exit %d, %d done, %s points, z %s" % (
        name, result.returncode, done, points, "%.0f" % depth if depth else "none")
    return line, ["%s: %s\n%s" % (name, "; ".join(wrong), said)] if wrong else []


def main():
    if not os.path.isdir(CASES):
        print("skipped: %s is absent" % CASES)
        sys.exit(77)
    problems = []
    chosen = sys.argv[1:] or sorted(os.listdir(CASES))
    with tempfile.TemporaryDirectory(prefix="po_cases_") as root:
        for name in chosen:
            if name not in ROWS:
                print("%-28s no row" % name)
                continue
            line, wrong = check(name, ROWS[name], os.path.join(root, name))
            print(line)
            problems += wrong
    sys.exit(suite.ended(problems))


if __name__ == "__main__":
    main()
