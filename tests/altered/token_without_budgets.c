/* SPDX-License-Identifier: Apache-2.0 */
/* A holdfast-token without budgets, for the benchmark alone: a run of the real
 * one would be over after 43 handshakes. */
#include "agent/statement/matrix.h"

enum ks_err __wrap_statement_permit(struct statement_ledger *ledger,
                                    enum statement_identity identity,
                                    enum statement statement,
                                    struct err_cause *cause);

enum ks_err
__wrap_statement_permit(struct statement_ledger *ledger,
                        enum statement_identity identity,
                        enum statement statement, struct err_cause *cause)
{
    (void)ledger;
    (void)identity;
    (void)statement;
    (void)cause;
    return KS_OK;
}
