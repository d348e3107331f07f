#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Branch coverage by gcov, a folder of src/ a line: coverage.sh [--keep] [CTEST-REGEX]
# --keep adds to what earlier runs of the same build took: the whole in short portions.
# Builds build-coverage, runs its tests, prints what was taken and why the rest was not, and
# lists by file and line what no reason is known of, in build-coverage/untaken.txt. Branches
# of failing allocations and system calls are taken by the torture test and by
# test_run_failures, which are among them.
set -uo pipefail

cd "$(dirname "$0")/.."
build=build-coverage
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S . -B "$build" -G Ninja "${launcher[@]}" -DPO_FAULTS=ON -DPO_COVERAGE=ON \
    -DCMAKE_BUILD_TYPE=Release >/dev/null && ninja -C "$build" --quiet || exit 1
keep=0
[ "${1:-}" = --keep ] && keep=1 && shift
[ "$keep" = 1 ] || find "$build" -name '*.gcda' -delete
# Limits of time and memory are those of other builds, so a test may fail here.
tests='unit/|fuzz/|fault/|cli/test_(baseline|calibrate|cases|check|folders|hostile|library|measured|named|network|no_cloud|options|outside|prior|published|quality|range|recalibrate|report_page|run_ends|sessions|shards|sixteen|stage|textureless|uncalibrated|wrong)'
PO_TORTURE_SAMPLE=${PO_TORTURE_SAMPLE:-600} PO_RUN_FAILURES=${PO_RUN_FAILURES:-2} ctest --test-dir "$build" -j "$(nproc)" -R "${1:-$tests}" \
    >"$build/coverage-tests.log" 2>&1 || sed -n '/tests FAILED/,$p' "$build/coverage-tests.log"
python3 scripts/coverage_table.py "$build"
