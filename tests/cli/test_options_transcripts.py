#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Command lines with their exact output and exit status.

A transcript holds commands after '$ ', then their stdout, then stderr after '! ', then
the exit status after '? '. After a wanted change: this script --update, and read the diff.
"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))

FIXTURES = {
    "empty.json": b"{}",
    "unknown_key.json": b'{"num_disparities": 64}',
    "foreign_key.json": b'{"colour-temperature": 6500}',
    "bad_value.json": b'{"workers": 0}',
    "bad_type.json": b'{"workers": [4]}',
    "syntax.json": b'{\n  "workers": 4,\n}',
    "bomb.json": b"[" * 5000,
    "utf16.json": '{"workers": 4}'.encode("utf-16"),
    "weak.json": b'{"num-disparities": 64}',
}


def run(line, directory):
    """The lines a command writes, as a transcript shows them."""
    words = shlex.split(line)
    environment = {"PATH": os.environ["PATH"]}
    while "=" in words[0]:
        name, value = words.pop(0).split("=", 1)
        environment[name] = value
    assert words[0] == "process_offline"
    words[0] = str(BUILD / "process_offline")
    done = subprocess.run(words, cwd=directory, env=environment, capture_output=True,
                          timeout=60, check=False)
    lines = done.stdout.decode().splitlines()
    lines += ["! " + text for text in done.stderr.decode().splitlines()]
    return lines + [f"? {done.returncode}"]


def replay(path, directory):
    lines = []
    for line in path.read_text().splitlines():
        if line.startswith("$ "):
            lines += [line] + run(line[2:], directory)
    return "\n".join(lines) + "\n"


def main():
    if not (BUILD / "process_offline").exists():
        print("process_offline is not built")
        return 77
    failed = False
    for path in sorted((HERE / "transcripts").glob("*.txt")):
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / "empty").mkdir()
            for name, content in FIXTURES.items():
                (pathlib.Path(directory) / name).write_bytes(content)
            said = replay(path, directory)
        if "--update" in sys.argv:
            path.write_text(said)
        elif said != path.read_text():
            failed = True
            print(f"{path.name}: the output has changed; if that is wanted: "
                  f"{pathlib.Path(__file__).name} --update")
            diff = subprocess.run(["diff", "-u", str(path), "-"], input=said.encode(),
                                  capture_output=True, check=False)
            print(diff.stdout.decode())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
