#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits the tables of src/refine/confidence_tables_*.c, and judges them on data left out.

  train_confidence.py fit   SET [options]   writes src/refine/confidence_tables_SET.c
  train_confidence.py refit SET [options]   likewise, but behind the local and raw forests
                                            that this file holds already
  train_confidence.py judge SET [options]   each family in turn left out of the fit

SET is fast, balanced, quality or plain (OpenCV's matcher). Options: --build DIR (with
tests/bench_confidence), --data DIR and --train DIR (folders with scenes.tsv and train.tsv;
default ../shared/data and ../shared/train beside the source), --synthetic DIR (what
make_training_scenes.py wrote), --augmented DIR (what make_augmented_scenes.py wrote), --work
DIR for the dumps.
The first pass of `quality` uses the tables of `balanced` that are built in: fit those first,
and judge `balanced` first, whose tables without a family `quality` is then judged with.

Boosted oblivious trees (Kohavi 1994; Friedman 2001, with Newton steps) of depth 4 on bytes,
in whole numbers, so that what is fitted is what the program computes. Three forests, each
fitted on a dump made with the ones before. The forests rank: their target is an error of at
most RANK_ERROR; a curve then says which share is right within one pixel. It comes from scores
of scenes that no forest had seen, most of them augmented: those of a laboratory alone promise
too much elsewhere. The last forest sees one variant in three of these, with more it ranks
worse. KITTI's licence is not ours to build on: its pairs judge and never fit. Needs
python3-numpy; the seed is fixed.
"""
import argparse
import os
import re
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
FEATURES_H = os.path.join(HERE, "..", "src", "refine", "confidence_features.h")
SETS = {
    "fast": ["--profile", "fast"],
    "balanced": ["--profile", "balanced"],
    "quality": ["--profile", "quality"],
    "plain": ["--matcher", "opencv", "--opencv-mode", "3way"],
}
# What forests are fitted to, where that is not all they will judge: fitted to what agrees
# closely, quality's rank KITTI better (70 %: 0.58 in place of 0.62).
TAUGHT = {"quality": ["--left-right-max-diff", "1.25"]}
TREES = {"local": 20, "raw": 36, "final": 52}
MANY_TREES, SLOW_RATE = 110, 0.12  # quality's final forest: surer on KITTI, and it has the time
TEXTURES = " texture column_texture texture_wide"
COSTS = " uniqueness_margin cost cost_wide"
MAP = "span measured ring_4 ring_10 run_left run_right inside" + TEXTURES
EDGES = (" edge_jump edge_distance edge_likeness edge_outer edge_inner edge_rise beyond_up"
         " beyond_down")
FINAL = MAP + " raw smoothed ring_24 weight residual" + EDGES
OWN = {"local": "uniqueness_margin cost span measured texture ring_4 ring_10",
       "raw": "measured ring_24 inside local weight residual" + TEXTURES + COSTS,
       "final": FINAL + COSTS}
ASKED = {  # features a forest may ask about; what others would add does not pay its time
    "fast": OWN, "balanced": OWN,
    "quality": {name: asked + " first_pass" for name, asked in OWN.items()},
    "plain": {"local": MAP, "raw": MAP + " ring_24 local weight residual", "final": FINAL},
}
TRIED = {"local": 7, "raw": 7, "final": 5}  # features of a node, drawn anew for each
RATE = {"local": 0.25, "raw": 0.25, "final": 0.22}
DEPTH, LEAF_ZERO, LEAF_UNIT, SCORE_ZERO, SCORE_UNIT = 4, 128, 64, 128, 16
RIDGE, SHARE, SEED = 20.0, 0.6, 1
RANK_ERROR, RIGHT_ERROR, NO_VALUE = 32, 16, 65535  # sixteenths
FAMILIES = ["2001-2003", "2005-2006", "2014", "kitti2012"]
KITTI, SYNTHETIC, SYNTHETIC_ONE_IN = 3, 4, 2
COVERAGES = (50, 60, 70, 80)
SAMPLES, JUDGED_SAMPLES, AUGMENTED_SAMPLES = 4000, 12000, 2000  # of a scene
FITTED_VARIANT = "+0"  # ends the names of augmented scenes that the last forest sees


def feature_names():
    text = open(FEATURES_H, encoding="utf-8").read()
    body = text[text.index("enum confidence_feature {"):text.index("FEATURE_COUNT,")]
    return [name.lower() for name in re.findall(r"^\s+FEATURE_(\w+),", body, re.M)]


NAMES = feature_names()
HEAD = 9  # bytes of a record before its features
RECORD = np.dtype({
    "names": ["scene", "measured", "kept", "band", "raw", "final", "confidence", "features",
              "final_features"],
    "formats": ["u1", "u1", "u1", "u1", "<u2", "<u2", "u1", *[("u1", (len(NAMES),))] * 2],
    "offsets": [0, 1, 2, 3, 4, 6, 8, HEAD, HEAD + len(NAMES)],
    "itemsize": (HEAD + 2 * len(NAMES) + 1) // 2 * 2,
})


def family_of(scene):
    if scene.startswith(("kitti", "kx")):
        return KITTI
    if scene.startswith("synthetic"):
        return SYNTHETIC
    year = scene[10:14] if scene.startswith("middlebury") else scene[2:6]
    return {"2001": 0, "2003": 0, "2005": 1, "2006": 1, "2014": 2}[year]


def half_of(scene):
    """Views of one scene (mb2006_Aloe_m, middlebury2006/Aloe) fall into one half."""
    name = re.match("[A-Za-z]*", re.sub(r"^(\w+/|mb\d+_|synthetic_)", "", scene)).group()
    return sum(name.encode()) % 2 == 1


class Dump:
    """Records of all scenes with their families."""

    def __init__(self, options, arguments, tables, tag, first_tables=None):
        parts = []
        for directory, scene, samples in ((options.data, "", JUDGED_SAMPLES),
                                          (options.train, "mb", SAMPLES),
                                          (options.synthetic, "synthetic", SAMPLES),
                                          (options.augmented, "+", AUGMENTED_SAMPLES)):
            path = os.path.join(options.work, f"{tag}.bin")
            command = [os.path.join(options.build, "tests", "bench_confidence"), directory,
                       *arguments, "--scene", scene, "--dump", path,
                       "--samples", str(samples)]
            if tables:
                command += ["--tables", tables]
            if first_tables:
                command += ["--first-tables", first_tables]
            listing = subprocess.run(command, check=True, capture_output=True, text=True)
            scenes = re.findall(r"^\d+ (\S+)$", listing.stdout, re.M)
            records = np.fromfile(path, RECORD)
            if scene == "synthetic":  # they shall be known, not rule
                records = records[::SYNTHETIC_ONE_IN]
            parts.append((records, np.array(scenes)[records["scene"]],
                          np.full(len(records), not scene)))
        self.records, names, judged = map(np.concatenate, zip(*parts))
        self.sort_scenes(names, judged)

    def sort_scenes(self, names, judged):
        """What each record's scene is. Of judged ones as many are fitted as of others."""
        scenes, which = np.unique(names, return_inverse=True)
        self.family = np.array([family_of(s) for s in scenes])[which]
        self.half = np.array([half_of(s) for s in scenes])[which]
        self.augmented = np.array(["+" in s for s in scenes])[which]
        self.further = self.augmented & ~np.array([s.endswith(FITTED_VARIANT)
                                                   for s in scenes])[which]
        self.judged = judged
        self.thinned = np.ones(len(names), bool)
        self.thinned[judged] = np.arange(judged.sum()) % (JUDGED_SAMPLES // SAMPLES) == 0

    def known(self, left_out):
        return ((self.records["measured"] == 1) & self.thinned & (self.family != left_out)
                & (self.family != KITTI))

    def fitted(self, name, left_out):
        """What a forest of this name is fitted to."""
        if name == "final":
            return self.known(left_out) & ~self.further & (self.records["kept"] == 1)
        return self.known(left_out) & ~self.augmented


def best_split(features, node, nodes, g, h):
    """The question that divides all nodes best: (feature, threshold)."""
    best = (-1.0, 0, 0)
    for i, feature in enumerate(features):
        index = node * 256 + feature
        left_g = np.cumsum(np.bincount(index, g, nodes * 256).reshape(nodes, 256), 1)
        left_h = np.cumsum(np.bincount(index, h, nodes * 256).reshape(nodes, 256), 1)
        right_g, right_h = left_g[:, -1:] - left_g, left_h[:, -1:] - left_h
        gain = (left_g ** 2 / (left_h + RIDGE) + right_g ** 2 / (right_h + RIDGE)).sum(0)[:255]
        threshold = int(np.argmax(gain))
        if gain[threshold] > best[0]:
            best = (float(gain[threshold]), i, threshold)
    return best[1], best[2]


def leaf_index(features, tree):
    index = np.zeros(features.shape[1], np.int64)
    for i in range(DEPTH):
        index |= (features[tree[0][i]] > tree[1][i]).astype(np.int64) << i
    return index


def fit_tree(features, asked, right, score, generator):
    pick = np.flatnonzero(generator.random(len(right)) < SHARE)
    probability = 1 / (1 + np.exp(-score[pick] / LEAF_UNIT))
    g = right[pick] - probability
    h = np.maximum(probability * (1 - probability), 1e-4)
    picked = features[:, pick]
    node = np.zeros(picked.shape[1], np.int64)
    questions, thresholds = [], []
    for depth in range(DEPTH):
        tried = generator.permutation(asked.columns)[:TRIED[asked.forest]]
        i, threshold = best_split(picked[tried], node, 1 << depth, g, h)
        questions.append(int(tried[i]))
        thresholds.append(threshold)
        node |= (picked[tried[i]] > threshold).astype(np.int64) << depth
    leaves = asked.rate * np.bincount(node, g, 16) / (np.bincount(node, h, 16) + RIDGE)
    leaves = np.clip(np.round(leaves * LEAF_UNIT), -LEAF_ZERO, LEAF_ZERO - 1)
    return questions, thresholds, (leaves.astype(int) + LEAF_ZERO).tolist()


def features_of(name, records):
    """Rows of features, as the forest of this name sees them."""
    of_map = "final_features" if name == "final" else "features"
    return np.ascontiguousarray(records[of_map].T)


class Asked:
    """What a forest may ask about in this set."""

    def __init__(self, set_name, forest):
        self.forest = forest
        many = set_name == "quality" and forest == "final"
        self.trees = MANY_TREES if many else TREES[forest]
        self.rate = SLOW_RATE if many else RATE[forest]
        self.columns = [NAMES.index(n) for n in ASKED[set_name][forest].split()]


def fit_forest(features, errors, asked):
    generator = np.random.default_rng(SEED)
    right = (errors <= RANK_ERROR).astype(float)
    base = int(round(np.log(right.mean() / (1 - right.mean())) * LEAF_UNIT))
    score = np.full(len(right), base, np.int64)
    trees = []
    for _ in range(asked.trees):
        tree = fit_tree(features, asked, right, score, generator)
        score += np.array(tree[2])[leaf_index(features, tree)] - LEAF_ZERO
        trees.append(tree)
    return {"base": base, "trees": trees}


def scores_of(forest, features):
    total = np.full(features.shape[1], forest["base"], np.int64)
    for tree in forest["trees"]:
        total += np.array(tree[2])[leaf_index(features, tree)] - LEAF_ZERO
    return np.clip(SCORE_ZERO + (total >> 2), 0, 255)


def fit_curve(scores, errors):
    """Share right within a pixel by score: pooled until it rises, straight in between."""
    blocks = []  # mean score, share, weight
    for score in range(256):
        here = errors[scores == score]
        if len(here) == 0:
            continue
        blocks.append([score, np.mean(here <= RIGHT_ERROR), len(here)])
        while len(blocks) > 1 and (blocks[-2][1] >= blocks[-1][1] or blocks[-1][2] < 200):
            a, b = blocks[-2:]
            weight = a[2] + b[2]
            blocks[-2:] = [[(a[0] * a[2] + b[0] * b[2]) / weight,
                            (a[1] * a[2] + b[1] * b[2]) / weight, weight]]
    shares = np.interp(np.arange(256), [b[0] for b in blocks], [b[1] for b in blocks])
    return np.clip(np.round(255 * shares), 1, 255).astype(int)


def fit_sigmas(scores, errors):
    """68 % of the pixels whose score reaches i units are off by at most sigmas[i], 1/64 px."""
    sigmas = []
    for i in range(256 // SCORE_UNIT):
        here = errors[scores // SCORE_UNIT == i]
        value = 4 * np.quantile(here, 0.68) if len(here) > 100 else 255
        sigmas.append(int(min(255, max(1, value), sigmas[-1] if sigmas else 255)))
    return sigmas


def write_tables(path, tables):
    with open(path, "w", encoding="utf-8") as file:
        for name in TREES:
            forest = tables.get(name, {"base": LEAF_UNIT, "trees": []})
            file.write(f"{name} {len(forest['trees'])} {forest['base']}\n")
            for questions, thresholds, leaves in forest["trees"]:
                print(*questions, *thresholds, *leaves, file=file)
        if "curve" in tables:
            print("curve", *tables["curve"], file=file)


def tables_path(options, set_name, left_out):
    return os.path.join(options.work, f"{set_name}_tables_{FAMILIES[left_out]}.txt"
                        if left_out is not None else f"{set_name}_tables.txt")


def first_tables_of(options, left_out):
    """Of the first pass: the built-in ones know every family."""
    judged = options.set == "quality" and left_out is not None
    return tables_path(options, "balanced", left_out) if judged else None


def unseen_scores(options, taught, dump, left_out):
    """Scores of what is known in `dump`, each by a forest fitted to the other half of the
    scenes of `taught`, and errors: a forest is surer of its own scenes than of others."""
    asked = Asked(options.set, "final")
    known = dump.known(left_out) & (dump.records["kept"] == 1)
    fitted = taught.fitted("final", left_out)
    scores = np.zeros(len(known), np.int64)
    for first in (True, False):
        seen = taught.records[fitted & (taught.half == first)]
        judged = known & (dump.half != first)
        forest = fit_forest(features_of("final", seen), seen["final"], asked)
        scores[judged] = scores_of(forest, features_of("final", dump.records[judged]))
    return scores[known], dump.records["final"][known]


def taught_dump(options, tables, tag, first_tables=None):
    """Of what forests are fitted to."""
    arguments = SETS[options.set] + TAUGHT.get(options.set, [])
    return Dump(options, arguments, tables, tag, first_tables)


def last_dump(options, taught, tables, first_tables):
    """Of all that the last forest will judge."""
    if options.set not in TAUGHT:
        return taught
    return Dump(options, SETS[options.set], tables, f"{options.set}_last", first_tables)


def fit_last(options, tables, left_out, taught, dump):
    """The last forest, its curve and sigmas, on dumps made with the ones before."""
    records = taught.records[taught.fitted("final", left_out)]
    tables["final"] = fit_forest(features_of("final", records), records["final"],
                                 Asked(options.set, "final"))
    scores, errors = unseen_scores(options, taught, dump, left_out)
    tables["curve"] = fit_curve(scores, errors)
    tables["sigmas"] = fit_sigmas(scores, errors)
    write_tables(tables_path(options, options.set, left_out), tables)


def fit_set(options, left_out, first_dump):
    """The tables without a family, and the last dump: made with local and raw."""
    tables, taught = {}, first_dump
    path = tables_path(options, options.set, left_out)
    first_tables = first_tables_of(options, left_out)
    for name in ("local", "raw"):
        records = taught.records[taught.fitted(name, left_out)]
        tables[name] = fit_forest(features_of(name, records), records["raw"],
                                  Asked(options.set, name))
        write_tables(path, tables)
        taught = taught_dump(options, path, f"{options.set}_{name}", first_tables)
    dump = last_dump(options, taught, path, first_tables)
    fit_last(options, tables, left_out, taught, dump)
    return tables, dump


def built_in(set_name, name):
    """A forest of the C tables."""
    with open(c_path(set_name), encoding="utf-8") as file:
        text = file.read()
    body = text[text.index(f"forest_tree {name}[] = {{"):]
    trees = []
    for found in re.finditer(r"\{\{(.*)\}, \{(.*)\}, \{(.*)\}\},", body[:body.index("};")]):
        leaves, questions, thresholds = ([int(n) for n in part.split(",")]
                                         for part in found.groups())
        trees.append((questions, thresholds, leaves))
    base = int(re.search(rf"\.{name} = \{{\d+, (-?\d+)", text).group(1))
    return {"base": base, "trees": trees}


def refit_set(options, first_dump):
    tables = {name: built_in(options.set, name) for name in ("local", "raw")}
    dump = last_dump(options, first_dump, None, None)
    fit_last(options, tables, None, first_dump, dump)
    return tables, dump


def c_path(set_name):
    return os.path.join(HERE, "..", "src", "refine", f"confidence_tables_{set_name}.c")


def numbers(values):
    return "{" + ", ".join(map(str, values)) + "}"


def c_forest(set_name, name, forest):
    lines = [f"static const struct forest_tree {name}[] = {{"]
    for questions, thresholds, leaves in forest["trees"]:
        lines.append(f"    {{{numbers(leaves)}, {numbers(questions)}, {numbers(thresholds)}}},")
    return lines + ["};"]


def write_c(action, set_name, tables):
    path = c_path(set_name)
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */",
             f"/* Written by scripts/train_confidence.py {action} {set_name}: fitted to Middlebury",
             " * 2001-2014, augmented too, and to synthetic scenes. */", "/* clang-format off */",
             '#include "refine/confidence_tables.h"', "",
             "/* The features these numbers were fitted to. */",
             f"_Static_assert(FEATURE_COUNT == {len(NAMES)}, \"fit the tables again\");"]
    for i, name in enumerate(NAMES):
        lines.append(f"_Static_assert(FEATURE_{name.upper()} == {i}, \"fit the tables again\");")
    for name in TREES:
        lines += [""] + c_forest(set_name, name, tables[name])
    lines += ["", f"const struct confidence_tables confidence_tables_{set_name} = {{"]
    for name in TREES:
        forest = tables[name]
        asked = sum(1 << i for i in {i for tree in forest["trees"] for i in tree[0]})
        lines.append(f"    .{name} = {{{len(forest['trees'])}, {forest['base']}, "
                     f"{asked:#x}, {name}}},")
    lines += [f"    .curve = {numbers(tables['curve'])},",
              f"    .sigmas = {numbers(tables['sigmas'])},", "};", ""]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    print(path, os.path.getsize(path), "bytes")


def curve_of(confidence, kept, wrong):
    """Share of wrong ones among the surest of all pixels; ties count as their mean."""
    order = np.argsort(-confidence[kept].astype(float), kind="stable")
    sorted_confidence, sorted_wrong = confidence[kept][order], wrong[kept][order].astype(float)
    _, inverse, counts = np.unique(-sorted_confidence.astype(float), return_inverse=True,
                                   return_counts=True)
    total = np.cumsum((np.bincount(inverse, sorted_wrong) / counts)[inverse])
    values = []
    for coverage in COVERAGES:
        count = len(kept) * coverage // 100
        values.append(100 * total[count - 1] / count if count <= len(total) else np.nan)
    return values + [100 * np.mean(kept), 100 * total[-1] / len(total)]


def report(title, confidence, kept, errors):
    values = curve_of(confidence, kept, errors > 2 * RIGHT_ERROR)
    print(f"{title:10s} bad2 at " + " ".join(f"{c} %: {v:5.2f}" for c, v in
                                             zip(COVERAGES, values)) +
          f"  density {values[4]:.1f} bad2 {values[5]:.2f}", flush=True)


def report_deciles(title, confidence, errors):
    order = np.argsort(confidence, kind="stable")
    parts = [f"{100 * confidence[d].mean() / 255:.0f}/{100 * (errors[d] <= RIGHT_ERROR).mean():.0f}"
             for d in np.array_split(order, 10)]
    print(f"{title:10s} said/right by decile: " + " ".join(parts), flush=True)


def judge(options):
    first = taught_dump(options, None, f"{options.set}_first")
    confidence, kept, errors = [], [], []
    for left_out, name in enumerate(FAMILIES):
        tables, dump = fit_set(options, left_out, first)
        records = dump.records[(dump.family == left_out) & dump.judged]
        scores = scores_of(tables["final"], features_of("final", records))
        said = tables["curve"][scores]
        mask = records["kept"] == 1
        report(name, said, mask, records["final"])
        report_deciles(name, said[mask], records["final"][mask])
        confidence.append(said)
        kept.append(mask)
        errors.append(records["final"])
    report("all", *map(np.concatenate, (confidence, kept, errors)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("action", choices=["fit", "refit", "judge"])
    parser.add_argument("set", choices=list(SETS))
    parser.add_argument("--build", default=os.path.join(HERE, "..", "build"))
    parser.add_argument("--data", default=os.path.join(HERE, "..", "..", "shared", "data"))
    parser.add_argument("--train", default=os.path.join(HERE, "..", "..", "shared", "train"))
    parser.add_argument("--synthetic", required=True)
    parser.add_argument("--augmented", required=True)
    parser.add_argument("--work", default="/tmp")
    options = parser.parse_args()
    if options.action == "judge":
        judge(options)
        return
    first = taught_dump(options, None, f"{options.set}_first")
    fit = {"fit": lambda: fit_set(options, None, first),
           "refit": lambda: refit_set(options, first)}[options.action]
    tables, dump = fit()
    write_c(options.action, options.set, tables)
    records = dump.records[dump.judged & (dump.family != KITTI)]
    report("fitted on", tables["curve"][scores_of(tables["final"],
                                                features_of("final", records))],
           records["kept"] == 1, records["final"])


if __name__ == "__main__":
    sys.exit(main())
