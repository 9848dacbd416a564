/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a token is used: does the URI name exactly one usable token, does it
 * want a PIN, and may this PIN be tried?
 */
#ifndef AGENT_HOLDFAST_SESSION_PREFLIGHT_H
#define AGENT_HOLDFAST_SESSION_PREFLIGHT_H

#include "agent/holdfast/session/inspect_client.h"
#include "agent/holdfast/session/pin.h"
#include "agent/holdfast/session/token_client.h"

/* A token's identity, by its own words. */
struct preflight_identity {
    const char *maker, *model, *serial;
};

struct preflight {
    /* the caller's */
    const char *uri;                  /* borrowed */
    const struct keystore_kind *kind; /* the URI's, or none: not known yet */
    bool registered;                  /* a token is; it stays good enough */
    char recorded[256]; /* its module, as it was asked for; "" where there is
                           none yet */
    char maker[33];     /* its own words; "" */
    char model[17];
    const char *pin_source; /* borrowed; NULL asks at the terminal */
    bool emulation;
    bool wants_pin; /* ask for one though the token does not say so */
    int state_directory;

    /* of the one token; "" where the store has none yet */
    char serial[KEYSTORE_SERIAL_SIZE];
    char module[256]; /* the only one that is loaded with it */
    bool hardware;    /* it says that it is */
    struct pin_source source;
    int pin; /* sealed memfd, or -1 */
};

/* The token as far as a URI describes it. */
struct preflight_match {
    const struct keystore_kind *kind;
    LAYOUT_NAMED(LAYOUT_KEPT)
};

/* Is the token that says FOUND of itself the one that was registered as
 * PREFLIGHT has it?  Where the module is the one that was asked for, the serial
 * number decides: a vendor's update may give the maker or the model another
 * name.  All three must be the same of a token without a serial number. */
bool preflight_is_same(const struct preflight *preflight,
                       const struct preflight_identity *found);

/* KS_ERR_TOKEN_OTHER where it is not. */
ERR_MUST_USE enum ks_err
preflight_check_registered(const struct preflight *preflight,
                           const struct inspect_token *token,
                           struct err_cause *cause);

/* Hold MATCH to all that is known of the registered token, for a look into
 * modules that nobody chose: one with a token of the same number would be given
 * the PIN. */
void preflight_match_registered(const struct preflight *preflight,
                                struct preflight_match *match);

/* The index of the one token among COUNT that fits MATCH and can be used, or
 * KS_ERR_TOKEN_MISSING, _AMBIGUOUS, KS_ERR_PIN_LOCKED. */
ERR_MUST_USE enum ks_err preflight_choose(const struct preflight_match *match,
                                          const struct inspect_token *tokens,
                                          size_t count, size_t *ret,
                                          struct err_cause *cause);

/* Look the token up and get the PIN: in the URI's module, or the recorded one,
 * or in those that p11-kit has configured (agent/holdfast/session/modules.h).
 * SERIAL ("" any) is the one recorded before: another is KS_ERR_TOKEN_OTHER.
 * Where the file of a registered token's module is gone, the configured ones
 * are looked at for the token of the same maker, model and serial number.  The
 * caller has set what is the caller's, and ends it with preflight_close(). */
ERR_MUST_USE enum ks_err preflight_run(struct preflight *preflight,
                                       const char *serial,
                                       struct err_cause *cause);
void preflight_close(struct preflight *preflight);

/* Start a run on the token, and see it opened: a refused PIN closes the latch,
 * an accepted one opens it.  As token_client_start() and _opened(). */
ERR_MUST_USE enum ks_err preflight_start(const struct preflight *preflight,
                                         int keys, const struct token_run *run,
                                         struct token_client **ret,
                                         struct err_cause *cause);
ERR_MUST_USE enum ks_err preflight_opened(const struct preflight *preflight,
                                          struct token_client *client,
                                          struct keystore_info *ret,
                                          struct err_cause *cause);

#endif
