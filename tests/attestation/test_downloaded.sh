#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_downloaded.sh VAULTCTL HOLDFAST
# A machine registers with a vault that lets in only TPMs whose maker it trusts;
# what a person then downloads from the portal is accepted by every stranger, and
# refused by each after one bit is changed.
set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
vaultctl=$1
holdfast=$2
work=$(mktemp -d)
stop() {
    "$vaultctl" stop "$work/vault" || :
    [ ! -f "$work/pid" ] || kill "$(cat "$work/pid")" || :
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

mkdir maker tpm
printf '%s\n' "statedir=$work/maker" "signingkey=$work/maker/key.pem" "issuercert=$work/maker/issuer.pem" \
    "certserial=$work/maker/serial" >maker/ca.conf
printf '%s\n' "create_certs_tool=$(command -v swtpm_localca)" "create_certs_tool_config=$work/maker/ca.conf" \
    create_certs_tool_options=/dev/null active_pcr_banks=sha256 >maker/setup.conf
swtpm_setup --tpm2 --tpmstate "$work/tpm" --create-ek-cert --lock-nvram --config "$work/maker/setup.conf" \
    --logfile "$work/maker/log" --pcr-banks sha256 >/dev/null
cat maker/swtpm-localca-rootca-cert.pem maker/issuer.pem >makers.pem
swtpm socket --tpm2 --tpmstate "dir=$work/tpm" --flags not-need-init,startup-clear \
    --server "type=unixio,path=$work/tpm/bus" --ctrl "type=unixio,path=$work/tpm/bus.ctrl" \
    --pid "file=$work/pid" --daemon

"$vaultctl" start vault --vault lab1 >started.json
url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' started.json)
"$vaultctl" trust vault lab1 makers.pem
"$vaultctl" policy vault lab1 EK-verified
"$vaultctl" download vault lab1 --machines one --key p256 --out . >credential
"$holdfast" register "$(cat credential)" --token "tpm2:swtpm=$work/tpm/bus" --allow-emulation --attest require \
    --attest-pcrs 0,7 --vault-host "${url#https://}" --ca-file vault/ca.pem --expect-vault lab1 --state-dir state

# --- a person at the portal ---

browse() {
    curl --silent --show-error --fail --cacert vault/ca.pem --cookie jar --cookie-jar jar "$@"
}
(
    umask 077
    browse --output login.html "$url/login"
    csrf=$(sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' login.html | head -n 1)
    tr -d '\n' <vault/password |
        browse --output /dev/null --data-urlencode "csrf=$csrf" --data name=admin --data-urlencode password@- \
            "$url/login"
)
machines=$(browse "$url/vaults" | sed -n 's/.*href="\([^"]*\)">lab1<.*/\1/p')/machines
machine=$(browse "$url$machines" | grep -o "href=\"$machines/[0-9a-f-]*\"" | head -n 1 | cut -d'"' -f2)
browse --output evidence.json "$url$machine/evidence"

grep -q '"format": "holdfast-evidence"' evidence.json
grep -q '"proof": "EK-verified"' evidence.json
if grep -q '"secret"' evidence.json; then
    echo "the activation secret is in the file"
    exit 1
fi
"$here/verify-evidence.sh" evidence.json --root makers.pem --authority vault/attestation-ca.pem
"$here/one_bit.sh" evidence.json makers.pem vault/attestation-ca.pem
