#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: list_behaviour.sh BUILD_DIRECTORY
# What a build does as people, scripts, tokens and the vault see it: help,
# errors, exit statuses, `--json`, the wire's records of a life on each kind of
# token, and how many calls that takes.  What differs by the run (paths, ports,
# identifiers, times) is replaced by a word.  For `diff` between two builds, of
# a change that is to leave all of it as it was.
set -eu
LC_ALL=C
export LC_ALL
build=$(realpath "$1")
holdfast=$build/bin/holdfast
vaultctl=$(find "$build/tests" -name vaultctl -type f)
directory=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-behaviour-XXXXXX")
stop() {
    "$vaultctl" stop "$directory/vault" || :
    if [ -f "$directory/tpm/pid" ]; then
        kill "$(cat "$directory/tpm/pid")" || :
    fi
    rm -rf "$directory"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM
cd "$directory"

neutral() {
    sed -E -e "s,$directory,DIRECTORY,g" -e "s,$build,BUILD,g" -e 's/localhost:[0-9]+/HOST/g' \
        -e 's/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/UUID/g' \
        -e 's/[A-Za-z0-9_-]{60,}/BASE64/g' -e 's/[0-9a-fA-F]{16,}/HEX/g' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z?/TIME/g' -e 's/[0-9]{10,}/NUMBER/g' \
        -e 's/(serial|[Ss]napshot) [0-9a-f]+/\1 HEX/' -e 's/[0-9]+ h [0-9]+ min/LEFT/' \
        -e '/^open and close/d' -e 's/[0-9.]+ (ms|seconds?|s|MiB|KiB|B)\b/N \1/g'
}

# Run it with WORDS; what it says and its exit status are the behaviour.
try() {
    status=0
    "$holdfast" "$@" >out 2>err </dev/null || status=$?
    printf '$ holdfast %s\n' "$*"
    sed 's/^/  /' out err
    printf '  exit %s\n' "$status"
}

words() {
    try
    for command in show register reconfigure status unregister 'token list' backup restore snapshots \
        'passphrase generate' attest relay; do
        # shellcheck disable=SC2086  # two words are two
        try $command --help
        # shellcheck disable=SC2086
        try $command --no-such-option
        # shellcheck disable=SC2086
        try $command --state-dir none
    done
    for uri in tpm2:device=/none 'pkcs11:token=a?module-path=/none.so' soft:/none file:a; do
        try register missing --token "$uri" --allow-emulation --state-dir fresh
        try register "$1" --token "$uri" --state-dir fresh --expect-vault lab1 --ca-file vault/ca.pem \
            --vault-host "$host"
    done
    try show missing
    try show vault/ca.pem
    try register "$1" --token soft: --state-dir fresh
    try register "$1" --token soft: --state-dir fresh --vault-host "$host" --expect-vault lab2
    try register "$1" --token soft: --state-dir fresh --vault-host "$host" --expect-vault lab1 --ca-file none
}

# From the file to the end, on the token at URI.
life() {
    uri=$1
    shift
    file=$("$vaultctl" download vault lab1 --machines one --out .)
    printf '\n== %s\n' "$uri"
    try show --json --vault-host "$host" "$file"
    try register "$file" --token "$uri" "$@" --vault-host "$host" --ca-file vault/ca.pem \
        --expect-vault lab1 --state-dir state --json
    try register "$file" --token "$uri" "$@" --vault-host "$host" --ca-file vault/ca.pem \
        --expect-vault lab1 --allow-emulation --state-dir state --json
    try status --json --state-dir state
    try attest --submit --ca-file vault/ca.pem "$@" --state-dir state --json
    try register "$file" --state-dir state
    try reconfigure --proxy none --state-dir state --json
    try backup source --passphrase-file passphrase "$@" --state-dir state
    try snapshots --passphrase-file wrong "$@" --state-dir state
    try restore --target restored --passphrase-file passphrase "$@" --state-dir state
    try unregister "$@" --state-dir state --json
    try status --json --state-dir state
    rm -rf state restored
}

"$vaultctl" start vault --vault lab1 >started.json
host=$(sed -n 's/.*"url":"https:..\([^"]*\)".*/\1/p' started.json)
mkdir source tokens tpm
echo some >source/file
"$holdfast" passphrase generate --out passphrase >/dev/null
(umask 077 && echo "sixteen letters or more, but others" >wrong && openssl rand -hex 8 >pin)
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' \
    "$directory" >softhsm2.conf
SOFTHSM2_CONF=$directory/softhsm2.conf
export SOFTHSM2_CONF
# softhsm2-util knows no other way to be told a PIN.
softhsm2-util --init-token --free --label demo --so-pin 12345678 --pin "$(cat pin)" >/dev/null
module=$(find /usr/lib -name libsofthsm2.so | head -n 1)
swtpm socket --tpm2 --tpmstate "dir=$directory/tpm" --flags not-need-init,startup-clear \
    --server "type=unixio,path=$directory/tpm/bus" --ctrl "type=unixio,path=$directory/tpm/bus.ctrl" \
    --pid "file=$directory/tpm/pid" --daemon
{
    find "$build/tests" -name error_list -type f -exec {} \;
    words "$("$vaultctl" download vault lab1 --machines one --out .)"
    try token list --json --module "$module"
    try token list --json --token "tpm2:swtpm=$directory/tpm/bus"
    for uri in "tpm2:swtpm=$directory/tpm/bus" soft: "pkcs11:token=demo?module-path=$module"; do
        try attest --json --token "$uri"
    done
    life soft:
    life "pkcs11:token=demo?module-path=$module" --pin-file pin
    life "tpm2:swtpm=$directory/tpm/bus"
    printf '\n== what the vault recorded\n'
    "$vaultctl" records vault
    printf '\n== how many calls\n'
    "$(find "$build/tests" -name bench_pkcs11 -type f)" counts | sed -n '/^Cryptoki calls/,/^$/p'
    "$(find "$build/tests" -name bench_tpm2 -type f)" counts | sed -n '/^TPM commands/,/^open/p'
} | neutral
