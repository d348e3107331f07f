#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory: the measured peak of a run against what was predicted, over sizes, ranges,
matchers, modes and workers; and runs under limits that make them go down the ladder."""
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

from harness import (LONG, MAKE_SCENE, Run, is_sanitized, need, play, same_folder,
                     skip_unless_built)

skip_unless_built()
ROOT = tempfile.mkdtemp(prefix="po_memory_", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
ALLOWED_SHARE = 0.15
ALLOWED_BYTES = 16 << 20
MEGABYTE = 1 << 20


def session(size, frames=4):
    path = os.path.join(ROOT, size)
    if not os.path.exists(path):
        subprocess.run([MAKE_SCENE, path, "--frames", str(frames), "--size", size, "--kind",
                        "plane"], check=True, stdout=subprocess.DEVNULL)
    return path


def measured(size, arguments, before=None, expected=0):
    output = tempfile.mkdtemp(dir=ROOT)
    run = Run(session(size), output, arguments + ["--progress", "never"], settings=[],
              before=before).finish(timeout=600)
    need(run.status == expected, "exit status %s: %s" % (run.status, run.error))
    report = run.report()
    shutil.rmtree(output)
    return report


def need_bytes(condition, text):
    """A bound on measured memory; a sanitizer keeps shadows and freed memory beside it."""
    if is_sanitized():
        return text + "; the bound is not for a sanitized build"
    need(condition, text)
    return text


def compare(size, disparities, workers, matcher):
    def run():
        arguments = ["--num-disparities", str(disparities), "--workers", str(workers)]
        # Workers that a busy machine keeps from their peaks at one moment get another chance.
        for _ in range(3 if workers > 1 else 1):
            report = measured(size, arguments + matcher.split())
            memory = report["totals"]["memory"]
            predicted = memory["predicted_bytes"]
            seen = memory["measured_bytes"]
            if seen >= (1 - ALLOWED_SHARE) * predicted:
                break
        off = seen - predicted
        text = "baseline %4d, frame %4d, predicted %4d, measured %4d MB (%+.1f %%)" % (
            memory["baseline_bytes"] / MEGABYTE, memory["frame_bytes"] / MEGABYTE,
            predicted / MEGABYTE, seen / MEGABYTE, 100 * off / predicted)
        return need_bytes(abs(off) <= max(ALLOWED_SHARE * predicted, ALLOWED_BYTES), text)
    return run


COMBINATIONS = [
    # size, disparities, workers, matcher and mode, in the quick suite
    ("1280x800", 64, 1, "--profile fast", True),
    ("1280x800", 128, 1, "--profile balanced", False),
    ("1280x800", 256, 1, "--profile balanced", False),
    ("1280x800", 128, 2, "--profile balanced", True),
    ("1280x800", 128, 3, "--profile balanced", False),
    ("1280x800", 128, 1, "--profile quality", False),
    ("1280x800", 128, 2, "--profile quality", False),
    ("1280x800", 64, 1, "--profile classic", False),
    ("1280x800", 96, 1, "--matcher opencv --opencv-mode sgbm", False),
    ("1280x800", 96, 2, "--matcher opencv --opencv-mode sgbm", False),
    ("1280x800", 96, 1, "--matcher opencv --opencv-mode 3way", False),
    ("1280x800", 128, 3, "--matcher opencv --opencv-mode 3way", False),
    ("1280x800", 64, 1, "--matcher opencv --opencv-mode hh", False),
    ("1280x800", 128, 2, "--matcher opencv --opencv-mode hh", True),
    ("1280x800", 64, 1, "--matcher opencv --opencv-mode hh4", False),
    ("1920x1200", 128, 1, "--profile fast", False),
    ("1920x1200", 128, 1, "--profile balanced", False),
    ("1920x1200", 128, 2, "--profile balanced", False),
    ("1920x1200", 192, 1, "--profile quality", False),
    ("1920x1200", 160, 1, "--matcher opencv --opencv-mode sgbm --downscale 1", False),
    ("1920x1200", 160, 1, "--matcher opencv --downscale 2", False),
    ("1920x1200", 128, 1, "--matcher opencv --opencv-mode hh --downscale 1", False),
    ("1920x1200", 128, 2, "--profile balanced --downscale 2", False),
    ("2592x1944", 128, 1, "--profile balanced", False),
    ("2592x1944", 256, 2, "--profile fast", False),
    ("2592x1944", 128, 1, "--matcher opencv --opencv-mode 3way --downscale 1", False),
]


def under_limit(limit_mb, arguments, size, said):
    """A limit the unlimited plan would not keep: the run finishes lower, and says so."""
    def run():
        report = measured(size, ["--memory-limit", "%dM" % limit_mb] + arguments)
        memory = report["totals"]["memory"]
        events = " | ".join(event["text"] for event in report["events"])
        need(said in events, "no event says %r: %s" % (said, events))
        changed = [name for name, row in report["settings"].items() if row["origin"] == "memory budget"]
        need(changed or said == "row strips", "no setting is marked as changed by the budget")
        seen = memory["measured_bytes"]
        return need_bytes(seen <= limit_mb * MEGABYTE, "limit %d, measured %d MB: %s" % (
            limit_mb, seen / MEGABYTE, events))
    return run


def refused(limit_mb, size):
    """No degradation level fits: every frame is refused with both numbers, and little was held."""
    def run():
        report = measured(size, ["--memory-limit", "%dM" % limit_mb], expected=6)
        said = report["frames"][0]["message"]
        need("needs" in said and "MB" in said, said)
        need(report["totals"]["out_of_memory"] == report["totals"]["found"], "some ran")
        seen = report["totals"]["memory"]["measured_bytes"]
        return need_bytes(seen <= limit_mb * MEGABYTE, "%d MB were used: %s" % (
            seen / MEGABYTE, said))
    return run


def named_limit_works(size, arguments):
    """What a refusal says would do does, and not by a wide margin."""
    def run():
        said = measured(size, ["--memory-limit", "1M"] + arguments, expected=6)["frames"][0][
            "message"]
        named = re.search(r"smallest --memory-limit that works is about ([0-9]+)M", said)
        need(named, "no limit is named: %s" % said)
        limit_mb = int(named.group(1))
        report = measured(size, ["--memory-limit", "%dM" % limit_mb] + arguments)
        need(report["totals"]["done"] == report["totals"]["found"], "not every frame was done")
        seen = report["totals"]["memory"]["measured_bytes"]
        need(is_sanitized() or seen <= limit_mb * MEGABYTE, "%d MB were used of %d" % (seen / MEGABYTE, limit_mb))
        less = int(limit_mb * 0.85)
        again = measured(size, ["--memory-limit", "%dM" % less] + arguments, expected=6)
        need("works is about" in again["frames"][0]["message"], again["frames"][0]["message"])
        return "refused at 1 and %d MB, done at %d with %d MB" % (less, limit_mb,
                                                                  seen / MEGABYTE)
    return run


def under_address_space(limit_mb, arguments, size):
    def run():
        def before():
            resource.setrlimit(resource.RLIMIT_AS, (limit_mb * MEGABYTE, limit_mb * MEGABYTE))
        report = measured(size, arguments, before=before)
        return "address space of %d MB: %s; %s" % (
            limit_mb, report["totals"]["done"],
            " | ".join(event["text"] for event in report["events"]))
    return run


def same_bytes_at_any_concurrency():
    """A limit that only lowers concurrency leaves the bytes alone."""
    if is_sanitized():
        return "skipped: what a sanitizer holds itself takes the run down another level"
    free = os.path.join(ROOT, "free")
    tight = os.path.join(ROOT, "tight")
    base = ["--num-disparities", "64", "--progress", "never"]
    first = Run(session("1280x800"), free, base + ["--workers", "2"], settings=[]).finish()
    memory = first.report()["totals"]["memory"]
    limit = int(memory["baseline_bytes"] + 1.7 * memory["frame_bytes"])
    second = Run(session("1280x800"), tight, base + ["--workers", "2", "--memory-limit", str(limit)],
                 settings=[]).finish()
    need(second.status == 0, second.error)
    workers = second.report()["workers"]
    need(workers == 1, "%d workers" % workers)
    for name in os.listdir(os.path.join(free, "frames")):
        need(same_folder(os.path.join(free, "frames", name), os.path.join(tight, "frames", name)),
             "frame %s differs" % name)
    return "%d workers under %d MB" % (workers, limit / MEGABYTE)


CASES = [("%s %d %s x%d" % (size, count, matcher.replace("--", ""), workers),
          compare(size, count, workers, matcher), quick)
         for size, count, workers, matcher, quick in COMBINATIONS]
CASES += [
    ("ladder: fewer at once, same bytes", same_bytes_at_any_concurrency, True),
    ("ladder: row strips", under_limit(
        170, ["--num-disparities", "64", "--matcher", "opencv", "--opencv-mode", "hh"],
        "1280x800", "row strips"), True),
    # A surface needs all rows, so strips are no way out.
    ("ladder: a cheaper mode", under_limit(
        170, ["--num-disparities", "64", "--matcher", "opencv", "--opencv-mode", "hh",
              "--surface-reconstruction"],
        "1280x800", "cheaper mode"), True),
    ("ladder: half resolution", under_limit(
        170, ["--num-disparities", "128", "--matcher", "opencv", "--downscale", "1",
              "--surface-reconstruction"],
        "2592x1944", "half resolution"), False),
    ("refusal names what works: small", named_limit_works("320x240", []), True),
    ("refusal names what works: opencv", named_limit_works(
        "1280x800", ["--matcher", "opencv", "--num-disparities", "64"]), False),
    ("refusal names what works: quality", named_limit_works(
        "1280x800", ["--profile", "quality", "--num-disparities", "128"]), False),
    ("refusal names what works: all rows", named_limit_works(
        "1280x800", ["--surface-reconstruction", "--num-disparities", "128"]), False),
    ("refusal names what works: large", named_limit_works("2592x1944", []), False),
    ("ladder: refusal", refused(100, "2592x1944"), False),
    ("a real limit of address space", under_address_space(
        420, ["--num-disparities", "128", "--matcher", "opencv", "--opencv-mode", "hh",
              "--downscale", "1"], "1920x1200"), False),
]

if __name__ == "__main__":
    try:
        code = play(CASES)
    finally:
        shutil.rmtree(ROOT, ignore_errors=True)
    sys.exit(code)
