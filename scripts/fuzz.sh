#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes every target of tests/fuzz with libFuzzer: fuzz.sh SECONDS_EACH [TARGET...]
set -uo pipefail

cd "$(dirname "$0")/.."
seconds=${1:?usage: fuzz.sh SECONDS_EACH [TARGET...]}
shift
CC=clang CXX=clang++ cmake -S . -B build-fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DPO_FUZZ=ON -DPO_SANITIZE=address,undefined >/dev/null && ninja -C build-fuzz --quiet || exit 1
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd tests/fuzz && ls fuzz_*.c | sed 's/\.c$//')

failed=0
fuzz_one() {
    local target=$1 new bound
    new=$(mktemp -d)
    bound=$(awk -v target="$target" '$1 == target { print $2 }' tests/fuzz/bounds.txt)
    build-fuzz/tests/"$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=$((2 * ${bound:-4096})) \
        -artifact_prefix="$new/" "$new" tests/fuzz/corpus/"$target" >"$new/log" 2>&1
    local status=$?
    printf '%-24s exit %d, %s executions\n' "$target" $status \
        "$(grep -oE '^#[0-9]+' "$new/log" | tail -n 1 | tr -d '#')"
    if [ $status -ne 0 ]; then
        tail -n 30 "$new/log"
        echo "inputs kept in $new"
    else
        rm -rf "$new"
    fi
    return $status
}
export -f fuzz_one
export seconds
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one {}' || failed=1
exit $failed
