# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The packages that building and testing need, Debian 12's and Node.js's, and the
# installing of those that are missing.  Read by ./check and ./demo.
# shellcheck disable=SC2034
BUILD_PACKAGES='cmake ninja-build gcc libc6-dev pkg-config libssl-dev libp11-dev
    libp11-kit-dev libcurl4-openssl-dev libexpat1-dev libjansson-dev
    libseccomp-dev libtss2-dev libcmocka-dev libmicrohttpd-dev libsqlite3-dev'
DEMO_PACKAGES='nginx-light softhsm2 swtpm openssl curl ca-certificates restic'
TEST_PACKAGES="$DEMO_PACKAGES opensc clang clang-format shellcheck mandoc git
    p11-kit-modules binutils libnss3 libnss3-tools libengine-pkcs11-openssl
    tpm2-tools tpm2-openssl tpm2-abrmd libtss2-tcti-tabrmd0 dbus-daemon
    tinyproxy-bin chromium"

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
    $sudo apt-get update -qq
    # A server's start is not wanted from a test dependency.
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends $missing >/dev/null
}

# What tests/portal/package-lock.json lists, a Node.js among it, from the npm
# registry.
install_node_packages() {
    if ! command -v npm >/dev/null; then
        install_missing nodejs npm
    fi
    if cmp -s tests/portal/package-lock.json tests/portal/node_modules/.from-lock; then
        return 0
    fi
    printf 'installing: tests/portal/node_modules\n' >&2
    npm ci --prefix tests/portal --ignore-scripts --no-audit --no-fund --loglevel=error
    cp tests/portal/package-lock.json tests/portal/node_modules/.from-lock
}
