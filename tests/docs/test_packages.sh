#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_packages.sh SOURCE_DIRECTORY
# README.md names each package that an installed Holdfast needs on Debian 12, and
# no other.
# shellcheck disable=SC2016  # the backticks are the page's
set -eu
LC_ALL=C
export LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The words of the list that packages.sh has for this release.
listed() {
    sed 's,\$(\. /etc/os-release.*),12,' "$1/tests/packages.sh" >"$work/packages.sh"
    sh -euc '. "$1"; printf "%s\n" $RUN_PACKAGES' sh "$work/packages.sh" | sort
}

# What stands between backticks in the paragraph that begins so.
named() {
    sed -n '/^Holdfast runs on Linux/,/^$/p' "$1/README.md" |
        grep -o '`[a-z0-9.-]*`' | tr -d '`' | sort
}

listed "$1" >"$work/listed"
named "$1" >"$work/named"
[ -s "$work/listed" ] || exit 1
diff "$work/listed" "$work/named"
echo "$(wc -l <"$work/listed") packages"
