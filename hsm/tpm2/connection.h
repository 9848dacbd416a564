/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to a TPM: ESYS over one of the transports of hsm/tpm2/uri.h,
 * and whether it still stands.  Inside hsm/tpm2 only.
 */
#ifndef HSM_TPM2_CONNECTION_H
#define HSM_TPM2_CONNECTION_H

#include <stdbool.h>

#include <tss2/tss2_esys.h>

#include "hsm/tpm2/property.h"
#include "hsm/tpm2/uri.h"

struct tpm2_connection {
    struct tpm2_uri uri;
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
    size_t nv_piece; /* the most bytes of NV that one command reads */
    bool gone;       /* broken, or the TPM lost what we had behind it */
};

/* Connect to what URI names and ask the TPM what it is, nothing more.  The
 * caller closes *RET.
 * KS_ERR_TOKEN_URI, KS_ERR_PERMISSION; KS_ERR_TOKEN_MISSING: no TPM answers
 * there, or the TSS's library for that transport is not installed. */
ERR_MUST_USE enum ks_err
tpm2_connection_open(const char *uri, struct tpm2_connection *ret,
                     struct tpm2_property *ret_property,
                     struct err_cause *cause);

/* A new connection to the same place, in which nothing of the old one is left.
 * KS_ERR_TOKEN_MISSING: none is to be had now. */
ERR_MUST_USE enum ks_err tpm2_connection_renew(struct tpm2_connection *tpm,
                                               struct err_cause *cause);

/* Closed already is fine. */
void tpm2_connection_close(struct tpm2_connection *tpm);

/* As tpm2_rc_set(), and TPM is gone where RC says so. */
enum ks_err tpm2_connection_fail(struct tpm2_connection *tpm,
                                 struct err_cause *cause, TSS2_RC rc,
                                 const char *call);

#endif
