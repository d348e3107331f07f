#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The disparities searched: estimated from the images, once a session or once a frame; asked
for by depth limits; and never guessed where a frame does not show them."""
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import rig_files as rigs
import suite

TOOL = os.path.join(os.environ.get("PO_BINARY_DIR", "build"), "process_offline")
DATA = os.environ.get("PO_TEST_DATA", os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                                   "..", "..", "..", "shared", "data"))
DEPTHS = ((2000.0, 1400.0), (900.0, 700.0), (5000.0, 3000.0))
FOCAL, BASELINE = 300.0, 100.0
NO_RANGE = "the disparity range cannot be found"


def need(condition, text, *values):
    if not condition:
        sys.exit(text % values)


def truth_of(depths):
    """The two disparities of a scene."""
    return [FOCAL * BASELINE / z for z in depths]


def flat(image):
    return rigs.Image(image.width, image.height, b"\x80" * len(image.pixels))


def make(folder, corrupt=(), unknown=False):
    """A frame for each pair of depths; those in `corrupt` show nothing."""
    rig = rigs.ideal_rig(focal=FOCAL, baseline=BASELINE)
    for frame, depths in enumerate(DEPTHS):
        rig.depths = depths
        for side, image in zip(("left", "right"), rig.photograph(folder, frame + 1)):
            image = flat(image) if frame in corrupt else image
            rigs.write_png(os.path.join(folder, side, "%03d.png" % frame), image)
    files = {} if unknown else calib.kitti(rig)
    for name, text in files.items():
        rigs.write_text(os.path.join(folder, name), text)
    return folder


def run(folder, status, *options):
    out = folder + "_out"
    result = subprocess.run([TOOL, "--input", folder, "--output", out, "--workers", "2", "--force",
                             *options], capture_output=True, text=True, timeout=240, check=False)
    need(result.returncode == status, "%s: exit %d, want %d\n%s%s", options, result.returncode,
         status, result.stdout, result.stderr)
    with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
        return json.load(file)["frames"], result


def holds(frame, depths):
    first, count = frame["range"]["min_px"], frame["range"]["count"]
    low, high = truth_of(depths)
    need(first <= low and high <= first + count - 1, "frame %s: %d..%d does not hold %.1f..%.1f",
         frame["id"], first, first + count - 1, low, high)
    return first, count


def one_range(work):
    frames, _ = run(make(os.path.join(work, "session")), 0)
    ranges = {holds(frame, depths) for frame, depths in zip(frames, DEPTHS)}
    need(len(ranges) == 1, "a session has one range, not %s", ranges)
    first, count = ranges.pop()
    need(count <= 64, "%d..%d is far wider than 6..43", first, first + count - 1)


def one_range_a_frame(work):
    folder = os.path.join(work, "session")
    frames, _ = run(folder, 0, "--range-per-frame")
    ranges = [holds(frame, depths) for frame, depths in zip(frames, DEPTHS)]
    need(len(set(ranges)) == 3, "three scenes, three ranges, not %s", ranges)
    need(all(count <= 32 for _, count in ranges), "wider than scenes of 5 to 10 px: %s", ranges)
    again, _ = run(folder, 0, "--range-per-frame", "--workers", "1")
    need([f["range"] for f in again] == [f["range"] for f in frames],
         "the ranges depend on the workers")


def a_frame_that_does_not_show_it(work):
    """Frame 1 shows nothing: one range a session comes from the others; by itself it fails."""
    folder = make(os.path.join(work, "one_flat"), corrupt=(1,))
    frames, _ = run(folder, 3, "--range-per-frame")
    need([f["status"] for f in frames] == ["done", "failed", "done"], "%s",
         [f["status"] for f in frames])
    need(NO_RANGE in frames[1]["message"] and "--num-disparities" in frames[1]["message"],
         "the reason: %s", frames[1]["message"])
    frames, _ = run(folder, 3)
    need([f["status"] for f in frames] == ["done", "failed", "done"], "the session has a range")
    need("texture" in frames[1]["message"], "the reason: %s", frames[1]["message"])
    frames, _ = run(folder, 3, "--min-measured", "0")  # done, and the status says what it lacks
    frames, result = run(make(os.path.join(work, "all_flat"), corrupt=(0, 1, 2)), 4)
    need(all(f["status"] == "failed" and NO_RANGE in f["message"] for f in frames),
         "nothing to see, and yet %s", frames)
    need(NO_RANGE in result.stdout, "not said in the summary: %s", result.stdout)


LIMITED = 3  # one of the three scenes lies nearer than 1 m: its cloud is empty


def limits_cut_clouds_only(work):
    """The search reaches --min-depth, and is no shorter for the limits."""
    folder = os.path.join(work, "session")
    frames, _ = run(folder, LIMITED, "--min-depth", "1000", "--max-depth", "3000")
    ranges = {(f["range"]["min_px"], f["range"]["count"]) for f in frames}
    need(ranges == {(0, 48)}, "infinity to 30 px and a margin of 16 px, not %s", ranges)
    whole, _ = run(folder, LIMITED, "--force", "--roi=-9m,9m,-9m,9m,1m,3m")
    for limited, uncut in zip(frames, whole):
        need(limited["points"] >= 0.999 * uncut["points"],
             "of %d points inside the limits %d are left", uncut["points"], limited["points"])
    need(not frames[0]["warnings"], "it was asked for: %s", frames[0]["warnings"])
    far, _ = run(folder, 0, "--max-depth", "3000")
    whole, _ = run(folder, 0, "--roi=-9m,9m,-9m,9m,1mm,3m")
    need([f["points"] for f in far] == [f["points"] for f in whole],
         "--max-depth is more than a cut: %s points, %s inside it", [f["points"] for f in far],
         [f["points"] for f in whole])
    frames, _ = run(folder, LIMITED, "--min-depth", "1000", "--max-depth", "3000",
                    "--range-per-frame")
    need({(f["range"]["min_px"], f["range"]["count"]) for f in frames} == {(0, 48)},
         "each frame's search reaches --min-depth")
    frames, _ = run(folder, 0, "--num-disparities", "48", "--min-disparity", "2")
    need({(f["range"]["min_px"], f["range"]["count"]) for f in frames} == {(2, 48)},
         "--num-disparities wins")


def what_lies_beyond_is_told(work):
    """A board at all distances, searched to 191 px: of 02 and 05 a fifth of what can be measured
    is nearer, of the others less than 1 %."""
    boards = os.path.join(DATA, "opencv_chess")
    if not os.path.isdir(boards):
        print("skipped: no", boards)
        return
    out = os.path.join(work, "boards_out")
    subprocess.run([TOOL, "--input", boards, "--output", out, "--calibration-unit", "mm",
                    "--frames", "0-4", "--min-disparity", "0", "--num-disparities", "192",
                    "--outputs", "none", "--quiet"], timeout=240, check=True)
    with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
        told = [f["id"] for f in json.load(file)["frames"]
                if any("at the largest disparity searched (191 px)" in w for w in f["warnings"])]
    need(told == ["02", "05"], "cut off at the near end by what is said: %s", told)
    done = subprocess.run([TOOL, "--input", boards, "--output", out + "2", "--calibration-unit",
                           "mm", "--dry-run"], capture_output=True, text=True, timeout=240,
                          check=True)
    need("estimated on 13 frames" in done.stderr, "frames that differ: %s", done.stderr)


def main():
    suite.in_turn("po_range_", (one_range, one_range_a_frame, a_frame_that_does_not_show_it,
                                limits_cut_clouds_only, what_lies_beyond_is_told))


if __name__ == "__main__":
    main()
