/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the machine reaches its token and its vault.  What an option says counts
 * first, then what is recorded, then the default; that is decided once a run,
 * here, and each value says where it is from.  `register` and `reconfigure`
 * record it, in memory until the state is saved, and nothing before it was
 * looked at.
 */
#ifndef AGENT_HOLDFAST_SETTINGS_H
#define AGENT_HOLDFAST_SETTINGS_H

#include "agent/holdfast/options.h"
#include "agent/holdfast/state/state.h"
#include "agent/statement/attestation.h"

enum settings_origin {
    SETTINGS_DEFAULT,
    SETTINGS_STATE,
    SETTINGS_OPTION,
};

struct setting {
    const char *text; /* borrowed of the options or of the state */
    enum settings_origin origin;
};

struct settings {
    struct setting token;      /* its URI; by default "": there is none yet */
    struct setting pin_source; /* by default NULL: somebody is asked */
    struct setting issuers;    /* by default the system's file */
    struct setting crls;       /* NULL, which is the default: none */
    struct setting attest;     /* how much proof; by default "try" */
    struct setting pcrs;       /* to be quoted; by default "none" */
    bool emulation;            /* a token may be one */
};

/* All of them, by OPTIONS and STATE; good until either changes.  A recorded
 * file of the PIN that is gone is as none. */
void settings_resolve(const struct options *options, const struct state *state,
                      struct settings *ret);

/* Look at the issuers, and record by their full name those of an option, as a
 * later command may run elsewhere.  Errors as of issuers_check(). */
ERR_MUST_USE enum ks_err settings_put_issuers(const struct setting *issuers,
                                              struct state *state,
                                              struct err_cause *cause);

/* The same with the file of CRLs; an option that takes it away does so.  Errors
 * as of crl_file_check(). */
ERR_MUST_USE enum ks_err settings_put_crls(const struct setting *crls,
                                           struct state *state,
                                           struct err_cause *cause);

/* The way CHOSEN as proxy_choose() takes it, with its errors. */
ERR_MUST_USE enum ks_err settings_put_proxy(struct state *state,
                                            const char *chosen,
                                            struct err_cause *cause);

/* How much proof, and which PCRs, an option asks for.  KS_ERR_STATE_BROKEN:
 * what is recorded of it cannot be read. */
ERR_MUST_USE enum ks_err settings_put_attest(const struct settings *settings,
                                             struct state *state,
                                             struct err_cause *cause);

/* The same as values, which settings_put_attest() has found to be good. */
enum attestation_mode settings_attest(const struct settings *settings);
uint32_t settings_pcrs(const struct settings *settings);

/* The PIN's file, by its full name. */
ERR_MUST_USE enum ks_err settings_put_pin_file(struct state *state,
                                               const char *path,
                                               struct err_cause *cause);

#endif
