#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Changes a source in small ways, one at a time, and tells which changes no test notices.
#   mutate.sh [--work DIR] [--limit N] SOURCE TEST...
# SOURCE is a file of src/, TEST a test program such as test_refine_steps. A change is a
# comparison turned or moved by one, && for ||, a constant one larger, or an early return left
# out. Works on a copy of the tree in DIR (default build-mutate), which is kept for the next
# source. Prints a line a survivor and a total; ends with status 1 when there is any.
# Survivors that are the same program, or that were looked at, stand in tests/mutants.txt.
set -uo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$here/build-mutate limit=1000
while [ $# -gt 0 ]; do
    case $1 in
    --work) work=$2; shift 2 ;;
    --limit) limit=$2; shift 2 ;;
    -*) sed -n '4,11s/^# //p' "$0" >&2; exit 2 ;;
    *) break ;;
    esac
done
[ $# -ge 2 ] || { sed -n '4,11s/^# //p' "$0" >&2; exit 2; }
source=$1
shift

mkdir -p "$work/tree"
(cd "$here" && git ls-files -z src include tests CMakeLists.txt configs README.md LICENSE |
    xargs -0 cp --parents --update --preserve=timestamps -t "$work/tree") || exit 2
cp "$here/$source" "$work/tree/$source"
cmake -S "$work/tree" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS_DEBUG=-O1 >/dev/null || exit 2
ninja -C "$work/build" --quiet "$@" >/dev/null || { echo "does not build" >&2; exit 2; }

exec python3 - "$here" "$work" "$limit" "$source" "$@" <<'PYTHON'
import pathlib
import re
import subprocess
import sys

here, work, limit, source, *tests = sys.argv[1:]
path = pathlib.Path(work, "tree", source)
TEXT = path.read_text()
SKIP = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\])*\'|^\s*#[^\n]*',
                  re.S | re.M)
RULES = [
    (re.compile(r"(?<= )(<=|>=|==|!=|<|>)(?= )"),
     {"<": ["<=", ">="], "<=": ["<"], ">": [">=", "<="], ">=": [">"], "==": ["!="],
      "!=": ["=="]}),
    (re.compile(r"(?<= )(&&|\|\|)(?=\s)"), {"&&": ["||"], "||": ["&&"]}),
    (re.compile(r"(?<![\w.])(\d+)(?![\w.])"), None),
    (re.compile(r"\bif \((?=[^;{}]*\)\s*return\b)"), {"if (": ["if (0 && "]}),
]


def mutants():
    """Each change as its place, what stood there and what comes instead."""
    dead = [match.span() for match in SKIP.finditer(TEXT)]
    for pattern, table in RULES:
        for match in pattern.finditer(TEXT):
            if any(start <= match.start() < end for start, end in dead):
                continue
            old = match.group()
            for new in [str(int(old) + 1)] if table is None else table.get(old, []):
                yield match.start(), old, new


def known():
    """Survivors with a reason: file, line as it reads, what for what."""
    lines = pathlib.Path(here, "tests", "mutants.txt")
    if not lines.exists():
        return set()
    return {tuple(line.split(" | ")[:3]) for line in lines.read_text().splitlines()
            if line.count(" | ") >= 3}


def survives(text):
    path.write_text(text)
    built = subprocess.run(["ninja", "-C", f"{work}/build", *tests], capture_output=True,
                           check=False)
    if built.returncode != 0:
        return None
    for test in tests:
        try:
            done = subprocess.run([f"{work}/build/tests/{test}"], capture_output=True,
                                  timeout=60, check=False)
        except subprocess.TimeoutExpired:
            return False
        if done.returncode != 0:
            return False
    return True


def main():
    counts = {"killed": 0, "survived": 0, "known": 0, "not built": 0}
    reasons = known()
    if not survives(TEXT):
        sys.exit("the tests fail without any change")
    every = sorted(mutants())
    step = max(1, -(-len(every) // int(limit)))
    for at, old, new in every[::step]:
        line = TEXT[TEXT.rfind("\n", 0, at) + 1:TEXT.find("\n", at)].strip()
        verdict = survives(TEXT[:at] + new + TEXT[at + len(old):])
        if verdict is None:
            counts["not built"] += 1
        elif not verdict:
            counts["killed"] += 1
        elif (source, line, f"{old} -> {new}") in reasons:
            counts["known"] += 1
        else:
            counts["survived"] += 1
            print(f"{source} | {line} | {old} -> {new}", flush=True)
    path.write_text(TEXT)
    print(f"{source}: " + ", ".join(f"{count} {name}" for name, count in counts.items()),
          flush=True)
    sys.exit(1 if counts["survived"] else 0)


main()
PYTHON
