#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asked for and not delivered: a frame whose cloud, surface or depth image came out empty is done,
names the part in both JSONs, and the run ends with 3; so does a rerun that reuses it, a merge of
shards, and one session among several. A limit that leaves hardly anything is told."""
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as xml

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import suite

BUILD = os.path.abspath(os.environ.get("PO_BINARY_DIR", "build"))
TOOL = os.path.join(BUILD, "process_offline")
MAKE_SCENE = os.path.join(BUILD, "tests", "make_scene")
DATA = os.environ.get("PO_TEST_DATA", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data"))
FRAMES = 2
EMPTYING = {  # what is asked beside: what is lacking
    "points": ["--outputs", "cloud", "--roi", "90000,90001,90000,90001,90000,90001"],
    "points depth": ["--outputs", "cloud,depth", "--max-depth", "742"],
    "depth": ["--outputs", "depth", "--max-depth", "742"],
    "points surface": ["--outputs", "disparity", "--surface-reconstruction", "--roi",
                       "90000,90001,90000,90001,90000,90001"],
    "surface": ["--outputs", "cloud", "--surface-reconstruction", "--roi",
                "-3,9,-3,9,0,3000"],
}


def session(root):
    folder = os.path.join(root, "session")
    if not os.path.exists(folder):
        subprocess.run([MAKE_SCENE, folder, "--frames", str(FRAMES), "--size", "160x120",
                        "--kind", "sphere"], check=True)
    return folder


def run(root, output, *options):
    command = [TOOL, "--input", session(root), "--output", os.path.join(root, output), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    with open(os.path.join(root, output, "report.json"), encoding="utf-8") as file:
        return done, json.load(file)


def holds(done, report, lacks, frames=FRAMES):
    assert done.returncode == report["exit_status"] == (3 if lacks else 0), (done, lacks)
    assert report["totals"]["incomplete"] == (frames if lacks else 0), report["totals"]
    for frame in report["frames"]:
        assert frame["lacks"] == lacks, (frame["id"], frame["lacks"], lacks)
        assert frame["status"] in ("done", "reused") and (frame["warnings"] or not lacks), frame


def each_output_that_is_empty(root):
    holds(*run(root, "whole", "--surface-reconstruction"), [])
    for number, (lacks, options) in enumerate(EMPTYING.items()):
        output = f"empty{number}"
        done, report = run(root, output, *options)
        holds(done, report, lacks.split())
        assert "of them lack" in done.stdout and "empty" in done.stderr, done
        for frame in report["frames"]:
            path = os.path.join(root, output, "frames", frame["id"], "frame.json")
            with open(path, encoding="utf-8") as file:
                assert json.load(file)["lacks"] == lacks.split(), path
        done, report = run(root, output, "--quiet", *options)
        assert [frame["status"] for frame in report["frames"]] == ["reused"] * FRAMES, report
        holds(done, report, lacks.split())
        assert "lack a part of what was asked for" in done.stderr, done


def in_shards_and_test_cases(root):
    junit = os.path.join(root, "cases.xml")
    options = EMPTYING["points"]
    plan = [TOOL, "--input", session(root), "--output", os.path.join(root, "shards"), *options]
    subprocess.run([*plan, "--plan"], check=True, capture_output=True, timeout=300)
    for shard in ("1/2", "2/2"):
        done = subprocess.run([*plan, "--shard", shard], capture_output=True, text=True,
                              timeout=300, check=False)
        assert done.returncode == 3 and "empty cloud" in done.stderr, done
    done, report = run(root, "shards", "--merge", "--junit", junit, *options)
    holds(done, report, ["points"])
    told = [text for text in report["warnings"] if "empty cloud" in text]
    assert told == [f"{FRAMES} frames are done with an empty cloud: each says why"], report
    cases = xml.parse(junit).getroot()
    assert cases.get("failures") == str(FRAMES), cases.attrib
    assert [case.find("failure").get("type") for case in cases] == ["incomplete"] * FRAMES


def among_sessions(root):
    other = os.path.join(root, "other")
    subprocess.run([MAKE_SCENE, other, "--frames", "1", "--size", "160x120", "--kind", "sphere"],
                   check=True)
    done = subprocess.run(
        [TOOL, "--input", session(root), "--input", other, "--output", os.path.join(root, "all"),
         *EMPTYING["points"]], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 3, done


def a_limit_that_leaves_hardly_anything(root):
    for name, options, word in (
            ("near", ["--max-depth", "742"], "--max-depth"),
            ("region", ["--roi", "90000,90001,90000,90001,90000,90001"], "--roi")):
        _, report = run(root, name, "--outputs", "cloud", *options)
        for frame in report["frames"]:
            assert any("dropped" in text and word in text for text in frame["warnings"]), (
                name, frame["warnings"])


def a_depth_image_of_hardly_any_pixels(root):
    done, report = run(root, "few", "--outputs", "depth", "--max-depth", "1018")
    holds(done, report, [])
    for frame in report["frames"]:
        text, = [text for text in frame["warnings"] if "depth.png holds" in text]
        held, measured = int(text.split()[2]), frame["counts"]["measured"]
        assert 0 < held < measured / 100 and f"of {measured} measured" in text, text
    done, report = run(root, "enough", "--outputs", "depth", "--max-depth", "1200")
    holds(done, report, [])
    assert not any("depth.png" in text for frame in report["frames"]
                   for text in frame["warnings"]), report["frames"]


def a_confidence_that_hardly_any_has(root):
    kitti = os.path.join(DATA, "kitti2012", "training")
    if not os.path.isdir(kitti):
        print(f"skipped: no images in {kitti}")
        return
    output = os.path.join(root, "kitti")
    subprocess.run([TOOL, "--input", kitti, "--frames", "0", "--outputs", "cloud",
                    "--min-confidence", "0.999", "--output", output], check=True, timeout=300,
                   capture_output=True)
    with open(os.path.join(output, "report.json"), encoding="utf-8") as file:
        frame, = json.load(file)["frames"]
    assert any("lower --min-confidence" in text for text in frame["warnings"]), frame["warnings"]


def main():
    if suite.skipped_without(TOOL, MAKE_SCENE):
        return suite.SKIPPED
    return suite.in_turn("po_lacks_", [
        each_output_that_is_empty, in_shards_and_test_cases, among_sessions,
        a_limit_that_leaves_hardly_anything, a_depth_image_of_hardly_any_pixels,
        a_confidence_that_hardly_any_has])


if __name__ == "__main__":
    sys.exit(main())
