# SPDX-License-Identifier: Apache-2.0
"""Image files of further kinds, written by hand for tests: BMP, WebP, 16-bit PGM on an offset."""
import struct

import rig_files as rigs


def write_bmp(path, image):
    """Eight bits with a palette of greys, rows from the bottom, padded to four bytes."""
    palette = b"".join(bytes((v, v, v, 0)) for v in range(256))
    padding = b"\0" * (-image.width % 4)
    pixels = b"".join(row + padding for row in reversed(image.rows()))
    start = 14 + 40 + len(palette)
    head = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, image.width, image.height, 1, 8, 0, len(pixels),
                       2835, 2835, 256, 0)
    rigs.write_text(path, head + info + palette + pixels)


class _Bits:
    """Little-endian bits, as WebP's lossless stream has them."""

    def __init__(self):
        self.value, self.count = 0, 0

    def add(self, value, count):
        self.value |= value << self.count
        self.count += count


def write_webp(path, image):
    """Lossless (VP8L): green alone is coded, each value by itself in eight bits; red and blue
    follow from it by the subtract-green transform."""
    bits = _Bits()
    for value, count in ((0x2f, 8), (image.width - 1, 14), (image.height - 1, 14), (0, 4),
                         (1, 1), (2, 2), (0, 1), (0, 1), (0, 1)):
        bits.add(value, count)
    bits.add(0, 1)  # green: code lengths are coded; 18 (a run of zeros) and 8 take a bit each
    bits.add(8, 4)
    for length in (0, 1) + 9 * (0,) + (1,):
        bits.add(length, 3)
    bits.add(0, 1)
    bits.add(0, 256)
    bits.add(1, 1)
    bits.add(24 - 11, 7)
    for symbol in (0, 0, 255, 0):  # red, blue, alpha, distance: one symbol each
        bits.add(0b101, 3)
        bits.add(symbol, 8)
    reverse = [int("{:08b}".format(v)[::-1], 2) for v in range(256)]
    head = bits.value.to_bytes((bits.count + 7) // 8, "little")
    pixels = int.from_bytes(bytes(reverse[v] for v in image.pixels), "little")
    total = (bits.count + 8 * len(image.pixels) + 7) // 8
    data = (int.from_bytes(head, "little") | pixels << bits.count).to_bytes(total, "little")
    data += b"\0" * (len(data) % 2)
    rigs.write_text(path, b"RIFF" + struct.pack("<I", 12 + len(data)) + b"WEBPVP8L" +
                    struct.pack("<I", total) + data)


def write_counts(path, image, offset, gain=0.5):
    """A 16-bit PGM of the grey levels times gain on an offset, as thermal cameras have it."""
    samples = b"".join(struct.pack(">H", offset + int(v * gain)) for v in image.pixels)
    rigs.write_text(path, b"P5\n%d %d\n65535\n" % (image.width, image.height) + samples)
