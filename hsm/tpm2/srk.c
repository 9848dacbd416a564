/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is made persistent before the comparison: a TPM that is not the
 * recorded one stays as it was. */
#include "hsm/tpm2/srk.h"

#include <stdbool.h>
#include <string.h>

#include "hsm/tpm2/primary.h"
#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"

struct search {
    struct tpm2_connection *tpm;
    const char *serial;           /* as recorded, or NULL */
    TPM2_HANDLE handle;           /* where one may stand, or 0 */
    struct tpm2_primary standing; /* the one that does */
    struct tpm2_primary made;     /* by the TPM, last */
    enum tpm2_primary_kind kind;  /* of the one made */
    bool fits;                    /* the one made is the root key to use */
};

static TPM2_HANDLE
handle_of(const struct tpm2_connection *tpm)
{
    if (tpm->uri.root == TPM2_URI_TRANSIENT)
        return 0;
    return tpm->uri.root != 0 ? tpm->uri.root : TPM2_SRK_HANDLE;
}

static bool
is_recorded(const struct search *search, const struct tpm2_primary *primary)
{
    char serial[KEYSTORE_SERIAL_SIZE];

    tpm2_primary_serial(&primary->name, serial);
    return *serial != '\0' && strcmp(serial, search->serial) == 0;
}

static bool
is_standing(const struct search *search, const struct tpm2_primary *primary)
{
    return search->standing.object != ESYS_TR_NONE &&
           tpm2_public_same_name(&primary->name, &search->standing.name);
}

/* A record decides; without one a key of the TCG's must be the one that stands
 * at the handle, if any does. */
static bool
fits(const struct search *search)
{
    if (search->serial != NULL)
        return is_recorded(search, &search->made);
    return search->kind == TPM2_PRIMARY_FILE ||
           search->standing.object == ESYS_TR_NONE ||
           is_standing(search, &search->made);
}

/* Have one of KIND made, unless one was made that fits. */
static TSS2_RC
attempt(struct search *search, enum tpm2_primary_kind kind)
{
    struct tpm2_primary *made = &search->made;
    TSS2_RC rc = TSS2_RC_SUCCESS;

    if (search->fits)
        return rc;
    if (made->object != ESYS_TR_NONE)
        rc = Esys_FlushContext(search->tpm->esys, made->object);
    made->object = ESYS_TR_NONE;
    if (rc == TSS2_RC_SUCCESS)
        rc = tpm2_primary_make(search->tpm->esys, kind, made);
    search->kind = kind;
    search->fits = rc == TSS2_RC_SUCCESS && fits(search);
    return rc;
}

/* An RSA key takes a TPM seconds to make, so that without a record the public
 * area of the one that stands there is asked for first.  On the bus anything
 * could be answered: then another key of the TPM's is made, or none. */
static TSS2_RC
attempt_rsa(struct search *search)
{
    enum tpm2_primary_kind kind = TPM2_PRIMARY_RSA;
    TSS2_RC rc = TSS2_RC_SUCCESS;

    if (search->fits)
        return rc;
    if (search->serial == NULL)
        rc = tpm2_primary_match(search->tpm->esys, &search->standing, &kind);
    return rc == TSS2_RC_SUCCESS && kind == TPM2_PRIMARY_RSA
               ? attempt(search, TPM2_PRIMARY_RSA)
               : rc;
}

/* Have the TPM make the root key, the likely kind first. */
static TSS2_RC
make(struct search *search)
{
    bool may_be_transient = search->tpm->uri.root == 0 || search->handle == 0;
    bool elsewhere = search->serial != NULL &&
                     (search->standing.object == ESYS_TR_NONE ||
                      !is_recorded(search, &search->standing));
    TSS2_RC rc = TSS2_RC_SUCCESS;

    if (search->handle == 0 || (may_be_transient && elsewhere))
        rc = attempt(search, TPM2_PRIMARY_FILE);
    if (search->handle == 0)
        return rc;
    if (rc == TSS2_RC_SUCCESS)
        rc = attempt(search, TPM2_PRIMARY_ECC);
    if (rc == TSS2_RC_SUCCESS)
        rc = attempt_rsa(search);
    if (rc == TSS2_RC_SUCCESS && may_be_transient && search->serial == NULL)
        rc = attempt(search, TPM2_PRIMARY_FILE);
    return rc;
}

static enum ks_err
refused(const struct search *search, struct err_cause *cause)
{
    if (search->handle == 0)
        return err_set(cause, KS_ERR_TPM_OWNER,
                       "the storage root key is made at each opening");
    return search->standing.object == ESYS_TR_NONE
               ? err_set(cause, KS_ERR_TPM_OWNER,
                         "there is no storage root key at 0x%x", search->handle)
               : err_set(cause, KS_ERR_TPM_OWNER,
                         "the key at 0x%x is not of a standard template",
                         search->handle);
}

/* Without the owner's consent the standing key can only be believed; one from
 * outside has not the template's attributes (Part 1, 25.2). */
static enum ks_err
believe(struct search *search, struct err_cause *cause)
{
    struct tpm2_primary *standing = &search->standing;
    enum tpm2_primary_kind kind = TPM2_PRIMARY__MAX;
    TSS2_RC rc;

    if (standing->object == ESYS_TR_NONE)
        return refused(search, cause);
    rc = tpm2_primary_match(search->tpm->esys, standing, &kind);
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(search->tpm, cause, rc, "TPM2_ReadPublic");
    if (kind == TPM2_PRIMARY__MAX)
        return refused(search, cause);
    if (search->serial != NULL && !is_recorded(search, standing))
        return err_set(cause, KS_ERR_TOKEN_OTHER,
                       "another key stands at 0x%x and the owner's password "
                       "is set: the TPM was cleared or replaced, or does not "
                       "make its root key without that password",
                       search->handle);
    return KS_OK;
}

/* No key that the TPM made is the one. */
static enum ks_err
misfit(const struct search *search, struct err_cause *cause)
{
    if (search->serial != NULL && !is_recorded(search, &search->standing))
        return err_set(cause, KS_ERR_TOKEN_OTHER,
                       "the TPM was cleared or replaced, its keys are lost");
    return err_set(cause, KS_ERR_TPM_SRK,
                   "the key at 0x%x is not what the TPM makes", search->handle);
}

/* Use the key that was made where it stands, put it there where nothing does,
 * or keep it in its slot. */
static enum ks_err
place(struct search *search, struct tpm2_srk *ret, struct err_cause *cause)
{
    ESYS_CONTEXT *esys = search->tpm->esys;
    TSS2_RC rc;

    ret->object = search->standing.object;
    if (is_standing(search, &search->made))
        return KS_OK;
    if (ret->object != ESYS_TR_NONE || search->kind == TPM2_PRIMARY_FILE) {
        ret->object = search->made.object;
        search->made.object = ESYS_TR_NONE; /* transferred */
        ret->transient = true;
        return KS_OK;
    }
    rc = Esys_EvictControl(esys, ESYS_TR_RH_OWNER, search->made.object,
                           ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                           search->handle, &ret->object);
    return rc == TSS2_RC_SUCCESS ? KS_OK
                                 : tpm2_connection_fail(search->tpm, cause, rc,
                                                        "TPM2_EvictControl");
}

/* MADE is how the attempts to have the TPM make it ended. */
static enum ks_err
choose(struct search *search, TSS2_RC made, struct tpm2_srk *ret,
       struct err_cause *cause)
{
    const struct tpm2_primary *root = &search->made;
    enum ks_err rc;

    ret->unverified = tpm2_rc_is_refused(made);
    if (ret->unverified) {
        rc = believe(search, cause);
        search->kind = TPM2_PRIMARY_ECC; /* or RSA: its parent is the handle */
        root = &search->standing;
        ret->object = root->object;
    } else if (made != TSS2_RC_SUCCESS) {
        rc = tpm2_connection_fail(search->tpm, cause, made,
                                  "TPM2_CreatePrimary");
    } else {
        rc = search->fits ? place(search, ret, cause) : misfit(search, cause);
    }
    ret->public = root->public;
    ret->name = root->name;
    ret->parent = search->kind == TPM2_PRIMARY_FILE ? TPM2_URI_TRANSIENT
                                                    : search->handle;
    return rc;
}

enum ks_err
tpm2_srk_look(struct tpm2_connection *tpm, enum tpm2_srk_standing *ret,
              char serial[static KEYSTORE_SERIAL_SIZE], struct err_cause *cause)
{
    struct tpm2_primary standing = {.object = ESYS_TR_NONE};
    enum tpm2_primary_kind kind = TPM2_PRIMARY__MAX;
    TPM2_HANDLE handle = handle_of(tpm);
    TSS2_RC rc = TSS2_RC_SUCCESS;

    serial[0] = '\0';
    *ret = handle != 0 ? TPM2_SRK_NONE : TPM2_SRK_TRANSIENT;
    if (handle != 0)
        rc = tpm2_primary_find(tpm->esys, handle, &standing);
    if (rc == TSS2_RC_SUCCESS && standing.object != ESYS_TR_NONE)
        rc = tpm2_primary_match(tpm->esys, &standing, &kind);
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_ReadPublic");
    if (standing.object == ESYS_TR_NONE)
        return KS_OK;
    *ret = kind != TPM2_PRIMARY__MAX ? TPM2_SRK_STANDARD : TPM2_SRK_FOREIGN;
    if (*ret == TPM2_SRK_STANDARD)
        tpm2_primary_serial(&standing.name, serial);
    return KS_OK;
}

enum ks_err
tpm2_srk_open(struct tpm2_connection *tpm, const char *serial,
              struct tpm2_srk *ret, struct err_cause *cause)
{
    struct search search = {.tpm = tpm,
                            .serial = serial,
                            .handle = handle_of(tpm),
                            .standing.object = ESYS_TR_NONE,
                            .made.object = ESYS_TR_NONE};
    struct tpm2_srk srk = {.object = ESYS_TR_NONE};
    TSS2_RC tss = TSS2_RC_SUCCESS;
    enum ks_err rc;

    if (search.handle != 0)
        tss = tpm2_primary_find(tpm->esys, search.handle, &search.standing);
    if (tss != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, tss, "TPM2_ReadPublic");
    rc = choose(&search, make(&search), &srk, cause);
    if (search.made.object != ESYS_TR_NONE)
        (void)Esys_FlushContext(tpm->esys, search.made.object);
    if (rc == KS_OK)
        *ret = srk;
    return rc;
}

enum ks_err
tpm2_srk_compare(struct tpm2_connection *tpm, const char *serial,
                 enum tpm2_srk_sameness *ret, struct err_cause *cause)
{
    struct search search = {.tpm = tpm,
                            .serial = serial,
                            .handle = handle_of(tpm),
                            .standing.object = ESYS_TR_NONE,
                            .made.object = ESYS_TR_NONE};
    TSS2_RC rc = TSS2_RC_SUCCESS;

    *ret = TPM2_SRK_UNCOMPARED;
    if (*serial == '\0')
        return KS_OK;
    if (search.handle != 0)
        rc = tpm2_primary_find(tpm->esys, search.handle, &search.standing);
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_ReadPublic");
    search.fits = search.standing.object != ESYS_TR_NONE &&
                  is_recorded(&search, &search.standing);
    if (!search.fits)
        rc = make(&search);
    if (search.made.object != ESYS_TR_NONE)
        (void)Esys_FlushContext(tpm->esys, search.made.object);
    if (tpm2_rc_is_refused(rc))
        return KS_OK;
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_CreatePrimary");
    *ret = search.fits ? TPM2_SRK_SAME : TPM2_SRK_OTHER;
    return KS_OK;
}

enum ks_err
tpm2_srk_fail(struct tpm2_connection *tpm, struct err_cause *cause, TSS2_RC rc,
              const char *call)
{
    if (tpm2_rc_is_refused(rc))
        return err_set(cause, KS_ERR_TPM_SRK,
                       "the storage root key wants a password");
    return tpm2_connection_fail(tpm, cause, rc, call);
}
