#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthetic pairs with exact disparities, for train_confidence.py: what the public data sets
lack. Slanted planes and discs before a wall, in fine and coarse texture, in texture that
repeats, in hardly any, as dots of a projector in the dark, with noise and another exposure;
and roads: long ground of little texture, facades that recede and repeat, boxes, poles, a sky
without any texture.

  make_training_scenes.py DIR    writes scenes.tsv, PGM images and PFM disparities

Needs python3-numpy. The same scenes every time.
"""
import os
import sys
from typing import NamedTuple, Optional

import numpy as np

MARGIN, OVERSAMPLED = 96, 4
SIZE, ROAD_SIZE = (448, 360), (1100, 340)
KINDS = ["fine", "coarse", "stripes", "checks", "faint", "dots", "dark", "exposure"]
SCENES_A_KIND, ROADS = 3, 8


def smooth_noise(generator, height, width, size):
    """Noise with grains of `size` pixels, mean 0, deviation 1."""
    grid = generator.standard_normal((int(height / size) + 3, int(width / size) + 3))
    y, x = np.arange(height) / size, np.arange(width) / size
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = (y - y0)[:, None], (x - x0)[None, :]
    rows = grid[y0] * (1 - fy) + grid[y0 + 1] * fy
    value = rows[:, x0] * (1 - fx) + rows[:, x0 + 1] * fx
    return value / value.std()


def texture(generator, kind, size):
    """Grey of one surface, OVERSAMPLED times finer along the row."""
    height, width = size[1], (size[0] + 2 * MARGIN) * OVERSAMPLED
    x = np.arange(width)[None, :] / OVERSAMPLED
    y = np.arange(height)[:, None]
    fine = smooth_noise(generator, height, width, 1.5 * OVERSAMPLED)
    coarse = smooth_noise(generator, height, width, 24.0)
    period = generator.uniform(7, 23)
    level = generator.uniform(80, 160)
    waves = np.sign(np.sin(2 * np.pi * x / period))
    if kind == "stripes":
        return level + 40 * waves + generator.uniform(0, 1) * fine + 0 * y
    if kind == "checks":
        return level + 35 * waves * np.sign(np.sin(2 * np.pi * y / period)) + 0.5 * fine
    if kind == "faint":
        return level + 1.5 * fine + 3 * coarse
    if kind == "dots":
        seeds = smooth_noise(generator, height, width, 2.5 * OVERSAMPLED)
        return 14 + 3 * coarse + 120 * np.clip(seeds - 1.3, 0, 1)
    if kind == "coarse":
        return level + 30 * coarse + 2 * fine
    if kind == "sky":
        return 250 + 0 * fine
    if kind == "tarmac":
        return level + generator.uniform(1.5, 7) * fine + 4 * coarse
    if kind == "facade":
        rows = np.sin(2 * np.pi * y / (1.7 * period))
        return level + 30 * (waves * rows > 0.2) + generator.uniform(1, 8) * fine + 6 * coarse
    if kind == "dark":
        return 12 + 3 * fine + 3 * coarse
    return level + 25 * fine + 20 * coarse


class Surface(NamedTuple):
    """A plane of disparities at_zero + slope_x x + slope_y y, seen within its outline: None, or
    centre and radii of an ellipse or, with True as the last, of a rectangle."""
    slope_x: float
    slope_y: float
    at_zero: float
    outline: Optional[tuple]
    kind: str


def surfaces_of(generator, kind):
    """Discs and boxes before a wall."""
    width, height = SIZE
    near = generator.uniform(20, 60)

    def plane(slope_x, slope_y, centre, outline):
        return Surface(slope_x, slope_y, centre - slope_x * width / 2 - slope_y * height / 2,
                       outline, kind)

    wall = plane(generator.uniform(-0.03, 0.03), generator.uniform(-0.05, 0.05), near * 0.3, None)
    surfaces = [wall]
    for i in range(int(generator.integers(2, 6))):
        outline = (generator.uniform(0.1, 0.9) * width, generator.uniform(0.1, 0.9) * height,
                   generator.uniform(6, 90), generator.uniform(10, 110), i % 2)
        surfaces.append(plane(generator.uniform(-0.1, 0.1), generator.uniform(-0.1, 0.1),
                              near * (0.45 + 0.1 * i), outline))
    return surfaces


def road_surfaces(generator):
    """What a car sees: sky, a street between facades, what stands and drives on it."""
    width, height = ROAD_SIZE
    horizon = generator.uniform(0.4, 0.5) * height
    fall = generator.uniform(0.25, 0.5)  # disparity a row
    vanishing = generator.uniform(0.4, 0.6) * width

    def stands(bottom, centre_x, half_width, top, kind):
        """Upright, its foot on the ground in row `bottom`."""
        outline = (centre_x, (bottom + top) / 2, half_width, (bottom - top) / 2, True)
        return Surface(generator.uniform(-0.01, 0.01), 0, fall * (bottom - horizon), outline, kind)

    surfaces = [Surface(0, 0, 0.6, None, "sky"),
                Surface(0, fall, -fall * horizon + 0.6,
                        (width / 2, (horizon + height) / 2, width, (height - horizon) / 2, True),
                        "tarmac")]
    for side in (-1, 1):
        recede = generator.uniform(0.05, 0.14)
        far = generator.uniform(0.1, 0.3) * width
        centre = (vanishing + side * far) * 0.5 + (width if side > 0 else 0) * 0.5
        outline = (centre, generator.uniform(0.3, 0.5) * height,
                   abs((width if side > 0 else 0) - vanishing - side * far) / 2,
                   generator.uniform(0.25, 0.5) * height, True)
        kind = ("facade", "faint", "coarse", "fine", "checks")[int(generator.integers(5))]
        surfaces.append(Surface(side * recede, 0, -side * recede * vanishing + 1, outline, kind))
    for _ in range(int(generator.integers(4, 9))):
        bottom = horizon + generator.uniform(0.1, 0.8) * (height - horizon)
        scale = bottom - horizon
        kind = ("coarse", "faint", "fine", "dark", "facade")[int(generator.integers(5))]
        if generator.random() < 0.4:  # a pole
            surfaces.append(stands(bottom, generator.uniform(0, width), 1.5 + 0.04 * scale,
                                   bottom - 2.5 * scale, "coarse"))
        else:
            surfaces.append(stands(bottom, generator.uniform(0, width),
                                   generator.uniform(0.3, 0.7) * scale,
                                   bottom - generator.uniform(0.5, 1.0) * scale, kind))
    return surfaces


def disparity_at(surface, x, y):
    return surface.at_zero + surface.slope_x * x + surface.slope_y * y


def covers(surface, x, y):
    if surface.outline is None:
        return np.ones(np.broadcast(x, y).shape, bool)
    centre_x, centre_y, radius_x, radius_y, box = surface.outline
    a, b = np.abs(x - centre_x) / radius_x, np.abs(y - centre_y) / radius_y
    return (np.maximum(a, b) if box else np.hypot(a, b)) <= 1


def sample(grey, x, y):
    at = np.clip((x + MARGIN) * OVERSAMPLED, 0, grey.shape[1] - 2)
    whole = at.astype(int)
    rows = np.broadcast_to(y.astype(int), whole.shape)
    return (grey[rows, whole] * (1 - at + whole) + grey[rows, whole + 1] * (at - whole))


def render(generator, kind):
    size = ROAD_SIZE if kind == "road" else SIZE
    surfaces = road_surfaces(generator) if kind == "road" else surfaces_of(generator, kind)
    x, y = np.meshgrid(np.arange(size[0], dtype=float), np.arange(size[1], dtype=float))
    left, right, truth = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    nearest = np.full_like(x, -1e9)
    nearest_right = nearest.copy()
    for surface in surfaces:
        grey = texture(generator, surface.kind, size)
        disparity = disparity_at(surface, x, y)
        shown = covers(surface, x, y) & (disparity > nearest)
        left[shown], truth[shown] = sample(grey, x, y)[shown], disparity[shown]
        nearest[shown] = disparity[shown]
        # The left pixel a right pixel shows: x - disparity(x) = x_right.
        source = (x + surface.at_zero + surface.slope_y * y) / (1 - surface.slope_x)
        disparity = source - x
        shown = covers(surface, source, y) & (disparity > nearest_right)
        right[shown] = sample(grey, source, y)[shown]
        nearest_right[shown] = disparity[shown]
    if kind == "exposure":
        right = 0.8 * right + 12
    if kind == "road":
        right = generator.uniform(0.93, 1.07) * right
    noise = generator.uniform(0.5, 2.5)
    images = [np.clip(np.round(v + noise * generator.standard_normal(v.shape)), 0, 255)
              for v in (left, right)]
    return images[0].astype(np.uint8), images[1].astype(np.uint8), truth.astype(np.float32)


def write(directory, name, images, truth):
    height, width = truth.shape
    for side, image in zip("lr", images):
        with open(os.path.join(directory, f"{name}_{side}.pgm"), "wb") as file:
            file.write(b"P5\n%d %d\n255\n" % (width, height) + image.tobytes())
    with open(os.path.join(directory, f"{name}_d.pfm"), "wb") as file:
        file.write(b"Pf\n%d %d\n-1.0\n" % (width, height) + truth[::-1].astype("<f4").tobytes())


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_training_scenes.py DIR")
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    lines = ["scene\tleft\tright\tground_truth\tgt_scale\twidth\theight\tmax_disparity"]
    for k, kind in enumerate(KINDS + ["road"]):
        for i in range(ROADS if kind == "road" else SCENES_A_KIND):
            name = f"synthetic_{kind}{i}"
            left, right, truth = render(np.random.default_rng(100 * k + i), kind)
            write(directory, name, (left, right), truth)
            lines.append(f"{name}\t{name}_l.pgm\t{name}_r.pgm\t{name}_d.pfm\t1\t{truth.shape[1]}"
                         f"\t{truth.shape[0]}\t{truth.max():.1f}")
    with open(os.path.join(directory, "scenes.tsv"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
