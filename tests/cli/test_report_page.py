#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""report.html in a real browser, from its file: pictures, viewer, keys, touch, and a policy
that lets nothing else run. Needs chromium, node and playwright-core
(scripts/install_node_tools.sh); with PO_LONG=1 also 5000 frames. PO_SHOTS: a folder for
screenshots."""
import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build")).resolve()
TOOL = BUILD / "process_offline"
MODULES = pathlib.Path(os.environ.get("PO_NODE_MODULES", BUILD / "node_modules")).resolve()
HOSTILE = "a<img src=x onerror=alerted=1>'\""
MOVES = ("drag", "wheel", "keys", "colour1", "colour2", "colour3", "axes", "reset", "pinch",
         "focusStays")


def make_session(folder, frames, size="320x240"):
    subprocess.run([BUILD / "tests" / "make_scene", folder, "--frames", str(frames), "--size",
                    size, "--kind", "plane"], check=True, capture_output=True)
    return folder


def run(session, status, *options):
    done = subprocess.run([TOOL, "--input", session, "--quiet", *options],
                          capture_output=True, text=True, check=False)
    assert done.returncode == status, done
    return session / "reconstruction" / "report.html"


def drive(browser, page):
    words = ["node", ROOT / "tests" / "support" / "drive_page.js", browser, page]
    if "PO_SHOTS" in os.environ:
        words.append(os.environ["PO_SHOTS"])
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False,
                          env={**os.environ, "NODE_PATH": str(MODULES)})
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def check_visit(seen):
    """What holds for any page."""
    assert not seen["complaints"], seen["complaints"]
    assert not seen["fetched"], seen["fetched"]
    assert seen["overflow"] == 0, f"{seen['width']} px: {seen['overflow']} px too wide"
    assert not seen["alerted"], "a name ran as a script"


def check_hashes(page):
    """The policy names the hashes of what runs, here and in the frames' own pages."""
    for path in (page, *sorted(page.parent.glob("frames/*/view.html"))[:1]):
        text = path.read_text()
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
        assert "unsafe" not in policy and "default-src 'none'" in policy, policy
        for body in re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", text, re.S):
            name = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
            assert f"'sha256-{name}'" in policy, (path, body[:80])


def some_frames(browser, work):
    """Three frames, the second broken; their points in the page."""
    session = make_session(work / f"three{HOSTILE}", 3)
    (session / "left" / "000001.png").write_bytes(b"no image")
    page = run(session, 3)
    check_hashes(page)
    for seen in drive(browser, page):
        check_visit(seen)
        assert "2 of 3 frames" in seen["verdict"], seen
        assert seen["firstFrame"].startswith("000001"), "what failed comes first"
        assert seen["legends"] == 2, seen
        pictures = seen["pictures"]
        assert pictures["count"] == 8, pictures
        assert all(pictures[name] for name in ("next", "previous", "closed")), pictures
        assert pictures["width"] >= 300, pictures
        view = seen["embedded"]
        assert all(view[name] for name in MOVES), view
        assert view["lit"] > 0.005 and view["grown"] > 0.7 * view["lit"], "points do not grow"
        assert re.search(r"\d ?(mm|m)$", view["scale"]), view
        assert seen["closed"] and not seen["lastIsBeside"], seen
        print(f"{seen['width']} px {seen['scheme']}: page after {seen['loadMs']} ms, points "
              f"after {view['loadMs']} ms, {100 * view['lit']:.1f} % lit")


def points_beside(browser, work):
    """A page whose frames' points lie beside it, and one that was moved without them."""
    session = make_session(work / "beside", 2)
    page = run(session, 0)
    text = re.sub(r'<script type="text/plain" id="(points|facts)-1">[^<]*</script>', "",
                  page.read_text())
    page.write_text(text.replace('<div class="legend" hidden></div>', ""))
    for seen in drive(browser, page):
        check_visit(seen)
        assert seen["lastIsBeside"] and seen["lastLit"] > 0.005, seen
    print("points beside the page: shown")


def no_frames(browser, work):
    session = make_session(work / "none", 1)
    (session / "left" / "000000.png").write_bytes(b"")
    for seen in drive(browser, run(session, 4)):
        check_visit(seen)
        assert "0 of 1 frame" in seen["verdict"], seen
    print("no frame: said")


def very_many_frames(browser, work):
    session = make_session(work / "many", 1, "64x48")
    for side in ("left", "right"):
        first = session / side / "000000.png"
        for number in range(1, 5000):
            os.link(first, session / side / f"{number:06}.png")
    page = run(session, 0, "--num-disparities", "16")
    megabytes = page.stat().st_size / 2 ** 20
    for seen in drive(browser, page):
        check_visit(seen)
        assert "5000 of 5000 frames" in seen["verdict"], seen
        print(f"5000 frames: {megabytes:.0f} MB, loaded in {seen['loadMs']} ms")
    assert megabytes < 60


def main():
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    missing = [name for name, there in (
        ("chromium", browser), ("node", shutil.which("node")),
        (f"playwright-core in {MODULES}", (MODULES / "playwright-core").is_dir()),
        ("process_offline", TOOL.exists())) if not there]
    if missing:
        print("skipped, as there is no " + ", no ".join(missing))
        return 77
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        work = pathlib.Path(name)
        tests = [some_frames, points_beside, no_frames]
        if os.environ.get("PO_LONG") == "1":
            tests.append(very_many_frames)
        for test in tests:
            test(browser, work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
