#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What somebody changed among our own records is redone and said: frame.json under
--verify, the kept values of the session always.

Arguments choose cases by a part of their name."""
import json
import os
import sys

from harness import Workshop, check_frames, check_report, need, play, skip_unless_built

skip_unless_built()
SHOP = Workshop(frames=2)
CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", " "), function, True))
    return function


def result():
    session, output = SHOP.fresh()
    need(SHOP.run(session, output).status == 0, "the first run failed")
    return session, output


def verified(session, output, redone, words):
    run = SHOP.run(session, output, ["--verify"])
    report = check_report(run, 0, {"done": redone, "reused": 2 - redone}, frame_count=2)
    need(check_frames(SHOP, run, report) == 2, "not every frame is as it was")
    for word in words:
        need(word in run.error, "%r is not said: %s" % (word, run.error))


@case
def frame_records_that_were_edited():
    for key, value in (("baseline_mm", 81.0), ("cx_px", 1.5)):
        session, output = result()
        path = os.path.join(output, "frames", "000000", "frame.json")
        with open(path, encoding="utf-8") as handle:
            record = json.load(handle)
        record["calibration"][key] = value
        with open(path, "w", encoding="utf-8") as handle:
            json.dump(record, handle, indent=2)
        verified(session, output, 1, ["000000: made again", "frame.json"])
        verified(session, output, 0, [])
    return "made again, and said"


@case
def kept_values_with_flipped_bits():
    session, output = result()
    path = os.path.join(output, ".state", "session.json")
    with open(path, "rb") as handle:
        kept = handle.read()
    step = max(1, len(kept) // 40)
    for place in range(0, len(kept), step):
        corrupted = bytearray(kept)
        corrupted[place] ^= 1
        with open(path, "wb") as handle:
            handle.write(corrupted)
        run = SHOP.run(session, output)
        report = check_report(run, 0, frame_count=2)
        need("found again" in run.error, "byte %d: not said: %s" % (place, run.error))
        need(check_frames(SHOP, run, report) == 2, "byte %d: a frame has other bytes" % place)
        with open(path, "rb") as handle:
            need(handle.read() == kept, "byte %d: other values are kept" % place)
    return "%d flips: found again, and said" % len(range(0, len(kept), step))


try:
    sys.exit(play(CASES))
finally:
    SHOP.close()
