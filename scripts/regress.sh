#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every folder of captures, compares each with its baseline, and prints a table; the exit
# status is the worst of all, as process_offline ranks them.
#   regress.sh [--baselines DIR] [--tolerance LIST] [--update] [--work DIR] [--tool PATH]
#              [--fresh] [--instructions] FOLDER... [-- OPTIONS of process_offline]
# Results go to WORK/<folder's name> (default ./regression), never into the captures. BASELINES
# holds <folder's name>.json, an earlier report.json; --update makes this run's reports the new
# ones where every frame is done. Interrupted, the same command goes on where it stopped: whole
# folders are kept, and the tool reuses the frames of the one it was in. --fresh starts again.
# --instructions also counts those of a made session (instructions.py): 8 where they grew.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/report_values.sh
. "$here/report_values.sh"

usage() { sed -n '3,11s/^# //p' "$here/regress.sh" >&2; exit 2; }

baselines='' tolerance='' update=0 work=regression tool=$here/../build/process_offline fresh=0 counts=0
folders=()
while [ $# -gt 0 ]; do
    case $1 in
    --) shift; break ;;
    --baselines | --tolerance | --work | --tool)
        [ $# -ge 2 ] || usage
        printf -v "${1#--}" '%s' "$2"; shift ;;
    --update) update=1 ;;
    --fresh) fresh=1 ;;
    --instructions) counts=1 ;;
    -*) usage ;;
    *) folders+=("${1%/}") ;;
    esac
    shift
done
[ ${#folders[@]} -gt 0 ] || usage
[ $update = 0 ] || [ -n "$baselines" ] || { echo "regress.sh: --update needs --baselines" >&2; exit 2; }
command -v "$tool" >/dev/null || { echo "regress.sh: $tool: no such program" >&2; exit 2; }
[ -z "$baselines" ] || mkdir -p "$baselines" || exit 2
mkdir -p "$work" || exit 2
exec 9>"$work/.lock"
flock -n 9 || { echo "regress.sh: another regression run is using $work" >&2; exit 2; }

# What an interrupted run left: its command, then "started NAME" and "finished NAME STATUS".
state=$work/.regress_state
command_line="$(cksum <"$(command -v "$tool")") $* : $baselines : $tolerance : ${folders[*]}"
if [ $fresh = 1 ] || [ "$(head -n 1 "$state" 2>/dev/null)" != "$command_line" ]; then
    echo "$command_line" >"$state"
fi

# The worst of two statuses, in the order of process_offline --help.
rank() {
    case $1 in
    2) echo 9 ;; 1) echo 8 ;; 130 | 143) echo 7 ;; 7) echo 6 ;; 6) echo 5 ;; 5) echo 4 ;;
    4) echo 3 ;; 3) echo 2 ;; 8) echo 1 ;; 0) echo 0 ;; *) echo 8 ;;
    esac
}
worst=0
note_status() { if [ "$(rank "$1")" -gt "$(rank "$worst")" ]; then worst=$1; fi; }

verdict_of() { # STATUS NAME
    case $1 in
    0) if [ -z "$baselines" ]; then echo "ok"
       elif [ -f "$baselines/$2.json" ]; then echo "ok, no worse"
       else echo "ok, no baseline"; fi ;;
    1) echo "internal error" ;; 2) echo "wrong usage" ;; 3) echo "some frames failed" ;;
    4) echo "no usable frame" ;; 5) echo "no usable calibration" ;; 6) echo "memory limit" ;;
    7) echo "deadline" ;; 8) echo "WORSE" ;; 130 | 143) echo "interrupted" ;; *) echo "died" ;;
    esac
}

stop=0
trap 'stop=130' INT
trap 'stop=143' TERM

# empty_place NAME: removes results of ours; anything else that is there is not ours to remove.
empty_place() {
    local place=$work/$1
    [ -d "$place" ] || return 0
    if [ ! -d "$place/.state" ] && ! rmdir "$place" 2>/dev/null; then
        echo "regress.sh: $place is not a result; choose another --work" >&2
        exit 2
    fi
    rm -rf "$place"
}

# run_folder FOLDER NAME OPTIONS...: sets `status`. Without --force, so that a folder that was
# interrupted reuses its frames; in an empty place otherwise, so that nothing older counts.
run_folder() {
    local folder=$1 name=$2
    shift 2
    if ! grep -qxF "started $name" "$state"; then
        empty_place "$name"
        echo "started $name" >>"$state"
    fi
    if [ -f "$baselines/$name.json" ]; then
        set -- --baseline "$baselines/$name.json" ${tolerance:+--tolerance "$tolerance"} "$@"
    fi
    "$tool" --input "$folder" --output "$work/$name" --progress never "$@" \
        >"$work/$name.log" 2>&1 9>&-
    status=$?
    [ $stop -ne 0 ] || [ $status -eq 130 ] || [ $status -eq 143 ] ||
        echo "finished $status $name" >>"$state"
}

# The status of a folder that an interrupted run finished, or nothing.
finished_status() { # NAME
    local word value name
    while read -r word value name; do
        if [ "$word" = finished ] && [ "$name" = "$1" ]; then echo "$value"; fi
    done <"$state"
}

update_baseline() { # NAME
    cp "$work/$1/report.json" "$baselines/$1.json.new" &&
        mv "$baselines/$1.json.new" "$baselines/$1.json"
}

rows=()
add_row() { # NAME STATUS VERDICT
    local report=$work/$1/report.json ready=- total=-
    if [ -f "$report" ]; then
        total=$(report_value "$report" found)
        ready=$(($(report_value "$report" "done") + $(report_value "$report" reused)))
    fi
    rows+=("$(printf '%-24s %6s %11s %12s %7s %8s  %s' "$1" "$2" "$ready/$total" \
        "$(decimals 0 "$(report_value "$report" points)")" \
        "$(decimals 2 "$(report_value "$report" bad2)")" \
        "$(decimals 1 "$(report_value "$report" wall_s)")" "$3")")
}

names=()
declare -A seen=()
for folder in "${folders[@]}"; do
    name=$(basename "$(realpath -m -- "$folder")")
    [ "$name" != / ] || usage
    [ -z "${seen[$name]:-}" ] || { echo "regress.sh: two folders are named $name" >&2; exit 2; }
    seen[$name]=1
    names+=("$name")
done

for i in "${!folders[@]}"; do
    name=${names[$i]}
    status=$(finished_status "$name" | tail -n 1)
    kept=''
    if [ -n "$status" ]; then
        kept=', kept from the interrupted run'
    else
        run_folder "${folders[$i]}" "$name" "$@"
    fi
    note_status "$status"
    verdict=$(verdict_of "$status" "$name")
    if [ $update = 1 ] && { [ "$status" = 0 ] || [ "$status" = 8 ]; }; then
        update_baseline "$name" && verdict="$verdict, baseline updated"
    fi
    add_row "$name" "$status" "$verdict$kept"
    if [ $stop -ne 0 ] || [ "$status" = 130 ] || [ "$status" = 143 ]; then
        note_status "$stop"
        break
    fi
done

printf '%-24s %6s %11s %12s %7s %8s  %s\n' folder status frames points bad2 seconds verdict
printf '%s\n' "${rows[@]}"
for ((i = 0; i < ${#rows[@]}; i++)); do
    grep '^worse: ' "$work/${names[$i]}.log" 2>/dev/null | while read -r line; do
        echo "${names[$i]}: $line"
    done
done
if [ $counts = 1 ]; then
    "$here/instructions.py" --build "$(dirname "$tool")"
    counted=$?
    [ $counted = 77 ] || note_status $counted
fi
if [ ${#rows[@]} -lt ${#folders[@]} ] || [ "$worst" = 130 ] || [ "$worst" = 143 ]; then
    echo "interrupted after ${#rows[@]} of ${#folders[@]} folders; the same command goes on"
else
    rm -f "$state"
fi
exit "$worst"
