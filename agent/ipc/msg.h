/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between the programs: a type and typed fields in one datagram of a
 * SOCK_SEQPACKET socket, so that a message arrives whole or not at all.
 *
 * Errors stick: a field that does not fit, or is not there, spoils the message,
 * and msg_send() or msg_complete() says so.  The peer is not trusted.
 */
#ifndef AGENT_IPC_MSG_H
#define AGENT_IPC_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "keystore/base/err.h"

#define MSG_BODY_MAX (48 * 1024)

struct msg;

/* NULL where memory is short.  msg_free() wipes; NULL is fine. */
struct msg *msg_new(void);
void msg_free(struct msg **msg);

/* Start an empty message of TYPE. */
void msg_begin(struct msg *msg, uint32_t type);

void msg_put_number(struct msg *msg, uint64_t number);
void msg_put_text(struct msg *msg, const char *text);
void msg_put_bytes(struct msg *msg, const uint8_t *bytes, size_t length);
void msg_put_certificate(struct msg *msg, X509 *certificate); /* its DER */

uint32_t msg_type(const struct msg *msg);

/* Take the next field.  A view into the message lives until it is begun or
 * received again.  What is not there reads as 0, "" or no bytes. */
uint64_t msg_get_number(struct msg *msg);
const char *msg_get_text(struct msg *msg);
const uint8_t *msg_get_bytes(struct msg *msg, size_t *ret_length);

/* The next field's text into RET of SIZE bytes, cut where it is too long and
 * with what is not printable replaced: it may come from a token's own software.
 */
void msg_copy_text(struct msg *msg, char *ret, size_t size);

/* The next field into an array of exactly LENGTH bytes. */
void msg_get_array(struct msg *msg, uint8_t *array, size_t length);

/* Whether every field asked for was there, and none is left. */
bool msg_complete(const struct msg *msg);

/* Send.  A spoilt message is KS_ERR_INTERNAL, a peer that is gone
 * KS_ERR_HELPER. */
ERR_MUST_USE enum ks_err msg_send(int channel, struct msg *msg,
                                  struct err_cause *cause);

/* Receive within TIMEOUT milliseconds (-1: no limit).  *RET_EOF is true, and
 * MSG is of type 0, where the peer has closed.  Too long, malformed or too late
 * is KS_ERR_HELPER. */
ERR_MUST_USE enum ks_err msg_receive(int channel, struct msg *msg, int timeout,
                                     bool *ret_eof, struct err_cause *cause);

/* For a request, and for PROGRAM's answer, that is not as agent/ipc/channel.h
 * has it: KS_ERR_INTERNAL and KS_ERR_HELPER. */
enum ks_err msg_malformed_request(struct err_cause *cause);
enum ks_err msg_malformed_answer(const char *program, struct err_cause *cause);

#endif
