# SPDX-License-Identifier: Apache-2.0
"""Rigs that tests make up: any two cameras, what they see of a known scene, and their
calibration in every format that exists in this field.

The scene (tests/programs/make_rig.c): a textured wall and a board before it, parallel to the
left camera's image, at Rig.depths millimetres. Lengths are millimetres, matrices lists of
rows, images grey.
"""
import math
import os
import struct
import subprocess
import zlib

BINARY_DIR = os.environ.get("PO_BINARY_DIR", "build")
BOARD = (-300, 300, -200, 250)  # millimetres: left, right, top, bottom, as in make_rig.c
MAKE_RIG = os.path.join(BINARY_DIR, "tests", "make_rig")


class Image:
    """Grey pixels, row by row."""

    def __init__(self, width, height, pixels):
        assert len(pixels) == width * height, "an image of another size"
        self.width, self.height, self.pixels = width, height, bytes(pixels)

    def rows(self):
        return [self.pixels[y * self.width:(y + 1) * self.width] for y in range(self.height)]

    def lower(self, rows):
        """Moved down by whole rows; what comes in at the top repeats."""
        kept = self.rows()
        return Image(self.width, self.height,
                     b"".join(kept[min(max(y - rows, 0), self.height - 1)]
                              for y in range(self.height)))

    def cropped(self, x, y, width, height):
        return Image(width, height,
                     b"".join(row[x:x + width] for row in self.rows()[y:y + height]))

    def halved(self):
        rows = self.rows()
        pixels = bytearray()
        for y in range(0, self.height - 1, 2):
            above, below = rows[y], rows[y + 1]
            pixels += bytes((above[x] + above[x + 1] + below[x] + below[x + 1] + 2) // 4
                            for x in range(0, self.width - 1, 2))
        return Image(self.width // 2, self.height // 2, pixels)

    def toned(self, gain, offset=0):
        """Grey levels times gain plus offset, cut at black and white."""
        table = bytes(min(max(int(v * gain + offset), 0), 255) for v in range(256))
        return Image(self.width, self.height, self.pixels.translate(table))

    def blurred(self, radius):
        """Three box filters: nearly a Gaussian."""
        image = self
        for _ in range(3):
            image = image._box(radius)._turned()._box(radius)._turned()
        return image

    def _box(self, radius):
        out = bytearray()
        size = 2 * radius + 1
        for row in self.rows():
            padded = row[:1] * (radius + 1) + row + row[-1:] * radius
            total = sum(padded[:size])
            for x in range(self.width):
                total += padded[x + size] - padded[x] if x + size < len(padded) else 0
                out.append(total // size)
        return Image(self.width, self.height, out)

    def _turned(self):
        return Image(self.height, self.width,
                     b"".join(self.pixels[x::self.width] for x in range(self.width)))

    def beside(self, other):
        """One picture with this one in its left half."""
        return Image(self.width + other.width, self.height,
                     b"".join(a + b for a, b in zip(self.rows(), other.rows())))


def read_pgm(path):
    with open(path, "rb") as file:
        head, size, _, pixels = file.read().split(b"\n", 3)
    assert head == b"P5", head
    width, height = map(int, size.split())
    return Image(width, height, pixels)


def _write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


write_text = _write


def _samples(image, bits, channels):
    """Big-endian samples of one row after the other."""
    pixels = image.pixels
    if channels == 3:
        pixels = b"".join(bytes((v, v, v)) for v in pixels)
    if bits == 16:
        pixels = b"".join(struct.pack(">H", v * 257) for v in pixels)
    return pixels


def write_png(path, image, bits=8, channels=1):
    samples = _samples(image, bits, channels)
    stride = len(samples) // image.height
    raw = b"".join(b"\0" + samples[y * stride:(y + 1) * stride] for y in range(image.height))

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", image.width, image.height, bits, 2 if channels == 3 else 0,
                       0, 0, 0)
    _write(path, b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) +
           chunk(b"IDAT", zlib.compress(raw, 1)) + chunk(b"IEND", b""))


def write_pgm(path, image, bits=8):
    _write(path, b"P5\n%d %d\n%d\n" % (image.width, image.height, (1 << bits) - 1) +
           _samples(image, bits, 1))


def write_ppm(path, image):
    _write(path, b"P6\n%d %d\n255\n" % (image.width, image.height) + _samples(image, 8, 3))


def write_floats(path, width, height, values):
    """PFM: little-endian, bottom row first."""
    rows = [values[y * width:(y + 1) * width] for y in range(height)][::-1]
    _write(path, b"Pf\n%d %d\n-1.0\n" % (width, height) +
           b"".join(struct.pack("<%df" % width, *row) for row in rows))


def write_pfm(path, image):
    write_floats(path, image.width, image.height, [v / 255 for v in image.pixels])


def write_tiff(path, image, bits=8):
    """Baseline, one strip, uncompressed, big-endian."""
    samples = _samples(image, bits, 1)
    entries = [(256, 4, image.width), (257, 4, image.height), (258, 3, bits), (259, 3, 1),
               (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 4, image.height),
               (279, 4, len(samples))]
    table = struct.pack(">H", len(entries))
    for tag, kind, value in entries:
        table += struct.pack(">HHI", tag, kind, 1)
        table += struct.pack(">I", value) if kind == 4 else struct.pack(">HH", value, 0)
    padding = b"\0" * (len(samples) % 2)
    _write(path, b"MM\0*" + struct.pack(">I", 8 + len(samples) + len(padding)) + samples +
           padding + table + struct.pack(">I", 0))


def multiply(a, b):
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def transposed(a):
    return [list(row) for row in zip(*a)]


def _unit(v):
    length = math.sqrt(sum(x * x for x in v))
    return [x / length for x in v]


def _cross(a, b):
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def rotation_of(degrees):
    """Rodrigues' formula."""
    v = [math.radians(x) for x in degrees]
    angle = math.sqrt(sum(x * x for x in v))
    identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    if angle == 0:
        return identity
    k = [x / angle for x in v]
    cross = [[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]]
    square = multiply(cross, cross)
    return [[identity[i][j] + math.sin(angle) * cross[i][j] +
             (1 - math.cos(angle)) * square[i][j] for j in range(3)] for i in range(3)]


class Camera:
    """OpenCV's numbering of the coefficients; a lens of "fisheye" has four."""

    def __init__(self, fx, cx, cy, fy=None, skew=0.0, lens="radtan", distortion=()):
        self.fx, self.fy, self.cx, self.cy, self.skew = fx, fy or fx, cx, cy, skew
        self.lens, self.distortion = lens, list(distortion)

    def matrix(self):
        return [[self.fx, self.skew, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]]

    def coefficients(self, count=5):
        return self.distortion + [0.0] * (count - len(self.distortion))

    def argument(self):
        numbers = [self.fx, self.fy, self.cx, self.cy, self.skew]
        return ",".join([repr(x) for x in numbers] + [self.lens] +
                        [repr(x) for x in self.distortion])


class Rig:
    """Two cameras, X_right = R X_left + T."""

    def __init__(self, left, right, size=(320, 240), turn=(0, 0, 0), move=(-100.0, 0.0, 0.0),
                 depths=(2000.0, 1400.0)):
        self.cameras, self.size, self.turn, self.move = (left, right), size, turn, list(move)
        self.depths = depths
        self.rotation = rotation_of(turn)

    def photograph(self, folder, seed=1):
        """What both cameras see."""
        paths = [os.path.join(folder, "photograph_%d.pgm" % side) for side in (0, 1)]
        os.makedirs(folder, exist_ok=True)
        subprocess.run(
            [MAKE_RIG, *paths, "--size", "%dx%d" % self.size,
             "--left", self.cameras[0].argument(), "--right", self.cameras[1].argument(),
             "--turn=%r,%r,%r" % tuple(self.turn), "--move=%r,%r,%r" % tuple(self.move),
             "--depths", "%r,%r" % self.depths, "--seed", str(seed)], check=True)
        images = [read_pgm(path) for path in paths]
        for path in paths:
            os.remove(path)
        return images

    def baseline(self):
        return math.sqrt(sum(x * x for x in self.move))

    def disparities(self):
        """Of the left image's pixels, row by row; for cameras without lens and turn."""
        left, right = self.cameras
        scale = left.fx * self.baseline()
        wall, board = (scale / z - (right.cx - left.cx) for z in self.depths)
        values = []
        for y in range(self.size[1]):
            for x in range(self.size[0]):
                at = ((x - left.cx) / left.fx * self.depths[1],
                      (y - left.cy) / left.fy * self.depths[1])
                on_board = (BOARD[0] <= at[0] <= BOARD[1] and BOARD[2] <= at[1] <= BOARD[3])
                values.append(board if on_board else wall)
        return values

    def rectification(self, focal=None):
        """R1 R2 P1 P2 Q, in millimetres: x along the baseline, the same P for both."""
        place = [-x for x in (multiply(transposed(self.rotation), [[t] for t in self.move])[i][0]
                              for i in range(3))]
        along = _unit(place)
        down = _unit(_cross([0.0, 0.0, 1.0], along))
        r1 = [along, down, _cross(along, down)]
        r2 = multiply(r1, transposed(self.rotation))
        f = focal or self.cameras[0].fx
        cx, cy = (self.size[0] - 1) / 2, (self.size[1] - 1) / 2
        p1 = [[f, 0.0, cx, 0.0], [0.0, f, cy, 0.0], [0.0, 0.0, 1.0, 0.0]]
        p2 = [[f, 0.0, cx, -f * self.baseline()], [0.0, f, cy, 0.0], [0.0, 0.0, 1.0, 0.0]]
        q = [[1.0, 0.0, 0.0, -cx], [0.0, 1.0, 0.0, -cy], [0.0, 0.0, 0.0, f],
             [0.0, 0.0, 1 / self.baseline(), 0.0]]
        return {"R1": r1, "R2": r2, "P1": p1, "P2": p2, "Q": q}


def ideal_rig(size=(320, 240), focal=300.0, baseline=100.0, depths=(2000.0, 1400.0)):
    """Rectified images as they are."""
    cx, cy = size[0] / 2, size[1] / 2
    return Rig(Camera(focal, cx, cy), Camera(focal, cx, cy), size, move=(-baseline, 0.0, 0.0),
               depths=depths)


def raw_rig(size=(320, 240), focal=300.0, scale=1.0, lens="radtan"):
    """Cameras that need rectification: lenses, a turn of a degree, a baseline that is not
    quite sideways. Lengths times `scale`."""
    cx, cy = size[0] / 2, size[1] / 2
    coefficients = [(-0.12, 0.03, 0.001, -0.0007, 0.0), (-0.1, 0.02, -0.0008, 0.0005, 0.0)]
    if lens == "fisheye":
        coefficients = [(-0.02, 0.004, 0.0, 0.0), (-0.015, 0.003, 0.0, 0.0)]
    cameras = [Camera(focal, cx + 2.5, cy - 1.5, focal * 1.002, 0.0, lens, coefficients[0]),
               Camera(focal * 1.004, cx - 1.0, cy + 2.0, focal * 1.005, 0.0, lens,
                      coefficients[1])]
    return Rig(*cameras, size, turn=(0.4, 0.9, -0.3),
               move=(-100.0 * scale, 1.5 * scale, 2.0 * scale),
               depths=(2000.0 * scale, 1400.0 * scale))
