#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing of theirs is touched: inputs that lie where results go are refused before the
first frame, and what this program did not write is never replaced or removed.

Arguments choose cases by a part of their name."""
import json
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))
# pylint: disable=wrong-import-position
from harness import PROGRAM, SETTINGS, Workshop, need, play, skip_unless_built
from tree_snapshot import difference, snapshot

skip_unless_built()
SHOP = Workshop(frames=2)
CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", " "), function, True))
    return function


def run(arguments, cwd=None):
    command = [os.path.abspath(PROGRAM)] + SETTINGS + arguments
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120,
                          check=False)


WAYS = ([], ["--check"], ["--dry-run"], ["--in-process"])
RUNS = ([], ["--in-process"])


def refused(root, arguments, words, cwd=None, ways=WAYS):
    """Status 2 with these words, and nothing below `root` is changed, added or removed."""
    before = snapshot(root)
    for more in ways:
        result = run(arguments + more, cwd)
        changed = difference(before, snapshot(root))
        need(not changed, "%s: %s (status %d)" % (" ".join(more), changed, result.returncode))
        need(result.returncode == 2, "%s: status %d, want 2: %s" % (
            " ".join(more), result.returncode, result.stderr[-300:]))
        for word in words:
            need(word in result.stderr + result.stdout,
                 "%s: %r is not said: %s" % (more, word, result.stderr[-300:]))
    return "status 2, nothing touched"


def place():
    """A folder with a session in it, and a result of it."""
    session, output = SHOP.fresh()
    return os.path.dirname(session), session, output


def scenes(folder):
    """The session's pairs as a folder of scenes below `folder`."""
    for i in (0, 1):
        scene = os.path.join(folder, "scene%d" % i)
        os.makedirs(scene)
        for side, name in enumerate(("left", "right")):
            source = os.path.join(SHOP.pristine, name)
            shutil.copy2(os.path.join(source, sorted(os.listdir(source))[i]),
                         os.path.join(scene, "im%d.png" % side))
    for name in os.listdir(SHOP.pristine):
        if os.path.isfile(os.path.join(SHOP.pristine, name)):
            shutil.copy2(os.path.join(SHOP.pristine, name), folder)


# ---- inputs that lie where results go -------------------------------------------------
@case
def captures_in_the_frames_folder_of_the_output():
    root, _, output = place()
    scenes(os.path.join(output, "frames"))
    return refused(root, ["--input", os.path.join(output, "frames"), "--output", output],
                   ["input", "--output"])


@case
def captures_reached_through_links_and_dots():
    root, _, output = place()
    scenes(os.path.join(output, "frames"))
    os.symlink(output, os.path.join(root, "elsewhere"))
    os.mkdir(os.path.join(root, "captures"))
    for scene in ("scene0", "scene1"):
        os.symlink(os.path.join("..", "elsewhere", "frames", scene),
                   os.path.join(root, "captures", scene))
    refused(root, ["--input", os.path.join(root, "captures"), "--output", output], ["input"])
    dotted = os.path.join(output, "frames", "..", "..", "elsewhere", "frames")
    return refused(root, ["--input", dotted, "--output", output], ["input"])


@case
def frames_folder_that_is_a_link_to_the_captures():
    root, _, output = place()
    scenes(os.path.join(root, "captures"))
    os.mkdir(output)
    os.symlink(os.path.join(root, "captures"), os.path.join(output, "frames"))
    return refused(root, ["--input", os.path.join(root, "captures"), "--output", output], [])


@case
def images_that_are_links_into_the_output():
    root, session, output = place()
    hoard = os.path.join(output, "frames", "hoard")
    os.makedirs(hoard)
    name = sorted(os.listdir(os.path.join(session, "left")))[0]
    kept = os.path.join(session, "left", name)
    shutil.move(kept, os.path.join(hoard, name))
    os.symlink(os.path.join(hoard, name), kept)
    return refused(root, ["--input", session, "--output", output], ["input"])


@case
def pair_in_a_frame_folder():
    root, session, output = place()
    folder = os.path.join(output, "frames", "000000")
    os.makedirs(folder)
    for side in ("left", "right"):
        source = os.path.join(session, side)
        shutil.copy2(os.path.join(source, sorted(os.listdir(source))[0]),
                     os.path.join(folder, side + ".png"))
    pair = ["--left", os.path.join(folder, "left.png"), "--right",
            os.path.join(folder, "right.png")]
    refused(root, pair + ["--output", output], ["input"])
    return refused(root, pair + ["--output", "."], ["input"], cwd=output)


@case
def calibration_configuration_and_truth_in_the_output():
    root, session, output = place()
    state = os.path.join(output, ".state")
    os.makedirs(state)
    names = [n for n in os.listdir(session) if os.path.isfile(os.path.join(session, n))]
    calibration = os.path.join(state, names[0])
    shutil.copy2(os.path.join(session, names[0]), calibration)
    base = ["--input", session, "--output", output]
    refused(root, base + ["--calibration", calibration], [names[0]])
    os.remove(calibration)
    with open(os.path.join(state, "my.json"), "w", encoding="utf-8") as handle:
        handle.write("{}")
    refused(root, base + ["--config", os.path.join(state, "my.json")], ["my.json"])
    os.remove(os.path.join(state, "my.json"))
    truth = os.path.join(output, "frames", "truth")
    os.makedirs(truth)
    return refused(root, base + ["--ground-truth", truth], ["truth"])


@case
def baseline_that_the_run_would_replace():
    root, session, output = place()
    need(run(["--input", session, "--output", output]).returncode == 0, "the first run failed")
    report = os.path.join(output, "report.json")
    base = ["--input", session, "--output", output]
    refused(root, base + ["--baseline", report], ["report.json"], ways=RUNS)
    os.link(report, os.path.join(root, "link.json"))
    refused(root, base + ["--baseline", os.path.join(root, "link.json")], ["link.json"], ways=RUNS)
    os.symlink(report, os.path.join(root, "soft.json"))
    return refused(root, base + ["--baseline", os.path.join(root, "soft.json")], ["soft.json"], ways=RUNS)


# ---- what others wrote ----------------------------------------------------------------
@case
def report_of_another_tool():
    for name in ("report.json", "report.html"):
        for content in ("{\"tool\": \"coverage\"}\n", ""):
            root, session, output = place()
            os.mkdir(output)
            with open(os.path.join(output, name), "w", encoding="utf-8") as handle:
                handle.write(content)
            refused(root, ["--input", session, "--output", output], [name, "--output"])
    root, session, output = place()
    os.makedirs(os.path.join(output, "report.json"))
    return refused(root, ["--input", session, "--output", output], ["report.json"], ways=RUNS)


@case
def state_of_another_tool():
    root, session, output = place()
    os.makedirs(os.path.join(output, ".state"))
    with open(os.path.join(output, ".state", "session.json"), "w", encoding="utf-8") as handle:
        handle.write("{\"user\": 1}")
    return refused(root, ["--input", session, "--output", output], [".state"])


def corrupted(name, corrupt, frame_status=3):
    """A result into which `corrupt` put what is not ours; then --force."""
    root, session, output = place()
    need(run(["--input", session, "--output", output]).returncode == 0, "the first run failed")
    folder = os.path.join(output, "frames", "000000")
    need(os.path.isdir(folder), "no %s" % folder)
    corrupt(folder, output)
    before = snapshot(folder)
    others = snapshot(os.path.join(output, "frames"), ["000000", "000001"])
    result = run(["--input", session, "--output", output, "--force"])
    changed = difference(before, snapshot(folder))
    need(not changed, "%s: %s (status %d)" % (name, changed, result.returncode))
    changed = difference(others, snapshot(os.path.join(output, "frames"), ["000000", "000001"]))
    need(not changed, "%s: %s" % (name, changed))
    need(result.returncode == frame_status, "%s: status %d, want %d: %s" % (
        name, result.returncode, frame_status, result.stderr[-300:]))
    return result, root, session, output


def write(path, content="mine"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(content)


@case
def files_of_others_in_a_frame_folder():
    corrupted("a file", lambda folder, _: write(os.path.join(folder, "notes.txt")))
    corrupted("a folder", lambda folder, _: write(os.path.join(folder, "crops", "a.png")))
    corrupted("a folder named like ours",
           lambda folder, _: (os.remove(os.path.join(folder, "preview.png")),
                              os.mkdir(os.path.join(folder, "preview.png"))))
    corrupted("a link named like ours",
           lambda folder, output: (os.remove(os.path.join(folder, "preview.png")),
                                   os.symlink("/etc/hostname",
                                              os.path.join(folder, "preview.png"))))
    result, _, _, output = corrupted("another file",
                                  lambda folder, _: write(os.path.join(folder, "notes.txt")))
    need("notes.txt" in result.stdout, "the file is not named: %s" % result.stdout)
    with open(os.path.join(output, "report.json"), encoding="utf-8") as handle:
        frames = json.load(handle)["frames"]
    need([f["status"] for f in frames] == ["failed", "done"], "not one frame alone")
    return "the frame fails and says why; its neighbour is done"


@case
def frame_folder_of_another_tool():
    root, session, output = place()
    folder = os.path.join(output, "frames", "000000")
    for name in ("depth.png", "frame.json"):
        write(os.path.join(folder, name), "{\"schema\": \"theirs\"}")
    before = snapshot(folder)
    result = run(["--input", session, "--output", output])
    changed = difference(before, snapshot(folder))
    need(not changed and result.returncode == 3, "%s (status %d)" % (changed, result.returncode))
    return "status 3, nothing touched"


@case
def leftovers_that_are_not_ours():
    def corrupt(_, output):
        for name in (".old-photos", ".tmp-photos"):
            write(os.path.join(output, "frames", name, "IMG_0001.jpg"))
            write(os.path.join(output, "frames", name, "frame.json"))
        write(os.path.join(output, "frames", ".tmp-diary.txt"))
    root, session, output = place()
    need(run(["--input", session, "--output", output]).returncode == 0, "the first run failed")
    corrupt(None, output)
    write(os.path.join(output, ".old-thesis", "chapter1.tex"))
    write(os.path.join(output, ".tmp-mine.json"))
    leave_out = ["report.json", "report.html", ".state", "frames/000000", "frames/000001"]
    before = snapshot(output, leave_out)
    for more in ([], ["--force"]):
        result = run(["--input", session, "--output", output] + more)
        changed = difference(before, snapshot(output, leave_out))
        need(not changed and result.returncode == 0,
             "%s (status %d)" % (changed, result.returncode))
    return "they stay"


@case
def leftovers_that_are_ours():
    """What a killed run leaves goes, whatever it had got to."""
    _, session, output = place()
    need(run(["--input", session, "--output", output]).returncode == 0, "the first run failed")
    frames = os.path.join(output, "frames")
    shutil.copytree(os.path.join(frames, "000000"), os.path.join(frames, ".old-000000"))
    os.mkdir(os.path.join(frames, ".tmp-000001"))
    os.mkdir(os.path.join(frames, ".tmp-000002"))
    write(os.path.join(frames, ".tmp-000002", "frame.json"), "")
    write(os.path.join(frames, ".tmp-000002", "cloud.ply"), "ply")
    write(os.path.join(output, ".tmp-report.json"), "{")
    write(os.path.join(output, ".state", ".tmp-session.json"), "{")
    write(os.path.join(output, ".state", "inputs", ".tmp-000000"), "x")
    need(run(["--input", session, "--output", output]).returncode == 0, "the rerun failed")
    left = [os.path.join(base, name) for base, folders, files in os.walk(output)
            for name in folders + files if name.startswith((".tmp-", ".old-"))]
    need(not left, "left: %s" % left)
    return "they go"


@case
def cloud_whose_calibration_is_gone():
    _, session, output = place()
    need(run(["--input", session, "--output", output]).returncode == 0, "the first run failed")
    before = snapshot(os.path.join(output, "frames"))
    for name in os.listdir(session):
        if os.path.isfile(os.path.join(session, name)):
            os.remove(os.path.join(session, name))
    result = run(["--input", session, "--output", output])
    changed = difference(before, snapshot(os.path.join(output, "frames")))
    need(not changed and result.returncode == 5, "%s (status %d)" % (changed, result.returncode))
    need("holds a cloud" in result.stdout, "it does not say so: %s" % result.stdout)
    result = run(["--input", session, "--output", output, "--force"])
    need(result.returncode == 5, "status %d with --force" % result.returncode)
    need(not os.path.exists(os.path.join(output, "frames", "000000", "cloud.ply")),
         "--force does not replace it")
    return "the clouds stay, status 5"


# ---- outputs and inputs in each other -------------------------------------------------
def twice(session, output, root_of_inputs, leave_out):
    before = snapshot(root_of_inputs, leave_out)
    for more in ([], ["--force"], []):
        result = run(["--input", session, "--output", output] + more)
        need(result.returncode == 0, "status %d: %s" % (result.returncode, result.stderr[-300:]))
        need("2 frames" in result.stdout, "not two frames: %s" % result.stdout)
        changed = difference(before, snapshot(root_of_inputs, leave_out))
        need(not changed, changed)


@case
def output_inside_equal_to_and_around_the_input():
    ours = ["frames", ".state", "report.json", "report.html"]
    _, session, _ = place()
    twice(session, os.path.join(session, "out"), session, ["out"])
    _, session, _ = place()
    twice(session, session, session, ours)
    root, session, _ = place()
    twice(session, root, root, ours)
    root, _, _ = place()
    scenes(os.path.join(root, "many"))
    twice(os.path.join(root, "many"), os.path.join(root, "many"), os.path.join(root, "many"), ours)
    return "inputs as they were"


try:
    sys.exit(play(CASES))
finally:
    SHOP.close()
