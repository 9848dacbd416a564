#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: vault.sh DIRECTORY
# A local vault service for a program in another root: what it needs to know goes
# into DIRECTORY/handed.  Says "ready" to the pipe DIRECTORY/ready, and ends when
# the pipe DIRECTORY/over is written to.
set -eu
. tests/packages.sh
# shellcheck disable=SC2086
install_missing $BUILD_PACKAGES $DEMO_PACKAGES
cmake --preset demo >/dev/null
cmake --build --preset demo --parallel "$(nproc)" -- --quiet
vaultctl=$PWD/build/demo/tests/vaultctl
vault=$(mktemp -d)
trap '"$vaultctl" stop "$vault/vault" || :; rm -rf "$vault"' EXIT
"$vaultctl" start "$vault/vault" --vault lab1 >"$1/handed/started.json"
cp "$vault/vault/ca.pem" "$1/handed"
"$vaultctl" download "$vault/vault" lab1 --machines several --out "$1/handed" >/dev/null
echo ready >"$1/ready"
read -r _ <"$1/over"
