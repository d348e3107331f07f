#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Throughput of whole sessions, also against the usual OpenCV recipe, what the supervisor
costs, and how fast the tool starts.

    bench_session.py [--build DIR] [--json FILE] [--repeat 3] [--workers N]
                     [--small 640x480:32] [--large 1456x1088:8] [-- OPTIONS]

Sessions are made (WIDTHxHEIGHT:FRAMES): a few distinct synthetic raw pairs, copied. Cold:
the images are dropped from the page cache first. Frames a second are medians of the
report's own figure, runs of all kinds taking turns; all other times are of whole processes.
What N workers gain stands beside the machine's bound: N runs of one worker at once, each
the whole session into its own output, in the same turns. They share nothing, so what they
lack of N times the work of one is the machine's; what the pool lacks of them is ours, its
survey and report too, which each of them has to itself. Where more workers take more CPU
time, something else used the processors or their memory: then only the best runs compare.
The survey's share is that of the wall during which frames waited for it, and of the CPU
time what a run saves that finds an earlier one's values: surveyed images are used again.

The recipe (opencv_recipe.cpp, where OpenCV's imgcodecs are installed) writes the same files
through OpenCV, and is given the disparity range that the tool found; both are timed as
whole processes. The supervisor's CPU time is that of its one thread as the scheduler
counts it; a frame's is all processes' together.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DISTINCT = 4
STARTS = 15


def make_session(make_scene, root, name, size, frames, distinct=DISTINCT):
    """A session of `frames` pairs, few of them distinct."""
    session = root / name
    distinct = min(distinct, frames)
    subprocess.run([make_scene, session, "--frames", str(distinct), "--size", size,
                    "--kind", "sphere"], check=True)
    for side in ("left", "right"):
        for index in range(distinct, frames):
            shutil.copyfile(session / side / f"{index % distinct:06d}.png",
                            session / side / f"{index:06d}.png")
    os.sync()
    return session


def drop_from_cache(session):
    for path in session.rglob("*.*"):
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def own_cpu_ms(pid):
    """CPU time of a process without its children, in ms; None where it is not counted."""
    try:
        return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
    except (OSError, ValueError, IndexError):
        return None


def command_of(tool, session, output, options):
    return [str(tool), "--input", str(session), "--output", str(output), "--quiet",
            "--progress", "never", *options]


class Run:
    """One run of the tool: its report, and the CPU time of supervisor and children.
    `keeps`: over an earlier output, of which only what the survey found is left."""

    def __init__(self, tool, session, output, options, keeps=False):
        for name in ("frames", "report.json", "report.html") if keeps else ("",):
            remove(output / name)
        command = command_of(tool, session, output, options)
        start = time.monotonic()
        # Ended but not yet waited for, a process still tells what it used.
        process = subprocess.Popen(command)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self.wall_s = time.monotonic() - start
        self.supervisor_ms = own_cpu_ms(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: status {process.returncode}")
        self.cpu_ms = (usage.ru_utime + usage.ru_stime) * 1e3
        self.totals = json.loads((output / "report.json").read_text())["totals"]


def side_by_side_s(tool, session, output, count, options):
    """Wall seconds of `count` runs at once, each with one worker and an output of its own."""
    outputs = [output.with_name(f"{output.name}_{index}") for index in range(count)]
    for place in outputs:
        remove(place)
    start = time.monotonic()
    processes = [subprocess.Popen(command_of(tool, session, place,
                                             ["--workers", "1", *options]))
                 for place in outputs]
    statuses = [process.wait() for process in processes]
    wall_s = time.monotonic() - start
    if any(statuses):
        raise SystemExit(f"{count} runs at once: status {statuses}")
    for place in outputs:
        remove(place)
    return wall_s


def turn(tool, session, output, workers, cold, options):
    """One run of a kind, what it would take without a survey, and its bound."""
    def prepare():
        if cold:
            drop_from_cache(session)

    options_of_run = ["--workers", str(workers), *options]
    prepare()
    run = Run(tool, session, output, options_of_run)
    prepare()
    kept = Run(tool, session, output, options_of_run, keeps=True)
    prepare()
    bound_s = (side_by_side_s(tool, session, output, workers, options) if workers > 1
               else run.wall_s)
    wall_s = run.totals["wall_s"]
    return {"frames_per_second": run.totals["frames_per_second"], "wall_s": run.wall_s,
            "bound_s": bound_s, "cpu_ms": run.cpu_ms,
            "first_frame_s": run.totals["first_frame_s"],
            "idle_share": run.totals["idle_share"],
            "survey_share": run.totals["survey_s"] / wall_s,
            "survey_cpu_share": 1 - kept.cpu_ms / run.cpu_ms}


def scaling(workers, of_one, of_many, least):
    """How many times one worker's work the pool does, N runs at once do, and of these."""
    pool = least(of_one["wall_s"]) / least(of_many["wall_s"])
    bound = workers * least(of_one["wall_s"]) / least(of_many["bound_s"])
    return {"times_one_worker": pool, "machine_bound": bound, "of_bound": pool / bound}


def throughput(tool, session, output, arguments):
    """Rows of workers and cache, with the figures of each: medians, and of the best runs."""
    kinds = [(workers, cold) for workers in range(1, arguments.workers + 1)
             for cold in (False, True)]
    turns = {kind: [] for kind in kinds}
    for _ in range(arguments.repeat):
        for workers, cold in kinds:
            turns[workers, cold].append(
                turn(tool, session, output, workers, cold, arguments.options))
    columns = {kind: {name: [one[name] for one in values] for name in values[0]}
               for kind, values in turns.items()}
    rows = []
    for (workers, cold), of_kind in columns.items():
        best = scaling(workers, columns[1, cold], of_kind, min)
        rows.append({"workers": workers, "cache": "cold" if cold else "warm",
                     **{name: statistics.median(values) for name, values in of_kind.items()},
                     **scaling(workers, columns[1, cold], of_kind, statistics.median),
                     "best": max(of_kind["frames_per_second"]),
                     **{f"best_{name}": value for name, value in best.items()}})
    return rows


def timed(command):
    """Wall and CPU seconds of a whole process and its children."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: status {process.returncode}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime


def contenders(tool, recipe, session, output, arguments):
    """The command of each contender by its name, but for the number of workers."""
    Run(tool, session, output, ["--frames", "0", *arguments.options])
    found = json.loads(next(output.glob("frames/*/frame.json")).read_text())["range"]
    minimum, count = str(found["min_px"]), str(found["count"])
    ours = [tool, "--input", session, "--output", output, "--quiet", "--progress", "never",
            *arguments.options, "--workers"]
    theirs = [recipe, session, output, minimum, count]
    return {"process_offline": lambda workers: [*ours, str(workers)],
            "recipe": lambda workers: [*theirs, str(workers)],
            "recipe without inpainting": lambda workers: [*theirs, str(workers),
                                                          "--no-inpaint"]}


def against_recipe(tool, recipe, session, frames, output, arguments):
    """Rows of contender, workers and cache, with ms a frame of wall and of CPU time."""
    commands = contenders(tool, recipe, session, output, arguments)
    kinds = [(name, workers, cold) for workers in range(1, arguments.workers + 1)
             for cold in (False, True) for name in commands]
    figures = {kind: [] for kind in kinds}
    for _ in range(arguments.repeat):
        for name, workers, cold in kinds:
            shutil.rmtree(output, ignore_errors=True)
            os.sync()
            if cold:
                drop_from_cache(session)
            figures[name, workers, cold].append(timed(commands[name](workers)))
    rows = []
    for (name, workers, cold), values in figures.items():
        ours = statistics.median(value[0] for value in figures["process_offline", workers, cold])
        wall = statistics.median(value[0] for value in values)
        rows.append({"program": name, "workers": workers, "cache": "cold" if cold else "warm",
                     "wall_ms": wall * 1e3 / frames,
                     "cpu_ms": statistics.median(value[1] for value in values) * 1e3 / frames,
                     "times_ours": wall / ours})
    return rows


def overhead(tool, session, frames, output, arguments):
    """What the supervisor adds to a frame, from a long and a short run of one worker."""
    few = max(1, frames // 4)
    shares, frame_ms, added_ms, start_ms, in_process_ms = [], [], [], [], []
    for _ in range(arguments.repeat):
        options = ["--workers", "1", *arguments.options]
        long = Run(tool, session, output, options)
        short = Run(tool, session, output, [*options, "--frames", f"0-{few - 1}"])
        alone = Run(tool, session, output, [*options, "--in-process"])
        in_process_ms.append(alone.cpu_ms / frames)
        if long.supervisor_ms is None:
            continue
        added = (long.supervisor_ms - short.supervisor_ms) / (frames - few)
        added_ms.append(added)
        frame_ms.append(long.cpu_ms / frames)
        shares.append(100 * added * frames / long.cpu_ms)
        start_ms.append(short.supervisor_ms - added * few)
    if not shares:
        return None
    return {"supervisor_ms_per_frame": statistics.median(added_ms),
            "frame_cpu_ms": statistics.median(frame_ms),
            "percent_of_frame": statistics.median(shares),
            "supervisor_ms_once": statistics.median(start_ms),
            "in_process_frame_cpu_ms": statistics.median(in_process_ms)}


def starts(tool, session):
    """Milliseconds until --version and --list have answered."""
    result = {}
    for name, command in (("version_ms", [tool, "--version"]),
                          ("list_ms", [tool, "--input", session, "--list"])):
        times = []
        for _ in range(STARTS):
            start = time.monotonic()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           check=True)
            times.append((time.monotonic() - start) * 1e3)
        result[name] = statistics.median(times)
    return result


def print_throughput(size, rows):
    for row in rows:
        print(f"{size:>10} {row['workers']} workers {row['cache']}: "
              f"{row['frames_per_second']:.2f} frames/s, first after "
              f"{row['first_frame_s']:.3f} s, idle {100 * row['idle_share']:.1f} %, survey "
              f"{100 * row['survey_share']:.1f} % of the wall and "
              f"{100 * row['survey_cpu_share']:.1f} % of {row['cpu_ms']:.0f} ms of CPU")
        if row["workers"] > 1:
            print(f"{size:>10} {row['workers']} workers {row['cache']}: "
                  f"{row['times_one_worker']:.2f} times one worker, the machine's bound "
                  f"{row['machine_bound']:.2f}, {row['of_bound']:.3f} of it; at best "
                  f"{row['best_times_one_worker']:.2f}, {row['best_machine_bound']:.2f}, "
                  f"{row['best_of_bound']:.3f}")


def print_recipe(size, rows):
    for row in rows:
        print(f"{size:>10} {row['workers']} workers {row['cache']} {row['program']}: "
              f"{row['wall_ms']:.0f} ms a frame, {row['cpu_ms']:.0f} of CPU "
              f"({row['times_ours']:.2f} times ours)")


def measure(tool, make_scene, root, arguments):
    recipe = arguments.build / "tests" / "opencv_recipe"
    result = {"processors": os.cpu_count(), "repeat": arguments.repeat, "sessions": {}}
    output = root / "output"
    for name in ("small", "large"):
        size, frames = getattr(arguments, name).split(":")
        frames = int(frames)
        session = make_session(make_scene, root, name, size, frames)
        rows = throughput(tool, session, output, arguments)
        result["sessions"][name] = {
            "size": size, "frames": frames, "throughput": rows,
            "overhead": overhead(tool, session, frames, output, arguments)}
        if recipe.exists():
            against = against_recipe(tool, recipe, session, frames, output, arguments)
            result["sessions"][name]["against_recipe"] = against
            print_recipe(size, against)
        print_throughput(size, rows)
        cost = result["sessions"][name]["overhead"]
        if cost:
            print(f"{size:>10} supervisor {cost['supervisor_ms_per_frame']:.3f} ms of "
                  f"{cost['frame_cpu_ms']:.1f} ms CPU a frame "
                  f"({cost['percent_of_frame']:.2f} %), {cost['supervisor_ms_once']:.1f} ms "
                  f"once; in process {cost['in_process_frame_cpu_ms']:.1f} ms a frame")
    result["start"] = starts(tool, root / "small")
    print(f"start: --version {result['start']['version_ms']:.1f} ms, --list of the small "
          f"session {result['start']['list_ms']:.1f} ms")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--small", default="640x480:32")
    parser.add_argument("--large", default="1456x1088:8")
    parser.add_argument("options", nargs="*", help="of process_offline, after --")
    arguments = parser.parse_args()
    tool = arguments.build / "process_offline"
    make_scene = arguments.build / "tests" / "make_scene"
    for program in (tool, make_scene):
        if not program.exists():
            raise SystemExit(f"{program} is not built")
    with tempfile.TemporaryDirectory(prefix="po_bench_") as place:
        result = measure(tool, make_scene, pathlib.Path(place), arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
