#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""preview.png shows every second or third pixel of wide images: the colour that its
disparity has between the least and the largest, at half brightness where it was filled."""
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")).resolve()
ANCHORS = [(48, 18, 110), (40, 110, 240), (30, 200, 200), (120, 240, 80), (250, 190, 40),
           (180, 20, 10)]
ANCHOR_STEP = 51
SCALE = 16
MEASURED = 1
SIZES = {"200x120": 1, "900x120": 2, "1650x120": 3}


def read_png(path):
    """8-bit samples by row, filters 0 and 1 (PNG, 2003, section 9), and the channels."""
    data = path.read_bytes()
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    channels = 3 if colour == 2 else 1
    raw = zlib.decompress(packed)
    rows = []
    for y in range(height):
        start = y * (1 + channels * width)
        line = bytearray(raw[start + 1:start + 1 + channels * width])
        assert raw[start] in (0, 1), f"filter {raw[start]}"
        for i in range(channels, len(line) if raw[start] else 0):
            line[i] = (line[i] + line[i - channels]) & 255
        rows.append(line)
    return rows, channels


def read_pfm(path):
    """Disparities in sixteenths by row, None where there is none."""
    data = path.read_bytes()
    _, size, _, body = data.split(b"\n", 3)
    width, height = map(int, size.split())
    values = struct.unpack(f"<{width * height}f", body)
    rows = [[None if value == float("inf") else round(value * SCALE)
             for value in values[y * width:(y + 1) * width]] for y in range(height)]
    return rows[::-1]


def colour_of(value, least, largest, measured):
    if value is None:
        return (0, 0, 0)
    level = (value - least) * 255 // max(largest - least, 1)
    index = min(level // ANCHOR_STEP, len(ANCHORS) - 2)
    weight = level - index * ANCHOR_STEP
    shift = 0 if measured else 1
    return tuple(((a * (ANCHOR_STEP - weight) + b * weight + ANCHOR_STEP // 2) // ANCHOR_STEP)
                 >> shift for a, b in zip(ANCHORS[index], ANCHORS[index + 1]))


def check(folder, size, step):
    session = folder / size
    subprocess.run([BUILD / "tests" / "make_scene", session, "--frames", "1", "--size", size,
                    "--kind", "sphere"], check=True)
    subprocess.run([BUILD / "process_offline", "--input", session, "--output", folder / "out",
                    "--quiet", "--force", "--outputs", "disparity,class,preview"],
                   check=True, timeout=300)
    frame = folder / "out" / "frames" / "000000"
    preview, _ = read_png(frame / "preview.png")
    classes, _ = read_png(frame / "class.png")
    disparities = read_pfm(frame / "disparity.pfm")
    known = [value for row in disparities for value in row if value is not None]
    least, largest = min(known), max(known)
    kinds = set()
    assert len(preview) == (len(disparities) + step - 1) // step, len(preview)
    assert len(preview[0]) // 3 == (len(disparities[0]) + step - 1) // step, len(preview[0])
    for y, row in enumerate(preview):
        for x in range(len(row) // 3):
            value = disparities[y * step][x * step]
            measured = classes[y * step][x * step] == MEASURED
            want = colour_of(value, least, largest, measured)
            assert tuple(row[3 * x:3 * x + 3]) == want, (size, x, y, value, measured)
            kinds.add((value is not None, measured))
    assert {(True, True), (True, False)} <= kinds, kinds


def main():
    with tempfile.TemporaryDirectory() as folder:
        for size, step in SIZES.items():
            check(pathlib.Path(folder), size, step)
    print("every pixel of the previews is the colour of its disparity")
    return 0


if __name__ == "__main__":
    sys.exit(main())
