#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How time and memory grow with what a session is made of.

    bench_growth.py [--build DIR] [--json FILE] [--repeat 3] [--quick] [--only LIST]

One table for each of: pixels (the image scaled, 64 disparities), disparities (1456x1088),
frames (160x120, planned with --dry-run and listed), finished frames (a rerun of a finished
session), workers. Pixels and disparities are CPU ms of a frame and bytes as planned, and as
seen of the largest process; the exponent of a column is the slope of log(value) over
log(what grew), fitted over the larger half of the rows. --only names tables, such as
pixels,disparities,frames,finished,workers.
"""
import argparse
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

from bench_session import ROOT, Run, make_session, timed


def exponent(rows, over, value):
    """Least squares of log(value) over log(over), of the larger half of the rows: below it,
    what a run costs once hides the growth."""
    larger = rows[(len(rows) - 1) // 2:]
    points = [(math.log(row[over]), math.log(row[value])) for row in larger if row[value] > 0]
    if len(points) < 2:
        return None
    mean_x = statistics.mean(x for x, _ in points)
    mean_y = statistics.mean(y for _, y in points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def frame_cost(tool, session, output, options, repeat):
    """CPU ms of one more frame, and memory: a run of three frames less a run of one."""
    costs = []
    for _ in range(repeat):
        many = Run(tool, session, output, ["--workers", "1", "--frames", "0-2", *options])
        one = Run(tool, session, output, ["--workers", "1", "--frames", "0", *options])
        costs.append((many.cpu_ms - one.cpu_ms) / 2)
    memory = many.totals["memory"]
    return {"cpu_ms": statistics.median(costs), "planned_bytes": memory["frame_bytes"],
            "peak_bytes": many.totals["peak_rss_bytes"]}


def pixels(tool, make_scene, root, arguments):
    sides = (640, 1280, 2560) if arguments.quick else (1155, 2309, 5164, 11548)
    rows = []
    for width in sides:
        height = width * 3 // 4
        session = make_session(make_scene, root, f"px{width}", f"{width}x{height}", 3,
                               distinct=1)
        options = ["--num-disparities", "64",  # around the scene's own, as below
                   "--min-disparity", str(max(0, width * 70 // 1456 - 32)),
                   "--allow-misaligned", "--min-measured", "0"]
        rows.append({"megapixels": width * height / 1e6,
                     **frame_cost(tool, session, root / "out", options, arguments.repeat)})
        shutil.rmtree(session)
    return "megapixels", rows, ["cpu_ms", "planned_bytes", "peak_bytes"]


def disparities(tool, make_scene, root, arguments):
    session = make_session(make_scene, root, "d", "1456x1088", 3)
    rows = []
    for count in (16, 64, 256) if arguments.quick else (16, 64, 96, 224, 512, 1024):
        options = ["--num-disparities", str(count),  # around the scene's own 53 to 86
                   "--min-disparity", str(max(0, 70 - count // 2)), "--min-measured", "0"]
        rows.append({"disparities": count,
                     **frame_cost(tool, session, root / "out", options, arguments.repeat)})
    return "disparities", rows, ["cpu_ms", "planned_bytes", "peak_bytes"]


def linked_session(source, root, frames):
    """A session of `frames` pairs that share their content."""
    session = root / f"links{frames}"
    for side in ("left", "right"):
        os.makedirs(session / side)
        for index in range(frames):
            os.link(source / side / f"{index % 2:06d}.png", session / side / f"{index:06d}.png")
    shutil.copy(source / "calibration.yml", session)
    return session


def frames(tool, make_scene, root, arguments):
    source = make_session(make_scene, root, "tiny", "160x120", 2)
    rows = []
    for count in (100, 1000, 10000) if arguments.quick else (1, 100, 1000, 16000, 100000):
        session = linked_session(source, root, count)
        row = {"frames": count}
        for name, action in (("list_s", "--list"), ("dry_run_s", "--dry-run")):
            command = [tool, "--input", session, "--output", root / "out", action]
            row[name] = statistics.median(timed(command)[1] for _ in range(arguments.repeat))
        rows.append(row)
        shutil.rmtree(session)
    return "frames", rows, ["list_s", "dry_run_s"]


def finished(tool, make_scene, root, arguments):
    source = make_session(make_scene, root, "tiny2", "160x120", 2)
    rows = []
    for count in (100, 400) if arguments.quick else (100, 1000, 4000):
        session = linked_session(source, root, count)
        output = root / "finished"
        shutil.rmtree(output, ignore_errors=True)
        command = [tool, "--input", session, "--output", output, "--quiet"]
        timed(command)
        again = [timed(command) for _ in range(arguments.repeat)]
        rows.append({"frames": count,
                     "rerun_wall_s": statistics.median(pair[0] for pair in again),
                     "rerun_cpu_s": statistics.median(pair[1] for pair in again)})
        shutil.rmtree(session)
    return "frames", rows, ["rerun_wall_s", "rerun_cpu_s"]


def workers(tool, make_scene, root, arguments):
    session = make_session(make_scene, root, "w", "640x480", 16)
    rows = []
    for count in range(1, len(os.sched_getaffinity(0)) + 1):
        runs = [Run(tool, session, root / "out", ["--workers", str(count)])
                for _ in range(arguments.repeat)]
        rows.append({"workers": count,
                     "frames_per_second": statistics.median(
                         run.totals["frames_per_second"] for run in runs),
                     "first_frame_s": statistics.median(
                         run.totals["first_frame_s"] for run in runs),
                     "idle_share": statistics.median(run.totals["idle_share"] for run in runs),
                     "peak_bytes": max(run.totals["peak_rss_bytes"] for run in runs)})
    return "workers", rows, ["frames_per_second", "peak_bytes"]


TABLES = {"pixels": pixels, "disparities": disparities, "frames": frames,
          "finished": finished, "workers": workers}


def show(name, over, rows, exponents):
    columns = list(rows[0])
    print(f"\n{name}\n| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
    for row in rows:
        print("| " + " | ".join(f"{row[column]:.4g}" for column in columns) + " |")
    said = [f"{column} ~ {over}^{value:.2f}" for column, value in exponents.items()
            if value is not None]
    print("\n" + "; ".join(said), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(TABLES))
    arguments = parser.parse_args()
    tool = arguments.build / "process_offline"
    make_scene = arguments.build / "tests" / "make_scene"
    result = {}
    with tempfile.TemporaryDirectory(prefix="po_growth_") as place:
        for name in arguments.only.split(","):
            over, rows, values = TABLES[name](tool, make_scene, pathlib.Path(place), arguments)
            exponents = {value: exponent(rows, over, value) for value in values}
            result[name] = {"rows": rows, "exponents": exponents}
            show(name, over, rows, exponents)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
