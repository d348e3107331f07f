#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One session on a Slurm cluster: a plan, an array of shards, a merge when all have come to
# their end. Memory and time of an element are those that the plan measured, with room.
#   slurm.sh [--shards 8] [--workers 1] [--sbatch "OPTIONS"] [--after afterok|afterany] [--wait]
#            -- --input DIR [--output DIR] [OPTIONS of process_offline]
# Prints every job it submits. An element that was killed is resumed by the same command with
# --array=3; what is done stays done. --after afterany merges whatever is there. --wait ends with
# the session's exit status. PROCESS_OFFLINE names the program.
set -euo pipefail

shards=8 workers=1 sbatch='' after=afterok wait=''
program=${PROCESS_OFFLINE:-process_offline}
usage() { sed -n '5,6s/^# //p' "$0" >&2; exit 2; }
while [ $# -gt 0 ]; do
    case $1 in
    --) shift; break ;;
    --wait) wait=--wait; shift ;;
    --shards | --workers | --sbatch | --after)
        [ $# -ge 2 ] || usage
        printf -v "${1#--}" '%s' "$2"; shift 2 ;;
    *) usage ;;
    esac
done
[ $# -gt 0 ] || usage
case $shards$workers in *[!0-9]* | 0*) usage ;; esac
command -v sbatch >/dev/null || { echo "slurm.sh: no sbatch here: is this a Slurm cluster?" >&2; exit 2; }
read -ra extra <<<"$sbatch"
run=$(printf '%q ' "$program" "$@" --progress never)

submit() { # NAME SBATCH-OPTIONS... -- COMMAND: prints the job's number
    local name=$1; shift
    local options=()
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    printf '%s: sbatch %s --wrap %q\n' "$name" "${options[*]}" "$2" >&2
    sbatch --parsable --job-name="po_$name" ${extra[@]+"${extra[@]}"} "${options[@]}" --wrap "$2"
}

# The plan is short, and says what to ask for.
log=$(mktemp "$PWD/po_plan_XXXXXX.txt")
trap 'rm -f "$log"' EXIT
submit plan --wait --output="$log" --cpus-per-task="$workers" -- "$run --plan" >/dev/null || {
    status=$?
    cat "$log" >&2
    exit "$status"
}
value() { sed -n "s/^$1: //p" "$log"; }
frames=$(value frames)
seconds=$(value 'seconds of a frame on one core')
[ "$seconds" != unknown ] || seconds=60
memory=$(($(value 'MB of one worker') + (workers - 1) * $(value 'MB of each further worker')))
# Three times what was measured, and ten minutes, as disks and processors differ.
minutes=$(awk -v f="$frames" -v n="$shards" -v s="$seconds" -v w="$workers" \
    'BEGIN { print 10 + int(3 * int((f + n - 1) / n) * s / w / 60) }')

# A frame that failed is the merge's to say; an element fails when it did not come to its end.
element="$run --shard auto/$shards --workers $workers --memory-limit 95%"
element="$element; s=\$?; case \$s in 3|4|5) s=0;; esac; exit \$s"
array=$(submit shards --array="1-$shards" --cpus-per-task="$workers" --mem="${memory}M" \
    --time="$minutes" -- "$element")
echo "shards: job $array, $shards elements of $frames frames, ${memory} MB and $minutes minutes each"
status=0
merge=$(submit merge --dependency="$after:${array%%;*}" ${wait:+"$wait"} -- "$run --merge") || status=$?
echo "merge: job $merge, $after of $array"
exit "$status"
