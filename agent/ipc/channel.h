/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A channel carries a permission: to ask for the messages that
 * agent/ipc/channel_message.h has for it.  Each request is answered by exactly
 * one CHANNEL_DONE, or CHANNEL_FAILED.  Anything else, and EOF, ends the
 * helper.
 */
#ifndef AGENT_IPC_CHANNEL_H
#define AGENT_IPC_CHANNEL_H

#include "agent/ipc/channel_message.h"
#include "agent/ipc/msg.h"

/* Receive the answer to a request sent with msg_send(), into MSG.
 * CHANNEL_FAILED comes back as the peer's error and cause (escaped). */
ERR_MUST_USE enum ks_err channel_answer(int channel, struct msg *msg,
                                        int timeout, struct err_cause *cause);

/* Send the request in MSG and receive its answer into the same MSG. */
ERR_MUST_USE enum ks_err channel_call(int channel, struct msg *msg, int timeout,
                                      struct err_cause *cause);

/* A helper's side: handle requests until the peer closes.  HANDLE gets the
 * request in MSG and leaves its answer there; an error it returns is sent as
 * CHANNEL_FAILED, and so is an answer that does not fit its layout.  Returns at
 * EOF or on a broken channel. */
typedef enum ks_err channel_handler(void *context, struct msg *msg,
                                    struct err_cause *cause);
void channel_serve(int channel, channel_handler *handle, void *context);

/* The same for one request that has arrived on CHANNEL; false at the end. */
bool channel_serve_one(int channel, struct msg *msg, channel_handler *handle,
                       void *context);

/* For a helper that cannot start its work: channel_serve() that answers every
 * request with the reason.  One that went unread would take the answer to the
 * one before with it. */
void channel_refuse(int channel, enum ks_err err, struct err_cause *cause);

/* Whether the helper was given the descriptor FD. */
bool channel_has(enum channel_fd fd);

/* The largest file of issuers, in bytes. */
#define NET_ISSUERS_MAX (4 * 1024 * 1024)

/* The same of revocation lists, some 680,000 certificates: a second and 160 MiB
 * of memory to read. */
#define NET_CRLS_MAX (16 * 1024 * 1024)

/* Longest PIN, in bytes. */
#define PIN_MAX 256

#endif
