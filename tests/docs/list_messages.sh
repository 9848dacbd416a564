#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: list_messages.sh ERROR_LIST SOURCE_DIRECTORY
# Every sentence that Holdfast can fail with, as it is printed, one a line after
# its place: the phrase of each error with every cause that the sources give it,
# and the remedy.  For a person to read through.  What a cause is filled with
# stays as in the source; texts to choose from have a stroke between them.
set -eu
LC_ALL=C
export LC_ALL
list=$1
cd "$2"
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# shellcheck disable=SC2016  # the backticks are the table's
"$list" |
    sed -n 's/^| `\([A-Z_0-9]*\)` | [0-9]* | \(.*\) | \(.*\) |$/\1|\2|\3/p' \
        >"$errors"

# shellcheck disable=SC2016  # the dollars are awk's
find agent hsm keystore -name '*.c' ! -path keystore/base/err.c | sort |
    xargs awk -v errors="$errors" '
    # The call of NAME in line AT of FILE, to the end of its arguments.
    function call_of(file, at, name,    text, depth, i, c, quoted) {
        text = line[file, at]
        text = substr(text, index(text, name "("))
        i = length(name)
        for (;;) {
            if (++i > length(text)) {
                if (++at > lines[file]) return text
                text = text " " line[file, at]
            }
            c = substr(text, i, 1)
            if (c == "\\") i++
            else if (c == "\"") quoted = !quoted
            else if (quoted) continue
            else if (c == "(") depth++
            else if (c == ")" && --depth == 0) return substr(text, 1, i)
        }
    }
    # The literals in TEXT, those that stand side by side as one.
    function literals(text,    said, between) {
        said = ""
        gsub(/\\"/, "\001", text)
        gsub(/"[ ]*PRI[a-zA-Z0-9]+[ ]*"/, "", text)
        while (match(text, /"[^"]*"/)) {
            between = substr(text, 1, RSTART - 1)
            if (said != "" && between !~ /^[ ]*$/) said = said " | "
            said = said substr(text, RSTART + 1, RLENGTH - 2)
            text = substr(text, RSTART + RLENGTH)
        }
        gsub(/\001/, "\"", said)
        return said
    }
    # A cause that ends with a remedy of its own is not followed by another.
    function say(place, code, cause,    after) {
        used[code] = 1
        after = remedy[code]
        if (cause ~ /; / && code != "KS_ERR_UNWIPED") after = ""
        printf "%s: %s%s%s%s%s\n", place, phrase[code],
            cause != "" ? ": " : "", cause, after != "" ? "; " : "", after
    }
    function code_in(call) {
        if (match(call, /KS_ERR_[A-Z_0-9]+/))
            return substr(call, RSTART, RLENGTH)
        return ""
    }
    function setter(text) {
        if (match(text, /(err_set|err_pass|err_set_errno|err_set_openssl|kernel_call_fail)\(/))
            return substr(text, RSTART, RLENGTH - 1)
        return ""
    }
    BEGIN {
        phrase["handed on"] = "(a phrase that is handed on)"
        while ((getline row < errors) > 0) {
            split(row, cell, "|")
            phrase[cell[1]] = cell[2]
            remedy[cell[1]] = cell[3]
        }
    }
    FNR == 1 { file[++files] = FILENAME }
    { line[FILENAME, FNR] = $0; lines[FILENAME] = FNR }
    END {
        # Functions that hand their text on with a code of their own: their
        # callers may stand before them.
        for (f = 1; f <= files; f++)
            for (i = 1; i <= lines[file[f]]; i++) {
                text = line[file[f], i]
                if (match(text, /^[a-z_0-9]+\(/))
                    within = substr(text, 1, RLENGTH - 1)
                if ((name = setter(text)) == "") continue
                call = call_of(file[f], i, name)
                if (name ~ /^err_(set|pass)$/ && literals(call) == "%s" &&
                    (code = code_in(call)) in phrase)
                    wrapper[file[f], within] = code
            }
        for (f = 1; f <= files; f++) {
            here = file[f]
            for (i = 1; i <= lines[here]; i++) {
                text = line[here, i]
                if (match(text, /^[a-z_0-9]+\(/)) {
                    within = substr(text, 1, RLENGTH - 1)
                    continue
                }
                name = setter(text)
                if (name != "") {
                    call = call_of(here, i, name)
                    said = literals(call)
                    code = code_in(call)
                    if (said == "%s" && (here, within) in wrapper) continue
                    if (said == "") said = "(what)"
                    if (name ~ /errno|kernel/) said = said ": (errno)"
                    if (name ~ /openssl/) said = said ": (OpenSSL)"
                    if (!(code in phrase)) code = "handed on"
                    say(here ":" i, code, said)
                    continue
                }
                while (match(text, /[a-z_0-9]+\(/)) {
                    name = substr(text, RSTART, RLENGTH - 1)
                    text = substr(text, RSTART + RLENGTH)
                    if (!((here, name) in wrapper)) continue
                    said = literals(call_of(here, i, name))
                    if (said != "") say(here ":" i, wrapper[here, name], said)
                }
            }
        }
        for (code in phrase)
            if (!(code in used)) say("(no cause)", code, "")
    }'
