#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Torture: the Nth call of each kind fails, once or from then on, in the supervisor or in
its children, over a small session; likewise EINTR everywhere, and short reads and writes.

After each: no crash, no hang, nobody left, inputs untouched, a status that says so, finished
frames with the bytes of an undisturbed run; and a rerun that ends like one.

A seeded sample (PO_TORTURE_SAMPLE, PO_TORTURE_SEED), or with PO_LONG=1 every call there is.
Arguments choose cases by a part of their name, such as "malloc,child"."""
import os
import random
import shutil
import struct
import sys
import tempfile
import time

from harness import (BINARY_DIR, LONG, Broken, Run, Workshop, check_frames, check_report,
                     is_sanitized, need, same_folder, skip_unless_built)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tree_snapshot import difference, snapshot  # noqa: E402

SHIM = os.path.join(BINARY_DIR, "tests", "preload_torture.so")
# As in tests/support/preload_torture.c.
CALLS = ("malloc calloc realloc strdup open opendir readdir read write fsync rename mkdir fork "
         "mmap pthread_create stat poll wait").split()
ROLES = ["supervisor", "child"]
INTERRUPTED = ["read", "write", "open", "fsync", "poll", "wait"]
SAMPLE = int(os.environ.get("PO_TORTURE_SAMPLE", "120"))
SEED = int(os.environ.get("PO_TORTURE_SEED", "11"))
FRAMES = 2
SETTINGS = ["--progress", "never"]
ALLOWED_S = 60  # a run takes a tenth of a second
MODES = {"parallel": ["--workers", "1"],
         "in process": ["--workers", "1", "--in-process"],
         "no parallel": ["--no-parallel"]}


class Shop(Workshop):
    """Everything automatic: a fault in the survey must not change what is kept."""

    def run(self, session, output, arguments=(), **options):
        return Run(session, output, arguments, settings=SETTINGS, **options).finish()

    def is_undisturbed(self, folder):
        return same_folder(folder, os.path.join(self.reference, "frames",
                                                os.path.basename(folder)))


class Tortured(Run):
    """A run under the shim that counts in a file of its own."""

    def __init__(self, session, output, arguments, order):
        handle, self.places = tempfile.mkstemp(prefix="po_torture_")
        os.write(handle, bytes(8 * (2 * len(CALLS) + 1)))
        os.close(handle)
        super().__init__(session, output, arguments, settings=SETTINGS, env={
            "LD_PRELOAD": os.path.abspath(SHIM), "PO_TORTURE": order,
            "PO_TORTURE_COUNTS": self.places})

    def finish(self, timeout=ALLOWED_S, leaves_processes=False):
        try:
            super().finish(timeout, leaves_processes)
        finally:
            with open(self.places, "rb") as handle:
                counts = struct.unpack("%dq" % (2 * len(CALLS) + 1), handle.read())
            os.unlink(self.places)
            self.injected = counts[-1]
            self.called = {role: dict(zip(CALLS, counts[index * len(CALLS):]))
                           for index, role in enumerate(ROLES)}
        return self


class Torture:
    def __init__(self):
        self.shop = Shop(frames=FRAMES)
        self.session, _ = self.shop.fresh()
        self.inputs = snapshot(self.session)
        self.output = os.path.join(self.shop.root, "tortured")

    def run(self, mode, order):
        shutil.rmtree(self.output, ignore_errors=True)
        return Tortured(self.session, self.output, MODES[mode], order).finish()

    def check(self, mode, order):
        """Whether a failure was injected; Broken when a promise was not kept."""
        run = self.run(mode, order)
        self.check_inputs()
        need(0 <= run.status <= 8, "exit status %s: %s" % (run.status, run.error[-400:]))
        if run.injected == 0:
            return False
        self.check_told(run, order)
        rerun = self.shop.run(self.session, self.output)
        report = check_report(rerun, 0, frame_count=FRAMES)
        need(check_frames(self.shop, rerun, report) == FRAMES, "the rerun lacks frames")
        self.check_inputs()
        return True

    def check_inputs(self):
        changes = difference(self.inputs, snapshot(self.session))
        need(not changes, "the inputs: " + changes)

    def check_told(self, run, order):
        """The status, the report and what was written agree."""
        speechless = order.startswith("write,supervisor") # stderr is written too
        need(run.status == 0 or run.error or speechless,
             "status %d without a word" % run.status)
        if not os.path.exists(os.path.join(self.output, "report.json")):
            need(run.status != 0, "status 0 without a report")
            return
        report = check_report(run, run.status, frame_count=FRAMES)
        for frame in report["frames"]:
            self.check_frame(run, frame)
        unfinished = FRAMES - report["totals"]["done"]
        need(run.status != 0 or unfinished == 0, "status 0 with %d frames less" % unfinished)

    def check_frame(self, run, frame):
        folder = os.path.join(run.output, "frames", frame["id"])
        if frame["status"] == "done":
            need(self.shop.is_undisturbed(folder), "frame %s is not whole" % frame["id"])
        else:
            need(frame["message"] or frame["status"] == "not_run", "no cause is said")
            need(not os.path.exists(folder) or self.shop.is_undisturbed(folder),
                 "frame %s is half there" % frame["id"])


def all_cases(torture):
    """(mode, order) of every call there is, once and from then on, and the calls."""
    cases, table = [], {}
    for mode in MODES:
        counted = torture.run(mode, "malloc,child,0,none")
        need(counted.status == 0, "the counting run failed: %s" % counted.error)
        for role in ROLES:
            for call in CALLS:
                number = counted.called[role][call]
                table[call, role] = table.get((call, role), 0) + number
                for how in ("once", "on"):
                    cases += [(mode, "%s,%s,%d,%s" % (call, role, n, how))
                              for n in range(1, number + 1) if call not in ("poll", "wait")]
                if call in INTERRUPTED and number > 0:
                    cases.append((mode, "%s,%s,1,eintr" % (call, role)))
                if call in ("read", "write") and number > 0:
                    cases.append((mode, "%s,%s,1,short" % (call, role)))
    return cases, table


def sampled(cases):
    """All that are not counted through, and of the others as many of each kind."""
    kinds = {}
    for case in cases:
        call, role, _, how = case[1].split(",")
        kinds.setdefault((case[0], call, role, how), []).append(case)
    dice = random.Random(SEED)
    queues = [dice.sample(kind, len(kind)) for _, kind in sorted(kinds.items())]
    dice.shuffle(queues)
    queues.sort(key=lambda queue: queue[0][1].endswith(("once", "on")))
    chosen = []
    while len(chosen) < SAMPLE and any(queues):
        for queue in queues:
            if queue and len(chosen) < SAMPLE:
                chosen.append(queue.pop())
    return chosen


def main():
    skip_unless_built()
    if is_sanitized():
        print("skipped: a sanitized build takes no preloaded shim")
        return 77
    torture = Torture()
    cases, table = all_cases(torture)
    chosen = cases if LONG else sampled(cases)
    if len(sys.argv) > 1:
        chosen = [case for case in cases if any(word in ",".join(case) for word in sys.argv[1:])]
    started, injected, broken = time.monotonic(), 0, 0
    for number, (mode, order) in enumerate(chosen):
        try:
            injected += torture.check(mode, order)
        except Broken as failure:
            broken += 1
            print("BROKEN: %s, %s: %s" % (mode, order, failure), flush=True)
        if LONG and number % 500 == 499:
            print("%d of %d, %d broken" % (number + 1, len(chosen), broken), flush=True)
    torture.shop.close()
    print("%-16s %12s %12s" % ("call", *ROLES))
    for call in CALLS:
        print("%-16s %12d %12d" % (call, *(table[call, role] for role in ROLES)))
    print("%d of %d cases in %.0f s, %d failures injected, broken: %d" % (
        len(chosen), len(cases), time.monotonic() - started, injected, broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
