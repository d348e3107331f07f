#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the README tells users to type: its numpy reader runs on a cloud of this build, its
options exist, its pictures are there and small, its film recipe makes a session."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build")).resolve()
TOOL = BUILD / "process_offline"
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAX_PICTURE_BYTES = 64 << 10


def block(kind):
    return re.search(r"```%s\n(.*?)```" % kind, README, re.S).group(1)


def check_pictures():
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert len(pictures) == 2, pictures
    for name in pictures:
        data = (ROOT / name).read_bytes()
        assert data.startswith(b"\x89PNG") and len(data) < MAX_PICTURE_BYTES, (name, len(data))


def check_options():
    known = set(re.findall(r"--[a-z][a-z0-9-]+", subprocess.run(
        [TOOL, "--print-completion", "bash"], capture_output=True, text=True, check=True).stdout))
    for line in README.splitlines():
        if not re.search(r"(^|`|/)process_offline --", line):
            continue
        for name in re.findall(r" (--[a-z][a-z-]+)", line):
            assert name in known, (name, line)


def numpy_python():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import numpy"], capture_output=True,
                          check=False).returncode == 0:
            return python
    return None


def check_reader(work):
    python = numpy_python()
    if python is None:
        print("python3-numpy is not installed: the reader is not tried")
        return
    session = work / "session"
    subprocess.run([BUILD / "tests" / "make_scene", session, "--frames", "1", "--size", "320x240",
                    "--kind", "plane"], check=True)
    for options in ((), ("--cloud-fields", "all", "--normals")):
        subprocess.run([TOOL, "--input", session, "--quiet", *options], check=True)
        frame = session / "reconstruction" / "frames" / "000000"
        script = ("import json, numpy\n" + block("python") +
                  "print(json.dumps([len(xyz), xyz.min(0).tolist(), xyz.max(0).tolist()]))\n")
        done = subprocess.run([python, "-c", script], cwd=frame, capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, done.stderr
        count, low, high = json.loads(done.stdout)
        record = json.loads((frame / "frame.json").read_text())
        assert count == record["points"] > 10000, (count, record["points"])
        for axis in range(3):
            assert abs(low[axis] - record["extent"]["min_mm"][axis]) < 0.01, (low, record)
            assert abs(high[axis] - record["extent"]["max_mm"][axis]) < 0.01, (high, record)


def run_recipe(work, film, commands):
    """The README's ffmpeg lines on a film of test pictures; the session they make is listed."""
    folder = work / film
    (folder / "session" / "left").mkdir(parents=True)
    (folder / "session" / "right").mkdir()
    for name, size in (("film", "320x120"), ("left", "160x120"), ("right", "160x120")):
        subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i",
                        "testsrc=duration=1:rate=3:size=" + size, folder / (name + ".mp4")],
                       check=True)
    for command in commands:
        subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True)
    return subprocess.run([TOOL, "--input", folder / "session", "--list", "--calibration", "none"],
                          capture_output=True, text=True, check=False)


def check_films(work):
    if not shutil.which("ffmpeg"):
        print("ffmpeg is not installed: the film recipe is not tried")
        return
    lines = [line.split("#")[0] for line in block("sh").splitlines() if line.startswith("ffmpeg")]
    assert len(lines) == 3, lines
    two = run_recipe(work, "two", lines[1:])
    assert len(two.stdout.splitlines()) == 3 and "left-right-folders" in two.stderr, two


def check_bag_names(work):
    """extract_images_sync writes NUMBER_CAMERA; such a folder pairs."""
    pattern = re.search(r"_filename_format:=session/(\S+)", block("sh")).group(1)
    folder = work / "bag"
    folder.mkdir()
    source = work / "session" / "left" / "000000.png"
    for number in range(3):
        for camera in range(2):
            shutil.copy(source, folder / (pattern.replace("%06i", "%06d" % number)
                                          .replace("%i", str(camera))))
    done = subprocess.run([TOOL, "--input", folder, "--list", "--calibration", "none"],
                          capture_output=True, text=True, check=False)
    assert len(done.stdout.splitlines()) == 3 and "named-pairs" in done.stderr, done


def main():
    check_pictures()
    check_options()
    with tempfile.TemporaryDirectory(prefix="po_readme_") as name:
        work = pathlib.Path(name)
        check_reader(work)
        check_films(work)
        check_bag_names(work)
    print("the README's commands and code are as they are")
    return 0


if __name__ == "__main__":
    sys.exit(main())
