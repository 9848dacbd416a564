#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_arrows.sh SOURCE_DIRECTORY
# Folders include one way: agent -> hsm -> keystore.  The vault service shares
# nothing with the product, and its rules' tests share nothing with either but
# where a test's directory is.
set -eu
LC_ALL=C
export LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# includes FOLDER: the project's own headers, as FILE:HEADER
includes() {
    find "$1" -name '*.[ch]' -exec grep -o '^ *# *include "[^"]*"' {} + |
        sed 's/# *include "\(.*\)"/\1/'
}

# only FOLDER OTHER...: FOLDER's files include what begins with one of OTHER
only() {
    from=$1
    shift
    includes "$from" >"$work/found"
    [ -s "$work/found" ] || {
        echo "$from: no includes found"
        return 1
    }
    for to; do
        sed -i "\\,:${to}[/.],d" "$work/found"
    done
    [ -s "$work/found" ] || return 0
    cat "$work/found"
    return 1
}

# The arrows of the tree in the current directory.
hold() {
    only keystore keystore && only hsm hsm keystore &&
        only agent agent hsm keystore &&
        only tests/vault tests/vault tests/fresh_directory &&
        only tests/vault/rules tests/vault/rules tests/fresh_directory &&
        ! includes tests/vault | grep -v '^tests/vault/rules/' |
        grep -e ':tests/vault/rules/' -e ':tests/fresh_directory'
}

# must_fail FILE HEADER: such an include is noticed
must_fail() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree/tests"
    cp -R keystore hsm agent "$work/tree"
    cp -R tests/vault "$work/tree/tests"
    printf '#include "%s"\n' "$2" >>"$work/tree/$1"
    if (cd "$work/tree" && hold >/dev/null); then
        echo "self-test: not noticed: $2 in $1"
        exit 1
    fi
}

cd "$1"
hold
must_fail keystore/err.c agent/msg.h
must_fail keystore/err.h hsm/pkcs11.h
must_fail hsm/pkcs11.h agent/msg.h
must_fail agent/msg.c tests/integration/rig.h
must_fail tests/vault/pki.c keystore/err.h
must_fail tests/vault/pki.h tests/vault/rules/scan.h
must_fail tests/vault/pki.c tests/fresh_directory.h
must_fail tests/vault/rules/scan.c tests/vault/pki.h
must_fail tests/vault/rules/scan.c tests/contract/tool.h
echo "the arrows run one way"
