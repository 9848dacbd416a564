#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: install_packages.sh PACKAGE...
# Installs Debian packages, as root, and leaves their services off: by itself a
# package starts its service and has it start with the machine, and who tries a
# demo has not asked for a web server.
set -eu
LC_ALL=C.UTF-8
DEBIAN_FRONTEND=noninteractive
export LC_ALL DEBIAN_FRONTEND
work=$(mktemp -d)
policy=

# What starts with the machine: links of systemd's, and of System V's scripts.
enabled() {
    find /etc/systemd/system /etc/systemd/user /etc/rc?.d -type l \
        ! -name 'K[0-9][0-9]*' 2>/dev/null | sort
}

# A link that an administrator has taken away is not made again by an upgrade
# (deb-systemd-helper(1p)); of System V's scripts update-rc.d(8) keeps the note.
disable_new() {
    enabled >"$work/after"
    comm -13 "$work/before" "$work/after" >"$work/new"
    while read -r link; do
        name=${link##*/}
        case $link in
        /etc/rc*) update-rc.d "${name#S[0-9][0-9]}" disable ;;
        *) rm -f "$link" ;;
        esac
    done <"$work/new"
    if [ -s "$work/new" ] && [ -d /run/systemd/system ]; then
        systemctl daemon-reload
    fi
}

# Also where the installation fails half way.
stop() {
    disable_new
    rm -rf "$work"
    [ -z "$policy" ] || rm -f "$policy"
}
enabled >"$work/before"
trap stop EXIT
trap 'exit 1' HUP INT TERM

# Every package asks this program whether it may start a service (invoke-rc.d(8),
# deb-systemd-invoke(1p)); one that is there is the administrator's own.
if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@" >/dev/null
