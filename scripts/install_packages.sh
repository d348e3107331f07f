#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs Debian packages: install_packages.sh build|tests|long|networks. As root, or through
# sudo; what is installed already costs nothing and needs no rights. `networks` is ONNX Runtime,
# which only --matcher network and --prior load: Debian's own from release 13 on, before that
# the library inside the npm package onnxruntime-node (MIT).
set -euo pipefail

build=(build-essential cmake ninja-build ca-certificates libopencv-core-dev
       libopencv-imgproc-dev libopencv-features2d-dev libopencv-calib3d-dev
       libopencv-photo-dev liblapack-dev libpng-dev libjpeg62-turbo-dev libtiff-dev libwebp-dev libisal-dev
       libyaml-dev libcjson-dev libxxhash-dev libseccomp-dev libzip-dev libxml2-dev)
tests=(libcmocka-dev libmatio-dev python3 python3-numpy python3-yaml python3-jsonschema glslang-tools nodejs clang clang-format clang-tidy libclang-rt-14-dev valgrind strace)
long=(cppcheck gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user chromium assimp-utils
      lintian zsh fish ffmpeg libopencv-imgcodecs-dev slurmctld slurmd slurm-client munge
      parallel openssh-server openssh-client python3-pil)
# Where node comes from elsewhere, Debian's packages would not fit it.
command -v npm >/dev/null || long+=(nodejs npm)

networks_place=/usr/local/lib/process_offline
networks_library=libonnxruntime.so.1
networks_package=onnxruntime-node@1.30.0

case "${1:-build}" in
networks)
    if ldconfig -p | grep -q libonnxruntime || [ -e "$networks_place/$networks_library" ]; then
        exit 0
    fi
    wanted=()
    command -v npm >/dev/null || wanted=(npm)
    debian=$(apt-cache search --names-only '^libonnxruntime1' | cut -d' ' -f1 | head -n 1)
    [ -z "$debian" ] || wanted=("$debian")
    ;;
build) wanted=("${build[@]}") ;;
tests) wanted=("${build[@]}" "${tests[@]}") ;;
long) wanted=("${build[@]}" "${tests[@]}" "${long[@]}") ;;
*) echo "usage: $0 build|tests|long|networks" >&2; exit 2 ;;
esac

missing=()
for package in "${wanted[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || [ "${1:-build}" = networks ] || exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "$0: needs root or sudo to install: ${missing[*]}" >&2
        exit 1
    }
    root=(sudo)
fi
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing: ${missing[*]}"
    "${root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq \
        --no-install-recommends "${missing[@]}" >/dev/null
fi
[ "${1:-build}" = networks ] && [ -z "$debian" ] || exit 0

case "$(uname -m)" in
x86_64) machine=x64 ;;
aarch64) machine=arm64 ;;
*) echo "$0: $networks_package holds no library for $(uname -m)" >&2; exit 1 ;;
esac
echo "installing: $networks_library of $networks_package into $networks_place"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "$networks_package" >/dev/null && tar xzf ./*.tgz)
"${root[@]}" install -D -m 755 -t "$networks_place" \
    "$work/package/bin/napi-v6/linux/$machine/$networks_library"
