#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Are --calibrate's standard deviations honest? Boards with known truth are rendered and calibrated
again and again; counted is how often the truth of a figure lies within two standard deviations,
and how far off it is. Figures: f and c of both cameras, baseline, turn between the cameras.

    bench_calibrate.py [--trials N] [--lens radtan|fisheye] [--pairs N] [--size WxH]
                       [--noise GREY] [--blur PX] [--jobs N] [--first SEED] [--json FILE]
"""
import argparse
import concurrent.futures
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import tempfile

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build"))
# Of synthetic_rig_make, for 640x480: fx fy cx cy of each camera; turn in radians; mm.
CAMERAS = {"radtan": [(540, 538, 327, 236), (536, 535, 315, 244)],
           "fisheye": [(190, 190.5, 322, 238), (191, 190.8, 317, 241)]}
TURN = (0.006, -0.011, 0.004)
BASELINE = math.hypot(80, 0.7, 1.1)


def true_figures(lens, size):
    """As make_boards scales its cameras."""
    width, height = map(int, size.split("x"))
    scale = width / 640
    truth = {}
    for side, (fx, fy, cx, cy) in zip(("left", "right"), CAMERAS[lens]):
        truth.update({f"{side}_fx": fx * scale, f"{side}_fy": fy * scale,
                      f"{side}_cx": (cx + 0.5) * scale - 0.5,
                      f"{side}_cy": cy - 240 + height / 2})
    return {**truth, "baseline": BASELINE, "turn_x": 0, "turn_y": 0, "turn_z": 0}


def rotation(vector):
    """Rodrigues' formula."""
    angle = math.sqrt(sum(x * x for x in vector))
    x, y, z = (c / angle for c in vector)
    c, s, t = math.cos(angle), math.sin(angle), 1 - math.cos(angle)
    return [[t * x * x + c, t * x * y - s * z, t * x * z + s * y],
            [t * x * y + s * z, t * y * y + c, t * y * z - s * x],
            [t * x * z - s * y, t * y * z + s * x, t * z * z + c]]


def turn_beyond(found, true):
    """Small rotation vector, degrees, that leads from `true` to `found`."""
    left = [[sum(found[i][k] * true[j][k] for k in range(3)) for j in range(3)] for i in range(3)]
    return [math.degrees((left[2][1] - left[1][2]) / 2),
            math.degrees((left[0][2] - left[2][0]) / 2),
            math.degrees((left[1][0] - left[0][1]) / 2)]


def read_result(text):
    """Values and standard deviations by figure."""
    def numbers(key):
        found = re.search(r"^%s:.*?data: \[([^\]]*)\]" % key, text, re.S | re.M)
        return [float(value) for value in found.group(1).split(",")]
    values = {"baseline": math.hypot(*numbers("T"))}
    for side, key in (("left", "M1"), ("right", "M2")):
        matrix = numbers(key)
        values.update({f"{side}_fx": matrix[0], f"{side}_fy": matrix[4],
                       f"{side}_cx": matrix[2], f"{side}_cy": matrix[5]})
    flat = numbers("R")
    found = [flat[0:3], flat[3:6], flat[6:9]]
    values.update(zip(("turn_x", "turn_y", "turn_z"), turn_beyond(found, rotation(TURN))))
    sigmas = {name: float(value) for name, value in
              re.findall(r"^(\w+)_sigma(?:_px|_degrees)?: (\S+)$", text, re.M)}
    return values, sigmas


def run_trial(options, seed):
    with tempfile.TemporaryDirectory() as base:
        folder, output = pathlib.Path(base, "boards"), pathlib.Path(base, "rig.yml")
        subprocess.run([BUILD / "tests" / "make_boards", folder, "--seed", str(seed), "--lens",
                        options.lens, "--size", options.size, "--pairs", str(options.pairs),
                        "--noise", str(options.noise), "--blur", str(options.blur)], check=True)
        done = subprocess.run([BUILD / "process_offline", "--calibrate", "--input", folder,
                               "--output", output, "--board", "9x6", "--square", "25",
                               "--distortion", options.lens, "--workers", "1"],
                              capture_output=True, text=True, check=False)
        row = {"seed": seed, "status": done.returncode}
        if done.returncode != 0:
            return {**row, "said": done.stderr.strip()}
        text = output.read_text()
        values, sigmas = read_result(text)
        truth = true_figures(options.lens, options.size)
        row["errors"] = {name: values[name] - truth[name] for name in truth}
        row["sigmas"] = {name: sigmas[name] for name in truth}
        row["turn_degrees"] = math.hypot(*(row["errors"][f"turn_{k}"] for k in "xyz"))
        for key in ("reprojection_rms_px", "held_out_rows_rms_px", "views_used"):
            row[key] = float(re.search(r"^%s: (\S+)$" % key, text, re.M).group(1))
        return row


def root_mean_square(values):
    return math.sqrt(sum(value * value for value in values) / len(values))


def shares(name, errors, truth):
    """Of what a thousandth is asked: focal lengths and the baseline."""
    if "f" not in name.rsplit("_", maxsplit=1)[-1] and name != "baseline":
        return {"largest_share": None}
    of_truth = [abs(error) / truth[name] for error in errors]
    return {"largest_share": max(of_truth), "median_share": statistics.median(of_truth),
            "within_a_thousandth": sum(share <= 0.001 for share in of_truth)}


def sum_up(options, rows):
    done = [row for row in rows if row["status"] == 0]
    truth = true_figures(options.lens, options.size)
    figures = {}
    for name in truth if done else ():
        errors = [row["errors"][name] for row in done]
        ratios = [row["errors"][name] / row["sigmas"][name] for row in done]
        figures[name] = {"within_two_sigma": sum(abs(ratio) <= 2 for ratio in ratios),
                         "rms_in_sigmas": root_mean_square(ratios),
                         "mean_in_sigmas": sum(ratios) / len(ratios),
                         "rms_error": root_mean_square(errors),
                         "largest_error": max(map(abs, errors)),
                         "median_sigma": statistics.median(row["sigmas"][name] for row in done),
                         **shares(name, errors, truth)}
    turns = sorted(row["turn_degrees"] for row in done)
    return {"options": vars(options), "trials": len(rows), "calibrated": len(done),
            "turn_degrees": {"median": turns[len(turns) // 2], "largest": turns[-1],
                             "within_0.02": sum(turn <= 0.02 for turn in turns)} if done else None,
            "figures": figures, "rows": rows}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--lens", choices=CAMERAS, default="radtan")
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--size", default="400x300")
    parser.add_argument("--noise", type=float, default=2)
    parser.add_argument("--blur", type=float, default=0.7)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--first", type=int, default=101)
    parser.add_argument("--json")
    return parser.parse_args()


def main():
    options = parse()
    seeds = range(options.first, options.first + options.trials)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        rows = list(pool.map(lambda seed: run_trial(options, seed), seeds))
    result = sum_up(options, rows)
    for row in rows:
        if row["status"] != 0:
            print(f"seed {row['seed']}: status {row['status']}: {row['said'][:200]}")
    for name, figure in result["figures"].items():
        print(f"{name:9} within two sigma {figure['within_two_sigma']:3} of "
              f"{result['calibrated']}, error rms {figure['rms_in_sigmas']:.2f} sigma, mean "
              f"{figure['mean_in_sigmas']:+.2f}; rms {figure['rms_error']:.4f}, largest "
              f"{figure['largest_error']:.4f}" +
              (f" ({100 * figure['largest_share']:.3f} %); median {100 * figure['median_share']:.3f} %, "
               f"within 0.1 % in {figure['within_a_thousandth']}; median sigma "
               f"{figure['median_sigma']:.4f}" if figure["largest_share"] else ""))
    print(f"turn, degrees: {result['turn_degrees']}")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
