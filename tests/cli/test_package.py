#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian package: made by cpack, without a complaint of lintian, with few packages behind
it. With PO_LONG=1; needs cpack, dpkg-deb and lintian."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")).resolve()
PACKAGES_MAX = 60  # beside those that the smallest Debian has; mesa alone would be 40


def said(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def planned(*packages):
    """What apt would install on a system that has nothing."""
    with tempfile.TemporaryDirectory() as folder:
        empty = pathlib.Path(folder) / "status"
        empty.write_text("")
        plan = said("apt-get", "install", "-s", "--no-install-recommends", "-o",
                    f"Dir::State::status={empty}", *packages)
    return set(re.findall(r"^Inst (\S+)", plan, re.M))


def packages_behind(package):
    """What comes with it beside what the smallest Debian has: essential packages and apt."""
    listed = said("dpkg-query", "-Wf", "${Package} ${Essential}\\n").split("\n")
    essential = [line.split()[0] for line in listed if line.endswith(" yes")]
    return planned(str(package)) - planned("apt", *essential) - {"process-offline"}


def main():
    if os.environ.get("PO_LONG") != "1":
        print("skipped: set PO_LONG=1")
        return 77
    missing = [name for name in ("cpack", "dpkg-deb", "lintian", "apt-get")
               if not shutil.which(name)]
    if missing or not (BUILD / "CPackConfig.cmake").exists():
        print("skipped: there is no " + ", no ".join(missing or ["CPackConfig.cmake"]))
        return 77
    with tempfile.TemporaryDirectory() as folder:
        said("cpack", "--config", str(BUILD / "CPackConfig.cmake"), "-B", folder)
        package = next(pathlib.Path(folder).glob("*.deb"))
        complaints = said("lintian", "--allow-root", str(package))
        assert not complaints.strip(), complaints
        behind = packages_behind(package)
        assert len(behind) < PACKAGES_MAX, sorted(behind)
        root = pathlib.Path(folder) / "root"
        said("dpkg-deb", "-x", str(package), str(root))
        program = str(root / "usr/bin/process_offline")
        assert "process_offline" in said(program, "--version")
        session = pathlib.Path(folder) / "session"
        said(str(BUILD / "tests" / "make_scene"), str(session), "--frames", "2", "--size",
             "160x120")
        assert "2 frames: 2 done" in said(program, "--input", str(session))
        kilobytes = package.stat().st_size >> 10
        print(f"{package.name}: {kilobytes} kB, {len(behind)} packages behind it, lintian silent")
    return 0


if __name__ == "__main__":
    sys.exit(main())
