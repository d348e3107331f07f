#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is given and has no effect in this run is told: refused on the command line, warned of from
the environment and from files, and taken where it serves. Every setting is decided on: it is in
the table of needs, or here among those that need no other."""
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import suite

BUILD = os.path.abspath(os.environ.get("PO_BINARY_DIR", "build"))
SOURCE = os.environ.get("PO_SOURCE_DIR", os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                                      "..", ".."))
TOOL = os.path.join(BUILD, "process_offline")
MAKE_SCENE = os.path.join(BUILD, "tests", "make_scene")
NO_CLOUD = ["--outputs", "disparity"]
CLOUD, OPENCV, NETWORK = [], ["--matcher", "opencv"], ["--matcher", "network", "--network", "n"]
BARE, PAIR = ["--calibration", "none"], None
CLASSIC, GIVEN = ["--refine", "classic"], ["--num-disparities", "32", "--min-disparity", "0"]
NO_POOL = ["--no-parallel"]
NEEDS = {  # a value, what leaves it without effect, what lets it serve
    "layout": ("kitti", PAIR, None), "cameras": ("0,1", PAIR, None),
    "pair-tolerance": ("1", PAIR, None), "follow-outside": (None, PAIR, None),
    "left-glob": ("a*", PAIR, None), "right-glob": ("b*", PAIR, None),
    "calibration-unit": ("mm", BARE, []), "distortion": ("radtan", BARE, []),
    "rectified-focal": ("1", BARE, []), "rectified": (None, BARE, []),
    "sgm-level": ("fast", OPENCV, []), "opencv-mode": ("hh", [], OPENCV),
    "block-size": ("5", [], OPENCV), "range-per-frame": (None, GIVEN, []),
    "min-depth": ("1m", GIVEN + NO_CLOUD, GIVEN), "max-depth": ("9m", GIVEN + NO_CLOUD, NO_CLOUD),
    "speckle-range": ("2", ["--speckle-size", "0"], []),
    "bilateral-diameter": ("7", [], CLASSIC), "bilateral-sigma-color": ("7", [], CLASSIC),
    "bilateral-sigma-space": ("9", [], CLASSIC),
    "inpaint-radius": ("4", [], ["--fill", "inpaint"]),
    "network-config": ("{}", [], NETWORK), "network-check": (None, [], NETWORK),
    "network-device": ("cuda", [], NETWORK), "onnxruntime": ("x.so", [], ["--prior", "p"]),
    "prior-config": ("{}", [], ["--prior", "p"]), "prior-every": ("2", [], ["--prior", "p"]),
    "cloud-format": ("pcd", NO_CLOUD, CLOUD), "cloud-fields": ("confidence", NO_CLOUD, CLOUD),
    "normals": (None, NO_CLOUD, CLOUD), "unit": ("m", NO_CLOUD, CLOUD),
    "axes": ("ros", NO_CLOUD, NO_CLOUD + ["--surface-reconstruction"]),
    "include-filled": (None, NO_CLOUD, CLOUD), "edge-jump": ("2", NO_CLOUD, CLOUD),
    "outlier-neighbours": ("4", NO_CLOUD, ["--outputs", "view"]),
    "outlier-sigma": ("3", [], ["--outlier-neighbours", "8"]),
    "min-component": ("9", NO_CLOUD, CLOUD), "voxel": ("5", NO_CLOUD, CLOUD),
    "decimate": ("5", NO_CLOUD, CLOUD), "roi": ("0,1,0,1,0,1", NO_CLOUD, CLOUD),
    "min-confidence": ("0.5", NO_CLOUD, CLOUD),
    "edge-confidence": ("0.5", ["--include-filled"], CLOUD),
    "max-depth-error": ("5", NO_CLOUD, CLOUD),
    "mesh-format": ("obj", [], ["--surface-reconstruction"]),
    "gt-scale": ("3", [], ["--ground-truth", "auto"]),
    "pool-timeout": ("9", NO_POOL, []),
    "pool-restarts": ("2", ["--in-process"], []),
    "progress": ("always", ["--quiet"], []),
}
CHECKED_TOGETHER = {"left", "right", "frames", "single-frame", "network", "tolerance",  # in
                    "true-distance", "quiet", "verbose", "force", "verify", "prior"}  # validate
INDEPENDENT = {
    "input", "calibration", "strict", "swap", "rectify-refine", "rectify-uncalibrated",
    "allow-misaligned", "board", "square", "pattern", "calibration-format", "profile", "matcher",
    "min-disparity", "num-disparities", "p1", "p2", "uniqueness-ratio", "left-right-max-diff",
    "cpu", "downscale", "vertical-correction", "refine", "fill", "speckle-size",
    "surface-reconstruction", "output", "outputs", "ground-truth", "quality-check", "baseline",
    "junit", "workers", "batch-size", "no-parallel", "in-process", "memory-limit",
    "memory-profile", "frame-timeout", "session-timeout", "max-failures", "min-measured", "grace",
    "no-lock", "no-sandbox", "shard", "cache-size", "log-format",
}


def session(root):
    folder = os.path.join(root, "session")
    if not os.path.exists(folder):
        subprocess.run([MAKE_SCENE, folder, "--frames", "1", "--size", "64x48", "--kind",
                        "sphere"], check=True)
    return folder


def listed(root, *options, **environment):
    return subprocess.run([TOOL, "--list", "--output", os.path.join(root, "out"), *options],
                          capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, **environment})


def given(name):
    value = NEEDS[name][0]
    return ["--" + name] if value is None else ["--" + name, value]


def without_effect(root, name):
    unmet = NEEDS[name][1]
    if unmet is PAIR:
        image = os.path.join(session(root), "left", "000000.png")
        return ["--left", image, "--right", image]
    return ["--input", session(root), *unmet]


def every_setting_is_decided_on(_root):
    table = open(os.path.join(SOURCE, "src/settings/settings_needs.c"), encoding="utf-8").read()
    named = set(re.findall(r'^    \{"([a-z-]+)",', table, re.MULTILINE))
    schema = subprocess.run([TOOL, "--print-config-schema"], capture_output=True, text=True,
                            check=True).stdout
    settings = set(json.loads(schema)["properties"]) - {"$schema", "description"}
    assert named == set(NEEDS), named ^ set(NEEDS)
    decided = named | INDEPENDENT | CHECKED_TOGETHER
    assert settings == decided, settings ^ decided


def refused_on_the_command_line(root):
    for name in NEEDS:
        done = listed(root, *without_effect(root, name), *given(name))
        told = f"--{name} has no effect" in done.stderr or "need each other" in done.stderr
        assert done.returncode == 2 and told, (name, done.returncode, done.stderr)


def defaults_are_taken(root):
    """What says what stands without it asks for nothing."""
    said = json.loads(subprocess.run(
        [TOOL, "--print-config", "--input", session(root)], capture_output=True, text=True,
        check=True).stdout)
    for name in NEEDS:
        if NEEDS[name][0] is None or NEEDS[name][1] is PAIR or name not in said:
            continue
        done = listed(root, *without_effect(root, name), f"--{name}={said[name]}")
        assert done.returncode != 2 or "no such file" in done.stderr, (name, done.stderr)
    assert listed(root, "--input", session(root), "--prior-every", "1").returncode == 0


def warned_of_from_elsewhere(root):
    config = os.path.join(root, "config.json")
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"outlier-sigma": 3}, file)
    done = listed(root, "--input", session(root), "--config", config)
    assert done.returncode == 0 and "outlier-sigma, from a file" in done.stderr, done
    done = listed(root, "--input", session(root), "--config", config, "--quiet")
    assert done.returncode == 0 and "outlier-sigma" not in done.stderr, done
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"prior-every": 1, "mesh-format": "ply"}, file)  # as they are without it
    done = listed(root, "--input", session(root), "--config", config)
    assert done.returncode == 0 and "no effect" not in done.stderr, done
    for name, (value, unmet, _) in NEEDS.items():
        if unmet is PAIR or value in ("n", "{}") or name in ("layout", "progress"):
            continue
        variable = "PROCESS_OFFLINE_" + name.upper().replace("-", "_")
        done = listed(root, *without_effect(root, name), **{variable: value or "true"})
        assert done.returncode == 0 and f"{name}, from the environment, has no effect" in \
            done.stderr, (name, done.returncode, done.stderr)


def taken_where_it_serves(root):
    for name, (_, _, met) in NEEDS.items():
        if met is None:
            continue
        done = listed(root, "--input", session(root), *met, *given(name))
        absent = "no such file" in done.stderr  # the network or the prior, which is asked for
        assert (done.returncode != 2 or absent) and "no effect" not in done.stderr, (
            name, done.stderr)


def variables_that_are_no_settings(root):
    for name, said in (("CHECK", "give --check on the command line"),
                       ("WORKRS", "did you mean PROCESS_OFFLINE_WORKERS?"),
                       ("XYZZY_PLUGH", "no such setting")):
        done = listed(root, "--input", session(root), **{"PROCESS_OFFLINE_" + name: "1"})
        assert done.returncode == 0 and said in done.stderr, (name, done.stderr)


def commands_that_look_at_a_session_take_the_same(root):
    """What a run takes, but for what only the end of a run makes."""
    for command in ("--list", "--dry-run", "--check", "--check-json"):
        taken = subprocess.run(
            [TOOL, command, "--input", session(root), "--output", os.path.join(root, "out"),
             "--profile", "fast", "--cloud-format", "pcd", "--workers", "1", "--force"],
            capture_output=True, text=True, timeout=60, check=False)
        assert taken.returncode == 0, (command, taken.stderr)
        for option in (["--junit", "x.xml"], ["--baseline", "x.json"]):
            done = subprocess.run([TOOL, command, "--input", session(root), *option],
                                  capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 2 and "does not use it, a run does" in done.stderr, done
    assert not os.path.exists("x.xml")


def main():
    if suite.skipped_without(TOOL, MAKE_SCENE):
        return suite.SKIPPED
    return suite.in_turn("po_unserved_", [
        every_setting_is_decided_on, refused_on_the_command_line, defaults_are_taken,
        warned_of_from_elsewhere, taken_where_it_serves, variables_that_are_no_settings,
        commands_that_look_at_a_session_take_the_same])


if __name__ == "__main__":
    sys.exit(main())
