#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C and C++ file is formatted as .clang-format says.
set -uo pipefail

cd "${PO_SOURCE_DIR:-$(dirname "$0")/../..}"
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
mapfile -t sources < <(find src include tests -name '*.[ch]' -o -name '*.cpp' | sort)
[ ${#sources[@]} -gt 100 ] || { echo "only ${#sources[@]} sources found"; exit 1; }
clang-format --dry-run --Werror "${sources[@]}"
