/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/programs/hostile_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/programs/snapshot.h"

struct hostile hostile;
static char *before;

/* Trust the vault's issuer and the hostile server's, as if it were one. */
static void
join_issuers(void)
{
    static struct rig_run joining;
    char script[4 * RIG_PATH + 64];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};

    snprintf(script, sizeof script, "cat '%s' '%s' >'%s/both.pem'", rig.ca_file,
             hostile.ca_file, rig.directory);
    rig_run(&joining, argv);
    rig_expect(&joining, 0, "");
    snprintf(rig.ca_file, sizeof rig.ca_file, "%.150s/both.pem", rig.directory);
}

int
hostile_rig_start(void **state)
{
    (void)rig_case_start_one(state);
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    hostile_start(&hostile, rig.directory,
                  (unsigned)strtoul(strchr(rig.host, ':') + 1, NULL, 10));
    join_issuers();
    rig_use_net(&rig, NET_SHORT_LIMITS);
    before = snapshot_take(file);
    return 0;
}

int
hostile_rig_stop(void **state)
{
    free(before);
    hostile_stop(&hostile);
    return rig_case_stop(state);
}

void
hostile_rig_expect_kept(const char *name, size_t keys)
{
    char path[RIG_PATH + 16];
    char *after = snapshot_take(file);

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    if (strcmp(before, after) != 0 || !rig_exists(path) ||
        rig_count_keys(&rig) != keys)
        fail_msg("%s: not as before, or not with %zu keys\n%s%s", name, keys,
                 before, after);
    free(after);
}

void
hostile_rig_expect(const char *name, int status, const char *says, size_t keys)
{
    const char *end;

    rig_register(&rig, &run, file);
    end = strchr(run.err, '\n');
    if (run.status != status || strstr(run.err, says) == NULL || end == NULL ||
        end[1] != '\0')
        fail_msg("%s: ended with %d instead of %d, or did not say \"%s\" in "
                 "one line\n%s",
                 name, run.status, status, says, run.err);
    hostile_rig_expect_kept(name, keys);
    hostile_reset(&hostile);
}

void
hostile_rig_expect_registration(void)
{
    hostile_stop(&hostile);
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
    hostile_start(&hostile, rig.directory, 0);
}
