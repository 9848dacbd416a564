#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: use.sh HANDED [PACKAGE]
# In a root with nothing but an installed Holdfast: its run-time packages (without
# PACKAGE), and then every program and library of it, from the registration to the
# backup.  HANDED has a vault's address, its issuer and a credential file.
set -eu
. tests/packages.sh
packages=
for each in $RUN_PACKAGES; do
    [ "$each" = "${2-}" ] || packages="$packages $each"
done
# git was there to clone with, and has libraries of its own.
apt-get purge -y -qq --auto-remove git >/dev/null
# shellcheck disable=SC2086
install_missing $packages

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
host=$(sed -n 's/.*"url":"https:\/\/\([^"]*\)".*/\1/p' "$1/started.json")
cp "$1/ca.pem" "$directory"
file=$(find "$1" -name '*.VaultCredentials')
cp "$file" "$directory/file.VaultCredentials"
chmod 600 "$directory/file.VaultCredentials"
cd "$directory"

# refused STATUS TEXT COMMAND...: what cannot work here is told apart from what
# is not installed
refused() {
    wanted=$1
    text=$2
    shift 2
    status=0
    "$@" >said 2>&1 || status=$?
    cat said
    if [ $status -ne "$wanted" ] || ! grep -q "$text" said; then
        echo "exit status $status, wanted $wanted: $text" >&2
        exit 1
    fi
}

say() {
    printf '\n-- %s\n' "$*"
}

say "token list: there is no token, and no TPM that answers"
holdfast token list >said 2>&1
cat said
grep -q 'no token in the modules that p11-kit is set up with' said
mount -t tmpfs tmpfs /mnt
mknod /mnt/null c 1 3
touch /dev/tpmrm0
mount --bind /mnt/null /dev/tpmrm0
refused 78 'no TPM answers at device:/dev/tpmrm0' holdfast token list --token tpm2:device=/dev/tpmrm0

say "registration: the issuers of ca-certificates do not know the vault's"
holdfast show --vault-host "$host" file.VaultCredentials
set -- file.VaultCredentials --token soft: --allow-emulation --vault-host "$host" --expect-vault lab1 --state-dir state
refused 69 'unable to get local issuer certificate' holdfast register "$@"
holdfast register "$@" --ca-file ca.pem

say "backup and restore"
holdfast passphrase generate --out passphrase
mkdir source
echo "what is backed up" >source/file
set -- --passphrase-file passphrase --state-dir state
holdfast backup source "$@"
holdfast snapshots "$@"
holdfast restore --target restored "$@"
cmp source/file restored/source/file
holdfast unregister --state-dir state
