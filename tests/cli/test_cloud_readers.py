#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clouds and surfaces of every format, opened by readers that others wrote: counted, and
their extents compared. Needs any of python3-open3d, pcl-tools, cloudcompare; exit 77
when none is installed."""

import math
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
TOLERANCE = 2e-6  # of the largest coordinate: floats, and the decimals of text files
BINARY_DIR = os.environ.get("PO_BINARY_DIR", "build")


def run(*command):
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", LC_ALL="C")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=300, env=environment, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: status {done.returncode}: "
                           f"{done.stdout[-500:]}")
    return done.stdout


def extent_of(points):
    columns = list(zip(*points))
    return [f(column) for column in columns[:3] for f in (min, max)]


def text_points(path, header_end=None):
    """Points of an ascii file: the first three numbers of each line after the header."""
    points = []
    with open(path, encoding="utf-8") as lines:
        count = None
        for line in lines if header_end else ():
            words = line.split()
            if words[:2] == ["element", "vertex"]:
                count = int(words[2])
            if line.startswith(header_end):
                break
        for line in lines:
            if count is not None and len(points) == count:
                break
            points.append(tuple(float(word) for word in line.split()[:3]))
    return points


class Open3d:
    name = "Open3D"
    files = ("binary.ply", "metres.ply", "fields.ply", "ascii.ply", "binary.pcd",
             "fields.pcd", "text.xyz", "empty.ply", "surface.ply", "surface.obj")

    def __init__(self):
        import open3d
        self.open3d = open3d
        open3d.utility.set_verbosity_level(open3d.utility.VerbosityLevel.Error)

    def read(self, path, work):
        if "surface" in path:
            mesh = self.open3d.io.read_triangle_mesh(path)
            if not mesh.has_vertex_normals():
                raise RuntimeError("no normals")
            if path.endswith(".ply") and not mesh.has_vertex_colors():
                raise RuntimeError("no colours")
            return mesh.vertices, len(mesh.triangles)
        cloud = self.open3d.io.read_point_cloud(path)
        if "empty" not in path and not path.endswith(".xyz") and not cloud.has_colors():
            raise RuntimeError("no colours")
        if "fields" in path and not cloud.has_normals():
            raise RuntimeError("no normals")
        return cloud.points, 0


class Pcl:
    name = "PCL"
    files = ("binary.ply", "metres.ply", "fields.ply", "ascii.ply", "binary.pcd",
             "fields.pcd", "empty.ply", "empty.pcd")

    def __init__(self):
        if not shutil.which("pcl_pcd2ply") or not shutil.which("pcl_ply2pcd"):
            raise ImportError("no pcl-tools")

    def read(self, path, work):
        to_ply = path.endswith(".pcd")
        out = os.path.join(work, "pcl.ply" if to_ply else "pcl.pcd")
        said = run("pcl_pcd2ply" if to_ply else "pcl_ply2pcd", "-format", "0", path, out)
        said = re.sub("\x1b[^m]*m", "", said)
        if "[done" not in said:
            raise RuntimeError("not loaded")
        if " 0 points]" in said:
            return [], 0  # it does not save what is empty
        return text_points(out, "end_header" if to_ply else "DATA"), 0


class CloudCompare:
    name = "CloudCompare"
    files = ("binary.ply", "fields.ply", "ascii.ply", "text.xyz", "surface.ply",
             "surface.obj")

    def __init__(self):
        self.command = shutil.which("CloudCompare") or shutil.which("cloudcompare")
        if not self.command:
            raise ImportError("no cloudcompare")

    def read(self, path, work):
        out = os.path.join(work, "cloudcompare.asc")
        options = ["-SILENT", "-NO_TIMESTAMP", "-AUTO_SAVE", "OFF", "-C_EXPORT_FMT", "ASC",
                   "-PREC", "8", "-O", path]
        if "surface" in path:
            options += ["-EXTRACT_VERTICES"]
        run(self.command, *options, "-SAVE_CLOUDS", "FILE", out)
        return text_points(out), None


def expected_files(directory):
    files = {}
    for line in run(os.path.join(BINARY_DIR, "tests", "make_cloud"), directory).splitlines():
        words = line.split()
        files[words[0]] = (int(words[1]), int(words[2]), [float(w) for w in words[3:]])
    return files


def check(reader, name, directory, work, expected):
    count, triangles, extent = expected
    points, faces = reader.read(os.path.join(directory, name), work)
    if len(points) != count:
        raise RuntimeError(f"{len(points)} points of {count}")
    if faces is not None and faces != triangles:
        raise RuntimeError(f"{faces} triangles of {triangles}")
    if count == 0:
        return
    found = extent_of(points)
    bound = TOLERANCE * max(abs(value) for value in extent)
    for a, b in zip(found, extent):
        if not math.isclose(a, b, abs_tol=bound):
            raise RuntimeError(f"extent {found}, not {extent}")


def main():
    readers = []
    for kind in (Open3d, Pcl, CloudCompare):
        try:
            readers.append(kind())
        except ImportError as missing:
            print(f"skipped {kind.name}: {missing}")
    if not readers:
        return SKIPPED
    failed = 0
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as work:
        expected = expected_files(directory)
        for reader in readers:
            for name in reader.files:
                try:
                    check(reader, name, directory, work, expected[name])
                    print(f"{reader.name}: {name}: {expected[name][0]} points, "
                          f"{expected[name][1]} triangles")
                except (RuntimeError, OSError, ValueError) as error:
                    print(f"{reader.name}: {name}: FAILED: {error}")
                    failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
