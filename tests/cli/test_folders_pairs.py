#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One folder for each way in which people name and store the two images of a pair, made up with
a known scene and run with no options but those the row is about; and folders that are refused
in words that lead on. The table of what came out is printed."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import image_files as images
import rig_files as rigs
import test_folders as folders
import suite

NAMES = (
    ("imageL0.png", "image%s%d.png", "LR"),
    ("ImageL1.png", "Image%s%d.png", "LR"),
    ("imgLeft0.png", "img%s%d.png", ("Left", "Right")),
    ("Limg_000.png", "%simg_%03d.png", "LR"),
    ("LData0.png", "%sData%d.png", "LR"),
    ("camera0_12.png", "camera%s_%d.png", "01"),
    ("cam_0_012.png", "cam_%s_%03d.png", "01"),
    ("I1_000000.png", "I%s_%06d.png", "12"),
    ("cam1_0.png", "cam%s_%d.png", "12"),
    ("links_0.png", "%s_%d.png", ("links", "rechts")),
    ("gauche0.png", "%s%d.png", ("gauche", "droite")),
    ("izquierda_0.png", "%s_%d.png", ("izquierda", "derecha")),
    ("sinistra0.png", "%s%d.png", ("sinistra", "destra")),
    ("sx_0.png", "%s_%d.png", ("sx", "dx")),
)
FOLDERS = (("left-camera", "right-camera"), ("left_images", "right_images"), ("lData", "rData"),
           ("scanLeft", "scanRight"), ("izquierda", "derecha"), ("view_0", "view_1"))
START_NS, LATE_NS = 1612345678100000000, 300000
STAMPS = (
    ("ns", lambda ns: "%d" % ns),
    ("us", lambda ns: "%d" % (ns // 1000)),
    ("ms", lambda ns: "%d" % ((ns + 700000) // 1000000)),
    ("decimal seconds", lambda ns: "%d.%06d" % (ns // 10**9, ns % 10**9 // 1000)),
    ("sec_usec", lambda ns: "%d_%d" % (ns // 10**9, ns % 10**9 // 1000)),
    ("sec-nsec", lambda ns: "%d-%09d" % (ns // 10**9, ns % 10**9)),
    ("in words", lambda ns: "frame_%d.%06d_raw" % (ns // 10**9, ns % 10**9 // 1000)),
)


def report_of(folder, out):
    subprocess.run([folders.TOOL, "--input", folder, "--output", out], capture_output=True,
                   timeout=300, check=False)
    path = os.path.join(out, "report.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def says(name, folder, *words):
    """A warning of the session holds these words."""
    text = json.dumps(report_of(folder, folder + ".said"))
    for word in words:
        if word not in text:
            folders.complain("%s: the report does not say '%s'", name, word)


def names(studio):
    rig = studio.ideal
    text = calib.middlebury(rig)
    for name, pattern, sides in NAMES:
        folders.row(name, studio.make(
            "names_" + name, rig, lambda s, f, p=pattern, m=sides: p % (m[s], f), text, count=2),
            "named-pairs", "middlebury", rig=rig)
    folders.row("img_00000000_0.png", studio.make(
        "suffix", rig, lambda s, f: "img_%08d_%d.png" % (f, s), text), "named-pairs",
        "middlebury", rig=rig)
    for pair in FOLDERS:
        folders.row(pair[0] + "/", studio.make(
            "in_" + pair[0], rig, folders.by_folder(names=pair), text), "left-right-folders",
            "middlebury", rig=rig)
    folders.row("images/stereoLeft/imageL0.png", studio.make(
        "images_below", rig, lambda s, f: "images/stereo%s/image%s%d.png" % (
            ("Left", "Right")[s], "LR"[s], f), text), "left-right-folders", "middlebury", rig=rig)
    folders.row("0000.png and scan0000.png", studio.make(
        "numbers", rig, lambda s, f: ("left/%04d.png", "right/scan%04d.png")[s] % f, text),
        "left-right-folders", "middlebury", rig=rig)
    folders.row("an equal name among others", studio.make(
        "mixed", rig, lambda s, f: "%s/%s.png" % (
            folders.SIDES[s], "frame" if f == 0 else "%s_01" % folders.SIDES[s]), text),
        "left-right-folders", "middlebury", rig=rig)


def competition(studio):
    rig = studio.ideal
    text = calib.middlebury(rig)
    shots = lambda s, f: "%s_%d.png" % (folders.SIDES[s], f)
    folder = studio.make("results", rig, shots, text)
    for name in ("rectified_left_0.png", "rectified_right_0.png", "disp_left_0.png"):
        rigs.write_png(os.path.join(folder, name), studio.pairs(rig, 1)[0][0])
    folders.row("results beside captures", folder, "named-pairs", "middlebury", rig=rig)
    says("results beside captures", folder, "not used: 3 images that are results")
    folder = studio.make("below", rig, lambda s, f: "pairs/%s_%d.png" % (folders.SIDES[s], f),
                         text)
    for name in ("rectifyed_left.jpg", "rectifyed_right.jpg"):
        rigs.write_png(os.path.join(folder, name), studio.pairs(rig, 1)[0][0])
    folders.row("captures below results", folder, "named-pairs", "middlebury", rig=rig)
    says("captures below results", folder, "not used: 1 pair of ")
    folder = studio.make("both", rig, folders.by_folder(names=("left_images", "right_images")),
                         text)
    for side, image in zip(folders.SIDES, studio.pairs(rig, 1)[0]):
        rigs.write_png(os.path.join(folder, side, "9.png"), image)
    folders.row("two pairs of folders", folder, "left-right-folders", "middlebury", rig=rig)
    says("two pairs of folders", folder, "not used: 1 pair of left/ and right/")
    folder = studio.folder("plain_halves", text)
    for frame, pair in enumerate(studio.pairs(rig)):
        rigs.write_png(os.path.join(folder, "frame_%d.png" % (5 * frame)),
                       pair[0].beside(pair[1]))
    folders.row("halves nobody speaks of", folder, "side-by-side", "middlebury", rig=rig)
    says("halves nobody speaks of", folder, "taken as two views side by side")
    folder = studio.folder("numbered_halves", text)
    for frame, pair in enumerate(studio.pairs(rig)):
        rigs.write_png(os.path.join(folder, "frame_%d.png" % frame), pair[0].beside(pair[1]))
    folders.row("halves, frame_0 and frame_1", folder, "side-by-side", "middlebury", rig=rig)


def times(studio):
    rig = studio.ideal
    text = calib.middlebury(rig)
    for name, spell in STAMPS:
        path = lambda s, f, spell=spell: "%s/%s.png" % (
            folders.SIDES[s], spell(START_NS + f * 50000000 + s * LATE_NS))
        folder = studio.make("stamps_" + name, rig, path, text)
        folders.row("stamps: " + name, folder, "left-right-folders", "middlebury", rig=rig)
        if name == "decimal seconds":
            folders.row("stamps and globs", folder, "globs", "middlebury",
                        ("--left-glob", "left/*.png", "--right-glob", "right/*.png"), rig)
            folders.refused("stamps too far apart", folder, 4,
                            ["no two are nearer than 0.0003 s", "--pair-tolerance is 0.0001 s"],
                            "left-right-folders", "middlebury", ("--pair-tolerance", "0.0001"))
    folders.row("stamps in one folder", studio.make(
        "stamps_one", rig, lambda s, f: "%s_%d.png" % (
            folders.SIDES[s], START_NS + f * 50000000 + s * LATE_NS), text), "named-pairs",
        "middlebury", rig=rig)


def check_remedy(studio, rig, text, pattern, ending):
    """What the remedy's command is told to write pairs as the unread files would have."""
    name = "remedy" + ending
    unread = studio.folder(name + "_unread", {pattern(s, 1) + ending: "x" for s in (0, 1)})
    done = subprocess.run([folders.TOOL, "--input", unread], capture_output=True, text=True,
                          check=False)
    made = re.search(r"\S+\.png", done.stdout + done.stderr).group()
    assert made.startswith("left_001"), (ending, made)
    suffix = made[len("left_001"):].replace("%06d", "000001")
    folders.row("names of the remedy for " + ending, studio.make(
        name, rig, lambda s, f: pattern(s, f) + suffix, text), "named-pairs", "middlebury",
        rig=rig)


def kinds(studio):
    rig = studio.ideal
    text = calib.middlebury(rig)
    folders.row("BMP", studio.make("bmp", rig, folders.by_folder(".bmp"), text,
                                   images.write_bmp), "left-right-folders", "middlebury", rig=rig)
    folders.row("WebP", studio.make("webp", rig, folders.by_folder(".webp"), text,
                                    images.write_webp), "left-right-folders", "middlebury",
                rig=rig)
    thermal = lambda p, i: images.write_counts(p, i, 29800 if "left" in p else 30400)
    folders.row("thermal, 128 counts on 30000", studio.make(
        "thermal", rig, folders.by_folder(".pgm"), text, thermal), "left-right-folders",
        "middlebury", rig=rig)
    for name, ending, words in (("JPEG 2000", ".jp2", ["JPEG 2000", "opj_decompress"]),
                                ("HEIC", ".heic", ["HEIC", "heif-convert"]),
                                ("AVIF", ".avif", ["AVIF", "avifdec"])):
        folder = studio.folder(name, {"left/1" + ending: "x", "right/1" + ending: "x"})
        folders.refused(name, folder, 4, ["2 files of"] + words, "left-right-folders", None)
    pattern = lambda s, f: ("left", "right")[s] + "_00%d" % f
    for ending in (".jp2", ".heic", ".mp4"):
        check_remedy(studio, rig, text, pattern, ending)
    for name in ("take.mp4", "take.avi", "take.mkv", "take.svo", "take.bag", "take.mcap",
                 "take.db3", "take.dng"):
        folders.refused(name, studio.folder("only_" + name, {name: "x"}), 4,
                        ["1 file of", "make images of it", name], "none", None)


def leads(studio):
    rig = studio.ideal
    text = calib.middlebury(rig)
    folder = studio.make("inside", rig, folders.by_folder(), text)
    folders.refused("inside left/", os.path.join(folder, "left"), 4,
                    ["the session is the folder above", "--input " + folder], "none", None)
    folder = studio.make("days", rig, lambda s, f: "day%d/scan/%s/1.png" % (f, folders.SIDES[s]),
                         text)
    folders.refused("sessions two levels down", folder, 4,
                    ["2 sessions in it (day0/scan, day1/scan)"], "none", None)
    folder = studio.make("counted", rig, lambda s, f: "img_%d.png" % (2 * f + s), text)
    folders.refused("frames of one camera", folder, 4,
                    ["no stereo pairs found in 4 images such as img_0.png"], "none", None)


def truths(studio):
    rig = studio.ideal
    text = calib.middlebury(rig)
    for name, pattern, truth in (("*_gt.pfm", "a_%s.png", "a_gt.pfm"),
                                 ("disp0.pfm", "%s.png", "disp0.pfm"),
                                 ("disp0GT.pfm", "%s.png", "disp0GT.pfm")):
        folder = studio.make("truth_" + name.strip("*_"), rig,
                             lambda s, f, p=pattern: p % folders.SIDES[s], text, count=1)
        rigs.write_floats(os.path.join(folder, truth), *rig.size, rig.disparities())
        folders.row("ground truth " + name, folder, "named-pairs", "middlebury",
                    ("--ground-truth", "auto"), rig, frames=1, bad2=2.0)


def main():
    with tempfile.TemporaryDirectory(prefix="po_pairs_") as root:
        studio = folders.Studio(root)
        print("%-30s %-18s %-12s %-28s %s" % ("folder", "layout", "calibration", "options",
                                             "result"))
        for part in (names, competition, times, kinds, leads, truths):
            part(studio)
    sys.exit(suite.ended(folders.problems))


if __name__ == "__main__":
    main()
