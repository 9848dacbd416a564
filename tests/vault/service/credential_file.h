/* SPDX-License-Identifier: Apache-2.0 */
/* The vault credentials file: RSBackupVaultAADCreds, Version 2.0, as
 * Microsoft's generator writes it. */
#ifndef VAULT_CREDENTIAL_FILE_H
#define VAULT_CREDENTIAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/vault/service/service.h"
#include "tests/vault/service/vault.h"

/* "lab1_Mon Nov 23 2026.VaultCredentials" for a download AT. */
#define CREDENTIAL_FILE_NAME_MAX 192
void credential_file_name(const struct vault *vault, int64_t at,
                          char ret[static CREDENTIAL_FILE_NAME_MAX]);

/* The friendly name of the PFX in it. */
void credential_file_friendly_name(const struct vault *vault, int64_t at,
                                   char ret[static CREDENTIAL_FILE_NAME_MAX]);

/* Write the file around PFX to FD. */
bool credential_file_write(int fd, const struct service *service,
                           const struct vault *vault, const uint8_t *pfx,
                           size_t length);

#endif
