#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_levers.sh VAULTCTL VAULTLEVER
# Who administers the vault service cannot move its clock, nor have it close its
# connections or make certificates of another length: vaultctl refuses, says
# nothing of such commands, and all is as it was.  vaultlever can, which shows
# that the looks would see it.
set -eu
LC_ALL=C
export LC_ALL
vaultctl=$1
vaultlever=$2
work=$(mktemp -d)
trap '"$vaultctl" stop "$work/vault" || :; rm -rf "$work"' EXIT

fail() {
    echo "$1"
    cat "$work/said"
    exit 1
}

# refused STATUS PROGRAM WORD...: nothing on standard output, a reason on the other
refused() {
    wanted=$1
    shift
    status=0
    "$@" >"$work/out" 2>"$work/said" || status=$?
    [ $status -eq "$wanted" ] || fail "exit status $status: $*"
    [ ! -s "$work/out" ] || fail "it says something: $*"
    [ -s "$work/said" ] || fail "it says no reason: $*"
}

# left_of_a_file HOURS: a file that is made now ends then, by the machine's clock
left_of_a_file() {
    rm -rf "$work/file"
    mkdir "$work/file"
    "$vaultctl" download "$work/vault" lab1 --machines several --key p256 --out "$work/file" >/dev/null
    sed -n 's,.*<ManagementCert>\(.*\)</ManagementCert>.*,\1,p' "$work/file/"* | base64 -d |
        openssl pkcs12 -legacy -passin pass: -nokeys 2>"$work/said" >"$work/certificate.pem"
    openssl x509 -in "$work/certificate.pem" -noout -checkend $((($1 - 1) * 3600)) >/dev/null ||
        fail "a new file ends in less than $1 hours"
    ! openssl x509 -in "$work/certificate.pem" -noout -checkend $((($1 + 1) * 3600)) >/dev/null ||
        fail "a new file ends in more than $1 hours"
}

# closes_after SECONDS: what nginx does with idle connections
closes_after() {
    grep -rq --include=nginx.conf "keepalive_timeout $1;" "$work/vault" ||
        fail "idle connections are not closed after $1 seconds"
}

"$vaultctl" start "$work/vault" --vault lab1 >"$work/started"
left_of_a_file 48
closes_after 900
for words in clock keepalive days; do
    for number in 86400 0 -86400; do
        refused 64 "$vaultctl" $words "$work/vault" "$number"
        ! grep -qE 'clock|keepalive|days|OFFSET' "$work/said" || fail "vaultctl's usage has it"
    done
done
refused 64 "$vaultctl" download "$work/vault" lab1 --machines several --days 5 --out "$work/file"
"$vaultctl" stop "$work/vault"
refused 64 "$vaultctl" start "$work/vault" --keepalive 0
"$vaultctl" start "$work/vault" >"$work/started"
left_of_a_file 48
closes_after 900

refused 64 "$vaultlever"
refused 64 "$vaultlever" clock "$work/vault"
refused 64 "$vaultlever" revoke "$work/vault" 1
refused 1 "$vaultlever" clock "$work/vault" soon
refused 1 "$vaultlever" keepalive "$work/vault" -1
refused 1 "$vaultlever" days "$work/vault" 3651
mkdir "$work/empty"
refused 1 "$vaultlever" clock "$work/empty" 86400
left_of_a_file 48

"$vaultlever" clock "$work/vault" 86400
left_of_a_file 72
"$vaultlever" clock "$work/vault" 0
left_of_a_file 48
"$vaultlever" days "$work/vault" 5
left_of_a_file 120
"$vaultlever" keepalive "$work/vault" 0
closes_after 900
"$vaultctl" stop "$work/vault"
"$vaultctl" start "$work/vault" >"$work/started"
closes_after 0
echo "the levers are vaultlever's alone"
