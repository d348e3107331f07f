#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What --print-config prints is taken back by --config and says the same, for every setting, and
gives the same run; names of options are written out."""
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import suite

BUILD = os.path.abspath(os.environ.get("PO_BINARY_DIR", "build"))
TOOL = os.path.join(BUILD, "process_offline")
MAKE_SCENE = os.path.join(BUILD, "tests", "make_scene")
OWN = {  # values where the schema alone does not give one
    "calibration-unit": "square:30.5", "roi": "-1,2.5,-3,4,0.125,6", "quality-check": "8x9+1+2",
    "memory-limit": "1G", "shard": "2/3", "verbose": "2", "board": "7x5", "min-depth": "1.5",
    "max-depth": "9000.25", "voxel": "0.3", "square": "25.4", "true-distance": "1200",
    "cache-size": "3G", "num-disparities": "64", "block-size": 7, "bilateral-diameter": 9, "tolerance": "bad=0.3",
    "frames": "0-3", "cameras": "0,1", "layout": "kitti", "input": "a \"b\" \\ \u00e4 \u202e\u009b\x7f\x1b"}
BESIDE = {  # what a setting asks for beside it
    "left": {"right": "r.png"}, "right": {"left": "l.png"}, "left-glob": {"right-glob": "r*"},
    "right-glob": {"left-glob": "l*"}, "network": {"matcher": "network"},
    "matcher": {"network": "n.onnx"}, "tolerance": {"baseline": "b.json"},
    "prior-config": {"prior": "p"},
    "true-distance": {"quality-check": "auto"}, "p2": {"p1": 1}, "p1": {"p2": 100}}
ALONE = {"left", "right"}  # without --input
problems = []


def printed(*options, **environment):
    return subprocess.run([TOOL, "--print-config", *options], capture_output=True, text=True,
                          timeout=60, check=False, env={**os.environ, **environment})


def other_value(name, rule):
    """One that is not the default, of the type the schema asks for."""
    usual = json.loads(printed("--input", "x").stdout).get(name)
    if name in OWN:
        return OWN[name]
    rule = (rule["anyOf"][1] if "anyOf" in rule else rule)
    if rule.get("type") == "array":
        return rule["items"]["enum"][1]
    if "enum" in rule:
        return [choice for choice in rule["enum"] if choice not in (usual, "auto")][-1]
    if rule["type"] == "boolean":
        return not usual
    if rule["type"] == "string":
        return "some text"
    middle = rule["minimum"] + min(rule["maximum"] - rule["minimum"], 80) / 10
    return middle if rule["type"] == "number" else int(middle) + 1


def every_setting_comes_back(root):
    schema = json.loads(subprocess.run([TOOL, "--print-config-schema"], capture_output=True,
                                       text=True, check=True).stdout)["properties"]
    usual = json.loads(printed("--input", "x").stdout)
    first, second = os.path.join(root, "first.json"), os.path.join(root, "second.json")
    names = [name for name in schema if name not in ("$schema", "description")]
    for name in names:
        given = {name: other_value(name, schema[name]), **BESIDE.get(name, {})}
        if name not in ALONE:
            given.setdefault("input", "x")
        with open(first, "w", encoding="utf-8") as file:
            json.dump(given, file)
        once = printed("--config", first)
        if once.returncode != 0:
            problems.append("%s: %r: %s" % (name, given, once.stderr))
            continue
        if any(mark in once.stdout for mark in "\u202e\u009b\x7f\x1b"):
            problems.append("%s: what moves a cursor is printed: %r" % (name, once.stdout))
        with open(second, "w", encoding="utf-8") as file:
            file.write(once.stdout)
        again = printed("--config", second)
        if (again.returncode, again.stdout) != (0, once.stdout):
            problems.append("%s: %s\n%s" % (name, again.stderr, again.stdout))
        said = json.loads(once.stdout)
        if name not in said or said[name] == usual.get(name):
            problems.append("%s: %r is not said: %r" % (name, given[name], said.get(name)))
    assert len(names) > 90, names
    assert not problems, "\n".join(problems)


def all_sources_count(root):
    config = os.path.join(root, "some.json")
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"input": "x", "workers": 3, "voxel": 5, "grace": 7}, file)
    done = printed("--config", config, "--profile", "quality", "--voxel", "6",
                   PROCESS_OFFLINE_GRACE="8")
    said = json.loads(done.stdout)
    assert (said["workers"], said["voxel"], said["grace"]) == (3, 6, 8), said
    assert (said["profile"], said["sgm-level"]) == ("quality", "quality"), said
    assert printed("--input", "x", "--voxel", "-1").returncode == 2
    assert printed("--input", "x", "--input", "y").returncode == 2


def outcome(folder, *options):
    subprocess.run([TOOL, "--output", folder, "--quiet", *options], check=True, timeout=120)
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            if name.endswith((".ply", ".pfm", ".png")):
                with open(os.path.join(path, name), "rb") as file:
                    found[os.path.join(os.path.relpath(path, folder), name)] = file.read()
    return found


def the_run_is_the_same(root):
    """Also where the calibration says a range, which an auto that is asked for outdoes."""
    session, config = os.path.join(root, "session"), os.path.join(root, "run.json")
    subprocess.run([MAKE_SCENE, session, "--frames", "1", "--size", "160x120", "--kind",
                    "sphere"], check=True)
    for options in ([], ["--profile", "fast", "--voxel", "4"]):
        words = ["--input", session, *options]
        with open(config, "w", encoding="utf-8") as file:
            file.write(printed(*words).stdout)
        assert "num-disparities" not in json.load(open(config, encoding="utf-8"))
        before = outcome(os.path.join(root, "before"), *words)
        after = outcome(os.path.join(root, "after"), "--config", config)
        assert before and before == after, (sorted(before), sorted(after))


def names_are_written_out(_root):
    for words, meant in ((["--work", "2"], "--workers"), (["--work=2"], "--workers"),
                         (["--qui"], "--quiet"), (["--print-comp"], "--print-completion")):
        done = subprocess.run([TOOL, "--input", "x", *words], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 2 and meant + "," in done.stderr, (words, done.stderr)
    for value in ("--quie", "--quiet=1", "--o"):  # a value is no name
        assert json.loads(printed("--input", "x", "--output", value).stdout)["output"] == value


def main():
    if suite.skipped_without(TOOL, MAKE_SCENE):
        return suite.SKIPPED
    return suite.in_turn("po_print_config_", [every_setting_comes_back, all_sources_count,
                                              the_run_is_the_same, names_are_written_out])


if __name__ == "__main__":
    sys.exit(main())
