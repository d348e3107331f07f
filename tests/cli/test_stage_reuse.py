#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A raw match kept in .state/ gives the bytes that matching again would give."""
import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile

BUILD = os.environ.get("PO_BINARY_DIR", "build")
TOOL = os.path.join(BUILD, "process_offline")
DATA = os.environ.get("PO_TEST_DATA", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data"))
MAKE_SCENE = os.path.join(BUILD, "tests", "make_scene")


def run(session, output, *options):
    result = subprocess.run(
        [TOOL, "--input", session, "--output", output, "--workers", "2", "--progress", "never",
         *options], capture_output=True, text=True, timeout=240, check=False)
    if result.returncode != 0:
        sys.exit(f"exit {result.returncode}\n{result.stdout}{result.stderr}")


def artefacts(output):
    hashes = {}
    for directory, _, files in os.walk(os.path.join(output, "frames")):
        for name in files:
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                hashes[os.path.relpath(path, output)] = hashlib.sha256(file.read()).hexdigest()
    return hashes


def matches(output):
    folder = os.path.join(output, ".state", "matches")
    return {name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in os.listdir(folder)}


def corrected_rows_too():
    """The sub-pixel step sees the right image as it was matched, also when it was not."""
    session = os.path.join(DATA, "kitti2012", "training")
    if not os.path.isdir(session):
        print("stage reuse: no", session, "- corrected rows skipped")
        return
    common = ["--frames", "0-0", "--outputs", "disparity"]
    with tempfile.TemporaryDirectory() as work:
        kept, fresh = os.path.join(work, "kept"), os.path.join(work, "fresh")
        for fill in (["--fill", "auto"], ["--fill", "none"]):
            run(session, kept, "--cache-size", "100M", *common, *fill)
        run(session, fresh, *common, "--fill", "none")
        name = os.path.relpath(glob.glob(os.path.join(fresh, "frames", "*", "frame.json"))[0],
                               fresh)
        with open(os.path.join(fresh, name), encoding="utf-8") as file:
            assert json.load(file)["counts"]["rows_corrected"] == 1, "its rows were right"
        assert artefacts(fresh) == artefacts(kept), "a kept match of corrected rows differs"


def main():
    with tempfile.TemporaryDirectory() as work:
        session = os.path.join(work, "scene")
        subprocess.run([MAKE_SCENE, session, "--frames", "2", "--size", "320x240", "--kind",
                        "sphere", "--layout", "folders"], check=True, capture_output=True)
        kept, fresh = os.path.join(work, "kept"), os.path.join(work, "fresh")
        run(session, kept, "--cache-size", "100M")
        first = matches(kept)
        assert len(first) == 2, f"{len(first)} matches kept of 2 frames"

        run(session, kept, "--cache-size", "100M", "--fill", "background", "--include-filled")
        second = matches(kept)
        assert set(second) == set(first), "other settings of refinement matched again"
        assert all(second[name] > first[name] for name in first), "the kept matches were not used"

        run(session, fresh, "--fill", "background", "--include-filled")
        different = {name for name in artefacts(fresh)
                     if artefacts(fresh)[name] != artefacts(kept).get(name)}
        assert not different, f"differ from a run without kept matches: {sorted(different)}"

        run(session, kept, "--cache-size", "100M", "--p1", "10")
        assert len(matches(kept)) == 4, "another penalty must match again"
    corrected_rows_too()
    print("stage reuse: same bytes, no second match")


if __name__ == "__main__":
    main()
