# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The packages of Debian 12 and 13 by what they are for, each list what it needs
# beyond those before it, and the installing of those that are missing.  Read by
# ./check and ./demo, and by who follows README.md, in the top directory.
# shellcheck disable=SC2034

# What an installed Holdfast needs: its libraries, the one that talks to a TPM's
# device, the issuers of servers' certificates, and restic (backup, restore).  The
# names of libraries tell their versions.
case $(. /etc/os-release && echo "${VERSION_ID-}") in
12)
    RUN_PACKAGES='libssl3 libcurl4 libp11-3 libtss2-esys-3.0.2-0 libtss2-mu0
        libtss2-rc0 libtss2-tctildr0 libtss2-tcti-device0'
    ;;
*)
    RUN_PACKAGES='libssl3t64 libcurl4t64 libp11-3t64 libtss2-esys-3.0.2-0t64
        libtss2-mu-4.0.1-0t64 libtss2-rc0t64 libtss2-tctildr0t64
        libtss2-tcti-device0t64'
    ;;
esac
RUN_PACKAGES="$RUN_PACKAGES libexpat1 libjansson4 libp11-kit0 ca-certificates
    restic"

BUILD_PACKAGES='cmake ninja-build gcc libc6-dev pkg-config libssl-dev libp11-dev
    libp11-kit-dev libcurl4-openssl-dev libexpat1-dev libjansson-dev
    libseccomp-dev libtss2-dev'
# The local vault service, tokens, a browser's place and restic.
DEMO_PACKAGES='libcbor-dev libmicrohttpd-dev libsqlite3-dev nginx-light softhsm2
    swtpm swtpm-tools openssl curl restic'
# Of a D-Bus session dbus-x11 serves Chromium, too; without it Chromium would
# bring an init system along.
TEST_PACKAGES='libcmocka-dev clang libclang-rt-dev clang-format shellcheck mandoc git
    binutils ca-certificates opensc opencryptoki p11-kit p11-kit-modules
    libengine-pkcs11-openssl libnss3 libnss3-tools gnutls-bin tpm2-tools
    tpm2-openssl tpm2-abrmd libtss2-tcti-tabrmd0
    dbus-daemon dbus-x11 sqlite3 tinyproxy-bin chromium'
# Debian 13's does not know the TCG's object identifiers by the names that its
# OpenSSL has for them.
case $(. /etc/os-release && echo "${VERSION_ID-}") in
12) TEST_PACKAGES="$TEST_PACKAGES ruby-tpm-key-attestation" ;;
esac

is_installed() {
    dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# install_missing PACKAGE...
install_missing() {
    missing=
    for package in "$@"; do
        is_installed "$package" || missing="$missing $package"
    done
    if [ -z "$missing" ]; then
        return 0
    fi
    printf 'installing:%s\n' "$missing" >&2
    sudo=
    if [ "$(id -u)" -ne 0 ]; then
        sudo=sudo
    fi
    # shellcheck disable=SC2086
    $sudo tests/install_packages.sh $missing
}

# What the package-lock.json of tests/portal, a Node.js among it, and of
# tests/attestation list, from the npm registry.
install_node_packages() {
    if ! command -v npm >/dev/null; then
        install_missing nodejs npm
    fi
    for folder in tests/portal tests/attestation; do
        if cmp -s "$folder/package-lock.json" "$folder/node_modules/.from-lock"; then
            continue
        fi
        printf 'installing: %s/node_modules\n' "$folder" >&2
        npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error
        cp "$folder/package-lock.json" "$folder/node_modules/.from-lock"
    done
}
