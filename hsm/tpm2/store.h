/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open TPM: the connection, its verified storage root key, the one session
 * that all commands with secrets use, and where keys are: the slots, and the
 * directory of key files.  Inside hsm/tpm2 only.
 */
#ifndef HSM_TPM2_STORE_H
#define HSM_TPM2_STORE_H

#include "hsm/tpm2/attestation_key.h"
#include "hsm/tpm2/endorsement.h"
#include "keystore/store/backend.h"

struct tpm2_store {
    struct keystore store; /* first: the dispatcher's part */
    struct tpm2_connection tpm;
    struct tpm2_srk srk;
    ESYS_TR session; /* ESYS_TR_NONE until it is wanted */
    struct tpm2_slots slots;
    struct tpm2_endorsement ek;     /* of the last offer of evidence, */
    struct tpm2_attestation_key ak; /* without a Name where there is none */
    int keys;                       /* directory of the key files */
    struct secret *pin;   /* authorises keys instead of a machine-made value */
    TPM2B_NAME discarded; /* of the last key taken back: it may be loaded yet */
};

/* As keystore_open(), but that the PIN is held against no key. */
ERR_MUST_USE enum ks_err tpm2_store_open(const struct keystore_config *config,
                                         struct tpm2_store **ret,
                                         struct err_cause *cause);
void tpm2_store_close(struct tpm2_store **store);

/* After the TPM was gone: a new connection to the same TPM, nothing loaded. */
ERR_MUST_USE enum ks_err tpm2_store_reconnect(struct tpm2_store *store,
                                              struct err_cause *cause);

/* The session: salted to the storage root key, so that who listens on the bus
 * cannot compute its keys; HMAC and encryption of the first parameter both ways
 * (TPM 2.0 Part 1, 19.6 and 21).  Started where there is none. */
ERR_MUST_USE enum ks_err tpm2_store_session(struct tpm2_store *store,
                                            ESYS_TR *ret,
                                            struct err_cause *cause);

/* The session, if there is one, ends until it is asked for again.  A TPM that
 * was restarted does not know it any more, and fails here. */
ERR_MUST_USE enum ks_err tpm2_store_end_session(struct tpm2_store *store,
                                                struct err_cause *cause);

#endif
