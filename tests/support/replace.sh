#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: replace.sh DIRECTORY HOST MACHINE
# A person signs in to the portal of the vault in DIRECTORY/vault, and downloads
# the file for a replacement of MACHINE.  Prints its path.
set -eu
directory=$1
host=$2
machine=$3
umask 077
mkdir "$directory/browser"
cd "$directory/browser"

# One request of a browser's; its cookies stay in the jar.
browse() {
    curl --silent --show-error --fail --cacert "$directory/vault/ca.pem" --cookie jar --cookie-jar jar "$@"
}
form_token() {
    sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$1" | head -n 1
}

browse --output login.html "https://$host/login"
tr -d '\n' <"$directory/vault/password" |
    browse --output /dev/null --data-urlencode "csrf=$(form_token login.html)" \
        --data name=admin --data-urlencode password@- "https://$host/login"
browse --output vaults.html "https://$host/vaults"
page=$(sed -n 's/.*href="\(\/vaults\/[0-9]*\)">.*/\1/p' vaults.html | head -n 1)
browse --output question.html "https://$host$page/machines/$machine/replace"
browse --output file --data-urlencode "csrf=$(form_token question.html)" \
    "https://$host$page/machines/$machine/replace"
echo "$PWD/file"
