#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_manual.sh HOLDFAST MANUAL ERR_H
# Holds the manual page against the program, in both directions: the options of
# each command, their letters and arguments, and the exit statuses.
set -eu
LC_ALL=C
ARGP_HELP_FMT=rmargin=200
export LC_ALL ARGP_HELP_FMT
holdfast=$1
manual=$2
err=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# section NAME: of the page as people read it, each paragraph on one line
section() {
    awk -v name="$1" '/^[A-Z]/ { inside = $0 == name; next } inside' \
        "$work/page"
}

# tags NAME: what stands at the beginning of a list's entries in a section
tags() {
    section "$1" | sed -n 's/^     \([^ ].*\)/\1/p' | sed 's/  .*//'
}

# long: the names alone, without letters and arguments
long() {
    sed -e 's/^-., //' -e 's/=.*//' | sort -u
}

# help COMMAND: its options, as in "-t, --token=URI"
help() {
    # shellcheck disable=SC2086  # "token list" is two words
    "$holdfast" $1 --help | sed -n 's/^ \{2,6\}\(-.*\)/\1/p' | sed 's/  .*//'
}

# synopsis COMMAND: its options by their long names
synopsis() {
    section SYNOPSIS | sed -n "s/^     holdfast $1 //p" | sed 's/[] []/\n/g' |
        grep '^-' | while read -r option; do
        case $option in
        --*) echo "$option" ;;
        *) sed -n "s/^$option, //p" "$work/options" ;;
        esac
    done | long
}

# same WHAT MANUAL PROGRAM: two files of lines
same() {
    sort -u "$2" >"$2.sorted"
    sort -u "$3" >"$3.sorted"
    diff "$2.sorted" "$3.sorted" && return 0
    echo "$1: the manual (<) and the program (>) differ"
    return 1
}

# agrees PAGE
agrees() {
    agreed=0
    mandoc -Tascii -O width=999 "$1" | sed "s/.$(printf '\b')//g" >"$work/page"
    tags OPTIONS | awk -F= -v OFS== 'NF > 1 { $2 = toupper($2) } 1' \
        >"$work/options"
    # Only holdfast itself has this one, and no list to look it up in.
    echo '--version' >"$work/help"
    : >"$work/synopses"
    while read -r command; do
        help "$command" >"$work/command"
        cat "$work/command" >>"$work/help"
        long <"$work/command" | sed -e '/^--help$/d' -e '/^--usage$/d' \
            >"$work/command.long"
        synopsis "$command" >"$work/command.synopsis"
        same "synopsis of $command" "$work/command.synopsis" \
            "$work/command.long" || agreed=1
    done <"$work/commands"
    same options "$work/options" "$work/help" || agreed=1
    section SYNOPSIS | awk '$2 ~ /^[a-z]/ { print $2 }' >"$work/manual.commands"
    sed 's/ .*//' "$work/commands" >"$work/program.commands"
    same commands "$work/manual.commands" "$work/program.commands" || agreed=1
    tags 'EXIT STATUS' | sed -n 's/^\([0-9][0-9]*\).*/\1/p' >"$work/statuses"
    same 'exit status' "$work/statuses" "$work/errors" || agreed=1
    return $agreed
}

# must_disagree WHAT SED_SCRIPT: a page altered so is noticed
must_disagree() {
    sed "$2" "$manual" >"$work/altered.8"
    if cmp -s "$manual" "$work/altered.8"; then
        echo "self-test: the page could not be altered ($1)"
        exit 1
    fi
    if agrees "$work/altered.8" >/dev/null; then
        echo "self-test: not noticed: $1"
        exit 1
    fi
}

# ends_with STATUS ARGUMENT...
ends_with() {
    wanted=$1
    shift
    status=0
    "$holdfast" "$@" >/dev/null 2>&1 || status=$?
    [ "$status" -eq "$wanted" ] && return 0
    echo "holdfast $*: exit status $status instead of $wanted"
    exit 1
}

"$holdfast" --help | sed -n 's/^  holdfast \([a-z ]*[a-z]\).*/\1/p' \
    >"$work/commands"
grep -o 'X(KS_[A-Z_]*, *[0-9]*' "$err" | sed 's/.*[, ]//' >"$work/errors"
for list in commands errors; do
    if ! [ -s "$work/$list" ]; then
        echo "no $list found"
        exit 1
    fi
done

agrees "$manual"
must_disagree 'an option missing' '/^\.It Fl \\-rs256/d'
must_disagree 'an option too many' 's/^\.It Fl \\-rs256/.It Fl \\-rs512\n&/'
must_disagree 'another letter' 's/^\.It Fl p , /.It Fl P , /'
must_disagree 'an argument missing' 's/^\(\.It Fl \\-ca-file\).*/\1/'
must_disagree 'an option of another command' \
    '/^\.Cm status/,/^\.Nm/s/^\.Op Fl j/&\n.Op Fl \\-offline/'
must_disagree 'a command missing' '/^\.Cm status/,/^\.Nm/d'
must_disagree 'an exit status missing' '/^\.It 76/d'
must_disagree 'an exit status too many' 's/^\.It 76/.It 79\n&/'

# refuses SAYS ARGUMENT...: wrong usage, said in one line
refuses() {
    says=$1
    shift
    ends_with 64 "$@"
    "$holdfast" "$@" 2>"$work/error" || :
    grep -qF "wrong usage: $says; see" "$work/error" &&
        [ "$(wc -l <"$work/error")" -eq 1 ] && return 0
    echo "holdfast $*: does not say: $says"
    exit 1
}

ends_with 0 --version
ends_with 0 --help
ends_with 0 '-?'
refuses 'no command'
refuses "there is no command 'shw'" shw
refuses "there is no command 'token'" token
refuses "there is no command 'token'" token lst
if "$holdfast" --help | grep ' $'; then
    echo "holdfast --help: spaces at a line's end"
    exit 1
fi
ends_with 64 show
ends_with 64 status --offline
ends_with 66 show "$work/no such file"
ends_with 78 status --state-dir "$work/no such directory"
echo "the manual and the program agree"
