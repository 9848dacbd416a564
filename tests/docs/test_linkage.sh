#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_linkage.sh ARCHITECTURE PROGRAM...
# What a program cannot do shows in what it links: holds the libraries that each
# PROGRAM names itself (DT_NEEDED) against the table of programs in
# ARCHITECTURE, in both directions.
# shellcheck disable=SC2016  # the backticks are the table's
set -eu
LC_ALL=C
export LC_ALL
page=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# rows PAGE: the names of the table's programs
rows() {
    sed -n 's/^| `\(holdfast[a-z-]*\)` |.*/\1/p' "$1"
}

# written PAGE NAME: the last cell of its row, one library a line
written() {
    sed -n "s/^| \`$2\` |.*| *\([^|]*[^ |]\) *|\$/\1/p" "$1" |
        tr -d '`' | tr ' ' '\n' | sort
}

# linked PROGRAM: one library a line, without C's own and the compiler's
linked() {
    readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' |
        sed -e '/^libc\.so\.6$/d' -e '/^ld-linux/d' -e '/^libgcc_s\.so/d' \
            -e '/^libm\.so\.6$/d' | sort
}

# agrees PAGE PROGRAM...
agrees() {
    agreed=0
    checked=$1
    shift
    rows "$checked" | sort >"$work/rows"
    for program; do
        basename "$program"
    done | sort >"$work/programs"
    diff "$work/rows" "$work/programs" || agreed=1
    for program; do
        name=$(basename "$program")
        written "$checked" "$name" >"$work/written"
        linked "$program" >"$work/linked"
        if ! [ -s "$work/linked" ]; then
            echo "$name: no libraries found"
            agreed=1
        fi
        if ! diff "$work/written" "$work/linked"; then
            echo "$name: the table (<) and the program (>) differ"
            agreed=1
        fi
    done
    return $agreed
}

# must_disagree WHAT SED_SCRIPT PROGRAM...: a table altered so is noticed
must_disagree() {
    what=$1
    sed "$2" "$page" >"$work/altered.md"
    shift 2
    if cmp -s "$page" "$work/altered.md"; then
        echo "self-test: the table could not be altered ($what)"
        exit 1
    fi
    if agrees "$work/altered.md" "$@" >/dev/null; then
        echo "self-test: not noticed: $what"
        exit 1
    fi
}

agrees "$page" "$@"
must_disagree 'a library missing' '/^| `holdfast-net` /s/ `libssl[^`]*`//' "$@"
must_disagree 'a library too many' \
    '/^| `holdfast-token` /s/ |$/ `libcurl.so.4` |/' "$@"
must_disagree 'a row missing' '/^| `holdfast-credential` /d' "$@"
must_disagree 'a row too many' \
    '/^| `holdfast-net` /{p;s/`holdfast-net`/`holdfast-relay`/;}' "$@"
echo "the table and $# programs agree"
