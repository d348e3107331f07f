# SPDX-License-Identifier: Apache-2.0
"""Writes small ONNX models: the few messages of onnx.proto3 that a stub network needs."""
import struct

FLOAT, INT64 = 1, 7


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def attribute(name, value):
    if isinstance(value, int):
        return block(1, name) + number(3, value) + number(20, 2)
    if isinstance(value, float):
        return block(1, name) + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
    return block(1, name) + b"".join(number(8, item) for item in value) + number(20, 7)


def node(operator, inputs, outputs, **attributes):
    body = b"".join(block(1, name) for name in inputs)
    body += b"".join(block(2, name) for name in outputs)
    body += block(4, operator)
    body += b"".join(block(5, attribute(key, value)) for key, value in attributes.items())
    return body


def value_info(name, shape, element=FLOAT):
    dims = b"".join(block(1, block(2, side) if isinstance(side, str) else number(1, side))
                    for side in shape)
    tensor = number(1, element) + block(2, dims)
    return block(1, name) + block(2, block(1, tensor))


def tensor(name, shape, values, element=FLOAT, external=None):
    body = b"".join(number(1, side) for side in shape) + number(2, element) + block(8, name)
    if external is not None:
        return body + block(13, block(1, "location") + block(2, external)) + number(14, 1)
    raw = struct.pack("<%d%s" % (len(values), "f" if element == FLOAT else "q"), *values)
    return body + block(9, raw)


def model(nodes, inputs, outputs, initializers=(), opset=13, ir=8):
    graph = b"".join(block(1, item) for item in nodes) + block(2, "stub")
    graph += b"".join(block(5, item) for item in initializers)
    graph += b"".join(block(11, item) for item in inputs)
    graph += b"".join(block(12, item) for item in outputs)
    return number(1, ir) + block(2, "onnx_files.py") + block(7, graph) + block(
        8, block(1, "") + number(2, opset))


def shape_of(size, channels):
    width, height = size if size else ("width", "height")
    return [1, channels, height, width]


def stereo(size=None, names=("left", "right"), gain=1.0, shift=0.0, channels=3, output="disparity"):
    """disparity = gain * mean(left) - 0 * mean(right) + shift: wants pixels as they are."""
    nodes = [
        node("ReduceMean", [names[0]], ["grey"], axes=[1], keepdims=1),
        node("ReduceMean", [names[1]], ["other"], axes=[1], keepdims=1),
        node("Mul", ["grey", "gain"], ["scaled"]),
        node("Mul", ["other", "zero"], ["nothing"]),
        node("Add", ["scaled", "nothing"], ["sum"]),
        node("Add", ["sum", "shift"], [output]),
    ]
    return model(nodes, [value_info(name, shape_of(size, channels)) for name in names],
                 [value_info(output, shape_of(size, 1))],
                 [tensor("gain", [1], [gain]), tensor("zero", [1], [0.0]),
                  tensor("shift", [1], [shift])])


def depth(size=None, gain=1.0, shift=0.0, channels=3):
    """inverse depth = gain * mean(image) + shift."""
    nodes = [node("ReduceMean", ["image"], ["grey"], axes=[1], keepdims=1),
             node("Mul", ["grey", "gain"], ["scaled"]),
             node("Add", ["scaled", "shift"], ["inverse_depth"])]
    return model(nodes, [value_info("image", shape_of(size, channels))],
                 [value_info("inverse_depth", shape_of(size, 1))],
                 [tensor("gain", [1], [gain]), tensor("shift", [1], [shift])])


def depth_layout(size, normalize, names=("0", "797"), rank=3, channels_last=False):
    """A network of one view in the layout of a published one: it undoes the normalization that
    such a network is fed with and answers the red channel in grey levels, so that what comes out
    says whether it was fed as it wants."""
    mean, deviation = {"imagenet": (0.485, 0.229), "symmetric": (0.5, 0.5)}[normalize]
    width, height = size if size else ("width", "height")
    shape = [1, height, width, 3] if channels_last else [1, 3, height, width]
    axis = 3 if channels_last else 1
    nodes = [node("Gather", [names[0], "red"], ["plane" if rank == 3 else "flat"], axis=axis),
             *([node("Unsqueeze", ["flat", "one"], ["plane"])] if rank == 4 else []),
             node("Mul", ["plane", "gain"], ["scaled"]),
             node("Add", ["scaled", "shift"], [names[1]])]
    out = [1, height, width] if rank == 3 else [1, 1, height, width]
    return model(nodes, [value_info(names[0], shape)], [value_info(names[1], out)],
                 [tensor("red", [], [0], INT64), tensor("one", [1], [1], INT64),
                  tensor("gain", [1], [255 * deviation]), tensor("shift", [1], [255 * mean])])


def not_a_number(size=None):
    """0 / 0 everywhere."""
    nodes = [node("ReduceMean", ["left"], ["grey"], axes=[1], keepdims=1),
             node("ReduceMean", ["right"], ["other"], axes=[1], keepdims=1),
             node("Add", ["grey", "other"], ["both"]),
             node("Mul", ["both", "zero"], ["nothing"]),
             node("Div", ["nothing", "zero"], ["disparity"])]
    return model(nodes, [value_info(name, shape_of(size, 3)) for name in ("left", "right")],
                 [value_info("disparity", shape_of(size, 1))], [tensor("zero", [1], [0.0])])


def unknown_operator():
    nodes = [node("NoSuchOperator", ["left", "right"], ["disparity"])]
    return model(nodes, [value_info(name, shape_of(None, 3)) for name in ("left", "right")],
                 [value_info("disparity", shape_of(None, 1))])


def missing_weights():
    nodes = [node("Mul", ["left", "weights"], ["disparity"]),
             node("Identity", ["right"], ["unused"])]
    return model(nodes, [value_info(name, shape_of(None, 3)) for name in ("left", "right")],
                 [value_info("disparity", shape_of(None, 3))],
                 [tensor("weights", [1], [], external="weights.bin")])
