/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that may have issued an EK certificate. */
#ifndef VAULT_ATTESTATION_EK_ROOTS_H
#define VAULT_ATTESTATION_EK_ROOTS_H

#include <stdbool.h>

#include <openssl/x509.h>

/* The certificates of all files NAME.pem in DIRECTORY, which may be NULL or not
 * exist: none then.  For sk_X509_pop_free(); NULL where a file cannot be read
 * or has no certificate. */
STACK_OF(X509) * ek_roots_read(const char *directory);

#endif
