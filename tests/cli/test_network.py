#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--matcher network: stub networks whose output is known show that views reach the network as
it wants them and that its map comes back pixel by pixel; whatever a network does wrong costs
its part, not the frame. A real one on real pairs where they are at hand."""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import calibration_files as calib
import onnx_files as onnx
import rig_files as rigs

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build"))
TOOL = str(BUILD / "process_offline")
SHARED = pathlib.Path(os.environ.get("PO_TEST_DATA", "../shared/data"))
WIDTH, HEIGHT = 320, 240
RAW = {"normalize": "raw", "multiple": 1, "output_scale": 1}
# The map as the network gave it: nothing checked, nothing filled.
UNCHECKED = ["--refine", "none", "--fill", "none", "--left-right-max-diff=-1",
             "--speckle-size", "0", "--min-disparity", "0", "--num-disparities", "128",
             "--min-measured", "0"]


def call(*words, environment=None):
    return subprocess.run([TOOL, *map(str, words)], capture_output=True, text=True, timeout=240,
                          env={**os.environ, **(environment or {})}, check=False)


def run(session, out, model, config=None, *words, status=0, **options):
    done = call("--input", session, "--output", out, "--matcher", "network", "--network", model,
                *(["--network-config", json.dumps(config)] if config is not None else []),
                "--workers", 2, *words, **options)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


def read_pfm(path):
    data = path.read_bytes()
    kind, size, scale, rest = data.split(b"\n", 3)
    width, height = map(int, size.split())
    assert kind == b"Pf" and float(scale) < 0
    values = struct.unpack("<%df" % (width * height), rest)
    return [values[(height - 1 - y) * width:(height - y) * width] for y in range(height)]


def frame_of(out, frame="000"):
    return json.loads((out / "frames" / frame / "frame.json").read_text())


def artefacts(out):
    return {str(path.relative_to(out)): path.read_bytes()
            for path in sorted((out / "frames").rglob("*")) if path.is_file()}


def make_session(work, frames=3):
    left, right = rigs.ideal_rig().photograph(str(work / "film"))
    session = work / "session"
    for i in range(frames):
        rigs.write_png(str(session / "left" / f"{i:03}.png"), left)
        rigs.write_png(str(session / "right" / f"{i:03}.png"), right)
    for name, text in calib.middlebury(rigs.ideal_rig()).items():
        rigs.write_text(str(session / name), text)
    return session, left, right


def write_model(work, name, content):
    path = work / name
    path.write_bytes(content)
    return path


def worst_difference(rows, image, gain, area=None):
    worst = 0.0
    for y in range(HEIGHT):
        for x in range(WIDTH):
            if area is None or area(x, y):
                worst = max(worst, abs(rows[y][x] - gain * image.pixels[y * WIDTH + x]))
    return worst


def check_pixels_come_back(work, session, left, right):
    """disparity = 0.25 x grey: what comes out says which view went in, and where."""
    models = {
        "any size": (onnx.stereo(gain=0.25), {}),
        "padded, picture at the bottom": (onnx.stereo((352, 256), gain=0.25),
                                          {"place": "bottom-left"}),
        "padded, picture in the middle": (onnx.stereo((352, 256), gain=0.25), {"place": "centre"}),
        "tiles": (onnx.stereo((192, 160), gain=0.25), {"large": "tiles", "max_disparity": 24}),
        "grey input": (onnx.stereo(gain=0.25, channels=1), {}),
        "scale and mean": (onnx.stereo(gain=25.0, shift=1.0),
                           {"scale": 0.01, "mean": 0.04, "deviation": 1}),
    }
    for i, (name, (content, config)) in enumerate(models.items()):
        out = work / f"pixels{i}"
        run(session, out, write_model(work, f"pixels{i}.onnx", content), {**RAW, **config},
            *UNCHECKED, "--outputs", "disparity", "--single-frame")
        worst = worst_difference(read_pfm(out / "frames" / "000" / "disparity.pfm"), left, 0.25)
        assert worst <= 1 / 16, (name, worst)
    out = work / "order"
    model = write_model(work, "order.onnx", onnx.stereo(gain=0.25, names=("right", "left")))
    run(session, out, model, RAW, *UNCHECKED, "--outputs", "disparity", "--single-frame")
    worst = worst_difference(read_pfm(out / "frames" / "000" / "disparity.pfm"), right, 0.25)
    assert worst <= 1 / 16, ("names decide the order", worst)


def check_scaled_down(work, session, _left, _right):
    """Half the size doubles what the network says, as a disparity of 10 there is 20 here."""
    out = work / "half"
    model = write_model(work, "half.onnx", onnx.stereo((160, 120), gain=0.0, shift=10.0))
    done = run(session, out, model, RAW, *UNCHECKED, "--outputs", "disparity", "--single-frame",
               status=3)
    record = frame_of(out)
    assert record["counts"]["network_failed"] == 1, "a constant map is no measurement"
    assert "10 for every pixel" in json.dumps(record["warnings"]), done.stderr
    model = write_model(work, "half2.onnx", onnx.stereo((160, 120), gain=1e-3, shift=10.0))
    run(session, work / "half2", model, RAW, *UNCHECKED, "--outputs", "disparity",
        "--single-frame")
    rows = read_pfm(work / "half2" / "frames" / "000" / "disparity.pfm")
    assert all(19.9 < value < 20.7 for row in rows for value in row)


def check_sign_is_turned(work, session, left, _right):
    out = work / "sign"
    model = write_model(work, "sign.onnx", onnx.stereo(gain=-0.25))
    config = {key: value for key, value in RAW.items() if key != "output_scale"}
    run(session, out, model, config, *UNCHECKED, "--outputs", "disparity", "--single-frame")
    rows = read_pfm(out / "frames" / "000" / "disparity.pfm")
    assert worst_difference(rows, left, 0.25) <= 1 / 16
    assert "sign is turned" in json.dumps(frame_of(out)["warnings"])


def check_description_beside_the_model(work, session, left, _right):
    out = work / "beside"
    model = write_model(work, "beside.onnx", onnx.stereo(gain=0.25))
    (work / "beside.json").write_text(json.dumps(RAW))
    done = run(session, out, model, None, *UNCHECKED, "--outputs", "disparity", "--single-frame")
    assert "says nothing" not in done.stderr
    rows = read_pfm(out / "frames" / "000" / "disparity.pfm")
    assert worst_difference(rows, left, 0.25) <= 1 / 16
    model = write_model(work, "silent.onnx", onnx.stereo(gain=0.25))
    done = run(session, work / "silent", model, None, *UNCHECKED, "--single-frame",
               "--outputs", "disparity")
    assert "\"normalize\": \"imagenet\" is taken" in done.stderr, "guesses are reported"


def check_failures_cost_the_network_only(work, session, _left, _right):
    """A frame without its network is the frame that sgm makes."""
    plain = work / "plain"
    assert call("--input", session, "--output", plain).returncode == 0
    out = work / "nan"
    model = write_model(work, "nan.onnx", onnx.not_a_number())
    done = run(session, out, model, RAW, status=3)
    assert "3 frames are done by sgm" in done.stderr, "what was asked for is not there"
    done = run(session, out, model, RAW, status=3)
    assert "3 done" in done.stdout, "such frames are tried again, not reused"
    for frame in ("000", "001", "002"):
        record = frame_of(out, frame)
        assert record["counts"]["network_failed"] == 1
        assert "no number" in json.dumps(record["warnings"])
        for name in ("disparity.pfm", "cloud.ply", "confidence.png"):
            assert (out / "frames" / frame / name).read_bytes() == (
                plain / "frames" / frame / name).read_bytes(), name


def check_crash_in_the_network(work, session, _left, _right):
    """Whatever it does to its process, in a pool or alone: the frame is matched by sgm."""
    stub = BUILD / "tests" / "preload_onnxruntime.so"
    if not stub.exists():
        return
    marked = work / "marked"
    for i in range(3):
        left = bytearray(rigs.ideal_rig().photograph(str(work / "film2"))[0].pixels)
        left[0] = 255 if i == 1 else 7
        rigs.write_png(str(marked / "left" / f"{i:03}.png"), rigs.Image(WIDTH, HEIGHT, left))
        (marked / "right").mkdir(exist_ok=True)
        (marked / "right" / f"{i:03}.png").write_bytes(
            (session / "right" / f"{i:03}.png").read_bytes())
    (marked / "calib.txt").write_bytes((session / "calib.txt").read_bytes())
    model = write_model(work, "crash.onnx", onnx.stereo())
    words = [RAW, *UNCHECKED, "--onnxruntime", stub]
    whole, plain = work / "whole", work / "whole_sgm"
    run(marked, whole, model, *words, status=3)  # the stub answers no surface: empty clouds
    assert call("--input", marked, "--output", plain, *UNCHECKED).returncode == 0
    for how in ("segv", "kill", "hang", "error", "nothing"):
        for workers in (1, 2):
            out = work / f"crash_{how}{workers}"
            done = run(marked, out, model, *words, "--workers", workers, "--frame-timeout", 4,
                       status=3,
                       environment={"PO_STUB_NETWORK": how, "PO_STUB_MARK": "255"})
            record = frame_of(out, "001")
            assert record["counts"]["network_failed"] == 1, (how, done.stderr)
            assert "without the network" in json.dumps(record["warnings"]), how
            for frame, same in (("000", whole), ("001", plain), ("002", whole)):
                name = f"frames/{frame}/disparity.pfm"
                assert (out / name).read_bytes() == (same / name).read_bytes(), (how, frame)
    done = run(marked, work / "all_bad", model, *words, status=1,
               environment={"PO_STUB_NETWORK": "segv"})
    assert "crash.onnx" in done.stderr and "signal 11" in done.stderr, done.stderr
    done = run(marked, work / "old", model, *words, status=2, environment={"PO_STUB_OLD": "1"})
    assert "too old" in done.stderr, done.stderr


def check_bad_models_end_before_the_first_frame(work, session, _left, _right):
    three = onnx.model([onnx.node("Identity", ["left"], ["disparity"])],
                       [onnx.value_info("left", [3, 8, 8])], [onnx.value_info("disparity", [3, 8, 8])])
    cases = [
        (write_model(work, "text.onnx", b"this is no model"), RAW, 2, "text.onnx"),
        (write_model(work, "cut.onnx", onnx.stereo()[:150]), RAW, 2, "cut.onnx"),
        (write_model(work, "unknown.onnx", onnx.unknown_operator()), RAW, 2, "NoSuchOperator"),
        (write_model(work, "weights.onnx", onnx.missing_weights()), RAW, 2, "weights.bin"),
        (write_model(work, "three.onnx", three), RAW, 2, "no image"),
        (write_model(work, "one.onnx", onnx.depth()), RAW, 2, "two views"),
        (write_model(work, "opset.onnx", onnx.stereo().replace(b"\x10\x0d", b"\x10\x7f")), RAW, 2,
         "opset.onnx"),
        (write_model(work, "good.onnx", onnx.stereo()), {"normalise": "raw"}, 2, "normalise"),
        (work / "good.onnx", {"mean": "grey"}, 2, "'mean' takes"),
        (work / "good.onnx", {"output": "depth"}, 2, "'output' takes"),
    ]
    for i, (model, config, status, text) in enumerate(cases):
        out = work / f"bad{i}"
        done = run(session, out, model, config, status=status)
        assert text in done.stderr, (text, done.stderr)
        assert not list(out.glob("frames/*")), "no frame was begun"
    for options in (("--matcher", "network", "--network"), ("--prior",)):
        done = call("--input", session, "--output", work / "absent", *options, work / "absent.onnx")
        assert done.returncode == 2 and not (work / "absent").exists(), (options, done.stderr)
        first = done.stderr.splitlines()[0]
        assert first == f"error: {options[-1]} {work / 'absent.onnx'}: no such file", first
        assert "disparities" not in done.stdout, "said before the first look"
    done = run(session, work / "lib", work / "good.onnx", RAW, "--onnxruntime", "/bin/true",
               status=2)
    assert "/bin/true" in done.stderr or "OrtGetApiBase" in done.stderr, done.stderr
    library = next(pathlib.Path("/usr/lib").rglob("libpng16.so.16"))
    done = run(session, work / "lib", work / "good.onnx", RAW, "--onnxruntime", library, status=2)
    assert "OrtGetApiBase" in done.stderr, done.stderr
    done = call("--input", session, "--network", work / "good.onnx")
    assert done.returncode == 2 and "--matcher network" in done.stderr
    done = call("--input", session, "--matcher", "network")
    assert done.returncode == 2 and "--network FILE" in done.stderr


def check_larger_than_the_limit(work, session, _left, _right):
    heavy = onnx.tensor("heavy", [64 << 18], [0.0] * (64 << 18))
    content = onnx.model(
        [onnx.node("Add", ["left", "right"], ["sum"]),
         onnx.node("ReduceMean", ["sum"], ["disparity"], axes=[1], keepdims=1)],
        [onnx.value_info(name, onnx.shape_of(None, 3)) for name in ("left", "right")],
        [onnx.value_info("disparity", onnx.shape_of(None, 1))], [heavy])
    model = write_model(work, "heavy.onnx", content)
    done = run(session, work / "heavy", model, RAW, "--memory-limit", "60M", status=6)
    assert "heavy.onnx" in done.stderr and "64 MB" in done.stderr, done.stderr


def check_same_bytes(work, session, _left, _right):
    """For any number of workers, with strips, from the cache, and run again."""
    model = write_model(work, "same.onnx", onnx.stereo((320, 256), gain=0.25))
    checked = ("--network-check", "--min-measured", "0")  # nothing passes: the clouds are empty
    kept = ("--cache-size", "100M")
    runs = []
    for i, words in enumerate((["--workers", 1], ["--workers", 3], ["--no-parallel"],
                               ["--cpu", "scalar"])):
        out = work / f"same{i}"
        run(session, out, model, RAW, *checked, *words, status=3)
        runs.append(artefacts(out))
    assert all(each == runs[0] for each in runs[1:])
    out = work / "cache"
    run(session, out, model, RAW, *checked, *kept, status=3)
    first = artefacts(out)
    differing = [name for name in first if first[name] != runs[0].get(name)]
    assert not differing, differing
    run(session, out, model, RAW, *checked, *kept, "--cloud-fields", "confidence", status=3)
    report = json.loads((out / "report.json").read_text())
    assert report["totals"]["done"] == 3, "another cloud, the same match"
    assert artefacts(out)["frames/000/disparity.pfm"] == first["frames/000/disparity.pfm"]
    other = write_model(work, "same.onnx", onnx.stereo((320, 256), gain=0.2))
    run(session, out, other, RAW, *checked, *kept, status=3)
    assert artefacts(out)["frames/000/disparity.pfm"] != first["frames/000/disparity.pfm"], (
        "another model under the same name is another network")


def check_info(work, _session, _left, _right):
    model = write_model(work, "info.onnx", onnx.stereo((352, 256)))
    done = call("--network-info", model)
    assert done.returncode == 0, done.stderr
    for text in ("input: left, 1 x 3 x 256 x 352", "output: disparity", "ReduceMean (2)",
                 "memory:", "time:", "a stereo network", "operator set: 13"):
        assert text in done.stdout, (text, done.stdout)
    done = call("--network-info", f"{write_model(work, 'info2.onnx', onnx.depth())},100x50")
    assert "a depth network" in done.stdout and "112x56" in done.stdout, done.stdout
    assert call("--network-info", work / "text.onnx").returncode == 2


def check_real_network(work):
    """AnyNet on KITTI: the reference is 21.8 % off by more than 2 px as it comes."""
    model = SHARED.parent / "models" / "anynet_384x1248.onnx"
    data = SHARED / "kitti2012"
    if not model.exists() or not data.exists():
        print("skipped: no real network (../shared/models) or no pairs (../shared/data)")
        return
    config = {"normalize": "imagenet", "place": "bottom-left", "output_scale": 1}
    scores = {}
    for name, words in (("raw", UNCHECKED + ["--num-disparities", "256"]), ("checked", [])):
        out = work / f"real_{name}"
        run(data, out, model, config, *words, "--ground-truth", "auto", "--outputs", "disparity")
        frames = json.loads((out / "report.json").read_text())["frames"]
        scores[name] = [frame["scores"]["dense_all"] for frame in frames]
        assert all(frame["counts"].get("network_failed", 0) == 0 for frame in frames)
    raw = sum(score["bad2_valid"] for score in scores["raw"]) / len(scores["raw"])
    checked = sum(score["bad2"] for score in scores["checked"]) / len(scores["checked"])
    print(f"bad2: raw {raw:.2f} % of the pixels kept, checked and filled {checked:.2f} %")
    assert abs(raw - 21.8) <= 0.3, raw
    assert checked < raw


def main():
    probe = call("--network-info", "/dev/null")
    with tempfile.TemporaryDirectory(prefix="po_network_") as name:
        work = pathlib.Path(name)
        probe = call("--network-info", write_model(work, "probe.onnx", onnx.stereo()))
        if "no ONNX Runtime on this machine" in probe.stderr:
            print("skipped: no ONNX Runtime; scripts/install_packages.sh networks installs one")
            return 77
        session, left, right = make_session(work)
        for check in (check_pixels_come_back, check_scaled_down, check_sign_is_turned,
                      check_description_beside_the_model, check_failures_cost_the_network_only,
                      check_crash_in_the_network, check_bad_models_end_before_the_first_frame,
                      check_larger_than_the_limit, check_same_bytes, check_info):
            check(work, session, left, right)
            print(check.__name__, "ok", flush=True)
        check_real_network(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
