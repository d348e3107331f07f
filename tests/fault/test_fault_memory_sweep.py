#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sweep of --memory-limit over three matchers: what is measured never lies above it, no
run crashes, and the status is 0 where frames were made and 6 where none fits. A limit that
is enough stays enough when it is raised.

From 20 to 400 MB; in steps of 10 MB with PO_LONG=1, else of 190."""
import sys

from harness import (LONG, Run, Skipped, Workshop, is_sanitized, need, play, skip_unless_built,
                     temporaries)

skip_unless_built()
FIRST_MB, LAST_MB = 20, 400
STEP_MB = 10 if LONG else 190
FRAMES = 2
SHOP = Workshop(frames=FRAMES, size="1280x800", arguments=["--memory-limit", "90%"])
MATCHERS = {"sgm": ["--matcher", "sgm", "--profile", "quality"],
            "3way": ["--matcher", "opencv", "--opencv-mode", "3way"],
            "hh": ["--matcher", "opencv", "--opencv-mode", "hh"]}
SHARED = ["--num-disparities", "128", "--progress", "never", "--workers", "2"]


def one(matcher, limit_mb):
    """The status of a run under one limit, after all that must hold."""
    session, output = SHOP.fresh()
    run = Run(session, output, ["--memory-limit", "%dM" % limit_mb],
              settings=MATCHERS[matcher] + SHARED).finish()
    said = "%s, %d MB" % (matcher, limit_mb)
    need(run.status in (0, 6), "%s: exit %d: %s" % (said, run.status, run.error[-300:]))
    report = run.report()
    totals = report["totals"]
    measured, limit = totals["memory"]["measured_bytes"], limit_mb << 20
    need(report["exit_status"] == run.status, "%s: the report says otherwise" % said)
    need(measured <= limit or run.status == 6,
         "%s: measured %.1f MB" % (said, measured / (1 << 20)))
    need(not temporaries(output), "%s: left behind: %s" % (said, temporaries(output)))
    if run.status == 0:
        need(totals["done"] == FRAMES, "%s: %s" % (said, totals))
    else:
        need(totals["out_of_memory"] == FRAMES, "%s: %s" % (said, totals))
        need(all("MB" in frame["message"] for frame in report["frames"]),
             "%s: the numbers are not said" % said)
    return run.status, measured / limit


def sweep(matcher):
    def run():
        if is_sanitized():
            raise Skipped("a sanitized build takes more")
        enough, fullest, runs = None, 0.0, 0
        for limit_mb in range(FIRST_MB, LAST_MB + 1, STEP_MB):
            status, share = one(matcher, limit_mb)
            runs += 1
            if status == 0:
                enough = enough or limit_mb
                fullest = max(fullest, share)
            need(status == 0 or enough is None, "%d MB are too little, %s were enough" % (
                limit_mb, enough))
        need(enough is not None, "nothing was enough")
        return "%d limits, enough from %d MB, at most %.0f %% of one used" % (
            runs, enough, 100 * fullest)
    return run


if __name__ == "__main__":
    code = play([(matcher, sweep(matcher), True) for matcher in MATCHERS])
    SHOP.close()
    sys.exit(code)
