#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pair that a survey leaves to its frame saves reading it again and changes nothing: not
when its files change in between, not when a child dies.

Arguments choose cases by a part of their name."""
import glob
import os
import shutil

from harness import (FRAMES, Broken, Run, Workshop, check_frames, check_report, need, play,
                     same_folder, skip_unless_built)

skip_unless_built()
SHOP = Workshop(kind="sphere")
KEPT = 4  # surveyed with the first, and made after it
NOT_SURVEYED = 5


def images(session, frame):
    """The left and the right file of a frame."""
    return [sorted(glob.glob(os.path.join(session, side, "*.png")))[frame]
            for side in ("left", "right")]


def opened(frame, arguments):
    """How often a frame's left image is opened, in a run with the undisturbed artefacts."""
    session, output = SHOP.fresh()
    name = os.path.join("left", os.path.basename(images(session, frame)[0]))
    run = SHOP.run(session, output, ["--workers", "1"] + arguments,
                   preload="call=open,match=%s,nth=1000000,do=die" % name)
    need(check_frames(SHOP, run, check_report(run, 0)) == FRAMES, "frames are missing")
    return run.called


def is_decoded_once(arguments):
    """A survey opens a file for its header and for its pixels; then only the frame's own
    reading of the pixels can be spared."""
    def case():
        kept, other = opened(KEPT, arguments), opened(NOT_SURVEYED, arguments)
        need(kept == other + 1, "opened %d times, a frame that is not surveyed %d times" % (
            kept, other))
    return case


def changes_in_between():
    """The frame is made of what its files hold when it is made."""
    session, output = SHOP.fresh()
    run = Run(session, output, SHOP.arguments + ["--workers", "1"], watched=False,
              fault="slow:frame=2,stage=match")
    run.wait_until_frames_run()
    need(not os.path.exists(os.path.join(output, "frames", SHOP.ids[KEPT])), "it was too late")
    for changed, other in zip(images(session, KEPT), images(session, 1)):
        shutil.copyfile(other, changed)
    run.finish()
    made = os.path.join(output, "frames", SHOP.ids[KEPT], "disparity.pfm")
    for frame, is_equal in ((1, True), (KEPT, False)):
        reference = os.path.join(SHOP.reference, "frames", SHOP.ids[frame], "disparity.pfm")
        with open(made, "rb") as one, open(reference, "rb") as other:
            need((one.read() == other.read()) == is_equal, "the pixels of frame %d: %s" % (
                frame, "not taken" if is_equal else "taken"))


def is_told():
    """How long frames waited for the survey; a run that looks at none waited for nothing."""
    session, output = SHOP.fresh()
    totals = check_report(SHOP.run(session, output, []), 0)["totals"]
    need(0 < totals["survey_s"] < totals["first_frame_s"], "survey of %s s, first frame of %s" % (
        totals["survey_s"], totals["first_frame_s"]))
    again = check_report(SHOP.run(session, output, []), 0)["totals"]
    need(again["survey_s"] == 0, "%s s of survey where all is reused" % again["survey_s"])


def dies_with_the_pair():
    """The next attempt finds no pair and loads its own."""
    session, output = SHOP.fresh()
    run = Run(session, output, SHOP.arguments + ["--workers", "1"],
              fault="segv:frame=%d,stage=match,attempt=1" % KEPT).finish()
    report = check_report(run, 0)
    need(report["frames"][KEPT]["attempts"] == 2, "it was not tried twice")
    need(same_folder(os.path.join(SHOP.reference, "frames", SHOP.ids[KEPT]),
                     os.path.join(output, "frames", SHOP.ids[KEPT])), "it has other bytes")


play([("a surveyed frame is decoded once", is_decoded_once([]), True),
      ("the same, each frame in a child of its own", is_decoded_once(["--no-parallel"]), True),
      ("the same, all in one process", is_decoded_once(["--in-process"]), True),
      ("the images change between survey and frame", changes_in_between, True),
      ("the report says what the survey took", is_told, True),
      ("a child dies with the pair", dies_with_the_pair, True)])
