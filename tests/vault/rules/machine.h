/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine's key and the two containers of enrolment: PKCS#10 out, certs-only
 * PKCS#7 back.
 */
#ifndef TESTS_VAULT_RULES_MACHINE_H
#define TESTS_VAULT_RULES_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

/* KIND: "P-256", "P-384", or "RSA-" and the bits. */
EVP_PKEY *machine_new_key(const char *kind);

/* A certificate request, base64; MACHINE_DAMAGED flips a bit of its signature,
 * MACHINE_WRAPPED breaks its lines. */
enum machine_request { MACHINE_PLAIN, MACHINE_DAMAGED, MACHINE_WRAPPED };
const char *machine_request(EVP_PKEY *key, enum machine_request how);

/* The one certificate in base64 of a certs-only PKCS#7; anything else fails
 * the test. */
X509 *machine_certificate(const char *base64);

/* The machine's UUID, from the certificate's common name. */
const char *machine_uuid(X509 *certificate);

/* One attribute of the subject, which must be there exactly once. */
const char *machine_subject(X509 *certificate, int nid);

const char *machine_thumbprint_hex(X509 *certificate);
const char *machine_hex(const uint8_t *data, size_t length);

/* notBefore and notAfter as seconds. */
long machine_time(const ASN1_TIME *when);

#endif
