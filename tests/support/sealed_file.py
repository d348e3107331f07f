# SPDX-License-Identifier: Apache-2.0
"""Files that end by a checksum of what stands before it (src/store/sealed_json.h), changed as
their writer would have written them."""
import ctypes
import ctypes.util
import functools
import json


class Digest(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


@functools.lru_cache(maxsize=1)
def library():
    xxhash = ctypes.CDLL(ctypes.util.find_library("xxhash"))
    xxhash.XXH3_128bits.restype = Digest
    xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    return xxhash


def sealed(body):
    """The text of a file whose object is `body`, which ends by "\\n}\\n"."""
    seal = library().XXH3_128bits(body.encode(), len(body.encode()))
    end = body.rindex("\n}\n")
    return body[:end] + f',\n\t"checksum":\t"{seal.high:016x}{seal.low:016x}"\n}}\n'


def reseal(path, change):
    """Changes the text of a file by `change`."""
    text = path.read_text()
    body = text[:text.rindex('"checksum"')].rstrip()[:-1] + "\n}\n"
    path.write_text(sealed(change(body)))


def sealed_object(members):
    """The text of a file that holds these members, checksum apart."""
    kept = {name: value for name, value in members.items() if name != "checksum"}
    return sealed(json.dumps(kept, indent=1) + "\n")
