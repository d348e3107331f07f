#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs Debian packages: install_packages.sh build|tests|long. As root, or through sudo;
# what is installed already costs nothing and needs no rights.
set -euo pipefail

build=(build-essential cmake ninja-build ca-certificates libopencv-core-dev
       libopencv-imgproc-dev libopencv-features2d-dev libopencv-calib3d-dev
       libopencv-photo-dev libpng-dev libjpeg62-turbo-dev libtiff-dev libwebp-dev
       libyaml-dev libcjson-dev libxxhash-dev)
tests=(libcmocka-dev python3 glslang-tools nodejs clang clang-format clang-tidy libclang-rt-14-dev valgrind strace)
long=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user chromium assimp-utils)
# Where node comes from elsewhere, Debian's packages would not fit it.
command -v npm >/dev/null || long+=(nodejs npm)

case "${1:-build}" in
build) wanted=("${build[@]}") ;;
tests) wanted=("${build[@]}" "${tests[@]}") ;;
long) wanted=("${build[@]}" "${tests[@]}" "${long[@]}") ;;
*) echo "usage: $0 build|tests|long" >&2; exit 2 ;;
esac

missing=()
for package in "${wanted[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "$0: needs root or sudo to install: ${missing[*]}" >&2
        exit 1
    }
    root=(sudo)
fi
echo "installing: ${missing[*]}"
"${root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
