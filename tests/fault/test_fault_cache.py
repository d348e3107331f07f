#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Raw matches kept in .state/ (--cache-size): other refinement, cloud or output settings do
not match again, broken entries are noticed, the least recently used go first, and SIGKILL at
any moment costs nothing but time."""
import errno
import os
import random
import shutil
import signal
import socket
import sys
import time

from harness import (LONG, Run, Workshop, check_frames, check_report, need, play,
                     skip_unless_built)

skip_unless_built()
FRAMES = 4
SHOP = Workshop(frames=FRAMES, size="96x64", kind="sphere")
CACHE = ["--cache-size", "1M"]
# Each changes what follows the match, and nothing before it.
AFTER_THE_MATCH = [["--fill", "none"], ["--fill", "background", "--include-filled"],
                   ["--speckle-size", "7"], ["--refine", "none"], ["--cloud-format", "xyz"],
                   ["--cloud-format", "pcd"], ["--outputs", "cloud,disparity"],
                   ["--unit", "m"]]
BEFORE_THE_MATCH = [["--block-size", "7"], ["--num-disparities", "48"], ["--p2", "999"],
                    ["--opencv-mode", "sgbm"]]
REFINED = ["--fill", "none"]
RANDOM_KILLS = 100 if LONG else 10
SHARE = 1 if LONG else 7  # of the points
REFERENCES = {}


def reference(arguments):
    """The frames of a run without kept matches."""
    key = " ".join(arguments)
    if key not in REFERENCES:
        output = os.path.join(SHOP.root, "reference_%d" % len(REFERENCES))
        run = SHOP.run(SHOP.pristine, output, arguments)
        need(run.status == 0, run.error)
        REFERENCES[key] = output
    return REFERENCES[key]


def run_again(output, arguments, reused, cache=None, some_are_done=False):
    """Runs with kept matches; `reused` of the frames must not have been matched."""
    run = SHOP.run(SHOP.pristine, output, arguments + (cache or CACHE))
    report = check_report(run, 0, None if some_are_done else {"done": FRAMES},
                          frame_count=FRAMES)
    check_frames(SHOP, run, report, reference(arguments))
    kept = sum(frame["match_reused"] for frame in report["frames"])
    need(report["totals"]["matches_reused"] == kept, "the totals do not add up")
    need(reused is None or kept == reused, "%s: %d matches were reused, want %s" % (
        arguments, kept, reused))
    return kept


def folder(output):
    return os.path.join(output, ".state", "matches")


def entries(output):
    """Paths of the kept matches, the least recently used first."""
    paths = [os.path.join(folder(output), name) for name in os.listdir(folder(output))]
    return sorted(paths, key=lambda path: os.stat(path).st_mtime_ns)


def filled(name):
    output = os.path.join(SHOP.root, name)
    run_again(output, [], 0)
    need(len(entries(output)) == FRAMES, "%d matches were kept" % len(entries(output)))
    return output


def other_settings_match_no_second_time():
    output = filled("settings")
    for arguments in AFTER_THE_MATCH:
        run_again(output, arguments, FRAMES)
    for arguments in BEFORE_THE_MATCH:
        run_again(output, arguments, 0)
    need(len(entries(output)) == FRAMES * (1 + len(BEFORE_THE_MATCH)), "entries are missing")
    run_again(output, REFINED, FRAMES)
    return "%d settings after the match, %d before it" % (len(AFTER_THE_MATCH),
                                                          len(BEFORE_THE_MATCH))


def changed_inputs_match_again():
    output = filled("inputs")
    session, _ = SHOP.fresh()
    shutil.copy(os.path.join(session, "left", "000001.png"),
                os.path.join(session, "left", "000002.png"))
    run = SHOP.run(session, output, REFINED + CACHE)
    # The pair is none any more: it is done, and the status says what it lacks.
    report = check_report(run, 3, {"done": FRAMES}, frame_count=FRAMES)
    kept = [frame["match_reused"] for frame in report["frames"]]
    need(kept == [True, True, False, True], "reused: %s" % kept)


def flip(path, place):
    with open(path, "r+b") as handle:
        handle.seek(place, os.SEEK_SET if place >= 0 else os.SEEK_END)
        byte = handle.read(1)
        handle.seek(place, os.SEEK_SET if place >= 0 else os.SEEK_END)
        handle.write(bytes([byte[0] ^ 0x40]))


def replace(path, make):
    os.unlink(path)
    make(path)


def make_socket(path):
    here = os.getcwd()
    os.chdir(os.path.dirname(path))  # a socket's path is short
    try:
        socket.socket(socket.AF_UNIX).bind(os.path.basename(path))
    finally:
        os.chdir(here)


CORRUPTIONS = [
    ("a bit of the header", lambda path: flip(path, 5)),
    ("a bit of the facts", lambda path: flip(path, 40)),
    ("a bit of the map", lambda path: flip(path, 3000)),
    ("a bit of the checksum", lambda path: flip(path, -3)),
    ("cut in half", lambda path: os.truncate(path, os.path.getsize(path) // 2)),
    ("cut by a byte", lambda path: os.truncate(path, os.path.getsize(path) - 1)),
    ("empty", lambda path: os.truncate(path, 0)),
    ("another frame's", lambda path: shutil.copy(
        next(one for one in entries(os.path.dirname(path) + "/../..") if one != path), path)),
    ("a FIFO", lambda path: replace(path, os.mkfifo)),
    ("a directory", lambda path: replace(path, os.mkdir)),
    ("a socket", lambda path: replace(path, make_socket)),
    ("a link loop", lambda path: replace(path, lambda p: os.symlink(p, p))),
    ("a device", lambda path: replace(path, lambda p: os.symlink("/dev/zero", p))),
]


def corrupted_entries_are_noticed():
    output = filled("corrupted")
    number = 0
    for name, corrupt in CORRUPTIONS:
        victim = entries(output)[1]
        corrupt(victim)
        # Two settings in turn, or the frames themselves would be reused.
        arguments = AFTER_THE_MATCH[number % 2]
        number += 1
        kept = run_again(output, arguments, None)
        need(kept == FRAMES - 1, "%s: %d matches were reused" % (name, kept))
        if os.path.isdir(victim):
            os.rmdir(victim)
            run_again(output, AFTER_THE_MATCH[2], FRAMES - 1)
        run_again(output, AFTER_THE_MATCH[3], FRAMES)
    return "%d ways to corrupt one" % len(CORRUPTIONS)


def the_least_recently_used_go_first():
    output = os.path.join(SHOP.root, "lru")
    one = ["--workers", "1"]
    need(SHOP.run(SHOP.pristine, output, one + CACHE + ["--frames", "0-1"]).status == 0, "run 1")
    first, second = entries(output)
    size = os.path.getsize(first)
    limit = ["--cache-size", str(2 * size + size // 2)]
    # Frame 0 is used again, so frame 1 is the one to go when frame 2 comes.
    run = SHOP.run(SHOP.pristine, output, one + limit + ["--frames", "0"] + REFINED)
    need(run.report()["totals"]["matches_reused"] == 1, "frame 0 was matched again")
    need(SHOP.run(SHOP.pristine, output, one + limit + ["--frames", "2"]).status == 0, "run 3")
    left = entries(output)
    need(len(left) == 2 and first in left and second not in left, "left: %s" % left)
    # A smaller limit holds from its first run on.
    smaller = ["--cache-size", str(size + size // 2)]
    need(SHOP.run(SHOP.pristine, output, one + smaller + ["--frames", "2"] + REFINED).status == 0,
         "run 4")
    need(len(entries(output)) == 1, "%d are left" % len(entries(output)))
    tiny = ["--cache-size", str(size - 1)]
    need(SHOP.run(SHOP.pristine, output, one + tiny + ["--frames", "3"]).status == 0, "run 5")
    need(not entries(output), "an entry above the limit was kept")
    return "entries of %d bytes" % size


def whole_entries_only(output, limit):
    """What a killed run shows under an entry's own name is complete."""
    names = os.listdir(folder(output)) if os.path.isdir(folder(output)) else []
    paths = [os.path.join(folder(output), name) for name in names if not name.startswith(".")]
    sizes = {os.path.getsize(path) for path in paths}
    need(len(sizes) <= 1, "entries of different size: %s" % sizes)
    total = sum(os.path.getsize(path) for path in paths)
    need(total <= limit, "%d bytes are kept, %d are allowed" % (total, limit))


def after_a_kill(output, cache, limit):
    """Refines what was killed: with the matches that are whole, and the same bytes."""
    whole_entries_only(output, limit)
    kept = run_again(output, REFINED, None, cache, some_are_done=True)
    left = [name for name in os.listdir(folder(output)) if name.startswith(".")]
    need(not left, "left behind: %s" % left)
    whole_entries_only(output, limit)
    return kept


def random_moments():
    chance = random.Random(20250105)
    output = os.path.join(SHOP.root, "random")
    wall = max(0.05, SHOP.run(SHOP.pristine, os.path.join(SHOP.root, "timing"), CACHE).wall)
    killed = kept = 0
    for number in range(RANDOM_KILLS):
        if number % 3 == 0:
            shutil.rmtree(output, ignore_errors=True)
        arguments = ["--force"] if number % 3 == 2 else []
        run = Run(SHOP.pristine, output, CACHE + ["--workers", "2"] + arguments)
        time.sleep(chance.uniform(0, wall))
        run.signal_all(signal.SIGKILL)
        run.finish()
        killed += run.status == -signal.SIGKILL
        kept += after_a_kill(output, CACHE, 1 << 20)
    return "%d kills, %d of running programs; %d matches survived" % (RANDOM_KILLS, killed, kept)


def every_point(call):
    """Kills at each such call on the folder of matches, with room for two entries only."""
    size = os.path.getsize(entries(filled("size_" + call))[0])
    limit = 2 * size + size // 2
    cache = ["--cache-size", str(limit)]
    match = ".match" if call == "unlink" else ".state/matches"
    rule = "call=%s,match=%s," % (call, match)
    counting = Run(SHOP.pristine, os.path.join(SHOP.root, "count_" + call),
                   cache + ["--workers", "1"], preload=rule + "do=none").finish()
    need(counting.status == 0, counting.error)
    need(counting.called > 0, "no %s was seen" % call)
    points = range(1, counting.called + 1, SHARE)
    kept = 0
    for point in points:
        output = os.path.join(SHOP.root, "%s_%d" % (call, point))
        run = Run(SHOP.pristine, output, cache + ["--workers", "1"],
                  preload=rule + "nth=%d,do=kill" % point).finish()
        need(run.status == -signal.SIGKILL, "it was not killed at %s %d" % (call, point))
        kept += after_a_kill(output, cache, limit)
        shutil.rmtree(output)
    return "killed at %d of %d; %d matches survived" % (len(points), counting.called, kept)


def no_room_for_a_match():
    output = os.path.join(SHOP.root, "full")
    run = Run(SHOP.pristine, output, CACHE,
              preload="call=write,match=.state/matches,do=errno:%d" % errno.ENOSPC).finish()
    report = check_report(run, 0, {"done": FRAMES}, frame_count=FRAMES)
    check_frames(SHOP, run, report)
    need(not entries(output), "half an entry was kept")
    run_again(output, REFINED, 0)


CASES = [
    ("other settings match no second time", other_settings_match_no_second_time, True),
    ("changed inputs match again", changed_inputs_match_again, True),
    ("corrupted entries are noticed", corrupted_entries_are_noticed, True),
    ("the least recently used go first", the_least_recently_used_go_first, True),
    ("no room for a match", no_room_for_a_match, True),
    ("killed at random moments", random_moments, True),
]
for one in ("rename", "write", "open", "mkdir", "unlink"):
    CASES.append(("killed at every " + one, lambda call=one: every_point(call), True))

if __name__ == "__main__":
    try:
        code = play(CASES)
    finally:
        SHOP.close()
    sys.exit(code)
