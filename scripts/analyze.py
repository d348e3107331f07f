#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Static analysis of src/: gcc's -fanalyzer, clang's analyzer and cppcheck.

analyze.py BUILD [FILE...]: a directory that cmake has configured with gcc, and the files
to look at. A finding is mended, or explained in analyze_known.txt beside this script, a
line each: file, what the finding says (a part of it), why it is wrong. Any other finding
is an error, and so, when all files are looked at, is a line that no finding needs."""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
KNOWN = os.path.join(ROOT, "scripts", "analyze_known.txt")
# Kernels of instruction sets: gcc takes hours over their unrolled loops.
LEFT_OUT = re.compile(r"_(avx512|avx2|sse4|neon)\.c$|kernels_scalar\.c$")
CPPCHECK = ["cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability",
            "--suppress=missingIncludeSystem", "--template={file}: {message}", "-DPO_FAULTS=1",
            "-D_GNU_SOURCE", "-I", "src", "-I", "include"]
# Off: calls that C11 has no safe form of, and padding, which is no fault.
CLANG_CHECKS = ("-*,clang-analyzer-*,-clang-analyzer-optin.performance.Padding,"
                "-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling")


def gcc_command(entry):
    words = re.sub(r"\S*ccache |-o \S+|-MT \S+|-MF \S+|-MD|-fsanitize=\S+|-O[0-3s]", " ", entry["command"])
    return words + " -O1 -fanalyzer -Wno-error -o /dev/null"


def gcc_findings(entry):
    done = subprocess.run(gcc_command(entry), shell=True, cwd=entry["directory"], text=True,
                          capture_output=True, check=False)
    name = os.path.relpath(entry["file"], ROOT)
    return {"%s: %s" % (name, line.split("warning: ")[-1].split("error: ")[-1])
            for line in done.stderr.splitlines() if "warning: " in line or "error: " in line}


def clang_findings(entry, build):
    """Of clang-tidy's checks the analyzer's; the others need no explanations."""
    done = subprocess.run(["clang-tidy", "-p", build, "--quiet", "--checks=" + CLANG_CHECKS,
                           entry["file"]], text=True, capture_output=True, check=False)
    findings = set()
    for line in done.stdout.splitlines():
        match = re.match(r"(/\S+?):\d+:\d+: (?:error|warning): (.*)", line)
        if match:
            findings.add("%s: %s" % (os.path.relpath(match[1], ROOT), match[2]))
    return findings


def all_findings(build, files):
    """Of `files`; of all of src/ where there are none."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as handle:
        entries = {entry["file"]: entry for entry in json.load(handle)
                   if "/src/" in entry["file"] and entry["file"].endswith(".c")
                   and not LEFT_OUT.search(entry["file"])
                   and (not files or os.path.relpath(entry["file"], ROOT) in files)}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = set().union(*pool.map(gcc_findings, entries.values()))
        found |= set().union(*pool.map(lambda entry: clang_findings(entry, build), entries.values()))
    done = subprocess.run(CPPCHECK + (files or ["src"]), cwd=ROOT, text=True, capture_output=True, check=False)
    return found | {line for line in done.stderr.splitlines() if line.startswith("src/")}


def known_lines():
    with open(KNOWN, encoding="utf-8") as handle:
        return [tuple(part.strip() for part in line.split(" | ")) for line in handle
                if line.strip() and not line.startswith("#")]


def main():
    known = known_lines()
    files = [os.path.relpath(os.path.realpath(name), ROOT) for name in sys.argv[2:]]
    findings = all_findings(sys.argv[1], files)
    problems = []
    needed = set()
    for finding in sorted(findings):
        excuses = [line for line in known if finding.startswith(line[0]) and line[1] in finding]
        needed.update(excuses)
        if not excuses:
            problems.append(finding)
    if not files:
        problems += ["needed no more: %s | %s" % line[:2] for line in known if line not in needed]
    for problem in problems:
        print(problem)
    print("%d findings, %d explained, %d problems" % (len(findings), len(findings) - len(
        [one for one in problems if not one.startswith("needed")]), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
