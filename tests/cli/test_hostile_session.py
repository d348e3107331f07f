#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A session from a stranger: whatever its files are called, claim or link to, the run ends
soon, in bounded memory, and writes into its output directory alone."""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("PO_BINARY_DIR", "build")
TOOL = os.path.abspath(os.path.join(BUILD, "process_offline"))
MAKE_SCENE = os.path.join(BUILD, "tests", "make_scene")
ALLOWED_S = 60
ALLOWED_BYTES = 400 << 20  # a frame of this size takes about 20 MB
MATCHING = ["--matcher", "opencv", "--num-disparities", "32", "--progress", "never"]


def is_sanitized():
    with open(TOOL, "rb") as handle:
        content = handle.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def snapshot(root, leave_out):
    """Every path below `root` with its kind, size, time and content's length."""
    seen = {}
    for directory, folders, files in os.walk(root):
        folders[:] = [name for name in folders
                      if os.path.join(directory, name) != leave_out]
        for name in folders + files:
            path = os.path.join(directory, name)
            if path == leave_out:
                continue
            facts = os.lstat(path)
            is_folder = os.path.isdir(path) and not os.path.islink(path)
            seen[path] = (facts.st_mode, facts.st_ino,
                          () if is_folder else (facts.st_size, facts.st_mtime_ns))
    return seen


class Stranger:
    """A folder with a session in it and a treasure beside it that must stay as it is."""

    def __init__(self, pristine):
        self.root = tempfile.mkdtemp(prefix="po_hostile_")
        self.session = os.path.join(self.root, "session")
        shutil.copytree(pristine, self.session)
        self.output = os.path.join(self.session, "reconstruction")
        self.treasure = os.path.join(self.root, "treasure")
        os.makedirs(os.path.join(self.treasure, ".tmp-000001"))
        self.secret = os.path.join(self.treasure, "secret")
        self.write(self.secret, b"precious")

    def write(self, path, content=b""):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as handle:
            handle.write(content)

    def link(self, target, *place):
        path = os.path.join(self.output, *place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)

    def run(self, *options):
        before = snapshot(self.root, self.output)
        started = time.monotonic()
        result = subprocess.run([TOOL, "--input", self.session, *MATCHING, *options],
                                capture_output=True, text=True, errors="replace",
                                timeout=10 * ALLOWED_S, check=False, cwd=self.root)
        elapsed = time.monotonic() - started
        after = snapshot(self.root, self.output)
        changed = sorted(path for path in set(before) | set(after)
                         if before.get(path) != after.get(path))
        assert not changed, "changed outside the output directory: %s" % changed
        assert elapsed < ALLOWED_S, "it took %.1f s" % elapsed
        assert 0 <= result.returncode <= 8, "exit %d: %s" % (result.returncode, result.stderr)
        return result

    def totals(self):
        with open(os.path.join(self.output, "report.json"), encoding="utf-8") as handle:
            return json.load(handle)["totals"]


def planted_links(pristine):
    """Links where the program writes, lies about and cleans."""
    places = [("report.json",), (".tmp-report.json",), ("report.html",), (".tmp-report.html",),
              (".state", "lock"), (".state", "session.json"), (".state", ".tmp-session.json")]
    folders = [("frames", ".tmp-000000"), ("frames", ".old-000000"), ("frames", "000001"),
               (".state", "inputs"), (".state", "matches"), ("frames",), (".state",)]
    for place in places + folders:
        stranger = Stranger(pristine)
        stranger.link(stranger.secret if place in places else stranger.treasure, *place)
        result = stranger.run("--cache-size", "10M")
        said = result.stderr + result.stdout
        assert result.returncode == 0 or place[-1] in said, "%s: exit %d: %s" % (
            "/".join(place), result.returncode, said)
        shutil.rmtree(stranger.root)


def names_that_climb(pristine):
    stranger = Stranger(pristine)
    odd = ["..", "...", "%2e%2e%2Ftreasure", "-rf", "~", "a\nb", "\x1b[31m"]
    seen = [name for name in odd if name[0] != "."]  # the others are hidden files
    for side in ("left", "right"):
        folder = os.path.join(stranger.session, side)
        some = os.path.join(folder, sorted(os.listdir(folder))[0])
        for name in odd:
            shutil.copy(some, os.path.join(folder, name + ".png"))
    result = stranger.run()
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stderr + result.stdout, "a name reached the terminal raw"
    names = os.listdir(os.path.join(stranger.output, "frames"))
    assert len(names) == stranger.totals()["done"] == len(seen) + 2, names
    assert not [name for name in names if name[0] in ".-"], names
    shutil.rmtree(stranger.root)


def lists_that_climb(pristine):
    stranger = Stranger(pristine)
    pairs = [{"left_filename": "../treasure/secret", "right_filename": "/etc/passwd"}]
    stranger.write(os.path.join(stranger.session, "dataset_info.json"),
                   json.dumps({"image_pairs": pairs}).encode())
    result = stranger.run()
    assert "secret" not in os.listdir(stranger.output), result.stderr
    shutil.rmtree(stranger.root)


def folders_without_end(pristine):
    stranger = Stranger(pristine)
    for name in ("a", "left/b", "right/c"):
        os.symlink(stranger.session, os.path.join(stranger.session, name))
    assert stranger.run().returncode == 0
    shutil.rmtree(os.path.join(stranger.session, "left"))
    shutil.rmtree(stranger.output)
    stranger.run()
    shutil.rmtree(stranger.root)


def texts_without_end(pristine):
    """Sparse files of gigabytes where the supervisor reads text."""
    names = ["calibration.yml", "calibration.json", "metadata.json", "dataset_info.json",
             "calib.txt", "camchain.yaml", "session.json"]
    for name in names:
        stranger = Stranger(pristine)
        path = os.path.join(stranger.session, name)
        if os.path.exists(path):
            os.unlink(path)
        stranger.write(path, b"{")
        os.truncate(path, 3 << 30)
        stranger.run()
        shutil.rmtree(stranger.root)
    # None of these is of this program: the run, or the frame in its place, is refused.
    for name, status in ((".state/session.json", 2), ("frames/000000/frame.json", 3),
                         ("report.json", 2)):
        stranger = Stranger(pristine)
        path = os.path.join(stranger.output, name)
        stranger.write(path, b"{")
        os.truncate(path, 3 << 30)
        assert stranger.run().returncode == status, name
        assert os.path.getsize(path) == 3 << 30, name
        shutil.rmtree(stranger.root)


def folders_of_many_names(pristine):
    stranger = Stranger(pristine)
    for number in range(5000):
        stranger.write(os.path.join(stranger.session, "left", "x%d.txt" % number))
    assert stranger.run().returncode == 0
    shutil.rmtree(stranger.root)


def main():
    with tempfile.TemporaryDirectory() as work:
        pristine = os.path.join(work, "session")
        subprocess.run([MAKE_SCENE, pristine, "--frames", "2", "--size", "96x64", "--kind",
                        "plane"], check=True, capture_output=True)
        for hostile in (planted_links, names_that_climb, lists_that_climb, folders_without_end,
                        texts_without_end, folders_of_many_names):
            started = time.monotonic()
            hostile(pristine)
            print("%-24s %5.1f s" % (hostile.__name__, time.monotonic() - started), flush=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
    print("at most %d MB" % (peak >> 20))
    if is_sanitized():
        print("the bound of memory is not for a sanitized build")
        return 0
    assert peak < ALLOWED_BYTES, "a run took %d MB" % (peak >> 20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
