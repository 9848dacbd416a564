#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: verify-evidence.sh FILE [--root PEM] [--authority PEM]
# Checks an evidence file (docs/attestation.md, "The evidence file") with other
# people's tools alone: openssl, tpm2-tools, @simplewebauthn/server and, where it
# is installed, ruby-tpm-key-attestation.
#   --root       certificates of TPM makers that are trusted
#   --authority  the vault's attestation CA, as the vault's owner gives it; else
#                the one in the file is taken, which proves nothing by itself
# Exit status: 0 all accept, 1 one refuses, 64 wrong usage, 65 no evidence file,
# 69 a tool is missing.
set -eu
LC_ALL=C
export LC_ALL
here=$(dirname "$0")

usage() {
    echo "usage: verify-evidence.sh FILE [--root PEM] [--authority PEM]" >&2
    exit 64
}

file=
root=
authority=
while [ $# -gt 0 ]; do
    [ "$1" = "${1#--}" ] || [ -r "${2-}" ] || usage
    case $1 in
    --root)
        root=$2
        shift
        ;;
    --authority)
        authority=$2
        shift
        ;;
    -*) usage ;;
    *)
        [ -z "$file" ] || usage
        file=$1
        ;;
    esac
    shift
done
[ -r "$file" ] || usage

missing() {
    echo "$1 is not installed" >&2
    exit 69
}

# Debian 12's own Node.js is too old for the library; the tests' packages have
# another.
node=$(command -v node || :)
for each in "$here"/../portal/node_modules/node-linux-*/bin/node; do
    [ ! -x "$each" ] || node=$each
done
for tool in openssl tpm2_checkquote tpm2_print "${node:-node}"; do
    command -v "$tool" >/dev/null || missing "$tool"
done
[ -d "$here/node_modules/@simplewebauthn/server" ] || missing @simplewebauthn/server

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$node" "$here/unpack.js" "$file" "$work" || exit 65
echo "$file"
cat "$work/about"

refused=0
says() {
    printf '%-8s %s\n' "$1" "$2"
    [ "$1" != REFUSES ] || refused=1
}

# ask WHO COMMAND...: a stranger's answer is its exit status
ask() {
    who=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        says accepts "$who"
    else
        says REFUSES "$who: $(grep -v '^ *$' "$work/said" | tail -n 1)"
    fi
}

# same WHAT THIS THAT: two texts that have to be equal
same() {
    if [ -n "$2" ] && [ "$2" = "$3" ]; then
        says same "$1"
    else
        says REFUSES "$1: '$2' is not '$3'"
    fi
}

hex() {
    od -An -v -tx1 "$@" | tr -d ' \n'
}
# piece HEX OFFSET LENGTH, in bytes
piece() {
    printf %s "$1" | cut -c "$((2 * $2 + 1))-$((2 * ($2 + $3)))"
}
# number HEX OFFSET: of two bytes
number() {
    echo $((0x$(piece "$1" "$2" 2)))
}
sha256() {
    openssl dgst -sha256 -binary "$@"
}

# The certificate NAME.der, and the key in the area NAME.area, as PEM; the keys also
# in hexadecimal, "" where they cannot be read.
certificate() {
    openssl x509 -inform DER -in "$work/$1.der" -out "$work/$1.pem" 2>/dev/null || : >"$work/$1.pem"
}
area_key() {
    tpm2_print -t TPMT_PUBLIC -f pem "$work/$1.area" >"$work/$1.pub" 2>/dev/null || :
    openssl pkey -pubin -in "$work/$1.pub" -outform DER 2>/dev/null | hex
}
certificate_key() {
    openssl x509 -in "$work/$1.pem" -noout -pubkey 2>/dev/null | openssl pkey -pubin -outform DER 2>/dev/null | hex
}

# --- the TPM's maker ---

verify_ek() {
    set --
    for each in "$work"/chain*.der; do
        [ ! -e "$each" ] || {
            each=$(basename "$each" .der)
            certificate "$each"
            set -- "$@" -untrusted "$work/$each.pem"
        }
    done
    ask "openssl verify, the EK's certificate" openssl verify -no-CApath -no-CAstore -partial_chain \
        -CAfile "$root" "$@" "$work/ek.pem"
}

if [ -e "$work/ek.der" ]; then
    certificate ek
    same "the EK's area has the key of its certificate" "$(area_key ek)" "$(certificate_key ek)"
fi
if [ -z "$root" ]; then
    says unasked "openssl verify, the EK's certificate: no --root"
elif [ -e "$work/ek.der" ]; then
    verify_ek
else
    says REFUSES "openssl verify: this TPM has no EK certificate"
fi

# --- the vault ---

ak=$(area_key ak)
if [ -e "$work/ak.der" ]; then
    certificate ak
    certificate authority
    if [ -z "$authority" ]; then
        authority=$work/authority.pem
        says warning "the attestation CA is the file's own; --authority names the vault's"
    fi
    ask "openssl verify, the AK's certificate" openssl verify -no-CApath -no-CAstore -CAfile "$authority" \
        "$work/ak.pem"
    same "the AK's area has the key of its certificate" "$ak" "$(certificate_key ak)"
fi

# The words of a verdict that something in the file stands for: an AK's certificate
# is given for the proof EK-verified alone, and a swtpm's certificate says what it is.
verdict=$(cat "$work/verdict")
proof=certified
[ ! -e "$work/ak.der" ] || proof=EK-verified
emulated=false
for each in ek ak; do
    case $(openssl x509 -in "$work/$each.pem" -noout -ext subjectAltName 2>/dev/null || :) in
    *=swtpm* | *=id:00001014*) emulated=true ;;
    esac
done
[ "${verdict##* }" != true ] || emulated=true
origin=born
[ "$emulated $proof" != "true certified" ] || origin=emulated
same "verdict: the vault is the one that the statements are bound to" "$(cat "$work/judged_vault")" "$(cat "$work/vault")"
same "verdict: origin, proof and emulation" "$verdict" "$origin $proof $emulated"

# --- what is bound ---

client=$(cat "$work/nonce" "$work/vault" "$work/spki" "$work/caller" | sha256 | openssl base64 -A | tr '+/' '-_' | tr -d =)
same "clientDataJSON is made of nonce, vault, machine key and certificate" "$(cat "$work/client_data")" \
    "{\"type\":\"webauthn.create\",\"challenge\":\"$client\",\"origin\":\"urn:holdfast:vault:$(cat "$work/vault")\",\"crossOrigin\":false}"
sha256 "$work/client_data" >"$work/client_hash"
qualifying=$(cat "$work/authenticator_data" "$work/client_hash" | sha256 | hex)
data=$(hex "$work/authenticator_data")
same "authData is of \"holdfast\", with the machine key's hash" "$(piece "$data" 0 32) $(piece "$data" 55 32)" \
    "$(printf holdfast | sha256 | hex) $(sha256 "$work/spki" | hex)"

# --- the statements ---

# TPMT_SIGNATURE of ECDSA with SHA-256, and what openssl reads in the other one
signature_numbers() {
    tpm=$(hex "$work/$1.tpm")
    length=$(number "$tpm" 4)
    echo "$(piece "$tpm" 0 4) $(piece "$tpm" 6 "$length") $(piece "$tpm" $((8 + length)) "$(number "$tpm" $((6 + length)))")"
}
der_numbers() {
    printf '0018000b'
    openssl asn1parse -inform DER -in "$work/$1.sig" | sed -n 's/.*INTEGER *://p' | tr 'A-F' 'a-f' |
        while read -r integer; do
            printf ' %64s' "$integer" | tr ' ' 0 | sed 's/^0/ /'
        done
}

# TPMS_ATTEST: magic, type, two sized fields, and the clock; what follows is the type's
attest=
attested=
read_statement() {
    attest=$(hex "$work/$1.statement")
    signer=$(number "$attest" 6)
    extra=$(number "$attest" $((8 + signer)))
    attested=$((10 + signer + extra + 17 + 8))
    same "$1: extraData is the hash of authData and clientDataJSON" "$(piece "$attest" $((10 + signer)) "$extra")" \
        "$qualifying"
}
name_of() {
    printf 000b
    sha256 "$work/$1.area" | hex
}

for each in creation machine credential quote; do
    [ -e "$work/$each.statement" ] || continue
    ask "openssl dgst, $each" openssl dgst -sha256 -verify "$work/ak.pub" -signature "$work/$each.sig" \
        "$work/$each.statement"
    same "$each: both encodings of the signature" "$(signature_numbers "$each")" "$(der_numbers "$each")"
    read_statement "$each"
done

if [ -e "$work/quote.statement" ]; then
    ask "tpm2_checkquote, PCRs $(cat "$work/pcrs")" tpm2_checkquote -u "$work/ak.pub" -g sha256 \
        -m "$work/quote.statement" -s "$work/quote.tpm" -q "$qualifying" -f "$work/values" -l "$(cat "$work/pcrs")"
fi
if [ -e "$work/ak.der" ]; then
    ask "@simplewebauthn/server" "$node" "$here/verify_webauthn.js" "$file" "$authority"
    if ruby "$here/verify_tpm.rb" 2>/dev/null; then
        ask "ruby-tpm-key-attestation" ruby "$here/verify_tpm.rb" "$work" "$authority" "$qualifying"
    fi
fi

# --- what strangers do not look at ---

echo "what no stranger above looks at:"
attributes() {
    tpm2_print -t TPMT_PUBLIC "$work/$1.area" 2>/dev/null | sed -n '/^attributes:/,/raw:/s/.*value: *//p'
}
# has WHAT ATTRIBUTES WANTED...
has() {
    what=$1
    set_bits=$2
    shift 2
    for bit; do
        case "|$set_bits|" in
        *"|$bit|"*) ;;
        *) says REFUSES "$what: $bit is not set" ;;
        esac
    done
    says shown "$what: $set_bits"
}
has "the AK's attributes" "$(attributes ak)" fixedtpm fixedparent sensitivedataorigin restricted sign
has "the machine key's attributes" "$(attributes machine)" fixedtpm fixedparent sensitivedataorigin sign
same "the machine's area has the key of the registration" "$(area_key machine)" "$(hex "$work/spki")"
for each in machine credential; do
    [ -e "$work/$each.statement" ] || continue
    read_statement "$each" >/dev/null
    same "$each: the certified Name is the area's" \
        "$(piece "$attest" 4 2) $(piece "$attest" $((attested + 2)) "$(number "$attest" "$attested")")" \
        "8017 $(name_of "$each")"
done
read_statement creation >/dev/null
same "creation: the Name is the AK's, the hash that of its creation data" \
    "$(piece "$attest" 4 2) $(piece "$attest" $((attested + 2)) 34) $(piece "$attest" $((attested + 38)) 32)" \
    "801a $(name_of ak) $(sha256 "$work/creation.data" | hex)"

[ "$refused" -eq 0 ] || exit 1
echo "all accept"
