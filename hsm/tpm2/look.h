/* SPDX-License-Identifier: Apache-2.0 */
/* A look at a TPM that changes nothing in it and needs no authorisation. */
#ifndef HSM_TPM2_LOOK_H
#define HSM_TPM2_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "hsm/tpm2/srk.h"
#include "keystore/store/keystore.h"

/* The TPM's own word on itself. */
struct tpm2_look {
    char maker[33];
    char model[17];
    char firmware[24];
    char key_types[64];             /* of ours that it takes: "rsa2048 p256" */
    char srk[KEYSTORE_SERIAL_SIZE]; /* hash of the key there, or "" */
    enum tpm2_srk_standing standing;
    enum tpm2_srk_sameness sameness; /* with the recorded one */
    bool emulated;
    bool owner_password;
    bool locked;           /* wrong authorisation values have locked it */
    uint32_t failures;     /* of them so far */
    uint32_t failures_max; /* then it locks */
    uint32_t interval;     /* seconds until one is forgotten */
};

/* Look at what URI names, and whether it makes the storage root key that is
 * recorded with SERIAL; "": nothing is.  Errors as of opening it. */
ERR_MUST_USE enum ks_err tpm2_look(const char *uri, const char *serial,
                                   struct tpm2_look *ret,
                                   struct err_cause *cause);

/* Read URI, without speaking to any TPM.  KS_ERR_TOKEN_URI: it is at fault. */
ERR_MUST_USE enum ks_err tpm2_look_uri(const char *uri,
                                       struct err_cause *cause);

#endif
