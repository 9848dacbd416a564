/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table evidence.  Nothing is left out of what came: somebody who
 * does not believe the vault can check it with other programs, years later. */
#include "tests/vault/service/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "tests/vault/service/store.h"

static const char *const proofs[] = {[EVIDENCE_CLAIMED] = "claimed",
                                     [EVIDENCE_CERTIFIED] = "certified",
                                     [EVIDENCE_EK_VERIFIED] = "EK-verified"};

bool
evidence_insert(struct store *store, const char *machine,
                const struct evidence *evidence)
{
    char *offer = json_dumps(evidence->offer, JSON_COMPACT);
    char *verdict = json_dumps(evidence->verdict, JSON_COMPACT);
    bool done = offer != NULL && verdict != NULL &&
                store_run(store,
                          "INSERT INTO evidence (machine, at, caller, offer,"
                          " evidence, verifier, proof, emulated, ek, verdict,"
                          " ak_certificate) VALUES"
                          " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                          "sisssssisss", machine, evidence->at,
                          evidence->caller, offer, evidence->statements,
                          evidence->verifier, proofs[evidence->proof],
                          (int64_t)evidence->emulated, evidence->ek, verdict,
                          evidence->ak_certificate);

    free(verdict);
    free(offer);
    return done;
}

static void
read_row(struct sqlite3_stmt *rows, struct evidence *ret)
{
    ret->at = store_number(rows, 0);
    store_text(rows, 1, ret->caller, sizeof ret->caller);
    ret->offer = json_loads(store_peek(rows, 2), 0, NULL);
    ret->statements = strdup(store_peek(rows, 3));
    store_text(rows, 4, ret->verifier, sizeof ret->verifier);
    ret->proof = strcmp(store_peek(rows, 5), proofs[EVIDENCE_EK_VERIFIED]) == 0
                     ? EVIDENCE_EK_VERIFIED
                     : EVIDENCE_CERTIFIED;
    ret->emulated = store_number(rows, 6) != 0;
    store_text(rows, 7, ret->ek, sizeof ret->ek);
    ret->verdict = json_loads(store_peek(rows, 8), 0, NULL);
    ret->ak_certificate = strdup(store_peek(rows, 9));
}

bool
evidence_find(struct store *store, const char *machine, struct evidence *ret)
{
    struct sqlite3_stmt *rows = store_rows(
        store,
        "SELECT at, caller, offer, evidence, verifier, proof, emulated, ek,"
        " verdict, ak_certificate FROM evidence WHERE machine = $1"
        " ORDER BY id DESC LIMIT 1",
        "s", machine);
    bool found = store_next(rows);

    *ret = (struct evidence){.proof = EVIDENCE_CLAIMED};
    if (found)
        read_row(rows, ret);
    store_done(&rows);
    return found && ret->offer != NULL && ret->verdict != NULL &&
           ret->statements != NULL && ret->ak_certificate != NULL;
}

void
evidence_clear(struct evidence *evidence)
{
    json_decref(evidence->offer);
    json_decref(evidence->verdict);
    free(evidence->statements);
    free(evidence->ak_certificate);
    *evidence = (struct evidence){0};
}

/* Any of its evidence counts, not the newest alone: a TPM has an EK of each
 * algorithm, and a machine that shows another one has not left its TPM. */
bool
evidence_find_machine(struct store *store, const char *vault, const char *ek,
                      const char *but, struct machine *ret)
{
    struct sqlite3_stmt *rows = store_rows(
        store,
        "SELECT uuid FROM machine JOIN evidence ON machine = uuid"
        " WHERE vault = $1 AND ek = $2 AND uuid <> $3"
        " AND state = 'registered' LIMIT 1",
        "sss", vault, ek, but);
    char uuid[ENCODING_UUID] = "";

    *ret = (struct machine){0};
    if (store_next(rows))
        store_text(rows, 0, uuid, sizeof uuid);
    return store_done(&rows) &&
           (*uuid == '\0' || machine_find_uuid(store, uuid, ret));
}

/* A vouched-for emulation is both: its key was born in it, and it is one. */
void
evidence_assure(const char *key_store, const struct evidence *evidence,
                struct assurance *ret)
{
    json_t *claim = json_loads(key_store, 0, NULL);
    const char *origin = json_string_value(json_object_get(claim, "origin"));
    bool born = evidence->proof != EVIDENCE_CLAIMED ||
                (origin != NULL && strcmp(origin, "born") == 0);

    *ret = (struct assurance){
        .origin = born ? "born" : "imported",
        .proof = proofs[evidence->proof],
        .emulated = evidence->emulated ||
                    json_is_true(json_object_get(claim, "emulated"))};
    if (ret->emulated && evidence->proof != EVIDENCE_EK_VERIFIED)
        ret->origin = "emulated";
    (void)strcpy(ret->ek, evidence->ek);
    json_decref(claim);
}

void
evidence_assurance(struct store *store, const struct machine *machine,
                   struct assurance *ret)
{
    struct evidence evidence;

    (void)evidence_find(store, machine->uuid, &evidence);
    evidence_assure(machine->key_store, &evidence, ret);
    evidence_clear(&evidence);
}
