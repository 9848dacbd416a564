/* SPDX-License-Identifier: Apache-2.0 */
/* A holdfast-net whose vault answers M5 for somebody else: FIELD is the
 * field that it changes. */
#include "agent/net/vault.h"
#include "tests/altered/wrapped.h"

enum ks_err
__wrap_vault_client_self(struct vault_client *client,
                         struct layout_net_self_answer *ret,
                         struct err_cause *cause)
{
    enum ks_err rc = __real_vault_client_self(client, ret, cause);

    if (rc == KS_OK)
        ret->FIELD = "5847605269804764810";
    return rc;
}
