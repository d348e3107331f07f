#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A session that is written while it is read, clocks that are set wrong, and file times of
the past and the future: what was not complete is said and left for the next run, which ends
with the bytes of an undisturbed one; nothing stale is taken for done.

Arguments choose cases by a part of their name."""
import glob
import os
import resource
import shutil
import sys
import threading
import time

from harness import (FRAMES, Run, Workshop, check_frames, check_report, check_rerun,
                     need, play, skip_unless_built)

skip_unless_built()
SHOP = Workshop()
LAST = FRAMES - 1
YEARS_S = 10 * 365 * 86400


def images(session, frame):
    """The left and the right file of a frame."""
    found = sorted(path for path in glob.glob(os.path.join(session, "**", "*.p[ngp]*"),
                                              recursive=True))
    return [[path for path in found if side in os.path.relpath(path, session)][frame]
            for side in ("left", "right")]


def cut(path, share):
    """Leaves the first part of a file; the rest is returned."""
    with open(path, "rb") as handle:
        content = handle.read()
    kept = int(len(content) * share)
    with open(path, "wb") as handle:
        handle.write(content[:kept])
    return content[kept:]


def append(path, content):
    with open(path, "ab") as handle:
        handle.write(content)


def wait_for(condition, what):
    deadline = time.monotonic() + 60
    while not condition():
        need(time.monotonic() < deadline, "%s did not happen" % what)
        time.sleep(0.01)


def check_left_for_rerun(run, session, output, message):
    """The last frame failed for `message`; the next run makes it."""
    report = check_report(run, 3, {"done": LAST, "failed": 1}, message)
    need("written while it was read" in run.error, "not said: " + run.error)
    need(any("written while it was read" in text for text in report["warnings"]),
         "the report does not say it: %s" % report["warnings"])
    need(not os.path.exists(os.path.join(output, ".state", "session.json")),
         "what the frames share is kept")
    check_rerun(SHOP, session, output)


def grows_after_it_failed():
    """Half a file when its frame is looked at, the whole of it before the run ends."""
    session, output = SHOP.fresh()
    path = images(session, 0)[1]
    rest = cut(path, 0.6)
    run = Run(session, output, ["--workers", "1"], watched=False,
              fault="slow:frame=2,stage=match")
    wait_for(lambda: os.path.exists(os.path.join(output, "frames", SHOP.ids[1])), "a frame")
    append(path, rest)
    check_left_for_rerun(run.finish(), session, output, "grew while it was read")


def grows_while_it_is_read():
    """The header is whole when the frame is looked at; rows arrive during the decoding."""
    session, output = SHOP.fresh()
    path = images(session, LAST)[1]
    rest = cut(path, 0.8)
    run = Run(session, output, ["--workers", "1"], watched=False,
              preload="call=read,match=%s,do=slow:300" % os.path.basename(path))
    for start in range(0, len(rest), 1 + len(rest) // 100):
        append(path, rest[start:start + 1 + len(rest) // 100])
        time.sleep(0.05)
        if run.process.poll() is not None:
            append(path, rest[start + 1 + len(rest) // 100:])
            break
    check_left_for_rerun(run.finish(), session, output, "grew while it was read")


def rewritten_while_it_is_read():
    """The same bytes in another order of time: no frame may be made of such a file."""
    session, output = SHOP.fresh()
    path = images(session, LAST)[1]
    with open(path, "rb") as handle:
        content = handle.read()
    done = threading.Event()

    def rewrite():
        while not done.is_set():
            with open(path, "r+b") as handle:
                handle.write(content)
            time.sleep(0.02)

    run = Run(session, output, ["--workers", "1"], watched=False,
              preload="call=read,match=%s,do=slow:200" % os.path.basename(path))
    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        run.finish()
    finally:
        done.set()
        writer.join()
    check_left_for_rerun(run, session, output, "was written while it was read")


def pairs_arrive():
    """Pairs that come after the listing are said, and found by the next run."""
    session, output = SHOP.fresh()
    late = images(session, LAST)
    away = [os.path.join(os.path.dirname(session), side) for side in ("left", "right")]
    for path, other in zip(late, away):
        os.rename(path, other)
    run = Run(session, output, ["--workers", "1"], watched=False,
              fault="slow:frame=2,stage=match")
    wait_for(lambda: os.path.exists(os.path.join(output, "frames", SHOP.ids[0])), "a frame")
    for path, other in zip(late, away):
        shutil.copyfile(other, path)
    run.finish()
    report = check_report(run, 0, {"done": LAST}, frame_count=LAST)
    need("1 file or pairs came" in run.error, "not said: " + run.error)
    need(any("written while it was read" in text for text in report["warnings"]),
         "the report does not say it: %s" % report["warnings"])
    check_rerun(SHOP, session, output)


def undisturbed_says_nothing():
    """No warning without a cause, wherever the output lies."""
    for place in ("inside", "beside", "the session itself"):
        session, output = SHOP.fresh()
        output = {"inside": os.path.join(session, "results"), "beside": output,
                  "the session itself": session}[place]
        run = SHOP.run(session, output, watched=place != "the session itself")
        check_report(run, 0)
        need("while it was read" not in run.error, "%s: %s" % (place, run.error))


def clock(offset_s):
    return {"LD_PRELOAD": os.path.abspath(os.path.join(
        os.environ.get("PO_BINARY_DIR", "build"), "tests", "preload_fault.so")),
            "PO_PRELOAD_CLOCK": str(offset_s)}


def clock_is_wrong(offset_s):
    def case():
        session, output = SHOP.fresh()
        run = SHOP.run(session, output, env=clock(offset_s))
        need(check_frames(SHOP, run, check_report(run, 0)) == FRAMES, "frames are missing")
        again = SHOP.run(session, output, env=clock(-offset_s))
        check_report(again, 0, {"reused": FRAMES})
    return case


def forced_crash_with_clock_behind():
    """--force: a folder of an earlier run is none of this one's, whatever the clock says."""
    session, output = SHOP.fresh()
    check_report(SHOP.run(session, output), 0)
    run = SHOP.run(session, output, ["--force"], env=clock(-YEARS_S),
                   fault="segv:frame=2,stage=match")
    check_report(run, 3, {"done": FRAMES - 1, "crashed": 1})


def rewrite(path, source, seconds):
    """Other content in place, of the same size and time: what follows a PNG is not read."""
    size = os.path.getsize(path)
    with open(source, "rb") as handle:
        content = handle.read()
    need(len(content) < size, "no image is smaller")
    with open(path, "r+b") as handle:
        handle.write(content + bytes(size - len(content)))
    os.utime(path, (seconds, seconds))


def file_times(seconds):
    """Times far off are no error, and an equal time is no equal content."""
    def case():
        session, output = SHOP.fresh()
        for folder, _, names in os.walk(session):
            for name in names:
                os.utime(os.path.join(folder, name), (seconds, seconds))
        run = SHOP.run(session, output)
        need(check_frames(SHOP, run, check_report(run, 0)) == FRAMES, "frames are missing")
        check_report(SHOP.run(session, output), 0, {"reused": FRAMES})
        rights = [images(session, frame)[1] for frame in range(FRAMES)]
        changed = max(range(FRAMES), key=lambda frame: os.path.getsize(rights[frame]))
        rewrite(rights[changed], min(rights, key=os.path.getsize), seconds)
        again = check_report(SHOP.run(session, output), 3)  # its right is another frame's
        need([frame["status"] == "done" for frame in again["frames"]] ==
             [frame == changed for frame in range(FRAMES)],
             "the new content was not seen: %s" % [f["status"] for f in again["frames"]])
    return case


def small_stack():
    """A stack too small for a run: said, with status 2. At 16 KB the system's own loader
    sometimes does not fit, by where the kernel begins the stack."""
    def limit(kilobytes):
        return lambda: resource.setrlimit(resource.RLIMIT_STACK, (kilobytes << 10,) * 2)

    session, output = SHOP.fresh()
    told = 0
    for kilobytes in [16] * 20 + [24, 32, 64, 128]:
        run = Run(session, output, before=limit(kilobytes),
                  wrapper=["setpriv", "--bounding-set", "-sys_resource", "--inh-caps",
                           "-sys_resource"] if os.getuid() == 0 else []).finish()
        is_told = run.status == 2 and "raise ulimit -s" in run.error
        told += is_told
        need(is_told or kilobytes == 16, "%d KB: status %d: %s" % (
            kilobytes, run.status, run.error))
    need(told >= 14, "only %d of 24 said it" % told)
    return "%d of 20 told at 16 KB" % (told - 4)


CASES = [("a file grows after its frame failed", grows_after_it_failed, True),
         ("a file grows while it is read", grows_while_it_is_read, True),
         ("a file is rewritten while it is read", rewritten_while_it_is_read, True),
         ("pairs arrive", pairs_arrive, True),
         ("nothing is written by others", undisturbed_says_nothing, True),
         ("the clock is ten years behind", clock_is_wrong(-YEARS_S), True),
         ("the clock is ten years ahead", clock_is_wrong(YEARS_S), True),
         ("--force, a crash, the clock behind", forced_crash_with_clock_behind, True),
         ("files of the year 2100", file_times(130 * 365 * 86400), True),
         ("files of the year 2400", file_times(430 * 365 * 86400), True),
         ("files of 1960", file_times(-10 * 365 * 86400), True),
         ("files of no clock: 1970", file_times(0), True),
         ("a stack of 16 KB and more", small_stack, True)]

if __name__ == "__main__":
    try:
        code = play(CASES)
    finally:
        SHOP.close()
    sys.exit(code)
