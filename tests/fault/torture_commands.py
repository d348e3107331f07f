# SPDX-License-Identifier: Apache-2.0
"""The command lines that test_fault_torture.py tortures. Each has a small session, what an
undisturbed run leaves, what must hold after a disturbed one, and the reruns that go on."""
import filecmp
import json
import os
import shutil
import struct
import subprocess

from harness import BINARY_DIR, Run, check_report, need, same_folder, temporaries

SETTINGS = ["--progress", "never"]
SIZE = "64x48"


def run(session, output, arguments):
    return Run(session, output, arguments, settings=SETTINGS).finish()


def make(program, *arguments):
    subprocess.run([os.path.join(BINARY_DIR, "tests", program), *arguments], check=True,
                   stdout=subprocess.DEVNULL)


def contents(root, places):
    """{path: content} of files in these places below root; locks name their holder."""
    found = {}
    for place in places:
        top = os.path.join(root, place)
        walk = os.walk(top) if os.path.isdir(top) else [(root, [], [place])]
        for base, _, names in walk:
            for name in names:
                path = os.path.join(base, name)
                if name != "lock" and os.path.isfile(path):
                    with open(path, "rb") as handle:
                        found[os.path.relpath(path, root)] = handle.read()
    return found


class Command:
    """A run of a session."""
    share = 70  # of 300 in the quick suite
    most_long = None  # of its cases in the long run: all

    def __init__(self, root, name, arguments):
        self.root, self.name, self.arguments = root, name, arguments
        self.session = self.template = self.reference = self.whole = self.ended = None
        self.lacking = 0

    def make_session(self, folder):
        make("make_scene", folder, "--frames", "2", "--size", SIZE, "--kind", "plane")

    def make_template(self, folder):
        """What lies in the output before; a command that begins has none."""

    def place(self, output):
        """What --output names."""
        return output

    def prepare(self):
        """Once: the session, what lies there before, and what an undisturbed run leaves."""
        if self.whole is not None:
            return
        place = os.path.join(self.root, self.name.replace(" ", "_"))
        self.session = os.path.join(place, "session")
        os.makedirs(place)
        self.make_session(self.session)
        self.template = os.path.join(place, "template")
        self.make_template(self.template)
        self.reference = os.path.join(place, "reference")
        self.lay(self.reference)
        done = run(self.session, self.place(self.reference), self.arguments)
        need(done.status == 0, "the undisturbed %s failed: %s" % (self.name, done.error))
        self.whole = self.kept(self.reference)
        self.end(self.reference)
        self.ended = contents(self.reference, ["frames"])

    def lay(self, output):
        shutil.rmtree(output, ignore_errors=True)
        if os.path.isdir(self.template):
            shutil.copytree(self.template, output, symlinks=True)

    def kept(self, output):
        """All that a later run goes on with."""
        return contents(output, ["frames", ".state"])

    def check_told(self, done):
        """The status, the report and what was written agree."""
        if not os.path.exists(os.path.join(done.output, "report.json")):
            need(done.status != 0, "status 0 without a report")
            return
        count = len(os.listdir(os.path.join(self.reference, "frames")))
        report = check_report(done, done.status, frame_count=count)
        for frame in report["frames"]:
            self.check_frame(done.output, frame)
        unfinished = count - report["totals"]["done"]
        need(done.status != 0 or unfinished == 0, "status 0 with %d frames less" % unfinished)

    def is_undisturbed(self, folder):
        return same_folder(folder, os.path.join(self.reference, "frames",
                                                os.path.basename(folder)))

    def check_frame(self, output, frame):
        folder = os.path.join(output, "frames", frame["id"])
        if frame["status"] == "done":
            need(self.is_undisturbed(folder), "frame %s is not whole" % frame["id"])
        else:
            need(frame["message"] or frame["status"] == "not_run", "no cause is said")
            need(not os.path.exists(folder) or self.is_undisturbed(folder),
                 "frame %s is half there" % frame["id"])

    def again(self, output, *arguments):
        done = run(self.session, output, list(arguments))
        need(done.status == 0, "then %s ends with %d: %s" % (arguments, done.status,
                                                             done.error[-300:]))

    def end(self, output):
        """After the undisturbed run: what makes the session whole."""

    def go_on(self, output):
        """After a disturbed run."""
        self.again(output, *self.arguments)
        self.end(output)
        need(contents(output, ["frames"]) == self.ended, "the rerun leaves other bytes")
        need(not temporaries(output), "left behind: %s" % temporaries(output))


class Plan(Command):
    share = 15

    def kept(self, output):
        """But for the time that the trial took."""
        path = os.path.join(output, ".state", "plan.json")
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8") as handle:
            plan = json.load(handle)
        return [plan["name"], plan["values"], plan["verdicts"]]

    def check_told(self, done):
        need(done.status != 0 or self.kept(done.output), "status 0 without a plan")
        need(not contents(done.output, ["frames"]), "a plan made frames")

    def end(self, output):
        for arguments in (["--shard", "1/2"], ["--shard", "2/2"], ["--merge"]):
            self.again(output, *arguments)


class Shard(Command):
    share = 15

    def make_template(self, folder):
        done = run(self.session, folder, ["--plan"])
        need(done.status == 0, done.error)

    def kept(self, output):
        return contents(output, ["frames"])

    def check_told(self, done):
        need(not temporaries(done.output), "left behind: %s" % temporaries(done.output))
        for name in contents(done.output, ["frames"]):
            folder = os.path.dirname(os.path.join(done.output, name))
            need(self.is_undisturbed(folder), "%s is half there" % name)
        need(done.status != 0 or self.kept(done.output) == self.whole,
             "status 0 and frames are missing")

    def end(self, output):
        self.again(output, "--shard", "2/2")
        self.again(output, "--merge")


class Merge(Shard):
    def make_template(self, folder):
        super().make_template(folder)
        for part in ("1/2", "2/2"):
            need(run(self.session, folder, ["--shard", part]).status == 0, "no shard " + part)

    def kept(self, output):
        """Reports name the folder they lie in."""
        found = contents(output, ["frames", "report.json", "report.html"])
        return {name: content.replace(os.fsencode(output), b"output")
                for name, content in found.items()}

    def check_told(self, done):
        need(done.status != 0 or "report.json" in self.kept(done.output),
             "status 0 without a report")
        need(contents(done.output, ["frames"]) == contents(self.template, ["frames"]),
             "a merge changed frames")

    def end(self, output):
        """The report is the same however often it is made."""
        need(self.kept(output) == self.whole, "the merge leaves another report")


class Prior(Command):
    """Maps of depth beside the session."""
    share = 15

    def make_session(self, folder):
        super().make_session(folder)
        width, height = map(int, SIZE.split("x"))
        for name in sorted(os.listdir(os.path.join(folder, "left"))):
            rows = struct.pack("<%df" % (width * height),
                               *[2 + 0.01 * (i % width) for i in range(width * height)])
            path = os.path.join(folder, "maps", os.path.splitext(name)[0] + ".pfm")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as handle:
                handle.write(b"Pf\n%d %d\n-1\n" % (width, height) + rows)
        self.arguments = ["--workers", "1", "--prior", os.path.join(folder, "maps")]

    def check_told(self, done):
        """A frame may be done without its prior: then the status is 3, and it is said."""
        self.lacking = 0
        super().check_told(done)
        need(self.lacking == 0 or done.status == 3 and "without the depth prior" in done.error,
             "status %d with %d priors less" % (done.status, self.lacking))

    def is_undisturbed(self, folder):
        if super().is_undisturbed(folder):
            return True
        with open(os.path.join(folder, "frame.json"), encoding="utf-8") as handle:
            record = json.load(handle)
        failed = record["counts"].get("prior_failed") == 1 and "done without" in str(record["warnings"])
        measured = [name for name in ("cloud.ply", "depth.png")
                    if not filecmp.cmp(os.path.join(folder, name), os.path.join(
                        self.reference, "frames", os.path.basename(folder), name), shallow=False)]
        self.lacking += failed
        return failed and not measured


def make_rig(folder, count, *options):
    for side in ("left", "right"):
        os.makedirs(os.path.join(folder, side))
    for number in range(count):
        make("make_rig", *[os.path.join(folder, side, "%d.pgm" % number)
                           for side in ("left", "right")], *options, "--depths",
             "%d,%d" % (2400 + 300 * number, 1000 + 120 * number), "--seed", str(number + 1))


class Uncalibrated(Command):
    """Pairs whose cameras are turned by degrees."""
    share = 4
    most_long = 300  # more than a second each

    def make_session(self, folder):
        make_rig(folder, 2, "--size", "240x180", "--left", "215,215,122,88,0,none", "--right",
                 "216,216,118,92,0,none", "--turn=-1.2,-1,1.5", "--move=-90,2,2")


class Calibrate(Command):
    """Pictures of boards become two files."""
    share = 4
    most_long = 300

    def make_session(self, folder):
        make("make_boards", folder, "--size", "240x180", "--pairs", "5")

    def place(self, output):
        return os.path.join(output, "rig.yml")

    def lay(self, output):
        super().lay(output)
        os.makedirs(output, exist_ok=True)

    def kept(self, output):
        return contents(output, sorted(os.listdir(output)))

    def check_told(self, done):
        found = self.kept(os.path.dirname(done.output))
        need(all(name in self.whole and content == self.whole[name]
                 for name, content in found.items()), "half there: %s" % sorted(found))
        need(done.status != 0 or found == self.whole, "status 0 with %s" % sorted(found))

    def go_on(self, output):
        done = run(self.session, self.place(output), self.arguments)
        need(done.status == 0, "then it ends with %d: %s" % (done.status, done.error[-300:]))
        need(self.kept(output) == self.whole, "the rerun leaves other bytes")


class Recalibrate(Calibrate):
    """A calibration that says other angles than the cameras have."""

    def make_session(self, folder):
        make_rig(folder, 3, "--size", "320x240", "--left", "300,300,160,120,0,none", "--right",
                 "300,300,160,120,0,none", "--turn=0.4,0.1,-0.3", "--move=-80,0,0")
        matrices = {"M1": (3, 3, [300, 0, 160, 0, 300, 120, 0, 0, 1]), "D1": (1, 5, [0] * 5),
                    "M2": (3, 3, [300, 0, 160, 0, 300, 120, 0, 0, 1]), "D2": (1, 5, [0] * 5),
                    "R": (3, 3, [1, 0, 0, 0, 1, 0, 0, 0, 1]), "T": (3, 1, [-80, 0, 0])}
        with open(os.path.join(folder, "stereo.yml"), "w", encoding="utf-8") as handle:
            handle.write("%YAML:1.0\n---\nimage_width: 320\nimage_height: 240\nunit: mm\n")
            for name, (rows, columns, data) in matrices.items():
                handle.write("%s: !!opencv-matrix\n   rows: %d\n   cols: %d\n   dt: d\n   "
                             "data: %s\n" % (name, rows, columns, data))


def all_commands(root):
    return [
        Command(root, "parallel", ["--workers", "1"]),
        Command(root, "in process", ["--workers", "1", "--in-process"]),
        Command(root, "no parallel", ["--no-parallel"]),
        Plan(root, "plan", ["--plan"]), Shard(root, "shard", ["--shard", "1/2"]),
        Merge(root, "merge", ["--merge"]), Prior(root, "prior", []),
        Uncalibrated(root, "uncalibrated", ["--rectify-uncalibrated", "--outputs",
                                            "disparity,class"]),
        Calibrate(root, "calibrate", ["--calibrate", "--square", "25", "--board", "9x6",
                                      "--workers", "1"]),
        Recalibrate(root, "recalibrate", ["--recalibrate", "--workers", "1"])]
