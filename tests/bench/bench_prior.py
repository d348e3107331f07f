#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a depth prior is worth: dense bad2 with and without one, over the scenes that have ground
truth, through the real program. Priors are simulated: the true disparities, blurred, under an
unknown scale and shift, warped by a field of second degree and with slow noise on top, all
stated in the result. Wants numpy.

    bench_prior.py DATA [--json FILE] [--blur PX] [--warp SHARE] [--noise SHARE] [--scenes WORD]
"""
import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np

TOOL = str(pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")) / "process_offline")
# Scenes of which this share of the pixels could not be matched, though both cameras see them, count
# as textureless.
TEXTURELESS_SHARE = 0.1
CLASS_PRIOR = 4


def read_pfm(path):
    kind, size, scale, rest = path.read_bytes().split(b"\n", 3)
    assert kind.strip() == b"Pf", path
    width, height = map(int, size.split())
    order = "<f4" if float(scale) < 0 else ">f4"
    return np.frombuffer(rest, order, width * height).reshape(height, width)[::-1].astype(float)


def write_pfm(path, values):
    height, width = values.shape
    path.write_bytes(f"Pf\n{width} {height}\n-1.0\n".encode() + values[::-1].astype("<f4").tobytes())


def unfilter(kind, line, above, step):
    """One row of a PNG, undone (PNG specification, section 9)."""
    if kind == 2:
        return line + above
    if kind == 0:
        return line
    line = line.astype(np.int32)
    above = above.astype(np.int32)
    for x in range(len(line)):
        left = line[x - step] if x >= step else 0
        up, corner = above[x], above[x - step] if x >= step else 0
        if kind == 1:
            guess = left
        elif kind == 3:
            guess = (left + up) // 2
        else:
            options = [(abs(up - corner), left), (abs(left - corner), up),
                       (abs(left + up - 2 * corner), corner)]
            guess = min(options, key=lambda option: option[0])[1]
        line[x] = (line[x] + guess) & 255
    return line.astype(np.uint8)


def read_png(path):
    """Grey of 8 or 16 bits."""
    data, at, packed = path.read_bytes(), 8, b""
    while at < len(data):
        length, = struct.unpack(">I", data[at:at + 4])
        kind, body = data[at + 4:at + 8], data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack(">IIBB", body[:10])
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    assert colour == 0, path
    step, raw = bits // 8, np.frombuffer(zlib.decompress(packed), np.uint8)
    rows = raw.reshape(height, 1 + width * step)
    out, above = np.zeros((height, width * step), np.uint8), np.zeros(width * step, np.uint8)
    for y in range(height):
        out[y] = above = unfilter(rows[y, 0], rows[y, 1:], above, step)
    return out.astype(float) if bits == 8 else out.view(">u2").astype(float)


def blurred(values, sigma):
    if sigma <= 0:
        return values
    reach = int(4 * sigma + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        pad = [(reach, reach) if i == axis else (0, 0) for i in (0, 1)]
        values = np.apply_along_axis(lambda row: np.convolve(row, kernel, "valid"), axis,
                                     np.pad(values, pad, "edge"))
    return values


def spread_to_all(values, valid):
    """Holes take the value of the nearest pixel that has one, by growing one pixel a turn."""
    values, valid = values.copy(), valid.copy()
    while not valid.all():
        before, known = values.copy(), valid.copy()
        for axis, turn in ((0, 1), (0, -1), (1, 1), (1, -1)):
            near, near_known = np.roll(before, turn, axis), np.roll(known, turn, axis)
            edge = [slice(None), slice(None)]
            edge[axis] = 0 if turn == 1 else -1
            near_known[tuple(edge)] = False
            take = ~valid & near_known
            values[take] = near[take]
            valid |= take
    return values


def simulated_prior(truth, valid, seed, damage):
    """Inverse depth as a network would give it."""
    random = np.random.RandomState(seed)
    height, width = truth.shape
    full = spread_to_all(truth, valid)
    if valid.mean() < 0.5:
        full = blurred(full, 3.0)
    full = blurred(full, damage["blur_px"])
    y, x = np.mgrid[-1:1:height * 1j, -1:1:width * 1j]
    c = random.uniform(-1, 1, 5)
    field = c[0] * x + c[1] * y + c[2] * x * y + c[3] * x * x + c[4] * y * y
    field /= np.abs(field).max()
    span = np.percentile(full, 98) - np.percentile(full, 2)
    noise = blurred(random.randn(height, width), 20)
    noise *= damage["noise"] * span / noise.std()
    return 0.013 * (full * (1 + damage["warp"] * field) + noise) + 0.7


def scenes_of(data, word):
    rows = [line.split("\t") for line in (data / "scenes.tsv").read_text().splitlines()[1:]]
    for i, (scene, left, _right, truth, scale, *_rest) in enumerate(rows):
        family, name = scene.split("/")
        if word not in scene:
            continue
        yield {"seed": i, "scene": scene, "family": family, "truth": data / truth,
               "scale": float(scale or 1),
               "frame": pathlib.Path(left).stem if family == "kitti2012" else name}


def truth_of(scene):
    is_pfm = scene["truth"].suffix == ".pfm"
    truth = read_pfm(scene["truth"]) if is_pfm else read_png(scene["truth"]) / scene["scale"]
    return truth, np.isfinite(truth) & (truth > 0)


def make_prior(scene, folder, damage):
    truth, valid = truth_of(scene)
    folder.mkdir(parents=True, exist_ok=True)
    write_pfm(folder / f"{scene['frame']}.pfm",
              simulated_prior(np.where(valid, truth, 0), valid, scene["seed"], damage))


def run(data, family, out, words):
    done = subprocess.run([TOOL, "--input", str(data / family), "--output", str(out), "--ground-truth",
                           "auto", "--outputs", "class,confidence,disparity", "--quiet", *words],
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{family}: status {done.returncode}: {done.stderr}")
    return {path.parent.name: json.loads(path.read_text())
            for path in (out / "frames").glob("*/frame.json")}


def judge_confidence(scene, folder):
    """Of the pixels with ground truth that the prior filled: confidence, and whether it is wrong."""
    truth, valid = truth_of(scene)
    filled = valid & (read_png(folder / "class.png") == CLASS_PRIOR)
    wrong = np.abs(read_pfm(folder / "disparity.pfm") - truth) > 2
    return read_png(folder / "confidence.png")[filled], wrong[filled]


def compare(scene, plain, with_prior):
    pixels = plain["width_px"] * plain["height_px"]
    before, after = (record["scores"]["dense_all"]["bad2"] for record in (plain, with_prior))
    return {"scene": scene["scene"], "bad2_without": before, "bad2_with": after,
            "difference": after - before,
            "unmatched_share": plain["counts"]["class_filled_mismatch"] / pixels,
            "prior": with_prior.get("prior")}


def summary(rows, judged, damage):
    bare = [row for row in rows if row["unmatched_share"] >= TEXTURELESS_SHARE]
    confidence, wrong = (np.concatenate(parts) for parts in zip(*judged))
    order = np.argsort(confidence, kind="stable")
    thirds = [100 * float(part.mean()) for part in np.array_split(wrong[order], 3) if len(part)]

    def mean(items, key):
        return float(np.mean([item[key] for item in items])) if items else None
    return {"damage": damage, "scenes": rows,
            "bad2_without": mean(rows, "bad2_without"), "bad2_with": mean(rows, "bad2_with"),
            "worst_difference": max(row["difference"] for row in rows),
            "filled_by_prior": {"pixels": int(len(wrong)), "wrong_by_third_of_confidence": thirds},
            "refused": sum(not row["prior"]["used"] for row in rows if row["prior"]),
            "textureless": {"scenes": len(bare), "bad2_without": mean(bare, "bad2_without"),
                            "bad2_with": mean(bare, "bad2_with")}}


def report(result):
    for row in result["scenes"]:
        prior = row["prior"] or {}
        print(f"{row['scene']:30} {row['bad2_without']:6.2f} {row['bad2_with']:6.2f} "
              f"{row['difference']:+6.2f}  unmatched {100 * row['unmatched_share']:4.1f} %  "
              f"inliers {prior.get('inlier_share', 0):.2f} residual {prior.get('residual_px', 0):.2f} "
              f"order {prior.get('order')} used {prior.get('used')}")
    bare = result["textureless"]
    print(f"bad2 over {len(result['scenes'])} scenes {result['bad2_without']:.3f} -> "
          f"{result['bad2_with']:.3f}, worst {result['worst_difference']:+.2f}, "
          f"{result['refused']} refused")
    print("wrong among the pixels it filled, by rising thirds of their confidence: " +
          " ".join(f"{share:.1f} %" for share in result["filled_by_prior"]
                   ["wrong_by_third_of_confidence"]))
    if bare["scenes"]:
        print(f"textureless {bare['scenes']} scenes {bare['bad2_without']:.3f} -> "
              f"{bare['bad2_with']:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--blur", type=float, default=3.0)
    parser.add_argument("--warp", type=float, default=0.06)
    parser.add_argument("--noise", type=float, default=0.02)
    parser.add_argument("--scenes", default="")
    parser.add_argument("--options", default="", help="further options of both runs")
    given = parser.parse_args()
    damage = {"blur_px": given.blur, "warp": given.warp, "noise": given.noise}
    rows, judged, words = [], [], given.options.split()
    with tempfile.TemporaryDirectory(prefix="po_prior_") as name:
        work = pathlib.Path(name)
        families = {}
        for scene in scenes_of(given.data, given.scenes):
            families.setdefault(scene["family"], []).append(scene)
        for family, scenes in families.items():
            priors = work / family / "priors"
            for scene in scenes:
                make_prior(scene, priors, damage)
            plain = run(given.data, family, work / family / "plain", words)
            helped = run(given.data, family, work / family / "helped", [*words, "--prior", str(priors)])
            rows += [compare(scene, plain[scene["frame"]], helped[scene["frame"]])
                     for scene in scenes]
            judged += [judge_confidence(scene, work / family / "helped" / "frames" / scene["frame"])
                       for scene in scenes]
    result = summary(rows, judged, damage)
    report(result)
    if given.json:
        given.json.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
