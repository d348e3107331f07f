#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One session on machines that ssh reaches and that share a disk, by GNU parallel: a plan here,
# shards there, a merge here.
#   parallel.sh --hosts a,b[,:] [--shards 8] [--jobs 1] [--joblog FILE] [--parallel "OPTIONS"]
#               -- --input DIR [--output DIR] [OPTIONS of process_offline]
# ':' is this machine. --jobs is how many shards a machine runs at once; its memory is divided
# among them. Run it again to resume: shards that ended are left out by the job log (named after
# the plan, so that another plan begins anew), those that failed are run again. Ends with the
# session's exit status. PROCESS_OFFLINE names the program, as all machines know it.
set -euo pipefail

hosts='' shards=8 jobs=1 joblog='' parallel=''
program=${PROCESS_OFFLINE:-process_offline}
usage() { sed -n '5,6s/^# //p' "$0" >&2; exit 2; }
while [ $# -gt 0 ]; do
    case $1 in
    --) shift; break ;;
    --hosts | --shards | --jobs | --joblog | --parallel)
        [ $# -ge 2 ] || usage
        printf -v "${1#--}" '%s' "$2"; shift 2 ;;
    *) usage ;;
    esac
done
if [ $# -eq 0 ] || [ -z "$hosts" ]; then usage; fi
case $shards$jobs in *[!0-9]* | 0*) usage ;; esac
command -v parallel >/dev/null || { echo "parallel.sh: GNU parallel is not installed" >&2; exit 2; }
read -ra extra <<<"$parallel"

plan=$("$program" "$@" --progress never --plan)
printf '%s\n' "$plan"
file=$(sed -n 's/^plan: //p' <<<"$plan")
name=$(sed -n 's/.*"name":[^"]*"\([0-9a-f]\{8\}\).*/\1/p' "$file")
joblog=${joblog:-process_offline-$name-$shards.joblog}

# A frame that failed is the merge's to say; a shard fails when it did not come to its end.
run=$(printf '%q ' "$program" "$@" --progress never)
shard="cd $(printf '%q' "$PWD") && $run --shard {}/$shards --memory-limit $((75 / jobs))%"
shard="$shard; s=\$?; case \$s in 3|4|5) s=0;; esac; exit \$s"
parallel --sshlogin "$hosts" --jobs "$jobs" --joblog "$joblog" --resume-failed --retries 3 \
    ${extra[@]+"${extra[@]}"} "$shard" ::: $(seq "$shards") ||
    echo "parallel.sh: some shards did not end; run it again to resume ($joblog)" >&2
exec "$program" "$@" --progress never --merge
