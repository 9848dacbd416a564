/* SPDX-License-Identifier: Apache-2.0 */
/* The signatures of the keyless provider, as a table for OpenSSL
 * (provider-signature(7)). */
#ifndef AGENT_NET_KEYLESS_SIGNATURE_H
#define AGENT_NET_KEYLESS_SIGNATURE_H

#include <openssl/core.h>

extern const OSSL_ALGORITHM keyless_signatures[];

#endif
