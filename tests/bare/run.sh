#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh [--user] [--without PACKAGE] SUITE COMMAND [ARGUMENT]...
# Runs COMMAND in a fresh clone inside a bare Debian SUITE (bookworm, trixie), as
# root or as an ordinary user with sudo; as root, with mmdebstrap installed.
# Without PACKAGE, which is taken out of the clone's tests/packages.sh, the
# command must fail, if the lists there are exact.
set -eu
cd "$(dirname "$0")/../.."
. tests/bare/root.sh
user=root
without=
while :; do
    case ${1-} in
    --user) user=person ;;
    --without)
        without=$2
        shift
        ;;
    *) break ;;
    esac
    shift
done
suite=$1
shift

work=$(mktemp -d "${TMPDIR:-/var/tmp}/holdfast-bare-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
printf '\n== bare %s, as %s: %s\n' "$suite" "$user" "$*"
bare_make "$work/root" "$suite" "$user"
if [ -n "$without" ]; then
    packages=$work/root$(bare_home $user)/holdfast/tests/packages.sh
    sed -i "s/\([' ]\)$without\([' ]\|\$\)/\1\2/" "$packages"
    ! git diff --no-index --quiet tests/packages.sh "$packages" || {
        echo "no list names $without" >&2
        exit 64
    }
fi
bare_enter "$work/root" "$user" "$@"
