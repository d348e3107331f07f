#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A long run of small frames with random faults: every frame accounted for, the faulty ones
and only they not finished, the supervisor's memory and descriptors flat, the inputs as they
were; and a rerun that ends with the bytes of an undisturbed run."""
import os
import random
import sys
import threading
import time

from harness import (LONG, Run, Workshop, check_frames, check_report, check_rerun, need, play,
                     skip_unless_built)

skip_unless_built()
FRAMES = 2000 if LONG else 200
SHOP = Workshop(frames=FRAMES, size="64x48")
GROWTH_BYTES = 2 << 20


class Meter(threading.Thread):
    """Reads the supervisor's resident size and open descriptors while it runs."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.samples = []
        self.start()

    def run(self):
        while True:
            try:
                with open("/proc/%d/statm" % self.pid, encoding="ascii") as handle:
                    resident = int(handle.read().split()[1]) * os.sysconf("SC_PAGESIZE")
                self.samples.append((resident, len(os.listdir("/proc/%d/fd" % self.pid))))
            except (OSError, IndexError):
                return
            time.sleep(0.05)


def soak():
    chance = random.Random(7)
    actions = ["segv", "abort", "exit", "kill", "bus", "fpe"]
    stages = ["load", "match", "refine", "write", "commit"]
    faulty = chance.sample(range(FRAMES), FRAMES // 50)
    rules = ["%s:frame=%d,stage=%s" % (chance.choice(actions), frame, chance.choice(stages))
             for frame in faulty]
    forgiven = [frame for frame in chance.sample(range(FRAMES), FRAMES // 50)
                if frame not in faulty]
    rules += ["segv:frame=%d,stage=match,attempt=1" % frame for frame in forgiven]
    hung = [frame for frame in range(FRAMES) if frame not in faulty + forgiven][:2]
    rules += ["hang:frame=%d,stage=match" % frame for frame in hung]
    rules += ["slow:frame=%d,stage=refine" % frame
              for frame in chance.sample(range(FRAMES), FRAMES // 100)]
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "2", "--frame-timeout", "1.5", "--pool-restarts",
                                "100"], fault=";".join(rules))
    meter = Meter(run.process.pid)
    run.finish(timeout=900)
    report = check_report(run, 3, {"done": FRAMES - len(faulty) - len(hung),
                                   "crashed": len(faulty), "timed_out": len(hung)},
                          frame_count=FRAMES)
    check_frames(SHOP, run, report)
    check_rerun(SHOP, session, output, frame_count=FRAMES)
    middle = meter.samples[len(meter.samples) // 4:-4]
    need(len(middle) > 8, "too few samples")
    grown = max(sample[0] for sample in middle) - middle[0][0]
    descriptors = {sample[1] for sample in middle}
    need(grown < GROWTH_BYTES, "the supervisor grew by %d KB" % (grown >> 10))
    need(max(descriptors) <= 16, "descriptors rose to %d" % max(descriptors))
    return "%d frames, %d crashed, %d hung, %d forgiven; supervisor grew %d KB, at most %d " \
           "descriptors" % (FRAMES, len(faulty), len(hung), len(forgiven), grown >> 10,
                            max(descriptors))


if __name__ == "__main__":
    try:
        code = play([("soak", soak, True)])
    finally:
        SHOP.close()
    sys.exit(code)
