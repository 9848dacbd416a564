/* SPDX-License-Identifier: Apache-2.0 */
/* The URI of a TPM: which transport, and where keys are kept.  Only transports
 * of a list, never a string that the TSS would interpret. */
#ifndef HSM_TPM2_URI_H
#define HSM_TPM2_URI_H

#include <stdbool.h>
#include <stdint.h>

#include "keystore/base/err.h"

#define TPM2_URI_PATH_MAX 100 /* a socket's address has room for 108 */

/* TPM_RH_OWNER, as key files name a root key that is nowhere persistent */
#define TPM2_URI_TRANSIENT 0x40000001u

struct tpm2_uri {
    char tcti[TPM2_URI_PATH_MAX + 16]; /* as Tss2_TctiLdr_Initialize wants it */
    char path[TPM2_URI_PATH_MAX + 1];  /* of the device or socket, or "" */
    bool swtpm;                        /* an emulation by its transport alone */
    uint32_t handle; /* keys are kept from here on upwards; 0: in files */
    uint32_t root;   /* handle of the storage root key, or TPM2_URI_TRANSIENT;
                        0 where the URI does not say */
};

/* KS_ERR_TOKEN_URI: not of the forms in hsm/tpm2/tpm2.h. */
ERR_MUST_USE enum ks_err tpm2_uri_parse(const char *uri, struct tpm2_uri *ret,
                                        struct err_cause *cause);

/* May the caller use what the URI names?  KS_ERR_TOKEN_MISSING, or
 * KS_ERR_PERMISSION, which names the group that may. */
ERR_MUST_USE enum ks_err tpm2_uri_check_access(const struct tpm2_uri *uri,
                                               struct err_cause *cause);

#endif
