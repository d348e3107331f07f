#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every public header compiles alone, without a warning, as C11 and as C++17.
set -uo pipefail

cd "${PO_SOURCE_DIR:-$(dirname "$0")/../..}"
flags=(-Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only)
failed=0 count=0
for header in include/process_offline/*.h; do
    count=$((count + 1))
    "${CC:-gcc}" -std=c11 "${flags[@]}" -x c "$header" || failed=1
    "${CXX:-g++}" -std=c++17 "${flags[@]}" -x c++ "$header" || failed=1
done
echo "$count headers"
[ $failed -eq 0 ] && [ $count -gt 0 ]
