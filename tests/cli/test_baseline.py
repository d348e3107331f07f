#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--baseline, --tolerance and --junit on a session with exact ground truth, made worse on
purpose; and scripts/regress.sh, interrupted and gone on with."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import suite

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))
TOOL = BUILD / "process_offline"
FAULTY_TOOL = BUILD / "tests" / "process_offline_faults"
MAKE_SCENE = BUILD / "tests" / "make_scene"
REGRESS = ROOT / "scripts" / "regress.sh"
FRAMES = 4
# Another test may be running on the other core: time is compared where it is tested.
CALM = "time=0,memory=0"

# Runs the tool; the first run on the session named "second" is stopped in its middle, and
# regress.sh with it, as INTERRUPT says.
WRAPPER = """#!/bin/bash
case "$*" in
*/second\\ *) [ -f "$MARK" ] || stopped=1 ;;
esac
[ -n "$stopped" ] || exec "$TOOL" "$@"
touch "$MARK"
# The second frame never ends, so the run cannot either before it is stopped.
# (What a script starts in the background ignores SIGINT unless told otherwise.)
PO_FAULT="hang:frame=1,stage=load" env --default-signal=INT "$FAULTY_TOOL" "$@" --grace 0.2 &
until [ -f "$WORK/second/frames/scene0000/frame.json" ]; do
    sleep 0.005
done
if [ "$INTERRUPT" = KILL ]; then
    kill -KILL $! $PPID
else
    kill -INT $! $PPID
fi
wait $!
"""


class Place:
    """A directory with a session of scenes with ground truth, and runs on it."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.session = self.make("session", FRAMES)

    def make(self, name, frames):
        subprocess.run([MAKE_SCENE, self.root / name, "--frames", str(frames), "--size",
                        "320x240", "--kind", "plane", "--layout", "scenes"], check=True)
        return self.root / name

    def run(self, name, *options):
        """(status, stdout, report.json) of a run into a directory of that name."""
        output = self.root / name
        done = subprocess.run(
            [TOOL, "--input", self.session, "--output", output, "--ground-truth", "auto",
             "--progress", "never", "--workers", "1", *options],
            capture_output=True, text=True, timeout=300, check=False)
        report = output / "report.json"
        found = json.loads(report.read_text()) if report.exists() else None
        return done.returncode, done.stdout, found


NARROW = ["--num-disparities", "16", "--min-component", "1", "--edge-jump", "0"]  # no empty cloud


def expect(wanted, seen, text=""):
    if wanted != seen:
        raise AssertionError(f"wanted {wanted!r}, saw {seen!r}\n{text}")


def worse_lines(text):
    return [line for line in text.splitlines() if line.startswith("worse: ")]


def test_equal(place, base):
    status, text, _ = place.run("equal", "--baseline", base, "--tolerance", CALM)
    expect(0, status, text)
    expect([], worse_lines(text))
    assert "no worse than the baseline" in text, text


def test_less_refined(place, base):
    status, text, report = place.run("unrefined", "--refine", "none", "--baseline", base,
                                     "--tolerance", CALM)
    expect(8, status, text)
    expect(8, report["exit_status"])
    was = json.loads(base.read_text())["totals"]["scores"]["dense_all"]
    now = report["totals"]["scores"]["dense_all"]
    for key, value, before in [("bad2", now["bad2"], was["bad2"]),
                               ("missing", 100 - now["density"], 100 - was["density"])]:
        assert value > before + 1, (key, value, before)
        line = f"worse: dense_all {key}: {value:.3f}, was {before:.3f} (+{value - before:.3f})"
        assert line in worse_lines(text), line + "\n" + text


def test_tolerated(place, base):
    status, text, _ = place.run(
        "unrefined", "--refine", "none", "--force", "--baseline", base, "--tolerance",
        "bad=100,mae=10,density=100,frame=1,points=100,extent=1000,time=0,memory=0")
    expect(0, status, text)
    expect([], worse_lines(text))


def test_too_narrow(place, base):
    status, text, report = place.run("narrow", *NARROW, "--baseline", base, "--tolerance", CALM)
    expect(8, status, text)
    was = {frame["id"]: frame["points"] for frame in json.loads(base.read_text())["frames"]}
    for frame in report["frames"]:
        name, before = frame["id"], was[frame["id"]]
        percent = 100 * (before - frame["points"]) / before
        assert percent > 2, (name, percent)
        line = f"worse: {name}: {frame['points']} points, {percent:.1f} % fewer than {before}"
        assert line in worse_lines(text), line + "\n" + text


def test_one_frame_among_many(place, base):
    """What one frame lost does not show in the mean, and is reported all the same."""
    doctored = json.loads(base.read_text())
    was = doctored["frames"][1]["scores"]["dense_all"]
    now = was["bad2"]
    was["bad2"] -= 1.5
    path = place.root / "one_frame.json"
    path.write_text(json.dumps(doctored))
    status, text, _ = place.run("one_frame", "--baseline", path, "--tolerance", CALM)
    expect(8, status, text)
    expect([f"worse: {doctored['frames'][1]['id']}: dense_all bad2: {now:.3f}, was "
            f"{now - 1.5:.3f} (+1.500)"], worse_lines(text), text)
    status, text, _ = place.run("one_frame", "--baseline", path, "--tolerance",
                                CALM + ",frame=8")
    expect(0, status, text)
    status, text, _ = place.run("one_frame", "--baseline", path, "--tolerance",
                                CALM + ",frame=0")
    expect(0, status, text)


def test_slower_and_larger(place, base):
    doctored = json.loads(base.read_text())
    doctored["totals"]["memory"]["measured_bytes"] //= 4
    for frame in doctored["frames"]:
        frame["stages_ms"] = {name: ms / 100 for name, ms in frame["stages_ms"].items()}
    path = place.root / "doctored.json"
    path.write_text(json.dumps(doctored))
    status, text, _ = place.run("costly", "--baseline", path)
    expect(8, status, text)
    lines = worse_lines(text)
    expect(2, len(lines), text)
    times = [float(re.search(r"\(([0-9.]+) times\)$", line).group(1)) for line in lines]
    assert lines[0].startswith("worse: time of the same frames: ") and times[0] > 20, text
    assert lines[1].startswith("worse: peak memory: ") and 2 < times[1] < 8, text


def test_junit_has_what_got_worse(place, base):
    """The table of a CI system fails where the status does."""
    junit = place.root / "worse.xml"
    status, text, _ = place.run("narrow", *NARROW, "--baseline", base, "--tolerance", CALM,
                                "--junit", junit)
    expect(8, status, text)
    suite = xml.etree.ElementTree.parse(junit).getroot()
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    failed = [name for name, case in cases.items() if case.find("failure") is not None]
    expect(str(FRAMES + 1), suite.get("tests"))
    expect(str(len(failed)), suite.get("failures"))
    for line in worse_lines(text):
        words = line.removeprefix("worse: ").split(": ", 1)
        name = words[0] if words[0] in cases else "baseline"
        reported = words[1] if name == words[0] else line.removeprefix("worse: ")
        assert reported in cases[name].find("failure").text.splitlines(), (line, failed)
    assert "note: num-disparities is 16, in the baseline auto" in text, text


def test_baseline_of_another_session(place, base):
    """Frames that are all others, or none: nothing was compared, and that does not pass."""
    doctored = json.loads(base.read_text())
    for frame in doctored["frames"]:
        frame["id"] = "other_" + frame["id"]
    path = place.root / "other.json"
    for frames in (doctored["frames"], []):
        path.write_text(json.dumps({**doctored, "frames": frames}))
        for options in ([], ["--single-frame"]):
            status, text, report = place.run("other", "--baseline", path, "--tolerance", CALM,
                                             *options)
            expect(8, status, text)
            expect(8, report["exit_status"])
            assert "worse: nothing was compared: " in text, text


def test_settings_that_one_side_does_not_know(place, base):
    """What cannot be compared is said: an older baseline, a younger one, one without any."""
    doctored = json.loads(base.read_text())
    del doctored["settings"]["edge-confidence"]
    doctored["settings"]["of-the-future"] = {"value": 3, "origin": "default"}
    path = place.root / "other_age.json"
    path.write_text(json.dumps(doctored))
    status, text, _ = place.run("equal", "--baseline", path, "--tolerance", CALM)
    expect(0, status, text)
    for note in ("note: not compared: setting edge-confidence, here 0.75, is unknown to the "
                 "baseline", "note: not compared: setting of-the-future of the baseline is "
                 "unknown to this version"):
        assert note in text, text
    assert text.count("not compared") == 2, text
    del doctored["settings"]
    path.write_text(json.dumps(doctored))
    status, text, _ = place.run("equal", "--baseline", path, "--tolerance", CALM)
    expect(0, status, text)
    assert text.count("not compared") == 1 and "the baseline has none" in text, text


def test_lost_frame(place, base):
    """A frame that no longer finishes: status 3 outranks 8, both are reported; JUnit has it."""
    broken = place.session / "scene0002" / "im1.png"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:len(whole) // 3])
    junit = place.root / "junit.xml"
    status, text, report = place.run("lost", "--baseline", base, "--tolerance", CALM,
                                     "--junit", junit)
    broken.write_bytes(whole)
    expect(3, status, text)
    assert "worse: scene0002: failed, was done" in worse_lines(text), text
    suite = xml.etree.ElementTree.parse(junit).getroot()
    counts = {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    expect(sorted([frame["id"] for frame in report["frames"]] + ["baseline"]), sorted(cases))
    expect({"tests": FRAMES + 1, "failures": 2, "errors": 0, "skipped": 0}, counts)
    expect(["baseline", "scene0002"],  # one frame fewer is scored
           sorted(name for name, case in cases.items() if case.find("failure") is not None))
    message = cases["scene0002"].find("failure").get("message")
    assert message.startswith("load: ") and "im1.png" in message, message


def test_no_baseline(place, _base):
    status, _, _ = place.run("none", "--baseline", place.root / "not_there.json")
    expect(2, status)
    bad = place.root / "bad.json"
    bad.write_text("{}")
    status, _, _ = place.run("none", "--baseline", bad)
    expect(2, status)
    os.mkfifo(place.root / "fifo.json")
    status, _, _ = place.run("none", "--baseline", place.root / "fifo.json")
    expect(2, status)


def regress(place, folders, options, **environment):
    command = [REGRESS, "--work", environment.get("WORK", place.root / "work"),
               "--tool", environment.pop("tool", TOOL), "--tolerance", CALM, *options,
               *folders, "--", "--ground-truth", "auto", "--workers", "1"]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False,
                          cwd=place.root, env={**os.environ, **environment})


def table(text):
    """Rows of the summary by folder: (status, frames, verdict)."""
    pattern = r"^(\S+) +(\d+) +(\S+/\S+) +\S+ +\S+ +\S+  (.*)$"
    found = (re.match(pattern, line) for line in text.splitlines())
    return {row[1]: (int(row[2]), row[3], row[4]) for row in found if row}


def test_regress(place, _base):
    folders = [place.make(name, frames) for name, frames in
               [("first", 2), ("second", 12), ("third", 2)]]
    baselines = ["--baselines", place.root / "baselines"]
    done = regress(place, folders, [*baselines, "--update"])
    expect(0, done.returncode, done.stdout + done.stderr)
    expect({"first", "second", "third"}, set(table(done.stdout)))
    done = regress(place, folders, baselines)
    expect(0, done.returncode, done.stdout)
    expect({(0, "2/2", "ok, no worse"), (0, "12/12", "ok, no worse")},
           set(table(done.stdout).values()))
    report = json.loads((place.root / "work/second/report.json").read_text())
    expect(0, report["totals"]["reused"])

    baseline = place.root / "baselines" / "third.json"
    better = json.loads(baseline.read_text())
    better["totals"]["scores"]["dense_all"]["density"] += 50
    for frame in better["frames"]:
        frame["points"] *= 2
    baseline.write_text(json.dumps(better))
    (folders[0] / "scene0001" / "im0.png").write_bytes(b"not an image")
    done = regress(place, folders, baselines)
    expect(3, done.returncode, done.stdout)
    rows = table(done.stdout)
    expect((3, "1/2", "some frames failed"), rows["first"])
    expect((8, "2/2", "WORSE"), rows["third"])
    assert re.search(r"^third: worse: scene0001: \d+ points, 50.0 % fewer", done.stdout, re.M)


def test_regress_interrupted(place, _base):
    wrapper = place.root / "wrapper.sh"
    wrapper.write_text(WRAPPER)
    wrapper.chmod(0o755)
    folders = [place.root / name for name in ("second", "third")]
    folders.insert(0, place.session)
    for signal in ("KILL", "INT"):
        work = place.root / ("work_" + signal)
        environment = {"tool": wrapper, "INTERRUPT": signal, "TOOL": str(TOOL),
                       "FAULTY_TOOL": str(FAULTY_TOOL),
                       "MARK": str(place.root / ("mark_" + signal)),
                       "WORK": str(work)}
        done = regress(place, folders, [], **environment)
        expect(-9 if signal == "KILL" else 130, done.returncode, done.stdout + done.stderr)
        assert (work / "session/report.json").exists()
        assert not (work / "third").exists()
        done = regress(place, folders, [], **environment)
        expect(0, done.returncode, done.stdout + done.stderr)
        rows = table(done.stdout)
        expect((0, "4/4", "ok, kept from the interrupted run"), rows["session"])
        expect((0, "12/12", "ok"), rows["second"])
        expect((0, "2/2", "ok"), rows["third"])
        totals = json.loads((work / "second/report.json").read_text())["totals"]
        expect(1, totals["reused"], totals)
        done = regress(place, folders, [], **environment)
        expect((0, "4/4", "ok"), table(done.stdout)["session"])


def main():
    if suite.skipped_without(TOOL, FAULTY_TOOL, MAKE_SCENE):
        return suite.SKIPPED
    tests = [test_equal, test_less_refined, test_tolerated, test_too_narrow,
             test_one_frame_among_many, test_slower_and_larger,
             test_junit_has_what_got_worse, test_baseline_of_another_session,
             test_settings_that_one_side_does_not_know, test_lost_frame,
             test_no_baseline, test_regress, test_regress_interrupted]
    root = tempfile.mkdtemp(prefix="po_baseline_")
    try:
        place = Place(root)
        status, text, _ = place.run("base")
        expect(0, status, text)
        base = place.root / "base" / "report.json"
        for test in tests:
            test(place, base)
            print("ok", test.__name__)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
