/* SPDX-License-Identifier: Apache-2.0 */
/* A mark that cannot be read is none: then objects stay, as others' would. */
#include "hsm/tpm2/mark.h"

#include <string.h>

#include "keystore/store/key_file.h"

#define FILE_NAME "attestation.name"

enum ks_err
tpm2_mark_set(int directory, const TPM2B_NAME *name, struct err_cause *cause)
{
    struct secret *content = NULL;
    enum ks_err rc = secret_new(sizeof name->name, &content);

    if (rc != KS_OK)
        return err_set(cause, KS_ERR_MEMORY_LOCK, "mark of an attestation");
    memcpy(secret_space(content), name->name, name->size);
    secret_set_length(content, name->size);
    tpm2_mark_remove(directory);
    rc = key_file_write(directory, FILE_NAME, content, cause);
    secret_free(&content);
    return rc;
}

void
tpm2_mark_read(int directory, TPM2B_NAME *ret)
{
    struct secret *content = NULL;

    ret->size = 0;
    if (key_file_read(directory, FILE_NAME, sizeof ret->name, &content, NULL) !=
        KS_OK)
        return;
    ret->size = (UINT16)secret_length(content);
    memcpy(ret->name, secret_bytes(content), ret->size);
    secret_free(&content);
}

void
tpm2_mark_remove(int directory)
{
    enum ks_err rc = key_file_remove(directory, FILE_NAME, NULL);

    (void)rc; /* the next one takes its place */
}
