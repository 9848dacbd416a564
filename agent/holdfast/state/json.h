/* SPDX-License-Identifier: Apache-2.0 */
/* The state's strings in its file, where they need not be text. */
#ifndef AGENT_HOLDFAST_STATE_JSON_H
#define AGENT_HOLDFAST_STATE_JSON_H

#include <stdbool.h>

#include <jansson.h>

/* A path is bytes, and JSON is text in UTF-8.  In memory a string of the state
 * is the bytes that were set; in the file one that is no UTF-8 is
 * {"hex": "..."}.  The first makes what goes into the file, which the caller
 * releases, or NULL where memory is short; the second undoes it, in place, and
 * is false where OBJECT has such a value that is none. */
json_t *state_json_encode(json_t *json);
bool state_json_decode(json_t *json);

#endif
