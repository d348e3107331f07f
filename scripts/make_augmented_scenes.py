#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Public pairs with ground truth as worse cameras would have taken them, for
train_confidence.py: another gain and gamma of one image, noise, blur, rows that do not align,
blocks of compression, dust.

  make_augmented_scenes.py DATA TRAIN DIR    writes scenes.tsv and PNG images

DATA and TRAIN are folders with scenes.tsv and train.tsv. Only Middlebury's pairs are taken.
Needs python3-numpy and python3-pil. The same images every time.
"""
import csv
import os
import sys

import numpy as np
from PIL import Image

VARIANTS = 3
LARGEST_PX = 500_000


def smoothed(image, sigma):
    reach = int(np.ceil(3 * sigma))
    weights = np.exp(-np.arange(-reach, reach + 1) ** 2 / (2 * sigma ** 2))
    weights /= weights.sum()
    for axis in (0, 1):
        padded = np.pad(image, [(reach, reach) if a == axis else (0, 0) for a in range(3)],
                        "edge")
        size = image.shape[axis]
        image = sum(w * padded.take(range(i, i + size), axis) for i, w in enumerate(weights))
    return image


def exposed(generator, image):
    gamma, gain = np.exp(generator.uniform(-0.4, 0.4)), np.exp(generator.uniform(-0.5, 0.3))
    return 255 * gain * (image / 255) ** gamma + generator.uniform(-10, 10)


def shaded(generator, image):
    """Darker towards one side, as light from elsewhere or a bad lens."""
    height, width = image.shape[:2]
    y, x = np.mgrid[-1:1:height * 1j, -1:1:width * 1j]
    a, b = generator.uniform(-0.35, 0.35, 2)
    return image * np.exp(a * x + b * y)[..., None]


def noisy(generator, image):
    noise = generator.standard_normal(image.shape)
    return image + generator.uniform(1, 7) * noise * np.sqrt(np.clip(image, 16, 255) / 128)


def moved(generator, image):
    """Rows that do not align: a shift, a turn and a bend, at most about 1.2 px."""
    height, width = image.shape[:2]
    y, x = np.mgrid[-1:1:height * 1j, -1:1:width * 1j]
    shift = generator.uniform(0.2, 0.8) * generator.choice([-1, 1])
    turn, scale, bend = generator.uniform(-0.4, 0.4, 3)
    rows = np.arange(height)[:, None] + shift + turn * x + scale * y + bend * x * y
    rows = np.clip(rows, 0, height - 1.001)
    top = rows.astype(int)
    part = (rows - top)[..., None]
    columns = np.arange(width)[None, :]
    return image[top, columns] * (1 - part) + image[top + 1, columns] * part


def dusty(generator, image):
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    for _ in range(generator.integers(3, 12)):
        cx, cy = generator.uniform(0, width), generator.uniform(0, height)
        radius, depth = generator.uniform(2, 14), generator.uniform(0.1, 0.6)
        spot = 1 / (1 + np.exp((np.hypot(x - cx, y - cy) - radius) / 1.5))
        image = image * (1 - depth * spot)[..., None]
    return image


def blocky(generator, image):
    """Blocks of 8 x 8 whose cosine transform is rounded, coarser at high frequencies."""
    height, width = image.shape[:2]
    i = np.arange(8)
    basis = np.cos(np.pi * (2 * i[None, :] + 1) * i[:, None] / 16) / 2
    basis[0] /= np.sqrt(2)
    step = generator.uniform(4, 14) * (1 + (i[:, None] + i[None, :]) / 3)
    padded = np.pad(image, [(0, -height % 8), (0, -width % 8), (0, 0)], "edge")
    blocks = padded.reshape(padded.shape[0] // 8, 8, padded.shape[1] // 8, 8, -1)
    parts = np.einsum("ij,ajbkc,lk->aibl" "c", basis, blocks, basis, optimize=True)
    step = step[None, :, None, :, None]
    parts = np.round(parts / step) * step
    blocks = np.einsum("ji,ajbkc,kl->aiblc", basis, parts, basis, optimize=True)
    return blocks.reshape(padded.shape)[:height, :width]


def worse(generator, left, right):
    """Left keeps its place: the ground truth is its own."""
    pair = [left, right]
    draw = generator.random
    if draw() < 0.45:
        pair[1] = moved(generator, pair[1])
    if draw() < 0.3:
        sigma = generator.uniform(0.4, 1.0)
        both = draw() < 0.5
        pair = [smoothed(image, sigma) if both or i == 1 else image
                for i, image in enumerate(pair)]
    if draw() < 0.5:
        side = generator.integers(0, 2)
        pair[side] = exposed(generator, np.clip(pair[side], 0, 255))
    if draw() < 0.3:
        pair[1] = shaded(generator, pair[1])
    if draw() < 0.25:
        pair[1] = dusty(generator, pair[1])
    if draw() < 0.5:
        pair = [noisy(generator, image) for image in pair]
    if draw() < 0.25:
        pair = [blocky(generator, image) for image in pair]
    return [np.clip(np.round(image), 0, 255).astype(np.uint8) for image in pair]


def read(path):
    with Image.open(path) as file:
        mode = file.mode if file.mode in ("L", "RGB") else "RGB"
        image = np.asarray(file.convert(mode), float)
    return image if image.ndim == 3 else image[..., None]


def write(path, image):
    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(path)


def rows_of(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            row["name"] = row.get("scene") or row["name"]
            if (row["name"].startswith(("mb", "middlebury"))
                    and int(row["width"]) * int(row["height"]) < LARGEST_PX):
                yield directory, row


def main():
    data, train, target = sys.argv[1:4]
    os.makedirs(target, exist_ok=True)
    rows = [*rows_of(data, "scenes.tsv"), *rows_of(train, "train.tsv")]
    with open(os.path.join(target, "scenes.tsv"), "w", encoding="utf-8") as table:
        print("scene", "left", "right", "ground_truth", "gt_scale", "width", "height",
              "max_disparity", sep="\t", file=table)
        for number, (directory, row) in enumerate(rows):
            left, right = (read(os.path.join(directory, row[side])) for side in ("left", "right"))
            truth = os.path.relpath(os.path.join(directory, row["ground_truth"]), target)
            for variant in range(VARIANTS):
                files = [f"{row['name'].replace('/', '_')}_{variant}_{side}.png" for side in "lr"]
                generator = np.random.default_rng([number, variant])
                for file, image in zip(files, worse(generator, left, right)):
                    write(os.path.join(target, file), image)
                print(f"{row['name']}+{variant}", *files, truth, row["gt_scale"], row["width"],
                      row["height"], row["max_disparity"], sep="\t", file=table)


if __name__ == "__main__":
    sys.exit(main())
