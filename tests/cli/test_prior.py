#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--prior: a map of inverse depth fills what the match cannot measure and nothing else; one that
is missing, broken or of another scene costs a frame its prior, not the frame."""
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import rig_files as rigs

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build"))
TOOL = str(BUILD / "process_offline")
WIDTH, HEIGHT = 320, 240
FLAT = (40, 150, 70, 60)  # x, y, width, height of a patch without texture, on the wall
FRAMES = ("000", "001", "002")
MEASURED, PRIOR = 1, 4


def call(*words, environment=None):
    return subprocess.run([TOOL, *map(str, words)], capture_output=True, text=True, timeout=240,
                          env={**os.environ, **(environment or {})}, check=False)


def run(session, out, *words, status=0, **options):
    done = call("--input", session, "--output", out, "--workers", 2, *words, **options)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


def in_shards(session, out, count, *words, status=0, **options):
    """As one run, in parts; the options are the plan's alone."""
    def step(*more, ends=0):
        done = call("--input", session, "--output", out, *more, **options)
        assert done.returncode == ends, (more, done.returncode, done.stdout, done.stderr)
        return done
    step("--plan", *words)
    for k in range(count, 0, -1):
        step("--shard", f"{k}/{count}", "--workers", 1, ends=status)
    return step("--merge", ends=status)


def read_pfm(path):
    kind, size, scale, rest = path.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    assert kind == b"Pf" and float(scale) < 0
    values = struct.unpack("<%df" % (width * height), rest)
    return [list(values[(height - 1 - y) * width:(height - y) * width]) for y in range(height)]


def write_pfm(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    body = b"".join(struct.pack("<%df" % len(row), *row) for row in reversed(rows))
    path.write_bytes(f"Pf\n{len(rows[0])} {len(rows)}\n-1\n".encode() + body)


def write_png16(path, rows):
    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body +
                struct.pack(">I", zlib.crc32(kind + body)))
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = b"".join(b"\0" + struct.pack(">%dH" % len(row), *row) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 16, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) +
                     chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def read_grey(path):
    """An 8-bit PNG of this program: rows of bytes."""
    data, at, packed = path.read_bytes(), 8, b""
    while at < len(data):
        length, = struct.unpack(">I", data[at:at + 4])
        if data[at + 4:at + 8] == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    raw, rows, above = zlib.decompress(packed), [], bytes(WIDTH)
    for y in range(HEIGHT):
        kind, line = raw[y * (WIDTH + 1)], bytearray(raw[y * (WIDTH + 1) + 1:(y + 1) * (WIDTH + 1)])
        for x in range(WIDTH):
            left = line[x - 1] if x else 0
            up, corner = above[x], above[x - 1] if x else 0
            near = min((abs(up - corner), 0, left), (abs(left - corner), 1, up),
                       (abs(left + up - 2 * corner), 2, corner))[2]
            line[x] = (line[x] + (0, left, up, (left + up) // 2, near)[kind]) & 255
        rows.append(bytes(line))
        above = line
    return rows


def record_of(out, frame="000"):
    return json.loads((out / "frames" / frame / "frame.json").read_text())


def artefacts(out, frame="*"):
    return {str(path.relative_to(out)): path.read_bytes()
            for path in sorted((out / "frames").glob(f"{frame}/*")) if path.is_file()}


def maps_of(out, frame):
    """What holds the result itself, without its record."""
    return {name: (out / "frames" / frame / name).read_bytes()
            for name in ("disparity.pfm", "class.png", "confidence.png", "cloud.ply", "depth.png")}


def flatten(image, shift):
    x, y, width, height = FLAT
    pixels = bytearray(image.pixels)
    for row in range(y, y + height):
        start = row * WIDTH + x - shift
        pixels[start:start + width] = bytes([128]) * width
    return rigs.Image(WIDTH, HEIGHT, pixels)


def make_session(work):
    """A wall and a board before it; on the wall a patch that nothing can be matched in."""
    left, right = rigs.ideal_rig().photograph(str(work / "film"))
    first = work / "first"
    for name, text in calib.middlebury(rigs.ideal_rig()).items():
        rigs.write_text(str(first / name), text)
    rigs.write_png(str(first / "left" / "000.png"), left)
    rigs.write_png(str(first / "right" / "000.png"), right)
    run(first, work / "first_out")
    rows = read_pfm(work / "first_out" / "frames" / "000" / "disparity.pfm")
    wall = rows[FLAT[1] + FLAT[3] // 2][FLAT[0] + FLAT[2] // 2]
    session = work / "session"
    for name, text in calib.middlebury(rigs.ideal_rig()).items():
        rigs.write_text(str(session / name), text)
    for frame in FRAMES:
        rigs.write_png(str(session / "left" / f"{frame}.png"), flatten(left, 0))
        rigs.write_png(str(session / "right" / f"{frame}.png"), flatten(right, round(wall)))
    return session


def dome(x, y):
    """What the patch would be if one could see it: a bulge of 6 px of disparity."""
    across = (x - FLAT[0] - FLAT[2] / 2) / 18
    down = (y - FLAT[1] - FLAT[3] / 2) / 16
    return 6 * math.exp(-0.5 * (across * across + down * down))


def make_prior(plain):
    """Inverse depth without scale: the disparities of a run with the bulge on them."""
    rows = read_pfm(plain / "frames" / "000" / "disparity.pfm")
    return [[0.02 * (rows[y][x] + dome(x, y)) + 0.4 for x in range(WIDTH)] for y in range(HEIGHT)]


def write_priors(folder, rows, frames=FRAMES):
    for frame in frames:
        write_pfm(folder / f"{frame}.pfm", rows)
    return folder


def check_fills_what_is_not_measured(work, session, plain, rows):
    out = work / "fills"
    run(session, out, "--prior", write_priors(work / "maps", rows))
    record, before = record_of(out), record_of(plain)
    prior = record["prior"]
    assert prior["used"] and prior["source"] == "map" and prior["inlier_share"] > 0.9, prior
    assert prior["filled"] == record["counts"]["class_filled_prior"] > 300, prior
    assert "prior" not in before and "class_filled_prior" not in before["counts"]
    assert record["counts"]["class_measured"] == before["counts"]["class_measured"]
    assert [item["role"] for item in record["inputs"]] == ["left", "right", "prior"]
    folders = [path / "frames" / "000" for path in (plain, out)]
    classes, confidences = ([read_grey(folder / name) for folder in folders]
                            for name in ("class.png", "confidence.png"))
    maps = [read_pfm(folder / "disparity.pfm") for folder in folders]
    worst, seen = 0.0, 0
    for y in range(HEIGHT):
        for x in range(WIDTH):
            if classes[1][y][x] != PRIOR:
                assert maps[0][y][x] == maps[1][y][x] and classes[0][y][x] == classes[1][y][x]
                assert confidences[0][y][x] == confidences[1][y][x]
                continue
            seen += 1
            assert classes[0][y][x] not in (MEASURED, PRIOR), "measured pixels stay"
            assert 1 <= confidences[1][y][x] <= 127
            if FLAT[0] <= x < FLAT[0] + FLAT[2] and FLAT[1] <= y < FLAT[1] + FLAT[3]:
                worst = max(worst, abs(maps[1][y][x] - maps[0][y][x] - dome(x, y)))
    assert seen == prior["filled"] and worst < 1.5, worst
    for name in ("cloud.ply", "depth.png"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    kept = read_pfm(folders[1] / "prior.pfm")
    assert max(abs(kept[y][x] - rows[y][x]) for y in range(HEIGHT) for x in range(WIDTH)) < 1e-6
    assert (folders[1] / "prior.png").stat().st_size > 100
    assert not (folders[0] / "prior.pfm").exists()
    assert "filled by the depth prior" in (out / "report.html").read_text()
    filled = work / "filled"
    run(session, filled, "--prior", work / "maps", "--include-filled", "--single-frame")
    run(session, work / "filled0", "--include-filled", "--single-frame")
    assert record_of(filled)["points"] > record["points"]
    again = work / "again"
    run(session, again, "--prior", out / "frames")
    assert maps_of(again, "000") == maps_of(out, "000"), "prior.pfm of a run is a prior"


def check_forms_of_maps(work, session, _plain, rows):
    low = min(map(min, rows))
    span = max(map(max, rows)) - low
    for frame in FRAMES:
        write_png16(work / "png" / f"{frame}.png",
                    [[1 + int(65000 * (value - low) / span) for value in row] for row in rows])
    run(session, work / "png_out", "--prior", work / "png")
    assert record_of(work / "png_out")["prior"]["filled"] > 300
    run(session, work / "half", "--prior", write_priors(work / "maps", rows), "--downscale", 2)
    assert record_of(work / "half")["prior"]["used"]


def check_bad_maps_cost_the_prior_only(work, session, plain, rows):
    def changed(change):
        return [[change(value, x, y) for x, value in enumerate(row)] for y, row in enumerate(rows)]
    bad = {
        "size": ([row[:-1] for row in rows], "319x240"),
        "constant": (changed(lambda value, x, y: 2.5), "2.5 for every pixel"),
        "nan": (changed(lambda value, x, y: math.nan), "no number for 100.0 %"),
        "infinite": (changed(lambda value, x, y: math.inf), "no number for 100.0 %"),
    }
    for name, (content, text) in bad.items():
        maps = write_priors(work / f"bad_{name}", rows)
        write_pfm(maps / "001.pfm", content)
        check_one_lost(work / f"out_{name}", session, plain, maps, text)
    for name, content, text in (("text", b"this is no map", "001.pfm"), ("empty", b"", "001.pfm"),
                                ("cut", (work / "maps" / "000.pfm").read_bytes()[:5000], "truncated"),
                                ("missing", None, "there is no map")):
        maps = write_priors(work / f"bad_{name}", rows)
        (maps / "001.pfm").unlink()
        if content is not None:
            (maps / "001.pfm").write_bytes(content)
        check_one_lost(work / f"out_{name}", session, plain, maps, text)


def check_one_lost(out, session, plain, maps, text):
    done = run(session, out, "--prior", maps, status=3)
    assert "1 frame is done without the depth prior" in done.stderr, done.stderr
    record = record_of(out, "001")
    assert record["counts"]["prior_failed"] == 1 and "prior" not in record
    assert text in json.dumps(record["warnings"]), (text, record["warnings"])
    assert maps_of(out, "001") == maps_of(plain, "001"), "the frame as without a prior"
    for frame in ("000", "002"):
        assert record_of(out, frame)["prior"]["used"], frame
    done = run(session, out, "--prior", maps, status=3)
    assert "1 done, 2 reused" in done.stdout, ("only what failed is tried again", done.stdout)


def check_maps_that_do_not_fit(work, session, plain, rows):
    """Refused with the reason; the frame is done, and is not done again."""
    depth = [[1 / value for value in row] for row in rows]
    other = [[math.sin(x * 0.9) + math.cos(y * 1.3 + x * 0.4) for x in range(WIDTH)]
             for y in range(HEIGHT)]
    for name, content, text in (("depth", depth, "inverse depth is wanted"),
                                ("other", other, "no more of what is measured than one distance")):
        maps = write_priors(work / f"misfit_{name}", rows)
        write_pfm(maps / "001.pfm", content)
        out = work / f"misfit_{name}_out"
        run(session, out, "--prior", maps)
        record = record_of(out, "001")
        assert record["prior"]["used"] is False and record["prior"]["filled"] == 0, record["prior"]
        assert record["counts"]["prior_refused"] == 1
        assert text in json.dumps(record["warnings"]), record["warnings"]
        assert maps_of(out, "001") == maps_of(plain, "001")
        assert "3 reused" in run(session, out, "--prior", maps).stdout


def check_same_bytes(work, session, _plain, rows):
    """For any number of workers and any CPU level."""
    maps = write_priors(work / "maps", rows)
    runs = []
    for i, words in enumerate((["--workers", 1], ["--workers", 3], ["--no-parallel"],
                               ["--cpu", "scalar"], ["--in-process"])):
        run(session, work / f"same{i}", "--prior", maps, *words)
        runs.append(artefacts(work / f"same{i}"))
    for each in runs[1:]:
        assert each == runs[0], [name for name in each if each[name] != runs[0].get(name)]


def check_what_is_made_again(work, session, _plain, rows):
    """The content of the maps is part of a frame's key; their times are not."""
    maps = write_priors(work / "keys", rows)
    out = work / "keys_out"
    run(session, out)
    assert "3 done" in run(session, out, "--prior", maps).stdout, "not those without a prior"
    assert "3 reused" in run(session, out, "--prior", maps).stdout
    write_pfm(maps / "001.pfm", rows)
    os.utime(maps / "001.pfm", (1, 1))
    assert "3 reused" in run(session, out, "--prior", maps).stdout, "written anew, but the same"
    write_pfm(maps / "001.pfm", [[value * 1.01 + 0.001 * x for x, value in enumerate(row)]
                                 for row in rows])
    assert "1 done, 2 reused" in run(session, out, "--prior", maps).stdout
    assert "3 reused" in run(session, out, "--prior", maps, "--verify").stdout
    assert "3 done" in run(session, out).stdout, "and back"


def check_carried(work, session, _plain, rows):
    maps = write_priors(work / "carried", rows, ("000", "002"))
    out = work / "carried_out"
    done = run(session, out, "--prior", maps, "--prior-every", 2)
    assert "one frame in 2" in done.stderr, done.stderr
    records = [record_of(out, frame)["prior"] for frame in FRAMES]
    assert [record.get("carried_from") for record in records] == [None, "000", None]
    assert all(record["used"] for record in records)


def check_shards(work, session, _plain, rows):
    """A frame and the one it takes its prior from are of one shard."""
    maps = write_priors(work / "parts", rows)
    run(session, work / "parts1", "--prior", maps, "--prior-every", 2)
    for count in (2, 3):
        out = work / f"parts_{count}"
        in_shards(session, out, count, "--prior", maps, "--prior-every", 2)
        assert artefacts(out) == artefacts(work / "parts1"), count
        report = json.loads((out / "report.json").read_text())
        assert [shard["frames"] for shard in report["shards"]] == [2, 1, 0][:count]
        assert report["totals"]["done"] == 3, report["totals"]
    out = work / "parts_each"
    in_shards(session, out, 3, "--prior", maps)
    run(session, work / "whole_each", "--prior", maps)
    assert artefacts(out) == artefacts(work / "whole_each")
    (maps / "002.pfm").unlink()
    for part in (["--shard", "1/2"], ["--merge"]):
        done = call("--input", session, "--output", out, *part)
        assert done.returncode == 2 and "run --plan again" in done.stderr, done.stderr
    maps.rename(work / "elsewhere")
    done = call("--input", session, "--output", out, "--merge")
    assert done.returncode == 2 and "was a folder of maps" in done.stderr, done.stderr


def check_usage(work, session, _plain, rows):
    (work / "nothing").mkdir()
    for words, text in (
            (["--prior", work / "nothing"], "holds no map for any of 3 frames"),
            (["--prior", write_priors(work / "maps", rows), "--fill", "none"], "no effect"),
            (["--prior", work / "maps", "--refine", "none"], "no effect"),
            (["--prior-config", "{}"], "no effect without --prior"),
            (["--prior", work / "maps", "--prior-every", 0], "prior-every")):
        done = call("--input", session, "--output", work / "usage", *words)
        assert done.returncode == 2 and text in done.stderr, (words, done.returncode, done.stderr)
    inside = work / "inside"
    write_priors(inside / "frames" / "000", rows, ("prior",))
    done = call("--input", session, "--output", inside, "--prior", inside / "frames")
    assert done.returncode == 2 and "depth prior" in done.stderr, (done.returncode, done.stderr)


def main():
    with tempfile.TemporaryDirectory(prefix="po_prior_") as name:
        work = pathlib.Path(name)
        session = make_session(work)
        plain = work / "plain"
        run(session, plain)
        rows = make_prior(plain)
        for check in (check_fills_what_is_not_measured, check_forms_of_maps,
                      check_bad_maps_cost_the_prior_only, check_maps_that_do_not_fit,
                      check_same_bytes, check_what_is_made_again, check_carried, check_shards,
                      check_usage):
            check(work, session, plain, rows)
            print(check.__name__, "ok", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
