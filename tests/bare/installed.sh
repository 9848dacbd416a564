#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: installed.sh [--without PACKAGE] SUITE
# README.md's lines under Install, by an ordinary user of a bare Debian SUITE; and
# what they installed, in another one that has the run-time packages alone,
# against a local vault service.  As root, with mmdebstrap installed.  Without
# PACKAGE among the run-time packages it must fail, if their list is exact.
set -eu
cd "$(dirname "$0")/../.."
. tests/bare/root.sh
without=
if [ "$1" = --without ]; then
    without=$2
    shift 2
fi
suite=$1

work=$(mktemp -d "${TMPDIR:-/var/tmp}/holdfast-bare-XXXXXX")
builder=$work/builder
user=$work/user
vault=
stop() {
    [ -z "$vault" ] || kill -- "-$vault" 2>/dev/null || :
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

printf '\n== bare %s, as an ordinary user: what README.md says under Install\n' "$suite"
bare_make "$builder" "$suite" person
# shellcheck disable=SC2016  # the backticks are the page's
sed -n '/^## Install/,/^## /p' README.md | sed -n '/^```sh$/,/^```$/p' | grep -v '^```' >"$builder/srv/lines"
cat "$builder/srv/lines"
bare_enter "$builder" person sh -eu /srv/lines

# Each opening of a pipe waits for the other side's.
printf '\n== bare %s: the run-time packages alone\n' "$suite"
mkfifo -m 666 "$builder/srv/ready" "$builder/srv/over"
mkdir -m 777 "$builder/srv/handed"
set -m # a process group of its own, to end it by
{
    bare_enter "$builder" person tests/bare/vault.sh /srv || echo failed
    echo failed >"$builder/srv/ready"
} &
vault=$!
set +m
bare_make "$user" "$suite" root
tar -c -C "$builder/usr/local" bin libexec | tar -x -C "$user/usr/local"
read -r said <"$builder/srv/ready"
[ "$said" = ready ] || exit 1
cp -r "$builder/srv/handed" "$user/srv"
chown -R 0:0 "$user/srv/handed"
bare_enter "$user" root tests/bare/use.sh /srv/handed "$without"
echo over >"$builder/srv/over"
read -r said <"$builder/srv/ready"
wait "$vault"
