#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh BUILD_DIRECTORY CTEST_ARGUMENT...
# Runs ctest, and fails also where a test did not run: to ctest a test that is
# disabled, or that skipped itself, has not failed.  What only root can set up
# is named, and nothing more, when an ordinary user runs the tests.
set -eu
build=$(cd "$1" && pwd)
shift
LC_ALL=C
export LC_ALL
report=$build/Testing/report.xml
log=$build/Testing/Temporary/LastTest.log

rm -f "$report" "$log"
status=0
ctest "$@" --output-junit "$report" || status=$?

# Tests that ctest did not start, or whose program said that it did nothing.
unstarted=$(sed -n 's/.*<testcase name="\([^"]*\)".* status="\(notrun\|disabled\)".*/\1/p' "$report")
# Cases that cmocka, or files that Node.js counts as skipped.
skipped=$(sed -n -e 's/^\[  SKIPPED \] \([[:alpha:]_].*\)/\1/p' \
    -e 's/^[^[:alnum:]]* *\(skipped [1-9][0-9]*\)$/\1 by Node.js/p' "$log" | sort -u)

for each in $unstarted; do
    echo "did not run: $each"
    status=1
done
if [ -n "$skipped" ]; then
    printf 'skipped:\n%s\n' "$skipped"
    if [ "$(id -u)" -eq 0 ]; then
        status=1
    else
        echo "(root alone can set up what these want: they run where root runs the tests)"
    fi
fi
exit $status
