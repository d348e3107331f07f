#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--quality-check on flat targets whose truth is known: made scenes, a plane at a tilt. Text,
report.json and frame.json agree with the truth and with each other."""
import json
import math
import os
import struct
import subprocess
import sys
import tempfile

BUILD = os.environ.get("PO_BINARY_DIR", "build")
TOOL = os.path.join(BUILD, "process_offline")
MAKE_SCENE = os.path.join(BUILD, "tests", "make_scene")


def run(session, out, *options, status=0):
    done = subprocess.run([TOOL, "--input", session, "--output", out, *options],
                          capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == status, (options, done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


def load(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return json.load(file)


def disparity(scene, x, y):
    """Of the exact ground truth, which is linear: any place between pixels, too."""
    with open(os.path.join(scene, "disp0GT.pfm"), "rb") as file:
        data = file.read()
    _, size, _, rest = data.split(b"\n", 3)
    width, height = (int(text) for text in size.split())

    def at(column, row):
        return struct.unpack_from("<f", rest, 4 * ((height - 1 - row) * width + column))[0]

    c, r = int(x), int(y)
    return (at(c, r) + (x - c) * (at(c + 1, r) - at(c, r)) +
            (y - r) * (at(c, r + 1) - at(c, r)))


def true_depth(scene, region):
    values = {}
    with open(os.path.join(scene, "calib.txt"), encoding="utf-8") as file:
        for line in file:
            name, _, text = line.strip().partition("=")
            values[name.strip()] = text.strip()
    focal = float(values["cam0"].strip("[]").split()[0])
    x, y, width, height = region
    return (focal * float(values["baseline"]) /
            (disparity(scene, x + (width - 1) / 2, y + (height - 1) / 2) +
             float(values["doffs"])))


def check_truth(work, session):
    out = os.path.join(work, "out")
    text, _ = run(session, out, "--quality-check", "40%")
    report = load(out, "report.json")
    summary = report["totals"]["quality_check"]
    assert summary["frames"] == 2, summary
    for frame in report["frames"]:
        plane = frame["quality_check"]
        assert plane["region_px"] == [192, 144, 256, 192], plane
        depth = true_depth(os.path.join(session, frame["id"]), plane["region_px"])
        assert abs(plane["distance_mm"] / depth - 1) < 0.003, (plane, depth)
        assert plane["fill_percent"] > 99 and plane["subpixel_rms_px"] < 0.1, plane
        assert abs(plane["z_accuracy_percent"]) < 0.1, plane
        assert plane == load(out, "frames", frame["id"], "frame.json")["quality_check"]
    for name in ("distance_mm", "subpixel_rms_px", "fill_percent"):
        mean = sum(frame["quality_check"][name] for frame in report["frames"]) / 2
        assert math.isclose(summary["mean"][name], mean), (name, summary)
    worst = max(report["frames"], key=lambda frame: frame["quality_check"]["subpixel_rms_px"])
    assert summary["worst_frame"] == worst["id"], summary
    with open(os.path.join(out, "report.html"), encoding="utf-8") as file:
        assert "<h2>Flat target</h2>" in file.read()
    assert "flat target, 2 frames" in text and "sub-pixel RMS, px" in text, text
    return report["frames"][0]


def check_true_distance(work, session, frame):
    """Two percent nearer than measured: Z accuracy says +2 %. Nothing is matched again."""
    plane = frame["quality_check"]
    out = os.path.join(work, "near")
    near = plane["distance_mm"] / 1.02
    run(session, out, "--quality-check", "256x192+192+144", "--true-distance",
        "%.3f" % near, "--frames", "0")
    told = load(out, "report.json")["frames"][0]["quality_check"]
    tilt = math.cos(math.radians(told["angle_degrees"]))
    assert told["region_px"] == plane["region_px"]
    assert 2 * tilt - 0.15 < told["z_accuracy_percent"] < 2.15, told


def check_workers_and_reuse(work, session):
    """The same numbers for any workers, and of frames that the next run takes over."""
    out = os.path.join(work, "again")
    run(session, out, "--quality-check", "auto", "--workers", "2")
    first = load(out, "report.json")["totals"]["quality_check"]
    run(session, out, "--quality-check", "auto", "--workers", "1")
    report = load(out, "report.json")
    assert report["totals"]["reused"] == 2, report["totals"]
    assert report["totals"]["quality_check"] == first
    run(session, out)
    report = load(out, "report.json")
    assert report["totals"]["done"] == 2 and "quality_check" not in report["totals"]


def check_refusals(work, session):
    out = os.path.join(work, "wrong")
    _, error = run(session, out, "--true-distance", "1200", status=2)
    assert "--quality-check" in error, error
    for wrong in ("10x10", "0x5+1+1", "5x0+1+1", "-1x5+0+0", "10x10+1", "10x10+1+1+1", "0%",
                  "101%", "%", "40", "9999999x1+0+0"):
        _, error = run(session, out, "--quality-check=" + wrong, status=2)
        assert "--quality-check" in error, (wrong, error)
    text, error = run(session, out, "--quality-check", "10x10+635+0", status=4)
    assert "reaches outside" in text + error, (text, error)


def check_no_plane(work, session):
    """Where hardly anything is measured the fill rate stands alone, and a warning says so."""
    out = os.path.join(work, "none")
    text, _ = run(session, out, "--quality-check", "3x2+300+200", "--frames", "0")
    plane = load(out, "report.json")["frames"][0]["quality_check"]
    assert plane["subpixel_rms_px"] is None and plane["fill_percent"] is not None, plane
    assert "no plane fits" in text, text


def main():
    with tempfile.TemporaryDirectory(prefix="po_quality_") as work:
        session = os.path.join(work, "session")
        subprocess.run([MAKE_SCENE, session, "--frames", "2", "--size", "640x480", "--kind",
                        "plane", "--layout", "scenes"], check=True, timeout=60)
        frame = check_truth(work, session)
        check_true_distance(work, session, frame)
        check_workers_and_reuse(work, session)
        check_refusals(work, session)
        check_no_plane(work, session)
    print("flat targets: distance, noise, fill rate and signs as they are")


if __name__ == "__main__":
    sys.exit(main())
