#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthetic pairs with exact disparities, for train_confidence.py: what the public data sets
lack. Slanted planes and discs before a wall, in fine and coarse texture, in texture that
repeats, in hardly any, as dots of a projector in the dark, with noise and another exposure.

  make_training_scenes.py DIR    writes scenes.tsv, PGM images and PFM disparities

Needs python3-numpy. The same scenes every time.
"""
import os
import sys

import numpy as np

WIDTH, HEIGHT, MARGIN, OVERSAMPLED = 448, 360, 96, 4
KINDS = ["fine", "coarse", "stripes", "checks", "faint", "dots", "dark", "exposure"]
SCENES_A_KIND = 3


def smooth_noise(generator, height, width, size):
    """Noise with grains of `size` pixels, mean 0, deviation 1."""
    grid = generator.standard_normal((int(height / size) + 3, int(width / size) + 3))
    y, x = np.arange(height) / size, np.arange(width) / size
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = (y - y0)[:, None], (x - x0)[None, :]
    rows = grid[y0] * (1 - fy) + grid[y0 + 1] * fy
    value = rows[:, x0] * (1 - fx) + rows[:, x0 + 1] * fx
    return value / value.std()


def texture(generator, kind):
    """Grey of one surface, OVERSAMPLED times finer along the row."""
    height, width = HEIGHT, (WIDTH + 2 * MARGIN) * OVERSAMPLED
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
    if kind == "dark":
        return 12 + 3 * fine + 3 * coarse
    return level + 25 * fine + 20 * coarse


def surfaces_of(generator):
    """(slope in x, slope in y, disparity at the centre, outline), far ones first; outline: None
    or centre and radii of an ellipse or, with the last number, of a rectangle."""
    near = generator.uniform(20, 60)
    wall = (generator.uniform(-0.03, 0.03), generator.uniform(-0.05, 0.05), near * 0.3, None)
    surfaces = [wall]
    for i in range(int(generator.integers(2, 6))):
        outline = (generator.uniform(0.1, 0.9) * WIDTH, generator.uniform(0.1, 0.9) * HEIGHT,
                   generator.uniform(6, 90), generator.uniform(10, 110), i % 2)
        surfaces.append((generator.uniform(-0.1, 0.1), generator.uniform(-0.1, 0.1),
                         near * (0.45 + 0.1 * i), outline))
    return surfaces


def disparity_at(surface, x, y):
    slope_x, slope_y, centre, _ = surface
    return centre + slope_x * (x - WIDTH / 2) + slope_y * (y - HEIGHT / 2)


def covers(surface, x, y):
    if surface[3] is None:
        return np.ones(np.broadcast(x, y).shape, bool)
    centre_x, centre_y, radius_x, radius_y, box = surface[3]
    a, b = np.abs(x - centre_x) / radius_x, np.abs(y - centre_y) / radius_y
    return (np.maximum(a, b) if box else np.hypot(a, b)) <= 1


def sample(grey, x, y):
    at = np.clip((x + MARGIN) * OVERSAMPLED, 0, grey.shape[1] - 2)
    whole = at.astype(int)
    rows = np.broadcast_to(y.astype(int), whole.shape)
    return (grey[rows, whole] * (1 - at + whole) + grey[rows, whole + 1] * (at - whole))


def render(generator, kind):
    surfaces = surfaces_of(generator)
    x, y = np.meshgrid(np.arange(WIDTH, dtype=float), np.arange(HEIGHT, dtype=float))
    left, right, truth = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    nearest = np.full_like(x, -1e9)
    nearest_right = nearest.copy()
    for surface in surfaces:
        grey = texture(generator, kind)
        disparity = disparity_at(surface, x, y)
        shown = covers(surface, x, y) & (disparity > nearest)
        left[shown], truth[shown] = sample(grey, x, y)[shown], disparity[shown]
        nearest[shown] = disparity[shown]
        # The left pixel a right pixel shows: x - disparity(x) = x_right.
        slope = surface[0]
        source = (x + surface[2] - slope * WIDTH / 2 + surface[1] * (y - HEIGHT / 2)) / (1 - slope)
        disparity = source - x
        shown = covers(surface, source, y) & (disparity > nearest_right)
        right[shown] = sample(grey, source, y)[shown]
        nearest_right[shown] = disparity[shown]
    if kind == "exposure":
        right = 0.8 * right + 12
    noise = generator.uniform(0.5, 2.5)
    images = [np.clip(np.round(v + noise * generator.standard_normal(v.shape)), 0, 255)
              for v in (left, right)]
    return images[0].astype(np.uint8), images[1].astype(np.uint8), truth.astype(np.float32)


def write(directory, name, images, truth):
    for side, image in zip("lr", images):
        with open(os.path.join(directory, f"{name}_{side}.pgm"), "wb") as file:
            file.write(b"P5\n%d %d\n255\n" % (WIDTH, HEIGHT) + image.tobytes())
    with open(os.path.join(directory, f"{name}_d.pfm"), "wb") as file:
        file.write(b"Pf\n%d %d\n-1.0\n" % (WIDTH, HEIGHT) + truth[::-1].astype("<f4").tobytes())


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_training_scenes.py DIR")
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    lines = ["scene\tleft\tright\tground_truth\tgt_scale\twidth\theight\tmax_disparity"]
    for k, kind in enumerate(KINDS):
        for i in range(SCENES_A_KIND):
            name = f"synthetic_{kind}{i}"
            left, right, truth = render(np.random.default_rng(100 * k + i), kind)
            write(directory, name, (left, right), truth)
            lines.append(f"{name}\t{name}_l.pgm\t{name}_r.pgm\t{name}_d.pfm\t1\t{WIDTH}\t{HEIGHT}"
                         f"\t{truth.max():.1f}")
    with open(os.path.join(directory, "scenes.tsv"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
