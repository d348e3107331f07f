#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clouds and surfaces of every format, opened by readers that others wrote: counted, and
their extents compared. Needs any of python3-open3d, pcl-tools, cloudcompare, assimp-utils,
and for LAS and GLB the npm packages of scripts/install_node_tools.sh; exit 77 when none is
there."""

import json
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
             "fields.pcd", "text.xyz", "empty.ply", "ros.ply", "surface.ply", "surface.obj",
             "surface.glb")

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


class Assimp:
    name = "assimp"
    files = ("surface.glb", "plain.glb", "surface.obj")

    def __init__(self):
        if not shutil.which("assimp"):
            raise ImportError("no assimp-utils")

    def read(self, path, _work):
        said = run("assimp", "info", path)
        points = int(re.search(r"^Vertices: *(\d+)", said, re.M).group(1))
        faces = int(re.search(r"^Faces: *(\d+)", said, re.M).group(1))
        if not path.endswith("surface.glb"):
            return points, None  # it splits an OBJ's corners, and takes points for faces
        return points, faces


class NodeTool:
    """A script of tests/support around a package of npm."""
    package, script = "", ""

    def __init__(self):
        self.modules = os.environ.get("PO_NODE_MODULES",
                                      os.path.join(BINARY_DIR, "node_modules"))
        if not shutil.which("node"):
            raise ImportError("no node")
        if not os.path.isdir(os.path.join(self.modules, self.package)):
            raise ImportError(f"no {self.package} in {self.modules}; see "
                              "scripts/install_node_tools.sh")

    def ask(self, path):
        support = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support")
        environment = dict(os.environ, NODE_PATH=os.path.abspath(self.modules))
        done = subprocess.run(["node", os.path.join(support, self.script), path],
                              capture_output=True, text=True, timeout=120, env=environment,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-500:])
        return json.loads(done.stdout)


class GltfValidator(NodeTool):
    name, package, script = "glTF validator", "gltf-validator", "check_glb.js"
    files = ("plain.glb", "fields.glb", "empty.glb", "surface.glb")

    def read(self, path, _work):
        said = self.ask(path)
        if said["issues"]:
            raise RuntimeError(said["issues"])
        return said["points"], said["triangles"]


class Copc(NodeTool):
    name, package, script = "copc", "copc", "read_las.js"
    files = ("millimetres.las", "fields.las", "ros.las", "empty.las")

    def read(self, path, _work):
        said = self.ask(path)
        fields = {"confidence"}
        if "fields" in path:
            fields |= {"sigma", "class", "disparity", "nx", "ny", "nz"}
        axes = "x forward, y left, z up" if "ros" in path else "z forward"
        unit = 'UNIT["metre",1]' if "fields" in path else 'UNIT["millimetre",0.001]'
        if (said["version"], said["format"]) != ("1.4", 7):
            raise RuntimeError(f"LAS {said['version']} format {said['format']}")
        if not fields <= set(said["dimensions"]):
            raise RuntimeError(f"dimensions {said['dimensions']}")
        if axes not in said["system"] or unit not in said["system"]:
            raise RuntimeError(said["system"])
        if not said["points"]:
            return 0, 0
        if said["header"] != said["extent"]:
            raise RuntimeError(f"bounds {said['header']}, points {said['extent']}")
        if not math.isclose(said["confidence"], 200 / 255, rel_tol=1e-6):
            raise RuntimeError(f"confidence {said['confidence']}")
        return Extent(said["points"], said["extent"]), 0


class Extent:
    """Points of which only count and extent are known."""

    def __init__(self, count, extent):
        self.count, self.extent = count, extent

    def __len__(self):
        return self.count


def expected_files(directory):
    files = {}
    for line in run(os.path.join(BINARY_DIR, "tests", "make_cloud"), directory).splitlines():
        words = line.split()
        files[words[0]] = (int(words[1]), int(words[2]), [float(w) for w in words[3:]])
    return files


def check(reader, name, directory, work, expected):
    count, triangles, extent = expected
    points, faces = reader.read(os.path.join(directory, name), work)
    found_count = points if isinstance(points, int) else len(points)
    if found_count != count and (name != "surface.obj" or not isinstance(points, int)):
        raise RuntimeError(f"{found_count} points of {count}")
    if faces is not None and faces != triangles:
        raise RuntimeError(f"{faces} triangles of {triangles}")
    if count == 0 or isinstance(points, int):
        return
    found = points.extent if isinstance(points, Extent) else extent_of(points)
    bound = TOLERANCE * max(abs(value) for value in extent)
    for a, b in zip(found, extent):
        if not math.isclose(a, b, abs_tol=bound):
            raise RuntimeError(f"extent {found}, not {extent}")


def main():
    readers = []
    for kind in (Open3d, Pcl, CloudCompare, Assimp, GltfValidator, Copc):
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
