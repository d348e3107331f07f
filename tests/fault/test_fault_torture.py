#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Torture: the Nth call of each kind fails, once or from then on, in the supervisor or in
its children, of each command line of torture_commands.py over a small session; likewise
EINTR everywhere, and short reads and writes.

After each: no crash, no hang, nobody left, inputs untouched, a status that says so, finished
frames with the bytes of an undisturbed run; and a rerun that ends like one.

A case is a call with the way through which it is come to: of each distinct one the first,
the middle and the last call. A seeded sample of them (PO_TORTURE_SAMPLE, PO_TORTURE_SEED);
with PO_LONG=1 all of them, but of the commands that take more than a second a sample of 300
each (50 minutes of processor time); with PO_TORTURE_WHOLE=1 all of these too (five hours);
with PO_TORTURE_ALL=1 every call there is, which takes days.
PO_TORTURE_JOBS cases run side by side; PO_TORTURE_FIRST and PO_TORTURE_COUNT play a part of
them. Arguments choose cases by fields that follow each other, such as malloc,child or shard."""
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

from harness import BINARY_DIR, LONG, Broken, Run, is_sanitized, need, skip_unless_built
from torture_commands import SETTINGS, all_commands

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
WHOLE = ALL or os.environ.get("PO_TORTURE_WHOLE") == "1"
FIRST = int(os.environ.get("PO_TORTURE_FIRST", "0"))
COUNT = int(os.environ.get("PO_TORTURE_COUNT", "1000000"))
COUNTS = struct.Struct("%dqQ" % (2 * len(CALLS) + 1))  # struct counts of the shim
STACKS_HEAD, STACKS_ROW, STACK_ROWS = struct.Struct("q"), struct.Struct("iiqQ"), 1 << 17
ALLOWED_S = 180  # a run takes a tenth of a second, or two where machines are busy


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


class Torture:
    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="po_torture_", dir=ROOM)
        self.output = os.path.join(self.root, "tortured")
        self.commands = {command.name: command for command in all_commands(self.root)}
        self.inputs = {}

    def close(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def command(self, name):
        """Prepared when it is first asked for."""
        command = self.commands[name]
        if name not in self.inputs:
            command.prepare()
            self.inputs[name] = snapshot(command.session)
        return command

    def run(self, command, order, stacks=None):
        command.lay(self.output)
        return Tortured(command.session, command.place(self.output), command.arguments, order,
                        stacks).finish()

    def check(self, name, order):
        """(failures injected, the stack of the first); Broken when a promise was not kept."""
        command = self.command(name)
        run = self.run(command, order)
        self.check_inputs(command)
        need(0 <= run.status <= 8, "exit status %s: %s" % (run.status, run.error[-400:]))
        if run.injected == 0:
            return 0, 0
        speechless = order.startswith("write,supervisor")  # stderr is written too
        need(run.status == 0 or run.error or speechless,
             "status %d without a word" % run.status)
        command.check_told(run)
        # What lies there as after a run that was not disturbed is gone on with as then.
        if run.status != 0 or command.kept(self.output) != command.whole:
            command.go_on(self.output)
            self.check_inputs(command)
        return run.injected, run.stack

    def stacks(self, name):
        """Of each (call, role, stack) the numbers of its calls, in order."""
        places = zeroes(STACKS_HEAD.size + STACKS_ROW.size * STACK_ROWS)
        run = self.run(self.command(name), "malloc,child,0,none", places)
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

    def check_inputs(self, command):
        changes = difference(self.inputs[command.name], snapshot(command.session))
        need(not changes, "the inputs: " + changes)


def chosen_of(numbers):
    """The first, the last and the middle, or all."""
    if ALL:
        return numbers
    return list(dict.fromkeys((numbers[0], numbers[-1], numbers[len(numbers) // 2])))


def wanted(torture):
    """The commands that the arguments choose from."""
    named = [name for name in torture.commands if any(
        word.split(",")[0] == name for word in sys.argv[1:])]
    return named or list(torture.commands)


def all_cases(torture):
    """{(mode, order): stack, or None where it is not one call}, every stack once before any
    twice; and the table of (calls, stacks) by (call, role)."""
    cases, table = {}, collections.defaultdict(lambda: [0, 0])
    rounds = collections.defaultdict(dict)
    for mode in wanted(torture):
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


def sampled(cases, count):
    """All that are not counted through, and of the others as many of each kind."""
    kinds = {}
    for case in cases:
        call, role, _, how = case[1].split(",")
        kinds.setdefault((call, role, how), []).append(case)
    dice = random.Random(SEED)
    queues = [dice.sample(kind, len(kind)) for _, kind in sorted(kinds.items())]
    dice.shuffle(queues)
    chosen = []
    while len(chosen) < count and any(queues):
        for queue in queues:
            if queue and len(chosen) < count:
                chosen.append(queue.pop())
    return chosen


def share_of(torture, cases):
    """Of each command its share of a quick or a long run."""
    found = []
    for command in torture.commands.values():
        own = [case for case in cases if case[0] == command.name]
        most = command.most_long if LONG else command.share * SAMPLE // 300
        found += own if most is None else sampled(own, most)
    return found


class Worker:
    """One of the processes that play cases; each has a session of its own."""
    torture = None

    @classmethod
    def begin(cls):
        cls.torture = Torture()
        multiprocessing.util.Finalize(None, cls.torture.close, exitpriority=1)

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
        torture.close()
    chosen = list(cases) if WHOLE else share_of(torture, list(cases))
    if len(sys.argv) > 1:
        chosen = [case for case in cases if any(
            ",%s," % word in ",%s,%s," % case for word in sys.argv[1:])]
    chosen = chosen[FIRST:FIRST + COUNT]
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
