# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# A bare Debian: minbase, git and sudo, made by mmdebstrap(1), with a fresh clone
# of HEAD in it.  What a machine that has run the tests before hides, a package
# that no list names or a file left over, is missing there.  Read by who is root
# and has mmdebstrap, in the top directory.

# bare_home USER: in a root; the clone is there, in holdfast
bare_home() {
    case $1 in
    root) echo /root ;;
    *) echo "/home/$1" ;;
    esac
}

# Where this machine gets packages, for SUITE instead of its own release.
bare_sources() {
    own=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # shellcheck disable=SC2016  # apt's variables
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Component: main' |
        sort -u | while read -r uri release; do
        case $release in
        "$own" | "$own"-*) echo "deb $uri $1${release#"$own"} main" ;;
        esac
    done
}

# bare_hand_in ROOT: how this machine reaches package sources and the npm
# registry, and nothing else of it.
bare_hand_in() {
    apt-config dump | grep -E '^Acquire::(https?::|Check-)' >"$1/etc/apt/apt.conf.d/90outer" || :
    rm -f "$1/etc/resolv.conf"
    cp /etc/resolv.conf "$1/etc/resolv.conf"
    if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
        mkdir -p "$1/etc/ssl/certs" "$1/usr/local/share/ca-certificates"
        cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs"
        # Here they outlive the installation of the package ca-certificates.
        cp /etc/ssl/certs/ca-certificates.crt "$1/usr/local/share/ca-certificates/outer.crt"
    fi
    for home in root home/person; do
        [ ! -f "$HOME/.npmrc" ] || cp "$HOME/.npmrc" "$1/$home/.npmrc"
    done
}

# bare_make ROOT SUITE USER: ROOT is a directory that does not exist; the clone is
# in the home of USER (root, person)
bare_make() {
    mkdir "$1"
    bare_sources "$2" | mmdebstrap --quiet --variant=minbase --include=git,sudo --format=tar "$2" - - |
        tar -x -C "$1"
    chroot "$1" useradd -m -s /bin/sh person
    echo 'person ALL=(ALL) NOPASSWD: ALL' >"$1/etc/sudoers.d/person"
    echo '127.0.0.1 localhost bare' >"$1/etc/hosts"
    bare_hand_in "$1"
    git bundle create --quiet "$1/srv/holdfast.bundle" HEAD
    chmod 755 "$1"
    cp tests/bare/inside.sh "$1/srv"
    bare_enter "$1" root git -c advice.detachedHead=false -c init.defaultBranch=main clone --quiet /srv/holdfast.bundle "$(bare_home "$3")/holdfast"
    chroot "$1" chown -R "$3:" "$(bare_home "$3")"
}

# bare_enter ROOT USER COMMAND [ARGUMENT]...: as this user, in the clone, in
# namespaces of its own but for the network.
bare_enter() {
    # shellcheck disable=SC2016  # the inner shell's
    unshare --mount --pid --ipc --uts --fork --kill-child sh -euc '
        root=$1
        shift
        mount --make-rprivate /
        mount --bind "$root" "$root"
        mount -t proc proc "$root/proc"
        mount -t sysfs -o ro sysfs "$root/sys"
        mount -t tmpfs -o mode=755 tmpfs "$root/dev"
        for each in null zero full random urandom tty; do
            touch "$root/dev/$each"
            mount --bind "/dev/$each" "$root/dev/$each"
        done
        mkdir "$root/dev/shm" "$root/dev/pts"
        mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
        ln -s pts/ptmx "$root/dev/ptmx"
        ln -s /proc/self/fd "$root/dev/fd"
        ln -s fd/0 "$root/dev/stdin"
        ln -s fd/1 "$root/dev/stdout"
        ln -s fd/2 "$root/dev/stderr"
        echo bare >/proc/sys/kernel/hostname
        exec chroot "$root" /srv/inside.sh "$@"' sh "$@"
}
