/* SPDX-License-Identifier: Apache-2.0 */
/* Public certificates and keys as text (RFC 7468), for the state. */
#ifndef AGENT_HOLDFAST_STATE_PEM_H
#define AGENT_HOLDFAST_STATE_PEM_H

#include <openssl/x509.h>

#include "agent/holdfast/state/state.h"

/* Record; failing memory shows in state_save(). */
void pem_put_certificate(struct state *state, enum state_text which,
                         X509 *certificate);
void pem_put_public(struct state *state, enum state_text which,
                    EVP_PKEY *public);

/* Take what is recorded; NULL where there is none or it is damaged.  The caller
 * frees it. */
X509 *pem_certificate(const struct state *state, enum state_text which);
EVP_PKEY *pem_public(const struct state *state, enum state_text which);

/* The same as DER of *RET_LENGTH bytes for who decodes it there, which takes
 * OpenSSL two milliseconds; only what it is called is looked at here.  The
 * caller frees it with OPENSSL_free(). */
unsigned char *pem_certificate_der(const struct state *state,
                                   enum state_text which, size_t *ret_length);
unsigned char *pem_public_der(const struct state *state, enum state_text which,
                              size_t *ret_length);

#endif
