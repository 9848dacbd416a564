/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/programs/untouched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

static char *before;

void
untouched_download(void)
{
    rig_download(&rig, "one", file);
    free(before);
    before = rig_read(file, NULL);
}

int
untouched_start(void **state)
{
    (void)rig_case_start(state);
    untouched_download();
    return 0;
}

int
untouched_stop(void **state)
{
    free(before);
    before = NULL;
    return rig_case_stop(state);
}

void
untouched_expect(int status, const char *says, size_t keys)
{
    char *after = rig_read(file, NULL);

    rig_expect(&run, status, says);
    assert_string_equal(after, before);
    assert_int_equal(rig_count_keys(&rig), keys);
    free(after);
}
