#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a run goes on from: each pair of frames in each state that an earlier run or a hand
may have left them in, by each way of running. A frame ends as its own state says, whatever
the other's is; what is of others stays; all else has the bytes of an undisturbed run.

Arguments choose cases by a part of their name. PO_LONG=1 plays each pair in each way."""
import itertools
import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))
# pylint: disable=wrong-import-position
from harness import LONG, Run, Workshop, need, play, same_folder, skip_unless_built, temporaries
from tree_snapshot import snapshot

skip_unless_built()
WAYS = {"plain": [], "verify": ["--verify"], "force": ["--force"],
        "no parallel": ["--no-parallel"], "in process": ["--in-process"]}
NOTE = "notes.txt"
# What a message names of a folder that is not known to be ours.
NAMED = {"foreign": NOTE, "record lost": "frame.json"}
# What becomes of a frame: of a plain run, with --verify, with --force.
ENDS = {"whole": ("reused", "reused", "done"), "failed": ("done",) * 3,
        "interrupted": ("done",) * 3, "foreign": ("failed",) * 3, "cut short": ("done",) * 3,
        "bit turned": ("reused", "done", "done"), "state lost": ("reused", "done", "done"),
        "record lost": ("failed",) * 3, "record of another": ("done",) * 3,
        "file missing": ("done",) * 3}


class Shop(Workshop):
    def run(self, session, output, arguments=(), **options):
        options.setdefault("settings", ["--progress", "never", "--workers", "1"])
        return Run(session, output, self.arguments + list(arguments), **options).finish()


class Left:
    """Outputs in which frames are left in some state; the session stays as it is."""

    def __init__(self):
        self.shop = Shop(frames=2, size="64x48")
        self.killed = os.path.join(self.shop.root, "killed")
        run = self.shop.run(self.shop.pristine, self.killed, preload="call=rename,match=frames/"
                            + self.shop.ids[0] + ",do=kill")
        need(run.status != 0 and self.leftovers(), "the kill left nothing")
        self.output = os.path.join(self.shop.root, "left")
        self.before = {}

    def leftovers(self):
        """Of the frame that was killed; the other one may be on its way to the disk too."""
        folder = os.path.join(self.killed, "frames")
        return [name for name in os.listdir(folder)
                if name.startswith(".tmp-" + self.shop.ids[0])]

    def lay(self, states):
        shutil.rmtree(self.output, ignore_errors=True)
        shutil.copytree(self.shop.reference, self.output)
        for name, state in zip(self.shop.ids, states):
            self.put(name, state)

    def put(self, name, state):
        folder = os.path.join(self.output, "frames", name)
        record = os.path.join(folder, "frame.json")
        cloud = os.path.join(folder, "cloud.ply")
        if state in ("failed", "interrupted", "foreign"):
            shutil.rmtree(folder)
        if state in ("failed", "interrupted", "state lost"):
            os.remove(os.path.join(self.output, ".state", "inputs", name))
        if state == "interrupted":
            for left in self.leftovers():
                mine = left.replace(self.shop.ids[0], name)
                shutil.copytree(os.path.join(self.killed, "frames", left),
                                os.path.join(self.output, "frames", mine))
        elif state == "foreign":
            os.mkdir(folder)
            with open(os.path.join(folder, NOTE), "w", encoding="utf-8") as handle:
                handle.write("mine")
        elif state == "cut short":
            os.truncate(cloud, os.path.getsize(cloud) - 1)
        elif state == "bit turned":
            with open(cloud, "r+b") as handle:
                handle.seek(-1, os.SEEK_END)
                last = handle.read(1)[0]
                handle.seek(-1, os.SEEK_END)
                handle.write(bytes([last ^ 1]))
        elif state == "record lost":
            os.remove(record)
        elif state == "file missing":
            os.remove(cloud)
        elif state == "record of another":
            other = [one for one in self.shop.ids if one != name][0]
            shutil.copy2(os.path.join(self.shop.reference, "frames", other, "frame.json"), record)

    def check(self, states, way):
        self.lay(states)
        self.before = {name: snapshot(os.path.join(self.output, "frames", name))
                       for name in self.shop.ids}
        run = self.shop.run(self.shop.pristine, self.output, WAYS[way])
        column = list(WAYS).index(way) if way in ("verify", "force") else 0
        want = [ENDS[state][column] for state in states]
        what = "%s, %s" % (" and ".join(states), way)
        failed = want.count("failed")
        status = {0: 0, 1: 3, 2: 4}[failed]
        need(run.status == status, "%s: status %d, want %d: %s" % (
            what, run.status, status, run.error[-300:]))
        frames = run.report()["frames"]
        need([frame["status"] for frame in frames] == want, "%s: %s, want %s" % (
            what, [(frame["status"], frame["message"]) for frame in frames], want))
        for frame, state in zip(frames, states):
            self.check_frame(frame, state, what)
        need(not temporaries(self.output), "%s: left %s" % (what, temporaries(self.output)))

    def check_frame(self, frame, state, what):
        folder = os.path.join(self.output, "frames", frame["id"])
        if frame["status"] == "failed":
            need(snapshot(folder) == self.before[frame["id"]], "%s: theirs is changed" % what)
            need(NAMED[state] in frame["message"], "%s: not named: %s" % (what,
                                                                         frame["message"]))
        elif not (state == "bit turned" and frame["status"] == "reused"):
            need(same_folder(folder, os.path.join(self.shop.reference, "frames", frame["id"])),
                 "%s: frame %s has other bytes" % (what, frame["id"]))


LEFT = Left()


def pairs(first, number):
    """All pairs that begin with one state; ways in turn, or each."""
    count = 0
    for place, second in enumerate(ENDS):
        ways = list(WAYS) if LONG else [list(WAYS)[(place + number) % len(WAYS)]]
        for way in ways:
            LEFT.check((first, second), way)
            count += 1
    return "%d runs" % count


CASES = [(state, lambda state=state, number=number: pairs(state, number), True)
         for state, number in zip(ENDS, itertools.count())]
try:
    sys.exit(play(CASES))
finally:
    LEFT.shop.close()
