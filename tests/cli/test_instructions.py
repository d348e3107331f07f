#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The guard of instruction counts: two runs count alike, and what grew above a baseline is
named with status 8. Needs valgrind."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")).resolve()
SOURCE = pathlib.Path(os.environ.get("PO_SOURCE_DIR", ".")).resolve()


def guard(baseline, *options):
    return subprocess.run([SOURCE / "scripts" / "instructions.py", "--build", BUILD,
                           "--baseline", baseline, *options], capture_output=True, text=True,
                          check=False)


def main():
    sanitized = "PO_SANITIZE:STRING=\n" not in (BUILD / "CMakeCache.txt").read_text()
    if not shutil.which("valgrind") or sanitized:
        print("skipped: there is no valgrind, or the build has sanitizers")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        baseline = pathlib.Path(folder) / "kept.json"
        done = guard(baseline, "--update")
        assert done.returncode == 0, done
        kept = json.loads(baseline.read_text())
        kept["counts"]["match"] = int(kept["counts"]["match"] * 0.9)
        baseline.write_text(json.dumps(kept))
        done = guard(baseline)
        assert done.returncode == 8, done
        assert "by more than 3 %: match\n" in done.stdout, done.stdout
    print("two runs count alike, a grown step is named")
    return 0


if __name__ == "__main__":
    sys.exit(main())
