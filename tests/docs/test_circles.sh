#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_circles.sh SOURCE_DIRECTORY BUILD_DIRECTORY OBJECT_LIST COMPILER NM
# No file of the product needs another that needs it, by any way round: such
# files can only be read, tested and changed all at once.  A file is X.c with
# X.h.  It needs whose function or variable its object has undefined (nm), and
# whose header it includes.  A header without a .c has nothing behind it: who
# includes it needs what it includes.
set -eu
LC_ALL=C
export LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# objects BUILD LIST: FILE OBJECT of each object of the build directory, where
# "__" is CMake's word for the directory above
objects() {
    while read -r object; do
        file=${object#"$1"/}
        echo "${file%.c.o} $object"
    done <"$2" |
        sed -e 's,CMakeFiles/[^/]*\.dir/\(\./\)*,,' \
            -e ':up' -e 's,[^/ ]*[^/_ ]/__/\([^ ]* \),\1,' -e 't up'
}

# symbols NM OBJECTS: FILE TYPE SYMBOL.  An object that defines nothing cannot
# be read by this nm, as one of LTO by an nm without the compiler's plugin.
symbols() {
    cut -d' ' -f2- "$2" | tr '\n' '\0' | xargs -0 -r "$1" -A -P -g |
        awk '
            FNR == NR {
                from = $1
                sub(/^[^ ]* /, "")
                file[$0] = from
                next
            }
            {
                object = substr($0, 1, index($0, ": ") - 1)
                split(substr($0, length(object) + 3), is, " ")
                print file[object], is[2], is[1]
                if (is[2] ~ /^[A-TV-Z]$/)
                    defines[object]
            }
            END {
                for (object in file)
                    if (!(object in defines)) {
                        print "no symbols in " object
                        exit 1
                    }
            }' "$2" - || {
        echo "is $1 the compiler's nm?"
        return 1
    }
}

# calls: of symbols, FROM TO SYMBOL.  Each program has a main of its own.
calls() {
    awk '
        $3 == "main" { next }
        $2 ~ /^[Uwv]$/ { wanted[$1 " " $3]; next }
        { owner[$3] = $1 }
        END {
            for (each in wanted) {
                split(each, part)
                if (part[2] in owner && owner[part[2]] != part[1])
                    print part[1], owner[part[2]], part[2]
            }
        }'
}

# includes SOURCE: FILE HEADER, both with their endings
includes() {
    (cd "$1" && find agent hsm keystore -name '*.[ch]' \
        -exec grep -Ho '^ *# *include "[^"]*"' {} +) |
        sed 's/:.*"\(.*\)"/ \1/'
}

# owned FILES: of includes, FROM TO HEADER between those of FILES, through the
# headers that have no .c
owned() {
    awk '
        FNR == NR { code[$1]; next }
        {
            sub(/\.[ch]$/, "", $1)
            sub(/\.h$/, "", $2)
            has[$1] = has[$1] " " $2
        }
        function follow(from, at, by, seen,    list, n, i) {
            n = split(has[at], list, " ")
            for (i = 1; i <= n; i++) {
                if (list[i] in code) {
                    if (list[i] != from)
                        print from, list[i], (by != "" ? by : list[i]) ".h"
                } else if (!(list[i] in seen)) {
                    seen[list[i]]
                    follow(from, list[i], by != "" ? by : list[i], seen)
                }
            }
        }
        END {
            for (file in code) {
                split("", seen)
                follow(file, file, "", seen)
            }
        }' "$1" -
}

# circles: of FROM TO REASON, each circle in a line; fails where there is one
circles() {
    sort -u | awk '
        ($1, $2) in why { next }
        { why[$1, $2] = $3 }
        !($1 in to) { start[++starts] = $1 }
        { to[$1] = to[$1] " " $2 }
        function tell(first,    i, line) {
            for (i = depth; way[i] != first; i--)
                ;
            line = "circle:"
            for (; i < depth; i++)
                line = line " " way[i] " -" why[way[i], way[i + 1]] "->"
            print line " " way[depth] " -" why[way[depth], first] "-> " first
            found = 1
        }
        function visit(file,    list, n, i) {
            mark[file] = 1
            way[++depth] = file
            n = split(to[file], list, " ")
            for (i = 1; i <= n; i++)
                if (mark[list[i]] == 1)
                    tell(list[i])
                else if (mark[list[i]] == "")
                    visit(list[i])
            mark[file] = 2
            depth--
        }
        END {
            for (i = 1; i <= starts; i++)
                if (mark[start[i]] == "")
                    visit(start[i])
            exit found
        }'
}

# graph SOURCE BUILD LIST NM: all edges into $work, by calls and by includes
graph() {
    objects "$2" "$3" >"$work/objects"
    symbols "$4" "$work/objects" >"$work/symbols" || {
        tail -2 "$work/symbols"
        return 1
    }
    calls <"$work/symbols" >"$work/calls"
    includes "$1" >"$work/includes"
    cut -d' ' -f1 "$work/objects" | sort -u >"$work/code"
    owned "$work/code" <"$work/includes" >"$work/owned"
    grep '\.h .*\.h$' "$work/includes" | sed 's/$/ includes/' >"$work/headers"
}

# hold SOURCE BUILD LIST NM
hold() {
    graph "$@" || return 1
    cat "$work/calls" "$work/owned" | circles &&
        circles <"$work/headers"
}

# plant FILE: what is there of a tree to hold, from standard input
plant() {
    mkdir -p "$work/tree/$(dirname "$1")"
    cat >"$work/tree/$1"
}

# planted COMPILER NM: hold the tree, as CMake would have compiled it
planted() {
    mkdir -p "$work/tree/agent" "$work/tree/hsm" "$work/tree/keystore"
    : >"$work/list"
    for source in $(cd "$work/tree" && find . -name '*.c'); do
        name=${source#./}
        folder=${name%/*}
        object=$work/built/$folder/CMakeFiles/t.dir/${name##*/}.o
        mkdir -p "${object%/*}"
        "$1" -I "$work/tree" -c -o "$object" "$work/tree/$name"
        echo "$object" >>"$work/list"
    done
    hold "$work/tree" "$work/built" "$work/list" "$2"
}

# must_fail COMPILER NM WORD...: the planted circle is found, and named
must_fail() {
    if planted "$1" "$2" >"$work/said"; then
        echo "self-test: not noticed: a circle of $*"
        exit 1
    fi
    shift 2
    for word; do
        grep -q "^circle:.*$word" "$work/said" || {
            echo "self-test: $word is not named:"
            cat "$work/said"
            exit 1
        }
    done
    rm -rf "$work/tree" "$work/built"
}

must_pass() {
    planted "$1" "$2" || {
        echo "self-test: taken for a circle"
        exit 1
    }
    rm -rf "$work/tree" "$work/built"
}

self_test() {
    # Three files of two folders that call each other round, without a header.
    echo 'void b(void); void a(void) { b(); }' | plant agent/net/a.c
    echo 'void c(void); void b(void) { c(); }' | plant hsm/b.c
    echo 'void a(void); void c(void) { a(); }' | plant agent/net/c.c
    must_fail "$@" 'agent/net/a -b-> hsm/b -c-> agent/net/c -a-> '
    # A table that has a function, and a function that reads the table.
    echo 'void f(void); void (*const t[])(void) = {f};' | plant hsm/t.c
    echo 'extern void (*const t[])(void); void f(void) { t[0](); }' |
        plant hsm/f.c
    must_fail "$@" 'hsm/f -t-> hsm/t -f-> hsm/f'
    # Two headers' files, of which no one calls the other.
    echo '#include "agent/b.h"' | plant agent/a.c
    printf '#ifndef A\n#define A\nenum a { A1 };\n#endif\n' | plant agent/a.h
    printf '#include "agent/a.h"\nenum a b(void);\n' | plant agent/b.h
    printf '#include "agent/b.h"\nenum a b(void) { return A1; }\n' |
        plant agent/b.c
    echo 'int a1;' >>"$work/tree/agent/a.c"
    must_fail "$@" 'agent/a -agent/b.h-> agent/b -agent/a.h-> agent/a'
    # The same by way of a header that has no file.
    echo 'int part(void); int whole(void) { return part(); }' |
        plant keystore/whole.c
    echo 'int whole(void);' | plant keystore/whole.h
    echo '#include "keystore/whole.h"' | plant keystore/inside.h
    printf '#include "keystore/inside.h"\nint part(void) { return 1; }\n' |
        plant keystore/part.c
    must_fail "$@" keystore/whole keystore/part keystore/inside.h
    # Two such headers that include each other.
    printf '#pragma once\n#include "hsm/y.h"\n' | plant hsm/x.h
    printf '#pragma once\n#include "hsm/x.h"\n' | plant hsm/y.h
    must_fail "$@" 'hsm/x.h -includes-> hsm/y.h -includes-> hsm/x.h'
    # No circle: a file with a header for its inside, which another reads, too,
    # and two programs.
    echo 'int whole(void);' | plant hsm/whole.h
    echo '#include "hsm/whole.h"' | plant hsm/inside.h
    printf '#include "hsm/inside.h"\nint whole(void) { return 1; }\n' |
        plant hsm/whole.c
    printf '#include "hsm/inside.h"\nint other(void) { return whole(); }\n' |
        plant hsm/other.c
    printf 'int other(void);\nint main(void) { return other(); }\n' |
        plant agent/a/main.c
    printf 'int whole(void);\nint main(void) { return whole(); }\n' |
        plant agent/b/main.c
    must_pass "$@"
}

self_test "$4" "$5"
hold "$1" "$2" "$3" "$5"
# Each way of finding what a file needs has found something.
for kind in calls owned headers; do
    [ "$(wc -l <"$work/$kind")" -gt 100 ] || {
        echo "hardly any $kind were found"
        exit 1
    }
done
echo "no circle among $(wc -l <"$work/code") files"
