#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--min-confidence from the command line to the cloud, on pairs with ground truth: of the points
that stay at least the asked share is right within one pixel, those that barely stay are right
about as often as asked, more is dropped where more is asked, and none stays that says less."""
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))
DATA = pathlib.Path(os.environ.get("PO_TEST_DATA", ROOT / ".." / "shared" / "data"))
KITTI = DATA / "kitti2012" / "training"
MIDDLEBURY = DATA / "middlebury2014"
ONE_POINT_IN = 5
BARELY, SLACK = 0.06, 0.05  # above the asked share; what may be missing there
SESSIONS = (  # KITTI's pairs took no part in the fit of any table
    ("kitti", KITTI, ["--frames", "1,3"]),
    ("kitti quality", KITTI, ["--frames", "2", "--profile", "quality"]),
    ("kitti opencv", KITTI, ["--frames", "2", "--matcher", "opencv"]),
    ("middlebury", MIDDLEBURY, ["--frames", "2,4,5,7"]),
    ("middlebury fast", MIDDLEBURY, ["--frames", "3,5", "--profile", "fast"]),
)


def read_pfm(path):
    _, size, scale, body = path.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    values = struct.unpack(f"{'<' if float(scale) < 0 else '>'}{width * height}f", body)
    return [values[y * width:(y + 1) * width] for y in reversed(range(height))]


def unfilter(kind, line, above):
    """PNG, 9.2, of two bytes a pixel."""
    for i, value in enumerate(line):
        left, up = (line[i - 2] if i >= 2 else 0), above[i]
        corner = above[i - 2] if i >= 2 else 0
        if kind == 1:
            value += left
        elif kind == 2:
            value += up
        elif kind == 3:
            value += (left + up) // 2
        elif kind == 4:
            guess = left + up - corner
            value += min((left, up, corner), key=lambda v: abs(guess - v))
        line[i] = value & 255


def read_kitti(path):
    """Disparities times 256 as a 16-bit PNG, 0 where unknown."""
    data = path.read_bytes()
    width, height = struct.unpack_from(">II", data, 16)
    chunks, at = [], 8
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            chunks.append(data[at + 8:at + 8 + size])
        at += size + 12
    raw, rows, above = zlib.decompress(b"".join(chunks)), [], bytearray(2 * width)
    for y in range(height):
        start = y * (2 * width + 1)
        line = bytearray(raw[start + 1:start + 1 + 2 * width])
        if raw[start]:
            unfilter(raw[start], line, above)
        rows.append([v / 256 or float("inf") for v in struct.unpack(f">{width}H", line)])
        above = line
    return rows


def camera_and_truth(session, frame):
    """(focal length, centre), and rows of disparities."""
    if session == MIDDLEBURY:
        numbers = re.search(r"cam0=\[(.*)\]", (session / frame / "calib.txt").read_text()).group(1)
        values = [float(v) for v in numbers.replace(";", " ").split()]
        return (values[0], values[2], values[5]), read_pfm(session / frame / "disp0GT.pfm")
    line = (session / "calib" / f"{frame[:6]}.txt").read_text().split("\n", 1)[0]
    values = [float(v) for v in line.split()[1:]]
    return (values[0], values[2], values[6]), read_kitti(session / "disp_noc" / f"{frame}.png")


def points_of(path):
    """(x, y, z, confidence, disparity) of some points."""
    head, body = path.read_bytes().split(b"end_header\n", 1)
    names = re.findall(rb"property (\w+) (\w+)", head)
    kinds = {b"float": "f", b"uchar": "B", b"ushort": "H"}
    point = struct.Struct("<" + "".join(kinds[kind] for kind, _ in names))
    wanted = [[name for _, name in names].index(name)
              for name in (b"x", b"y", b"z", b"confidence", b"disparity")]
    for at in range(0, len(body), point.size * ONE_POINT_IN):
        values = point.unpack_from(body, at)
        yield [values[i] for i in wanted]


def judge(session, output):
    """(confidence, is it right) of points with ground truth."""
    judged = []
    for folder in sorted((output / "frames").iterdir()):
        (focal, centre_x, centre_y), truth = camera_and_truth(session, folder.name)
        for x, y, z, confidence, disparity in points_of(folder / "cloud.ply"):
            row, column = round(centre_y + focal * y / z), round(centre_x + focal * x / z)
            if truth[row][column] != float("inf"):
                judged.append((confidence, abs(truth[row][column] - disparity) <= 1))
    return judged


def share_right(judged):
    return sum(right for _, right in judged) / max(1, len(judged))


def run(work, session, options, least):
    output = work / "out"
    done = subprocess.run([BUILD / "process_offline", "--input", session, "--output", output,
                           "--min-confidence", str(least), "--cloud-fields",
                           "confidence,disparity", "--outputs", "cloud", "--force", *options],
                          capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, (options, done.stdout, done.stderr)
    return judge(session, output)


def check(work, name, session, options):
    counts = []
    for least in (0.9, 0.98):
        judged = run(work, session, options, least)
        barely = [point for point in judged if point[0] < least + BARELY]
        print(f"{name}: {least}: {len(judged)} points, {100 * share_right(judged):.1f} % right; "
              f"{len(barely)} barely, {100 * share_right(barely):.1f} %")
        assert all(confidence >= least for confidence, _ in judged), (name, least)
        assert share_right(judged) >= least - 0.01, (name, least)
        assert len(barely) < 500 or share_right(barely) >= least - SLACK, (name, least)
        counts.append(len(judged))
    assert counts[0] > counts[1] > 2000, (name, counts)


def main():
    if not KITTI.is_dir() or not MIDDLEBURY.is_dir():
        print(f"skipped: no pairs with ground truth in {DATA}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        for name, session, options in SESSIONS:
            check(pathlib.Path(folder) / name.replace(" ", "_"), name, session, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
