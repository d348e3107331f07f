#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/smoke.sh passes on a small session, and fails where frames do.
set -uo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${PO_BINARY_DIR:-$root/build}
[ -x "$build/tests/make_scene" ] || { echo "skipped: make_scene is not built"; exit 77; }
# AddressSanitizer keeps freed memory for a while, which is not the program's growth.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:quarantine_size_mb=1"
small=(--build "$build" --smoke 10 --frames 40 --size 160x120)

text=$("$root/scripts/smoke.sh" "${small[@]}") || { echo "$text"; echo "smoke.sh failed"; exit 1; }
echo "$text"
grep -qE '^ +40( +[0-9.]+){7}$' <<<"$text" || { echo "no figures of 40 frames"; exit 1; }

# No frame fits into 1 MB.
if text=$("$root/scripts/smoke.sh" "${small[@]}" -- --memory-limit 1M 2>&1); then
    echo "$text"
    echo "smoke.sh passed frames that did not finish"
    exit 1
fi
grep -q '^smoke.sh: 40 frames: out_of_memory 40$' <<<"$text" || { echo "$text"; exit 1; }
