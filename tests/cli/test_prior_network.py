#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--prior FILE.onnx: stub networks in the layouts of published ones show that each is fed as its
authors feed it; whatever a network does wrong costs a frame its prior, not the frame."""
import json
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import onnx_files as onnx
import rig_files as rigs
import test_prior as maps

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build"))
STUB = BUILD / "tests" / "preload_onnxruntime.so"
ONE = {"PO_STUB_INPUTS": "1"}
WIDTH, HEIGHT = maps.WIDTH, maps.HEIGHT
# Input size, names and rank as exported by their authors; the normalization they are fed with.
LAYOUTS = {
    "midas-small": ("model_a.onnx", (256, 256), "imagenet", ("0", "797"), 3),
    "midas-large": ("model_b.onnx", (384, 384), "imagenet", ("0", "1195"), 3),
    "dpt": ("model_c.onnx", (384, 384), "symmetric", ("pixel_values", "predicted_depth"), 3),
    "depth-anything-small": ("model_d.onnx", (518, 518), "imagenet", ("image", "depth"), 4),
}
NAMED = {
    "midas_v21_small_256.onnx": ("midas-small", "imagenet", None),
    "MiDaS-large.onnx": ("midas-large", "imagenet", None),
    "dpt_hybrid_384.onnx": ("dpt", "symmetric", None),
    "depth_anything_v2_vits.onnx": ("depth-anything-small", "imagenet", None),
}


def write_model(work, name, content):
    path = work / name
    path.write_bytes(content)
    return path


def run(session, out, model, *words, **options):
    return maps.run(session, out, "--prior", model, *words, **options)


def worst_difference(rows, pixels, step=1):
    """Of what came back to what went in; off the edges where it was scaled on the way."""
    worst = 0.0
    for y in range(8, HEIGHT - 8, step):
        for x in range(8, WIDTH - 8, step):
            worst = max(worst, abs(rows[y][x] - pixels[y * WIDTH + x]))
    return worst


def gradient(work):
    """A session whose left view is smooth, so that scaling changes it little."""
    session = work / "smooth"
    pixels = bytes((3 * x // 4 + y // 3) % 256 if x + y < 500 else 200
                   for y in range(HEIGHT) for x in range(WIDTH))
    pixels = bytes(min(255, 20 + x // 2 + y // 4) for y in range(HEIGHT) for x in range(WIDTH))
    for side in ("left", "right"):
        rigs.write_png(str(session / side / "000.png"), rigs.Image(WIDTH, HEIGHT, pixels))
    return session, pixels


def check_layouts(work, _session, _plain):
    """Each layout is told by its shapes and names alone, and by its file's name."""
    session, pixels = gradient(work)
    lenient = ["--min-measured", "0", "--outputs", "prior,disparity"]
    cases = [(name, preset, size, normalize, names, rank, "input and output")
             for preset, (name, size, normalize, names, rank) in LAYOUTS.items()]
    cases += [(name, preset, size, normalize, ("in", "out"), 3, "name")
              for name, (preset, normalize, size) in NAMED.items()]
    for name, preset, size, normalize, names, rank, by in cases:
        model = write_model(work, name, onnx.depth_layout(size, normalize, names, rank))
        out = work / f"layout_{name}"
        done = run(session, out, model, *lenient)
        assert f'"preset": "{preset}" by its {by}' in done.stderr, (name, done.stderr)
        rows = maps.read_pfm(out / "frames" / "000" / "prior.pfm")
        worst = worst_difference(rows, pixels)
        assert worst < 1.6, (name, worst)
    model = write_model(work, "nothing.onnx", onnx.depth_layout((300, 200), "symmetric"))
    config = '{"preset": "dpt"}'
    done = run(session, work / "told", model, "--prior-config", config, *lenient)
    assert "is taken" not in done.stderr and "taken for" not in done.stderr, done.stderr
    worst = worst_difference(maps.read_pfm(work / "told" / "frames" / "000" / "prior.pfm"), pixels)
    assert worst < 1.6, worst
    done = run(session, work / "raw", model, "--prior-config", '{"preset": "midas"}', status=2)
    assert "'preset' takes" in done.stderr, done.stderr
    done = maps.call("--network-info", f"{work / 'midas_v21_small_256.onnx'},640x480")
    assert done.returncode == 0 and "352x256" in done.stdout, "the shorter side is 256"


def inverse_depth_network(rows):
    """A network that answers one picture, whatever it sees: the prior of the test's scene."""
    values = [value for row in rows for value in row]
    nodes = [onnx.node("ReduceMean", ["image"], ["grey"], axes=[1], keepdims=1),
             onnx.node("Mul", ["grey", "zero"], ["nothing"]),
             onnx.node("Add", ["nothing", "picture"], ["inverse_depth"])]
    return onnx.model(nodes, [onnx.value_info("image", [1, 3, HEIGHT, WIDTH])],
                      [onnx.value_info("inverse_depth", [1, 1, HEIGHT, WIDTH])],
                      [onnx.tensor("zero", [1], [0.0]),
                       onnx.tensor("picture", [1, 1, HEIGHT, WIDTH], values)])


def check_same_as_a_map(work, session, plain):
    """A network that answers a map, and the map: the same disparities, for any workers, with or
    without a free core beside the match."""
    rows = maps.make_prior(plain)
    model = write_model(work, "scene.onnx", inverse_depth_network(rows))
    by_map = work / "by_map"
    maps.run(session, by_map, "--prior", maps.write_priors(work / "scene_maps", rows))
    runs = []
    for i, words in enumerate((["--workers", 1], ["--workers", 2], ["--workers", 4],
                               ["--no-parallel"], ["--cpu", "scalar"], ["--in-process"])):
        run(session, work / f"net{i}", model, *words)
        runs.append(maps.artefacts(work / f"net{i}"))
    for each in runs[1:]:
        assert each == runs[0], [name for name in each if each[name] != runs[0].get(name)]
    record = maps.record_of(work / "net0")
    assert record["prior"]["source"] == "network" and record["prior"]["filled"] > 300
    assert maps.maps_of(work / "net0", "000") == maps.maps_of(by_map, "000")
    assert "3 reused" in run(session, work / "net0", model, "--workers", 1).stdout
    report = json.loads((work / "net0" / "report.json").read_text())
    assert report["totals"]["network"]["process_bytes"] > 1 << 20
    run(session, work / "net0", model, "--workers", 1, "--force")
    report = json.loads((work / "net0" / "report.json").read_text())["totals"]["network"]
    assert report["beside_the_match"] == (os.cpu_count() > 1), report
    assert {"frames", "ms", "process_bytes", "frame_bytes"} <= set(report), report


def check_carried(work, session, plain):
    """Every second frame: those between say whose prior they have, whoever comes first."""
    model = write_model(work, "carried.onnx", inverse_depth_network(maps.make_prior(plain)))
    runs = []
    for workers in (1, 3):
        out = work / f"carried{workers}"
        done = run(session, out, model, "--prior-every", 2, "--workers", workers)
        assert "one frame in 2" in done.stderr
        runs.append(maps.artefacts(out))
        assert not list((out / ".state" / "priors").glob("*")), "kept within a run only"
    assert runs[0] == runs[1]
    out = work / "carried1"
    priors = [maps.record_of(out, frame)["prior"] for frame in maps.FRAMES]
    assert [prior.get("carried_from") for prior in priors] == [None, "000", None]
    assert [len(maps.record_of(out, frame)["inputs"]) for frame in maps.FRAMES] == [2, 3, 2]
    assert "3 reused" in run(session, out, model, "--prior-every", 2).stdout
    (work / "moved").mkdir()
    for name in ("left", "right"):
        os.symlink(session / name, work / "moved" / name)
    text = (session / "calib.txt").read_text()
    (work / "moved" / "calib.txt").write_text(text)
    alone = work / "alone"
    run(work / "moved", alone, model, "--prior-every", 2, "--frames", "0-1")
    assert maps.maps_of(alone, "001") == maps.maps_of(out, "001")


def check_shards(work, session, plain):
    """In parts: the plan's network, and the frames that share a prior in one part."""
    content = inverse_depth_network(maps.make_prior(plain))
    model = write_model(work, "carried.onnx", content)
    out = work / "parts"
    maps.in_shards(session, out, 2, "--prior", model, "--prior-every", 2)
    assert maps.artefacts(out) == maps.artefacts(work / "carried1")
    assert not list((out / ".state" / "priors").glob("*")), "kept within a run only"
    out = work / "parts_each"
    maps.in_shards(session, out, 3, "--prior", model)
    run(session, work / "whole_each", model)
    assert maps.artefacts(out) == maps.artefacts(work / "whole_each")
    model.write_bytes(onnx.depth())
    (out / "frames" / "000" / "class.png").unlink()
    done = maps.call("--input", session, "--output", out, "--shard", "1/3")
    assert done.returncode == 2 and "another network" in done.stderr, done.stderr
    model.unlink()
    done = maps.call("--input", session, "--output", out, "--merge")
    assert done.returncode == 3 and "shard 1 of 3 died" in done.stderr, done.stderr
    assert "2 done" in done.stdout, done.stdout


def check_failures(work, session, plain):
    """NaN and constant outputs: every frame is done without a prior, and says so."""
    nan = onnx.model([onnx.node("ReduceMean", ["image"], ["grey"], axes=[1], keepdims=1),
                      onnx.node("Mul", ["grey", "zero"], ["nothing"]),
                      onnx.node("Div", ["nothing", "zero"], ["depth"])],
                     [onnx.value_info("image", onnx.shape_of(None, 3))],
                     [onnx.value_info("depth", onnx.shape_of(None, 1))],
                     [onnx.tensor("zero", [1], [0.0])])
    for name, content, text in (("nan", nan, "no number"),
                                ("constant", onnx.depth(gain=0.0, shift=3.0), "3 for every pixel")):
        for workers in (1, 2):
            out = work / f"fail_{name}{workers}"
            model = write_model(work, f"{name}.onnx", content)
            done = run(session, out, model, "--workers", workers, status=3)
            assert "3 frames are done without the depth prior" in done.stderr, done.stderr
            for frame in maps.FRAMES:
                record = maps.record_of(out, frame)
                assert record["counts"]["prior_failed"] == 1 and "prior" not in record
                assert text in json.dumps(record["warnings"]), record["warnings"]
                assert maps.maps_of(out, frame) == maps.maps_of(plain, frame)
        assert "3 done" in run(session, out, model, status=3).stdout, "tried again"


def check_crashes(work, session, plain):
    """What takes its process with it costs that frame its prior; the others keep theirs."""
    if not STUB.exists():
        print("skipped: no stub of the runtime in this build")
        return
    marked = work / "marked"
    for i, frame in enumerate(maps.FRAMES):
        for side in ("left", "right"):
            (marked / side).mkdir(parents=True, exist_ok=True)
            (marked / side / f"{frame}.png").write_bytes(
                (session / side / f"{frame}.png").read_bytes())
        if i == 1:
            left = rigs.ideal_rig().photograph(str(work / "film2"))[0]
            pixels = bytearray(maps.flatten(left, 0).pixels)
            pixels[0] = 255
            rigs.write_png(str(marked / "left" / f"{frame}.png"),
                           rigs.Image(WIDTH, HEIGHT, bytes(pixels)))
    (marked / "calib.txt").write_bytes((session / "calib.txt").read_bytes())
    model = write_model(work, "crash.onnx", onnx.depth())
    words = ["--onnxruntime", STUB, "--prior-config", '{"normalize": "raw", "multiple": 1}']
    whole, without = work / "whole", work / "without"
    done = maps.call("--input", marked, "--output", whole, "--prior", model, *words,
                     environment=ONE)
    assert done.returncode == 0, done.stderr
    maps.run(marked, without)
    for how in ("segv", "kill", "hang", "error", "nothing"):
        for workers in (1, 2):
            out = work / f"crash_{how}{workers}"
            run(marked, out, model, *words, "--workers", workers, "--frame-timeout", 4, status=3,
                environment={"PO_STUB_NETWORK": how, "PO_STUB_MARK": "255", **ONE})
            assert maps.record_of(out, "001")["counts"]["prior_failed"] == 1, how
            assert maps.maps_of(out, "001") == maps.maps_of(without, "001"), how
            for frame in ("000", "002"):
                assert maps.maps_of(out, frame) == maps.maps_of(whole, frame), (how, frame)


def check_bad_models(work, session, _plain):
    cases = [
        (write_model(work, "text.onnx", b"this is no model"), [], "text.onnx"),
        (write_model(work, "two.onnx", onnx.stereo()), [], "one image"),
        (write_model(work, "unknown.onnx", onnx.unknown_operator()), [], "NoSuchOperator"),
        (write_model(work, "weights.onnx", onnx.missing_weights()), [], "weights.bin"),
        (write_model(work, "opset.onnx", onnx.depth().replace(b"\x10\x0d", b"\x10\x7f")), [],
         "opset.onnx"),
        (work / "absent.onnx", [], "absent.onnx"),
        (write_model(work, "fine.onnx", onnx.depth()), ["--prior-config", '{"presets": "dpt"}'],
         "presets"),
        (work / "fine.onnx", ["--onnxruntime", "/bin/true"], "/bin/true"),
    ]
    for i, (model, words, text) in enumerate(cases):
        done = run(session, work / f"bad{i}", model, *words, status=2)
        assert text in done.stderr, (text, done.stderr)
        assert not list((work / f"bad{i}").glob("frames/*")), "no frame was begun"
    heavy = onnx.tensor("heavy", [64 << 18], [0.0] * (64 << 18))
    content = onnx.model([onnx.node("ReduceMean", ["image"], ["depth"], axes=[1], keepdims=1)],
                         [onnx.value_info("image", onnx.shape_of(None, 3))],
                         [onnx.value_info("depth", onnx.shape_of(None, 1))], [heavy])
    model = write_model(work, "heavy.onnx", content)
    done = run(session, work / "heavy", model, "--memory-limit", "60M", status=6)
    assert "heavy.onnx" in done.stderr and "64 MB" in done.stderr, done.stderr


def main():
    with tempfile.TemporaryDirectory(prefix="po_prior_network_") as name:
        work = pathlib.Path(name)
        probe = maps.call("--network-info", write_model(work, "probe.onnx", onnx.depth()))
        if "no ONNX Runtime on this machine" in probe.stderr:
            print("skipped: no ONNX Runtime; scripts/install_packages.sh networks installs one")
            return 77
        session = maps.make_session(work)
        plain = work / "plain"
        maps.run(session, plain)
        for check in (check_layouts, check_same_as_a_map, check_carried, check_shards,
                      check_failures, check_crashes, check_bad_models):
            check(work, session, plain)
            print(check.__name__, "ok", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
