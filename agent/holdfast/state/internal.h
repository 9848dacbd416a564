/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state as its own files see it.  Only state.c and given.c include
 * this: nobody else has business with the JSON.
 */
#ifndef AGENT_HOLDFAST_STATE_INTERNAL_H
#define AGENT_HOLDFAST_STATE_INTERNAL_H

#include <jansson.h>

#include "agent/holdfast/state/state.h"
#include "agent/holdfast/state/file.h"

struct state {
    struct state_file file;
    enum state_phase phase;
    json_t *json;
    bool spoilt; /* something could not be recorded */
};

/* Names of the fields in the JSON. */
const char *state_text_key(enum state_text which);
const char *state_number_key(enum state_number which);

/* Is what is known of OBJECT's members of the kind it must be? */
bool state_has_right_kinds(json_t *object);

/* Is what JSON says of files of earlier attempts what we write? */
bool state_given_is_ours(json_t *json);

#endif
