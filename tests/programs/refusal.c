/* SPDX-License-Identifier: Apache-2.0 */
/* The registration that everything is refused in the middle of. */
#include "tests/programs/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/programs/snapshot.h"

char refusal_place[RIG_PATH + 16];
char refusal_path[RIG_PATH + 64];

/* A registration that was cut short: its key is on the token. */
int
refusal_start(void **state)
{
    (void)rig_case_start_one(state);
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, "");
    assert_int_equal(rig_count_keys(&rig), 1);
    snprintf(refusal_place, sizeof refusal_place, "%s/it's here",
             rig.directory);
    snprintf(refusal_path, sizeof refusal_path, "%s/lab1.VaultCredentials",
             refusal_place);
    return 0;
}

int
refusal_stop(void **state)
{
    fixture_file_end();
    return rig_case_stop(state);
}

void
refusal_write(const struct fixture_bytes *content)
{
    int fd = open(refusal_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content->bytes, content->length),
                     content->length);
    assert_int_equal(close(fd), 0);
}

void
refusal_make_place(void)
{
    assert_int_equal(mkdir(refusal_place, 0700), 0);
}

void
refusal_remove_place(void)
{
    static struct rig_run removal;
    const char *argv[] = {"/bin/rm", "-rf", refusal_place, NULL};

    rig_run(&removal, argv);
    rig_expect(&removal, 0, "");
}

void
refusal_expect_line(const char *name, int status, const char *says)
{
    const char *end = strchr(run.err, '\n');

    if (run.status != status || strstr(run.err, says) == NULL || end == NULL ||
        end[1] != '\0' || strncmp(run.err, "holdfast: ", 10) != 0 ||
        strstr(run.err, "; ") == NULL)
        fail_msg(
            "%s: ended with %d instead of %d, or did not say \"%s\" in one "
            "line\n%s",
            name, run.status, status, says, run.err);
}

void
refusal_expect(const char *name, const char *path, int status, const char *says)
{
    char *before = snapshot_take(rig.directory);
    char *after;

    rig_holdfast(&rig, &run, "show", path, NULL);
    refusal_expect_line(name, status, says);
    rig_register(&rig, &run, path);
    refusal_expect_line(name, status, says);
    after = snapshot_take(rig.directory);
    if (strcmp(before, after) != 0)
        fail_msg("%s: something has changed\n%s\n%s", name, before, after);
    free(before);
    free(after);
}

void
registration_goes_on_afterwards(void **state)
{
    (void)state;
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
    rig_download(&rig, "one", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 1);
}
