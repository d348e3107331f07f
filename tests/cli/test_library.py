#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shared library: shows po_ symbols alone, and the example, which knows only
the public headers, processes a session with it; the headers also compile as C++."""
import os
import shutil
import subprocess
import sys
import tempfile

BINARY = os.environ.get("PO_BINARY_DIR", "build")
SOURCE = os.environ.get("PO_SOURCE_DIR", ".")
LIBRARY = os.path.join(BINARY, "libprocess_offline.so")
MAKE_SCENE = os.path.join(BINARY, "tests", "make_scene")

PROGRAM = os.path.join(SOURCE, "tests", "examples", "process_session.c")


def built_with():
    """The build's C compiler, and the flags a program needs to link a sanitized library."""
    compiler, flags = "cc", []
    with open(os.path.join(BINARY, "CMakeCache.txt"), encoding="utf-8") as cache:
        for line in cache:
            name, _, value = line.rstrip("\n").partition("=")
            if name.startswith("CMAKE_C_COMPILER:"):
                compiler = value
            elif name.startswith("PO_SANITIZE:") and value:
                flags = ["-fsanitize=" + value]
    if flags and "clang" in compiler:
        # A C program, and a library with C++ in it.
        flags += ["-fsanitize-link-c++-runtime", "-lstdc++"]
    return compiler, flags


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, "%s: %s%s" % (command, done.stdout, done.stderr)
    return done.stdout


def main():
    compiler, flags = built_with()
    if not (os.path.exists(LIBRARY) and os.path.exists(MAKE_SCENE) and shutil.which(compiler)):
        print("skipped: the library, make_scene or a compiler is missing")
        return 77
    names = [line.split()[-1] for line in
             run("nm", "-D", "--defined-only", LIBRARY).splitlines()]
    foreign = [name for name in names if not name.startswith("po_")]
    assert not foreign, "exported beside the API: %s" % foreign[:10]
    assert {"po_version", "po_process_session", "po_settings_defaults", "po_fail",
            "po_status_name"} <= set(names), names
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        headers = os.path.join(SOURCE, "include")
        run(compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", headers, PROGRAM,
            "-o", program, "-L", BINARY, "-lprocess_offline",
            "-Wl,-rpath," + os.path.abspath(BINARY), *flags)
        if shutil.which("c++"):
            run("c++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I",
                headers, "-x", "c++", os.path.join(headers, "process_offline",
                                                   "process_offline.h"))
        session = os.path.join(folder, "session")
        run(MAKE_SCENE, session, "--frames", "3", "--size", "160x120", "--kind", "plane")
        said = run(program, session, os.path.join(folder, "out"))
        assert said.endswith(": 3 frames, 3 done, 0 reused, 0 failed\n"), said
        assert sorted(os.listdir(os.path.join(folder, "out", "frames", "000000"))) == [
            "cloud.ply", "disparity.pfm", "frame.json"]
        done = subprocess.run([program, os.path.join(folder, "nothing"),
                               os.path.join(folder, "out2")], capture_output=True, text=True)
        assert done.returncode == 2 and "nothing" in done.stderr, done
    print("%d symbols, a session through the library" % len(names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
