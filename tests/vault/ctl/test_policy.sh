#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_policy.sh VAULTCTL
# What a vault asks of its machines is set and shown by vaultctl, whether or not the service runs; what is none is
# refused with a reason and changes nothing.  A database from before there were policies is taken as it is.
set -eu
LC_ALL=C
export LC_ALL
vaultctl=$1
work=$(mktemp -d)
trap '"$vaultctl" stop "$work/vault" || :; rm -rf "$work"' EXIT

fail() {
    echo "$1"
    [ ! -f "$work/said" ] || cat "$work/said"
    exit 1
}

# refused STATUS WORD...: nothing on standard output, a reason on the other
refused() {
    wanted=$1
    shift
    status=0
    "$vaultctl" "$@" >"$work/out" 2>"$work/said" || status=$?
    [ $status -eq "$wanted" ] || fail "exit status $status: $*"
    [ ! -s "$work/out" ] || fail "it says something: $*"
    [ -s "$work/said" ] || fail "it says no reason: $*"
}

# shows TEXT: what lab1 asks is exactly this
shows() {
    shown=$("$vaultctl" attestation "$work/vault" lab1)
    [ "$shown" = "$1" ] || fail "it shows $shown and not $1"
}

ek=$(printf 'ek' | sha256sum | cut -d ' ' -f 1)
pcr=$(printf 'pcr' | sha256sum | cut -d ' ' -f 1)
nothing='{"policy":"any","pcrs":"","roots":[],"allowed":[]}'
"$vaultctl" start "$work/vault" --vault lab1 --vault lab2 >"$work/started"
shows "$nothing"
[ -z "$("$vaultctl" machines "$work/vault" lab1)" ] || fail "there are machines"

refused 64 policy "$work/vault" lab1
refused 64 policy "$work/vault" lab1 any more
refused 64 machines "$work/vault" lab1 more
refused 64 attestation "$work/vault"
refused 1 policy "$work/vault" lab1 ek-verified
grep -q 'any, born and EK-verified' "$work/said" || fail "it does not say which there are"
refused 1 policy "$work/vault" lab3 born
grep -q 'no vault lab3' "$work/said" || fail "it does not say what is missing"
for list in 0 0= "24=$pcr" "0=$pcr,0=$pcr" "0=${pcr}0" "0=$pcr," nothing; do
    refused 1 pcrs "$work/vault" lab1 "$list"
done
for hash in "${ek}0" "$(echo "$ek" | tr 'a-f' 'A-F')" '' EK; do
    refused 1 allow "$work/vault" lab1 "$hash"
    refused 1 disallow "$work/vault" lab1 "$hash"
done
refused 1 trust "$work/vault" lab1 "$work/absent.pem"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/key.pem" -subj '/O=Maker/CN=Root 1' \
    -out "$work/root1.pem" 2>"$work/said"
openssl req -x509 -new -key "$work/key.pem" -subj '/O=Maker/CN=Root 2' -out "$work/root2.pem"
openssl x509 -in "$work/root1.pem" -outform der -out "$work/root1.der"
for file in key.pem root1.der vault/vault.db; do
    refused 1 trust "$work/vault" lab1 "$work/$file"
done
grep -q 'openssl x509' "$work/said" || fail "it does not say how a file is converted"
sed '8s/^./#/' "$work/root2.pem" >"$work/damaged.pem"
cat "$work/root1.pem" "$work/damaged.pem" >"$work/half.pem"
refused 1 trust "$work/vault" lab1 "$work/half.pem"
shows "$nothing"

"$vaultctl" stop "$work/vault"
"$vaultctl" policy "$work/vault" lab1 EK-verified
"$vaultctl" pcrs "$work/vault" lab1 "0=$pcr,7=$ek"
"$vaultctl" allow "$work/vault" lab1 "$ek"
"$vaultctl" allow "$work/vault" lab1 "$ek"
cat "$work/root1.pem" "$work/root2.pem" >"$work/both.pem"
"$vaultctl" trust "$work/vault" lab1 "$work/both.pem"
"$vaultctl" trust "$work/vault" lab1 "$work/root1.pem"
shown=$("$vaultctl" attestation "$work/vault" lab1)
for part in '"policy":"EK-verified"' "\"pcrs\":\"0=$pcr,7=$ek\"" '"CN=Root 1,O=Maker"' '"CN=Root 2,O=Maker"' \
    "\"allowed\":[\"$ek\"]"; do
    case $shown in
    *"$part"*) ;;
    *) fail "it shows $shown, without $part" ;;
    esac
done
[ "$(find "$work/vault/ek-roots" -type f | wc -l)" -eq 2 ] || fail "there are not two roots"
[ "$("$vaultctl" attestation "$work/vault" lab2)" = "$nothing" ] || fail "the other vault has changed"

"$vaultctl" policy "$work/vault" lab1 any
"$vaultctl" pcrs "$work/vault" lab1 none
"$vaultctl" disallow "$work/vault" lab1 "$ek"
"$vaultctl" disallow "$work/vault" lab1 "$ek"
rm -r "$work/vault/ek-roots"
shows "$nothing"

# As a service that was founded by an earlier version has it.
for table in policy allowed challenge evidence; do
    sqlite3 "$work/vault/vault.db" "DROP TABLE $table"
done
rm "$work/vault/attestation-ca.pem" "$work/vault/attestation-ca.key"
"$vaultctl" start "$work/vault" >"$work/started"
shows "$nothing"
"$vaultctl" policy "$work/vault" lab1 born
shows '{"policy":"born","pcrs":"","roots":[],"allowed":[]}'
echo "vaultctl sets and shows what a vault asks"
