/* SPDX-License-Identifier: Apache-2.0 */
/* A place in the matrix that is not written down here is 0: never. */
#include "agent/statement/matrix.h"

#include "agent/ipc/retry.h"

/* A vault may close the connection after each reply, and then every request
 * costs a handshake, and every repetition of one that a failed vault answered.
 * An enrolment is six requests (docs/protocol.md: M1, M2, M3 and its evidence,
 * and the two of M4).  A machine's run has two where it gives evidence anew
 * (M3), else one (M5, or the connection of `relay`), which is made anew where
 * the token kept the vault waiting (agent/net/requests.c); that is less. */
#define HANDSHAKES_ENROL (6 + RETRY_MOST_OF_SIX)
#define HANDSHAKES_MACHINE (2 + RETRY_MOST_OF_TWO)

/* All else is sent again as it is: an assertion and an enrolment proof are good
 * for 600 s, repetitions end after 120 s. */
static const uint8_t
    budget[STATEMENT_PHASE__MAX][STATEMENT_IDENTITY__MAX][STATEMENT__MAX] = {
        [STATEMENT_PHASE_ENROL] =
            {
                [STATEMENT_CREDENTIAL] = {[STATEMENT_HANDSHAKE] =
                                              HANDSHAKES_ENROL,
                                          [STATEMENT_ASSERTION] = 1,
                                          [STATEMENT_ENROLMENT] = 1,
                                          [STATEMENT_PROOF] = 1},
                [STATEMENT_MACHINE] = {[STATEMENT_REQUEST] = 1,
                                       [STATEMENT_OFFER] = 1,
                                       [STATEMENT_EVIDENCE] = 1},
            },
        [STATEMENT_PHASE_MACHINE] =
            {
                [STATEMENT_MACHINE] = {[STATEMENT_HANDSHAKE] =
                                           HANDSHAKES_MACHINE,
                                       [STATEMENT_PROOF] = 1,
                                       [STATEMENT_RECEIPT] = 1,
                                       [STATEMENT_OFFER] = 1,
                                       [STATEMENT_EVIDENCE] = 1},
            },
};

static const char *const names[] = {
    [STATEMENT_HANDSHAKE] = "TLS handshake",
    [STATEMENT_ASSERTION] = "client assertion",
    [STATEMENT_ENROLMENT] = "enrolment proof",
    [STATEMENT_REQUEST] = "certificate request",
    [STATEMENT_PROOF] = "proof",
    [STATEMENT_RECEIPT] = "receipt",
    [STATEMENT_OFFER] = "offer of an attestation key",
    [STATEMENT_EVIDENCE] = "evidence",
};

_Static_assert(sizeof names / sizeof names[0] == STATEMENT__MAX,
               "every statement has its name");

/* How many connections there are a server decides, too; every other statement
 * is asked for by our own programs alone. */
static enum ks_err
over_budget(enum statement statement, unsigned limit, struct err_cause *cause)
{
    if (statement == STATEMENT_HANDSHAKE)
        return err_set(cause, KS_ERR_NET_CLOSED,
                       "%u were signed for, which is all that a run may need",
                       limit);
    return err_set(cause, KS_ERR_STATEMENT, "%s over budget (%u a run)",
                   names[statement], limit);
}

enum ks_err
statement_permit(struct statement_ledger *ledger,
                 enum statement_identity identity, enum statement statement,
                 struct err_cause *cause)
{
    uint8_t limit;

    if (ledger->phase >= STATEMENT_PHASE__MAX ||
        identity >= STATEMENT_IDENTITY__MAX || statement >= STATEMENT__MAX)
        return err_set(cause, KS_ERR_STATEMENT, "no such statement");
    limit = budget[ledger->phase][identity][statement];
    if (limit == 0)
        return err_set(cause, KS_ERR_STATEMENT,
                       "no %s with this identity in this run",
                       names[statement]);
    if (ledger->used[identity][statement] >= limit)
        return over_budget(statement, limit, cause);
    ledger->used[identity][statement]++;
    return KS_OK;
}
