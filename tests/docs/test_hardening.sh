#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_hardening.sh UNHARDENED PROGRAM...
# Reads each PROGRAM as it was linked and fails where a protection is missing
# that the build asks for.  UNHARDENED has none of them: every check must fail
# on it, or it finds nothing.
set -eu
LC_ALL=C
export LC_ALL

# has PROTECTION PROGRAM
has() {
    case $1 in
    'position-independent code')
        readelf -hW "$2" | grep -q 'Type: *DYN' &&
            readelf -dW "$2" | grep -q 'FLAGS_1.* PIE'
        ;;
    'read-only relocations')
        readelf -lW "$2" | grep -q '^ *GNU_RELRO ' &&
            readelf -dW "$2" | grep -q '(FLAGS).*BIND_NOW'
        ;;
    'a stack without code')
        readelf -lW "$2" | grep '^ *GNU_STACK ' | grep -q ' RW  *0x'
        ;;
    'a stack protector')
        readelf --dyn-syms -W "$2" | grep -q ' UND __stack_chk_fail'
        ;;
    'functions that check their buffer')
        readelf --dyn-syms -W "$2" | grep ' UND __[a-z]*_chk@' |
            grep -qv __stack_chk
        ;;
    'marked branch targets')
        # The note that would have the kernel enforce them (IBT, SHSTK) is kept
        # only where C's start-up files carry it, too; Debian 12's do not, so
        # it is the code that is looked at.
        objdump -d --no-show-raw-insn "$2" |
            grep -A 1 '^[0-9a-f]* <main>:' | grep -q endbr64
        ;;
    *)
        echo "no such protection: $1"
        exit 1
        ;;
    esac
}

# check PROTECTION PROGRAM...
check() {
    protection=$1
    shift
    if has "$protection" "$unhardened"; then
        echo "self-test: the search for $protection finds nothing"
        failed=1
    fi
    for program; do
        if ! has "$protection" "$program"; then
            echo "$(basename "$program"): without $protection"
            failed=1
        fi
    done
}

failed=0
unhardened=$1
shift
check 'position-independent code' "$@"
check 'read-only relocations' "$@"
check 'a stack without code' "$@"
check 'a stack protector' "$@"
check 'functions that check their buffer' "$@"
if readelf -hW "$unhardened" | grep -q 'Machine:.*X86-64'; then
    check 'marked branch targets' "$@"
fi
[ $failed -eq 0 ] && echo "$# programs are hardened"
exit $failed
