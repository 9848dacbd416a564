/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/rig_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/rig_data.h"

const char *kind;
struct rig rig;
struct rig_run run;
char file[RIG_PATH];

void
rig_case_begin(int argc, char **argv)
{
    if (argc == 2) {
        kind = argv[1];
        return;
    }
    (void)fprintf(stderr, "usage: %s soft|pkcs11|tpm2\n", argv[0]);
    exit(64);
}

int
rig_case_start(void **state)
{
    (void)state;
    rig_start(&rig, kind);
    return 0;
}

int
rig_case_start_one(void **state)
{
    (void)rig_case_start(state);
    rig_download(&rig, "one", file);
    return 0;
}

int
rig_case_start_several(void **state)
{
    (void)rig_case_start(state);
    rig_download(&rig, "several", file);
    return 0;
}

int
rig_case_start_data(void **state)
{
    (void)rig_case_start(state);
    rig_data_prepare(&rig);
    return 0;
}

int
rig_case_start_backed_up(void **state)
{
    (void)rig_case_start_data(state);
    rig_data_back_up(&rig);
    return 0;
}

int
rig_case_stop(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

const char *
rig_case_inside(const char *name)
{
    static char paths[4][RIG_PATH + 64];
    static size_t next;
    char *ret = paths[next++ % 4];

    snprintf(ret, sizeof paths[0], "%s/%s", rig.directory, name);
    return ret;
}

void
rig_case_write(const char *name, const char *text)
{
    rig_write(rig_case_inside(name), text, strlen(text));
}
