/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TPM 2.0 back end of keystore/store/keystore.h, by tpm2-tss (ESYS).  URIs:
 *
 *   tpm2:device=/dev/tpmrm0    the kernel's resource manager
 *   tpm2:tabrmd                the resource manager of user space
 *   tpm2:swtpm=/PATH           an emulation on a UNIX socket
 *
 * each with ";handle=0x81..." to keep keys in the TPM itself.  Keys are else
 * TSS2 PRIVATE KEY files in config->keys_fd, wrapped by the storage root key.
 */
#ifndef HSM_TPM2_TPM2_H
#define HSM_TPM2_TPM2_H

#include "keystore/store/backend.h"

extern const struct keystore_ops hsm_tpm2_ops;

#endif
