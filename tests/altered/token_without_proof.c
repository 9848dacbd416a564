/* SPDX-License-Identifier: Apache-2.0 */
/* A holdfast-token whose token makes the machine's handshakes, and signs no
 * nonce of holdfast's with that key: only holdfast-net says that it works. */
#include "agent/statement/matrix.h"

enum ks_err __real_statement_permit(struct statement_ledger *ledger,
                                    enum statement_identity identity,
                                    enum statement statement,
                                    struct err_cause *cause);
enum ks_err __wrap_statement_permit(struct statement_ledger *ledger,
                                    enum statement_identity identity,
                                    enum statement statement,
                                    struct err_cause *cause);

enum ks_err
__wrap_statement_permit(struct statement_ledger *ledger,
                        enum statement_identity identity,
                        enum statement statement, struct err_cause *cause)
{
    if (identity == STATEMENT_MACHINE && statement == STATEMENT_PROOF)
        return err_set(cause, KS_ERR_TOKEN_FAILED, "it signs nothing");
    return __real_statement_permit(ledger, identity, statement, cause);
}
