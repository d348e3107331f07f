#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names and texts from outside that hold what a terminal obeys: no output shows one raw.

Sessions, calibrations, frames, output directories, settings and baselines are called by
escape sequences, line feeds, C1 controls, marks of direction and bytes that are no UTF-8;
stdout, stderr, JSON lines, HTML and JUnit of every command are searched for them. JSON
files and --list must give the names back."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ.get("PO_BINARY_DIR", "build")
TOOL = os.path.abspath(os.path.join(BUILD, "process_offline"))
MAKE_SCENE = os.path.abspath(os.path.join(BUILD, "tests", "make_scene"))
ODD = b"\x1b[31mred\x07\n\rverdict: usable\x7f\xc2\x9b2J\xe2\x80\xae\xff\xc3<&\"'>"
MATCHING = [b"--matcher", b"opencv", b"--num-disparities", b"32"]
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def check(what, content, painted=False):
    try:
        text = content.decode()
    except UnicodeDecodeError as failure:
        sys.exit("%s: %s: %r" % (what, failure, content[:2000]))
    found = HARMFUL.search(text)
    assert not found, "%s: %r" % (what, text[max(0, found.start() - 80):found.end() + 20])
    faked = [line for line in text.split("\n") if line.startswith("verdict: usable?")]
    assert not faked, "%s: a name looks like a line of ours" % what
    assert b"red" in content or not painted, "%s: nothing of the name is said" % what


class Place:
    def __init__(self, work):
        self.root = os.path.join(os.fsencode(work), b"r" + ODD)
        self.session = os.path.join(self.root, b"s" + ODD)
        os.mkdir(self.root)
        subprocess.run([MAKE_SCENE, self.session, "--frames", "3", "--size", "96x64", "--kind",
                        "plane"], check=True, capture_output=True)
        os.rename(os.path.join(self.session, b"calibration.yml"),
                  os.path.join(self.session, b"calib" + ODD + b".yml"))
        for side in (b"left", b"right"):
            folder = os.path.join(self.session, side)
            os.rename(os.path.join(folder, b"000001.png"),
                      os.path.join(folder, b"a" + ODD + b".png"))
        self.corrupt(b"left", b"b" + ODD + b".png", b"P5 broken\n")
        shutil.copy(os.path.join(self.session, b"right", b"000000.png"),
                    os.path.join(self.session, b"right", b"b" + ODD + b".png"))
        self.corrupt(b"right", b"alone" + ODD + b".png", b"no partner")
        self.output = os.path.join(self.root, b"o" + ODD)

    def corrupt(self, folder, name, content):
        with open(os.path.join(self.session, folder, name), "wb") as handle:
            handle.write(content)

    def run(self, *arguments, statuses=(0, 3), options=MATCHING):
        command = [TOOL, b"--input", self.session, b"--output", self.output, *options,
                   *arguments]
        result = subprocess.run(command, capture_output=True, timeout=120, check=False)
        name = " ".join(repr(word)[2:20] for word in arguments) or "a run"
        assert result.returncode in statuses, "%s: exit %d: %s" % (name, result.returncode,
                                                                  result.stderr)
        check(name + ": stdout", result.stdout)
        check(name + ": stderr", result.stderr)
        return result


def files_of(place):
    for name in ("report.html", "junit.xml"):
        path = os.path.join(place.output if name == "report.html" else place.root,
                            name.encode())
        with open(path, "rb") as handle:
            check(name, handle.read(), painted=True)
    with open(os.path.join(place.output, b"report.json"), "rb") as handle:
        report = json.loads(handle.read().decode())
    assert len(report["frames"]) == 4, [frame["id"] for frame in report["frames"]]


def listing(place):
    """What --list escaped, a script turns back."""
    listed = place.run(b"--list", options=()).stdout
    names = set()
    for line in listed.decode().splitlines():
        left = line.split("\t")[2]
        names.add(left.encode().decode("unicode_escape").encode("latin-1")
                  if left.isascii() else left.encode())
    expected = {os.path.join(place.session, b"left", name)
                for name in os.listdir(os.path.join(place.session, b"left"))}
    assert names == expected, "%s is not %s" % (names, expected)


def main():
    with tempfile.TemporaryDirectory() as work:
        place = Place(work)
        place.run(b"--dry-run", statuses=(0, 3, 4))
        place.run(b"--check", statuses=range(9))
        json.loads(place.run(b"--check-json", statuses=range(9)).stdout.decode())
        junit = os.path.join(place.root, b"junit.xml")
        result = place.run(b"--junit", junit, b"--outputs", b"cloud,disparity")
        assert b"red" in result.stdout and b"red" in result.stderr
        files_of(place)
        result = place.run(b"--force", b"--log-format", b"jsonl")
        for line in result.stderr.splitlines():
            json.loads(line.decode())
        listing(place)
        for arguments in ((b"--baseline", junit), (b"--config", place.session),
                          (b"--no-such" + ODD.split(b"\n", maxsplit=1)[0],),
                          (b"--matcher", ODD), (b"--layout", ODD), (b"--calibration", ODD),
                          (b"--output", place.session + b"/left/000000.png"),
                          (b"--ground-truth", ODD), (b"--frames", ODD), (b"--baseline", ODD)):
            place.run(*arguments, statuses=range(9))
    print("no harmful character in any output")
    return 0


if __name__ == "__main__":
    sys.exit(main())
