/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that read, and nothing else. */
#include "hsm/tpm2/look.h"

#include <stdio.h>
#include <string.h>

#include "hsm/tpm2/public.h"

static const struct {
    const char *name;
    enum material_type type;
    unsigned bits;
} types[] = {
    {"rsa2048", MATERIAL_RSA, 2048}, {"rsa3072", MATERIAL_RSA, 3072},
    {"rsa4096", MATERIAL_RSA, 4096}, {"p256", MATERIAL_P256, 256},
    {"p384", MATERIAL_P384, 384},
};

static enum ks_err
list_types(struct tpm2_connection *tpm, char *ret, size_t size,
           struct err_cause *cause)
{
    ret[0] = '\0';
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        TPM2B_PUBLIC area;
        bool taken = false;
        size_t length = strlen(ret);
        TSS2_RC rc;

        tpm2_public_template(types[i].type, types[i].bits, false, false, &area);
        rc = tpm2_property_takes(tpm->esys, &area, &taken);
        if (rc != TSS2_RC_SUCCESS)
            return tpm2_connection_fail(tpm, cause, rc, "TPM2_TestParms");
        if (taken)
            (void)snprintf(ret + length, size - length, "%s%s",
                           length > 0 ? " " : "", types[i].name);
    }
    return KS_OK;
}

static void
fill(const struct tpm2_property *property, struct tpm2_look *ret)
{
    *ret = (struct tpm2_look){
        .emulated = property->emulated,
        .owner_password = property->owner_auth,
        .locked = property->lockout.locked,
        .failures = property->lockout.failures,
        .failures_max = property->lockout.failures_max,
        .interval = property->lockout.interval,
    };
    (void)snprintf(ret->maker, sizeof ret->maker, "%s", property->maker);
    (void)snprintf(ret->model, sizeof ret->model, "%s", property->model);
    (void)snprintf(ret->firmware, sizeof ret->firmware, "%s",
                   property->firmware);
}

enum ks_err
tpm2_look(const char *uri, const char *serial, struct tpm2_look *ret,
          struct err_cause *cause)
{
    struct tpm2_connection tpm;
    struct tpm2_property property;
    struct tpm2_look look;
    TSS2_RC tss;
    enum ks_err rc = tpm2_connection_open(uri, &tpm, &property, cause);

    if (rc != KS_OK)
        return rc;
    tss = tpm2_property_read_lockout(tpm.esys, &property);
    if (tss != TSS2_RC_SUCCESS)
        rc = tpm2_connection_fail(&tpm, cause, tss, "TPM2_GetCapability");
    fill(&property, &look);
    if (rc == KS_OK)
        rc = tpm2_srk_look(&tpm, &look.standing, look.srk, cause);
    if (rc == KS_OK)
        rc = tpm2_srk_compare(&tpm, serial, &look.sameness, cause);
    if (rc == KS_OK)
        rc = list_types(&tpm, look.key_types, sizeof look.key_types, cause);
    tpm2_connection_close(&tpm);
    if (rc == KS_OK)
        *ret = look;
    return rc;
}

enum ks_err
tpm2_look_uri(const char *uri, struct err_cause *cause)
{
    struct tpm2_uri parsed;

    return tpm2_uri_parse(uri, &parsed, cause);
}
