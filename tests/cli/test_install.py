#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cmake --install: the program, the shared library, its headers and pkg-config file, and the
documents; a C program far from the tree is built against them and processes a session."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from test_library import BINARY, MAKE_SCENE, PROGRAM, built_with, run


def find(prefix, name):
    for directory, _, files in os.walk(prefix):
        if name in files:
            return os.path.join(directory, name)
    raise AssertionError("%s is not installed" % name)


def check_completions(prefix):
    """Each shell that is there reads its completion without complaint."""
    for shell, name in (("bash", "bash-completion/completions/process_offline"),
                        ("zsh", "zsh/vendor-completions/_process_offline"),
                        ("fish", "fish/vendor_completions.d/process_offline.fish")):
        path = os.path.join(prefix, "share", name)
        assert "profile" in open(path, encoding="utf-8").read(), path
        if shutil.which(shell):
            run(shell, "-n", path)


def check_find_package(folder, prefix):
    """A CMake project elsewhere finds the library and its headers."""
    project = os.path.join(folder, "project")
    os.mkdir(project)
    with open(os.path.join(project, "CMakeLists.txt"), "w", encoding="utf-8") as handle:
        handle.write("cmake_minimum_required(VERSION 3.20)\nproject(user C)\n"
                     "find_package(process_offline 0.1 REQUIRED)\n"
                     "add_executable(user user.c)\n"
                     "target_link_libraries(user process_offline::process_offline)\n")
    with open(os.path.join(project, "user.c"), "w", encoding="utf-8") as handle:
        handle.write("#include <process_offline/settings.h>\nint main(void) { struct "
                     "po_settings s; po_settings_defaults(&s); return s.cloud.decimate != 1; }\n")
    run("cmake", "-S", project, "-B", project + "/build", "-DCMAKE_PREFIX_PATH=" + prefix)
    run("cmake", "--build", project + "/build")
    run(project + "/build/user")


def check_module(folder, prefix):
    """The installed program computes with the module of its own prefix, and names it where
    it is gone."""
    session = os.path.join(folder, "scene")
    program = os.path.join(prefix, "bin", "process_offline")
    run(MAKE_SCENE, session, "--frames", "1", "--size", "160x120", "--kind", "plane")
    command = [program, "--input", session, "--output", os.path.join(folder, "computed")]
    run(*command)
    module = find(prefix, "process_offline_cv.so")
    os.rename(module, module + ".away")
    done = subprocess.run(command + ["--force"], capture_output=True, text=True, check=False)
    assert done.returncode != 0, done.stdout
    assert "process_offline_cv.so is missing" in done.stdout + done.stderr, done
    os.rename(module + ".away", module)


def check_uninstall(prefix):
    run("cmake", "-DMANIFEST=" + os.path.join(BINARY, "install_manifest.txt"), "-P",
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts",
                     "packaging", "uninstall.cmake"))
    left = [name for _, _, files in os.walk(prefix) for name in files]
    assert not left, left


def main():
    compiler, flags = built_with()
    if not (os.path.exists(MAKE_SCENE) and shutil.which(compiler) and shutil.which("cmake")):
        print("skipped: make_scene, a compiler or cmake is missing")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        prefix = os.path.join(folder, "prefix")
        run("cmake", "--install", BINARY, "--prefix", prefix)
        for name in ("README.md", "LICENSE", "balanced.json", "process_offline.h",
                     "settings.h", "status.h", "summary.h", "process_offline.1.gz"):
            find(prefix, name)
        check_completions(prefix)
        check_find_package(folder, prefix)
        said = run(os.path.join(prefix, "bin", "process_offline"), "--version")
        assert "process_offline" in said, said
        with open(find(prefix, "process_offline.pc"), encoding="utf-8") as handle:
            assert folder not in handle.read(), "the pkg-config file cannot be moved"
        library = os.path.dirname(find(prefix, "libprocess_offline.so"))
        config = ["-I" + os.path.join(prefix, "include"), "-L" + library, "-lprocess_offline"]
        if shutil.which("pkg-config"):
            environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(library, "pkgconfig"))
            config = subprocess.run(["pkg-config", "--cflags", "--libs", "process_offline"],
                                    env=environment, capture_output=True, text=True,
                                    check=True).stdout.split()
        program = os.path.join(folder, "program")
        run(compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", PROGRAM, "-o", program, *config,
            "-Wl,-rpath," + library, *flags)
        session = os.path.join(folder, "session")
        run(MAKE_SCENE, session, "--frames", "2", "--size", "160x120", "--kind", "plane")
        said = run(program, session, os.path.join(folder, "out"))
        assert said.endswith(": 2 frames, 2 done, 0 reused, 0 failed\n"), said
        check_module(folder, prefix)
        check_uninstall(prefix)
    print("installed, found by pkg-config" if shutil.which("pkg-config") else "installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
