#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_claims.sh THREAT_MODEL SOURCE_DIRECTORY
# A claim of the threat model names the tests that would fail.  Fails where a
# claim names none, or one that is not there.
# shellcheck disable=SC2016  # the backticks are the page's
set -eu
LC_ALL=C
export LC_ALL
page=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The rows of all tables of claims, their last cell alone.
cells() {
    awk -F'|' '/^\| claim / { inside = 1; next }
        !/^\|/ { inside = 0 }
        inside && !/^\|---/ { print $(NF - 1) }' "$1"
}

# cited PAGE: "FILE NAME" for each test
cited() {
    cells "$1" | tr ' ;,' '\n' | sed '/^$/d' | while read -r word; do
        case $word in
        \`*) file=$(echo "$word" | tr -d '`') ;;
        *) echo "$file $word" ;;
        esac
    done
}

# holds PAGE
holds() {
    held=0
    cells "$1" >"$work/cells"
    [ -s "$work/cells" ] || held=1
    if grep -v '`tests/[^`]*` [a-z]' "$work/cells"; then
        echo "a claim without a test"
        held=1
    fi
    cited "$1" >"$work/cited"
    while read -r file name; do
        if ! grep -q "^$name(void " "$source/$file"; then
            echo "$file: no $name"
            held=1
        fi
    done <"$work/cited"
    return $held
}

# must_fail WHAT SED_SCRIPT: a page altered so is noticed
must_fail() {
    sed "$2" "$page" >"$work/altered.md"
    if cmp -s "$page" "$work/altered.md" ||
        holds "$work/altered.md" >/dev/null 2>&1; then
        echo "self-test: not noticed: $1"
        exit 1
    fi
}

holds "$page"
must_fail 'a test that is not there' 's/ \([a-z_0-9]*\) |$/ no_\1 |/'
must_fail 'a file that is not there' 's/`tests\/vault/`tests\/vaults/'
must_fail 'a claim without a test' 's/ |$/ |\n| A claim. | |/'
echo "$(wc -l <"$work/cited") tests cited"
