/* SPDX-License-Identifier: Apache-2.0 */
/* A holdfast-net that keeps the token's offer to itself, so that the vault
 * takes the machine for one that can prove nothing. */
#include "agent/net/vault.h"
#include "tests/altered/wrapped.h"

enum ks_err
__wrap_vault_client_nonce(struct vault_client *client, const char *token,
                          const struct layout_net_nonce *request,
                          struct vault_nonce *ret, struct err_cause *cause)
{
    const struct layout_net_nonce stripped = {.name = request->name,
                                              .offer = ""};

    return __real_vault_client_nonce(client, token, &stripped, ret, cause);
}
