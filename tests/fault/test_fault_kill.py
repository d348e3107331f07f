#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the whole process tree at random moments and at every write, rename, mkdir and
fsync of a run; the run after it must leave the bytes of one that was never disturbed."""
import os
import random
import shutil
import signal
import sys
import time

from harness import LONG, Broken, Run, Workshop, check_rerun, need, play, skip_unless_built

skip_unless_built()
FRAMES = 4
SHOP = Workshop(frames=FRAMES, size="96x64")
RANDOM_KILLS = 100 if LONG else 10
SHARE = 1 if LONG else 10  # of the points


def whole_folders_only(output):
    """What a killed run shows under a frame's own name is complete."""
    frames = os.path.join(output, "frames")
    for name in os.listdir(frames) if os.path.isdir(frames) else []:
        if not name.startswith("."):
            listed = sorted(os.listdir(os.path.join(frames, name)))
            wanted = sorted(os.listdir(os.path.join(SHOP.reference, "frames", name)))
            need(listed == wanted, "%s is half a frame: %s" % (name, listed))


def random_moments():
    chance = random.Random(20250101)
    wall = max(0.05, SHOP.run(SHOP.pristine, os.path.join(SHOP.root, "timing")).wall)
    output = os.path.join(SHOP.root, "random")
    killed = 0
    for number in range(RANDOM_KILLS):
        # Some start from nothing, some go on where the last one was killed.
        if number % 3 == 0:
            shutil.rmtree(output, ignore_errors=True)
        force = ["--force"] if number % 3 == 2 else []
        run = Run(SHOP.pristine, output, ["--workers", "2"] + force)
        time.sleep(chance.uniform(0, wall))
        run.signal_all(signal.SIGKILL)
        run.finish()
        killed += run.status == -signal.SIGKILL
        whole_folders_only(output)
        check_rerun(SHOP, SHOP.pristine, output, FRAMES)
    return "%d kills, %d of running programs" % (RANDOM_KILLS, killed)


def every_point(call):
    counting = Run(SHOP.pristine, os.path.join(SHOP.root, "count_" + call), ["--workers", "1"],
                   preload="call=%s,do=none" % call).finish()
    need(counting.status == 0, "the counting run failed: %s" % counting.error)
    need(counting.called > 0, "no %s was seen" % call)
    points = range(1, counting.called + 1, SHARE)
    for point in points:
        output = os.path.join(SHOP.root, "%s_%d" % (call, point))
        run = Run(SHOP.pristine, output, ["--workers", "1"],
                  preload="call=%s,nth=%d,do=kill" % (call, point)).finish()
        need(run.status == -signal.SIGKILL, "it was not killed at %s %d" % (call, point))
        whole_folders_only(output)
        try:
            check_rerun(SHOP, SHOP.pristine, output, FRAMES)
        except Broken as failure:
            raise Broken("killed at %s %d: %s" % (call, point, failure)) from failure
        shutil.rmtree(output)
    return "killed at %d of %d" % (len(points), counting.called)


CASES = [("random moments", random_moments, True)]
for one in ("rename", "write", "fsync", "mkdir", "unlink"):
    CASES.append(("at every " + one, lambda call=one: every_point(call), True))

if __name__ == "__main__":
    try:
        code = play(CASES)
    finally:
        SHOP.close()
    sys.exit(code)
