/* SPDX-License-Identifier: Apache-2.0 */
/* The issuers that the vault's server is trusted by: what is none is refused
 * before anything is imported, and never replaced by the system's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/capability.h>

#include "tests/programs/untouched.h"

/* Never the system's issuers instead. */
static void
missing_file_of_issuers(void **state)
{
    (void)state;
    snprintf(rig.ca_file, sizeof rig.ca_file, "/nonexistent/ca.pem");
    rig_register(&rig, &run, file);
    untouched_expect(66, "no such file: /nonexistent/ca.pem: No such file", 0);
    rig.ca_file[0] = '\0';
    rig_register(&rig, &run, file);
    untouched_expect(66, "no such file: ", 0);
}

/* Before anything is imported. */
static void
issuers_that_are_none(void **state)
{
    char trusted[RIG_PATH];
    char *good;

    (void)state;
    snprintf(trusted, sizeof trusted, "%s", rig.ca_file);
    snprintf(rig.ca_file, sizeof rig.ca_file, "%s", rig.directory);
    rig_register(&rig, &run, file);
    untouched_expect(66, "not a file of issuers: ", 0);
    snprintf(rig.ca_file, sizeof rig.ca_file, "%.180s/ca.pem", rig.directory);
    assert_int_equal(mkfifo(rig.ca_file, 0600), 0);
    rig_register(&rig, &run, file);
    untouched_expect(66, "ca.pem is no regular file", 0);
    assert_int_equal(unlink(rig.ca_file), 0);
    rig_write(rig.ca_file, "", 0);
    rig_register(&rig, &run, file);
    untouched_expect(66, "ca.pem is no regular file of 1 byte", 0);
    rig_write(rig.ca_file, "-----BEGIN CERTIFICATE-----\n", 28);
    rig_register(&rig, &run, file);
    untouched_expect(66, "ca.pem holds no certificate", 0);
    good = rig_read(trusted, NULL);
    rig_write(rig.ca_file, good, strlen(good));
    free(good);
    assert_int_equal(truncate(rig.ca_file, (4 << 20) + 1), 0);
    rig_register(&rig, &run, file);
    untouched_expect(66, "ca.pem is no regular file of 1 byte to 4 MiB", 0);
}

/* Nor when it is registered: what was recorded is passed over for nothing. */
static void
other_commands_take_no_other_issuers(void **state)
{
    static const char *const none[] = {"", "/dev/null"};

    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    for (size_t i = 0; i < 2; i++) {
        rig_holdfast(&rig, &run, "unregister", "--ca-file", none[i], NULL);
        rig_expect(&run, 66,
                   *none[i] == '\0' ? "no such file: "
                                    : "not a file of issuers: ");
    }
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
}

static void
wrong_issuer_of_the_server(void **state)
{
    (void)state;
    snprintf(rig.ca_file, sizeof rig.ca_file,
             "/etc/ssl/certs/ca-certificates.crt");
    rig_register(&rig, &run, file);
    untouched_expect(69, "could not be authenticated", 1);
}

/* The last test: from then on this process's children may do less, if they are
 * root's. */
static void
issuers_that_may_not_be_read(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        assert_int_equal(prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0), 0);
        assert_int_equal(prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0),
                         0);
    }
    snprintf(rig.ca_file, sizeof rig.ca_file, "%.180s/ca.pem", rig.directory);
    rig_write(rig.ca_file, "", 0);
    assert_int_equal(chmod(rig.ca_file, 0), 0);
    rig_register(&rig, &run, file);
    untouched_expect(77, "permission denied: ", 0);
    assert_non_null(strstr(run.err, "ca.pem: Permission denied"));
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        UNTOUCHED(missing_file_of_issuers),
        UNTOUCHED(issuers_that_are_none),
        UNTOUCHED(other_commands_take_no_other_issuers),
        UNTOUCHED(wrong_issuer_of_the_server),
        UNTOUCHED(issuers_that_may_not_be_read),
    };

    return rig_case_main(argc, argv, tests);
}
