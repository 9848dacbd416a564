/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between the programs: a type and typed fields in one datagram of a
 * SOCK_SEQPACKET socket, so that a message arrives whole or not at all.  The
 * fields are those of agent/ipc/layout.h.  The peer is not trusted.
 */
#ifndef AGENT_IPC_MSG_H
#define AGENT_IPC_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keystore/base/err.h"

#define MSG_BODY_MAX (48 * 1024)

struct msg;

/* NULL where memory is short.  msg_free() wipes; NULL is fine. */
struct msg *msg_new(void);
void msg_free(struct msg **msg);

uint32_t msg_type(const struct msg *msg);

/* Have TO hold what FROM does, whose fields are to be read again. */
void msg_copy(struct msg *to, const struct msg *from);

/* Send.  A spoilt message is KS_ERR_INTERNAL, a peer that is gone
 * KS_ERR_HELPER. */
ERR_MUST_USE enum ks_err msg_send(int channel, struct msg *msg,
                                  struct err_cause *cause);

/* Receive within TIMEOUT milliseconds (-1: no limit).  *RET_EOF is true, and
 * MSG is of type 0, where the peer has closed.  Too long, malformed or too late
 * is KS_ERR_HELPER. */
ERR_MUST_USE enum ks_err msg_receive(int channel, struct msg *msg, int timeout,
                                     bool *ret_eof, struct err_cause *cause);

/* For a request, and for PROGRAM's answer, that is not as agent/ipc/layout.h
 * has it: KS_ERR_INTERNAL and KS_ERR_HELPER. */
enum ks_err msg_malformed_request(struct err_cause *cause);
enum ks_err msg_malformed_answer(const char *program, struct err_cause *cause);

#endif
