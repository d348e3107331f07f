#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sandbox of children: a decoder that somebody took over reads no other file, writes
nowhere else, opens no socket, starts no program and traces nobody; and sessions whose files
lie behind links are processed as before."""
import os
import shutil
import sys

from harness import (FRAMES, Run, Skipped, Workshop, check_frames, check_report, need, play,
                     skip_unless_built)

skip_unless_built()
SHOP = Workshop()
CASES = []
FENCE_OF = {"read": "files", "list": "files", "write": "files", "remove": "files",
            "socket": "calls", "exec": "calls", "ptrace": "calls"}


def case(function, name=None):
    CASES.append(((name or function.__name__).replace("_", " "), function, True))
    return function


def fenced(report):
    return report["sandbox"] or {}


def escape(action):
    """The fault aborts where it was let through, so that the frame crashes."""
    def run():
        session, output = SHOP.fresh()
        secret = os.path.join(os.path.dirname(session), "secret")
        target = secret if action in ("read", "remove") else secret + ".d"
        os.mkdir(secret + ".d")
        if action == "write":
            target = os.path.join(secret + ".d", "new")
        with open(secret, "w", encoding="utf-8") as handle:
            handle.write("precious")
        for arguments in (["--no-parallel"], ["--workers", "2"]):
            disturbed = Run(session, output, arguments + ["--force"],
                            fault="%s:frame=2,stage=match" % action,
                            env={"PO_FAULT_TARGET": target}).finish()
            report = disturbed.report()
            if not fenced(report).get(FENCE_OF[action]):
                raise Skipped("this kernel has no fence for it: %s" % report["sandbox"])
            check_report(disturbed, 0, {"done": FRAMES})
            check_frames(SHOP, disturbed, report)
            need(os.path.exists(secret), "a file of others is gone")
            need(not os.listdir(secret + ".d"), "a file elsewhere was written")
        if action == "remove":
            return "denied"
        free = Run(session, output, ["--no-parallel", "--force", "--no-sandbox"],
                   fault="%s:frame=2,stage=match" % action,
                   env={"PO_FAULT_TARGET": target}).finish()
        report = check_report(free, 3, {"crashed": 1})
        need(report["sandbox"] is None, "--no-sandbox is reported as %s" % report["sandbox"])
        return "denied; let through with --no-sandbox"
    case(run, "no " + action)


for one in FENCE_OF:
    escape(one)


@case
def all_children_are_in_it():
    """Those that probe and survey as well: what holds is what held in every one."""
    session, output = SHOP.fresh()
    held = check_report(SHOP.run(session, output), 0, {"done": FRAMES})["sandbox"]
    need(held is not None, "nothing is said of it")
    again = check_report(SHOP.run(session, output), 0, {"reused": FRAMES})["sandbox"]
    need(again is None, "no child was needed, yet %s" % again)
    return "held: %s" % held


@case
def links_lead_out_of_the_session():
    """Folders and single files that are links, a calibration, the output, the session."""
    session, output = SHOP.fresh()
    place = os.path.dirname(session)
    store = os.path.join(place, "store")
    os.mkdir(store)
    shutil.move(os.path.join(session, "left"), os.path.join(store, "l"))
    os.symlink(os.path.join("..", "store", "l"), os.path.join(session, "left"))
    for number, name in enumerate(sorted(os.listdir(os.path.join(session, "right")))):
        path = os.path.join(session, "right", name)
        kept = os.path.join(store, "object%d" % number, "blob")
        os.mkdir(os.path.dirname(kept))
        shutil.move(path, kept)
        os.symlink(kept, path)
    shutil.move(os.path.join(session, "calibration.yml"), os.path.join(store, "c.yml"))
    os.symlink(os.path.join(store, "c.yml"), os.path.join(session, "calibration.yml"))
    os.mkdir(os.path.join(place, "results"))
    os.symlink("results", output)
    os.symlink("session", os.path.join(place, "by_link"))
    run = SHOP.run(os.path.join(place, "by_link"), output)
    need(check_frames(SHOP, run, check_report(run, 0, {"done": FRAMES})) == FRAMES, "frames")


@case
def one_pair_from_elsewhere():
    session, output = SHOP.fresh()
    names = sorted(os.listdir(os.path.join(session, "left")))
    elsewhere = os.path.join(os.path.dirname(session), "elsewhere")
    os.mkdir(elsewhere)
    shutil.move(os.path.join(session, "right", names[0]), os.path.join(elsewhere, "r.png"))
    run = Run(session, output, input_arguments=[
        "--left", os.path.join(session, "left", names[0]),
        "--right", os.path.join(elsewhere, "r.png"),
        "--calibration", os.path.join(session, "calibration.yml")]).finish()
    check_report(run, 0, {"done": 1}, frame_count=1)


@case
def check_and_dry_run():
    session, output = SHOP.fresh()
    for what in ("--check", "--dry-run"):
        run = SHOP.run(session, output, [what])
        need(run.status == 0, "%s: %d: %s" % (what, run.status, run.error))


@case
def verify_and_reuse():
    session, output = SHOP.fresh()
    check_report(SHOP.run(session, output), 0, {"done": FRAMES})
    check_report(SHOP.run(session, output, ["--verify"]), 0, {"reused": FRAMES})


if __name__ == "__main__":
    status = play(CASES)
    SHOP.close()
    sys.exit(status)
