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

const char *refusal_kind;
struct rig refusal_rig;
struct rig_run refusal_run;
char refusal_place[RIG_PATH + 16];
char refusal_path[RIG_PATH + 64];

/* A registration that was cut short: its key is on the token. */
int
refusal_start(void **state)
{
    char file[RIG_PATH];

    (void)state;
    rig_start(&refusal_rig, refusal_kind);
    rig_download(&refusal_rig, "one", file);
    rig_vaultctl(&refusal_rig, &refusal_run, "stop", NULL, NULL);
    rig_register(&refusal_rig, &refusal_run, file);
    rig_expect(&refusal_run, 69, "");
    assert_int_equal(rig_count_keys(&refusal_rig), 1);
    snprintf(refusal_place, sizeof refusal_place, "%s/it's here",
             refusal_rig.directory);
    snprintf(refusal_path, sizeof refusal_path, "%s/lab1.VaultCredentials",
             refusal_place);
    return 0;
}

int
refusal_stop(void **state)
{
    (void)state;
    fixture_file_end();
    rig_stop(&refusal_rig);
    return 0;
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
    const char *end = strchr(refusal_run.err, '\n');

    if (refusal_run.status != status || strstr(refusal_run.err, says) == NULL ||
        end == NULL || end[1] != '\0' ||
        strncmp(refusal_run.err, "holdfast: ", 10) != 0 ||
        strstr(refusal_run.err, "; ") == NULL)
        fail_msg(
            "%s: ended with %d instead of %d, or did not say \"%s\" in one "
            "line\n%s",
            name, refusal_run.status, status, says, refusal_run.err);
}

void
refusal_expect(const char *name, const char *file, int status, const char *says)
{
    char *before = snapshot_take(refusal_rig.directory);
    char *after;

    rig_holdfast(&refusal_rig, &refusal_run, "show", file, NULL);
    refusal_expect_line(name, status, says);
    rig_register(&refusal_rig, &refusal_run, file);
    refusal_expect_line(name, status, says);
    after = snapshot_take(refusal_rig.directory);
    if (strcmp(before, after) != 0)
        fail_msg("%s: something has changed\n%s\n%s", name, before, after);
    free(before);
    free(after);
}

void
registration_goes_on_afterwards(void **state)
{
    char file[RIG_PATH];

    (void)state;
    rig_vaultctl(&refusal_rig, &refusal_run, "start", NULL, NULL);
    rig_download(&refusal_rig, "one", file);
    rig_register(&refusal_rig, &refusal_run, file);
    rig_expect(&refusal_run, 0, "");
    assert_int_equal(rig_count_keys(&refusal_rig), 1);
}
