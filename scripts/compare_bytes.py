#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether two programs make the same of the sample sessions.

    compare_bytes.py OLD/process_offline NEW/process_offline [DATA] [--only NAME]

For a change that is to change no result: runs both programs over the sessions of DATA
(../shared/data or PO_TEST_DATA) and compares every artefact byte by byte, exit statuses,
and what report.json says of counts, points and warnings. Exit status 1: something differs.
"""
import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ALL = ("--outputs", "all", "--normals", "--cloud-fields", "confidence,sigma")
FEW = ("--frames", "0-1")

# Name, session below DATA, options.
RUNS = [
    ("chess", "opencv_chess", ALL),
    ("scanner", "unlook_scanner", ("--rectify-refine", *ALL)),
    ("euroc", "euroc_v1_excerpt", ALL),
    ("karlsruhe", "karlsruhe_a", ALL),
    ("kitti", "kitti2012", ALL),
    ("middlebury2001", "middlebury2001", ALL),
    ("middlebury2003", "middlebury2003", ALL),
    ("middlebury2005", "middlebury2005", ALL),
    ("middlebury2006", "middlebury2006", ALL),
    ("middlebury2014", "middlebury2014", ("--ground-truth", "auto", *ALL)),
    ("middlebury2021", "middlebury2021", ALL),
    ("full size in strips", "middlebury2006_full", ("--memory-limit", "60M", *ALL)),
    ("strips", "middlebury2014", ("--memory-limit", "110M", *FEW)),
    ("range a frame", "euroc_v1_excerpt", ("--range-per-frame", *FEW)),
    ("hh4", "middlebury2014", ("--matcher", "opencv", "--opencv-mode", "hh4", "--refine",
                               "full", *FEW)),
    ("no depth", "middlebury2005", ("--fill", "none", *FEW)),
    *((f"{profile} {session}", session, ("--profile", profile, *FEW, *ALL))
      for profile in ("fast", "quality", "classic")
      for session in ("opencv_chess", "karlsruhe_a", "middlebury2014")),
    *((f"cloud {form}", "karlsruhe_a",
       ("--cloud-format", form, "--unit", "m", "--include-filled", "--outputs", "cloud", *FEW))
      for form in ("ply", "ply-ascii", "pcd", "xyz", "las", "glb")),
    *((f"mesh {form}", "euroc_v1_excerpt",
       ("--mesh-format", form, "--surface-reconstruction", "--voxel", "20", *FEW))
      for form in ("ply", "obj", "glb")),
]


def hashes(output):
    """Of every artefact, by its path."""
    frames = output / "frames"
    return {str(path.relative_to(frames)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(frames.rglob("*")) if path.is_file()}


def said(output):
    """What report.json says that is no time, no measured byte and no place."""
    path = output / "report.json"
    if not path.exists():
        return {}
    report = json.loads(path.read_text())
    frames = {frame["id"]: {key: frame.get(key) for key in ("status", "points", "counts",
                                                            "warnings", "message")}
              for frame in report["frames"]}
    return {"frames": frames, "warnings": report.get("warnings")}


def result(program, session, options, output):
    done = subprocess.run(
        [program, "--input", session, "--output", output, "--progress", "never", "--quiet",
         *options], capture_output=True, text=True, timeout=3600, check=False)
    if done.returncode == 2:
        sys.exit(f"{program} {' '.join(options)}: {done.stderr.strip()}")
    text = json.dumps(said(output), sort_keys=True).replace(str(output), "OUTPUT")
    return {"exit status": done.returncode, "report": text, **hashes(output)}


def compare(old, new):
    return sorted(name for name in set(old) | set(new) if old.get(name) != new.get(name))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("data", nargs="?", default=os.environ.get(
        "PO_TEST_DATA", HERE.parent.parent / "shared" / "data"))
    parser.add_argument("--only", default="", help="the run of this name alone")
    arguments = parser.parse_args()
    data = pathlib.Path(arguments.data)
    different = runs = files = 0
    for name, session, options in RUNS:
        if arguments.only not in ("", name) or not (data / session).exists():
            continue
        with tempfile.TemporaryDirectory(prefix="po_bytes_") as work:
            both = [result(program, data / session, options, pathlib.Path(work) / side)
                    for side, program in (("old", arguments.old), ("new", arguments.new))]
        found = compare(*both)
        runs += 1
        files += len(both[0]) - 2
        different += len(found)
        print(f"{name:24} exit {both[0]['exit status']}, {len(both[0]) - 2:4} artefacts, "
              f"{len(found) or 'none'} different", *found[:8], flush=True)
    print(f"{runs} runs, {files} artefacts, {different} different")
    return 1 if different or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
