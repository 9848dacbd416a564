/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys the directory of keys holds (hsm/tpm2/record.h has each one). */
#ifndef HSM_TPM2_DIRECTORY_H
#define HSM_TPM2_DIRECTORY_H

#include "hsm/tpm2/store.h"

/* Is NAME that of a key kept or recorded here as a file? */
bool tpm2_directory_has_name(const struct tpm2_store *store,
                             const TPM2B_NAME *name);

/* The id of a key here for which no authorisation value is kept; false: there
 * is none. */
bool tpm2_directory_find_with_pin(const struct tpm2_store *store,
                                  uint8_t ret[static KEYSTORE_ID_LENGTH]);

#endif
