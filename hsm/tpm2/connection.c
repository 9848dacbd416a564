/* SPDX-License-Identifier: Apache-2.0 */
/* The TPM is only asked here what it is: whether that is the wanted one is
 * decided above. */
#include "hsm/tpm2/connection.h"

#include <stdlib.h>
#include <string.h>

#include "hsm/tpm2/rc.h"
#include "hsm/tpm2/tcti.h"

enum ks_err
tpm2_connection_fail(struct tpm2_connection *tpm, struct err_cause *cause,
                     TSS2_RC rc, const char *call)
{
    if (tpm2_rc_is_gone(rc))
        tpm->gone = true;
    return tpm2_rc_set(cause, rc, call);
}

static enum ks_err
connect_tpm(struct tpm2_connection *tpm, struct tpm2_property *ret,
            struct err_cause *cause)
{
    const char *tcti = tpm->uri.tcti;
    TSS2_RC rc;

    /* The TSS writes on standard error unless it is told not to. */
    (void)setenv("TSS2_LOG", "all+none", 0);
    rc = tpm2_tcti_open(tcti, &tpm->tcti);
    if (rc == TSS2_RC_SUCCESS)
        rc = Esys_Initialize(&tpm->esys, tpm->tcti, NULL);
    if (rc == TSS2_RC_SUCCESS)
        rc = tpm2_property_read(tpm->esys, ret);
    /* The TSS loads its way to a TPM by name. */
    if (rc == TSS2_TCTI_RC_NOT_SUPPORTED)
        return err_set(
            cause, KS_ERR_TOKEN_MISSING,
            "the TSS's library for %s is missing; install it (Debian's "
            "package libtss2-tcti-%.*s0)",
            tcti, (int)strcspn(tcti, ":"), tcti);
    if (rc != TSS2_RC_SUCCESS && tpm2_rc_is_gone(rc))
        return err_set(cause, KS_ERR_TOKEN_MISSING, "no TPM answers at %s",
                       tcti);
    if (rc != TSS2_RC_SUCCESS)
        return tpm2_connection_fail(tpm, cause, rc, "TPM2_GetCapability");
    ret->emulated |= tpm->uri.swtpm;
    tpm->nv_piece = ret->nv_piece;
    return KS_OK;
}

enum ks_err
tpm2_connection_open(const char *uri, struct tpm2_connection *ret,
                     struct tpm2_property *ret_property,
                     struct err_cause *cause)
{
    enum ks_err rc;

    *ret = (struct tpm2_connection){.gone = false};
    rc = tpm2_uri_parse(uri, &ret->uri, cause);
    if (rc == KS_OK)
        rc = tpm2_uri_check_access(&ret->uri, cause);
    if (rc == KS_OK)
        rc = connect_tpm(ret, ret_property, cause);
    if (rc != KS_OK)
        tpm2_connection_close(ret);
    return rc;
}

enum ks_err
tpm2_connection_renew(struct tpm2_connection *tpm, struct err_cause *cause)
{
    struct tpm2_property property;

    tpm2_connection_close(tpm);
    tpm->gone = false;
    return connect_tpm(tpm, &property, cause);
}

void
tpm2_connection_close(struct tpm2_connection *tpm)
{
    if (tpm->esys != NULL)
        Esys_Finalize(&tpm->esys);
    tpm2_tcti_close(&tpm->tcti);
}
