#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Accuracy over the scenes with ground truth as a Markdown table: bad1 / bad2 in percent of
# pixels with ground truth (a pixel without a value is bad) and mae in pixels, means over
# scenes, of the dense maps of each profile, of OpenCV's modes with our checks and filling, and
# of the usual OpenCV recipe. A second table has what is measured, error apart from coverage.
#   accuracy.sh [--data DIR] [--build DIR]
# Data: PO_TEST_DATA or ../shared/data; exit status 77 where there is none.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
data=${PO_TEST_DATA:-$here/../../shared/data} build=${PO_BINARY_DIR:-$here/../build}
while [ $# -gt 0 ]; do
    case $1 in
    --data | --build)
        [ $# -ge 2 ] || { sed -n '7s/^# //p' "$0" >&2; exit 2; }
        printf -v "${1#--}" '%s' "$2"; shift 2 ;;
    *) sed -n '7s/^# //p' "$0" >&2; exit 2 ;;
    esac
done
bench=$build/tests/bench_accuracy
[ -x "$bench" ] || { echo "accuracy.sh: $bench is not built" >&2; exit 2; }
[ -f "$data/scenes.tsv" ] || { echo "accuracy.sh: no scenes.tsv in $data" >&2; exit 77; }

groups=(all middlebury2001-2006 middlebury2014 'middlebury2014 nonocc' kitti2012)
rows=("usual OpenCV recipe|--recipe"
    "\`--profile classic\`|--profile classic"
    "\`--matcher opencv --opencv-mode sgbm\`|--matcher opencv --opencv-mode sgbm"
    "\`--matcher opencv --opencv-mode 3way\`|--matcher opencv --opencv-mode 3way"
    "\`--matcher opencv --opencv-mode hh\`|--matcher opencv --opencv-mode hh"
    "\`--matcher opencv --opencv-mode hh4\`|--matcher opencv --opencv-mode hh4"
    "\`--profile fast\`|--profile fast"
    "\`--profile balanced\`|--profile balanced"
    "\`--profile quality\`|--profile quality")

heading='| dense maps, bad1 / bad2 / mae |' rule='|---|'
for group in "${groups[@]}"; do
    heading="$heading $group |" rule="$rule---|"
done
echo "$heading"
echo "$rule"
measured=
for row in "${rows[@]}"; do
    read -r -a options <<<"${row#*|}"
    text=$("$bench" "$data" "${options[@]}") || { echo "accuracy.sh: ${options[*]} failed" >&2; exit 1; }
    line="| ${row%%|*} |"
    for group in "${groups[@]}"; do
        # The name is padded to 30 columns; then bad05 bad1 bad2 bad4 mae.
        scores=$(awk -v group="$group" '{ name = substr($0, 1, 30); sub(/ +$/, "", name) }
            name == group { split(substr($0, 31), v); printf "%.1f / %.1f / %.2f", v[2], v[3], v[5] }' \
            <<<"$text")
        line="$line ${scores:--} |"
    done
    echo "$line"
    # Behind mae: density | measured, its bad2 | three costs | bad3, bad2 in view | curve, area.
    measured+=$(awk -v row="${row%%|*}" '{ name = substr($0, 1, 30); sub(/ +$/, "", name); split(substr($0, 31), v) }
        name == "all" { printf "| %s | %s | %s | %s / %s / %s | %s | %s |", row, v[8], v[9],
                        v[18] ? v[18] : "-", v[19] ? v[19] : "-", v[20] ? v[20] : "-", v[22] ? v[22] : "-", v[16] }
        name == "kitti2012" { printf " %s |", v[15] }' <<<"$text")$'\n'
done
echo
echo "| all scenes | measured % | bad2 of it | bad2 of the surest 50 / 60 / 70 % | area to 70 % |" \
    "dense bad2 in the right view | KITTI dense, off by over 3 px |"
echo "|---|---|---|---|---|---|---|"
printf '%s' "$measured"
