#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_other_tokens.sh HOLDFAST VAULTCTL SOFTHSM_MODULE P11_KIT_MODULES
# Tokens of other makers: openCryptoki's software, whose daemon wants to be root
# and has fixed places, and SoftHSM by way of p11-kit's server and client, whose
# socket has one.  Registers with each, and leaves, in namespaces of its own.
# NSS's database, which p11-kit alone can be set up with, is refused three times.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
pin=49381726 # openCryptoki takes no more than eight
so_pin=12345678

if [ "$(id -u)" -ne 0 ]; then
    echo '[  SKIPPED ] openCryptoki and p11-kit server, whose places are root'
    exit 0
fi
if [ -z "${INSIDE-}" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    # In a chroot the root is no mount, and cannot be made private: its maker must
    # have seen to that.
    propagation=unchanged
    if grep -q ' shared:' /proc/self/mountinfo; then
        propagation=private
    fi
    # What is started in there ends with it.
    INSIDE=$work unshare --mount --propagation "$propagation" --ipc --pid --fork --mount-proc --kill-child \
        "$0" "$@"
    exit
fi

holdfast=$1
vaultctl=$2
softhsm=$3
p11_kit_modules=$4 # where packages say which modules p11-kit has

# Nothing of the machine's own: not its daemons' places, and not the memory that
# openCryptoki shares by a fixed name.
mount -t tmpfs none /run
mkdir -m 1777 /run/lock
mkdir /run/work
mount --bind "$INSIDE" /run/work
mount -t tmpfs -o mode=1777 none /dev/shm
INSIDE=/run/work
cd "$INSIDE"

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# until_true COMMAND...: as long as it takes, the test's time limit ends it
until_true() {
    until "$@" >/dev/null 2>&1; do
        sleep 0.1
    done
}

tool() {
    pkcs11-tool --module "$module" "$@" >tool.out 2>&1 || {
        cat tool.out
        fail "pkcs11-tool $*"
    }
}

start_vault() {
    "$vaultctl" start vault --vault lab1 >started.json
    url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' started.json)
    host=${url#https://}
}

private_keys() {
    tool --token-label rig --login --pin "$pin" --list-objects --type privkey
    grep -c 'Private Key Object' tool.out || true
}

# The token "rig" of $module, from the file to the end.
register_and_leave() {
    name=$1
    token="pkcs11:token=rig?module-path=$module"
    rm -rf state download
    mkdir -m 700 download
    "$vaultctl" download vault lab1 --machines one --out download >/dev/null
    [ "$(private_keys)" = 0 ] || fail "$name: keys before"
    "$holdfast" register download/* --token "$token" -p pin --allow-emulation --vault-host "$host" \
        --ca-file vault/ca.pem --expect-vault lab1 -s state >out 2>&1 || {
        cat out
        fail "$name: register"
    }
    [ "$(private_keys)" = 1 ] || fail "$name: the machine's key alone stays"
    "$holdfast" status -s state >out
    grep -q '^token hardware *no: a software emulation$' out || fail "$name: taken for hardware"
    grep -q '^credential wipe *overwritten-in-place$' out || fail "$name: not wiped"
    "$holdfast" unregister -s state -p pin >out 2>&1 || {
        cat out
        fail "$name: unregister"
    }
    [ "$(private_keys)" = 0 ] || fail "$name: keys after"
    echo "ok: $name"
}

# refuse_emulation LABEL: a refusal, which leaves everything as it was; the rest of
# the words is said, also where the token's label has what separates them.
refuse_emulation() {
    rm -rf refused
    mkdir -m 700 refused
    "$vaultctl" download vault lab1 --machines one --out refused >/dev/null
    if "$holdfast" register refused/* --token "pkcs11:token=$1?module-path=$module" -p pin \
        --vault-host "$host" --ca-file vault/ca.pem --expect-vault lab1 -s state >out 2>&1; then
        fail 'an emulation was taken without a word for it'
    fi
    grep -q 'this token is a software emulation: .*; for a test, say so with --allow-emulation' out || {
        cat out
        fail 'the refusal says something else'
    }
    [ "$(private_keys)" = 0 ] || fail 'a refused token has keys'
}

# A newer Holdfast knows more emulations: a token that was taken stays good enough
# for its registration.
leave_by_a_state_of_before() {
    rm -rf state
    mkdir -m 700 before
    "$vaultctl" download vault lab1 --machines one --out before >/dev/null
    "$holdfast" register before/* --token "pkcs11:token=rig?module-path=$module" -p pin --allow-emulation \
        --vault-host "$host" --ca-file vault/ca.pem --expect-vault lab1 -s state >/dev/null
    sed -i 's/"token_emulated": 1/"token_emulated": 0/' state/state.json
    "$holdfast" unregister -s state -p pin >out 2>&1 || {
        cat out
        fail 'a token that was taken before is refused'
    }
    [ "$(private_keys)" = 0 ] || fail 'keys of a state of before stay'
}

start_opencryptoki() {
    mount -t tmpfs none /var/lib/opencryptoki
    mkdir -p /var/lib/opencryptoki/swtok/TOK_OBJ /run/opencryptoki /run/lock/opencryptoki/swtok \
        /run/lock/opencryptoki/LCK_SLOT
    chgrp -R pkcs11 /var/lib/opencryptoki /run/opencryptoki /run/lock/opencryptoki
    chmod -R 770 /var/lib/opencryptoki /run/opencryptoki /run/lock/opencryptoki
    printf 'version opencryptoki-3.1\nslot 3\n{\nstdll = libpkcs11_sw.so\n}\n' >opencryptoki.conf
    mount --bind opencryptoki.conf /etc/opencryptoki/opencryptoki.conf
    pkcsslotd -f >pkcsslotd.log 2>&1 &
    module=$(find /usr/lib -path '*/pkcs11/libopencryptoki.so' | head -n 1)
    until_true pkcs11-tool --module "$module" --list-slots
    tool --slot 3 --init-token --so-pin 87654321 --label rig
    tool --slot 3 --login --login-type so --so-pin 87654321 --change-pin --new-pin "$so_pin"
    tool --slot 3 --login --login-type so --so-pin "$so_pin" --init-pin --new-pin 11111111
    tool --slot 3 --login --pin 11111111 --change-pin --new-pin "$pin"
}

# The helpers have no variable that leads to the server: the client looks where
# it looks without one.
start_p11_kit() {
    mkdir tokens
    printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$INSIDE" \
        >softhsm2.conf
    SOFTHSM2_CONF=$INSIDE/softhsm2.conf
    export SOFTHSM2_CONF
    softhsm2-util --init-token --free --label rig --so-pin "$so_pin" --pin "$pin" >/dev/null
    softhsm2-util --init-token --free --label 'two; rig' --so-pin "$so_pin" --pin "$pin" >/dev/null
    mkdir -p /run/user/0/p11-kit
    chmod 700 /run/user/0 /run/user/0/p11-kit
    p11-kit server --foreground --name /run/user/0/p11-kit/pkcs11 --provider "$softhsm" 'pkcs11:token=rig' \
        'pkcs11:token=two%3B%20rig' >p11-kit.log 2>&1 &
    server=$!
    unset SOFTHSM2_CONF XDG_RUNTIME_DIR
    until_true test -S /run/user/0/p11-kit/pkcs11
    module=$(find /usr/lib -path '*/pkcs11/p11-kit-client.so' | head -n 1)
}

# refuse_nss WORDS ATTRIBUTE: the file, its key and NSS's database stay as they were
refuse_nss() {
    status=0
    "$holdfast" register nss-file/* --token "pkcs11:token=NSS%20Certificate%20DB$2" -p pin --allow-emulation \
        --vault-host "$host" --ca-file vault/ca.pem --expect-vault lab1 -s nss-state >out 2>&1 || status=$?
    grep -q -- "$1" out || {
        cat out
        fail "NSS's token is not refused with: $1"
    }
    [ "$status" = 78 ] || fail "NSS's token: status $status"
    sha256sum --check --quiet nss-file.sum || fail "NSS's token: the file was changed"
    [ ! -e nss-state/state.json ] || fail "NSS's token: something is recorded"
    certutil -K -d sql:nss -f pin >out 2>&1 || true # nothing to list is a failure to it
    grep -q 'no keys found' out || {
        cat out
        fail "NSS's token has a key"
    }
    echo "ok: NSS's database, $1"
}

# Its library starts with the directory of the database, in a member that PKCS#11
# reserves; pkcs11.conf(5) has x-init-reserved for that.
refuse_nss_database() {
    mkdir nss modules
    certutil -N -d sql:nss -f pin
    nss=$(find /usr/lib -name libsoftokn3.so | head -n 1)
    printf "module: %s\nx-init-reserved: configdir='sql:%s/nss' flags=\n" "$nss" "$INSIDE" >modules/nss.module
    mount --bind modules "$p11_kit_modules"
    mkdir -m 700 nss-file
    "$vaultctl" download vault lab1 --machines one --out nss-file >/dev/null
    sha256sum nss-file/* >nss-file.sum
    refuse_nss "passed over: nss: x-init-reserved is set, .* reach it by 'p11-kit server' and its client" ''
    refuse_nss "wants parameters when it starts; reach it by 'p11-kit server' and its client" \
        "?module-path=$nss"

    # That way is open, and NSS itself is what ends it.
    p11-kit server --foreground --name /run/user/0/p11-kit/pkcs11 'pkcs11:token=NSS%20Certificate%20DB' \
        >p11-kit.log 2>&1 &
    until_true pkcs11-tool --module "$module" --token-label 'NSS Certificate DB' --list-objects
    refuse_nss "does not call the machine's key its own; use another token; nothing was kept on this one" \
        "?module-path=$module"
}

umask 077
echo "$pin" >pin
umask 022
start_vault
start_opencryptoki
refuse_emulation rig
register_and_leave 'openCryptoki'
leave_by_a_state_of_before
start_p11_kit
refuse_emulation 'two%3B%20rig'
register_and_leave "p11-kit's client and server"
kill "$server"
wait "$server" || true
refuse_nss_database
"$vaultctl" stop vault
