/* SPDX-License-Identifier: Apache-2.0 */
/* A holdfast-net whose connection breaks while the vault answers M4, or that a
 * machine has left: it is done there, and nobody here knows. */
#include "agent/net/vault.h"
#include "tests/altered/wrapped.h"

enum ks_err
__wrap_vault_client_enrol(struct vault_client *client, const char *token,
                          const struct layout_net_enrol *enrol, X509 **ret,
                          struct err_cause *cause)
{
    enum ks_err rc = __real_vault_client_enrol(client, token, enrol, ret,
                                               cause);

    if (rc != KS_OK)
        return rc;
    X509_free(*ret);
    *ret = NULL;
    return err_set(cause, KS_ERR_NET, "the connection broke");
}

enum ks_err
__wrap_vault_client_leave(struct vault_client *client, struct err_cause *cause)
{
    enum ks_err rc = __real_vault_client_leave(client, cause);

    return rc == KS_OK ? err_set(cause, KS_ERR_NET, "the connection broke")
                       : rc;
}
