#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_includes.sh SOURCE_DIRECTORY
# Some headers are not for everybody, even in the right folder: what they open
# is for the few files that are named here.  Tests may include what they like.
set -eu
LC_ALL=C
export LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Every include of the product as "FILE HEADER", both from the top folder
# whichever way the include is spelt.
includes() {
    find keystore hsm agent -name '*.[ch]' \
        -exec grep -HoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"][^>"]*' {} + |
        sed -E 's/:.*[<"]/ /; s/ (\.\.?\/)+/ /' |
        sed -E 's/^(.*)\/([^/ ]*) ([^/]*)$/\1\/\2 \1\/\3/' >"$work/includes"
    [ -s "$work/includes" ] || {
        echo "no includes found"
        return 1
    }
}

# for_only HEADER FILE...: both are patterns; HEADER is included by FILEs alone
for_only() {
    header=$1
    shift
    uses=0
    while read -r file included; do
        # shellcheck disable=SC2254
        case $included in
        $header) uses=$((uses + 1)) ;;
        *) continue ;;
        esac
        allowed=no
        for pattern; do
            # shellcheck disable=SC2254
            case $file in
            $pattern) allowed=yes ;;
            esac
        done
        [ $allowed = yes ] || {
            echo "$file includes $included"
            return 1
        }
    done <"$work/includes"
    [ $uses -gt 0 ] || {
        echo "nobody includes $header: is it still called that?"
        return 1
    }
}

# The rules for the tree in the current directory.
hold() {
    includes &&
        # What a back end provides: back ends, who calls them, who lists them
        for_only 'keystore/store/backend.h' 'keystore/store/soft*.c' \
            keystore/store/keystore.c 'hsm/*' agent/token/control.c \
            agent/token/keys.c &&
        for_only 'keystore/store/soft_*.h' 'keystore/store/soft*' &&
        # Fields of messages: in the order of agent/ipc/layout.h alone
        for_only 'agent/ipc/msg_field.h' agent/ipc/msg.c agent/ipc/layout.c \
            agent/ipc/channel.c &&
        for_only 'agent/ipc/layout_field.h' agent/ipc/layout.h &&
        # The credential's content: only the helper that has nothing else
        for_only 'keystore/credential/parse.h' keystore/credential/xml.c \
            agent/credential/main.c &&
        for_only 'keystore/credential/pfx*.h' keystore/credential/xml.c \
            'keystore/credential/pfx*' &&
        for_only 'keystore/credential/base64.h' keystore/credential/xml.c \
            keystore/credential/base64.c &&
        # The credential file: its writing descriptor is for the wipe alone
        for_only 'keystore/file/credfile_internal.h' keystore/file/credfile.c \
            keystore/file/wipe.c &&
        for_only 'keystore/file/credfile_directory.h' 'keystore/file/credfile*.c' &&
        for_only 'keystore/file/medium_*.h' 'keystore/file/medium*' &&
        for_only 'keystore/file/wipe_sibling.h' 'keystore/file/wipe*.c' &&
        # The insides of libcurl's handle and of the keys without a private half
        for_only 'agent/net/http_handle.h' 'agent/net/http*.c' &&
        for_only 'agent/net/keyless_*.h' 'agent/net/keyless*' &&
        # The state's JSON
        for_only 'agent/holdfast/state/internal.h' agent/holdfast/state/state.c \
            agent/holdfast/state/fields.c agent/holdfast/state/given.c
}

# must_fail FILE INCLUDE: such a line is noticed
must_fail() {
    rm -rf "$work/tree"
    mkdir "$work/tree"
    cp -R keystore hsm agent "$work/tree"
    printf '#%s\n' "$2" >>"$work/tree/$1"
    if (cd "$work/tree" && hold >/dev/null); then
        echo "self-test: not noticed: $2 in $1"
        exit 1
    fi
}

cd "$1"
hold
must_fail agent/holdfast/main.c 'include "keystore/store/backend.h"'
must_fail keystore/store/material.c 'include "keystore/store/backend.h"'
must_fail agent/holdfast/session/intake.c 'include "keystore/credential/parse.h"'
must_fail keystore/credential/credential.c 'include "keystore/credential/pfx.h"'
must_fail keystore/credential/credential.c '  include   "pfx_walk.h"'
must_fail agent/holdfast/session/intake.c 'include "../keystore/credential/parse.h"'
must_fail agent/holdfast/session/intake.c '	include	<keystore/credential/parse.h>'
must_fail agent/credential/main.c 'include "keystore/credential/base64.h"'
must_fail agent/holdfast/register/finish.c 'include "keystore/file/credfile_internal.h"'
must_fail agent/holdfast/register/finish.c 'include "keystore/file/wipe_sibling.h"'
must_fail agent/holdfast/report/report.c 'include "agent/holdfast/state/internal.h"'
must_fail agent/net/relay.c 'include "agent/net/http_handle.h"'
must_fail agent/net/identity.c 'include "agent/net/keyless_management.h"'
must_fail agent/holdfast/commands/register.c 'include "keystore/file/medium_disk.h"'
must_fail hsm/pkcs11/pkcs11.c 'include "keystore/store/soft_sign.h"'
must_fail agent/token/sign.c 'include "agent/ipc/msg_field.h"'
must_fail agent/holdfast/session/net_client.c 'include "agent/ipc/msg_field.h"'
must_fail keystore/file/wipe.c 'include "keystore/file/credfile_directory.h"'
echo "private headers are included by their own alone"
