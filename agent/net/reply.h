/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's replies read: JSON, errors (RFC 6749, 5.2) and the certificates
 * of EST (RFC 7030).  All of it is a stranger's text.
 */
#ifndef AGENT_NET_REPLY_H
#define AGENT_NET_REPLY_H

#include <stdbool.h>

#include <jansson.h>
#include <openssl/x509.h>

#include "agent/net/http_call.h"

/* A reply of status EXPECTED is KS_OK.  A client error (4xx) is
 * KS_ERR_VAULT_REFUSED with the vault's own sentence, or, by how that begins,
 * KS_ERR_VAULT_CREDENTIAL, _CLOCK, _POLICY, _EVIDENCE or _DUPLICATE, or
 * KS_ERR_MACHINE_ENDED; a failure
 * (5xx, or http_is_temporary()) is KS_ERR_VAULT_FAILED, 507 KS_ERR_VAULT_FULL,
 * anything else KS_ERR_NET_REPLY.  STEP says what was asked. */
ERR_MUST_USE enum ks_err vault_reply_status(const struct http_reply *reply,
                                            long expected, const char *step,
                                            struct err_cause *cause);

/* Does an error reply's sentence begin with this? */
bool vault_reply_begins(const struct http_reply *reply, const char *begins);

/* The reply as a JSON object without duplicate names.  The caller releases
 * *RET. */
ERR_MUST_USE enum ks_err vault_reply_json(const struct http_reply *reply,
                                          json_t **ret,
                                          struct err_cause *cause);

/* The string NAME of OBJECT, 1 to MOST bytes of printable UTF-8; NULL where it
 * is none.  OBJECT's. */
const char *vault_reply_text(const json_t *object, const char *name,
                             size_t most);

/* The certificates of a base64 certs-only PKCS #7 (RFC 7030, 4.1.3; RFC 8951):
 * at least one.  The caller frees *RET. */
ERR_MUST_USE enum ks_err
vault_reply_certificates(const struct http_reply *reply, STACK_OF(X509) * *ret,
                         struct err_cause *cause);

/* Send REQUEST and take a JSON object from a reply of status EXPECTED. */
ERR_MUST_USE enum ks_err vault_reply_call(struct http *http,
                                          const struct http_request *request,
                                          long expected, const char *step,
                                          json_t **ret,
                                          struct err_cause *cause);

#endif
