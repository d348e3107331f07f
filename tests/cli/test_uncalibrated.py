#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--rectify-uncalibrated: pairs without a calibration are rectified by what they show, alike for
all frames, workers and runs; disparities are called unscaled everywhere; what cannot be sure is
refused; --check says which way applies."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))
DATA = pathlib.Path(os.environ.get("PO_TEST_DATA", ROOT / ".." / "shared" / "data"))
PROGRAM = BUILD / "process_offline"
UNSCALED = ["--outputs", "disparity,class,confidence,preview"]


def run(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False,
                          timeout=300)
    return done.returncode, done.stdout + done.stderr


def make_session(folder, count, lens="none", wall=2400, board=1000):
    """Scenes of a rig whose right camera is turned by degrees about every axis."""
    for side in ("left", "right"):
        (folder / side).mkdir(parents=True)
    for number in range(count):
        subprocess.run([BUILD / "tests" / "make_rig", folder / "left" / f"{number}.pgm",
                        folder / "right" / f"{number}.pgm", "--size", "480x360",
                        "--left", f"430,430,243,176,0,{lens}",
                        "--right", f"433,433,236,185,0,{lens}", "--turn=-1.2,-1,1.5",
                        "--move=-90,2,2",
                        "--depths", f"{wall + 300 * number},{board + 120 * number}",
                        "--seed", str(number + 1)], check=True)


def rows(said):
    """Median row offset by --check, pixels; None where it does not say."""
    found = re.search(r"(?:median (-?\S+) px,|rows of the \w+ ?\w* are (\S+) px apart)", said)
    return abs(float(found.group(1) or found.group(2))) if found else None


def artefacts(output):
    return {path.relative_to(output): path.read_bytes()
            for path in sorted((output / "frames").rglob("*")) if path.is_file()}


def test_rows_come_together(base):
    make_session(base / "turned", 3)
    status, said = run("--check", "--input", base / "turned")
    assert status == 5 and rows(said) > 5, said
    promised = re.search(r"--rectify-uncalibrated would bring rows from (\S+) px to (\S+) px",
                         said)
    assert promised and float(promised.group(1)) > 5 and float(promised.group(2)) < 0.3, said
    status, said = run("--check", "--input", base / "turned", "--rectify-uncalibrated",
                       *UNSCALED)
    assert status == 0 and rows(said) < 0.15, said
    assert "unscaled" in said, said


def test_disparities_are_called_unscaled(base):
    output = base / "out"
    status, said = run("--input", base / "turned", "--rectify-uncalibrated", *UNSCALED,
                       "--output", output, "--workers", "2")
    assert status == 0 and "unscaled" in said, said
    for record in sorted((output / "frames").glob("*/frame.json")):
        frame = json.loads(record.read_text())
        assert frame["calibration"] is None and frame["scale"] == "unscaled", frame
        assert frame["rectified_by"] == "images" and frame["points"] == 0, frame
        assert not (record.parent / "cloud.ply").exists()
        assert not (record.parent / "depth.png").exists()
        assert frame["counts"]["class_measured"] > 0.3 * 480 * 360, frame["counts"]
    report = json.loads((output / "report.json").read_text())
    assert report["calibration"][0]["unit"] == "none", report["calibration"]
    assert all(frame["scale"] == "unscaled" for frame in report["frames"])
    assert any("unscaled" in text for text in report["warnings"]), report["warnings"]
    assert "unscaled" in (output / "report.html").read_text()
    status, said = run("--input", base / "turned", "--rectify-uncalibrated", "--output",
                       base / "clouds")
    assert status == 5, said
    assert not list((base / "clouds").rglob("cloud.*"))


def test_kept_for_all_workers_and_runs(base):
    """The same bytes for any workers, and for frames that come later."""
    output = base / "out"
    kept = (output / ".state" / "rectification.json").read_bytes()
    first = artefacts(output)
    again = base / "again"
    status, said = run("--input", base / "turned", "--rectify-uncalibrated", *UNSCALED,
                       "--output", again, "--workers", "1", "--cpu", "scalar")
    assert status == 0, said
    assert artefacts(again) == first
    shutil.copytree(base / "turned", base / "grown")
    for side in ("left", "right"):
        shutil.copy(base / "turned" / side / "0.pgm", base / "grown" / side / "3.pgm")
    shutil.rmtree(base / "turned")  # the kept numbers belong to this path
    (base / "grown").rename(base / "turned")
    status, said = run("--input", base / "turned", "--rectify-uncalibrated", *UNSCALED,
                       "--output", output)
    assert status == 0 and "3 reused" in said and "kept from an earlier run" in said, said
    assert (output / ".state" / "rectification.json").read_bytes() == kept
    same = artefacts(output)
    assert all(same[path] == data for path, data in first.items())
    status, said = run("--input", base / "turned", "--rectify-uncalibrated", *UNSCALED,
                       "--output", output, "--force")
    assert status == 0, said
    assert (output / ".state" / "rectification.json").read_bytes() != kept
    state = output / ".state" / "rectification.json"
    state.write_text(state.read_text().replace("0.", "0.1", 1))
    status, said = run("--input", base / "turned", "--rectify-uncalibrated", *UNSCALED,
                       "--output", output)
    assert status == 0 and "found again" in said, said


def test_shards_take_the_plans(base):
    """No shard looks for itself how the cameras stand."""
    make_session(base / "parted", 3)
    session = ["--input", base / "parted"]
    status, said = run(*session, "--output", base / "parted_whole", "--rectify-uncalibrated",
                       *UNSCALED)
    assert status == 0, said
    output = base / "parted_out"
    status, said = run(*session, "--output", output, "--plan", "--rectify-uncalibrated",
                       *UNSCALED)
    assert status == 0 and "rows were" in said, said
    (output / ".state" / "rectification.json").unlink()
    for k in (2, 1):
        status, said = run(*session, "--output", output, "--shard", f"{k}/2")
        assert status == 0 and "rows were" not in said, said
    status, said = run(*session, "--output", output, "--merge")
    assert status == 0 and "2 of 2" not in said, said
    assert artefacts(output) == artefacts(base / "parted_whole")
    report = json.loads((output / "report.json").read_text())
    assert any("rows were" in text for text in report["warnings"]), report["warnings"]
    assert [calibration["unit"] for calibration in report["calibration"]] == ["none"]
    # Nor where rows align as they come.
    if not DATA.is_dir():
        print("skipped: no rectified pairs without PO_TEST_DATA")
        return
    common = ["--input", DATA / "karlsruhe_a", "--frames", "0-2", "--calibration", "none"]
    options = ["--rectify-uncalibrated", *UNSCALED]
    status, said = run(*common, *options, "--output", base / "as_is_whole")
    assert status == 0 and "they stay" in said, said
    output = base / "as_is"
    status, said = run(*common, *options, "--output", output, "--plan")
    assert status == 0, said
    for part in ("--shard=1/2", "--shard=2/2", "--merge"):
        status, said = run("--input", DATA / "karlsruhe_a", "--output", output, part)
        assert status == 0, said
    assert artefacts(output) == artefacts(base / "as_is_whole")


def test_lenses_are_fitted(base):
    make_session(base / "bent", 3, "radtan,-0.15")
    status, said = run("--check", "--input", base / "bent", "--rectify-uncalibrated", *UNSCALED)
    assert status == 0 and rows(said) < 0.15, said


def test_a_calibration_counts(base):
    session = base / "calibrated"
    shutil.copytree(base / "bent", session)
    (session / "calib.txt").write_text(
        "cam0=[430 0 240; 0 430 180; 0 0 1]\ncam1=[430 0 240; 0 430 180; 0 0 1]\n"
        "doffs=0\nbaseline=90\nwidth=480\nheight=360\n")
    status, said = run("--input", session, "--dry-run", "--rectify-uncalibrated")
    assert "middlebury" in said and "uncalibrated," not in said, said


def test_refusals(base):
    # One wall, seen from one place: no depth but that of a plane.
    make_session(base / "plane", 1, wall=1500, board=90000)
    status, said = run("--input", base / "plane", "--rectify-uncalibrated", *UNSCALED,
                       "--output", base / "plane_out")
    assert status == 5 and "on one plane" in said, said
    assert not list((base / "plane_out").rglob("disparity.pfm"))
    # Left images of other scenes than the right ones.
    mixed = base / "mixed"
    shutil.copytree(base / "bent", mixed)
    shutil.copy(base / "turned" / "left" / "2.pgm", mixed / "left" / "0.pgm")
    for number in (1, 2):
        (mixed / "left" / f"{number}.pgm").unlink()
        (mixed / "right" / f"{number}.pgm").unlink()
    status, said = run("--input", mixed, "--rectify-uncalibrated", *UNSCALED, "--output",
                       base / "mixed_out")
    assert status == 5 and "--rectify-uncalibrated: " in said, said
    # A broken picture costs that picture.
    hurt = base / "hurt"
    shutil.copytree(base / "turned", hurt)
    broken = hurt / "left" / "1.pgm"
    broken.write_bytes(broken.read_bytes()[:9000])
    status, said = run("--input", hurt, "--rectify-uncalibrated", *UNSCALED, "--output",
                       base / "hurt_out")
    assert status == 3 and "1: left out" in said, said


# Folder, frames, rows before and after.
REAL = [("unlook_scanner", "0", 10, 0.3), ("euroc_v1_excerpt", "0-5", 8, 0.15)]
ALIGNED = [("karlsruhe_a", "0-2"), ("middlebury2014/Motorcycle", "0")]
REAL_LONG = [("opencv_chess", "0-12", 8, 0.25), ("euroc_v1_excerpt", "0-11", 8, 0.1)]
ALIGNED_LONG = [("karlsruhe_a", "0-15"), ("kitti2012/training", "0-5")]


def test_real_rigs(base):
    everything = os.environ.get("PO_LONG") == "1"
    for name, frames, before, after in REAL + (REAL_LONG if everything else []):
        options = ["--input", DATA / name, "--frames", frames, "--calibration", "none",
                   "--output", base / "real", *UNSCALED]
        status, said = run("--check", *options, "--rectify-uncalibrated")
        told = re.search(r"rows were (\S+) px apart and are (\S+) px, held out", said)
        assert status == 0 and told, (name, said)
        assert float(told.group(1)) > before and float(told.group(2)) < 0.4, (name, said)
        assert rows(said) < after, (name, said)
    for name, frames in ALIGNED + (ALIGNED_LONG if everything else []):
        status, said = run("--check", "--input", DATA / name, "--frames", frames,
                           "--calibration", "none", "--rectify-uncalibrated", "--output",
                           base / "real", *UNSCALED)
        assert status == 0 and "rows align as the images come" in said, (name, said)


def main():
    if not PROGRAM.exists():
        print("process_offline is not built")
        return 77
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        for test in (test_rows_come_together, test_disparities_are_called_unscaled,
                     test_kept_for_all_workers_and_runs, test_shards_take_the_plans,
                     test_lenses_are_fitted,
                     test_a_calibration_counts, test_refusals):
            test(base)
            print("ok", test.__name__, flush=True)
        if DATA.exists():
            test_real_rigs(base)
        else:
            print("skipped: real rigs: no test data")
    return 0


if __name__ == "__main__":
    sys.exit(main())
