#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A file that hangs when the supervisor itself looks at it: the program ends, names the file
and says so in its status; an image that hangs costs its frame.

What hangs: an open that the kernel does not come back from (a FIFO through the preloaded
shim), and a FUSE server that answers no more. Arguments choose cases by a part of their name."""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hanging_mount import HangingMount  # noqa: E402
from harness import (Run, Skipped, Workshop, check_frames, check_report, is_sanitized, need,  # noqa: E402
                     play, skip_unless_built)

skip_unless_built()
if is_sanitized():
    print("skipped: a sanitized build takes no preloaded shim, and guards no reads")
    sys.exit(77)
SHOP = Workshop(frames=2)
CASES = []
LIMIT = ["--frame-timeout", "1"]  # reads of the supervisor get 5 s at least


def case(function):
    CASES.append((function.__name__.replace("_", " "), function, True))
    return function


def ends(run, status, name):
    need(run.status == status, "status %s, want %d: %s" % (run.status, status, run.error[-300:]))
    need(name in run.error and "no answer" in run.error,
         "%s is not said to hang: %s" % (name, run.error[-300:]))
    return "status %d, and the file is named" % status


def blocked(call, match, status, arguments=(), session=None):
    fresh, output = SHOP.fresh()
    fifo = os.path.join(os.path.dirname(fresh), "fifo-in-the-place-of-" + match.replace("/", "-"))
    os.mkfifo(fifo)
    run = Run(session or fresh, output, LIMIT + list(arguments),
              preload="call=%s,match=%s,do=block:%s" % (call, match, fifo)).finish(60)
    return ends(run, status, os.path.basename(fifo))


@case
def listing_of_the_session():
    return blocked("opendir", "session/left", 4)


@case
def a_calibration_that_was_named():
    session, _ = SHOP.fresh()
    name = next(n for n in os.listdir(session) if n.startswith("calib"))
    beside = os.path.join(os.path.dirname(session), "rig")
    os.makedirs(beside)
    shutil.copy(os.path.join(session, name), beside)
    # It stands for the file itself: the shim opens what it is told to.
    fifo = os.path.join(beside, "hung.yml")
    os.mkfifo(fifo)
    _, output = SHOP.fresh()
    run = Run(session, output, LIMIT + ["--calibration", os.path.join(beside, "hung.yml")],
              preload="call=open,match=rig/hung.yml,do=block:" + fifo).finish(60)
    return ends(run, 5, "hung.yml")


@case
def a_baseline():
    session, output = SHOP.fresh()
    report = os.path.join(os.path.dirname(session), "old.json")
    shutil.copy(os.path.join(SHOP.reference, "report.json"), report)
    return blocked("open", "old.json", 4, ["--baseline", report])


@case
def the_size_of_the_first_image():
    """Read in a child: another image's is taken, and every frame is done."""
    session, output = SHOP.fresh()
    run = Run(session, output, ["--frame-timeout", "3"],
              preload="call=pread,match=left/000000.png,do=hang").finish(120)
    report = check_report(run, run.status, frame_count=2)
    need(report["totals"]["done"] == 2 and run.status == 0, "status %s" % run.status)
    check_frames(SHOP, run, report)
    return "status 0, both frames done"


@case
def a_server_that_answers_no_more():
    root = os.path.join(SHOP.root, "fuse")
    source, mountpoint = os.path.join(root, "source"), os.path.join(root, "mounted")
    os.makedirs(source)
    shutil.copytree(os.path.join(SHOP.pristine, "left"), source, dirs_exist_ok=True)
    for name in os.listdir(source):
        os.rename(os.path.join(source, name), os.path.join(source, "left_" + name))
        shutil.copy(os.path.join(SHOP.pristine, "right", name),
                    os.path.join(source, "right_" + name))
    name = next(n for n in os.listdir(SHOP.pristine) if n.startswith("calib"))
    shutil.copy(os.path.join(SHOP.pristine, name), source)
    try:
        mount = HangingMount(source, mountpoint, name)
        mount.__enter__()
    except OSError as cause:
        raise Skipped("no FUSE here: %s" % cause) from cause
    try:
        run = Run(mountpoint, os.path.join(root, "out"), LIMIT, watched=False).finish(60)
        return ends(run, 4, name)
    finally:
        mount.__exit__()


try:
    sys.exit(play(CASES))
finally:
    SHOP.close()
