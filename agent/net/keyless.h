/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys without a private half: an OpenSSL provider, built in, whose signatures
 * somebody else makes: three schemes of TLS 1.3 and no other.  What is signed
 * is the signer's to judge; it gets the whole content.
 */
#ifndef AGENT_NET_KEYLESS_H
#define AGENT_NET_KEYLESS_H

#include <openssl/types.h>

#include "agent/net/keyless_signer.h"
#include "keystore/base/err.h"

/* The one TLS scheme that a key like PUBLIC can sign with, for
 * SSL_CTX_set1_client_sigalgs_list(3); NULL: none. */
const char *keyless_scheme(EVP_PKEY *public);

/* Load the provider into the default library context, behind OpenSSL's own: all
 * else is still done there.  Once a process, before the first key. */
ERR_MUST_USE enum ks_err keyless_init(struct err_cause *cause);

/* A key whose public half is PUBLIC (RSA or EC) and whose signatures SIGNER
 * makes.  CONTEXT must live as long as the key.  The caller frees *RET. */
ERR_MUST_USE enum ks_err keyless_key(EVP_PKEY *public, keyless_signer *signer,
                                     void *context, EVP_PKEY **ret,
                                     struct err_cause *cause);

#endif
