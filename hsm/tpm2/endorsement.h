/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The endorsement keys (EK) of a TPM: primary keys of the endorsement
 * hierarchy, made by the templates of the TCG EK Credential Profile, for which
 * the TPM's maker has put certificates into NV.
 */
#ifndef HSM_TPM2_ENDORSEMENT_H
#define HSM_TPM2_ENDORSEMENT_H

#include "hsm/tpm2/connection.h"
#include "hsm/tpm2/endorsement_template.h"
#include "hsm/tpm2/nv.h"
#include "hsm/tpm2/slots.h"
#include "keystore/store/evidence.h"

struct tpm2_endorsement {
    enum tpm2_endorsement_kind kind;
    struct tpm2_slot slot;
    TPM2B_PUBLIC public;
    bool made; /* it does not stand at its handle */
};

/* The certificate that LIST has for the key of KIND, into RET; of length 0
 * where there is none.  Errors as of tpm2_nv_read(). */
ERR_MUST_USE enum ks_err tpm2_endorsement_read_certificate(
    struct tpm2_connection *tpm, enum tpm2_endorsement_kind kind,
    const struct tpm2_nv_list *list, struct evidence_endorsement *ret,
    struct err_cause *cause);

/* The kind to prove things by: the first with a certificate, which comes into
 * RET, or, where none has one, RSA. */
ERR_MUST_USE enum ks_err tpm2_endorsement_choose(
    struct tpm2_connection *tpm, const struct tpm2_nv_list *list,
    enum tpm2_endorsement_kind *ret_kind, struct evidence_endorsement *ret,
    struct err_cause *cause);

/* Will the endorsement hierarchy let its keys be used?  A password of it would
 * show only when the challenge has come.  KS_ERR_TOKEN_UNSUPPORTED: it has one.
 */
ERR_MUST_USE enum ks_err tpm2_endorsement_check(struct tpm2_connection *tpm,
                                                struct err_cause *cause);

/* The key of RET->kind into *RET as it stands at its handle: it takes a slot
 * only while a command uses it.  None there, or another, also by the
 * certificate in SAID, leaves the slot of *RET empty, and for good: nothing is
 * looked for again.  SAID may be NULL.  The caller gives it back. */
ERR_MUST_USE enum ks_err
tpm2_endorsement_find(struct tpm2_connection *tpm, struct tpm2_endorsement *ret,
                      const struct evidence_endorsement *said,
                      struct err_cause *cause);

/* Have the TPM make the key of RET->kind, into a slot, which the caller gives
 * back.  KS_ERR_TOKEN_UNSUPPORTED: the endorsement hierarchy has a password, or
 * is switched off, or the TPM makes no such keys. */
ERR_MUST_USE enum ks_err tpm2_endorsement_make(struct tpm2_connection *tpm,
                                               struct tpm2_endorsement *ret,
                                               struct err_cause *cause);

/* Does OBJECT have the public area of one of these keys? */
bool tpm2_endorsement_is(ESYS_CONTEXT *esys, ESYS_TR object);

/* EK itself into RET: all but the certificate. */
ERR_MUST_USE enum ks_err
tpm2_endorsement_describe(const struct tpm2_endorsement *ek,
                          struct evidence_endorsement *ret,
                          struct err_cause *cause);

/* Start a policy session that lets the key of KIND be used, and keeps what the
 * TPM answers off the bus: SALT is the storage root key.  The caller flushes
 * *RET, which ends by itself with the first command that it authorises.
 * KS_ERR_TOKEN_UNSUPPORTED: the endorsement hierarchy has a password. */
ERR_MUST_USE enum ks_err
tpm2_endorsement_authorise(struct tpm2_connection *tpm, ESYS_TR salt,
                           enum tpm2_endorsement_kind kind, ESYS_TR *ret,
                           struct err_cause *cause);

#endif
