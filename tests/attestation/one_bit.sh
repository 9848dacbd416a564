#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: one_bit.sh FILE ROOT AUTHORITY [SEED]
# Each stranger of verify-evidence.sh accepts an evidence file, and refuses it when
# one bit is changed, at 100 random places of what is signed and of signatures.
set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
file=$(readlink -e "$1")
root=$(readlink -e "$2")
authority=$(readlink -e "$3")
seed=${4-$(od -An -tu4 -N4 /dev/urandom | tr -d ' ')}
places=100
echo "seed $seed"

node=$(command -v node || :)
for each in "$here"/../portal/node_modules/node-linux-*/bin/node; do
    [ ! -x "$each" ] || node=$each
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$node" "$here/unpack.js" "$file" "$work"
cd "$work"
openssl x509 -inform DER -in ak.der -noout -pubkey >ak.pub
openssl dgst -sha256 -binary client_data >client_hash
qualifying=$(cat authenticator_data client_hash | openssl dgst -sha256 -r | cut -d' ' -f1)

# change FILE BYTE BIT: in place
change() {
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # shellcheck disable=SC2059  # the format is the byte
    printf "\\$(printf %03o $((byte ^ (1 << $3))))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# refuses WHO FIRST LAST FILE COMMAND...: the command succeeds with FILE as it is, and
# fails with one bit changed in its bytes from FIRST to before LAST
refuses() {
    who=$1
    first=$2
    last=$3
    altered=$4
    shift 4
    "$@" >said 2>&1 || {
        echo "$who does not accept the file as it is:"
        cat said
        exit 1
    }
    cp "$altered" kept
    awk -v seed="$seed" -v count="$places" -v first="$first" -v last="$last" \
        'BEGIN { srand(seed); while (count-- > 0) print first + int(rand() * (last - first)), int(rand() * 8) }' >list
    while read -r byte bit; do
        change "$altered" "$byte" "$bit"
        if "$@" >said 2>&1 </dev/null; then
            echo "$who accepts $altered with bit $bit of byte $byte changed"
            exit 1
        fi
        cp kept "$altered"
    done <list
    echo "$who refuses $places changes of $altered"
}
size() {
    wc -c <"$1"
}

for each in creation machine credential quote; do
    if [ -e "$each.statement" ]; then
        set -- openssl dgst -sha256 -verify ak.pub -signature "$each.sig" "$each.statement"
        refuses "openssl dgst" 0 "$(size "$each.statement")" "$each.statement" "$@"
        refuses "openssl dgst" 0 "$(size "$each.sig")" "$each.sig" "$@"
    fi
done
# The numbers of an algorithm before the signature's are not signed.
set -- tpm2_checkquote -u ak.pub -g sha256 -m quote.statement -s quote.tpm -q "$qualifying" -f values -l "$(cat pcrs)"
refuses tpm2_checkquote 0 "$(size quote.statement)" quote.statement "$@"
refuses tpm2_checkquote 4 "$(size quote.tpm)" quote.tpm "$@"
refuses tpm2_checkquote 0 "$(size values)" values "$@"

set -- openssl verify -no-CApath -no-CAstore -partial_chain
refuses "openssl verify" 0 "$(size ek.der)" ek.der "$@" -CAfile "$root" ek.der
refuses "openssl verify" 0 "$(size ak.der)" ak.der "$@" -CAfile "$authority" ak.der

"$node" "$here/verify_webauthn.js" "$file" "$authority" "$seed" "$places"
echo "@simplewebauthn/server refuses $places changes of the registration"
if ruby "$here/verify_tpm.rb" 2>/dev/null; then
    ruby "$here/verify_tpm.rb" . "$authority" "$qualifying" "$seed" "$places"
    echo "ruby-tpm-key-attestation refuses $places changes of the certification"
fi
