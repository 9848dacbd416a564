#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_arrows.sh SOURCE_DIRECTORY
# Folders include one way: what a program may run is a folder, and no program's
# folder includes another's.  The vault service shares nothing with the product,
# and its rules' tests share nothing with either but where a test's directory is
# and how an emulated TPM is started.  The vault's verifier of attestation needs no
# more of the service than how bytes are written.
set -eu
LC_ALL=C
export LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The project's own includes of the tree in the current directory, each as
# FILE:HEADER.
includes() {
    find keystore hsm agent tests/vault -name '*.[ch]' \
        -exec grep -Ho '^ *# *include "[^"]*"' {} + |
        sed 's/# *include "\(.*\)"/\1/'
}

# only LIST FOLDER OTHER...: FOLDER's files include what begins with one of OTHER
only() {
    list=$1
    from=$2
    shift 2
    grep "^$from/" "$list" >"$work/found" || {
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

# Each folder of the product, and what it may include beside itself.
folders() {
    cat <<'END'
keystore/base
keystore/store keystore/base
keystore/credential keystore/base keystore/store
keystore/file keystore/base
hsm/pkcs11 keystore/base keystore/store
hsm/tpm2 keystore/base keystore/store
agent/ipc keystore/base
agent/sandbox keystore/base
agent/statement agent/ipc keystore/base keystore/store
agent/credential agent/ipc agent/sandbox keystore/credential keystore/file
agent/inspect agent/ipc agent/sandbox hsm/pkcs11
agent/net agent/ipc agent/sandbox keystore/base keystore/store/scheme
agent/token agent/ipc agent/sandbox agent/statement hsm keystore/base keystore/store
agent/holdfast agent/ipc agent/sandbox agent/statement hsm/pkcs11 keystore
END
}

# hold LIST: the arrows
hold() {
    folders | while read -r folder others; do
        # shellcheck disable=SC2086
        only "$1" "$folder" "$folder" $others || exit 1
    done &&
        only "$1" tests/vault tests/vault tests/support &&
        only "$1" tests/vault/rules tests/vault/rules tests/support/fresh_directory tests/support/tpm2/swtpm \
            tests/support/tpm2/swtpm_maker &&
        only "$1" tests/vault/attestation tests/vault/attestation \
            tests/vault/service/encoding tests/support/own_directory tests/support/tpm2 &&
        ! grep '^tests/vault/' "$1" |
        grep -v -e '^tests/vault/rules/' -e '^tests/vault/attestation/tests/' |
            grep -e ':tests/vault/rules/' -e ':tests/vault/attestation/tests/' -e ':tests/support/'
}

# The folders that there are; a file beside them is in none.
product() {
    find keystore hsm agent -mindepth 1 -maxdepth 1 -type d | sort
    find keystore hsm agent -maxdepth 1 -name '*.[ch]'
}

# must_fail FILE HEADER: such an include is noticed
must_fail() {
    [ -f "$1" ] || {
        echo "self-test: $1 is not there"
        exit 1
    }
    cp "$work/includes" "$work/altered"
    echo "$1:$2" >>"$work/altered"
    if hold "$work/altered" >/dev/null; then
        echo "self-test: not noticed: $2 in $1"
        exit 1
    fi
}

cd "$1"
includes >"$work/includes"
hold "$work/includes"
folders | cut -d' ' -f1 | sort >"$work/named"
product >"$work/there"
diff "$work/named" "$work/there"
must_fail keystore/base/err.h keystore/store/keystore.h
must_fail keystore/store/keystore.c hsm/pkcs11/pkcs11.h
must_fail keystore/credential/xml.c keystore/file/credfile.h
must_fail keystore/file/wipe.c keystore/store/keystore.h
must_fail hsm/pkcs11/pkcs11.h agent/ipc/msg.h
must_fail hsm/pkcs11/sign.c hsm/tpm2/key.h
must_fail hsm/tpm2/sign.c hsm/pkcs11/key.h
must_fail agent/ipc/msg.c agent/statement/statement.h
must_fail agent/sandbox/filter.c agent/ipc/channel.h
must_fail agent/statement/jws.c agent/token/token.h
must_fail agent/credential/main.c agent/statement/statement.h
must_fail agent/inspect/main.c keystore/store/keystore.h
must_fail agent/inspect/main.c hsm/tpm2/tpm2.h
must_fail agent/net/http.c agent/statement/statement.h
must_fail agent/net/http.c keystore/store/keystore.h
must_fail keystore/store/scheme.h hsm/pkcs11/key.h
must_fail agent/token/main.c agent/net/http.h
must_fail agent/holdfast/session/net_client.c agent/net/net.h
must_fail agent/holdfast/main.c hsm/tpm2/tpm2.h
must_fail agent/ipc/msg.c tests/support/rig.h
must_fail tests/vault/service/pki.c keystore/base/err.h
must_fail tests/vault/service/pki.h tests/vault/rules/scan.h
must_fail tests/vault/service/pki.c tests/support/fresh_directory.h
must_fail tests/vault/rules/scan.c tests/vault/service/pki.h
must_fail tests/vault/rules/scan.c tests/support/tool.h
must_fail tests/vault/attestation/area.c hsm/tpm2/public.h
must_fail tests/vault/attestation/area.c tests/vault/service/pki.h
must_fail tests/vault/attestation/area.c tests/support/own_directory.h
must_fail tests/vault/service/pki.c tests/vault/attestation/tests/round.h
must_fail tests/vault/attestation/tests/round.c tests/vault/rules/scan.h
echo "the arrows run one way"
