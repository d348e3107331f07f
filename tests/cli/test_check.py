#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--check names what is wrong with a session, in text and in JSON, and ends as a run would;
good sessions, made up and real, raise no alarm."""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import rig_files as rigs
import suite

TOOL = os.path.join(os.environ.get("PO_BINARY_DIR", "build"), "process_offline")
DATA = os.environ.get("PO_TEST_DATA", os.path.join(
    os.environ.get("PO_SOURCE_DIR", "."), "..", "shared", "data"))
FRAMES = 3

problems = []


class Bench:
    """Pairs of the rigs that the cases share, photographed once."""

    def __init__(self, root):
        self.root = root
        self.ideal = rigs.ideal_rig()
        self.raw = rigs.raw_rig()
        self.pairs = {}
        self.made = 0

    def pair(self, rig, seed):
        key = (id(rig), seed)
        if key not in self.pairs:
            self.pairs[key] = (rig, rig.photograph(os.path.join(self.root, "film"), seed))
        return self.pairs[key][1]

    def session(self, rig, files, corrupt=lambda frame, pair: pair, frames=FRAMES):
        """left/ and right/ with `corrupt`ed pairs, and the calibration's files."""
        self.made += 1
        folder = os.path.join(self.root, "session_%02d" % self.made)
        for frame in range(frames):
            pair = corrupt(frame, self.pair(rig, frame + 1))
            for side, image in zip(("left", "right"), pair):
                rigs.write_png(os.path.join(folder, side, "%03d.png" % frame), image)
        for name, text in files.items():
            rigs.write_text(os.path.join(folder, name), text)
        return folder


def check(folder, *options):
    """Both forms of one check: (status, text, status, JSON or None)."""
    command = [TOOL, "--input", folder, "--output", folder + ".out", "--workers", "2", *options]
    text = subprocess.run(command + ["--check"], capture_output=True, text=True, timeout=240,
                          check=False)
    data = subprocess.run(command + ["--check-json"], capture_output=True, text=True, timeout=240,
                          check=False)
    try:
        parsed = json.loads(data.stdout)
    except ValueError:
        parsed = None
    return text.returncode, text.stdout, data.returncode, parsed


def words_of(data):
    """Every sentence of the JSON that says something is not as it should be."""
    words = [w for c in data.get("calibration", []) for w in c["warnings"]]
    words += data.get("warnings", [])
    words += [f["text"] for f in data.get("findings", []) if f["severity"] != "note"]
    words += [f["problem"] for f in data.get("frames", []) if "problem" in f]
    words += ["without a partner: " + path for path in data.get("unmatched", [])]
    return words


def expect(name, folder, status, words, *options,  # pylint: disable=too-many-arguments
           verdict=None):
    """The check of `folder` ends with `status` and a sentence holds all of `words`."""
    verdict = verdict or ("not usable" if status in (4, 5) else "usable, with warnings")
    words = [words] if isinstance(words, str) else words
    text_status, text, data_status, data = check(folder, *options)
    found = "not said"
    for line in text.splitlines():
        if all(word in line for word in words):
            found = line.strip()
            break
    print("  %-34s %d  %s" % (name, text_status, found[:150]))
    reported = data is not None and any(all(w in sentence for w in words)
                                    for sentence in words_of(data))
    if found == "not said" or not reported or (text_status, data_status) != (status, status):
        problems.append("%s: want exit %d and %s; text (exit %d):\n%s\nJSON (exit %d): %s" % (
            name, status, words, text_status, text, data_status,
            words_of(data) if data is not None else "none"))
    if "verdict: %s\n" % verdict not in text or (
            data is not None and verdict != data["verdict"]):
        problems.append("%s: the verdict is not '%s'" % (name, verdict))


def quiet(name, folder, *options):
    """A good session: exit 0, verdict good, nothing but notes."""
    text_status, text, data_status, data = check(folder, *options)
    said = words_of(data) if data is not None else ["no JSON"]
    verdict = data["verdict"] if data is not None else "none"
    print("  %-34s %d  %s" % (name, text_status, verdict))
    if text_status or data_status or said or verdict != "good":
        problems.append("%s: false alarm: exit %d, %s, verdict %s\n%s" % (
            name, text_status, said, verdict, text))


def good(bench):
    print("good sessions: no alarm")
    quiet("ideal, Middlebury", bench.session(bench.ideal, calib.middlebury(bench.ideal)))
    quiet("raw, OpenCV YAML", bench.session(
        bench.raw, calib.opencv_one(bench.raw)), "--calibration-unit", "mm")
    quiet("raw, UnLook JSON", bench.session(bench.raw, calib.unlook_json_long(bench.raw)))
    text = calib.middlebury(bench.ideal)["calib.txt"]
    quiet("BOM and CRLF", bench.session(
        bench.ideal, {"calib.txt": "\ufeff" + text.replace("\n", "\r\n")}))
    yaml = calib.unlook_yaml_second(bench.raw)["stereo_calibration.yaml"]
    quiet("YAML with BOM and CRLF", bench.session(
        bench.raw, {"stereo_calibration.yaml": "\ufeff" + yaml.replace("\n", "\r\n")}))


def real():
    print("real sessions: no alarm")
    for name, *options in (("karlsruhe_a",), ("euroc_v1_excerpt",), ("middlebury2014",),
                           ("kitti2012",), ("opencv_chess", "--calibration-unit", "square:25")):
        folder = os.path.join(DATA, name)
        if not os.path.isdir(folder):
            print("  %-34s skipped: %s is absent" % (name, folder))
            continue
        with tempfile.TemporaryDirectory() as out:
            quiet(name, folder, "--output", out, *options)
    folder = os.path.join(DATA, "opencv_chess")
    if os.path.isdir(folder):
        with tempfile.TemporaryDirectory() as out:
            expect("opencv_chess, its squares unsaid", folder, 0,
                   ["chessboard squares", "--calibration-unit"], "--output", out, verdict="good")


def scanner():
    """A real pair that calls itself rectified and is 17 px off."""
    folder = os.path.join(DATA, "unlook_scanner")
    if not os.path.isdir(folder):
        print("  %-34s skipped: %s is absent" % ("unlook_scanner", folder))
        return
    with tempfile.TemporaryDirectory() as out:
        expect("unlook_scanner", folder, 5, ["rows", "px apart", "--rectify-refine"], "--output",
               out)
        expect("unlook_scanner, as rectified", folder, 5, ["rows", "16.7 px apart"],
               "--rectified", "--output", out)
        expect("unlook_scanner, rectified twice", folder, 5,
               ["black borders", "rows are 16.7 px apart", "--rectified"], "--output", out)
    rescued(folder)


def rescued(folder):
    """--rectify-refine measures the rows and removes them: what was held up is there."""
    options = ["--rectified", "--rectify-refine"]
    with tempfile.TemporaryDirectory() as out:
        _, _, _, data = check(folder, "--output", out, *options)
        measured = data["frames"][0]["rows"]
        print("  %-34s rows within %.2f px" % ("unlook_scanner, refined", measured["spread_px"]))
        if not (abs(measured["median_px"]) < 0.5 and measured["spread_px"] < 0.5):
            problems.append("--rectify-refine leaves %s" % measured)
        subprocess.run([TOOL, "--input", folder, "--output", out, "--fill", "none", *options],
                       check=True, capture_output=True)
        with open(os.path.join(out, "frames", "000000", "disparity.pfm"), "rb") as file:
            _, size, _ = [file.readline() for _ in range(3)]
            width, height = map(int, size.split())
            values = struct.unpack("<%df" % (width * height), file.read())
    # The controller's face, in the rectified left image; the file begins at the bottom.
    face = [values[(height - 1 - y) * width + x] for y in range(270, 420)
            for x in range(600, 850)]
    share = sum(205 < v < 260 for v in face) / len(face)
    print("  %-34s %.0f %% of its face measured at its distance" % ("", 100 * share))
    if share < 0.9:
        problems.append("only %.0f %% of the controller's face is measured" % (100 * share))


def rows(bench):
    print("rows and order of the cameras")
    files = calib.middlebury(bench.ideal)
    lowered = lambda px: lambda frame, pair: (pair[0], pair[1].lower(px))
    expect("right image 5 px lower", bench.session(bench.ideal, files, lowered(5)), 5,
           ["rows", "5.0 px apart", "--rectify-refine", "--allow-misaligned"])
    expect("the same, allowed", bench.session(bench.ideal, files, lowered(5)), 3,
           ["rows", "5.0 px apart", "--allow-misaligned"], "--allow-misaligned")
    expect("right image 1 px lower", bench.session(bench.ideal, files, lowered(1)), 0,
           ["rows", "1.00 px", "--rectify-refine"])
    expect("images exchanged", bench.session(bench.ideal, files, lambda _, p: p[::-1]), 5,
           ["left and right are exchanged", "--swap"])
    expect("calibration of swapped cameras", bench.session(
        bench.raw, calib.opencv_one(bench.raw, T=[100.0, -1.5, -2.0])), 5,
           ["left and right are swapped", "--swap"])
    turned = rigs.Rig(*bench.raw.cameras, turn=(0.4, 2.4, -0.3), move=bench.raw.move)
    expect("a camera has turned", bench.session(bench.raw, calib.opencv_one(
        turned, R=rigs.rotation_of((1.6, 0.9, -0.3)))), 5, ["rows", "px apart"])


def images(bench):
    print("images")
    files = calib.middlebury(bench.ideal)
    session = lambda corrupt: bench.session(bench.ideal, files, corrupt)
    expect("underexposed", session(lambda _, p: [i.toned(0.02, -1) for i in p]), 0, "is black")
    expect("overexposed", session(lambda _, p: [i.toned(3, 60) for i in p]), 0, "is saturated")
    expect("one side darker", session(lambda _, p: [p[0], p[1].toned(0.4)]), 0,
           "exposures differ")
    expect("one side blurred", session(lambda _, p: [p[0], p[1].blurred(4)]), 3,
           ["right image", "blurred"])
    expect("left twice", session(lambda _, p: [p[0], p[0]]), 5, "the same picture")
    flat = lambda _, p: [rigs.Image(i.width, i.height, b"\x80" * len(i.pixels)) for i in p]
    expect("nothing to see", session(flat), 4, ["hardly any texture to match"])
    expect("right side of another size", session(
        lambda _, p: [p[0], p[1].cropped(0, 0, 300, 240)]), 4, ["320x240", "300x240"])
    broken = session(lambda _, p: p)
    path = os.path.join(broken, "right", "001.png")
    os.truncate(path, os.path.getsize(path) // 2)
    expect("truncated image", broken, 3, ["right/001.png", "truncated"])
    lonely = session(lambda _, p: p)
    os.remove(os.path.join(lonely, "right", "002.png"))
    expect("unequal counts", lonely, 0, ["without a partner", "left/002.png"])
    one = session(lambda _, p: p)
    shutil.rmtree(os.path.join(one, "right"))
    expect("one camera only", one, 4, "one side is missing")


def sizes(bench):
    print("calibrations of other sizes, or none")
    larger = rigs.ideal_rig(size=(640, 480), focal=600.0)
    crop = lambda _, pair: [image.cropped(20, 10, 280, 220) for image in pair]
    expect("twice the size (binning)", bench.session(bench.ideal, calib.middlebury(larger)), 0,
           ["640x480", "scaled by 0.5"])
    cropped = bench.session(bench.ideal, calib.middlebury(bench.ideal), crop)
    expect("images cropped", cropped, 5, ["320x240", "280x220", "crop"])
    if "error: 000 and 2 frames more: " not in check(cropped)[1]:
        problems.append("one sentence should do for three frames with the same problem")
    other = rigs.ideal_rig(size=(500, 300))
    expect("another camera's", bench.session(bench.ideal, calib.middlebury(other)), 5,
           ["500x300", "320x240"])
    unstated = calib.opencv_split(rigs.raw_rig(size=(1280, 960), focal=1200.0))
    expect("another size, unstated", bench.session(bench.raw, unstated), 5,
           ["principal point", "320x240", "another size"])
    words = ["no calibration", "--calibration", "--outputs"]
    expect("no calibration", bench.session(bench.ideal, {}), 5, words,
           verdict="usable, with warnings")
    expect("no calibration, and no clouds wanted", bench.session(bench.ideal, {}), 0, words,
           "--outputs", "disparity")


def values(bench):
    print("values of calibrations")
    raw = bench.raw

    def one(name, status, words, *options, verdict=None, **changed):
        expect(name, bench.session(raw, calib.opencv_one(raw, **changed)), status, words, *options,
               verdict=verdict)

    matrix = raw.cameras[0].matrix()
    one("T = 0", 5, "|T| = 0", T=[0.0, 0.0, 0.0])
    one("unit not stated, metres", 0, ["suggests metres", "--calibration-unit"],
        T=[-0.1, 0.0015, 0.002], verdict="good")
    one("unit not stated, squares", 0, ["chessboard squares", "--calibration-unit"],
        T=[-4.0, 0.06, 0.08], verdict="good")
    one("metres called millimetres", 0, ["0.100031 mm apart", "unit"], "--calibration-unit", "mm",
        T=[-0.1, 0.0015, 0.002])
    one("millimetres called metres", 0, ["100031 mm apart", "unit"], "--calibration-unit", "m")
    one("R stretched", 5, "not a rotation",
        R=[[1.1 * x for x in row] for row in raw.rotation])
    one("R mirrored", 5, "not a rotation", R=[[1, 0, 0], [0, 1, 0], [0, 0, -1.0]])
    one("K singular", 5, "singular", M1=[[300.0, 0, 160], [0, 0.0, 120], [0, 0, 1.0]])
    one("K holds NaN", 5, "NaN", M1=[[float("nan"), 0, 160], [0, 300.0, 120], [0, 0, 1.0]])
    one("T holds infinity", 5, ["T holds", "infinity"], T=[float("-inf"), 0.0, 0.0])
    one("D of seven", 5, "7 distortion coefficients", D1=[0.1] * 7)
    one("K transposed", 5, "[fx s cx; 0 fy cy; 0 0 1]", M1=rigs.transposed(matrix))
    one("one camera's matrix is missing", 5, "M2", M2=None)
    made = raw.rectification()
    far = [row[:] for row in made["P2"]]
    far[0][3] *= 1.4
    def json_with(name, words, **changed):
        expect(name, bench.session(raw, calib.unlook_json_long(raw, **changed)), 0, words)
    json_with("baseline_mm is another", ["baseline = 80", "|T| = 100."], baseline_mm=80.0)
    json_with("P2 contradicts T", ["R1 R2 P1 P2 do not follow", "140."], P2=far)
    json_with("Q contradicts T", ["1/Q[3][2]", "metres beside millimetres"],
              Q=made["Q"][:3] + [[0.0, 0.0, 1000 / raw.baseline(), 0.0]])
    json_with("R1 of another rig", "R1 R2 P1 P2 do not follow", R1=rigs.rotation_of((0, 4, 0)))
    expect("a key misspelt", bench.session(raw, calib.unlook_json_long(
        raw, dist_coeffs_left=None, distortion_coefficients_left=[[0.1, 0, 0, 0, 0]])), 5,
           ["dist_coeffs_left", "the file holds"])


def hostile(bench):
    print("files that are not what they seem")
    raw = bench.raw
    three = calib.kalibr(raw, cameras=3)
    # What cannot be read is named; disparity can still be had.
    some = {"verdict": "usable, with warnings"}
    expect("three cameras", bench.session(raw, three), 5, ["3 cameras", "--cameras 0,1"])
    quiet("three cameras, chosen", bench.session(raw, three), "--cameras", "0,1")
    expect("omnidirectional cameras", bench.session(raw, calib.kalibr(raw, model="omni")), 5,
           ["omni", "not supported"], **some)
    text = calib.opencv_one(raw)["calibration.yml"]
    expect("UTF-16", bench.session(raw, {"calibration.yml": text.encode("utf-16")}), 5, "UTF-16",
           **some)
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        "%s: &%s [%s]\n" % (n, n, ", ".join(["*" + p] * 9)) for p, n in zip("abcdefgh", "bcdefghi"))
    expect("YAML bomb", bench.session(raw, {"calibration.yml": bomb}), 5, "aliases", **some)
    expect("YAML anchors", bench.session(raw, {"calibration.yml": text.replace(
        "M1: ", "M1: &m ").replace(text[text.index("M2: "):text.index("D2: ")], "M2: *m\n")}), 5,
           "aliases", **some)
    expect("XML", bench.session(raw, {"calibration.xml": "<?xml?>", "calibration.yml":
                                      "<?xml version=\"1.0\"?>\n<opencv_storage>\n"}), 5, "XML",
           **some)
    expect("empty file", bench.session(raw, {"calibration.yml": ""}), 5, "empty", **some)
    expect("binary file", bench.session(raw, {"calibration.yml": b"\0\1\2\3" * 50}), 5, "NUL",
           **some)
    expect("cut in the middle", bench.session(raw, {
        "calibration.json": calib.unlook_json_long(raw)["calibration.json"][:700]}), 5,
           "not valid JSON", **some)


def main():
    with tempfile.TemporaryDirectory(prefix="po_check_") as root:
        bench = Bench(root)
        for part in (good, rows, images, sizes, values, hostile):
            part(bench)
        real()
        scanner()
    sys.exit(suite.ended(problems))


if __name__ == "__main__":
    main()
