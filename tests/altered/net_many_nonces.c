/* SPDX-License-Identifier: Apache-2.0 */
/* A holdfast-net that asks for one nonce after the other. */
#include "agent/net/vault.h"
#include "tests/altered/wrapped.h"

#define TIMES 100 /* more than any run has handshakes */

enum ks_err
__wrap_vault_client_nonce(struct vault_client *client, const char *token,
                          const struct layout_net_nonce *request,
                          struct vault_nonce *ret, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    for (int i = 0; i < TIMES && rc == KS_OK; i++)
        rc = __real_vault_client_nonce(client, token, request, ret, cause);
    return rc;
}
