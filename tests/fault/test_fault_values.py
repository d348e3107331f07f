#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A passing fault never becomes a value of the session: whatever keeps the survey from
looking at a frame, the run after it leaves the bytes of one that was never disturbed.

Arguments choose cases by a part of their name."""
import errno
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "cli"))
# pylint: disable=wrong-import-position
import calibration_files as calib
import rig_files as rigs
from harness import LONG, MAKE_SCENE, Run, need, play, same_folder, skip_unless_built

skip_unless_built()
ROOT = tempfile.mkdtemp(prefix="po_values_", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
ODD = "001"  # the frame without which the values would be others
DEEDS = ("errno:%d" % errno.EIO, "die")
READS = (1, 2, 3, 4, 5, 6, 7, 8) if LONG else (1, 4)
CASES = []


class Session:
    """Frames of which one decides, and what an undisturbed run makes of them."""

    def __init__(self, name, arguments):
        self.folder = os.path.join(ROOT, name)
        self.arguments = ["--progress", "never", "--workers", "1"] + arguments
        self.reference = None
        self.runs = 0

    def put(self, frame, pair, bits=8):
        for side, image in zip(("left", "right"), pair):
            rigs.write_png(os.path.join(self.folder, side, frame + ".png"), image, bits)

    def run(self, output, preload=None, arguments=()):
        return Run(self.folder, output, self.arguments + list(arguments), settings=[],
                   preload=preload).finish()

    def fresh(self):
        self.runs += 1
        return "%s_out_%d" % (self.folder, self.runs)

    def undisturbed(self):
        if self.reference is None:
            self.reference = self.fresh()
            result = self.run(self.reference)
            need(result.status == 0, "the undisturbed run failed: %s" % result.error)
        return self.reference

    def values(self, output):
        path = os.path.join(output, ".state", "session.json")
        if not os.path.exists(path):
            return "none kept"
        with open(path, encoding="utf-8") as handle:
            return " ".join(handle.read().split())

    def check(self, output, what):
        """The run after the fault has gone."""
        result = self.run(output)
        need(result.status == 0, "%s: the rerun ends with %d: %s" % (
            what, result.status, result.error[-300:]))
        need(self.values(output) == self.values(self.reference), "%s: kept: %s not %s" % (
            what, self.values(output), self.values(self.reference)))
        frames = os.path.join(self.reference, "frames")
        for name in sorted(os.listdir(frames)):
            need(same_folder(os.path.join(frames, name), os.path.join(output, "frames", name)),
                 "%s: frame %s has other bytes" % (what, name))


def photographs(depths, seed, size=(320, 240)):
    rig = rigs.ideal_rig(size=size, depths=depths)
    return rig, rig.photograph(os.path.join(ROOT, "film"), seed)


def range_session():
    session = Session("range", ["--outputs", "disparity"])
    for frame in ("000", ODD, "002"):
        depths = (900.0, 500.0) if frame == ODD else (2000.0, 1400.0)
        session.put(frame, photographs(depths, int(frame) + 1)[1])
    return session


def white_session():
    session = Session("white", ["--num-disparities", "64"])
    rig = None
    for frame in ("000", ODD, "002"):
        rig, pair = photographs((2000.0, 1400.0), int(frame) + 1)
        pair = [image.toned(0.9 if frame == ODD else 0.05) for image in pair]
        session.put(frame, pair, 16)
    for name, text in calib.middlebury(rig).items():
        rigs.write_text(os.path.join(session.folder, name), text)
    return session


def ladder_session():
    """One frame that fits only in strips, among small ones."""
    session = Session("ladder", ["--outputs", "disparity", "--num-disparities", "32", "--matcher",
                                 "opencv", "--opencv-mode", "hh", "--memory-limit", "66M",
                                 "--allow-misaligned", "--min-measured", "0"])
    for frame, size in (("000", "96x96"), (ODD, "320x480"), ("002", "96x96")):
        made = os.path.join(ROOT, "made_" + frame)
        subprocess.run([MAKE_SCENE, made, "--frames", "1", "--size", size, "--kind", "sphere"],
                       check=True, stdout=subprocess.DEVNULL)
        for side in ("left", "right"):
            image = os.listdir(os.path.join(made, side))[0]
            target = os.path.join(session.folder, side, frame + os.path.splitext(image)[1])
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(os.path.join(made, side, image), target)
    return session


SESSIONS = {}
MAKERS = {"range": range_session, "white point": white_session,
          "memory ladder and budget": ladder_session}


def session_of(name):
    if name not in SESSIONS:
        SESSIONS[name] = MAKERS[name]()
        SESSIONS[name].undisturbed()
    return SESSIONS[name]


def faults(name, arguments):
    session = session_of(name)
    ends = {}
    for deed in DEEDS:
        for nth in ("",) + tuple(",nth=%d" % n for n in READS):
            output = session.fresh()
            run = session.run(output, "call=read,match=left/%s%s,do=%s" % (ODD, nth, deed),
                              arguments)
            need(run.status in (0, 3), "status %d: %s" % (run.status, run.error[-300:]))
            ends[run.status] = ends.get(run.status, 0) + 1
            session.check(output, "%s%s %s" % (deed, nth, " ".join(arguments)))
            shutil.rmtree(output)
    return "%d faults: %s" % (sum(ends.values()),
                              ", ".join("%d with status %d" % (n, s) for s, n in ends.items()))


for maker in MAKERS:
    CASES.append((maker, lambda name=maker: faults(name, []), True))
    CASES.append((maker + ", --no-parallel",
                  lambda name=maker: faults(name, ["--no-parallel"]), maker == "range"))

try:
    sys.exit(play(CASES))
finally:
    shutil.rmtree(ROOT, ignore_errors=True)
