# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts that read report.json: the program writes one key a line, so sed will
# do. A key that occurs twice is taken where it comes first: totals come before frames, dense
# scores before measured ones.

# report_value FILE KEY: the number, or "-" where there is none.
report_value() {
    local value
    value=$(sed -n "s/^ *\"$2\": \(-\{0,1\}[0-9][0-9.eE+-]*\),\{0,1\}\$/\1/p;T;q" "$1" 2>/dev/null)
    echo "${value:--}"
}

# decimals PLACES VALUE: rounded; "-" and other words as they are.
decimals() {
    case $2 in
    -* | [!0-9]*) echo "$2" ;;
    *) LC_ALL=C printf '%.*f\n' "$1" "$2" ;;
    esac
}
