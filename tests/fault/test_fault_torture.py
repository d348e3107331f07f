#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Torture: the Nth call of each kind fails, once or from then on, in the supervisor or in
its children, over a small session; likewise EINTR everywhere, and short reads and writes.

After each: no crash, no hang, nobody left, inputs untouched, a status that says so, finished
frames with the bytes of an undisturbed run; and a rerun that ends like one.

A case is a call with the way through which it is come to: of each distinct one the first,
the middle and the last call. A seeded sample of them (PO_TORTURE_SAMPLE, PO_TORTURE_SEED),
all of them with PO_LONG=1, and with PO_TORTURE_ALL=1 every call there is, which takes hours.
PO_TORTURE_JOBS cases run side by side. Arguments choose cases by a part of their name, such
as "malloc,child"."""
import collections
import multiprocessing
import multiprocessing.util
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
SAMPLE = int(os.environ.get("PO_TORTURE_SAMPLE", "300"))
SEED = int(os.environ.get("PO_TORTURE_SEED", "11"))
JOBS = int(os.environ.get("PO_TORTURE_JOBS", "0")) or min(4, os.cpu_count())
ALL = os.environ.get("PO_TORTURE_ALL") == "1"
FRAMES = 2
SIZE = "64x48"
COUNTS = struct.Struct("%dqQ" % (2 * len(CALLS) + 1))  # struct counts of the shim
STACKS_HEAD, STACKS_ROW, STACK_ROWS = struct.Struct("q"), struct.Struct("iiqQ"), 1 << 17
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


def zeroes(size):
    """A file that the shim maps."""
    handle, path = tempfile.mkstemp(prefix="po_torture_", dir=ROOM)
    os.truncate(handle, size)
    os.close(handle)
    return path


ROOM = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Tortured(Run):
    """A run under the shim that counts in a file of its own."""

    def __init__(self, session, output, arguments, order, stacks=None):
        self.places = zeroes(COUNTS.size)
        environment = {"LD_PRELOAD": os.path.abspath(SHIM), "PO_TORTURE": order,
                       "PO_TORTURE_COUNTS": self.places}
        if stacks:
            environment["PO_TORTURE_STACKS"] = stacks
        super().__init__(session, output, arguments, settings=SETTINGS, env=environment,
                         watched=False)  # the caller looks

    def finish(self, timeout=ALLOWED_S, leaves_processes=False):
        try:
            super().finish(timeout, leaves_processes)
        finally:
            with open(self.places, "rb") as handle:
                counts = COUNTS.unpack(handle.read())
            os.unlink(self.places)
            self.injected, self.stack = counts[-2:]
        return self


def kept(output):
    """{path: content} of all that a later run goes on with."""
    found = {}
    for place in ("frames", ".state"):
        for base, _, names in os.walk(os.path.join(output, place)):
            for name in names:
                if name != "lock":  # names its holder
                    path = os.path.join(base, name)
                    with open(path, "rb") as handle:
                        found[os.path.relpath(path, output)] = handle.read()
    return found


class Torture:
    def __init__(self):
        self.shop = Shop(frames=FRAMES, size=SIZE)
        self.session, _ = self.shop.fresh()
        self.inputs = snapshot(self.session)
        self.output = os.path.join(self.shop.root, "tortured")
        self.whole = {}
        for mode in MODES:
            self.run(mode, "malloc,child,0,none")
            self.whole[mode] = kept(self.output)

    def run(self, mode, order, stacks=None):
        shutil.rmtree(self.output, ignore_errors=True)
        return Tortured(self.session, self.output, MODES[mode], order, stacks).finish()

    def check(self, mode, order):
        """(failures injected, the stack of the first); Broken when a promise was not kept."""
        run = self.run(mode, order)
        self.check_inputs()
        need(0 <= run.status <= 8, "exit status %s: %s" % (run.status, run.error[-400:]))
        if run.injected == 0:
            return 0, 0
        self.check_told(run, order)
        # What lies there as after a run that was not disturbed is gone on with as then.
        if run.status != 0 or kept(self.output) != self.whole[mode]:
            rerun = self.shop.run(self.session, self.output)
            report = check_report(rerun, 0, frame_count=FRAMES)
            need(check_frames(self.shop, rerun, report) == FRAMES, "the rerun lacks frames")
            self.check_inputs()
        return run.injected, run.stack

    def stacks(self, mode):
        """Of each (call, role, stack) the numbers of its calls, in order."""
        places = zeroes(STACKS_HEAD.size + STACKS_ROW.size * STACK_ROWS)
        run = self.run(mode, "malloc,child,0,none", places)
        with open(places, "rb") as handle:
            content = handle.read()
        os.unlink(places)
        used = STACKS_HEAD.unpack_from(content)[0]
        need(run.status == 0, "the counting run failed: %s" % run.error)
        need(used < STACK_ROWS, "%d calls are too many to count" % used)
        found = collections.defaultdict(list)
        for call, role, number, stack in STACKS_ROW.iter_unpack(
                content[STACKS_HEAD.size:][:used * STACKS_ROW.size]):
            found[CALLS[call], ROLES[role], stack].append(number)
        return found

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


def chosen_of(numbers):
    """The first, the last and the middle, or all."""
    if ALL:
        return numbers
    return list(dict.fromkeys((numbers[0], numbers[-1], numbers[len(numbers) // 2])))


def all_cases(torture):
    """{(mode, order): stack, or None where it is not one call}, every stack once before any
    twice; and the table of (calls, stacks) by (call, role)."""
    cases, table = {}, collections.defaultdict(lambda: [0, 0])
    rounds = collections.defaultdict(dict)
    for mode in MODES:
        for (call, role, stack), numbers in torture.stacks(mode).items():
            table[call, role][0] += len(numbers)
            table[call, role][1] += 1
            if call in INTERRUPTED:
                cases[mode, "%s,%s,1,eintr" % (call, role)] = None
            if call in ("read", "write"):
                cases[mode, "%s,%s,1,short" % (call, role)] = None
            if call in ("poll", "wait"):
                continue
            for place, number in enumerate(chosen_of(numbers)):
                for turn, how in enumerate(("once", "on")):
                    rounds[2 * place + turn][mode, "%s,%s,%d,%s" % (
                        call, role, number, how)] = stack
    for _, more in sorted(rounds.items()):
        cases.update(more)
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


class Worker:
    """One of the processes that play cases; each has a session of its own."""
    torture = None

    @classmethod
    def begin(cls):
        cls.torture = Torture()
        multiprocessing.util.Finalize(None, cls.torture.shop.close, exitpriority=1)

    @classmethod
    def play(cls, case):
        try:
            return case, cls.torture.check(*case), None
        except (Broken, OSError, ValueError, KeyError) as failure:
            return case, (0, 0), "%s: %s" % (type(failure).__name__, failure)


def play_all(cases, chosen):
    """(cases with a failure, the (mode, call, role, stack) that failed, broken)"""
    injected, stacks, broken = 0, set(), 0
    with multiprocessing.Pool(JOBS, Worker.begin) as pool:
        for number, (case, (count, stack), failure) in enumerate(
                pool.imap_unordered(Worker.play, chosen)):
            injected += count > 0
            if count > 0 and cases[case] is not None:
                stacks.add((case[0], *case[1].split(",")[:2], stack))
            if failure:
                broken += 1
                print("BROKEN: %s, %s: %s" % (*case, failure), flush=True)
            if number % 500 == 499:
                print("%d of %d, %d broken" % (number + 1, len(chosen), broken), flush=True)
        pool.close()
        pool.join()
    return injected, stacks, broken


def main():
    skip_unless_built()
    if is_sanitized():
        print("skipped: a sanitized build takes no preloaded shim")
        return 77
    torture = Torture()
    try:
        cases, table = all_cases(torture)
    finally:
        torture.shop.close()
    chosen = list(cases) if LONG or ALL else sampled(list(cases))
    if len(sys.argv) > 1:
        chosen = [case for case in cases if any(word in ",".join(case) for word in sys.argv[1:])]
    started = time.monotonic()
    injected, stacks, broken = play_all(cases, chosen)
    known = {(case[0], *case[1].split(",")[:2], stack) for case, stack in cases.items()
             if stack is not None}
    print("%-16s %25s %25s" % ("calls, stacks", *ROLES))
    for call in CALLS:
        print("%-16s %17d %7d %17d %7d" % (call, *table[call, ROLES[0]], *table[call, ROLES[1]]))
    print("%d of %d cases in %.0f s, %d failures injected, on %d of %d stacks, broken: %d" % (
        len(chosen), len(cases), time.monotonic() - started, injected, len(stacks & known),
        len(known), broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
