#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same inputs and settings give the same bytes for any number of workers, in any mode
of running and on any CPU level. In a build with ThreadSanitizer its reports fail the test:
these are the runs in which several threads share a pool, a budget and the rectifiers."""
import glob
import hashlib
import os
import subprocess
import sys
import tempfile

BUILD = os.environ.get("PO_BINARY_DIR", "build")
TOOL = os.path.join(BUILD, "process_offline")
MAKE_SCENE = os.path.join(BUILD, "tests", "make_scene")
FRAMES = 5
WAYS = [
    ["--workers", "1"],
    ["--workers", "2"],
    ["--workers", "4", "--batch-size", "2"],
    ["--no-parallel"],
    ["--in-process"],
]
LEVELS = ["scalar", "sse4", "avx2", "avx512", "neon"]
PROFILES = ["fast", "balanced", "quality", "classic"]


def run(session, output, log, *options):
    """Whether the run was possible here: a CPU level may not exist."""
    environment = dict(os.environ, TSAN_OPTIONS="log_path=%s:exitcode=66" % log)
    result = subprocess.run(
        [TOOL, "--input", session, "--output", output, "--progress", "never", *options],
        capture_output=True, text=True, timeout=600, check=False, env=environment)
    reports = "".join(open(name, encoding="utf-8").read() for name in glob.glob(log + "*"))
    if reports:
        sys.exit("%s: ThreadSanitizer reports\n%s" % (" ".join(options), reports[:4000]))
    if result.returncode == 2 and "no such level" in result.stderr:
        return False
    if result.returncode != 0:
        sys.exit("%s: exit %d\n%s%s" % (" ".join(options), result.returncode, result.stdout,
                                        result.stderr))
    return True


def artefacts(output):
    hashes = {}
    frames = os.path.join(output, "frames")
    for directory, _, files in os.walk(frames):
        for name in files:
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                hashes[os.path.relpath(path, frames)] = hashlib.sha256(file.read()).hexdigest()
    return hashes


def check_profile(work, session, profile, levels):
    ways = WAYS + [["--workers", "2", "--cpu", level] for level in levels]
    reference = None
    compared = 0
    for number, way in enumerate(ways):
        output = os.path.join(work, "%s-%d" % (profile, number))
        if not run(session, output, os.path.join(work, "tsan"), "--profile", profile, *way):
            continue
        found = artefacts(output)
        assert len({os.path.dirname(name) for name in found}) == FRAMES, "frames are missing"
        reference = reference or found
        different = sorted(name for name in set(found) | set(reference)
                           if found.get(name) != reference.get(name))
        assert not different, "%s %s: not the bytes of %s: %s" % (
            profile, " ".join(way), " ".join(ways[0]), different)
        compared += 1
    print("%s: %d ways of running, %d files each, the same bytes" % (
        profile, compared, len(reference)))


def watches_threads():
    with open(TOOL, "rb") as handle:
        return b"__tsan_init" in handle.read()


def main():
    with tempfile.TemporaryDirectory() as work:
        session = os.path.join(work, "session")
        subprocess.run([MAKE_SCENE, session, "--frames", str(FRAMES), "--size", "200x150",
                        "--kind", "sphere"], check=True, capture_output=True)
        # ThreadSanitizer is slow: one profile of each matcher, the best CPU level.
        short = watches_threads()
        for profile in ["balanced", "classic"] if short else PROFILES:
            check_profile(work, session, profile, [] if short else LEVELS)


if __name__ == "__main__":
    main()
