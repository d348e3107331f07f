#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Only what is not there is absent: a folder or file that cannot be looked at is an error
with its path and cause, never "no calibration" or one frame less.

Arguments choose cases by a part of their name."""
import errno
import os
import shutil
import sys

from harness import Run, Workshop, check_frames, check_report, need, play, skip_unless_built

skip_unless_built()
SHOP = Workshop(frames=2)
CASES = []
IO = "do=errno:%d" % errno.EIO
DESCRIPTORS = "do=errno:%d" % errno.EMFILE
CALIBRATION = [n for n in os.listdir(SHOP.pristine)
               if os.path.isfile(os.path.join(SHOP.pristine, n))][0]


def case(function):
    CASES.append((function.__name__.replace("_", " "), function, True))
    return function


def scenes(count=2):
    """A folder of scenes with a calibration each, and one for all."""
    session, output = SHOP.fresh()
    root = os.path.join(os.path.dirname(session), "scenes")
    for i in range(count):
        scene = os.path.join(root, "scene%d" % i)
        os.makedirs(scene)
        for side, name in enumerate(("left", "right")):
            source = os.path.join(session, name)
            shutil.copy(os.path.join(source, sorted(os.listdir(source))[i % 2]),
                        os.path.join(scene, "im%d.png" % side))
    shutil.copy(os.path.join(session, CALIBRATION), root)
    return root, output


def fails(session, output, status, words, preload, arguments=()):
    """The run under the fault ends with `status` and says `words`; what was there stays."""
    run = Run(session, output, list(arguments), preload=preload).finish()
    need(run.status == status, "status %d, want %d: %s" % (run.status, status, run.error[-400:]))
    for word in words:
        need(word in run.error + run.printed, "%r is not said: %s" % (word, run.error[-400:]))
    return run


def clouds_stay(words, preload, session, output):
    """A good result, then a run under the fault, then a good run again."""
    good = SHOP.run(session, output)
    need(good.status == 0, "the first run failed: %s" % good.error)
    for more in ([], ["--no-parallel"], ["--check"]):
        fails(session, output, 5, words, preload, more)
        report = good.report()
        need(check_frames(SHOP, good, report) == 2, "a cloud was replaced")
    again = SHOP.run(session, output)
    need(again.report()["totals"]["reused"] == 2, "the frames are not as they were")
    return "status 5, clouds stay"


@case
def session_folder_that_cannot_be_listed_for_a_calibration():
    """One of the listings is the one that looks for calibrations."""
    session, output = SHOP.fresh()
    good = SHOP.run(session, output)
    ends = []
    for nth in range(1, 9):
        run = Run(session, output, [], preload="call=opendir,match=session,nth=%d,%s" % (
            nth, IO)).finish()
        need("session" in run.error or run.status == 0, "the folder is not named")
        ends.append(run.status)
        need(check_frames(SHOP, good, good.report()) == 2, "a cloud was replaced")
    need(5 in ends and set(ends) <= {0, 4, 5}, "statuses %s" % ends)
    return "statuses %s, clouds stay" % ends


@case
def calibration_folder_that_cannot_be_listed():
    for fault in (IO, DESCRIPTORS, "do=errno:%d" % errno.EACCES):
        session, output = SHOP.fresh()
        os.mkdir(os.path.join(session, "calibration"))
        shutil.move(os.path.join(session, CALIBRATION), os.path.join(session, "calibration"))
        said = clouds_stay(["session/calibration"],
                           "call=opendir,match=session/calibration," + fault, session, output)
    return said


@case
def calibration_folder_that_cannot_be_stat():
    session, output = SHOP.fresh()
    os.mkdir(os.path.join(session, "calibration"))
    shutil.move(os.path.join(session, CALIBRATION), os.path.join(session, "calibration"))
    fault = "call=stat,match=session/calibration,%s;call=opendir,match=session/calibration,%s" % (
        IO, IO)
    return clouds_stay(["session/calibration"], fault, session, output)


@case
def calibration_that_cannot_be_read_beside_an_older_one():
    """The one that would be used is not; the next in line must not be taken for it."""
    session, output = SHOP.fresh()
    with open(os.path.join(session, CALIBRATION), encoding="utf-8") as handle:
        text = handle.read()
    with open(os.path.join(session, "old_calibration_2019.yml"), "w", encoding="utf-8") as handle:
        handle.write(text)
    for fault in ("call=open,match=%s,%s" % ("session/" + CALIBRATION, IO),
                  "call=open,match=%s,%s" % ("session/" + CALIBRATION, DESCRIPTORS),
                  "call=read,match=%s,%s" % ("session/" + CALIBRATION, IO)):
        said = clouds_stay([CALIBRATION], fault, session, output)
        shutil.rmtree(output)
    return said


@case
def scene_folder_that_cannot_be_listed_is_counted():
    root, output = scenes()
    # scene1 is listed when scenes are recognised only if scene0 is none.
    run = fails(root, output, 3, ["scene1"], "call=opendir,match=scenes/scene1," + IO)
    report = check_report(run, 3, {"done": 1, "failed": 1}, "scene1", 2)
    need([f["id"] for f in report["frames"]] == ["scene0", "scene1"], "the wrong frames")
    run = fails(root, output, 4, ["scene"], "call=opendir,match=scenes/scene," + IO)
    run = fails(root, output + "2", 3, ["scene1"], "call=opendir,match=scenes/scene1," + IO,
                ["--no-parallel"])
    return "counted, status 3; none readable: status 4"


@case
def side_folder_that_cannot_be_listed():
    session, output = SHOP.fresh()
    fails(session, output, 4, ["session/right"], "call=opendir,match=session/right," + IO)
    fails(session, output, 4, ["session/right"],
          "call=opendir,match=session/right,do=errno:%d" % errno.EACCES)
    return "status 4"


@case
def time_stamps_that_cannot_be_read():
    session, output = SHOP.fresh()
    root = os.path.join(os.path.dirname(session), "euroc")
    for side, name in enumerate(("left", "right")):
        data = os.path.join(root, "mav0", "cam%d" % side, "data")
        os.makedirs(data)
        rows = ["#timestamp [ns],filename"]
        for i, image in enumerate(sorted(os.listdir(os.path.join(session, name)))):
            shutil.copy(os.path.join(session, name, image), os.path.join(data, "a%d.png" % i))
            rows.append("%d,a%d.png" % (1403636579763555584 + 50000000 * i, i))
        with open(data + ".csv", "w", encoding="utf-8") as handle:
            handle.write("\n".join(rows) + "\n")
    arguments = ["--calibration", os.path.join(session, CALIBRATION)]
    need(SHOP.run(root, output, arguments).status == 0, "the session is not read")
    fails(root, output + "2", 4, ["data.csv"], "call=open,match=data.csv," + IO, arguments)
    return "status 4"


@case
def kept_values_that_cannot_be_read():
    """They are there, and hold for frames to come: no new ones are made up."""
    session, output = SHOP.fresh()
    need(SHOP.run(session, output).status == 0, "the first run failed")
    with open(os.path.join(output, ".state", "session.json"), "rb") as handle:
        before = handle.read()
    fails(session, output, 1, ["session.json"], "call=open,match=.state/session.json," + IO)
    with open(os.path.join(output, ".state", "session.json"), "rb") as handle:
        need(handle.read() == before, "they were replaced")
    return "status 1"


try:
    sys.exit(play(CASES))
finally:
    SHOP.close()
