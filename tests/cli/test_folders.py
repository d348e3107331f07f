#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One folder for each layout and calibration format that exists in this field, made up with a
known scene or taken from real captures, run with no options but those the row is about. The
table of what came out is printed; the clouds must hold the scene."""
import array
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import rig_files as rigs
import suite

TOOL = os.path.join(os.environ.get("PO_BINARY_DIR", "build"), "process_offline")
DATA = os.environ.get("PO_TEST_DATA", os.path.join(
    os.environ.get("PO_SOURCE_DIR", "."), "..", "shared", "data"))
SIDES = ("left", "right")

problems = []


def complain(text, *values):
    problems.append(text % values)


class Studio:
    """Rigs, what they saw, and folders made of it."""

    def __init__(self, root):
        self.root = root
        self.ideal = rigs.ideal_rig()
        self.raw = rigs.raw_rig()
        self.fisheye = rigs.raw_rig(lens="fisheye")
        self.zed = rigs.Rig(
            rigs.Camera(350.0, 338.0, 186.0, distortion=(-0.17, 0.025, 0.0, 0.0, 0.0)),
            rigs.Camera(351.0, 334.5, 190.0, distortion=(-0.165, 0.024, 0.0, 0.0, 0.0)),
            (672, 376), turn=(0.3, 0.5, -0.2), move=(-120.0, 0.4, -0.6))
        skewed = [rigs.Camera(c.fx, c.cx, c.cy, c.fy, 4.0 - 7.0 * i, c.lens, c.distortion)
                  for i, c in enumerate(self.raw.cameras)]
        self.skewed = rigs.Rig(*skewed, turn=self.raw.turn, move=self.raw.move)
        shift = 30.0  # as if the right image had been cropped: all disparities below zero
        self.converging = rigs.Rig(rigs.Camera(300.0, 160.0, 120.0),
                                   rigs.Camera(300.0, 160.0 + shift, 120.0))
        self.film = {}

    def pairs(self, rig, count=2):
        film = self.film.setdefault(id(rig), [])
        while len(film) < count:
            film.append(rig.photograph(os.path.join(self.root, "film"), len(film) + 1))
        return film[:count]

    def folder(self, name, files):
        path = os.path.join(self.root, name.replace(" ", "_"))
        for file, text in files.items():
            rigs.write_text(os.path.join(path, file), text)
        return path

    def make(self, name, rig, pattern, files, write=rigs.write_png,
             count=2):  # pylint: disable=too-many-arguments
        """`pattern` gives the path of an image from side and frame."""
        path = self.folder(name, files)
        for frame, pair in enumerate(self.pairs(rig, count)):
            for side, image in enumerate(pair):
                write(os.path.join(path, pattern(side, frame)), image)
        return path


def run(folder, out, options):
    result = subprocess.run([TOOL, "--input", folder, "--output", out, *options],
                            capture_output=True, text=True, timeout=300, check=False)
    report = None
    if os.path.exists(os.path.join(out, "report.json")):
        with open(os.path.join(out, "report.json"), encoding="utf-8") as file:
            report = json.load(file)
    return result, report


def points_of(out, frame):
    with open(os.path.join(out, "frames", frame, "cloud.ply"), "rb") as file:
        head, body = file.read().split(b"end_header\n", 1)
    count = int(head.split(b"element vertex ")[1].split()[0])
    size = len(body) // max(count, 1)
    return [struct.unpack_from("<3f", body, i * size) for i in range(count)]


def depths_of(out, report):
    """z of every point of every cloud."""
    depths = array.array("f")
    for frame in report["frames"]:
        with open(os.path.join(out, "frames", frame["id"], "cloud.ply"), "rb") as file:
            head, body = file.read().split(b"end_header\n", 1)
        count = int(head.split(b"element vertex ")[1].split()[0])
        size = len(body) // max(count, 1)
        for i in range(count):
            depths.append(struct.unpack_from("<f", body, i * size + 8)[0])
    return depths


def scene_is_there(name, rig, depths, unit):
    """Nearly all points lie on the wall or on the board, and both have many."""
    share = []
    for true in rig.depths:
        share.append(sum(abs(z * unit - true) < 0.03 * true for z in depths) / len(depths))
    if sum(share) < 0.97 or min(share) < 0.05:
        complain("%s: only %.1f %% of the points lie on the wall and %.1f %% on the board", name,
                 100 * share[0], 100 * share[1])
    return "wall %.0f %% board %.0f %%" % (100 * share[0], 100 * share[1])


def disparities_of(out, report):
    values = []
    for frame in report["frames"]:
        with open(os.path.join(out, "frames", frame["id"], "disparity.pfm"), "rb") as file:
            head = [file.readline() for _ in range(3)]
            width, height = map(int, head[1].split())
            order = "<" if float(head[2]) < 0 else ">"
            values += struct.unpack("%s%df" % (order, width * height), file.read())
    return [v for v in values if v not in (float("inf"), float("-inf")) and v == v]


def warns_of_negative_disparities(name, report):
    """Which camera is the left one, nobody has said."""
    if not any("below zero" in text and "--swap" in text for text in report["warnings"]):
        complain("%s: no word of --swap in %s", name, report["warnings"])


def disparity_is_right(name, rig, out, report):
    """Without calibration: the two disparities of the scene, whatever their sign."""
    values = disparities_of(out, report)
    left, right = rig.cameras
    share = []
    for true in rig.depths:
        expected = left.fx * rig.baseline() / true - (right.cx - left.cx)
        share.append(sum(abs(v - expected) < 0.5 for v in values) / len(values))
    if sum(share) < 0.9 or min(share) < 0.1:
        complain("%s: only %.1f %% and %.1f %% of the disparities are right", name,
                 100 * share[0], 100 * share[1])
    if max(values) < 0:
        warns_of_negative_disparities(name, report)
    return "disparities %.0f..%.0f" % (min(values), max(values))


# pylint: disable-next=too-many-arguments,too-many-locals
def row(name, folder, layout, calibration, options=(), rig=None, unit=1.0, frames=2,
        median_mm=None, unit_name="mm", bad2=None):
    """Runs one folder and asserts what it gives; `unit` millimetres make the cloud's one."""
    out = os.path.join(os.path.dirname(folder), "out_" + os.path.basename(folder))
    result, report = run(folder, out, options)
    said = "exit %d" % result.returncode
    status = 5 if calibration is None else 0  # the clouds that are asked for are not there
    if result.returncode != status or report is None or report["totals"]["done"] != frames:
        complain("%s: %s, want %d frames done\n%s%s", name, said, frames, result.stdout,
                 result.stderr)
    else:
        said = "%d done, " % frames
        formats = {c["format"] for c in report["calibration"]}
        units = {c["unit"] for c in report["calibration"]}
        if report["layout"] != layout:
            complain("%s: layout %s, want %s", name, report["layout"], layout)
        if formats != ({calibration} if calibration else set()):
            complain("%s: calibration %s, want %s", name, formats, calibration)
        if calibration is None:
            said += disparity_is_right(name, rig, out, report) if rig else "disparity only"
        else:
            if units != {unit_name}:
                complain("%s: unit %s, want %s", name, units, unit_name)
            depths = sorted(depths_of(out, report))
            said += "%d points, z %.0f..%.0f %s" % (
                len(depths), depths[len(depths) // 100], depths[-len(depths) // 100], unit_name)
            if rig:
                said += ", " + scene_is_there(name, rig, depths, unit)
            if bad2 is not None:
                scores = report["frames"][0]["scores"]["dense_all"]
                said += ", %.1f %% wrong by 2 px" % scores["bad2"]
                if not scores["bad2"] < bad2 or not scores["density"] > 95:
                    complain("%s: scores %s, want bad2 below %s", name, scores, bad2)
            middle = depths[len(depths) // 2]
            if median_mm and not median_mm[0] <= middle <= median_mm[1]:
                complain("%s: median depth %.1f, want %s", name, middle, median_mm)
    print_row(name, layout, calibration, options, said)
    shutil.rmtree(out, ignore_errors=True)


def refused(name, folder, status, words, layout, calibration, options=()):
    """Nothing to be had: the reason in plain words."""
    result, _ = run(folder, folder + ".out", options)
    print_row(name, layout, calibration, options, "exit %d: %s" % (
        result.returncode, result.stderr.strip().splitlines()[-1][-90:]))
    if result.returncode != status or not all(word in result.stderr for word in words):
        complain("%s: exit %d, want %d and %s\n%s", name, result.returncode, status, words,
                 result.stderr)


def print_row(name, layout, calibration, options, said):
    print("%-30s %-18s %-12s %-28s %s" % (name, layout, calibration or "none",
                                         " ".join(options) or "(no options)", said))


def by_folder(ending=".png", names=SIDES, digits=3):
    return lambda side, frame: "%s/%0*d%s" % (names[side], digits, frame, ending)


def plain_layouts(studio):
    ideal, raw = studio.ideal, studio.raw
    json_long = calib.unlook_json_long(raw)
    row("Middlebury 2014", studio.make("mb14", ideal, lambda s, f: "im%d.png" % s,
                                       calib.middlebury(ideal), count=1),
        "middlebury-scene", "middlebury", rig=ideal, frames=1)
    row("Middlebury 2021 (im0, spaces)", studio.make(
        "mb21", ideal, lambda s, f: "im%d.png" % s, calib.middlebury(ideal, spaced=True),
        count=1), "middlebury-scene", "middlebury", rig=ideal, frames=1)
    truth = studio.make("truth", ideal, lambda s, f: "im%d.png" % s, calib.middlebury(ideal),
                        count=1)
    rigs.write_floats(os.path.join(truth, "disp0GT.pfm"), *ideal.size, ideal.disparities())
    row("with ground truth", truth, "middlebury-scene", "middlebury", ("--ground-truth", "auto"),
        ideal, frames=1, bad2=2.0)
    scenes = {"scene%d/calib.txt" % i: calib.middlebury(ideal)["calib.txt"] for i in (0, 1)}
    row("folder of scenes", studio.make("scenes", ideal, lambda s, f: "scene%d/im%d.png" % (f, s),
                                        scenes), "scene-folders", "middlebury", rig=ideal)
    for name, a, b in (("Middlebury 2001", "im2.ppm", "im6.ppm"),
                       ("Middlebury 2006", "view1.png", "view5.png")):
        write = rigs.write_ppm if a.endswith("ppm") else rigs.write_png
        row(name, studio.make(name, ideal, lambda s, f, a=a, b=b: (a, b)[s], {}, write, 1),
            "middlebury-scene", None, rig=ideal, frames=1)
    row("left/ right/, TIFF", studio.make("tiff", raw, by_folder(".tif"), json_long,
                                          rigs.write_tiff),
        "left-right-folders", "unlook-json", rig=raw)
    row("left/ right/, 16-bit TIFF", studio.make(
        "tiff16", raw, by_folder(".tiff"), json_long,
        lambda p, i: rigs.write_tiff(p, i, 16)), "left-right-folders", "unlook-json", rig=raw)
    row("left/ right/, PGM", studio.make("pgm", raw, by_folder(".pgm"), json_long,
                                         rigs.write_pgm),
        "left-right-folders", "unlook-json", rig=raw)
    row("left/ right/, 16-bit PNG", studio.make(
        "png16", raw, by_folder(), json_long, lambda p, i: rigs.write_png(p, i, 16)),
        "left-right-folders", "unlook-json", rig=raw)
    row("left/ right/, PPM", studio.make("ppm", ideal, by_folder(".ppm"),
                                         calib.middlebury(ideal), rigs.write_ppm),
        "left-right-folders", "middlebury", rig=ideal)
    row("left/ right/, raw Q", studio.make("q", ideal, by_folder(".pgm"), calib.q_text(ideal),
                                           rigs.write_pgm),
        "left-right-folders", "q-matrix", rig=ideal)
    refused("pictures of floats (PFM)", studio.make(
        "pfm", ideal, by_folder(".pfm"), calib.q_text(ideal), rigs.write_pfm), 4,
            ["a map of floats, not a picture"], "left-right-folders", "q-matrix")
    row("one folder down", os.path.dirname(studio.make(
        "down/capture", raw, by_folder(), json_long)), "left-right-folders", "unlook-json",
        rig=raw)
    row("cropped: disparities below 0", studio.make("converging", studio.converging,
                                                    by_folder(), {}),
        "left-right-folders", None, rig=studio.converging)


def unlook(studio):
    raw = studio.raw
    row("UnLook JSON, long keys", studio.make("long", raw, by_folder(),
                                              calib.unlook_json_long(raw)),
        "left-right-folders", "unlook-json", rig=raw)
    row("UnLook JSON, K1 D1 K2 D2", studio.make(
        "short", raw, lambda s, f: "%s_%03d.png" % (SIDES[s], f), calib.unlook_json_short(raw)),
        "named-pairs", "unlook-json", rig=raw)
    info = json.dumps({"image_pairs": [
        {"left_filename": "frame_%03d.png" % i, "right_filename": "frame_%03d.png" % i}
        for i in (0, 1)]})
    frames = lambda s, f: "%s/frame_%03d.png" % (SIDES[s], f)
    skewed = studio.skewed
    for name, rig, files in (("first", raw, calib.unlook_yaml_first(raw)),
                             ("second", skewed, calib.unlook_yaml_second(skewed))):
        row("UnLook dataset, %s YAML" % name, studio.make(
            "dataset_" + name, rig, frames, {"dataset_info.json": info, **files}),
            "unlook-dataset", "unlook-yaml", rig=rig)
    patterns = ("reference_white", "phase_shift_f1_s1")
    shot = lambda s, f: "%s_%03d_%s.png" % (SIDES[s], f, patterns[f])
    metadata = json.dumps({"session": "2025", "patterns": list(patterns)})
    for name, text in (("whole", metadata), ("truncated", metadata[:25])):
        row("UnLook capture, %s metadata" % name, studio.make(
            "capture_" + name, raw, shot,
            {"metadata.json": text, **calib.unlook_json_short(raw)}),
            "unlook-capture", "unlook-json", rig=raw, frames=1)
    refused("UnLook, one camera", studio.make(
        "primary", raw, lambda s, f: "primary_%03d_reference_white.png" % f,
        {"metadata.json": metadata, **calib.unlook_json_short(raw)}), 4,
            ["one camera (primary_*)", "stereo needs"], "unlook-capture", "unlook-json")


def opencv_and_robots(studio):
    raw, fisheye = studio.raw, studio.fisheye
    square = 25.0
    named = lambda s, f: "%s%02d.png" % (SIDES[s], f + 1)
    row("OpenCV sample, squares", studio.make("sample", raw, named, calib.opencv_split(
        raw, unit=square)), "named-pairs", "opencv", rig=raw, unit=square, unit_name="squares")
    row("OpenCV sample, in mm", studio.make("sample_mm", raw, named, calib.opencv_split(
        raw, unit=square)), "named-pairs", "opencv", ("--calibration-unit", "square:25"), raw)
    row("OpenCV, one file", studio.make("opencv", raw, named, calib.opencv_one(raw)),
        "named-pairs", "opencv", rig=raw)
    row("ROS camera_info", studio.make("ros", raw, lambda s, f: "%s-%04d.png" % (SIDES[s], f),
                                       calib.ros(raw)), "named-pairs", "ros", rig=raw)
    cams = by_folder(names=("cam0", "cam1"))
    row("Kalibr, radtan", studio.make("kalibr", raw, cams, calib.kalibr(
        rigs.Rig(*raw.cameras, raw.size, raw.turn, raw.move))), "left-right-folders", "kalibr",
        rig=raw)
    row("Kalibr, equidistant", studio.make("equi", fisheye, cams, calib.kalibr(fisheye)),
        "left-right-folders", "kalibr", rig=fisheye)
    refused("Kalibr, omni", studio.make("omni", raw, cams, calib.kalibr(raw, model="omni")), 5,
            ["omni", "not supported"], "left-right-folders", "kalibr")
    row("Kalibr, three cameras", studio.make("three", raw, cams, calib.kalibr(raw, cameras=3)),
        "left-right-folders", "kalibr", ("--cameras", "0,1"), raw)
    start, late_ns = 1403636579763555584, 1800000
    stamped = lambda s, f: "mav0/cam%d/data/%d.png" % (s, start + f * 50000000 + s * late_ns)
    tables = {"mav0/cam%d/data.csv" % s: "#timestamp [ns],filename\n" + "".join(
        "%d,%s\r\n" % (start + f * 50000000 + s * late_ns, os.path.basename(stamped(s, f)))
        for f in (0, 1)) for s in (0, 1)}
    row("EuRoC, clocks 1.8 ms apart", studio.make("euroc", raw, stamped,
                                                  {**calib.euroc(raw), **tables}),
        "euroc", "euroc", rig=raw)


def cars(studio):
    ideal = studio.ideal
    kitti = lambda a, b: lambda s, f: "image_%d/%06d.png" % ((a, b)[s], f)
    row("KITTI odometry, grey", studio.make("odometry", ideal, kitti(0, 1), calib.kitti(ideal)),
        "kitti", "kitti", rig=ideal)
    colour = lambda p, i: rigs.write_png(p, i, channels=3)
    row("KITTI 2015, colour", studio.make(
        "colour", ideal, lambda s, f: "image_%d/%06d_10.png" % (2 + s, f),
        {**calib.kitti(ideal, "calib/000000.txt", 2), **calib.kitti(
            ideal, "calib/000001.txt", 2)}, colour), "kitti", "kitti", rig=ideal)
    drive = studio.make("drives/2011_09_26/drive_0001_sync", ideal,
                        lambda s, f: "image_%02d/data/%010d.png" % (s, f), {})
    rigs.write_text(os.path.join(os.path.dirname(drive), "calib_cam_to_cam.txt"),
                    calib.kitti_raw(ideal)["calib_cam_to_cam.txt"])
    row("KITTI raw drive", drive, "kitti", "kitti-raw", rig=ideal)
    row("Karlsruhe", studio.make("karlsruhe", ideal, by_folder(), calib.karlsruhe(ideal)),
        "left-right-folders", "karlsruhe", rig=ideal)


def halves_and_globs(studio):
    ideal, zed = studio.ideal, studio.zed
    for name, scale in (("mm", 1.0), ("metres", 1e-3)):
        halves = studio.folder("zed_" + name, calib.zed(zed, scale=scale))
        for frame, pair in enumerate(studio.pairs(zed, 1)):
            rigs.write_png(os.path.join(halves, "frame_%d.png" % frame), pair[0].beside(pair[1]))
        row("ZED, halves, %s" % name, halves, "side-by-side", "zed", rig=zed, frames=1)
    for name, options in (("sbs", ()), ("plain", ("--layout", "side-by-side"))):
        halves = studio.folder("halves_" + name, calib.middlebury(ideal))
        for frame, pair in enumerate(studio.pairs(ideal)):
            rigs.write_png(os.path.join(halves, "%s_%d.png" % (name, frame)),
                           pair[0].beside(pair[1]))
        row("side by side, %s names" % name, halves, "side-by-side", "middlebury", options, ideal)
    row("names of no rule", studio.make(
        "globs", ideal, lambda s, f: ("links/p%d.png", "rechts/q%d.png")[s] % f,
        calib.middlebury(ideal)), "globs", "middlebury",
        ("--left-glob", "links/p*.png", "--right-glob", "rechts/q*.png"), ideal)


def excerpt(studio, name, images, others=()):
    """The first images of a real session and its other files; None where it is absent."""
    source = os.path.join(DATA, name)
    if not os.path.isdir(source):
        print("%-30s skipped: %s is absent" % (name, source))
        return None
    target = os.path.join(studio.root, "real_" + name.replace("/", "_"))
    for file in list(images) + list(others):
        os.makedirs(os.path.dirname(os.path.join(target, file)), exist_ok=True)
        shutil.copy(os.path.join(source, file), os.path.join(target, file))
    return target


def first(name, folder, count):
    path = os.path.join(DATA, name, folder)
    names = sorted(os.listdir(path)) if os.path.isdir(path) else []
    return [os.path.join(folder, file) for file in names if not file.endswith(".csv")][:count]


def real(studio):
    folder = excerpt(studio, "karlsruhe_a", first("karlsruhe_a", "left", 2) +
                     first("karlsruhe_a", "right", 2), ["calib.txt"])
    if folder:
        row("real: Karlsruhe", folder, "left-right-folders", "karlsruhe",
            median_mm=(5000, 20000))
    folder = excerpt(studio, "euroc_v1_excerpt", [
        file for cam in ("cam0", "cam1")
        for file in first("euroc_v1_excerpt", "mav0/%s/data" % cam, 2)],
                     ["mav0/%s/sensor.yaml" % cam for cam in ("cam0", "cam1")])
    if folder:
        row("real: EuRoC", folder, "euroc", "euroc", median_mm=(1000, 6000))
    folder = excerpt(studio, "opencv_chess", ["calib/%s%02d.jpg" % (s, i) for s in SIDES
                                              for i in (1, 2)], ["intrinsics.yml",
                                                                 "extrinsics.yml"])
    if folder:
        row("real: OpenCV chessboard", folder, "named-pairs", "opencv", unit_name="squares",
            median_mm=(8, 30))
    folder = excerpt(studio, "kitti2012", [
        "training/image_%d/%s" % (s, os.path.basename(file))
        for s in (0, 1) for file in first("kitti2012", "training/image_0", 1)],
                     ["training/calib/000001.txt"])
    if folder:
        row("real: KITTI 2012", folder, "kitti", "kitti", frames=1, median_mm=(6000, 40000))
    folder = excerpt(studio, "middlebury2014", ["Teddy/im0.png", "Teddy/im1.png"],
                     ["Teddy/calib.txt"])
    if folder:
        row("real: Middlebury 2014", folder, "scene-folders", "middlebury", frames=1,
            median_mm=(1300, 1650))
    folder = excerpt(studio, "unlook_scanner", ["left.png", "right.png"],
                     ["calib-matlab-complete-export.yaml"])
    if folder:
        row("real: UnLook scanner", folder, "named-pairs", "unlook-yaml",
            ("--rectified", "--rectify-refine"), frames=1, median_mm=(300, 800))


def main():
    with tempfile.TemporaryDirectory(prefix="po_folders_") as root:
        studio = Studio(root)
        print("%-30s %-18s %-12s %-28s %s" % ("folder", "layout", "calibration", "options",
                                             "result"))
        for part in (plain_layouts, unlook, opencv_and_robots, cars, halves_and_globs, real):
            part(studio)
    sys.exit(suite.ended(problems))


if __name__ == "__main__":
    main()
