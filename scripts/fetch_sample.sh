#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes two small sessions of real captures from Debian's opencv-doc package:
#   fetch_sample.sh DIR   ->   DIR/chessboard (13 raw pairs)   DIR/aloe (1 pair, ground truth)
# The package file is unpacked by hand: many images leave documentation out on install.
set -euo pipefail

target=${1:?usage: fetch_sample.sh DIR}
here=$(cd "$(dirname "$0")/.." && pwd)
[ -e "$target/.complete" ] && exit 0
mkdir -p "$target"
target=$(cd "$target" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

cd "$work"
if ! apt-get download -qq opencv-doc 2>/dev/null; then
    if [ "$(id -u)" -eq 0 ]; then apt-get update -qq; else sudo apt-get update -qq; fi
    apt-get download -qq opencv-doc
fi
dpkg-deb --fsys-tarfile opencv-doc_*.deb |
    tar -x --wildcards '*/examples/data/left[01][0-9].jpg' '*/examples/data/right[01][0-9].jpg' \
        '*/examples/data/aloe*'
data=$(find . -type d -path '*/examples/data')

mkdir -p "$target/chessboard" "$target/aloe"
cp "$data"/left[01][0-9].jpg "$data"/right[01][0-9].jpg "$target/chessboard/"
cp "$here/configs/chessboard_calibration.yml" "$target/chessboard/calibration.yml"
cp "$data/aloeL.jpg" "$target/aloe/view1.jpg"
cp "$data/aloeR.jpg" "$target/aloe/view5.jpg"
cp "$data/aloeGT.png" "$target/aloe/disp1.png"
touch "$target/.complete"
