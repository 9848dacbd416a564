/* SPDX-License-Identifier: Apache-2.0 */
/* Asks by password sessions and passes no wrapper: these keys protect
 * nothing. */
#include "tests/vault/attestation/tests/tpm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#include "tests/vault/attestation/tests/tpm_inside.h"
#include "tests/vault/attestation/tests/tpm_template.h"
#include "tests/vault/service/encoding.h"

#define NO_SESSIONS ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE

/* --- the TPM --- */

static ESYS_TR
create_primary(struct tpm *tpm, ESYS_TR hierarchy, const TPM2B_PUBLIC *template,
               TPM2B_PUBLIC **ret_public)
{
    static const TPM2B_SENSITIVE_CREATE secret = {.size = 0};
    static const TPM2B_DATA outside = {.size = 0};
    static const TPML_PCR_SELECTION none = {.count = 0};
    ESYS_TR object = ESYS_TR_NONE;

    ASSERT_RC(Esys_CreatePrimary(tpm->store.esys, hierarchy, ONE_PASSWORD,
                                 &secret, template, &outside, &none, &object,
                                 ret_public, NULL, NULL, NULL));
    return object;
}

struct tpm *
tpm_new(const char *socket)
{
    struct tpm *tpm = calloc(1, sizeof *tpm);

    assert_non_null(tpm);
    (void)snprintf(tpm->tcti, sizeof tpm->tcti, "swtpm:path=%s", socket);
    ASSERT_RC(Tss2_TctiLdr_Initialize(tpm->tcti, &tpm->transport));
    ASSERT_RC(Esys_Initialize(&tpm->store.esys, tpm->transport, NULL));
    tpm->store.srk = create_primary(tpm, ESYS_TR_RH_OWNER, &tpm_template_srk,
                                    NULL);
    tpm->ek = tpm->ak = ESYS_TR_NONE;
    return tpm;
}

static void
forget_offer(struct tpm *tpm)
{
    ESYS_TR *persistent[] = {&tpm->ek, &tpm->ak};

    for (size_t i = 0; i < 2; i++) {
        ESYS_TR gone;

        if (*persistent[i] != ESYS_TR_NONE)
            ASSERT_RC(Esys_EvictControl(tpm->store.esys, ESYS_TR_RH_OWNER,
                                        *persistent[i], ONE_PASSWORD, 0,
                                        &gone));
        *persistent[i] = ESYS_TR_NONE;
    }
    Esys_Free(tpm->birth.data);
    Esys_Free(tpm->birth.hash);
    Esys_Free(tpm->birth.ticket);
    tpm->birth = (struct tpm_birth){.data = NULL};
}

void
tpm_free(struct tpm *tpm)
{
    forget_offer(tpm);
    ASSERT_RC(Esys_FlushContext(tpm->store.esys, tpm->store.srk));
    Esys_Finalize(&tpm->store.esys);
    Tss2_TctiLdr_Finalize(&tpm->transport);
    free(tpm);
}

const char *
tpm_tcti(const struct tpm *tpm)
{
    return tpm->tcti;
}

/* --- JSON --- */

void
tpm_set(json_t *object, const char *name, const void *bytes, size_t length)
{
    char *text = encoding_base64url(bytes, length);

    assert_non_null(text);
    assert_int_equal(json_object_set_new(object, name, json_string(text)), 0);
    free(text);
}

void
tpm_set_public(json_t *object, const char *name, const TPM2B_PUBLIC *public)
{
    uint8_t bytes[sizeof(TPMT_PUBLIC)];
    size_t length = 0;

    ASSERT_RC(Tss2_MU_TPMT_PUBLIC_Marshal(&public->publicArea, bytes,
                                          sizeof bytes, &length));
    tpm_set(object, name, bytes, length);
}

/* --- keys --- */

struct tpm_key *
tpm_key_new(struct tpm *tpm, TPMA_OBJECT attributes, bool rsa)
{
    struct tpm_key *key = calloc(1, sizeof *key);
    TPM2B_PUBLIC template = rsa ? tpm_template_rsa(attributes)
                                : tpm_template_ecc(attributes);

    assert_non_null(key);
    tpm_key_create(&tpm->store, &template, key, NULL);
    return key;
}

struct tpm_key *
tpm_key_import(struct tpm *tpm)
{
    struct tpm_key *key = calloc(1, sizeof *key);

    assert_non_null(key);
    tpm_key_bring(&tpm->store,
                  TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_SIGN_ENCRYPT, key);
    return key;
}

/* --- offer --- */

static ESYS_TR
keep(struct tpm *tpm, ESYS_TR object, const char *handle)
{
    ESYS_TR persistent = ESYS_TR_NONE;

    ASSERT_RC(Esys_EvictControl(
        tpm->store.esys, ESYS_TR_RH_OWNER, object, ONE_PASSWORD,
        (TPM2_HANDLE)strtoul(handle, NULL, 16), &persistent));
    ASSERT_RC(Esys_FlushContext(tpm->store.esys, object));
    return persistent;
}

static void
set_pcrs(json_t *offer, uint32_t pcrs)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < 24; i++)
        if ((pcrs >> i & 1) != 0)
            assert_int_equal(json_array_append_new(list, json_integer(i)), 0);
    assert_int_equal(json_object_set_new(offer, "pcrs", list), 0);
}

json_t *
tpm_offer(struct tpm *tpm, enum tpm_ek ek, enum tpm_origin ak, uint32_t pcrs)
{
    json_t *offer = json_object();
    json_t *endorsement = json_object();
    TPM2B_PUBLIC *ek_public = NULL;
    const TPM2B_PUBLIC template = tpm_template_ecc(
        (TPM_BORN_ATTRIBUTES | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_NODA));
    struct tpm_key key;

    forget_offer(tpm);
    /* The endorsement hierarchy's objects are the owner's to make persistent.
     */
    tpm->ek = keep(tpm,
                   create_primary(tpm, ESYS_TR_RH_ENDORSEMENT,
                                  &tpm_template_ek[ek], &ek_public),
                   TPM_EK_HANDLE);
    tpm->ek_kind = ek;
    if (ak == TPM_BORN)
        tpm_key_create(&tpm->store, &template, &key, &tpm->birth);
    else
        /* TPM2_Import believes sensitiveDataOrigin, and no other lie. */
        tpm_key_bring(&tpm->store,
                      TPMA_OBJECT_SENSITIVEDATAORIGIN |
                          TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED |
                          TPMA_OBJECT_SIGN_ENCRYPT,
                      &key);
    tpm->ak = keep(tpm, tpm_key_load(&tpm->store, &key), TPM_AK_HANDLE);
    tpm->ak_public = key.public;
    tpm->pcrs = pcrs;
    tpm_set_public(endorsement, "public", ek_public);
    Esys_Free(ek_public);
    assert_int_equal(json_object_set_new(offer, "endorsement", endorsement), 0);
    tpm_set_public(offer, "key", &key.public);
    if (pcrs != 0)
        set_pcrs(offer, pcrs);
    return offer;
}

/* --- evidence --- */

/* The policy of L-1 and L-2; H-3 may be used by its password. */
static ESYS_TR
open_ek(struct tpm *tpm)
{
    static const TPMT_SYM_DEF none = {.algorithm = TPM2_ALG_NULL};
    ESYS_TR session = ESYS_TR_NONE;

    if (tpm->ek_kind == TPM_P384)
        return ESYS_TR_PASSWORD;
    ASSERT_RC(Esys_StartAuthSession(tpm->store.esys, ESYS_TR_NONE, ESYS_TR_NONE,
                                    NO_SESSIONS, NULL, TPM2_SE_POLICY, &none,
                                    TPM2_ALG_SHA256, &session));
    ASSERT_RC(Esys_PolicySecret(tpm->store.esys, ESYS_TR_RH_ENDORSEMENT,
                                session, ONE_PASSWORD, NULL, NULL, NULL, 0,
                                NULL, NULL));
    return session;
}

bool
tpm_activate(struct tpm *tpm, const char *challenge, uint8_t *ret_secret,
             size_t *ret_length)
{
    size_t length = 0;
    uint8_t *file = encoding_from_base64url(challenge, strlen(challenge),
                                            &length);
    TPM2B_ID_OBJECT identity = {.size = 0};
    TPM2B_ENCRYPTED_SECRET secret = {.size = 0};
    TPM2B_DIGEST *plain = NULL;
    size_t at = 8; /* behind tpm2-tools' magic number and version */
    ESYS_TR session;
    bool done;

    assert_non_null(file);
    ASSERT_RC(Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(file, length, &at, &identity));
    ASSERT_RC(
        Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(file, length, &at, &secret));
    assert_int_equal(at, length);
    free(file);
    session = open_ek(tpm);
    done = Esys_ActivateCredential(tpm->store.esys, tpm->ak, tpm->ek,
                                   ESYS_TR_PASSWORD, session, ESYS_TR_NONE,
                                   &identity, &secret, &plain) == 0;
    if (session != ESYS_TR_PASSWORD)
        ASSERT_RC(Esys_FlushContext(tpm->store.esys, session));
    *ret_length = done ? plain->size : 0;
    if (done)
        memcpy(ret_secret, plain->buffer, plain->size);
    Esys_Free(plain);
    return done;
}
