#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits the scorecard of src/refine/confidence_scorecard.c.

  bench_confidence DATA --profile balanced --dump dump.bin > list.txt
  fit_confidence.py dump.bin list.txt NAME [margin,cost,difference]

The last argument names features to leave out.

Trains on the scenes whose name contains TRAIN, prints the card as C, and how far it can be
believed on the other data sets. A logistic regression on what each feature exceeds, every
scene with the same weight, by coordinate-wise Newton steps; plain Python.
"""
import math
import sys
from collections import Counter

NAMES = ["margin", "cost", "difference", "span", "measured", "smoothed", "texture"]
THRESHOLDS = {
    "margin": [2, 5, 9, 14, 20, 30, 50],
    "cost": [15, 22, 28, 34, 40, 48, 58],
    "difference": [1, 3, 5, 8, 11, 15, 24],
    "span": [3, 7, 12, 20, 32, 64, 128],
    "measured": [24, 40, 54, 65, 74, 80],
    "smoothed": [0, 1, 2, 4, 7, 12, 24],
    "texture": [2, 5, 9, 15, 24, 40],
}
TRAIN = ("middlebury2005", "middlebury2006/")
RECORD, UNIT, ROUNDS, RIDGE = 10, 32, 60, 4.0


def read_cells(dump, scenes, keep, names):
    """{(bins): [weight, weight of the right ones]}, each scene weighing the same."""
    cells = {}
    for scene in range(len(scenes)):
        if not keep(scenes[scene]):
            continue
        rows = dump[scene]
        columns = []
        for name in names:
            table = bytes(sum(v > t for t in THRESHOLDS[name]) for v in range(256))
            columns.append(rows[3 + NAMES.index(name)::RECORD].translate(table))
        right = rows[1::RECORD].translate(bytes(int(v <= 16) for v in range(256)))
        weight = 1e4 / max(1, len(right))
        for key, n in Counter(zip(right, *columns)).items():
            cell = cells.setdefault(key[1:], [0.0, 0.0])
            cell[0] += n * weight
            cell[1] += n * weight * key[0]
    return cells


def fit(cells, names):
    keys = list(cells)
    weights = [cells[k][0] for k in keys]
    rights = [cells[k][1] for k in keys]
    scores = [2.0] * len(keys)
    base, steps = 2.0, {n: [0.0] * len(THRESHOLDS[n]) for n in names}
    members = {(f, i): [j for j, k in enumerate(keys) if k[f] > i]
               for f, n in enumerate(names) for i in range(len(THRESHOLDS[n]))}
    everyone = range(len(keys))

    def newton(indices, ridge, value):
        gradient, curvature = -ridge * value, ridge
        for j in indices:
            p = 1 / (1 + math.exp(-scores[j]))
            gradient += rights[j] - weights[j] * p
            curvature += weights[j] * p * (1 - p)
        step = max(-1.0, min(1.0, gradient / max(curvature, 1e-9)))
        for j in indices:
            scores[j] += step
        return step

    for _ in range(ROUNDS):
        base += newton(everyone, 0.0, base)
        for f, n in enumerate(names):
            for i in range(len(steps[n])):
                steps[n][i] += newton(members[f, i], RIDGE, steps[n][i])
    return base, steps


def scores_of(rows, base, steps, names):
    """What confidence.c will add up for these records."""
    total = [base] * (len(rows) // RECORD)
    for name in names:
        sums = [sum(s for t, s in zip(THRESHOLDS[name], steps[name]) if v > t)
                for v in range(256)]
        column = rows[3 + NAMES.index(name)::RECORD]
        total = [a + sums[v] for a, v in zip(total, column)]
    return total


def confidence_of(score):
    """The byte it will write for a score."""
    return round(255 / (1 + math.exp(-max(-8 * UNIT, min(8 * UNIT, score)) / UNIT)))


def sigma_table(pairs):
    """68 % quantile of the error in 1/64 px for each half unit of log-odds above zero."""
    buckets = [[] for _ in range(16)]
    for score, error in pairs:
        buckets[max(0, min(15, score // (UNIT // 2)))].append(error)
    table = []
    for errors in buckets:
        errors.sort()
        value = 4 * errors[len(errors) * 68 // 100] if len(errors) > 200 else None
        value = table[-1] if value is None and table else 255 if value is None else value
        table.append(min(255, max(1, value), table[-1] if table else 255))
    return table


def print_card(name, base, steps, names, sigmas):
    print(f"const struct confidence_scorecard confidence_scorecard_{name} = {{")
    print(f"    .base = {base},\n    .features =\n        {{")
    for feature in NAMES:
        if feature in names:
            t = ", ".join(map(str, THRESHOLDS[feature]))
            s = ", ".join(map(str, steps[feature]))
            print(f"            [FEATURE_{feature.upper()}] = "
                  f"{{{len(steps[feature])}, {{{t}}}, {{{s}}}}},")
    print("        },\n    .sigmas = {" + ", ".join(map(str, sigmas)) + "},\n};")


def report(title, pairs):
    print(f"/* {title}: {len(pairs)} pixels")
    pairs = [(confidence_of(score), error) for score, error in pairs]
    for low, high in ((0, 50), (50, 70), (70, 80), (80, 87), (87, 93), (93, 97), (97, 101)):
        band = [(c, e) for c, e in pairs if low <= 100 * c / 255 < high]
        if not band:
            continue
        said = sum(c for c, _ in band) / len(band) / 2.55
        right = 100 * sum(e <= 16 for _, e in band) / len(band)
        print(f" * said {said:5.1f} %: right {right:5.1f} %, "
              f"{100 * len(band) / len(pairs):5.1f} % of the pixels")
    print(" */")


def main():
    data = open(sys.argv[1], "rb").read()
    scenes = [l.split()[1] for l in open(sys.argv[2]) if len(l.split()) == 2
              and l.split()[0].isdigit()]
    without = sys.argv[4].split(",") if len(sys.argv) > 4 else []
    names = [n for n in NAMES if n not in without]
    dump = split_scenes(data, len(scenes))
    trained = lambda scene: scene.startswith(TRAIN)
    base, steps = fit(read_cells(dump, scenes, trained, names), names)
    base = round(base * UNIT)
    steps = {n: [round(s * UNIT) for s in steps[n]] for n in names}
    groups = {}
    for i, scene in enumerate(scenes):
        pairs = list(zip(scores_of(dump[i], base, steps, names), dump[i][1::RECORD]))
        group = "trained on" if trained(scene) else scene.split("/")[0]
        groups.setdefault(group, []).extend(pairs)
        if not trained(scene):
            groups.setdefault("all others", []).extend(pairs)
    print_card(sys.argv[3], base, steps, names, sigma_table(groups["trained on"]))
    for group in sorted(groups):
        report(group, groups[group])


def split_scenes(data, count):
    """Records come scene after scene."""
    numbers = data[0::RECORD]
    ends = [numbers.rfind(bytes([i])) + 1 for i in range(count)]
    starts = [numbers.find(bytes([i])) for i in range(count)]
    return [data[RECORD * max(0, s):RECORD * e] for s, e in zip(starts, ends)]


if __name__ == "__main__":
    main()
