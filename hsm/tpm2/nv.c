/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate is read with the index's own empty password, or with the
 * owner's, as its attributes allow (Part 2, 13.4). */
#include "hsm/tpm2/nv.h"

#include <string.h>

#include "hsm/tpm2/rc.h"

#define FIRST 0x01c00002u       /* of the certificates for keys */
#define CHAIN_FIRST 0x01c00100u /* of those behind them */
#define CHAIN_LAST 0x01c001ffu
#define HANDLES 254 /* more than any TPM has there */

enum ks_err
tpm2_nv_list(struct tpm2_connection *tpm, struct tpm2_nv_list *ret,
             struct err_cause *cause)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TPMI_YES_NO more = TPM2_NO;
    TSS2_RC rc = Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
                                    ESYS_TR_NONE, TPM2_CAP_HANDLES, FIRST,
                                    HANDLES, &more, &data);
    const TPML_HANDLE *handles;

    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_GetCapability");
    handles = &data->data.handles;
    ret->count = 0;
    for (UINT32 i = 0; i < handles->count && i < HANDLES; i++)
        if (handles->handle[i] >= FIRST && handles->handle[i] <= CHAIN_LAST &&
            ret->count < TPM2_NV_LIST_MAX)
            ret->index[ret->count++] = handles->handle[i];
    Esys_Free(data);
    return KS_OK;
}

bool
tpm2_nv_has(const struct tpm2_nv_list *list, TPM2_HANDLE index)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->index[i] == index)
            return true;
    return false;
}

struct index {
    TPM2_HANDLE handle;
    ESYS_TR object;
    TPMA_NV attributes;
    size_t size;
};

static enum ks_err
open_index(struct tpm2_connection *tpm, struct index *index,
           struct err_cause *cause)
{
    TPM2B_NV_PUBLIC *public = NULL;
    TSS2_RC rc = Esys_TR_FromTPMPublic(tpm->esys, index->handle, ESYS_TR_NONE,
                                       ESYS_TR_NONE, ESYS_TR_NONE,
                                       &index->object);

    if (rc != TSS2_RC_SUCCESS)
        index->object = ESYS_TR_NONE;
    else
        rc = Esys_NV_ReadPublic(tpm->esys, index->object, ESYS_TR_NONE,
                                ESYS_TR_NONE, ESYS_TR_NONE, &public, NULL);
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_NV_ReadPublic");
    index->attributes = public->nvPublic.attributes;
    index->size = public->nvPublic.dataSize;
    Esys_Free(public);
    return KS_OK;
}

static TSS2_RC
read_piece(const struct tpm2_connection *tpm, const struct index *index,
           ESYS_TR by, uint8_t *ret, size_t offset)
{
    size_t length = index->size - offset < tpm->nv_piece ? index->size - offset
                                                         : tpm->nv_piece;
    TPM2B_MAX_NV_BUFFER *piece = NULL;
    TSS2_RC rc = Esys_NV_Read(tpm->esys, by, index->object, ESYS_TR_PASSWORD,
                              ESYS_TR_NONE, ESYS_TR_NONE, (UINT16)length,
                              (UINT16)offset, &piece);

    if (rc == TSS2_RC_SUCCESS && piece->size != length)
        rc = TSS2_ESYS_RC_MALFORMED_RESPONSE;
    if (rc == TSS2_RC_SUCCESS)
        memcpy(ret + offset, piece->buffer, length);
    Esys_Free(piece);
    return rc;
}

static TSS2_RC
read_pieces(const struct tpm2_connection *tpm, const struct index *index,
            ESYS_TR by, uint8_t *ret)
{
    TSS2_RC rc = TSS2_RC_SUCCESS;

    for (size_t offset = 0; rc == TSS2_RC_SUCCESS && offset < index->size;
         offset += tpm->nv_piece)
        rc = read_piece(tpm, index, by, ret, offset);
    return rc;
}

/* The index's own password may be refused where the TPM is in lockout, too. */
static enum ks_err
read_index(struct tpm2_connection *tpm, const struct index *index, uint8_t *ret,
           struct err_cause *cause)
{
    TSS2_RC rc = TPM2_RC_NV_AUTHORIZATION;

    if ((index->attributes & TPMA_NV_AUTHREAD) != 0)
        rc = read_pieces(tpm, index, index->object, ret);
    if ((index->attributes & TPMA_NV_OWNERREAD) != 0 &&
        (tpm2_rc_is_refused(rc) || tpm2_rc_base(rc) == TPM2_RC_LOCKOUT ||
         tpm2_rc_base(rc) == TPM2_RC_NV_AUTHORIZATION))
        rc = read_pieces(tpm, index, ESYS_TR_RH_OWNER, ret);
    if (tpm2_rc_is_refused(rc) ||
        tpm2_rc_base(rc) == TPM2_RC_NV_AUTHORIZATION ||
        tpm2_rc_base(rc) == TPM2_RC_NV_LOCKED)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "the certificate at 0x%08x cannot be read without a "
                       "password; see tpm2_nvreadpublic 0x%08x",
                       index->handle, index->handle);
    return rc == TSS2_RC_SUCCESS
               ? KS_OK
               : tpm2_connection_fail(tpm, cause, rc, "TPM2_NV_Read");
}

enum ks_err
tpm2_nv_read(struct tpm2_connection *tpm, TPM2_HANDLE handle,
             const struct tpm2_nv_room *ret, struct err_cause *cause)
{
    struct index index = {.handle = handle, .object = ESYS_TR_NONE};
    enum ks_err rc = open_index(tpm, &index, cause);

    *ret->length = 0;
    if (rc == KS_OK && (index.attributes & TPMA_NV_WRITTEN) == 0)
        index.size = 0;
    if (rc == KS_OK && index.size > ret->capacity)
        rc = err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                     "%zu bytes stand at 0x%08x where a certificate should "
                     "be, and %zu are read at most",
                     index.size, handle, ret->capacity);
    if (rc == KS_OK && index.size > 0)
        rc = read_index(tpm, &index, ret->bytes, cause);
    if (rc == KS_OK)
        *ret->length = index.size;
    if (index.object != ESYS_TR_NONE)
        (void)Esys_TR_Close(tpm->esys, &index.object);
    return rc;
}

/* The length of the SEQUENCE that BYTES begin with; 0: there is none.  The
 * lengths of certificates have one form, DER's (X.690, 8.1.3.5): 0x82 and two
 * bytes; shorter ones than 256 bytes are no certificate. */
static size_t
certificate_length(const uint8_t *bytes, size_t length)
{
    size_t whole;

    if (length < 4 || bytes[0] != 0x30 || bytes[1] != 0x82)
        return 0;
    whole = 4 + ((size_t)bytes[2] << 8 | bytes[3]);
    return whole <= length ? whole : 0;
}

enum ks_err
tpm2_nv_read_chain(struct tpm2_connection *tpm, const struct tpm2_nv_list *list,
                   const struct tpm2_nv_room *ret, struct err_cause *cause)
{
    size_t length = 0, whole = 0, next;

    /* A certificate may begin in one index and end in the next. */
    for (size_t i = 0; i < list->count; i++) {
        size_t added = 0;
        const struct tpm2_nv_room rest = {ret->bytes + length,
                                          ret->capacity - length, &added};
        enum ks_err rc = KS_OK;

        if (list->index[i] >= CHAIN_FIRST)
            rc = tpm2_nv_read(tpm, list->index[i], &rest, cause);
        if (rc != KS_OK)
            return rc;
        length += added;
    }
    while ((next = certificate_length(ret->bytes + whole, length - whole)) > 0)
        whole += next;
    *ret->length = whole;
    return KS_OK;
}
