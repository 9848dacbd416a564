/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A registration under way: the steps of `register` in their order, each of
 * which can be taken up again after a crash.  Nothing destructive happens
 * before registration_finish().
 */
#ifndef AGENT_HOLDFAST_REGISTER_REGISTRATION_H
#define AGENT_HOLDFAST_REGISTER_REGISTRATION_H

#include "agent/holdfast/session/intake.h"
#include "agent/holdfast/session/net_client.h"
#include "agent/holdfast/options.h"
#include "agent/holdfast/session/preflight.h"
#include "agent/holdfast/state/state.h"

struct registration {
    const struct options *options; /* borrowed */
    struct state *state;           /* borrowed */
    struct preflight preflight;
    struct keystore_info store; /* of the run opened last */
    bool no_machine_key;        /* the token made none */
    bool anew;   /* the caller records what the token says of itself now */
    bool silent; /* standard error is another program's: nothing is told */
};

/* A line of progress, on stderr where that is a terminal. */
void registration_say(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Look the token up and get its PIN.  URI is the one given, or "" for the one
 * recorded.  The caller ends it with registration_close(). */
ERR_MUST_USE enum ks_err registration_open(struct registration *registration,
                                           const struct options *options,
                                           struct state *state,
                                           struct err_cause *cause);
void registration_close(struct registration *registration);

/* Tell NET where to connect as IDENTITY, with the certificate of that from the
 * state, as all else. */
ERR_MUST_USE enum ks_err
registration_target(const struct registration *registration,
                    enum statement_identity identity, struct net_client *net,
                    struct err_cause *cause);

/* Open a fresh run of holdfast-token on the registration's token, which must be
 * the recorded one, if one is.  As token_client_start() and _opened(). */
ERR_MUST_USE enum ks_err registration_run(struct registration *registration,
                                          const struct token_run *run,
                                          struct token_client **ret,
                                          struct err_cause *cause);

/* Hold the token that was opened against the recorded one, or record it where
 * none is.  A module's file or names that have changed are recorded anew and
 * told.  KS_ERR_TOKEN_OTHER: it is another token. */
ERR_MUST_USE enum ks_err
registration_check_token(const struct registration *registration,
                         struct err_cause *cause);

/* Record, in memory, by which module the token was opened and what it calls
 * itself. */
void registration_put_module(const struct registration *registration);

/* Tell of such a change, once, on standard error. */
void registration_tell_update(struct state *state);

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

/* Make the token's objects durable.  A token that keeps them in files may have
 * flushed none, and on which file system they are is its secret: all of them
 * are flushed. */
void registration_flush(const struct registration *registration);

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

/* net_client_start() with this registration's issuers. */
ERR_MUST_USE enum ks_err
registration_start_net(const struct registration *registration, int channel,
                       const int *streams, struct net_client **ret,
                       struct err_cause *cause);

/* The two helpers as the machine, for a call to the vault. */
struct registration_machine {
    struct token_client *token;
    struct net_client *net;
};

/* What the machine's run is for: no network; any call; net_client_self() first;
 * net_client_stream(), with STREAMS as for net_client_start(), else NULL.  The
 * last two are under way to the vault while the token is opened. */
enum registration_purpose {
    REGISTRATION_TOKEN_ONLY,
    REGISTRATION_CALLS,
    REGISTRATION_SELF,
    REGISTRATION_STREAM
};
ERR_MUST_USE enum ks_err
registration_open_machine(struct registration *registration,
                          enum registration_purpose purpose, const int *streams,
                          struct registration_machine *ret,
                          struct err_cause *cause);

/* Does the machine's key sign?  Asked before anything is destroyed, because
 * what the vault answers is holdfast-net's word. */
ERR_MUST_USE enum ks_err
registration_prove_machine(const struct registration *registration,
                           const struct registration_machine *machine,
                           struct err_cause *cause);

void registration_close_machine(struct registration_machine *machine);

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
