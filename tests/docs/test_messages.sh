#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_messages.sh LIST_MESSAGES ERROR_LIST SOURCE_DIRECTORY
# Reads the list of all sentences (list_messages.sh) for what makes phrase, cause
# and remedy fight each other.  Whether a sentence helps only a person can say:
# the list is left where MESSAGES names a file.
set -eu
LC_ALL=C
export LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Verbs by which a cause tells people what to do.
tells='(chmod|chown|correct|end|enter|finish|give|have|install|mend|move|name|put'
tells="$tells|look|make|plug|remove|rename|revoke|run|see|set|try|unlock|use|wait)"

# reads LIST: prints what is wrong in it
reads() {
    wrong=0
    # A remedy in the cause, and the error's own behind it.
    if grep -vE ': wrong usage: |is not wiped: ' "$1" |
        grep -E "[^;]*: .*: $tells [^;]*; "; then
        echo "two remedies: the cause's belongs behind a semicolon"
        wrong=1
    fi
    # A phrase does not go on in its cause.
    if grep -E '^[^ ]*: [^:]*: (and|but|or|because) ' "$1"; then
        echo "a cause that goes on from its phrase"
        wrong=1
    fi
    # A limit of the system is nothing to report to us.
    if grep -E ': internal error: ((no|out of) memory|fork|memfd_create|socketpair|a pipe)' \
        "$1"; then
        echo "a shortage told as our fault"
        wrong=1
    fi
    if grep -E '; (mend|solve|correct) (the cause|this|that)( and|$)' "$1"; then
        echo "a remedy that says nothing"
        wrong=1
    fi
    # No option changes an address that is none.
    if grep -E 'is no .* address; .*--vault-host' "$1"; then
        echo "a remedy that does not help"
        wrong=1
    fi
    if grep -E '[?.!,:]; ' "$1"; then
        echo "two marks in a row"
        wrong=1
    fi
    if grep -E ';[^;]*;[^;]*;[^;]*;' "$1"; then
        echo "more parts than three"
        wrong=1
    fi
    return $wrong
}

# must_read WHAT SENTENCE: a list with this sentence is noticed
must_read() {
    echo "agent/none.c:1: $2" >"$work/altered"
    if reads "$work/altered" >/dev/null; then
        echo "self-test: not noticed: $1"
        exit 1
    fi
}

"$1" "$2" "$3" >"$work/list"
if [ -n "${MESSAGES:-}" ]; then
    cp "$work/list" "$MESSAGES"
fi
# Each error has at least one sentence.
"$2" | while IFS='|' read -r _ _ _ phrase _; do
    phrase=${phrase# }
    if ! grep -qF ": ${phrase% }" "$work/list"; then
        echo "no sentence: $phrase"
        exit 1
    fi
done
reads "$work/list"
must_read 'two remedies' \
    'permission denied: others may read FILE: chmod 600 it; run it as another'
must_read 'a cause that goes on' \
    'the token needs a PIN: and there is no terminal; give it with --pin-file'
must_read 'a second remedy' \
    'not a plain file of its own: it is shorter: look at it; give the file itself'
must_read 'a shortage' 'internal error: no memory; please report this'
must_read 'an empty remedy' 'the file cannot be read: read: (errno); mend the cause'
must_read 'an option for an address' \
    'a host that is not allowed: X is no plain https:// address; try --vault-host H'
must_read 'two marks' "wrong usage: which file?; see 'holdfast --help'"
echo "$(wc -l <"$work/list") sentences read"
