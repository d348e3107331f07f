#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing is computed for outputs that were not asked for: without a cloud, a surface or the
report's views no points are selected, and the maps are those of a run that has all."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", "build")).resolve()


def process(session, output, *options):
    subprocess.run([BUILD / "process_offline", "--input", session, "--output", output, "--quiet",
                    "--workers", "1", *options], check=True, timeout=300)
    frame = output / "frames" / "000000"
    return frame, json.loads((frame / "frame.json").read_text())


def main():
    with tempfile.TemporaryDirectory() as folder:
        session = pathlib.Path(folder) / "session"
        subprocess.run([BUILD / "tests" / "make_scene", session, "--frames", "1", "--size",
                        "160x120", "--kind", "sphere"], check=True)
        whole, record = process(session, pathlib.Path(folder) / "whole")
        selected = set(record["counts"])
        assert record["points"] > 0, record
        maps, bare = process(session, pathlib.Path(folder) / "maps", "--outputs",
                             "disparity,depth,class,confidence,preview")
        assert bare["points"] == 0, bare["points"]
        assert selected - set(bare["counts"]), "the filters of clouds ran"
        for name in ("disparity.pfm", "depth.png", "class.png", "confidence.png", "preview.png"):
            assert (maps / name).read_bytes() == (whole / name).read_bytes(), name
        for outputs in ("cloud", "view"):
            _, record = process(session, pathlib.Path(folder) / outputs, "--outputs", outputs)
            assert set(record["counts"]) >= selected - set(bare["counts"]), outputs
    print("no points without what shows them; the same maps")
    return 0


if __name__ == "__main__":
    sys.exit(main())
