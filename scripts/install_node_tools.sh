#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests of LAS, GLB and the page ask other people's tools with, from npm,
# without running anything of theirs: install_node_tools.sh [DIR], by default build. Tests
# look in DIR/node_modules of their build folder, or where PO_NODE_MODULES says.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/../build}
command -v npm >/dev/null || {
    echo "$0: npm is missing; install_packages.sh long installs it" >&2
    exit 1
}
mkdir -p "$target"
exec npm install --ignore-scripts --no-save --no-audit --no-fund --loglevel=error \
    --prefix "$target" gltf-validator@2.0.0-dev.3.10 copc@0.0.8 playwright-core@1.65.1
