#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_link_maps.sh MAP_DIRECTORY
# What is in a program is what its linker took in (ld's map): no file of another
# program's folder, and of what holdfast-token signs by, the matrix, nothing in
# any other.  The map names an archive by its folder and a file by its object.
set -eu
LC_ALL=C
export LC_ALL
maps=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# files MAP: FOLDER/FILE of ours, one a line; keystore's one archive has the
# objects of two folders
files() {
    sed -n -e 's/^\([a-z0-9_/]*\)\/lib[a-z0-9_]*\.a(\([a-z0-9_]*\)\.c\.o)$/\1\/\2/p' \
        -e 's/^LOAD \([a-z0-9_/]*\)\/CMakeFiles\/[^/]*\.dir\/\([a-z0-9_]*\)\.c\.o$/\1\/\2/p' \
        "$1" | sort -u
}

# May PROGRAM's folder and those that it shares have FILE?
allowed() {
    case $2 in
    agent/ipc/* | agent/sandbox/* | keystore/*) ;;
    agent/statement/matrix) [ "$1" = holdfast-token ] || return 1 ;;
    agent/statement/*) [ "$1" = holdfast ] || [ "$1" = holdfast-token ] ;;
    agent/holdfast/*) [ "$1" = holdfast ] ;;
    agent/*) [ "${2%/*}" = "agent/${1#holdfast-}" ] ;;
    hsm/pkcs11/config* | hsm/pkcs11/emulation | hsm/pkcs11/path)
        [ "$1" = holdfast ] || [ "$1" = holdfast-inspect ] ||
            [ "$1" = holdfast-token ]
        ;;
    hsm/pkcs11/library)
        [ "$1" = holdfast-inspect ] || [ "$1" = holdfast-token ]
        ;;
    hsm/*) [ "$1" = holdfast-token ] ;;
    *) return 1 ;;
    esac
}

# The parser and what opens a PFX, and the credential file's outside.
kept_apart() {
    case $2 in
    keystore/credential/*) [ "$1" = holdfast-credential ] ;;
    keystore/file/*) [ "$1" = holdfast ] ;;
    esac
}

# hold PROGRAM MAP
hold() {
    files "$2" >"$work/files"
    grep -q /main "$work/files" || {
        echo "$2: no files found"
        return 1
    }
    while read -r file; do
        if ! allowed "$1" "$file" || ! kept_apart "$1" "$file"; then
            echo "$1 has $file in it"
            return 1
        fi
    done <"$work/files"
}

# must_fail PROGRAM LINE: a file that does not belong there is noticed
must_fail() {
    cp "$maps/$1.map" "$work/altered"
    echo "$2" >>"$work/altered"
    if hold "$1" "$work/altered" >/dev/null; then
        echo "self-test: not noticed in $1: $2"
        exit 1
    fi
}

for program in holdfast holdfast-credential holdfast-inspect holdfast-net \
    holdfast-token; do
    hold $program "$maps/$program.map"
    must_fail $program 'agent/none/libagent_none.a(other.c.o)'
done
grep -q '^agent/statement/matrix$' "$work/files" || {
    echo "holdfast-token is without the matrix: is it still called that?"
    exit 1
}
must_fail holdfast 'agent/statement/libagent_statement.a(matrix.c.o)'
must_fail holdfast 'hsm/tpm2/libhsm_tpm2.a(srk.c.o)'
must_fail holdfast 'agent/net/libagent_net.a(http.c.o)'
must_fail holdfast 'keystore/credential/libkeystore_credential.a(pfx.c.o)'
must_fail holdfast-credential 'keystore/file/libkeystore_file.a(wipe.c.o)'
must_fail holdfast-inspect 'hsm/pkcs11/libhsm_pkcs11.a(sign.c.o)'
must_fail holdfast-net 'agent/statement/libagent_statement.a(jws.c.o)'
must_fail holdfast-net 'LOAD agent/token/CMakeFiles/x.dir/sign.c.o'
must_fail holdfast-token 'agent/net/libagent_net.a(http.c.o)'
must_fail holdfast-token 'agent/holdfast/libagent_holdfast.a(state.c.o)'
echo "each program has its own folder's files and the shared ones"
