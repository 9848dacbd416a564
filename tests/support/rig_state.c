/* SPDX-License-Identifier: Apache-2.0 */
/* Holdfast's own reader would take only what it has written itself. */
#include "tests/support/rig_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static const char *
path_of(const struct rig *rig, char ret[static RIG_PATH + 16])
{
    (void)snprintf(ret, RIG_PATH + 16, "%s/state.json", rig->state);
    return ret;
}

json_t *
rig_state_load(const struct rig *rig)
{
    char path[RIG_PATH + 16];
    json_t *state = json_load_file(path_of(rig, path), 0, NULL);

    assert_non_null(state);
    return state;
}

void
rig_state_expect(const struct rig *rig, const char *key, const char *says)
{
    json_t *state = rig_state_load(rig);
    const char *text = json_string_value(json_object_get(state, key));

    if (strcmp(text != NULL ? text : "", says) != 0)
        fail_msg("%s is %s, not %s", key, text != NULL ? text : "not there",
                 says);
    json_decref(state);
}

void
rig_state_set(const struct rig *rig, const char *key, const char *value)
{
    char path[RIG_PATH + 16];
    json_t *state = rig_state_load(rig);

    assert_int_equal(value != NULL
                         ? json_object_set_new(state, key, json_string(value))
                         : json_object_del(state, key),
                     0);
    assert_int_equal(json_dump_file(state, path_of(rig, path), 0), 0);
    json_decref(state);
}
