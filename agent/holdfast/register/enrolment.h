/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate a vault sends for the machine key, and whether it is ours.
 */
#ifndef AGENT_HOLDFAST_REGISTER_ENROLMENT_H
#define AGENT_HOLDFAST_REGISTER_ENROLMENT_H

#include <time.h>

#include <openssl/x509.h>

#include "keystore/base/err.h"

#define ENROLMENT_UUID_MAX 37

/* A certificate that would do; all borrowed.  Where the authorities come from
 * is the caller's to judge. */
struct enrolment {
    EVP_PKEY *public;
    STACK_OF(X509) * authorities;
    const char *vault;
    time_t now;
};

/* Check CERTIFICATE: it holds the public key, chains to one of the authorities
 * (RFC 5280, 6), says that it is for TLS clients (extended key usage
 * clientAuth), is no CA, is in date now, names the vault (subject OU) and one
 * machine (subjectAltName URI urn:uuid:..., RFC 9562), whose UUID goes into
 * RET.  KS_ERR_VAULT_FOREIGN says what is wrong. */
ERR_MUST_USE enum ks_err enrolment_check(X509 *certificate,
                                         const struct enrolment *wanted,
                                         char ret[static ENROLMENT_UUID_MAX],
                                         struct err_cause *cause);

#endif
