#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need, builds, and runs them.
#   test.sh            the quick suite (under 15 minutes on two cores)
#   test.sh --long     also the sanitized clang build, clang-tidy, fuzzing, the whole fault matrix, soak, emulated CPUs
# Real data is looked for in ../shared/data (or PO_TEST_DATA); tests that need it say so and
# skip where it is absent.
set -uo pipefail

cd "$(dirname "$0")/.."
long=0
[ "${1:-}" = "--long" ] && long=1
scripts/install_packages.sh "$([ $long = 1 ] && echo long || echo tests)" || exit 1
export PO_TEST_DATA=${PO_TEST_DATA:-$(cd .. && pwd)/shared/data}
export PO_LONG=$long
jobs=$(nproc)
launcher=()
command -v ccache >/dev/null &&
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

passed=0 failed=0 skipped=0
declare -a failures=()

heading() { printf '\n== %s\n' "$*"; }

# verdict NAME STATUS
verdict() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1)); echo "ok      $1"
    elif [ "$2" -eq 77 ]; then
        skipped=$((skipped + 1)); echo "skipped $1"
    else
        failed=$((failed + 1)); failures+=("$1"); echo "FAILED  $1"
    fi
}

# build DIR OPTIONS...
build() {
    local directory=$1
    shift
    cmake -S . -B "$directory" -G Ninja "${launcher[@]}" "$@" >"$directory.log" 2>&1 &&
        ninja -C "$directory" --quiet >>"$directory.log" 2>&1 ||
        { tail -n 40 "$directory.log"; return 1; }
}

# suite DIR CTEST-OPTIONS...: every test counts on its own.
suite() {
    local directory=$1
    shift
    local log="$directory/ctest.log"
    ctest --test-dir "$directory" -j "$jobs" --output-on-failure "$@" >"$log" 2>&1
    grep -E '^ *[0-9]+/[0-9]+ Test|\*\*\*|^E |Error|ERROR' "$log" | grep -v ' Passed ' | head -n 60
    local ok bad skip
    ok=$(grep -cE '^ *[0-9]+/[0-9]+ Test.* Passed ' "$log")
    skip=$(grep -cE '^ *[0-9]+/[0-9]+ Test.*\*\*\*Skipped' "$log")
    bad=$(grep -cE '^ *[0-9]+/[0-9]+ Test.*\*\*\*(Failed|Timeout|Exception|Not Run)' "$log")
    echo "$directory: $ok passed, $bad failed, $skip skipped"
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
    [ "$bad" -eq 0 ] || failures+=("$(grep -E '\*\*\*(Failed|Timeout|Exception|Not Run)' "$log" | sed -E 's/^.*Test +#[0-9]+: //;s/ \.+.*//' | tr '\n' ' ')")
    [ $((ok + bad)) -gt 0 ] || { failed=$((failed + 1)); failures+=("$directory: no test ran"); }
}

mapfile -t sources < <(find src include tests -name '*.[ch]' -o -name '*.cpp' | sort)

heading "format"
clang-format --dry-run --Werror "${sources[@]}" >build-format.log 2>&1
verdict clang-format $?
head -n 5 build-format.log
rm -f build-format.log

heading "gcc, Release, the whole suite"
mkdir -p build-tests
build build-tests -DCMAKE_BUILD_TYPE=Release -DPO_FAULTS=ON
status=$?
verdict "build with gcc" $status
[ $status -ne 0 ] || suite build-tests

heading "public headers alone, C11 and C++17"
for header in include/process_offline/*.h; do
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c "$header" &&
        g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c++ "$header"
    verdict "$header" $?
done

heading "gcc, ThreadSanitizer"
mkdir -p build-tsan
build build-tsan -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPO_FAULTS=ON -DPO_SANITIZE=thread
status=$?
verdict "build with ThreadSanitizer" $status
[ $status -ne 0 ] || suite build-tsan -R 'worker_pool|memory_budget|workers_identical|parallel'

if [ $long = 1 ]; then
    heading "clang, AddressSanitizer and UndefinedBehaviorSanitizer"
    mkdir -p build-asan
    CC=clang CXX=clang++ build build-asan -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPO_FAULTS=ON \
        -DPO_SANITIZE=address,undefined
    status=$?
    verdict "build with clang" $status
    # Left out for their time: a cloud above 2 GB, and the scripts.
    [ $status -ne 0 ] || suite build-asan -L 'unit|kernels|property|fuzz' \
        -E 'cloud_files'

    heading "clang-tidy"
    find src -name '*.c' | sort |
        xargs -P "$jobs" -n 1 clang-tidy -p build-asan --quiet >build-tidy.log 2>/dev/null
    verdict clang-tidy $?
    grep -E 'error:|warning:' build-tidy.log | sort -u | head -n 20
    rm -f build-tidy.log

    heading "long: fuzzing, emulated CPUs"
    scripts/fuzz.sh "${PO_FUZZ_SECONDS:-600}"
    verdict fuzz $?
    tests/kernels/run_aarch64.sh
    verdict "aarch64 kernels under emulation" $?
fi

echo
for failure in "${failures[@]}"; do echo "failed: $failure"; done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
