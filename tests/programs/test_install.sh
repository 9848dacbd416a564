#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_install.sh BUILD_DIRECTORY
# What `cmake --install` puts where, and that holdfast finds its helpers there:
# a file that is no credential file is refused by holdfast-credential.
set -eu
LC_ALL=C
export LC_ALL
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/wanted" <<END
bin/holdfast
libexec/holdfast/holdfast-credential
libexec/holdfast/holdfast-inspect
libexec/holdfast/holdfast-net
libexec/holdfast/holdfast-token
share/doc/holdfast/CHANGELOG.md
share/doc/holdfast/LICENSE
share/doc/holdfast/README.md
share/doc/holdfast/SECURITY.md
share/man/man8/holdfast.8
END

cmake --install "$build" --prefix "$work/usr" >/dev/null
(cd "$work/usr" && find . -type f) | sed -e 's,^\./,,' \
    -e '/^share\/doc\/holdfast\/docs\//d' | sort >"$work/installed"
diff "$work/wanted" "$work/installed"

status=0
echo '<RSBackupVaultAADCreds/>' |
    "$work/usr/bin/holdfast" show - 2>"$work/error" || status=$?
if [ $status -ne 65 ] ||
    ! grep -q 'not a usable vault credentials file' "$work/error"; then
    cat "$work/error"
    echo "installed: exit status $status"
    exit 1
fi
rm "$work/usr/libexec/holdfast/holdfast-credential"
status=0
"$work/usr/bin/holdfast" show - </dev/null 2>"$work/error" || status=$?
if [ $status -ne 70 ] || ! grep -q 'could not be started' "$work/error"; then
    cat "$work/error"
    echo "without its helper: exit status $status"
    exit 1
fi
echo "$(wc -l <"$work/installed") files, and the programs find each other"
