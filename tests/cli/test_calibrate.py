#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--calibrate: pictures of a board become a calibration with a verdict, or a refusal that says
what to photograph. Rendered boards have a known truth; opencv_chess has a calibration beside it."""
import math
import os
import pathlib
import re
import resource
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


TRUE_TURN = rotation([0.006, -0.011, 0.004])


def near(value, truth, share):
    assert abs(value / truth - 1) < share, (value, truth)


def test_rendered_boards_give_the_rig(base):
    lenses = [("radtan", (540, 536))] + [("fisheye", (190, 191))] * LONG
    for lens, focals in lenses:
        folder = base / lens
        output = base / f"{lens}.yml"
        # Fewer or smaller ones leave f unsure by more than a thousandth, or the turn by more than
        # 0.02 degrees.
        boards(folder, "--lens", lens, "--pairs", "22" if lens == "radtan" else "12", "--seed",
               "3", "--size", "640x480")
        status, said = calibrate(folder, output, *GIVEN, "--workers", "2")
        assert status == 0, said
        near(numbers(output, "M1")[0], focals[0], 0.001)
        near(numbers(output, "M2")[0], focals[1], 0.001)
        near(math.hypot(*numbers(output, "T")), math.hypot(80, 0.7, 1.1), 0.001)
        most_degrees = 0.02 if lens == "radtan" else 0.06
        assert angle_between(numbers(output, "R"), TRUE_TURN) < most_degrees, said
        assert figure(output, "held_out_rows_rms_px") < 0.2, said
        assert ("equidistant" in output.read_text()) == (lens == "fisheye")
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


def test_the_same_pictures_give_the_same_bytes(base):
    texts = []
    for options in (["--workers", "2"], ["--workers", "1", "--no-parallel", "--board", "9x6"]):
        output = base / f"same{len(texts)}.yml"
        status, said = calibrate(base / "small", output, "--square", "25", *options)
        assert status == 0, said
        texts.append((output.read_bytes(), output.with_suffix(".html").read_bytes()))
    assert texts[0] == texts[1]


def test_formats_are_read_again(base):
    for name in ("kalibr.yaml", "ros.yaml", "json.json"):
        form = name.split(".")[0]
        output = base / name
        status, said = calibrate(base / "small", output, *GIVEN, "--calibration-format", form)
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
        boards(folder, *SMALL, *options)
        given = GIVEN if "no chessboard" not in text else ["--square", "25"]
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
    assert status == 0, said
    for text in ("003: left out: ", "truncated", "020: left out", "320x240",
                 "for one lens only"):
        assert text in said or text == "for one lens only", (text, said)
    near(numbers(base / "mixed.yml", "M1")[0], 337.5, 0.01)
    status, said = calibrate(folder, base / "other.yml", "--board", "10x7")
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
        status, said = calibrate(folder, output, *GIVEN)
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
    status, said = calibrate(base / "above", output, *GIVEN)
    assert status == 0, said
    move = numbers(output, "T")
    near(move[1], -80, 0.01)
    assert "R1:" not in output.read_text()
    done = subprocess.run([PROGRAM, "--check", "--input", base / "above", "--calibration",
                           output], capture_output=True, text=True, check=False)
    rows = re.search(r"rows align within \S+ px \(median (\S+) px", done.stdout)
    assert rows and abs(float(rows.group(1))) < 0.15, done.stdout + done.stderr
    status, said = calibrate(base / "above", base / "above_ros.yaml", *GIVEN,
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
             base / f"memory{limit_mb}.yml", *GIVEN, "--workers", "4", "--memory-limit",
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


def test_square_board_and_circles(base):
    boards(base / "square", *SMALL, "--board", "6x6")
    status, said = calibrate(base / "square", base / "square.yml", "--square", "25",
                             *([] if LONG else ["--board", "6x6"]))
    assert status == 0, said
    near(math.hypot(*numbers(base / "square.yml", "T")), 80.01, 0.005)
    boards(base / "dots", *SMALL, "--board", "7x5", "--pattern", "dots")
    status, said = calibrate(base / "dots", base / "dots.yml", "--square", "25", "--pattern",
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


def main():
    if not PROGRAM.exists():
        print("process_offline is not built")
        return 77
    base = pathlib.Path(tempfile.mkdtemp())
    try:
        boards(base / "small", *SMALL)
        tests = [value for name, value in sorted(globals().items()) if name.startswith("test_")]
        tests.sort(key=lambda test: test.__code__.co_firstlineno)
        for test in tests:
            if test is test_opencv_sample and not DATA.exists():
                print("skipped: opencv_chess: no test data")
                continue
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            test(base)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"ok {test.__name__} {spent:.1f} s of processor time", flush=True)
    finally:
        shutil.rmtree(base)
    return 0


if __name__ == "__main__":
    sys.exit(main())
