#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--calibrate: pictures of a board become a calibration with a verdict, or a refusal that says
what to photograph. Rendered boards have a known truth; opencv_chess has a calibration beside it."""
import concurrent.futures
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))
DATA = pathlib.Path(os.environ.get("PO_TEST_DATA", ROOT / ".." / "shared" / "data"))
PROGRAM = BUILD / "process_offline"
SMALL = ["--size", "400x300", "--pairs", "7"]
# Finding the size takes as long as finding the board: where that is not what is tested, it is
# given.
GIVEN = ["--square", "25", "--board", "9x6"]
# So does choosing the lens, by folds of three models.
RADTAN = [*GIVEN, "--distortion", "radtan"]
LONG = os.environ.get("PO_LONG") == "1"


def boards(folder, *options):
    subprocess.run([BUILD / "tests" / "make_boards", folder, *options], check=True)


def calibrate(folder, output, *options):
    done = subprocess.run([PROGRAM, "--calibrate", "--input", folder, "--output", output,
                           *options], capture_output=True, text=True, check=False, timeout=600)
    return done.returncode, done.stdout + done.stderr


def numbers(path, key):
    text = path.read_text()
    found = re.search(r"^%s:.*?data: \[([^\]]*)\]" % key, text, re.S | re.M)
    return [float(value) for value in found.group(1).split(",")]


def figure(path, key):
    return float(re.search(r"^%s: (\S+)$" % key, path.read_text(), re.M).group(1))


def angle_between(a, b):
    """Degrees between two rotations of nine numbers."""
    trace = sum(x * y for x, y in zip(a, b))
    return math.degrees(math.acos(max(-1.0, min(1.0, (trace - 1) / 2))))


def rotation(v):
    angle = math.sqrt(sum(x * x for x in v))
    x, y, z = (c / angle for c in v)
    c, s = math.cos(angle), math.sin(angle)
    t = 1 - c
    return [t * x * x + c, t * x * y - s * z, t * x * z + s * y,
            t * x * y + s * z, t * y * y + c, t * y * z - s * x,
            t * x * z - s * y, t * y * z + s * x, t * z * z + c]


TRUE_TURN_VECTOR = [0.006, -0.011, 0.004]
TRUE_TURN = rotation(TRUE_TURN_VECTOR)


def near(value, truth, share):
    assert abs(value / truth - 1) < share, (value, truth)


def test_rendered_boards_give_the_rig(base):
    lenses = [("radtan", (540, 536))] + [("fisheye", (190, 191))] * LONG
    for lens, focals in lenses:
        folder = base / lens
        output = base / f"{lens}.yml"
        # Fewer or smaller ones leave f unsure by more than a thousandth, or the turn by more than
        # 0.02 degrees.
        boards(folder, "--lens", lens, "--pairs", "22" if lens == "radtan" else "40", "--seed",
               "3", "--size", "640x480")
        status, said = calibrate(folder, output, *(GIVEN if LONG else RADTAN), "--workers", "2")
        assert status == 0, said
        near(numbers(output, "M1")[0], focals[0], 0.001)
        near(numbers(output, "M2")[0], focals[1], 0.001)
        near(math.hypot(*numbers(output, "T")), math.hypot(80, 0.7, 1.1), 0.001)
        assert angle_between(numbers(output, "R"), TRUE_TURN) < 0.02, said
        assert figure(output, "held_out_rows_rms_px") < 0.2, said
        assert ("equidistant" in output.read_text()) == (lens == "fisheye")
        assert "smeared" not in said, said
        dry = subprocess.run([PROGRAM, "--input", folder, "--calibration", output, "--dry-run"],
                             capture_output=True, text=True, check=False)
        assert "unit from format" in dry.stdout, dry.stdout + dry.stderr
        assert "warning" not in dry.stdout.split("settings:")[0], dry.stdout


def test_opencv_reads_it(base):
    output = base / "radtan.yml"
    done = subprocess.run([BUILD / "tests" / "read_opencv_yaml", output], capture_output=True,
                          text=True, check=True)
    read = [float(line) for line in done.stdout.split()]
    assert read == [numbers(output, "M1")[0], 5, *numbers(output, "T"),
                    numbers(output, "P2")[3]], (read, done.stderr)


def cloud_in_left_camera(folder, calibration):
    """Points of all frames in the frame of the raw left camera, as the scene was made."""
    back = numbers(calibration, "R1")
    points = []
    for path in sorted(folder.glob("frames/*/cloud.xyz")):
        for line in path.read_text().splitlines():
            if line[:1] in "#/":
                continue
            x, y, z = map(float, line.split()[:3])
            points.append(tuple(back[i] * x + back[3 + i] * y + back[6 + i] * z
                                for i in range(3)))
    return points


def test_three_commands_give_true_depths(base):
    """Boards, then scenes of the same cameras whose depths are known: a wall at 2000 mm and a board
    before it at 1200 mm."""
    scenes, rig = base / "scenes", base / "radtan.yml"
    for side in ("left", "right"):
        (scenes / side).mkdir(parents=True)
    for number in range(2):
        subprocess.run([BUILD / "tests" / "make_rig", scenes / "left" / f"{number}.pgm",
                        scenes / "right" / f"{number}.pgm", "--size", "640x480", "--left",
                        "540,538,327,236,0,radtan,-0.26,0.08,0.0006,-0.0004,0.02", "--right",
                        "536,535,315,244,0,radtan,-0.25,0.07,-0.0005,0.0003,0.01",
                        "--turn=" + ",".join(str(math.degrees(v)) for v in TRUE_TURN_VECTOR),
                        "--move=-80,0.7,-1.1", "--depths", "2000,1200", "--seed",
                        str(number + 5)], check=True)
    checked = subprocess.run([PROGRAM, "--input", scenes, "--calibration", rig, "--check"],
                             capture_output=True, text=True, check=False)
    rows = re.search(r"rows align within \S+ px \(median (\S+) px", checked.stdout)
    assert checked.returncode == 0 and abs(float(rows.group(1))) < 0.1, checked.stdout
    done = subprocess.run([PROGRAM, "--input", scenes, "--calibration", rig, "--output",
                           base / "clouds", "--outputs", "cloud", "--cloud-format", "xyz"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    depths = [point[2] for point in cloud_in_left_camera(base / "clouds", rig)]
    # What the depth hangs on most is how far the cameras turn towards each other: that much in
    # disparity, and a twentieth of a pixel of the matcher.
    wrong_px = 0.05 + 540 * 2 * math.radians(figure(rig, "turn_y_sigma_degrees"))
    for truth_mm in (2000, 1200):
        near_truth = sorted(z for z in depths if abs(z - truth_mm) < 150)
        median = near_truth[len(near_truth) // 2]
        most_mm = wrong_px * truth_mm ** 2 / (540 * 80)
        print(f"depth {truth_mm} mm: median {median:.2f} of {len(near_truth)} points, within "
              f"{most_mm:.1f} mm asked")
        assert len(near_truth) > 50000 and abs(median - truth_mm) < most_mm < 0.02 * truth_mm


def test_the_same_pictures_give_the_same_bytes(base):
    texts = []
    for options in (["--workers", "2"], ["--workers", "1", "--no-parallel", "--board", "9x6"]):
        output = base / f"same{len(texts)}.yml"
        status, said = calibrate(base / "small", output, "--square", "25", *options)
        assert status == 0 and "lens: radial-tangential, 5 coefficients" in said, said
        texts.append((output.read_bytes(), output.with_suffix(".html").read_bytes()))
    assert texts[0] == texts[1]


def test_formats_are_read_again(base):
    for name in ("kalibr.yaml", "ros.yaml", "json.json"):
        form = name.split(".")[0]
        output = base / name
        status, said = calibrate(base / "small", output, *RADTAN, "--calibration-format", form)
        assert status == 0, said
        read = output if form != "ros" else base / "ros_left.yaml"
        dry = subprocess.run([PROGRAM, "--input", base / "small", "--calibration", read,
                              "--dry-run"], capture_output=True, text=True, check=False)
        found = re.search(r"baseline (\S+) mm", dry.stdout)
        assert found, (form, dry.stdout + dry.stderr)
        near(float(found.group(1)), 80.01, 0.004)
    status, said = calibrate(base / "small", base / "k.yaml", "--board", "9x6",
                             "--calibration-format", "kalibr")
    assert status == 2 and "--square" in said, said


REFUSALS = [
    (["--blank", "both"], 4, "no chessboard in any"),
    (["--blank", "right"], 5, "left camera only"),
    (["--parallel"], 5, "tilt the board"),
    (["--repeat"], 5, "moving and tilting it each time"),
    (["--mirror", "right"], 5, "are mirrored"),
    (["--alike", "--mirror", "right"], 5, "from nearly the same side"),
    (["--mirror", "both"], 5, "--swap"),
]


def test_bad_sets_are_refused_with_what_to_do(base):
    for number, (options, expected, text) in enumerate(REFUSALS):
        folder = base / f"bad{number}"
        output = base / f"bad{number}.yml"
        few = ["--pairs", "3"] if "--blank" in options else []
        boards(folder, *SMALL, *few, *options)
        given = RADTAN if "no chessboard" not in text else ["--square", "25"]
        status, said = calibrate(folder, output, *given)
        assert status == expected, (options, status, said)
        assert text in said, (options, said)
        assert not output.exists(), options


def test_mixed_sets(base):
    """Two boards, two sizes, a broken picture, a smeared half: each pair is judged alone."""
    folder = base / "mixed"
    boards(folder, *SMALL)
    boards(folder, "--size", "400x300", "--pairs", "2", "--board", "7x5", "--first", "20")
    boards(folder, "--size", "320x240", "--pairs", "1", "--first", "30", "--seed", "4")
    broken = folder / "left" / "003.pgm"
    broken.write_bytes(broken.read_bytes()[:5000])
    status, said = calibrate(folder, base / "mixed.yml", "--square", "25")
    assert status == 3, said  # a picture that cannot be read
    for text in ("003: left out: ", "truncated", "020: left out", "320x240",
                 "for one lens only"):
        assert text in said or text == "for one lens only", (text, said)
    near(numbers(base / "mixed.yml", "M1")[0], 337.5, 0.01)


def test_another_board_is_named(base):
    boards(base / "three", "--size", "400x300", "--pairs", "3")
    status, said = calibrate(base / "three", base / "other.yml", "--board", "10x7")
    assert status == 5 and "--board 9x6" in said, said


def test_marks_that_form_no_grid_are_no_board(base):
    """A small board among marks: the detectors join both to grids that are none."""
    cameras = DATA / "euroc_v1_excerpt" / "mav0"
    if not cameras.exists():
        print("skipped: marks beside a board: no test data")
        return
    names = sorted(path.name for path in (cameras / "cam0" / "data").glob("*.png"))[:3]
    for side, camera in (("left", "cam0"), ("right", "cam1")):
        (base / "marks" / side).mkdir(parents=True)
        for name in names:
            shutil.copy(cameras / camera / "data" / name, base / "marks" / side / name)
    status, said = calibrate(base / "marks", base / "marks.yml", "--board", "7x3")
    found = re.search(r"by both cameras in (\d) of 3|the left camera only|no chessboard|no board",
                      said)
    assert status in (4, 5) and found and found.group(1) in (None, "0", "1"), (status, said)


def test_smeared_pictures_are_named(base):
    """A half that moved while it was exposed is left out where enough are left, else warned of;
    the fit may still drop a pair of it (5), which it names."""
    for pairs, sharp, used, text in ((12, 8, 8, "left out"), (7, 5, 6, "used, as too few")):
        folder = base / f"smeared{pairs}"
        boards(folder, "--size", "400x300", "--pairs", str(pairs), "--smear-from", str(sharp))
        output = base / f"smeared{pairs}.yml"
        status, said = calibrate(folder, output, *RADTAN)
        assert status == 0, said
        assert f"{used} used in both cameras" in said, said
        assert f"{pairs - sharp} of {pairs} pairs are smeared" in said and text in said, said
        named = [f"{number:03d}" for number in range(pairs)
                 if f"{number:03d}: left out: smeared" in said]
        assert named == ["008", "009", "010", "011"] * (pairs == 12), (named, said)
        assert ("005: left out: does not fit" in said) == (pairs == 7), said
        near(numbers(output, "M1")[0], 337.5, 0.005)


def test_cameras_above_each_other(base):
    boards(base / "above", "--size", "400x300", "--pairs", "8", "--above")
    output = base / "above.yml"
    status, said = calibrate(base / "above", output, *RADTAN)
    assert status == 0, said
    move = numbers(output, "T")
    near(move[1], -80, 0.01)
    assert "R1:" not in output.read_text()
    done = subprocess.run([PROGRAM, "--check", "--input", base / "above", "--calibration",
                           output], capture_output=True, text=True, check=False)
    rows = re.search(r"rows align within \S+ px \(median (\S+) px", done.stdout)
    assert rows and abs(float(rows.group(1))) < 0.15, done.stdout + done.stderr
    status, said = calibrate(base / "above", base / "above_ros.yaml", *RADTAN,
                             "--calibration-format", "ros")
    assert status == 2 and "above each other" in said, said


def resident_bytes(process):
    """Of a process and its children, what is their own."""
    total, waiting = 0, [process]
    while waiting:
        number = waiting.pop()
        try:
            for task in os.listdir(f"/proc/{number}/task"):
                waiting += pathlib.Path(f"/proc/{number}/task/{task}/children").read_text().split()
            rollup = pathlib.Path(f"/proc/{number}/smaps_rollup").read_text()
            total += 1024 * int(re.search(r"^Pss:\s+(\d+)", rollup, re.M).group(1))
        except (OSError, AttributeError):
            continue
    return total


def test_memory_stays_below_the_limit(base):
    """Fewer pictures at once, then a refusal with both numbers."""
    for limit_mb, expected in ((70, 0), (45, 0), (30, 6)):
        done = subprocess.Popen(
            [PROGRAM, "--calibrate", "--input", base / "small", "--output",
             base / f"memory{limit_mb}.yml", *RADTAN, "--workers", "4", "--memory-limit",
             f"{limit_mb}M"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        peak = 0
        while done.poll() is None:
            peak = max(peak, resident_bytes(done.pid))
            time.sleep(0.005)
        said = done.stdout.read()
        assert done.returncode == expected, (limit_mb, said)
        assert peak < limit_mb << 20, (limit_mb, peak >> 20)
        assert expected == 0 or "does not fit the memory limit: the frame needs" in said, said


def test_boards_among_frames_give_the_command(base):
    done = subprocess.run([PROGRAM, "--check", "--input", base / "small"], capture_output=True,
                          text=True, check=False)
    assert re.search(r"[4-7] of 7 frames show a chessboard.*--calibrate --input \S*/small ",
                     done.stdout), done.stdout


def test_files_of_others_stay(base):
    output = base / "mine.yml"
    output.write_text("notes\n")
    status, said = calibrate(base / "small", output)
    assert status == 2 and "not written by this program" in said, said
    assert output.read_text() == "notes\n"
    status, said = calibrate(base / "small", base)
    assert status == 2 and "is a directory" in said, said


def test_a_folder_that_takes_no_file_is_named_first(base):
    """Before the pictures are looked at, which takes minutes."""
    (base / "locked").mkdir(mode=0o555)
    # Root may write anywhere, but for this.
    without = ["setpriv", "--bounding-set=-dac_override"] if os.getuid() == 0 else []
    if without and shutil.which("setpriv") is None:
        print("skipped: a locked folder: no setpriv, and root")
        return
    done = subprocess.run([*without, PROGRAM, "--calibrate", "--input", base / "small", "--output",
                           base / "locked" / "rig.yml"], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 2 and "looking for" not in said, said
    assert "rig.yml: nothing can be written in its folder" in said, said


def test_square_board_and_circles(base):
    boards(base / "square", *SMALL, "--board", "6x6")
    status, said = calibrate(base / "square", base / "square.yml", *RADTAN[:2], *RADTAN[4:],
                             *([] if LONG else ["--board", "6x6"]))
    assert status == 0, said
    near(math.hypot(*numbers(base / "square.yml", "T")), 80.01, 0.005)
    boards(base / "dots", *SMALL, "--board", "7x5", "--pattern", "dots")
    status, said = calibrate(base / "dots", base / "dots.yml", *RADTAN[:2], *RADTAN[4:], "--pattern",
                             "circles", "--board", "7x5")
    assert status == 0, said
    near(math.hypot(*numbers(base / "dots.yml", "T")), 80.01, 0.01)


def test_opencv_sample(base):
    folder = DATA / "opencv_chess"
    output = base / "chess.yml"
    status, said = calibrate(folder, output)
    assert status == 0, said
    assert "9x6 inner corners" in said and "--square" in said, said
    for side in ("M1", "M2"):
        near(numbers(output, side)[0], numbers(folder / "calib_cv.yml", side)[0], 0.005)
    near(math.hypot(*numbers(output, "T")), math.hypot(*numbers(folder / "calib_cv.yml", "T")),
         0.005)
    assert figure(output, "held_out_rows_rms_px") < 0.2, said
    if LONG:
        compare_with_opencv(folder, output)


def compare_with_opencv(folder, output):
    """extrinsics.yml came of flags that the pictures reject (one focal length, fx/fy = 1.01): by
    these flags OpenCV's baseline of our corners is that of the file, at more than twice the error;
    by free cameras it is ours."""
    corners = subprocess.run([BUILD / "tests" / "board_corners", folder, "9x6"],
                             capture_output=True, text=True, check=True).stdout
    baselines, errors = {}, {}
    for flags in ("sample", "plain"):
        done = subprocess.run([BUILD / "tests" / "opencv_calibrate", flags], input=corners,
                              capture_output=True, text=True, check=True)
        print(f"opencv_chess, {flags}: {done.stdout.strip()}")
        baselines[flags] = float(re.search(r"baseline (\S+)", done.stdout).group(1))
        errors[flags] = float(re.search(r"error (\S+)", done.stdout).group(1))
    near(baselines["sample"], math.hypot(*numbers(folder / "extrinsics.yml", "T")), 0.005)
    near(baselines["plain"], math.hypot(*numbers(output, "T")), 0.001)
    assert errors["sample"] > 2 * errors["plain"], errors


def run_group(tests, base):
    for test in tests:
        if test is test_opencv_sample and not DATA.exists():
            print("skipped: opencv_chess: no test data")
            continue
        start = time.monotonic()
        test(base)
        print(f"ok {test.__name__} {time.monotonic() - start:.1f} s", flush=True)


def main():
    if not PROGRAM.exists():
        print("process_offline is not built")
        return 77
    base = pathlib.Path(tempfile.mkdtemp())
    try:
        boards(base / "small", *SMALL)
        tests = [value for name, value in sorted(globals().items()) if name.startswith("test_")]
        tests.sort(key=lambda test: test.__code__.co_firstlineno)
        # The first three share a calibration; the others run beside them.
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda group: run_group(group, base),
                          [tests[:3], *([test] for test in tests[3:])]))
    finally:
        shutil.rmtree(base)
    return 0


if __name__ == "__main__":
    sys.exit(main())
