#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Folders as people publish them, one a calibration format or place that the survey of
repositories found; made up with a known scene and run without options but those the row is
about. The table of what came out is printed; the clouds must hold the scene."""
import ctypes.util
import json
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import published_files as files
import rig_files as rigs
import test_folders as table
import suite
from test_folders import Studio, by_folder, refused, row

LAYOUT = "left-right-folders"
HAS_MATIO = ctypes.util.find_library("matio") is not None


def numpy_files(studio):
    raw = studio.raw
    for number, family in enumerate(files.FAMILIES):
        row("npz, " + family, studio.make("npz_" + family, raw, by_folder(), files.numpy_archive(
            raw, family, deflated=number % 2 == 1)), LAYOUT, "numpy", rig=raw)
    row("npz, Fortran order", studio.make("npz_fortran", raw, by_folder(), files.numpy_archive(
        raw, "mtxL", fortran=True)), LAYOUT, "numpy", rig=raw)
    row("npz, big endian", studio.make("npz_big", raw, by_folder(), files.numpy_archive(
        raw, "mtxL", kind=">f8")), LAYOUT, "numpy", rig=raw)
    row("npz, float32, metres", studio.make("npz_f4", raw, by_folder(), files.numpy_archive(
        raw, "K_left", kind="<f4", unit=1e-3)), LAYOUT, "numpy", rig=raw)
    row("folder of .npy", studio.make("npy", raw, by_folder(), files.numpy_folder(raw)),
        LAYOUT, "numpy", rig=raw)
    row("npz, one camera a file", studio.make("npz_three", raw, by_folder(),
                                              files.numpy_one_camera_each(raw)),
        LAYOUT, "numpy", rig=raw)


def opencv_files(studio):
    raw = studio.raw
    for name, made in (("one file", files.opencv_xml(raw)),
                       ("14 coefficients", files.opencv_xml(raw, coefficients=14)),
                       ("split", files.opencv_xml_split(raw)),
                       ("a camera a file", files.opencv_xml_one_camera_each(raw))):
        row("XML, " + name, studio.make("xml_" + name, raw, by_folder(), made), LAYOUT,
            "opencv", rig=raw)
    for top in ("calibration", "camera_params"):
        row("YAML below " + top, studio.make("nested_" + top, raw, by_folder(),
                                             files.nested_yaml(raw, top)), LAYOUT, "opencv",
            rig=raw)
    row("JSON, a map a camera", studio.make("nested_json", raw, by_folder(),
                                            files.nested_json(raw)), LAYOUT, "opencv", rig=raw)


def robots(studio):
    raw, fisheye = studio.raw, studio.fisheye
    for version in (1, 2):
        row("ROS %d echo" % version, studio.make("echo%d" % version, raw, by_folder(),
                                                 files.ros_echo(raw, version)), LAYOUT, "ros",
            rig=raw)
    row("ROS 2, both in one file", studio.make("echo_both", raw, by_folder(), files.ros_echo(
        raw, 2, together=True)), LAYOUT, "ros", rig=raw)
    row("ORB-SLAM2", studio.make("orb2", raw, by_folder(), files.orb_slam2(raw)), LAYOUT,
        "orb-slam", rig=raw)
    row("ORB-SLAM3", studio.make("orb3", raw, by_folder(), files.orb_slam3(raw)), LAYOUT,
        "orb-slam", rig=raw)
    row("ORB-SLAM3, KannalaBrandt8", studio.make("orb3_fisheye", fisheye, by_folder(),
                                                 files.orb_slam3(fisheye)), LAYOUT,
        "orb-slam", rig=fisheye)


def other_programs(studio):
    ideal, raw, fisheye = studio.ideal, studio.raw, studio.fisheye
    row("K.txt", studio.make("k", ideal, by_folder(), files.k_txt(ideal)), LAYOUT, "k-txt",
        rig=ideal)
    row("camera_parameters/*.dat", studio.make("dat", raw, by_folder(),
                                               files.camera_parameters(raw)),
        LAYOUT, "camera-parameters", rig=raw)
    row("BoofCV", studio.make("boofcv", raw, by_folder(), files.boofcv(raw)), LAYOUT, "boofcv",
        rig=raw)
    row("Basalt, kb4", studio.make("basalt", fisheye, by_folder(), files.basalt(fisheye)),
        LAYOUT, "basalt", rig=fisheye)
    row("Basalt, radtan8", studio.make("basalt8", raw, by_folder(), files.basalt(raw)), LAYOUT,
        "basalt", rig=raw)
    row("OAK-D, over the colour camera", studio.make("oak", raw, by_folder(),
                                                     files.depthai(raw)),
        LAYOUT, "depthai", rig=raw)


def realsense(studio):
    for name, rig, extrinsics in (("D400", studio.ideal, False), ("raw", studio.raw, True),
                                  ("fisheye", studio.fisheye, True)):
        row("RealSense, " + name, studio.make("rs_" + name, rig, by_folder(), files.realsense(
            rig, extrinsics)), LAYOUT, "realsense", rig=rig)


def says(name, folder, words, *options):
    """All of `words` are printed, and the session ends well."""
    result, _ = table.run(folder, folder + ".said", options)
    said = result.stdout + result.stderr
    table.print_row(name, LAYOUT, "opencv", options, "exit %d" % result.returncode)
    if result.returncode != 0 or not all(word in said for word in words):
        table.complain("%s: exit %d, want 0 and %s\n%s", name, result.returncode, words, said)


def matlab(studio):
    raw = studio.raw
    for name, made in (("5", files.matlab_order(raw)),
                       ("7", files.matlab_order(raw, deflated=True)),
                       ("structs", files.matlab_structs(raw)),
                       ("OpenCV's order", files.opencv_order_mat(raw))):
        folder = studio.make("mat_" + name, raw, by_folder(), made)
        if HAS_MATIO:
            row("MATLAB, " + name, folder, LAYOUT, "matlab", rig=raw)
        else:
            refused("MATLAB, " + name, folder, 5, ["libmatio11"], LAYOUT, None)


def lenses(studio):
    """Four coefficients and no model."""
    fisheye = studio.wide
    text = calib.opencv_one(fisheye, D1=fisheye.cameras[0].coefficients(4),
                            D2=fisheye.cameras[1].coefficients(4))
    row("fisheye, unmarked", studio.make("unmarked", fisheye, by_folder(), text), LAYOUT,
        "opencv", rig=fisheye)
    row("fisheye, told", studio.make("told", fisheye, by_folder(), text), LAYOUT, "opencv",
        ("--distortion", "fisheye"), rig=fisheye)
    for key in ("distortion_model: equidistant", "fisheye: 1", "camera_model: KANNALA_BRANDT"):
        marked = {"calibration.yml": text["calibration.yml"] + key + "\n"}
        row("fisheye, " + key, studio.make("marked", fisheye, by_folder(), marked), LAYOUT,
            "opencv", rig=fisheye)
    row("UnLook JSON, fisheye", studio.make("unlook_fisheye", fisheye, by_folder(),
                                            calib.unlook_json_short(
        fisheye, D1=fisheye.cameras[0].coefficients(4), D2=fisheye.cameras[1].coefficients(4),
        is_fisheye=True)), LAYOUT, "unlook-json", rig=fisheye)
    raw = studio.raw
    text = calib.opencv_one(raw, D1=raw.cameras[0].coefficients()[:4],
                            D2=raw.cameras[1].coefficients()[:4])
    row("radtan, unmarked", studio.make("unmarked_radtan", raw, by_folder(), text), LAYOUT,
        "opencv", rig=raw)
    refused("calibration none", studio.make("none", studio.ideal, by_folder(), text), 5,
            ["--calibration none", "no clouds"], LAYOUT, None, ("--calibration", "none"))


def sizes(studio):
    """What the stated size, K and the images say of each other."""
    raw, ideal = studio.raw, studio.ideal
    sensor = calib.opencv_one(raw, image_width=2 * raw.size[0], image_height=2 * raw.size[1])
    row("K of binned images, sensor's size", studio.make("sensor", raw, by_folder(), sensor),
        LAYOUT, "opencv", rig=raw)
    folder = studio.make("focal", raw, by_folder(), calib.opencv_one(raw))
    row("a longer rectified focal length", folder, LAYOUT, "opencv",
        ("--rectified-focal", "1.3"), raw)
    says("the choice of a calibration", folder, ["calibration " + folder + "/calibration.yml"])
    short = raw.rectification(focal=150.0)
    says("a short rectified focal length", studio.make("short", raw, by_folder(), calib.opencv_one(
        raw, R1=short["R1"], R2=short["R2"], P1=short["P1"], P2=short["P2"])),
         ["rectified focal length is 150.0 px", "--rectified-focal"])
    info = files.ros_echo(ideal, 1)
    half = studio.make("binned", rigs.ideal_rig(size=(160, 120), focal=150.0), by_folder(), {
        name: text.replace("binning_x: 0", "binning_x: 2").replace("binning_y: 0",
                                                                   "binning_y: 2")
        for name, text in info.items()})
    row("ROS, binning 2x2", half, LAYOUT, "ros", rig=ideal)


def remaps(studio):
    """Tables of somebody else's rectification."""
    raw = studio.raw
    places_of = files.remap_places(raw)
    for name, made in (("npz, floats", files.remap_npz(raw, places_of)),
                       ("npz, fixed point", files.remap_npz(raw, places_of, True, True)),
                       ("XML above 1 MiB", files.remap_xml(raw, places_of)),
                       ("YAML, with P1 and P2", files.remap_yaml(raw, places_of))):
        row("remap, " + name, studio.make("remap_" + name, raw, by_folder(), made), LAYOUT,
            "remap", rig=raw)


def above_each_other(studio):
    """The second camera below, and above: images turned, clouds upright."""
    raw = studio.raw
    below = files.vertical(raw)
    for name, order in (("below", (0, 1)), ("above", (1, 0))):
        rig = below if order == (0, 1) else exchanged(below)
        folder = studio.folder("vertical_" + name, calib.opencv_one(rig))
        for frame, pair in enumerate(studio.pairs(raw)):
            for side, image in enumerate(pair):
                rigs.write_png(os.path.join(folder, by_folder()(order.index(side), frame)),
                               files.turn_image(image))
        row("vertical, second " + name, folder, LAYOUT, "opencv", rig=raw)
        board_is_upright(name, folder)


def exchanged(rig):
    """The same two cameras, the other one first: X_l = R' X_r - R' T."""
    back = rigs.transposed(rig.rotation)
    other = rigs.Rig(rig.cameras[1], rig.cameras[0], rig.size)
    other.rotation = back
    other.move = [-x[0] for x in rigs.multiply(back, [[t] for t in rig.move])]
    return other


def board_is_upright(name, folder):
    """The board's extent in x and y: 600 by 450 mm lying, so 450 by 600 as the cameras
    stand."""
    out = folder + ".upright"
    table.run(folder, out, ("--frames", "0"))
    points = table.points_of(out, "000")
    near = [p for p in points if p[2] < 1600]
    spans = [sorted(p[axis] for p in near) for axis in (0, 1)]
    wide, high = (s[len(s) * 99 // 100] - s[len(s) // 100] for s in spans)
    if not (380 < wide < 500 and 530 < high < 660):
        table.complain("vertical, %s: the board is %.0f wide and %.0f high", name, wide, high)


def places(studio):
    """Where a calibration lies: usual subfolders, the folders above."""
    raw = studio.raw
    text = calib.opencv_one(raw)["calibration.yml"]
    for number, place in enumerate(("params/calibration.yml", "results/calibration.yml",
                                    "camera_parameters/calibration.yml",
                                    "calib_result/calibration.yml", "../calibration.yml",
                                    "../calibration/stereo.yml", "../../stereo_calib.yml",
                                    "../../parameters/calibration.yml")):
        folder = studio.make("place%d/above/session" % number, raw, by_folder(), {place: text})
        row(place, folder, LAYOUT, "opencv", rig=raw)
    other = calib.opencv_one(studio.ideal, M1=[[150.0, 0, 80], [0, 150.0, 60], [0, 0, 1]],
                             image_width=199, image_height=149)["calibration.yml"]
    row("nearest does not fit", studio.make(
        "nearest/above/session", raw, by_folder(),
        {"../calibration.yml": other, "../../calibration.yml": text}), LAYOUT, "opencv", rig=raw)


def unusable(studio):
    """Named, and never a stop: another one is taken, or there is disparity."""
    ideal, raw = studio.ideal, studio.raw
    good = calib.opencv_one(raw)
    row("pickle beside a calibration", studio.make(
        "pickle_beside", raw, by_folder(), {"stereo_params.pkl": b"\x80\x04}\x94.", **good}),
        LAYOUT, "opencv", rig=raw)
    third = dict(good)
    third["stereo_two.yml"] = calib.opencv_one(raw, T=[-250.0, 0.0, 0.0])["calibration.yml"]
    cases = (
        ("a pickle", {"stereo_params.pkl": b"\x80\x04}\x94."}, ["pickle", "numpy.savez"]),
        ("a pickled array", files.pickled_array(), ["pickled", "numpy.savez"]),
        ("unknown keys", {"stereo_calib.yml": "%YAML:1.0\n---\nfocal: 3\n"},
         ["stereo_calib.yml", "no calibration this program knows"]),
        ("a robot's pose", {"camera_pose.json": json.dumps(
            {"rotation": raw.rotation, "translation": [1.0, 2.0, 3.0]})},
         ["camera_pose.json", "no calibration this program knows"]),
        ("a MATLAB object", files.mat_object(),
         ["toStruct(stereoParams)"] if HAS_MATIO else ["libmatio11"]),
        ("XML of a detector", {"camera_cascade.xml": "<opencv_storage><cascade><stages/>"
                                                     "</cascade></opencv_storage>"},
         ["camera_cascade.xml", "no calibration this program knows"]),
        ("two that disagree", {"calib_a.yml": third["calibration.yml"],
                               "calib_b.yml": third["stereo_two.yml"]},
         ["calib_a.yml", "calib_b.yml", "disagree", "--calibration"]),
    )
    for name, made, words in cases:
        refused(name, studio.make("bad_" + name, ideal, by_folder(), made), 5, words, LAYOUT,
                None)


def hostile(studio):
    """Bad input: named, bounded, and disparity is still had."""
    ideal, raw = studio.ideal, studio.raw
    good = files.numpy_archive(raw, "mtxL")["stereo_calibration.npz"]
    text = calib.opencv_one(raw)["calibration.yml"]
    twice = calib.kalibr(raw)["camchain.yaml"].replace("cam1:", "cam0:")
    boards = {"calib_board%d.yml" % i: calib.opencv_one(raw, T=[-100.0 * i, 0.0, 0.0])[
        "calibration.yml"] for i in (1, 2, 3)}
    cases = (
        ("zip bomb", {"stereo.npz": files.bomb()}, ["K_left", "numbers"]),
        ("encrypted zip", {"stereo.npz": files.encrypted(good)}, ["is encrypted"]),
        ("zip cut short", {"stereo.npz": good[:700]}, ["stereo.npz", "zip"]),
        ("shape of 10^12", {"calib/camera_matrix.npy": files.npy_head(
            "<f8", False, [1000000, 1000000]), "calib/dist.npy": files.npy([0.0] * 5)},
         ["camera_matrix"]),
        ("shape beyond memory", {"calib/camera.npy": files.npy_head(
            "<f8", False, [1 << 40, 1 << 40])}, ["impossibly large"]),
        ("XML entities", {"stereo.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
         ["DOCTYPE"]),
        ("10,000 nested tags", {"stereo.xml": "<a>" * 10000}, ["levels deep"]),
        ("two cameras of one name", {"camchain.yaml": twice}, ["cam0", "stands twice"]),
        ("three boards", boards, ["calib_board1.yml", "calib_board2.yml", "disagree"]),
        ("MAT cut short", {"stereoParams.mat": files.matlab_order(raw)["stereoParams.mat"][:300]},
         ["stereoParams.mat"]),
        ("HDF5 that is none", {"stereoParams.mat": b"\x89HDF\r\n\x1a\n" + bytes(600)},
         ["stereoParams.mat", "libmatio"]),
        ("unit of a table", {"stereo_maps.yml": text[:40] + "map1_left: " + "1, " * 40000},
         ["stereo_maps.yml"]),
    )
    for name, made, words in cases:
        refused(name, studio.make("hostile_" + name, ideal, by_folder(), made), 5, words,
                LAYOUT, None)


def main():
    with tempfile.TemporaryDirectory(prefix="po_published_") as root:
        studio = Studio(root)
        studio.wide = rigs.raw_rig(focal=220.0, lens="fisheye")
        for part in (numpy_files, opencv_files, robots, other_programs, realsense, matlab, lenses, sizes, remaps,
                     above_each_other,
                     places, unusable, hostile):
            part(studio)
            for name in os.listdir(root):
                if name != "film":
                    shutil.rmtree(os.path.join(root, name))
    sys.exit(suite.ended(table.problems))


if __name__ == "__main__":
    main()
