#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the house: floors, fences and what may stand at the top level.

A file includes only lower floors (src/floors.txt), never sideways, never up. There is no
circle of modules (a header with its source) by what they include, and none of sources by
what they call, whichever header declares it. Each fence keeps a library in its one place.
Run with a directory as argument to check another tree.
"""
import os
import re
import sys
import tempfile

# What is included, and where it may be: a folder with a slash at the end, or a file's end.
FENCES = [
    (r"^opencv2/", ["src/cv_shim/"]),
    (r"^png\.h$", ["src/image/png_file.c", "src/image/png_writer.c"]),
    (r"^jpeglib\.h$", ["src/image/jpeg_file.c", "src/image/jpeg_writer.c"]),
    (r"^zlib\.h$", ["src/image/run_deflate.c"]),
    (r"^isa-l/", ["src/image/png_inflate.c", "src/image/adler.c"]),
    (r"^tiffio\.h$", ["src/image/tiff_file.c"]),
    (r"^seccomp\.h$", ["src/process/call_filter.c"]),
    (r"^webp/", ["src/image/webp_file.c"]),
    (r"^yaml\.h$", ["src/calib/yaml_tree.c"]),
    (r"^zip\.h$", ["src/calib/npz_tree.c"]),
    (r"^libxml/", ["src/calib/xml_tree.c"]),
    (r"^(matio|hdf5)\.h$", []),  # libmatio is loaded when a .mat is met, never linked
    (r"^xxh", ["src/base/hash.c"]),
    (r"^pthread\.h$", ["src/pool/", "src/base/"]),
    (r"cJSON\.h$", ["src/base/json_file.c"]),
    (r"^(imm|xmm|emm|tmm|smm|pmm|nmm|wmm)intrin\.h$|^arm_neon\.h$",
     ["_avx2.c", "_avx512.c", "_sse4.c", "_neon.c"]),
]
# What prints: all else goes through base/outside_text.h, which shows nothing that a
# terminal obeys. print_*.c print the table of settings, which is ours; mat_print.c prints
# into a pipe, for a parent that parses it.
PRINTS = re.compile(r"\b(v?f?printf|v?dprintf|f?puts|f?putc|putchar|perror)\s*\(")
PRINTERS = re.compile(r"^src/(base/outside_text\.c|calib/mat_print\.c|cli/print_[a-z_]*\.c)$")
# More arguments than this want a settings struct; what has more has a reason.
ARGUMENTS_MAX = 6
MANY_ARGUMENTS = {
    "begin_element": "libxml2 calls it",
    "add_census_plane": "inlined, its arguments are registers and constants",
    "add_gradient": "inlined, its arguments are registers and constants",
    "cost_block": "inlined, its arguments are registers and constants",
    "cost_pixels": "inlined, its arguments are registers and constants",
    "leftward_pixels": "inlined, its arguments are registers and constants",
    "forward_winner": "inlined, its arguments are registers and constants",
    "penalty_scalar": "a kernel: rows and numbers alone",
    "penalty_vectors": "a kernel: rows and numbers alone",
    "path_step": "a kernel: rows and numbers alone",
    "median_of_seven": "seven values",
    "cv_shim_rectify_maps": "OpenCV's own arguments",
    "cv_board_find": "OpenCV's own arguments",
    "cv_board_focal": "OpenCV's own arguments",
    "load_side": "an image and where it is valid, beside what a job gives",
    "rig_matches_find": "what a job gives, one by one",
    "picture_size_of_most": "numbers of both sides and where they go",
    "depth_prior_fill": "maps in, maps out",
}
LINES_MAX = 500
# A constant table or struct that is written like a scalar.
UPPER_TABLE = re.compile(r"^[ \t]*(?:static |extern )?(?:const struct \w+|[\w ]*\*? ?const|const [\w ]+?) "
                         r"\*?([A-Z][A-Z0-9_]+)((?:\[[^\]]*\])*)\s*[=;]", re.M)
TOP = {"CMakeLists.txt", "src", "include", "tests", "configs", "scripts", "README.md", "LICENSE"}


HERE = os.path.dirname(os.path.abspath(__file__))


def read_floors(path):
    """The folders of src/ floor by floor, from the bottom."""
    with open(path, encoding="utf-8") as file:
        return [line.split() for line in file if line.strip() and not line.startswith("#")]


FLOORS = read_floors(os.path.join(HERE, "..", "..", "src", "floors.txt"))


def floor_of(folder):
    for number, names in enumerate(FLOORS):
        if folder in names:
            return number
    return None


def includes(path):
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', line)
            if match:
                yield number, match.group(1) or match.group(2), match.group(1) is not None


def crosses_fence(relative, name):
    for pattern, homes in FENCES:
        at_home = any(relative.startswith(home) if home.endswith("/") else
                      relative.endswith(home) for home in homes)
        if re.search(pattern, name) and not at_home:
            return f"<{name}> belongs in {' or '.join(homes)}"
    return None


def leaves_floor(folder, name):
    other = name.split("/")[0]
    if "/" not in name or other in ("process_offline", folder):
        return None
    floor, other_floor = floor_of(folder), floor_of(other)
    if other_floor is None:
        return f'"{name}" is in no folder of src/'
    if other_floor > floor:
        return f'floor {floor} includes "{name}" of floor {other_floor} above'
    if other_floor == floor:
        return f'floor {floor} includes "{name}" beside it'
    return None


def check_prints(path, relative):
    if PRINTERS.match(relative):
        return []
    with open(path, encoding="utf-8") as file:
        return [f"{relative}:{number}: prints past base/outside_text.h"
                for number, line in enumerate(file, 1) if PRINTS.search(line)]


def check_file(root, path):
    relative = os.path.relpath(path, root)
    folder = relative.split(os.sep)[1]
    if floor_of(folder) is None:
        return [f"{relative}: folder src/{folder} stands on no floor"]
    problems = []
    for number, name, quoted in includes(path):
        for problem in (crosses_fence(relative, name),
                        leaves_floor(folder, name) if quoted else None):
            if problem:
                problems.append(f"{relative}:{number}: {problem}")
    problems += check_prints(path, relative)
    problems += check_code(path, relative)
    with open(path, encoding="utf-8") as file:
        if "SPDX-License-Identifier: Apache-2.0" not in file.readline():
            problems.append(f"{relative}:1: no SPDX line")
    return problems


def modules(root):
    """Each module of src/ (a header with its source) and the modules it includes."""
    graph = {}
    for directory, _, files in os.walk(os.path.join(root, "src")):
        for file in sorted(files):
            if not file.endswith((".c", ".h", ".cpp", ".hpp")):
                continue
            path = os.path.join(directory, file)
            module = os.path.splitext(os.path.relpath(path, os.path.join(root, "src")))[0]
            graph.setdefault(module, set()).update(
                os.path.splitext(name)[0] for _, name, quoted in includes(path) if quoted)
    return graph


def circle_of(graph, module):
    """A shortest way from a module back to itself, or None."""
    ways = [[module]]
    seen = set()
    for way in ways:
        for other in sorted(graph.get(way[-1], ())):
            if other == module and len(way) > 1:
                return way + [module]
            if other not in seen and other != module:
                seen.add(other)
                ways.append(way + [other])
    return None


def code_of(path):
    """A source without comments, strings and preprocessor lines."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", " ",
                      file.read(), flags=re.S)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", " ", text, flags=re.M)


def outside_braces(code):
    parts = []
    depth = 0
    for part in re.split(r"([{}])", code):
        depth -= part == "}"
        if depth == 0:
            parts.append(part)
        depth += part == "{"
    return "".join(parts)


def defined_functions(code):
    """Those that other sources can call."""
    for match in re.finditer(r"([^;{}]*?)\b([a-z]\w*)\s*\([^;{}]*\)\s*\{\}", outside_braces(code)):
        if not re.search(r"\bstatic\b", match.group(1)) and match.group(1).strip():
            yield match.group(2)


def callers(root):
    """Each source of src/ and the sources that define what it calls."""
    codes = {}
    for directory, _, files in os.walk(os.path.join(root, "src")):
        for file in sorted(files):
            if file.endswith((".c", ".cpp")):
                path = os.path.join(directory, file)
                codes[os.path.relpath(path, os.path.join(root, "src"))] = code_of(path)
    homes = {name: source for source, code in codes.items() for name in defined_functions(code)}
    graph = {}
    for source, code in codes.items():
        called = re.findall(r"(?<!struct )\b[a-z]\w*\b", code)
        graph[source] = {homes[name] for name in called if name in homes} - {source}
    return graph


def many_arguments(code):
    """Functions with more arguments than a reader can keep apart."""
    for match in re.finditer(r"\b([a-z]\w*)\s*\(([^;{}]*)\)\s*\{\}", outside_braces(code)):
        flat = match.group(2)
        while re.search(r"\([^()]*\)", flat):
            flat = re.sub(r"\([^()]*\)", "", flat)
        count = flat.count(",") + 1
        if count > ARGUMENTS_MAX and match.group(1) not in MANY_ARGUMENTS:
            yield f"{match.group(1)} has {count} arguments: a settings struct"


def upper_tables(code):
    for match in UPPER_TABLE.finditer(code):
        is_text = re.search(r"\bchar\b[^*]*$", match.group().split("[")[0])
        if "const struct" in match.group() or (match.group(2) and not is_text):
            yield f"{match.group(1)} is a table: lower case"


def check_code(path, relative):
    code = code_of(path)
    found = [*many_arguments(code), *upper_tables(code)]
    with open(path, encoding="utf-8") as file:
        lines = sum(1 for _ in file)
    if lines > LINES_MAX:
        found.append(f"{lines} lines: where is the second idea?")
    return [f"{relative}: {text}" for text in found]


def check_circles(graph):
    problems = []
    known = set()
    for module in sorted(graph):
        circle = None if module in known else circle_of(graph, module)
        if circle is not None:
            known.update(circle)
            problems.append(f"src/{module}: a circle: {' -> '.join(circle)}")
    return problems


def check_tree(root):
    problems = []
    for name in sorted(os.listdir(root)):
        if not name.startswith(".") and name not in TOP and not name.startswith("build"):
            problems.append(f"{name}: not allowed at the top level")
    for directory, _, files in os.walk(os.path.join(root, "src")):
        for file in sorted(files):
            if file.endswith((".c", ".h", ".cpp")):
                problems += check_file(root, os.path.join(directory, file))
    return problems + check_circles(modules(root)) + check_circles(callers(root))


def self_test():
    """A broken house must be seen as broken, or this check checks nothing."""
    bad = {
        "src/base/up.c": '#include "frame/frame_plan.h"\n',
        "src/stereo/side.c": '#include "session/manifest.h"\n',
        "src/frame/fence.c": "#include <opencv2/core.hpp>\n",
        "src/image/png_file.c": "#include <png.h>\n",
        "src/cloud/simd.c": "#include <immintrin.h>\n",
        "src/utils/help.c": "\n",
        "src/base/round.h": '#include "base/trip.h"\n',
        "src/base/trip.c": '#include "base/round.h"\n',
        "src/cloud/ping.c": '#include "cloud/court.h"\nint ping(void)\n{\n    return pong();\n}\n',
        "src/cloud/pong.c": '#include "cloud/court.h"\nint pong(void)\n{\n    return ping();\n}\n',
        "src/cloud/court.h": "int ping(void);\nint pong(void);\n",
        "src/report/wide.c": "int wide(int a, int b, int c, int (*d)(int, int), int e, int f, int g)\n"
                             "{\n    return a;\n}\n",
        "src/report/loud.c": "static const int LOUD[2] = {1, 2};\n",
        "src/report/long.c": "\n" * LINES_MAX,
        "src/report/raw.c": '(void)fprintf(stream, "%s", name);\n',
        "src/cli/print_help.c": '(void)fprintf(stream, "%s", name);\n',
    }
    with tempfile.TemporaryDirectory() as root:
        for path, line in bad.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write("/* SPDX-License-Identifier: Apache-2.0 */\n" + line)
        found = {problem.split(":")[0] for problem in check_tree(root)}
        fine = ("png_file.c", "print_help.c", "round.h", "trip.c", "court.h", "pong.c")
        expected = {path for path in bad if not path.endswith(fine)} | {"src/base/round"}
        if found != expected:
            sys.exit(f"self-test: found {sorted(found)}, expected {sorted(expected)}")


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "..")
    self_test()
    problems = check_tree(root)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
