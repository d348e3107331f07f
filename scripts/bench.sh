#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the benchmarks and writes their tables as Markdown: a whole frame against the usual
# OpenCV recipe, the matchers, accuracy, sessions and start-up. About ten minutes.
#   bench.sh [--data DIR] [--build DIR] [--repeat 5] [--json DIR] FILE
# Data: PO_TEST_DATA or ../shared/data; what needs it is left out where there is none. --json
# keeps the figures as the benchmarks gave them.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
data=${PO_TEST_DATA:-$here/../../shared/data} build=${PO_BINARY_DIR:-$here/../build}
repeat=5 json='' target='' command="scripts/bench.sh $*"
usage() { sed -n '5s/^# //p' "$here/bench.sh" >&2; exit 2; }
while [ $# -gt 0 ]; do
    case $1 in
    --data | --build | --repeat | --json)
        [ $# -ge 2 ] || usage
        printf -v "${1#--}" '%s' "$2"; shift ;;
    -*) usage ;;
    *) target=$1 ;;
    esac
    shift
done
[ -n "$target" ] || usage
[ -x "$build/tests/bench_frame" ] || { echo "bench.sh: $build/tests/bench_frame is not built" >&2; exit 2; }
if [ -z "$json" ]; then
    json=$(mktemp -d "${TMPDIR:-/tmp}/po_bench_XXXXXX") || exit 1
    trap 'rm -rf "$json"' EXIT
fi
mkdir -p "$json" || exit 2

failed=0
# step NAME COMMAND...: a figure that could not be had is missing from the tables, loudly.
step() {
    local name=$1
    shift
    echo "bench.sh: $name ..." >&2
    "$@" || { echo "bench.sh: $name failed" >&2; failed=1; }
}

uptime | sed 's/^.*load/load/' >"$json/load.txt"
if [ -f "$data/scenes.tsv" ]; then
    step "whole frame" "$build/tests/bench_frame" "$data" --repeat "$repeat" \
        --json "$json/frame.json" >"$json/frame.txt"
    step matchers "$build/tests/bench_stereo" "$data" --repeat "$repeat" >"$json/stereo.json"
    step accuracy "$here/accuracy.sh" --data "$data" --build "$build" >"$json/accuracy.md"
else
    echo "bench.sh: no scenes.tsv in $data: sessions only" >&2
fi
step sessions "$here/../tests/bench/bench_session.py" --build "$build" --repeat 3 \
    --small 640x480:32 --large 1456x1088:16 --json "$json/session.json" >"$json/session.txt"

step tables python3 "$here/bench_tables.py" "$json" "$command" >"$target.new" &&
    mv "$target.new" "$target"
exit $failed
