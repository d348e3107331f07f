#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The disk forecast of --check against what a run then writes: never less, and not more than
two and a half times as much, for outputs, formats and fields of all kinds."""
import json
import os
import subprocess
import sys
import tempfile

BUILD = os.environ.get("PO_BINARY_DIR", "build")
TOOL = os.path.join(BUILD, "process_offline")
MAKE_SCENE = os.path.join(BUILD, "tests", "make_scene")
MOST = 2.5

CASES = (
    (),
    ("--outputs", "cloud"),
    ("--outputs", "disparity"),
    ("--outputs", "cloud,disparity,depth", "--cloud-format", "pcd"),
    ("--cloud-format", "xyz"),
    ("--cloud-format", "xyz", "--unit", "m", "--outputs", "cloud"),
    ("--cloud-format", "ply-ascii", "--normals", "--cloud-fields", "all"),
    ("--normals", "--cloud-fields", "all", "--outputs", "cloud"),
    ("--surface-reconstruction",),
    ("--surface-reconstruction", "--mesh-format", "obj"),
    ("--cache-size", "1G"),
    ("--profile", "classic", "--outputs", "cloud,class", "--downscale", "2"),
)


def forecast(session, output, options):
    done = subprocess.run([TOOL, "--input", session, "--output", output, "--check-json",
                           *options], capture_output=True, text=True, timeout=120, check=False)
    return json.loads(done.stdout)["forecast"]["disk_bytes"]


def written(session, output, options):
    subprocess.run([TOOL, "--input", session, "--output", output, "--progress", "never",
                    "--quiet", *options], timeout=240, check=True)
    return sum(os.path.getsize(os.path.join(folder, name))
               for folder, _, names in os.walk(output) for name in names)


def main():
    if not os.path.exists(TOOL) or not os.path.exists(MAKE_SCENE):
        print("skipped: process_offline or make_scene is not built")
        return 77
    problems = 0
    with tempfile.TemporaryDirectory() as root:
        session = os.path.join(root, "session")
        subprocess.run([MAKE_SCENE, session, "--frames", "2", "--size", "480x360", "--kind",
                        "plane"], check=True, timeout=60)
        for number, options in enumerate(CASES):
            output = os.path.join(root, str(number))
            said = forecast(session, output, options)
            true = written(session, output, options)
            fine = true <= said <= MOST * true
            problems += not fine
            print("  %-70s %8.2f MB said, %8.2f MB written%s" % (
                " ".join(options), said / 1e6, true / 1e6, "" if fine else "  WRONG"))
    print("%d problems" % problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
