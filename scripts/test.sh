#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need, builds, and runs them.
#   test.sh            the quick suite (under 15 minutes on two cores)
#   test.sh --long     also the sanitized clang build, the analyzers, fuzzing, the whole fault
#                      matrix, soak, and emulated CPUs: about an hour and a half on two cores
#                      that are idle, by the processor time of its parts. Half an hour of it
#                      is the torture test. PO_FUZZ_SECONDS (30) is each fuzz target's share,
#                      PO_TORTURE_WHOLE=1 adds the cases that only a night has time for.
# Real data is looked for in ../shared/data (or PO_TEST_DATA); tests that need it say so and
# skip where it is absent. The whole suite runs last, so the closing line is CTest's own.
set -uo pipefail

cd "$(dirname "$0")/.."
long=0
[ "${1:-}" = "--long" ] && long=1
scripts/install_packages.sh "$([ $long = 1 ] && echo long || echo tests)" || exit 1
scripts/install_packages.sh networks || echo "no ONNX Runtime: tests of networks are skipped"
export PO_TEST_DATA=${PO_TEST_DATA:-$(cd .. && pwd)/shared/data}
export PO_LONG=$long
jobs=$(nproc)
launcher=()
command -v ccache >/dev/null &&
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
declare -a failures=()

# stage NAME COMMAND...: goes on after a failure, which the exit status keeps.
stage() {
    local name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || { failures+=("$name"); echo "FAILED: $name"; return 1; }
}

# build DIR OPTIONS...
build() {
    local directory=$1
    shift
    mkdir -p "$directory"
    cmake -S . -B "$directory" -G Ninja "${launcher[@]}" -DPO_FAULTS=ON -DPO_WERROR=ON "$@" \
        >"$directory/build.log" 2>&1 &&
        ninja -C "$directory" --quiet >>"$directory/build.log" 2>&1 ||
        { tail -n 40 "$directory/build.log"; return 1; }
}

# suite DIR CTEST-OPTIONS...
suite() {
    local directory=$1
    shift
    ctest --test-dir "$directory" -j "$jobs" --output-on-failure --no-tests=error "$@" |
        tee "$directory/suite.log"
}

# tidy DIR CLANG-TIDY-OPTIONS...: every source this machine builds.
tidy() {
    local directory=$1
    shift
    find src -name '*.c' ! -name '*_neon.c' -o -name '*.cpp' | sort |
        xargs -P "$jobs" -n 1 clang-tidy -p "$directory" --quiet "$@" 2>/dev/null
}

# With clang, so that its warnings in sources and tests are seen in the quick suite too.
CC=clang CXX=clang++ stage "clang, ThreadSanitizer: build" \
    build build-tsan -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPO_SANITIZE=thread &&
    stage "clang, ThreadSanitizer: what runs threads" \
        suite build-tsan -R 'worker_pool|memory_budget|same_bytes|cli/test_library'

# Twenty seconds of processor time; the analyzer is for the long run: scripts/analyze.py.
stage "clang-tidy without the analyzer" tidy build-tsan --checks=-clang-analyzer-*

if [ $long = 1 ]; then
    CC=clang CXX=clang++ stage "clang, AddressSanitizer and UndefinedBehaviorSanitizer: build" \
        build build-asan -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPO_SANITIZE=address,undefined &&
        # Left out for its time: a cloud above 2 GB.
        stage "clang, AddressSanitizer and UndefinedBehaviorSanitizer" \
            suite build-asan -L 'unit|kernels|property|fuzz' -E 'cloud_files'
    stage "gcc, Release: build for the analyzers" build build-tests -DCMAKE_BUILD_TYPE=Release &&
        stage "the analyzers of gcc and clang, cppcheck" scripts/analyze.py build-tests
    stage "the quick start" scripts/quickstart.sh
    stage "fuzzing" scripts/fuzz.sh "${PO_FUZZ_SECONDS:-30}"
    stage "aarch64 kernels under emulation" tests/kernels/run_aarch64.sh
fi

stage "gcc, Release: build" build build-tests -DCMAKE_BUILD_TYPE=Release &&
    stage "gcc, Release: the whole suite" suite build-tests
for failure in "${failures[@]}"; do echo "failed: $failure"; done
grep -h 'tests passed' build-tests/suite.log
[ ${#failures[@]} -eq 0 ]
