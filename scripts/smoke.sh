#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A smoke run of 50 frames and a benchmark of 200 on a session it makes: raw pairs of two
# distorted cameras, so every stage has work. Exit status 0 when every frame of both runs is
# done, none had to be tried twice, and the memory of 200 frames is at most 10 % above that of 50.
#   smoke.sh [--smoke 50] [--frames 200] [--size 640x480] [--workers 2] [--build DIR]
#            [-- OPTIONS of process_offline]
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/report_values.sh
. "$here/report_values.sh"

smoke=50 frames=200 size=640x480 workers=2 build=${PO_BINARY_DIR:-$here/../build}
usage() { sed -n '3,7s/^# //p' "$here/smoke.sh" >&2; exit 2; }
while [ $# -gt 0 ]; do
    case $1 in
    --) shift; break ;;
    --smoke | --frames | --size | --workers | --build)
        [ $# -ge 2 ] || usage
        printf -v "${1#--}" '%s' "$2"; shift 2 ;;
    *) usage ;;
    esac
done
tool=$build/process_offline make=$build/tests/make_scene
for program in "$tool" "$make"; do
    [ -x "$program" ] || { echo "smoke.sh: $program is not built" >&2; exit 2; }
done

place=$(mktemp -d "${TMPDIR:-/tmp}/po_smoke_XXXXXX") || exit 1
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT TERM
"$make" "$place/session" --frames "$frames" --size "$size" --kind sphere || exit 1

broken=0
complain() { echo "smoke.sh: $*" >&2; broken=1; }

# run NAME COUNT OPTIONS...
run() {
    local name=$1 count=$2 status
    shift 2
    "$tool" --input "$place/session" --output "$place/$name" --frames "0-$((count - 1))" \
        --workers "$workers" --progress never "$@" >"$place/$name.log" 2>&1
    status=$?
    [ $status -eq 0 ] || { complain "$count frames: status $status"; tail -n 5 "$place/$name.log" >&2; }
    [ -f "$place/$name/report.json" ] || { echo "smoke.sh: no report" >&2; exit 1; }
    check "$count" "$place/$name/report.json"
    row "$count" "$place/$name/report.json"
}

# check COUNT REPORT
check() {
    local key clouds
    [ "$(report_value "$2" found)" = "$1" ] || complain "$1 frames: found $(report_value "$2" found)"
    [ "$(report_value "$2" "done")" = "$1" ] || complain "$1 frames: done $(report_value "$2" "done")"
    for key in failed timed_out crashed out_of_memory not_run; do
        [ "$(report_value "$2" $key)" = 0 ] || complain "$1 frames: $key $(report_value "$2" $key)"
    done
    if grep -qE '"attempts": ([2-9]|1[0-9])' "$2"; then complain "$1 frames: some were tried twice"; fi
    clouds=$(find "${2%/*}" -name cloud.ply -size +0 | wc -l)
    [ "$clouds" -eq "$1" ] || complain "$1 frames: $clouds clouds"
}

milli() { decimals 0 "$(report_value "$1" "$2")"; }

row() {
    local report=$2 first idle peak
    first=$(report_value "$report" first_frame_s) idle=$(report_value "$report" idle_share)
    peak=$(report_value "$report" measured_bytes)
    printf '%6s %9s %8s %7s %7s %7s %7s %9s\n' "$1" \
        "$(decimals 2 "$(report_value "$report" frames_per_second)")" \
        "$(decimals 2 "$first")" "$(milli "$report" p50)" "$(milli "$report" p95)" \
        "$(milli "$report" p99)" \
        "$(awk -v x="$idle" 'BEGIN { printf x == "-" ? x : "%.1f", 100 * x }')" \
        "$(awk -v x="$peak" 'BEGIN { printf x == "-" ? x : "%.1f", x / 1e6 }')"
}

echo "$size, $workers workers, $("$tool" --version | head -n 1)"
printf '%6s %9s %8s %7s %7s %7s %7s %9s\n' frames frames/s "first s" "p50 ms" "p95 ms" "p99 ms" \
    "idle %" "peak MB"
run smoke "$smoke" "$@"
run bench "$frames" "$@"

few=$(report_value "$place/smoke/report.json" measured_bytes)
many=$(report_value "$place/bench/report.json" measured_bytes)
awk -v a="$few" -v b="$many" 'BEGIN { exit !(a > 0 && b > 0 && b <= 1.1 * a) }' ||
    complain "memory is not flat: $few bytes for $smoke frames, $many for $frames"
[ $broken -eq 0 ] && echo "every frame done, memory flat"
exit $broken
