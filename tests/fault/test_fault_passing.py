#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A calibration is made from all pairs that can be read, or not at all: a picture that cannot
be opened or read in passing, or whose process dies, makes no other calibration. It is looked
at again; while the fault lasts, the command fails, names the pair and the cause, and writes
nothing.

Arguments choose cases by a part of their name."""
import errno
import os
import shutil
import sys
import tempfile

from harness import Run, need, play, skip_unless_built
from torture_commands import SETTINGS, Calibrate, Recalibrate, Uncalibrated, make

skip_unless_built()
ROOT = tempfile.mkdtemp(prefix="po_passing_")


class SevenPairs(Calibrate):
    """Two more than a calibration needs: one less still gives one."""

    def make_session(self, folder):
        make("make_boards", folder, "--size", "240x180", "--pairs", "7")


COMMANDS = [
    (SevenPairs(ROOT, "calibrate", ["--calibrate", "--square", "25", "--board", "9x6",
                                    "--workers", "1"]), "001.pgm"),
    (Recalibrate(ROOT, "recalibrate", ["--recalibrate", "--workers", "1"]), "left/1.pgm"),
    (Uncalibrated(ROOT, "uncalibrated", ["--rectify-uncalibrated", "--outputs",
                                         "disparity,class"]), "left/1.pgm"),
]
FAULTS = [
    ("open", "errno:%d" % errno.EIO, os.strerror(errno.EIO)),
    ("open", "errno:%d" % errno.EMFILE, os.strerror(errno.EMFILE)),
    ("open", "errno:%d" % errno.ENOMEM, ""),
    ("read", "errno:%d" % errno.EIO, os.strerror(errno.EIO)),
]


def disturbed(command, rule):
    command.prepare()
    output = os.path.join(ROOT, "output")
    command.lay(output)
    run = Run(command.session, command.place(output), command.arguments, settings=SETTINGS,
              preload=rule).finish(120)
    if run.status == 0:
        command.check_told(run)
        need(command.kept(output) == command.whole, "status 0 and another result")
    elif command.place(output) != output:
        need(not command.kept(output), "status %d, and it wrote" % run.status)
    else:
        need(not os.path.isdir(os.path.join(output, "frames"))
             or not os.listdir(os.path.join(output, "frames")), "frames were made")
    return run


def lasting(command, picture, call, deed, cause):
    """While it lasts there is no result."""
    run = disturbed(command, "call=%s,match=%s,do=%s" % (call, picture, deed))
    need(run.status != 0, "status 0 without a picture")
    need(picture in run.error and cause in run.error, "not said: " + run.error[-400:])
    return "status %d" % run.status


def once(command, picture, call, deed):
    """One look at the picture fails: an early and a late one."""
    ends = []
    for nth in (1, 4):
        run = disturbed(command, "call=%s,match=%s,nth=%d,do=%s" % (call, picture, nth, deed))
        ends.append(run.status)
    need(0 in ends, "no fault passed: statuses %s" % ends)
    return "statuses %s" % ends


def dies(command, picture):
    """The child that reads the picture dies each time."""
    run = disturbed(command, "call=read,match=%s,do=die" % picture)
    need(run.status != 0, "status 0 without a picture")
    need("is 001: killed" in run.error or "is 1: killed" in run.error or picture in run.error,
         "not said: " + run.error[-400:])
    return "status %d" % run.status


CASES = []
for one, name in COMMANDS:
    for kind, what, words in FAULTS:
        CASES.append(("%s %s %s lasting" % (one.name, kind, what),
                      lambda c=one, p=name, k=kind, w=what, t=words: lasting(c, p, k, w, t), True))
    for kind in ("open", "read"):
        CASES.append(("%s %s once" % (one.name, kind),
                      lambda c=one, p=name, k=kind: once(c, p, k, "errno:%d" % errno.EIO), True))
    CASES.append(("%s dies" % one.name, lambda c=one, p=name: dies(c, p), True))

try:
    sys.exit(play(CASES))
finally:
    shutil.rmtree(ROOT, ignore_errors=True)
