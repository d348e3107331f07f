#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench_tables.py DIR COMMAND: the Markdown of bench.sh from the figures it left in DIR."""
import json
import os
import pathlib
import platform
import re
import sys


def table(heading, rows):
    print("| " + " | ".join(heading) + " |")
    print("|" + "---|" * len(heading))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text(errors="replace")
    found = re.search(r"^model name\s*:\s*(.*)$", text, re.M)
    return found.group(1) if found else platform.machine()


def machine(directory, figures):
    flags = pathlib.Path("/proc/cpuinfo").read_text(errors="replace")
    levels = [name for name in ("sse4_1", "avx2", "avx512bw", "asimd")
              if re.search(rf"\b{name}\b", flags)]
    opencv = f", OpenCV {figures['frame']['opencv']}" if "frame" in figures else ""
    load = directory / "load.txt"
    print(f"Machine: {processor()}, {os.cpu_count()} cores, {' '.join(levels)}, "
          f"{platform.system()} {platform.release()}{opencv}; "
          f"{load.read_text().strip() if load.exists() else ''} at the start.\n")


# The recipe's stages in the columns of ours.
COLUMNS = [("read", ["read"]), ("rectify", ["rectify"]), ("match", ["match"]),
           ("refine", ["refine", "bilateral", "inpaint"]), ("cloud", ["cloud", "reproject"]),
           ("write", ["write"])]
ROADS = {"classic recipe": "usual OpenCV recipe", "opencv": "`--profile fast --matcher opencv`"}


def frame_row(name, pipeline):
    stages = pipeline["stages_ms"]
    cells = [f"{sum(stages[key]['cpu_median'] for key in keys if key in stages):.0f}"
             for _, keys in COLUMNS]
    return [ROADS.get(name, f"`--profile {name}`"), *cells,
            f"{pipeline['total_ms']['cpu_median']:.0f}",
            f"{pipeline['times_faster']['cpu_median']:.2f}",
            f"{pipeline['times_faster_than_without_inpaint']['cpu_median']:.2f}"]


def frame(figures):
    print(f"A whole frame, PNG in and PLY out, {figures['width_px']}x{figures['height_px']}, "
          f"{figures['num_disparities']} disparities, one core, ms of CPU time, median of "
          f"{figures['repeat']} (bench_frame). The recipe is StereoSGBM MODE_SGBM block 5, "
          "bilateral 5/10/10, inpainting NS radius 3, reprojectImageTo3D, behind the same "
          "readers, rectification and writer.\n")
    table(["", *[name for name, _ in COLUMNS], "total", "times faster than the recipe",
           "than it without inpainting"],
          [frame_row(name, pipeline) for name, pipeline in figures["pipelines"].items()])


def stereo(figures):
    print(f"Matchers alone, {figures['width']}x{figures['height']}, "
          f"{figures['disparities']} disparities, one core, CPU time of the "
          "fastest run (bench_stereo). Gde/s: 1e9 disparity evaluations a second.\n")
    rows = []
    for row in figures["matchers"]:
        name = row.get("mode") or f"sgm {row['level']}, {row['cpu']}"
        memory = f"{row['working_bytes'] / 1e6:.1f}" if "working_bytes" in row else ""
        rows.append([name, f"{row['ms']:.0f}", f"{row['gde_per_s']:.2f}",
                     f"{row['times_mode_sgbm']:.2f}", memory])
    table(["", "ms", "Gde/s", "times MODE_SGBM", "working MB"], rows)
    print(f"Two threads on two frames: {figures['two_threads_fast']:.2f} times the throughput "
          f"of one with level fast, {figures['two_threads_quality']:.2f} with quality.\n")


def whole_processes(sessions):
    """The recipe that writes the same files, where it was measured."""
    rows = [[part["size"], str(row["workers"]), row["cache"], row["program"],
             f"{row['wall_ms']:.0f}", f"{row['cpu_ms']:.0f}", f"{row['times_ours']:.2f}"]
            for part in sessions.values() for row in part.get("against_recipe", [])]
    if not rows:
        return
    print("The same sessions by the usual OpenCV recipe in one program, which is told the "
          "disparity range, writes the same files through OpenCV and syncs nothing; whole "
          "processes, ms a frame.\n")
    table(["frames", "workers", "page cache", "program", "wall", "CPU", "times our wall"], rows)


def session(figures):
    print("Sessions of raw pairs, default settings, everything written and synced, medians of "
          f"{figures['repeat']} (bench_session). The machine's bound: as many runs of one worker "
          "at once, which share nothing. Survey: of the wall, during which frames waited for it, "
          "and of the CPU time.\n")
    rows = []
    for name in ("small", "large"):
        part = figures["sessions"][name]
        for row in part["throughput"]:
            many = row["workers"] > 1
            rows.append([part["size"], str(row["workers"]), row["cache"],
                         f"{row['frames_per_second']:.2f}",
                         *(f"{row[key]:.2f}" if many else "" for key in
                           ("times_one_worker", "machine_bound", "of_bound")),
                         f"{row['first_frame_s']:.3f}", f"{100 * row['idle_share']:.1f}",
                         f"{100 * row['survey_share']:.1f}, "
                         f"{100 * row['survey_cpu_share']:.1f}"])
    table(["frames", "workers", "page cache", "frames/s", "times one worker", "machine's bound",
           "share of it", "first frame s", "idle %", "survey %"], rows)
    whole_processes(figures["sessions"])
    for name in ("small", "large"):
        part = figures["sessions"][name]
        cost = part["overhead"]
        if cost:
            print(f"Supervisor at {part['size']}: {cost['supervisor_ms_per_frame']:.2f} ms of "
                  f"the {cost['frame_cpu_ms']:.0f} ms of CPU time a frame takes "
                  f"({cost['percent_of_frame']:.2f} %), and "
                  f"{cost['supervisor_ms_once']:.0f} ms once a run.")
    start = figures["start"]
    print(f"Start: {start['version_ms']:.1f} ms until --version has answered, "
          f"{start['list_ms']:.1f} ms until --list has.\n")


def main():
    directory, command = pathlib.Path(sys.argv[1]), sys.argv[2]
    figures = {}
    for name in ("frame", "stereo", "session"):
        path = directory / f"{name}.json"
        if path.exists() and path.stat().st_size:
            figures[name] = json.loads(path.read_text())
    print(f"Made by `{command}`.")
    machine(directory, figures)
    if "frame" in figures:
        frame(figures["frame"])
    if "stereo" in figures:
        stereo(figures["stereo"])
    accuracy = directory / "accuracy.md"
    if accuracy.exists() and accuracy.stat().st_size:
        print("Accuracy, means over scenes with ground truth; percent of pixels off by more "
              "than 1 and 2 px, mean error in px (accuracy.sh).\n")
        print(accuracy.read_text())
    if "session" in figures:
        session(figures["session"])


if __name__ == "__main__":
    main()
