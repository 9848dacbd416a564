/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often holdfast-token may sign what: a matrix of phase x identity x
 * statement.  What is over budget is refused.  Part of holdfast-token alone.
 */
#ifndef AGENT_STATEMENT_MATRIX_H
#define AGENT_STATEMENT_MATRIX_H

#include "agent/statement/statement.h"

struct statement_ledger {
    enum statement_phase phase;
    uint8_t used[STATEMENT_IDENTITY__MAX][STATEMENT__MAX];
};

/* Count one STATEMENT by IDENTITY, or refuse it: KS_ERR_NET_CLOSED for a
 * handshake over budget, else KS_ERR_STATEMENT.  Counted before it is signed: a
 * failed attempt is spent too. */
ERR_MUST_USE enum ks_err statement_permit(struct statement_ledger *ledger,
                                          enum statement_identity identity,
                                          enum statement statement,
                                          struct err_cause *cause);

#endif
