#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh TEST [PACKAGES]
# Runs TEST.test.js with the Node.js that is among the packages of
# package-lock.json (PACKAGES: where they are).  A missing part is a failure with
# its name and remedy.  npm makes links to programs or not, as its version
# likes: the program is asked for where its package has it.
set -eu
here=$(dirname "$0")
packages=${2-$here/node_modules}

fail() {
    echo "the portal's tests cannot run: $1" >&2
    exit 1
}

node=
for each in "$packages"/node-linux-*/bin/node; do
    [ ! -x "$each" ] || node=$each
done
[ -n "$node" ] || fail "no Node.js in $packages: install_node_packages of tests/packages.sh brings it"
"$node" --version >/dev/null || fail "$node does not start on this machine"
[ -d "$packages/playwright-core" ] ||
    fail "no playwright-core in $packages: install_node_packages of tests/packages.sh brings it"
[ -x /usr/bin/chromium ] || fail "no /usr/bin/chromium: install the package chromium"
exec "$node" --test "$here/$1.test.js"
