#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Changes a source in small ways, one at a time, and says which changes no test notices.
#   mutate.sh [--build DIR] [--limit N] SOURCE TEST...
#   mutate.sh [--build DIR] --all     every line of tests/mutated.txt, and a table at the end
# SOURCE is a file of src/, TEST a test program such as test_refine_steps, built in DIR (default
# build). A change is a comparison turned or moved by one, && for ||, a constant one larger, or
# an early return left out; with --limit only so many, spread over the file. Each is compiled on
# its own and linked in front of the libraries, so the tree and the build stay as they are.
# Prints a line a survivor and a total; ends with status 1 when there is any. Survivors that
# were examined stand in tests/mutants.txt with the reason.
set -uo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
build=$here/build limit=1000 all=0
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=$2; shift 2 ;;
    --limit) limit=$2; shift 2 ;;
    --all) all=1; shift ;;
    *) break ;;
    esac
done
if [ $all = 1 ]; then
    table='' status=0
    while read -r limit source tests; do
        case $limit in '#'* | '') continue ;; esac
        # shellcheck disable=SC2086 # tests are words
        said=$("$0" --build "$build" --limit "$limit" "$source" $tests) || status=1
        printf '%s\n' "$said" | sed '$d' | sed '/^$/d'
        table+=$(printf '%s\n' "$said" | tail -n 1)$'\n'
    done <"$here/tests/mutated.txt"
    printf '%s' "$table"
    exit $status
fi
[ $# -ge 2 ] || { sed -n '4,12s/^# //p' "$0" >&2; exit 2; }
exec python3 - "$here" "$build" "$limit" "$@" <<'PYTHON'
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

here, build, limit, source, *tests = sys.argv[1:]
TEXT = pathlib.Path(here, source).read_text()
SKIP = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\])*\'|^\s*#[^\n]*|'
                  # the bound of an array that is declared: a larger one is as good
                  r'\b(?:double|float|char|int|bool|size_t|u?int\d+_t|struct \w+)\s+\(?\*?\w+\)?'
                  r'(?:\[\w+\])*\[[\w +]+\]', re.S | re.M)
# What a mutant reads or writes beyond an array ends its test.
SANITIZE = ["-fsanitize=address"]
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
RULES = [
    (re.compile(r"(?<= )(<=|>=|==|!=|<|>)(?= )"),
     {"<": ["<=", ">="], "<=": ["<"], ">": [">=", "<="], ">=": [">"], "==": ["!="],
      "!=": ["=="]}),
    (re.compile(r"(?<= )(&&|\|\|)(?=\s)"), {"&&": ["||"], "||": ["&&"]}),
    (re.compile(r"(?<![\w.])(\d+)(?![\w.])"), None),
    (re.compile(r"\bif \((?=[^;{}]*\)\s*return\b)"), {"if (": ["if (0 && "]}),
]


def mutants():
    """Each change as its place, what stands there and what comes instead."""
    dead = [match.span() for match in SKIP.finditer(TEXT)]
    for pattern, table in RULES:
        for match in pattern.finditer(TEXT):
            if any(start <= match.start() < end for start, end in dead):
                continue
            old = match.group()
            for new in [str(int(old) + 1)] if table is None else table.get(old, []):
                yield match.start(), old, new


def known():
    """Survivors with a reason: file, the line as it reads, what for what."""
    path = pathlib.Path(here, "tests", "mutants.txt")
    lines = path.read_text().splitlines() if path.exists() else []
    return {tuple(line.split(" | ")[:3]) for line in lines if line.count(" | ") >= 3}


def compile_command(folder):
    """How the source is compiled, from a copy in `folder`, without what is an error."""
    for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text()):
        if os.path.realpath(os.path.join(entry["directory"], entry["file"])) == \
                os.path.realpath(os.path.join(here, source)):
            words = [word for word in shlex.split(entry["command"]) if word != "-Werror"]
            words = words[:words.index("-o")] if "-o" in words else words
            return words + ["-w", "-O1", *SANITIZE, "-o", f"{folder}/mutant.o", "-c", f"{folder}/mutant.c"]
    sys.exit(f"{source}: not in {build}/compile_commands.json")


def link_command(test, folder):
    said = subprocess.run(["ninja", "-C", build, "-t", "commands", f"tests/{test}"],
                          capture_output=True, text=True, check=True).stdout
    words = shlex.split(said.strip().split("\n")[-1])
    words = words[words.index("&&") + 1:]
    words = words[:words.index("&&")] if "&&" in words else words
    at = words.index("-o")
    words[at + 1] = f"{folder}/{test}"
    return words[:at] + [f"{folder}/mutant.o", *SANITIZE] + words[at:]


def survives(text, folder, compiling, linking, patience_s=60):
    """None: it does not compile. A test that does not end within `patience_s` noticed it."""
    pathlib.Path(folder, "mutant.c").write_text(text)
    if subprocess.run(compiling, capture_output=True, cwd=build, check=False).returncode != 0:
        return None
    for test, command in linking.items():
        subprocess.run(command, capture_output=True, cwd=build, check=True)
        # timeout ends it even when this script is ended.
        done = subprocess.run(["timeout", "-s", "KILL", str(int(patience_s)), f"{folder}/{test}"],
                              capture_output=True, cwd=folder, check=False)
        if done.returncode != 0:
            return False
    return True


def main():
    counts = {"killed": 0, "survived": 0, "known": 0, "not built": 0}
    reasons = known()
    every = sorted(mutants())
    step = max(1, -(-len(every) // int(limit)))
    with tempfile.TemporaryDirectory() as folder:
        module = pathlib.Path(build, "process_offline_cv.so").resolve()
        os.symlink(module, pathlib.Path(folder, module.name))
        compiling = compile_command(folder)
        linking = {test: link_command(test, folder) for test in tests}
        start = time.monotonic()
        if not survives(TEXT, folder, compiling, linking):
            sys.exit("the tests fail without any change")
        patience_s = 3 + 5 * (time.monotonic() - start)
        for at, old, new in every[::step]:
            line = TEXT[TEXT.rfind("\n", 0, at) + 1:TEXT.find("\n", at)].strip()
            verdict = survives(TEXT[:at] + new + TEXT[at + len(old):], folder, compiling,
                               linking, patience_s)
            if verdict is None:
                counts["not built"] += 1
            elif not verdict:
                counts["killed"] += 1
            elif (source, line, f"{old} -> {new}") in reasons:
                counts["known"] += 1
            else:
                counts["survived"] += 1
                print(f"{source} | {line} | {old} -> {new}", flush=True)
    print(f"{source}: " + ", ".join(f"{count} {name}" for name, count in counts.items()),
          flush=True)
    sys.exit(1 if counts["survived"] else 0)


main()
PYTHON
