/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing and reading the fields of a message, for agent/ipc/layout.c alone:
 * whoever else did it would have an order of fields of its own.
 *
 * Errors stick: a field that does not fit, or is not there, spoils the message,
 * and msg_send() or msg_complete() says so.
 */
#ifndef AGENT_IPC_MSG_FIELD_H
#define AGENT_IPC_MSG_FIELD_H

#include "agent/ipc/msg.h"

/* Start an empty message of TYPE. */
void msg_begin(struct msg *msg, uint32_t type);

/* Add a field, copied.  One that lies in MSG itself, where it was wiped when
 * the message was begun, spoils it. */
void msg_put_number(struct msg *msg, uint64_t number);
void msg_put_text(struct msg *msg, const char *text);
void msg_put_bytes(struct msg *msg, const uint8_t *bytes, size_t length);

/* Take the next field.  A view into the message lives until it is begun or
 * received again.  What is not there reads as 0, "" or no bytes. */
uint64_t msg_get_number(struct msg *msg);
const char *msg_get_text(struct msg *msg);
const uint8_t *msg_get_bytes(struct msg *msg, size_t *ret_length);

/* A field is not what it must be. */
void msg_spoil(struct msg *msg);

/* Whether all fields that were put fit. */
bool msg_fits(const struct msg *msg);

/* Whether every field asked for was there, and none is left. */
bool msg_complete(const struct msg *msg);

#endif
