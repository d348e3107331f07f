#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The style, script and shaders of report.html: they parse, load nothing from elsewhere,
and the page holds them as they are."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))
PAGE = ROOT / "src" / "report" / "page"
LINE_BYTES = 100
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def problems_of(path):
    """What no compiler says: layout, strays, and addresses a page from disk cannot have."""
    text = path.read_text()
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line or line != line.rstrip() or len(line) > LINE_BYTES:
            yield f"{path.name}:{number}: a tab, a blank end, or over {LINE_BYTES} bytes"
    if "SPDX-License-Identifier: Apache-2.0" not in text.split("\n")[0]:
        yield f"{path.name}:1: no SPDX line"
    if re.search(r"https?://|@import|\burl\(|\bimport\b|\bvar\s+\w", COMMENT.sub("", text)):
        yield f"{path.name}: loads something from elsewhere, or uses var"
    if "</script" in text or "</style" in text:
        yield f"{path.name}: would end its own element"


def compiled(paths):
    """The tools that are there, on the files they know; what they complain of."""
    tools = {".js": ("node", ["--check"]), ".vert": ("glslangValidator", []),
             ".frag": ("glslangValidator", [])}
    for path in paths:
        tool, options = tools.get(path.suffix, (None, []))
        if tool is None or shutil.which(tool) is None:
            print(f"  {path.name}: {'no ' + tool if tool else 'nothing'} to check it with")
            continue
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / path.name
            # A version is what the tool asks for and a browser's default.
            head = "#version 100\n" if tool == "glslangValidator" else ""
            copy.write_text(head + path.read_text())
            done = subprocess.run([tool, *options, copy], capture_output=True, text=True,
                                  check=False)
        if done.returncode != 0:
            yield f"{path.name}: {done.stdout}{done.stderr}"


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        bad = pathlib.Path(folder) / "bad.js"
        bad.write_text("var a = 1;\t\nfetch('https://x');")
        assert len(list(problems_of(bad))) == 3, list(problems_of(bad))
        if shutil.which("node"):
            bad.write_text("function (")
            assert list(compiled([bad])), "node takes anything"


def missing_from_page(paths):
    """Files whose text a written report does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        session = pathlib.Path(folder) / "session"
        subprocess.run([BUILD / "tests" / "make_scene", session, "--frames", "1", "--size",
                        "160x120", "--kind", "plane"], check=True, capture_output=True)
        subprocess.run([BUILD / "process_offline", "--input", session, "--quiet"], check=True)
        page = (session / "reconstruction" / "report.html").read_text()
    return [f"{path.name}: not in report.html as it is" for path in paths
            if path.read_text() not in page]


def main():
    self_test()
    paths = sorted(PAGE.iterdir())
    problems = [problem for path in paths for problem in problems_of(path)]
    problems += compiled(paths)
    problems += missing_from_page(paths)
    print("\n".join(problems))
    print(f"{len(paths)} files, {len(problems)} problems")
    return 1 if problems or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
