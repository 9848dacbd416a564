#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: inside.sh USER COMMAND [ARGUMENT]...
# The first process of a bare root (tests/bare/root.sh): runs COMMAND as USER in
# the clone, and fails also where something stays behind: a service that starts
# with the machine, a process, a temporary file.
set -eu
user=$1
shift
case $user in
root) home=/root ;;
*) home=/home/$user ;;
esac

enabled() {
    find /etc/systemd /etc/rc?.d -type l ! -name 'K[0-9][0-9]*' 2>/dev/null | sort
}

# Into $processes: all but this shell, which is 1 and starts none meanwhile, and
# but for zombies.
find_processes() {
    processes=
    for each in /proc/[0-9]*; do
        line=
        read -r line <"$each/stat" 2>/dev/null || :
        case $line in
        '1 ('* | *') Z '*) ;;
        *) processes="$processes ${line%%)*})" ;;
        esac
    done
}

# What was told to end may take a moment.
wait_for_processes() {
    tries=100
    find_processes
    while [ -n "$processes" ] && [ $tries -gt 0 ]; do
        tries=$((tries - 1))
        sleep 0.1
        find_processes
    done
}

enabled >/srv/enabled.before
cd "$home/holdfast" 2>/dev/null || cd /
status=0
setpriv --reuid "$user" --regid "$user" --init-groups env -i "HOME=$home" "USER=$user" LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" || status=$?
wait_for_processes
enabled >/srv/enabled.after
{
    [ -z "$processes" ] || echo "processes go on: $processes"
    comm -13 /srv/enabled.before /srv/enabled.after | sed 's/^/a service is enabled: /'
    find /tmp /dev/shm -mindepth 1 -maxdepth 1 | sed 's/^/a file is left: /'
} >/srv/left
if [ -s /srv/left ]; then
    cat /srv/left >&2
    status=1
fi
exit $status
