/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages with their fields: from one list each (agent/ipc/layout_field.h)
 * come struct, writing and reading on both sides, so that neither can have an
 * order of its own.
 */
#ifndef AGENT_IPC_LAYOUT_H
#define AGENT_IPC_LAYOUT_H

#include <openssl/x509.h>

#include "agent/ipc/channel_message.h"
#include "agent/ipc/layout_field.h"
#include "agent/ipc/msg.h"

/* X(name, LIST): what stands in a ROWS. */
#define LAYOUT_ROWS(X)                                                         \
    X(field, FIELD)                                                            \
    X(authority, AUTHORITY)                                                    \
    X(intermediate, INTERMEDIATE)                                              \
    X(endorsement, ENDORSEMENT)                                                \
    X(token, TOKEN)

/* X(name, MESSAGE): those with fields; of the others layout_bare_put(). */
#define LAYOUT_REQUESTS(X)                                                     \
    X(channel_failed, CHANNEL_FAILED)                                          \
    X(token_resolve, TOKEN_RESOLVE)                                            \
    X(token_look, TOKEN_LOOK)                                                  \
    X(token_endorsement, TOKEN_ENDORSEMENT)                                    \
    X(token_read_pin, TOKEN_READ_PIN)                                          \
    X(token_read_passphrase, TOKEN_READ_PASSPHRASE)                            \
    X(token_open, TOKEN_OPEN)                                                  \
    X(token_import, TOKEN_IMPORT)                                              \
    X(token_bind_credential, TOKEN_BIND_CREDENTIAL)                            \
    X(token_bind_machine, TOKEN_BIND_MACHINE)                                  \
    X(token_plan, TOKEN_PLAN)                                                  \
    X(token_prove, TOKEN_PROVE)                                                \
    X(token_generate, TOKEN_GENERATE)                                          \
    X(token_attest, TOKEN_ATTEST)                                              \
    X(token_evidence, TOKEN_EVIDENCE)                                          \
    X(token_enrol, TOKEN_ENROL)                                                \
    X(token_receipt, TOKEN_RECEIPT)                                            \
    X(token_remove, TOKEN_REMOVE)                                              \
    X(sign_handshake, SIGN_HANDSHAKE)                                          \
    X(sign_assertion, SIGN_ASSERTION)                                          \
    X(net_connect, NET_CONNECT)                                                \
    X(net_nonce, NET_NONCE)                                                    \
    X(net_evidence, NET_EVIDENCE)                                              \
    X(net_enrol, NET_ENROL)                                                    \
    X(inspect_list, INSPECT_LIST)

/* X(name, LIST, program): PROGRAM sends it; an answer without fields is
 * layout_done_put()'s. */
#define LAYOUT_ANSWERS(X)                                                      \
    X(credential_parse_answer, CREDENTIAL_PARSE_ANSWER, "holdfast-credential") \
    X(credential_digest_answer, CREDENTIAL_DIGEST_ANSWER,                      \
      "holdfast-credential")                                                   \
    X(token_resolve_answer, TOKEN_RESOLVE_ANSWER, "holdfast-token")            \
    X(token_look_answer, TOKEN_LOOK_ANSWER, "holdfast-token")                  \
    X(token_endorsement_answer, TOKEN_ENDORSEMENT_ANSWER, "holdfast-token")    \
    X(token_open_answer, TOKEN_OPEN_ANSWER, "holdfast-token")                  \
    X(token_import_answer, TOKEN_IMPORT_ANSWER, "holdfast-token")              \
    X(token_prove_answer, TOKEN_PROVE_ANSWER, "holdfast-token")                \
    X(token_generate_answer, TOKEN_GENERATE_ANSWER, "holdfast-token")          \
    X(token_request_answer, TOKEN_REQUEST_ANSWER, "holdfast-token")            \
    X(token_attest_answer, TOKEN_ATTEST_ANSWER, "holdfast-token")              \
    X(token_evidence_answer, TOKEN_EVIDENCE_ANSWER, "holdfast-token")          \
    X(token_enrol_answer, TOKEN_ENROL_ANSWER, "holdfast-token")                \
    X(token_receipt_answer, TOKEN_RECEIPT_ANSWER, "holdfast-token")            \
    X(sign_handshake_answer, SIGN_HANDSHAKE_ANSWER, "holdfast-token")          \
    X(sign_assertion_answer, SIGN_ASSERTION_ANSWER, "holdfast-token")          \
    X(net_nonce_answer, NET_NONCE_ANSWER, "holdfast-net")                      \
    X(net_evidence_answer, NET_EVIDENCE_ANSWER, "holdfast-net")                \
    X(net_authorities_answer, NET_AUTHORITIES_ANSWER, "holdfast-net")          \
    X(net_enrol_answer, NET_ENROL_ANSWER, "holdfast-net")                      \
    X(net_self_answer, NET_SELF_ANSWER, "holdfast-net")                        \
    X(inspect_list_answer, INSPECT_LIST_ANSWER, "holdfast-inspect")

struct layout_bytes {
    const uint8_t *at;
    size_t length;
};

#define LAYOUT_MEMBER(kind, name, limit) LAYOUT_MEMBER_##kind(name, limit)
#define LAYOUT_MEMBER_NUMBER(name, limit) uint32_t name;
#define LAYOUT_MEMBER_TIME(name, limit) uint64_t name;
#define LAYOUT_MEMBER_FLAG(name, limit) bool name;
#define LAYOUT_MEMBER_TEXT(name, limit) const char *name;
#define LAYOUT_MEMBER_BYTES(name, limit) struct layout_bytes name;
#define LAYOUT_MEMBER_ARRAY(name, limit) const uint8_t *name;
#define LAYOUT_MEMBER_CERTIFICATE(name, limit) X509 *name;
#define LAYOUT_MEMBER_ROWS(name, limit)                                        \
    size_t name##_count;                                                       \
    struct layout_##name name[limit];

/* For each message struct layout_NAME and two functions.  _put() begins MSG
 * with the message; what VALUE points to is borrowed and not in MSG.  False:
 * something is over its limit, and msg_send() fails.  _take() reads MSG to its
 * end; what VALUE points to is in MSG, wiped when MSG is begun, received into
 * or freed, but for certificates.  Where MSG is another message, or not as it
 * must be, nothing is taken: msg_malformed_request(), or _answer() of PROGRAM.
 */
#define LAYOUT_STRUCT(name, list)                                              \
    struct layout_##name {                                                     \
        LAYOUT_##list(LAYOUT_MEMBER)                                           \
    };
#define LAYOUT_DECLARE(name, list)                                             \
    LAYOUT_STRUCT(name, list)                                                  \
    bool layout_##name##_put(struct msg *msg,                                  \
                             const struct layout_##name *value);               \
    ERR_MUST_USE enum ks_err layout_##name##_take(struct msg *msg,             \
                                                  struct layout_##name *value, \
                                                  struct err_cause *cause);
#define LAYOUT_DECLARE_ANSWER(name, list, program) LAYOUT_DECLARE(name, list)
LAYOUT_ROWS(LAYOUT_STRUCT)
LAYOUT_REQUESTS(LAYOUT_DECLARE)
LAYOUT_ANSWERS(LAYOUT_DECLARE_ANSWER)

/* Put the message NAME, whose fields follow: by name where two neighbours are
 * of one kind. */
#define LAYOUT_PUT(msg, name, ...)                                             \
    layout_##name##_put(msg, &(struct layout_##name){__VA_ARGS__})

/* A request, and an answer, without fields. */
void layout_bare_put(struct msg *msg, enum channel_message type);
ERR_MUST_USE enum ks_err layout_bare_take(struct msg *msg,
                                          struct err_cause *cause);
void layout_done_put(struct msg *msg);
ERR_MUST_USE enum ks_err layout_done_take(struct msg *msg, const char *program,
                                          struct err_cause *cause);

/* A text that was taken into RET of SIZE bytes, cut where it is too long and
 * with what is not printable replaced: it may come from a token's own software.
 */
void layout_copy(const char *text, char *ret, size_t size);

/* For LAYOUT_...(LAYOUT_KEPT): members that keep what was taken, each text with
 * room for the longest.  LAYOUT_KEEP copies those of FROM into TO's of the same
 * names; LAYOUT_GIVE, within LAYOUT_PUT(), takes them from FROM. */
#define LAYOUT_KEPT(kind, name, limit) LAYOUT_KEPT_##kind(name, limit)
#define LAYOUT_KEPT_NUMBER(name, limit) uint32_t name;
#define LAYOUT_KEPT_FLAG(name, limit) bool name;
#define LAYOUT_KEPT_TEXT(name, limit) char name[(limit) + 1];
#define LAYOUT_KEEP(kind, name, limit) LAYOUT_KEEP_##kind(name)
#define LAYOUT_KEEP_NUMBER(name) to->name = from->name;
#define LAYOUT_KEEP_FLAG(name) to->name = from->name;
#define LAYOUT_KEEP_TEXT(name)                                                 \
    layout_copy(from->name, to->name, sizeof to->name);
#define LAYOUT_GIVE(kind, name, limit) .name = from->name,

#endif
