/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evidence file: all that the vault has of a machine's attestation, what it
 * made of that, and the same once more as strangers' verifiers want it.  Each
 * member is described in docs/attestation.md, "The evidence file".
 */
#ifndef VAULT_ATTESTATION_ENVELOPE_H
#define VAULT_ATTESTATION_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <openssl/types.h>

#include "tests/vault/attestation/verifier.h"

#define ENVELOPE_FORMAT "holdfast-evidence"
/* Grows when a member changes its meaning; a new member does not change it. */
#define ENVELOPE_VERSION 1

/* All borrowed. */
struct envelope_plan {
    const char *machine; /* its UUID at the vault */
    int64_t time;        /* of the verdict, UTC seconds */
    /* The verdict, in the words of docs/attestation.md. */
    const char *origin, *proof;
    bool emulated;
    enum attestation_trusted trusted;
    /* As they came, and as attestation_check() has found them good. */
    const json_t *offer, *evidence;
    /* What they were compared with; its secret does not get into the file. */
    const struct attestation_expected *expected;
    EVP_PKEY *machine_key;
    /* The AK's certificate (ak_certificate.h) and who signed it; NULL where the
     * vault gave it none, and the file has no WebAuthn registration then. */
    X509 *ak_certificate, *authority;
};

/* The file's JSON, indented, with a newline at its end; for free().  NULL where
 * memory or OpenSSL fails, or where the evidence is not what
 * attestation_check() accepts. */
char *envelope_make(const struct envelope_plan *plan);

#endif
