/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a credential in a child of its own, so that its private key is never in
 * vaultd: the child makes key, certificate and file and is gone; vaultd gets
 * the certificate, and the file as a descriptor that it only hands on. */
#ifndef VAULT_CREDENTIAL_MAKER_H
#define VAULT_CREDENTIAL_MAKER_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/types.h>

#include "tests/vault/service/service.h"
#include "tests/vault/service/vault.h"

struct credential_order {
    const struct service *service;
    const struct vault *vault;
    const char *kind; /* as pki_key() has it */
    int64_t now;
    int64_t days; /* until the certificate's end */
};

/* A certificate and the file with its key, from the beginning of a descriptor
 * without a name in any file system.  NULL after a fault. */
X509 *credential_maker_run(const struct credential_order *order, int *ret_fd);

#endif
