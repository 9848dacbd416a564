/* SPDX-License-Identifier: Apache-2.0 */
/* The place of the files of a key: ID.pem or ID.handle, and ID.auth, in the
 * directory of keys (hsm/tpm2/record.h, hsm/tpm2/auth.h). */
#ifndef HSM_TPM2_PLACE_H
#define HSM_TPM2_PLACE_H

#include <stdbool.h>

#include "keystore/store/keystore.h"

struct tpm2_place {
    int directory; /* borrowed */
    char id[2 * KEYSTORE_ID_LENGTH + 1];
};

/* The file's name of SUFFIX, "pem", "handle" or "auth", at PLACE. */
#define TPM2_PLACE_FILE (2 * KEYSTORE_ID_LENGTH + sizeof ".handle")
void tpm2_place_file(const struct tpm2_place *place, const char *suffix,
                     char ret[static TPM2_PLACE_FILE]);

/* Is there such a file, whether it can be read or not? */
bool tpm2_place_has(const struct tpm2_place *place, const char *suffix);

/* The first place in DIRECTORY with an ID.pem or ID.handle that IS_WANTED says
 * yes to; false: there is none. */
bool tpm2_place_find(int directory,
                     bool (*is_wanted)(const struct tpm2_place *place,
                                       const void *context),
                     const void *context, struct tpm2_place *ret);

#endif
