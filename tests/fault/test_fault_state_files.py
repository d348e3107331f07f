#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever becomes of a file that a run keeps for a later one: cut short, bits turned, not a
file at all, a member of it missing or of another kind under a seal that fits. The run that
reads it does not crash, either names the file and ends with a status or goes on as if the
file were not there, and what then lies there has the bytes of an undisturbed run.

Arguments choose cases by a part of their name. PO_LONG=1 plays every mutation."""
import json
import os
import random
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))
# pylint: disable=wrong-import-position
from harness import (BINARY_DIR, LONG, Run, Workshop, need, play, same_folder,
                     skip_unless_built, temporaries)
from sealed_file import sealed_object

skip_unless_built()
FRAMES = 2
SAMPLE = 14  # mutations of each file in the quick suite
DICE = random.Random(11)
CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", " "), function, True))
    return function


class Shop(Workshop):
    """Sessions with everything automatic, so that a run keeps values."""

    def run(self, session, output, arguments=(), **options):
        options.setdefault("settings", ["--progress", "never", "--workers", "1"])
        return Run(session, output, self.arguments + list(arguments), **options).finish()


SHOP = Shop(frames=FRAMES, size="64x48")
SESSION = SHOP.pristine


GONE = "link to nowhere"  # as good as absent


# ---- mutations: (what was done, function of a path) ------------------------------------
def write(path, content):
    with open(path, "wb") as handle:
        handle.write(content)


def is_no_file(kind):
    def replace(path):
        os.remove(path)
        if kind == "folder":
            os.mkdir(path)
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            os.symlink("nowhere", path)
    return replace


def grown(path):
    os.truncate(path, 1 << 30)


def byte_mutations(content):
    """(what was done, function of the path)"""
    found = [("made a " + kind, is_no_file(kind)) for kind in ("folder", "pipe", GONE)]
    found.append(("grown to a gigabyte", grown))
    texts = {"empty": b"", "one byte": content[:1], "half of it": content[:len(content) // 2],
             "all but the end": content[:-3], "zeroes": bytes(len(content)),
             "twice": content + content, "another text": b"{\"tool\": 1}\n"}
    for place in range(0, len(content), max(1, len(content) // 8)):
        turned = bytearray(content)
        turned[place] ^= 4
        texts["bit of byte %d turned" % place] = bytes(turned)
    for what, text in texts.items():
        found.append((what, lambda path, text=text: write(path, text)))
    return found


def places(node, at=()):
    """The way to each member; of a list the first element stands for all."""
    if isinstance(node, dict):
        members = list(node.items())
    else:
        members = list(enumerate(node[:1])) if isinstance(node, list) else []
    for name, value in members:
        yield at + (name,)
        yield from places(value, at + (name,))


# No mutation is a value that could be meant.
WRONG = [None, True, "x" * 3000, [], {}, [[[]]], 1e300, -1e300]


def with_member(root, at, value, remove):
    copy = json.loads(json.dumps(root))
    inner = copy
    for name in at[:-1]:
        inner = inner[name]
    if remove:
        del inner[at[-1]]
    else:
        inner[at[-1]] = value
    return copy


def member_mutations(content, printed):
    """Each member missing, and of each wrong kind; `printed` makes the text of a file."""
    root = json.loads(content)
    for at in places(root):
        name = ".".join(map(str, at))
        if name == "checksum":
            continue
        for value in ["missing"] + WRONG:
            remove = value == "missing"
            text = printed(with_member(root, at, value, remove)).encode()
            what = "%s %s" % (name, "missing" if remove else "= %.20s" % json.dumps(value))
            yield what, lambda path, text=text: write(path, text)


def chosen(mutations):
    """All, or as many of each sort as the quick suite has time for."""
    mutations = list(mutations)
    return mutations if LONG or len(mutations) <= SAMPLE else DICE.sample(mutations, SAMPLE)


# ---- what must hold --------------------------------------------------------------------
def laid_out(template):
    """A copy of a prepared output, times and all."""
    output = os.path.join(SHOP.root, "state")
    shutil.rmtree(output, ignore_errors=True)
    shutil.copytree(template, output, symlinks=True)
    return output


def need_whole(output, what):
    for name in SHOP.ids:
        folder = os.path.join(output, "frames", name)
        need(os.path.isdir(folder) and
             same_folder(folder, os.path.join(SHOP.reference, "frames", name)),
             "%s: frame %s has other bytes than an undisturbed run's" % (what, name))
    need(not temporaries(output), "%s: left behind %s" % (what, temporaries(output)))


def need_told(run, path, what):
    """A status that is not 0 comes with the name of the file."""
    need(0 < run.status <= 8, "%s: exit status %s: %s" % (what, run.status, run.error[-300:]))
    said = run.error + run.printed
    need(os.path.basename(path) in said, "%s: status %d does not name %s: %s" % (
        what, run.status, path, said[-300:]))


class Kept:
    """One file of an output, and the run that reads it."""

    def __init__(self, template, file, arguments, printed, warned=True):
        self.template = template
        self.file = file
        self.arguments = arguments
        self.printed = printed  # of members; None: it is no JSON
        self.warned = warned  # bytes that are not as written are said
        with open(os.path.join(template, file), "rb") as handle:
            self.content = handle.read()

    def play(self):
        mutations = chosen(byte_mutations(self.content))
        for what, mutate in mutations:
            self.check(what, mutate, self.warned)
        members = chosen(member_mutations(self.content, self.printed)) if self.printed else []
        for what, mutate in members:
            self.check(what, mutate, False)
        return "%d mutations" % (len(mutations) + len(members))

    def check(self, what, mutate, warned):
        what = "%s %s" % (self.file, what)
        output = laid_out(self.template)
        path = os.path.join(output, self.file)
        mutate(path)
        run = SHOP.run(SESSION, output, self.arguments)
        if run.status == 0:
            need(not warned or GONE in what or os.path.basename(path) in run.error,
                 "%s: not said: %s" % (what, run.error[-300:]))
            self.end(output, what)
            return
        need_told(run, path, what)
        if not os.path.isfile(path) or os.path.islink(path):
            return  # who put it there takes it away
        os.remove(path)
        self.again(output, what)

    def again(self, output, what):
        """What was refused goes when the file is away."""
        run = SHOP.run(SESSION, output, self.arguments)
        need(run.status == 0, "%s: without it status %d: %s" % (what, run.status,
                                                               run.error[-300:]))
        self.end(output, what)

    def end(self, output, what):
        need_whole(output, what)


def finished():
    """An output with the frames of an undisturbed run and its state."""
    output = os.path.join(SHOP.root, "finished")
    if not os.path.exists(output):
        run = SHOP.run(SESSION, output)
        need(run.status == 0, run.error)
    return output


@case
def values_of_the_session():
    return Kept(finished(), ".state/session.json", [], sealed_object).play()


@case
def states_of_inputs():
    return Kept(finished(), ".state/inputs/" + SHOP.ids[0], [], None, False).play()


@case
def records_of_frames():
    return Kept(finished(), "frames/%s/frame.json" % SHOP.ids[0], ["--verify"],
                lambda members: json.dumps(members, indent=2), False).play()


def planned():
    output = os.path.join(SHOP.root, "planned")
    if not os.path.exists(output):
        run = SHOP.run(SESSION, output, ["--plan"])
        need(run.status == 0, run.error)
    return output


class Plan(Kept):
    """A shard goes by it, and a new plan mends it."""

    def again(self, output, what):
        run = SHOP.run(SESSION, output, ["--plan"])
        need(run.status == 0, "%s: no new plan: %s" % (what, run.error[-300:]))
        self.end(output, what)

    def end(self, output, what):
        for arguments in (["--shard", "1/2"], ["--shard", "2/2"], ["--merge"]):
            run = SHOP.run(SESSION, output, arguments)
            need(run.status == 0, "%s: %s: %s" % (what, arguments, run.error[-300:]))
        need_whole(output, what)


@case
def plan():
    return Plan(planned(), ".state/plan.json", ["--shard", "1/2"], sealed_object, False).play()


def in_shards():
    output = os.path.join(SHOP.root, "shards")
    if not os.path.exists(output):
        shutil.copytree(planned(), output)
        for part in ("1/2", "2/2"):
            run = SHOP.run(SESSION, output, ["--shard", part])
            need(run.status == 0, run.error)
    return output


class Record(Kept):
    """Frames lie there whatever a record says of them."""

    def end(self, output, what):
        with open(os.path.join(output, "report.json"), encoding="utf-8") as handle:
            totals = json.load(handle)["totals"]
        need(totals["done"] + totals["reused"] == FRAMES, "%s: %s" % (what, totals))
        need_whole(output, what)


@case
def records_of_shards():
    return Record(in_shards(), ".state/shards/2-of-2.json", ["--merge"], sealed_object,
                  True).play()


class Baseline(Kept):
    """A report to compare with lies anywhere."""

    def check(self, what, mutate, warned):
        output = laid_out(self.template)
        path = os.path.join(SHOP.root, "baseline.json")
        if os.path.isdir(path):
            os.rmdir(path)
        elif os.path.lexists(path):
            os.remove(path)
        write(path, self.content)
        mutate(path)
        run = SHOP.run(SESSION, output, ["--baseline", path])
        if run.status not in (0, 8):
            need_told(run, path, "report.json " + what)
        need_whole(output, what)


@case
def report_to_compare_with():
    return Baseline(finished(), "report.json", [],
                    lambda members: json.dumps(members, indent=2)).play()


def unrectified():
    """Pairs without a calibration, and what is kept of how the cameras stand."""
    session = os.path.join(SHOP.root, "unrectified")
    if not os.path.exists(session):
        for side in ("left", "right"):
            os.makedirs(os.path.join(session, side))
        for number in range(3):
            subprocess.run([os.path.join(BINARY_DIR, "tests", "make_rig"),
                            *[os.path.join(session, side, "%d.pgm" % number)
                              for side in ("left", "right")],
                            "--size", "240x180", "--left", "215,215,122,88,0,none", "--right",
                            "216,216,118,92,0,none", "--turn=-1.2,-1,1.5", "--move=-90,2,2",
                            "--depths", "%d,%d" % (2400 + 300 * number, 1000 + 120 * number),
                            "--seed", str(number + 1)], check=True)
    return session


@case
def how_the_cameras_stand():
    session = unrectified()
    template = os.path.join(SHOP.root, "stand")
    arguments = ["--rectify-uncalibrated", "--outputs", "disparity,class"]
    need(SHOP.run(session, template, arguments).status == 0, "the first run failed")
    kept = Kept(template, ".state/rectification.json", arguments, sealed_object)
    mutations = (chosen(byte_mutations(kept.content)) +
                 chosen(member_mutations(kept.content, kept.printed)))
    for what, mutate in mutations[::1 if LONG else 4]:
        output = laid_out(template)
        mutate(os.path.join(output, kept.file))
        run = SHOP.run(session, output, arguments)
        if run.status != 0:
            need_told(run, kept.file, what)
            continue
        for name in ("0", "1", "2"):
            need(same_folder(os.path.join(output, "frames", name),
                             os.path.join(template, "frames", name)),
                 "rectification.json %s: frame %s has other bytes" % (what, name))
    return "%d mutations" % len(mutations[::1 if LONG else 4])


try:
    sys.exit(play(CASES))
finally:
    SHOP.close()
