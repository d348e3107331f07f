#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A picture that cannot be read for a fault of its own (broken, or forbidden by its permissions) is
left out of a calibration by name, with status 3; one that is not there, or whose read fails,
refuses it, as the next run might find it."""
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import suite

TOOL = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")).resolve() / "process_offline"
DATA = pathlib.Path(os.environ.get(
    "PO_TEST_DATA", pathlib.Path(__file__).resolve().parents[2] / ".." / "shared" / "data"))
CHESS = DATA / "opencv_chess" / "calib"
NOBODY = 65534


def as_nobody():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def boards(place, name):
    folder = place / name
    folder.mkdir()
    for picture in sorted(CHESS.iterdir())[:]:
        if picture.name[-6:-4] <= "08":
            shutil.copy(picture, folder / picture.name)
    place.chmod(0o777)
    folder.chmod(0o755)
    return folder


def call(*words):
    done = subprocess.run([TOOL, *words, "--workers", "1"], capture_output=True, text=True,
                          timeout=300, check=False, preexec_fn=as_nobody)
    return done.returncode, done.stdout + done.stderr


def calibrate(folder):
    return call("--calibrate", "--input", folder, "--square", "25", "--output",
                folder.parent / (folder.name + ".yml"))


def test_forbidden_and_broken_pictures_are_left_out(place):
    for name, spoil in (("forbidden", lambda path: path.chmod(0)),
                        ("broken", lambda path: path.write_bytes(path.read_bytes()[:5000]))):
        folder = boards(place, name)
        spoil(folder / "left03.jpg")
        status, said = calibrate(folder)
        assert status == 3 and "03: left out" in said, said
        assert "1 pair of pictures cannot be read and is left out" in said, said
        assert (place / (name + ".yml")).exists(), said


def test_an_absent_picture_refuses(place):
    folder = boards(place, "absent")
    (folder / "left03.jpg").unlink()
    (folder / "left03.jpg").symlink_to("/no/such/place.jpg")
    status, said = calibrate(folder)
    assert status not in (0, 3) and "left03.jpg: no such file" in said, said
    assert not (place / "absent.yml").exists(), said


def test_frames_that_are_rectified_by_their_images(place):
    folder = boards(place, "uncalibrated")
    (folder / "right05.jpg").chmod(0)
    status, said = call("--input", folder, "--output", place / "out", "--rectify-uncalibrated",
                        "--outputs", "disparity", "--allow-misaligned", "--min-measured", "0")
    assert "05: left out" in said and "not readable by this user" in said, said
    assert status == 3 and "1 failed" in said, said


def main():
    if suite.skipped_without(TOOL):
        return suite.SKIPPED
    if not CHESS.is_dir():
        print(f"skipped: no images in {CHESS}")
        return suite.SKIPPED
    return suite.in_turn("po_unreadable_", [
        test_forbidden_and_broken_pictures_are_left_out, test_an_absent_picture_refuses,
        test_frames_that_are_rectified_by_their_images], pathlib.Path)


if __name__ == "__main__":
    sys.exit(main())
