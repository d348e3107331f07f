#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Errors and hints that name the thing itself: an --output that is a file, a size of --network-info
that is none, a session whose frames need ranges of their own."""
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import suite

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")).resolve()
DATA = pathlib.Path(os.environ.get(
    "PO_TEST_DATA", pathlib.Path(__file__).resolve().parents[2] / ".." / "shared" / "data"))
NEAR, FAR = DATA / "middlebury2014" / "Jadeplant", DATA / "middlebury2001" / "Tsukuba"


def call(*words):
    done = subprocess.run([BUILD / "process_offline", *words], capture_output=True, text=True,
                          timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_an_output_that_is_a_file(place):
    session, file = place / "session", place / "file"
    subprocess.run([BUILD / "tests" / "make_scene", session, "--frames", "1", "--size", "64x48",
                    "--kind", "sphere"], check=True)
    file.write_text("of somebody")
    for output, named in ((file, "it is a file"), (file / "a" / "b", f"{file} is a file")):
        for command in ([], ["--dry-run"], ["--check"], ["--plan"]):
            status, said = call("--input", session, "--output", output, *command)
            assert status == 2 and f"--output {output}: {named}" in said, (command, said)
    assert file.read_text() == "of somebody"


def test_a_size_that_is_none(place):
    for text in ("abc", "64", "", "640:480"):
        status, said = call("--network-info", f"{place}/no.onnx,{text}")
        assert status == 2 and f"'{text}' is no size" in said and "640x480" in said, said
    named = place / "a,b.onnx"
    named.write_bytes(b"not a network")
    _, said = call("--network-info", named)
    assert "is no size" not in said and str(named) in said, said


def pair_of(scene, session, name):
    left, right = ("im0.png", "im1.png") if scene is NEAR else ("im2.png", "im6.png")
    for side, image in (("left", left), ("right", right)):
        (session / side).mkdir(parents=True, exist_ok=True)
        shutil.copy(scene / image, session / side / f"{name}.png")


def test_frames_that_need_ranges_of_their_own(place):
    if not NEAR.is_dir():
        print(f"skipped: no images in {DATA}")
        return
    for name, scenes, hints in (("mixed", (NEAR, FAR, FAR), 1), ("alike", (FAR, FAR, FAR), 0)):
        session = place / name
        for i, scene in enumerate(scenes):
            pair_of(scene, session, f"{i:03}")
        words = ["--input", session, "--output", place / (name + "_out"), "--outputs",
                 "disparity"]
        status, said = call(*words)
        assert status == 0 and said.count("searches each in its own") == hints, said
        status, said = call(*words, "--range-per-frame", "--check")
        assert "searches each in its own" not in said, said


def test_one_picture_twice(place):
    """By a raw rig's rectification it matches as an exchanged pair would, and is none."""
    session = place / "twice"
    subprocess.run([BUILD / "tests" / "make_scene", session, "--frames", "1", "--size", "160x120",
                    "--kind", "sphere"], check=True)
    for picture in (session / "left").iterdir():
        shutil.copy(picture, session / "right" / picture.name)
    for command in ([], ["--check"]):
        status, said = call("--input", session, "--output", place / "twice_out", *command)
        assert status == 5 and "left and right are the same picture" in said, said
        assert "exchanged" not in said, said


def main():
    if suite.skipped_without(BUILD / "process_offline", BUILD / "tests" / "make_scene"):
        return suite.SKIPPED
    return suite.in_turn("po_plainly_", [
        test_an_output_that_is_a_file, test_a_size_that_is_none,
        test_frames_that_need_ranges_of_their_own, test_one_picture_twice], pathlib.Path)


if __name__ == "__main__":
    sys.exit(main())
