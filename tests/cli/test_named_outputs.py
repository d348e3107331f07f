#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that the user names: devices, pipes and links stay what they are, inputs and own
results are not overwritten, and what cannot be written is said before the run. And closed
standard descriptors: nothing of ours takes their place."""
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import threading
import xml.etree.ElementTree

import suite

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")).resolve()
TOOL = BUILD / "process_offline"
MAKE_SCENE = BUILD / "tests" / "make_scene"
FRAMES = 2


class Place:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.session = self.root / "session"
        self.output = self.root / "out"
        subprocess.run([MAKE_SCENE, self.session, "--frames", str(FRAMES), "--size",
                        "160x120", "--kind", "plane", "--layout", "scenes"], check=True)

    def run(self, junit, *options):
        return subprocess.run(
            [TOOL, "--input", self.session, "--output", self.output, "--num-disparities",
             "32", "--progress", "never", "--workers", "1", "--junit", junit, *options],
            capture_output=True, text=True, timeout=120, check=False)


def check_cases(text):
    suite = xml.etree.ElementTree.fromstring(text)
    assert len(list(suite.iter("testcase"))) == FRAMES, text


def refused(place, junit, *words):
    """Status 2, before anything is processed, in words that name the file."""
    shutil.rmtree(place.output, ignore_errors=True)
    done = place.run(junit)
    assert done.returncode == 2, (junit, done)
    assert "--junit: " in done.stderr and str(junit) in done.stderr, done.stderr
    assert ".tmp-" not in done.stderr, done.stderr  # the name that was given, no other
    for word in words:
        assert word in done.stderr, (word, done.stderr)
    assert not (place.output / "report.json").exists(), junit


def test_regular_file(place):
    junit = place.root / "j.xml"
    for _ in range(2):  # the second replaces the first
        done = place.run(junit)
        assert done.returncode == 0, done
        check_cases(junit.read_text())
    inside = place.session / "j.xml"
    done = place.run(inside)
    assert done.returncode == 0, done
    inside.unlink()


def test_link(place):
    target = place.root / "elsewhere" / "target.xml"
    target.parent.mkdir()
    target.write_text("")
    link = place.root / "link.xml"
    link.symlink_to(target)
    done = place.run(link)
    assert done.returncode == 0, done
    assert link.is_symlink() and not target.is_symlink()
    check_cases(target.read_text())
    target.unlink()
    refused(place, link, "link to nothing")
    assert link.is_symlink() and not target.exists()


def test_fifo(place):
    fifo = place.root / "fifo"
    os.mkfifo(fifo)
    got = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_text()), daemon=True)
    reader.start()
    done = place.run(fifo)
    reader.join(30)
    assert done.returncode == 0, done
    check_cases(got[0])
    assert stat.S_ISFIFO(os.lstat(fifo).st_mode)
    done = place.run(fifo)
    assert done.returncode == 1 and "nobody reads" in done.stderr, done
    assert stat.S_ISFIFO(os.lstat(fifo).st_mode)


def test_leftover(place):
    """A pipe under the name of the temporary file does not hold the run."""
    os.mkfifo(place.root / ".tmp-late.xml")
    refused(place, place.root / "late.xml")


def test_descriptor(place):
    reading, writing = os.pipe()
    done = subprocess.run(
        [TOOL, "--input", place.session, "--output", place.output, "--num-disparities", "32",
         "--junit", f"/dev/fd/{writing}"], capture_output=True, text=True, timeout=120,
        check=False, pass_fds=[writing])
    os.close(writing)
    assert done.returncode == 0, done
    with os.fdopen(reading) as handle:
        check_cases(handle.read())


def test_devices(place):
    """Nodes made here, never those of the system."""
    null, full, block = (place.root / name for name in ("null", "full", "block"))
    try:
        os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.mknod(full, stat.S_IFCHR | 0o666, os.makedev(1, 7))
        os.mknod(block, stat.S_IFBLK | 0o666, os.makedev(7, 250))
        null.write_bytes(b"x")
    except OSError as error:
        print("no device nodes can be made here:", error)
        return
    assert place.run(null).returncode == 0
    assert stat.S_ISCHR(os.lstat(null).st_mode)
    done = place.run(full)
    assert done.returncode == 1 and "the disk is full" in done.stderr, done
    assert stat.S_ISCHR(os.lstat(full).st_mode)
    refused(place, block, "block device")
    assert stat.S_ISBLK(os.lstat(block).st_mode)


def test_inputs_stay(place):
    inputs = [path for path in place.session.rglob("*") if path.is_file()]
    assert any(path.name == "calib.txt" for path in inputs), inputs
    for path in inputs[:6]:
        before = path.read_bytes()
        refused(place, path, "not overwritten")
        assert path.read_bytes() == before
    link = place.root / "input.xml"
    link.symlink_to(inputs[0])
    refused(place, link, "not overwritten")


def test_own_files_stay(place):
    for name in ("report.json", "report.html", "frames/x.xml", ".state/x.xml"):
        refused(place, place.output / name, "the run itself")
    done = place.run(place.output / "junit.xml")
    assert done.returncode == 0, done
    check_cases((place.output / "junit.xml").read_text())
    json.loads((place.output / "report.json").read_text())
    assert not list(place.output.glob(".tmp-*"))


def test_nowhere(place):
    refused(place, place.root / "nope" / "x.xml", "No such file or directory")
    refused(place, place.root, "directory")
    refused(place, pathlib.Path("/proc/x.xml"))


def test_closed_descriptors(place):
    """Files opened as descriptor 2 would get the log between their own bytes."""
    (place.session / "scene0001" / "im1.png").write_bytes(b"not an image")
    whole = place.root / "whole"
    closed = place.root / "closed"
    for output, redirection in ((whole, ""), (closed, "<&- >&- 2>&-")):
        line = (f'"{TOOL}" --input "{place.session}" --output "{output}" --num-disparities 32 '
                f'--workers 1 --log-format jsonl --verbose {redirection}')
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=120,
                              check=False)
        assert done.returncode == 3, (redirection, done)
    names = [path.relative_to(whole) for path in whole.rglob("*")
             if path.is_file() and "frames" in path.parts]
    assert any(name.name == "cloud.ply" for name in names), names
    for name in names:
        assert (whole / name).read_bytes() == (closed / name).read_bytes(), name
    for path in closed.rglob("*"):
        if path.is_file():
            assert b'"level":' not in path.read_bytes(), path
    assert json.loads((closed / "report.json").read_text())["totals"]["done"] == FRAMES - 1


def main():
    if suite.skipped_without(TOOL, MAKE_SCENE):
        return suite.SKIPPED
    tests = [test_regular_file, test_link, test_fifo, test_leftover, test_descriptor, test_devices,
             test_inputs_stay, test_own_files_stay, test_nowhere, test_closed_descriptors]
    return suite.in_turn("po_named_", tests, Place)


if __name__ == "__main__":
    sys.exit(main())
