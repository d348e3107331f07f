#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the two pictures of the README: a ray-traced table top, what the program makes of it,
and its cloud from another side.

  readme_pictures.py [PROGRAM [DIR]]    by default build/process_offline, .github/pictures

Needs python3-numpy. DIR/scene is left there when DIR is given: left/, right/, calib.txt.
"""
import os
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np

WIDTH, HEIGHT, FOCAL, BASELINE = 640, 480, 620.0, 90.0
SPHERES = (((-150, 60, 980), 110, (200, 70, 50)), ((190, 105, 860), 65, (60, 120, 200)),
           ((60, -20, 1250), 150, (90, 170, 90)), ((330, 80, 1180), 90, (220, 180, 70)))
FLOOR_Y, WALL_Z = 170.0, 1700.0


def write_png(path, image):
    """8-bit RGB in at most 6 x 7 x 6 colours, as a palette."""
    levels = np.array([6, 7, 6])
    steps = np.rint(image / 255.0 * (levels - 1)).astype(int)
    index = (steps[..., 0] * levels[1] + steps[..., 1]) * levels[2] + steps[..., 2]
    r, g, b = np.meshgrid(*(np.linspace(0, 255, n) for n in levels), indexing="ij")
    palette = np.rint(np.stack([r, g, b], -1)).astype(np.uint8).reshape(-1, 3)
    rows = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in index)

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    height, width = index.shape
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" +
                   chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)) +
                   chunk(b"PLTE", palette.tobytes()) + chunk(b"IDAT", zlib.compress(rows, 9)) +
                   chunk(b"IEND", b""))


def write_ppm(path, image):
    with open(path, "wb") as file:
        file.write(b"P6 %d %d 255\n" % image.shape[1::-1] + image.astype(np.uint8).tobytes())


def noise(points, grain):
    """Smooth noise in space, -1..1: a texture that both cameras see alike."""
    def value(cell):
        bits = np.zeros(cell.shape[:-1], np.uint64)
        for axis in range(3):  # the mixer of splitmix64 (Steele et al. 2014)
            bits = (bits ^ cell[..., axis].astype(np.uint64)) + np.uint64(0x9e3779b97f4a7c15)
            bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
            bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
        return (bits >> np.uint64(40)).astype(float) / 2 ** 23 - 1
    scaled = points / grain
    base = np.floor(scaled).astype(np.int64)
    part = scaled - base
    total = 0
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, part, 1 - part), -1)
        total = total + weight * value(base + np.array(corner))
    return total


def photograph(camera_x):
    """The table top through a pinhole at (camera_x, 0, 0), looking along z; RGB."""
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    ray = np.stack([(x - (WIDTH - 1) / 2) / FOCAL, (y - (HEIGHT - 1) / 2) / FOCAL,
                    np.ones(x.shape)], -1)
    depth = np.full(x.shape, WALL_Z)
    colour = np.broadcast_to(np.array([170.0, 160, 150]), ray.shape).copy()
    shade = np.ones(x.shape)
    floor = np.where(ray[..., 1] > 0, FLOOR_Y / np.maximum(ray[..., 1], 1e-9), np.inf)
    nearer = floor < depth
    depth[nearer] = floor[nearer]
    colour[nearer] = (150, 110, 80)
    for centre, radius, tint in SPHERES:
        to = np.array(centre, float) - (camera_x, 0, 0)
        a, b = (ray * ray).sum(-1), (ray * to).sum(-1)
        inside = b * b - a * (to @ to - radius * radius)
        hit = (b - np.sqrt(np.maximum(inside, 0))) / a
        nearer = (inside > 0) & (hit < depth)
        depth[nearer] = hit[nearer]
        colour[nearer] = tint
        normal = (ray * hit[..., None] - to) / radius
        shade[nearer] = np.clip(0.65 - 0.5 * normal[..., 1] - 0.3 * normal[..., 0], 0.25,
                                1.2)[nearer]
    points = ray * depth[..., None] + (camera_x, 0, 0)
    tiles = ((points[..., 0] // 90 + points[..., 2] // 90) % 2)[..., None]
    on_floor = (points[..., 1] > FLOOR_Y - 0.01)[..., None]
    colour = np.where(on_floor, colour * (0.75 + 0.4 * tiles), colour)
    grain = 0.35 * noise(points, 6.0) + 0.3 * noise(points, 19.0)
    return np.clip(colour * (shade * (1 + grain))[..., None], 0, 255)


def read_cloud(path):
    with open(path, "rb") as file:
        header = b""
        while not header.endswith(b"end_header\n"):
            header += file.readline()
        types = {b"float": "<f4", b"uchar": "u1"}
        fields = [line.split() for line in header.splitlines() if line.startswith(b"property")]
        return np.frombuffer(file.read(), [(f[2].decode(), types[f[1]]) for f in fields])


def draw(cloud, turn):
    """The cloud turned about the upright axis through its middle, near points over far."""
    points = np.stack([cloud["x"], cloud["y"], cloud["z"]], -1).astype(float)
    tints = np.stack([cloud["red"], cloud["green"], cloud["blue"]], -1)
    middle = np.array([60.0, 30.0, 1150.0])
    c, s = np.cos(turn), np.sin(turn)
    p = (points - middle) @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    p = p @ np.array([[1, 0, 0], [0, 0.93, -0.37], [0, 0.37, 0.93]]).T + (0, 0, 1500.0)
    order = np.argsort(-p[:, 2])
    p, tints = p[order], tints[order]
    picture = np.zeros((HEIGHT, WIDTH, 3))
    u = np.rint(WIDTH / 2 + 800 * p[:, 0] / p[:, 2]).astype(int)
    v = np.rint(HEIGHT / 2 + 800 * p[:, 1] / p[:, 2]).astype(int)
    places = np.array(list(np.ndindex(3, 3)))
    u = (u[:, None] + places[:, 0]).ravel()
    v = (v[:, None] + places[:, 1]).ravel()
    seen = (u >= 0) & (u < WIDTH) & (v >= 0) & (v < HEIGHT)
    picture[v[seen], u[seen]] = np.repeat(tints, len(places), 0)[seen]
    return picture


def read_preview(path):
    """8-bit RGB, filters 0 to 4 (PNG, 2003, section 9)."""
    with open(path, "rb") as file:
        data = file.read()
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height = struct.unpack(">II", body[:8])
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    raw = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + 3 * width)
    rows = np.zeros((height + 1, width + 1, 3), int)
    for y in range(height):
        line = raw[y, 1:].reshape(width, 3).astype(int)
        for x in range(width):
            left, up, corner = rows[y + 1, x], rows[y, x + 1], rows[y, x]
            guess = left + up - corner
            near = np.stack([abs(guess - left), abs(guess - up), abs(guess - corner)])
            paeth = np.where((near[0] <= near[1]) & (near[0] <= near[2]), left,
                             np.where(near[1] <= near[2], up, corner))
            by = (0 * left, left, up, (left + up) // 2, paeth)[raw[y, 0]]
            rows[y + 1, x + 1] = (line[x] + by) & 255
    return rows[1:, 1:]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "build/process_offline"
    target = sys.argv[2] if len(sys.argv) > 2 else ".github/pictures"
    os.makedirs(target, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        scene = os.path.join(target, "scene") if len(sys.argv) > 2 else work
        for side, camera_x in (("left", 0.0), ("right", BASELINE)):
            os.makedirs(os.path.join(scene, side), exist_ok=True)
            write_ppm(os.path.join(scene, side, "0.ppm"), photograph(camera_x))
        centre = "0 %g; 0 %g %g; 0 0 1]" % ((WIDTH - 1) / 2, FOCAL, (HEIGHT - 1) / 2)
        with open(os.path.join(scene, "calib.txt"), "w", encoding="ascii") as file:
            file.write("cam0=[%g %s\ncam1=[%g %s\ndoffs=0\nbaseline=%g\nwidth=%d\nheight=%d\n" % (
                FOCAL, centre, FOCAL, centre, BASELINE, WIDTH, HEIGHT))
        out = os.path.join(work, "out")
        subprocess.run([program, "--input", scene, "--output", out, "--quiet"], check=True)
        frame = os.path.join(out, "frames", "0")
        pair = np.hstack([photograph(0.0), read_preview(os.path.join(frame, "preview.png"))])
        write_png(os.path.join(target, "disparity.png"), pair[::2, ::2])
        cloud = draw(read_cloud(os.path.join(frame, "cloud.ply")), -0.3)
        write_png(os.path.join(target, "cloud.png"), (cloud[::2, ::2] + cloud[1::2, ::2] +
                                                      cloud[::2, 1::2] + cloud[1::2, 1::2]) / 4)


if __name__ == "__main__":
    main()
