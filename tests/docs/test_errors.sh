#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_errors.sh ERRORS ERROR_LIST
# Holds the page of errors against the program's own list, in both directions
# and in its order: code, exit status, phrase, remedy.  Each has a cause.
# shellcheck disable=SC2016  # the backticks are the table's
set -eu
LC_ALL=C
export LC_ALL
page=$1
list=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# rows PAGE: the table's rows
rows() {
    grep '^| `KS_' "$1"
}

# agrees PAGE
agrees() {
    agreed=0
    if rows "$1" | awk -F'|' 'NF != 7 { print; found = 1 } END { exit !found }'
    then
        echo "not five cells"
        agreed=1
    fi
    if rows "$1" | awk -F'|' '$5 ~ /^ *$/ { print; found = 1 }
        END { exit !found }'; then
        echo "without a cause"
        agreed=1
    fi
    rows "$1" | awk -F'|' -v OFS='|' '{ print "", $2, $3, $4, $6, "" }' \
        >"$work/written"
    if ! diff "$work/written" "$work/listed"; then
        echo "the page (<) and the program (>) differ"
        agreed=1
    fi
    return $agreed
}

# must_disagree WHAT SED_SCRIPT: a page altered so is noticed
must_disagree() {
    sed "$2" "$page" >"$work/altered.md"
    if cmp -s "$page" "$work/altered.md"; then
        echo "self-test: the page could not be altered ($1)"
        exit 1
    fi
    if agrees "$work/altered.md" >/dev/null; then
        echo "self-test: not noticed: $1"
        exit 1
    fi
}

"$list" >"$work/listed"
if ! [ -s "$work/listed" ]; then
    echo "no errors found"
    exit 1
fi
agrees "$page"
must_disagree 'an error missing' '/^| `KS_ERR_NET`/d'
must_disagree 'an error too many' '/^| `KS_ERR_NET`/{p;s/NET/NOT/;}'
must_disagree 'another exit status' '/^| `KS_ERR_NET`/s/69/76/'
must_disagree 'another phrase' '/^| `KS_ERR_NET`/s/the vault/a vault/'
must_disagree 'another remedy' '/^| `KS_ERR_NET`/s/try again/give up/'
must_disagree 'no cause' '/^| `KS_ERR_NET`/s/|[^|]*|\([^|]*|\)$/| |\1/'
echo "the page and the list of $(wc -l <"$work/listed") errors agree"
