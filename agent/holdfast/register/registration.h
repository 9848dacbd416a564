/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A registration under way: the steps of `register` in their order, each of
 * which can be taken up again after a crash.  Nothing destructive happens
 * before registration_finish().
 */
#ifndef AGENT_HOLDFAST_REGISTER_REGISTRATION_H
#define AGENT_HOLDFAST_REGISTER_REGISTRATION_H

#include "agent/holdfast/options.h"
#include "agent/holdfast/session/intake.h"
#include "agent/holdfast/session/session.h"
#include "agent/holdfast/state/state.h"

struct registration {
    const struct options *options; /* borrowed */
    struct session session;
    bool no_machine_key; /* the token made none */
};

/* Wiped, the credential's key gone or kept on purpose, the receipt there. */
bool registration_is_finished(const struct state *state);

/* May the vault of the state list this machine?  True from the moment before it
 * was first asked, whatever came of that and wherever a later run stands. */
bool registration_may_be_listed(const struct state *state);

/* Was the vault asked with the credential whose certificate has this SHA-256?
 * Then it answers the same question with the same certificate, even where the
 * credential has expired since. */
bool registration_was_asked_with(const struct state *state,
                                 const uint8_t sha256[static 32]);

/* Note in memory that it is about to be asked with the recorded credential. */
ERR_MUST_USE enum ks_err registration_note_asked(struct state *state,
                                                 struct err_cause *cause);

/* Import the credential's key and make it durable: IMPORTING. */
ERR_MUST_USE enum ks_err registration_import(struct registration *registration,
                                             struct intake *intake,
                                             struct err_cause *cause);

/* After an import that failed, a key that cannot be proved, or a machine's key
 * that the token does not make, where nothing was recorded before: both keys go
 * from the token again and the attempt from the state.  Where the token does
 * not let that be known, the state stays at IMPORTING for the next call to take
 * up. */
void registration_undo_import(struct registration *registration);

/* In a fresh run: prove the key (IMPORTED), get a token, make the machine key
 * (REGISTERING), enrol it (REGISTERED). */
ERR_MUST_USE enum ks_err registration_enrol(struct registration *registration,
                                            struct err_cause *cause);

/* In another fresh run, as the machine: one authenticated call proves that the
 * registration works (WIPE_PENDING); then finish in the same run: wipe, remove
 * the credential key, receipt (DONE). */
ERR_MUST_USE enum ks_err registration_finish(struct registration *registration,
                                             struct intake *intake,
                                             struct err_cause *cause);

/* Note in memory the file of INTAKE, which is not forgotten before it is wiped.
 * The first is for an import from it; those of attempts before stay known.  The
 * second is for one more that has to go, when the machine is registered.
 * KS_ERR_UNFINISHED: there are too many. */
ERR_MUST_USE enum ks_err registration_put_file(struct state *state,
                                               const struct intake *intake,
                                               struct err_cause *cause);
ERR_MUST_USE enum ks_err registration_add_file(struct state *state,
                                               const struct intake *intake,
                                               struct err_cause *cause);

/* Is what is at PATH, or was before its wipe, a file that was given?  One that
 * was moved is followed, in memory. */
bool registration_knows_file(struct state *state, const char *path);

/* Wipe every file that was given to `register` and still is that file, the last
 * and those of attempts before, and record what came of each (DONE).  INTAKE
 * may be NULL.  With GIVE_UP a file whose directory or file system is not there
 * is let go.  KS_ERR_UNWIPED: one is still there, and the cause names it and
 * says what to do; the others are wiped. */
ERR_MUST_USE enum ks_err registration_wipe(struct state *state,
                                           struct intake *intake, bool give_up,
                                           struct err_cause *cause);

/* Why a copy of a file may remain after it; NULL: each was overwritten in
 * place. */
const char *registration_residue(const struct state *state);

#endif
