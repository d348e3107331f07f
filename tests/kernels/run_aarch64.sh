#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the matcher's kernels and their tests for AArch64 and runs them under qemu-user.
# Exit 77: no cross compiler or no qemu here.
set -eu
source=${PO_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
compiler=${PO_AARCH64_CC:-aarch64-linux-gnu-gcc}
emulator=${PO_AARCH64_QEMU:-qemu-aarch64}
for tool in "$compiler" "$emulator"; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: $tool is not installed"
        exit 77
    fi
done
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
if ! echo '#include <stdio.h>' | "$compiler" -x c -fsyntax-only - 2>/dev/null; then
    echo "skipped: $compiler has no C library headers (libc6-dev-arm64-cross)"
    exit 77
fi
stereo=$source/src/stereo
for test in test_sgm_kernels test_sgm_sweeps; do
    "$compiler" -std=c11 -O3 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion \
        -ffp-contract=off -fno-math-errno -static \
        -I"$source/tests/kernels/standalone" -I"$source/src" -I"$source/include" -I"$source/tests" \
        -o "$build/$test" "$source/tests/kernels/$test.c" \
        "$source/tests/support/kernel_fixture.c" "$stereo/kernels_scalar.c" \
        "$stereo/kernels_neon.c" "$stereo/kernel_dispatch.c" "$stereo/sgm_tables.c" \
        "$stereo/byte_forest.c"
    "$emulator" "$build/$test"
done
