#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: write_pfx.sh DIRECTORY
# Writes DIRECTORY's key.pem and certificate.pem as PFX files, each named after
# its writer and how it was asked to: by OpenSSL's, GnuTLS's and NSS's tools.
set -eu
cd "$1"

# by_openssl NAME OPTION...
by_openssl() {
    name=$1
    shift
    openssl pkcs12 -export -passout pass: -inkey key.pem -in certificate.pem \
        -out "openssl-$name" "$@"
}

# by_gnutls NAME OPTION...
by_gnutls() {
    name=$1
    shift
    certtool --to-p12 --load-privkey key.pem --load-certificate certificate.pem \
        --p12-name vault --outder --outfile "gnutls-$name" "$@" 2>gnutls.log ||
        {
            cat gnutls.log >&2
            exit 1
        }
}

# by_nss NAME OPTION...
by_nss() {
    name=$1
    shift
    pk12util -o "nss-$name" -n vault -d sql:nss -K '' -W '' "$@" >nss.log 2>&1 ||
        {
            cat nss.log >&2
            exit 1
        }
}

by_openssl 3
by_openssl 1.1 -legacy
by_openssl aes-128 -keypbe aes-128-cbc -certpbe aes-128-cbc
by_openssl camellia -keypbe camellia-256-cbc -certpbe camellia-256-cbc
by_openssl aria -keypbe aria-256-cbc -certpbe aria-256-cbc
by_openssl des3 -descert -legacy -keypbe PBE-SHA1-3DES
by_openssl rc4 -legacy -keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC4-40
by_openssl md5-des -legacy -keypbe PBE-MD5-DES -certpbe PBE-SHA1-RC2-64
by_openssl open -keypbe NONE -certpbe NONE
by_openssl open-certificate -certpbe NONE
by_openssl without-mac -nomac
by_openssl without-iterations -noiter
by_openssl mac-sha3 -macalg sha3-256
by_openssl mac-md5 -macalg md5
by_openssl named -name vault -CSP 'Microsoft Enhanced Cryptographic Provider v1.0' \
    -LMK

# Both count to 600,000, and that three times a file: some ways are enough.  With
# --null-password certtool 3.8 ends by a signal.
by_gnutls default --empty-password
by_gnutls rc2-40 --empty-password --pkcs-cipher rc2-40 --hash SHA512

mkdir nss
certutil -N -d sql:nss --empty-password
pk12util -i openssl-named -d sql:nss -K '' -W '' >/dev/null
by_nss default
by_nss pbe -c 'PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC' \
    -C 'PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC' -M SHA-384
