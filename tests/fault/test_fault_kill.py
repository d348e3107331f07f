#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the whole process tree at random moments and at every write, rename, mkdir and
fsync of a run; the run after it must leave the bytes of one that was never disturbed."""
import json
import os
import random
import shutil
import signal
import sys
import time

from harness import (LONG, Broken, Run, Skipped, Workshop, check_rerun, is_sanitized, need, play,
                     skip_unless_built)

skip_unless_built()
FRAMES = 4
SHOP = Workshop(frames=FRAMES, size="96x64")
SHOPS = [SHOP]
RANDOM_KILLS = 100 if LONG else 10
SHARE = 1 if LONG else 10  # of the points


def has_strips(shop):
    with open(os.path.join(shop.reference, "report.json"), encoding="utf-8") as handle:
        frames = json.load(handle)["frames"]
    return all(frame["counts"].get("strips", 1) > 1 for frame in frames)


def strips_shop():
    """Frames that fit their memory only in row strips: the limit is searched from above, as
    what the program takes for itself changes with its libraries."""
    if is_sanitized():
        raise Skipped("a sanitized build needs more memory")
    for megabytes in range(50, 34, -1):
        shop = Workshop(frames=2, size="320x480", kind="sphere",
                        arguments=["--opencv-mode", "hh", "--memory-limit", "%dM" % megabytes])
        SHOPS.append(shop)
        if has_strips(shop):
            return shop
    raise Broken("there are no strips")


def whole_folders_only(shop, output):
    """What a killed run shows under a frame's own name is complete."""
    frames = os.path.join(output, "frames")
    for name in os.listdir(frames) if os.path.isdir(frames) else []:
        if not name.startswith("."):
            listed = sorted(os.listdir(os.path.join(frames, name)))
            wanted = sorted(os.listdir(os.path.join(shop.reference, "frames", name)))
            need(listed == wanted, "%s is half a frame: %s" % (name, listed))


def random_moments(shop, kills, preload=None):
    """`preload`: of the runs that are killed."""
    chance = random.Random(20250101)
    wall = max(0.05, shop.run(shop.pristine, os.path.join(shop.root, "timing"),
                            preload=preload).wall)
    shutil.rmtree(os.path.join(shop.root, "timing"))
    output = os.path.join(shop.root, "random")
    killed = 0
    for number in range(kills):
        # Some start from nothing, some go on where the last one was killed.
        if number % 3 == 0:
            shutil.rmtree(output, ignore_errors=True)
        force = ["--force"] if number % 3 == 2 else []
        run = Run(shop.pristine, output, shop.arguments + ["--workers", "2"] + force, preload=preload)
        time.sleep(chance.uniform(0, wall))
        run.signal_all(signal.SIGKILL)
        run.finish()
        killed += run.status == -signal.SIGKILL
        whole_folders_only(shop, output)
        check_rerun(shop, shop.pristine, output, shop.frame_count)
    return "%d kills, %d of running programs" % (kills, killed)


def every_point(shop, call, share, over=False):
    """`over`: a result is there, and --force replaces it."""
    arguments = shop.arguments + ["--workers", "1"] + (["--force"] if over else [])

    def start(output, preload):
        if over:
            shutil.copytree(shop.reference, output)
        return Run(shop.pristine, output, arguments, preload=preload).finish()

    counting = start(os.path.join(shop.root, "count_%s_%d" % (call, over)),
                     "call=%s,do=none" % call)
    need(counting.status == 0, "the counting run failed: %s" % counting.error)
    need(counting.called > 0, "no %s was seen" % call)
    points = range(1, counting.called + 1, share)
    for point in points:
        output = os.path.join(shop.root, "%s_%d" % (call, point))
        run = start(output, "call=%s,nth=%d,do=kill" % (call, point))
        need(run.status == -signal.SIGKILL, "it was not killed at %s %d" % (call, point))
        whole_folders_only(shop, output)
        try:
            check_rerun(shop, shop.pristine, output, shop.frame_count)
        except Broken as failure:
            raise Broken("killed at %s %d: %s" % (call, point, failure)) from failure
        shutil.rmtree(output)
    return "killed at %d of %d" % (len(points), counting.called)


CASES = [("random moments", lambda: random_moments(SHOP, RANDOM_KILLS), True)]
for one in ("rename", "write", "fsync", "mkdir"):
    CASES.append(("at every " + one, lambda call=one: every_point(SHOP, call, SHARE), True))
for one in ("rename", "unlink"):
    CASES.append(("over a result: at every " + one,
                  lambda call=one: every_point(SHOP, call, SHARE, True), True))
CASES += [
    ("on a slow disk: random moments",
     lambda: random_moments(SHOP, RANDOM_KILLS, "call=fsync,do=slow:20"), True),
    ("in strips: random moments", lambda: random_moments(strips_shop(), RANDOM_KILLS // 4), True),
    ("in strips: at every rename", lambda: every_point(strips_shop(), "rename", SHARE), False),
    ("in strips: at every write", lambda: every_point(strips_shop(), "write", SHARE), False),
]

if __name__ == "__main__":
    try:
        code = play(CASES)
    finally:
        for shop in SHOPS:
            shop.close()
    sys.exit(code)
