/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open TPM: the connection, its verified storage root key, and the one
 * session that all commands with secrets use.  Inside hsm/ only.
 */
#ifndef HSM_TPM2_STORE_H
#define HSM_TPM2_STORE_H

#include <tss2/tss2_esys.h>

#include "hsm/tpm2/property.h"
#include "hsm/tpm2/uri.h"
#include "keystore/store/backend.h"

struct tpm2_key;

/* The TPM has room for three objects, and a command's parent takes one. */
#define TPM2_STORE_LOADED 2

struct tpm2_store {
    struct keystore store; /* first: the dispatcher's part */
    struct tpm2_uri uri;
    int keys;           /* directory of the key files */
    struct secret *pin; /* authorises keys instead of a machine-made value */

    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
    ESYS_TR srk;
    TPM2_HANDLE srk_parent; /* as key files name it */
    bool srk_transient;     /* it is in a slot of ours */
    TPM2B_PUBLIC srk_public;
    TPM2B_NAME srk_name;
    ESYS_TR session; /* ESYS_TR_NONE until it is wanted */

    /* Keys in the TPM's slots, the one used last first; borrowed. */
    struct tpm2_key *loaded[TPM2_STORE_LOADED];
    TPM2B_NAME discarded; /* of the last such key: it may be in a slot yet */
    bool gone;            /* the connection, or what we had behind it */
};

/* Connect to what URI names and ask what it is, nothing more. */
ERR_MUST_USE enum ks_err tpm2_store_connect(const char *uri,
                                            struct tpm2_store **ret,
                                            struct tpm2_property *ret_property,
                                            struct err_cause *cause);

/* As keystore_open(). */
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

/* tpm2_rc_set(), and remember if the TPM is gone. */
enum ks_err tpm2_store_fail(struct tpm2_store *store, struct err_cause *cause,
                            TSS2_RC rc, const char *call);

/* The same for a command that the storage root key authorises: its empty
 * password refused is KS_ERR_TPM_SRK, for nobody gave it a PIN. */
enum ks_err tpm2_store_fail_parent(struct tpm2_store *store,
                                   struct err_cause *cause, TSS2_RC rc,
                                   const char *call);

#endif
