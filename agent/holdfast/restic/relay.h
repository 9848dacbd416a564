/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How restic gets at the vault: the words of the relay that it is to start, and
 * the descriptors that it hands on to it.  A name is only used there for what
 * has that name in another process, too.
 */
#ifndef AGENT_HOLDFAST_RESTIC_RELAY_H
#define AGENT_HOLDFAST_RESTIC_RELAY_H

#include "agent/holdfast/restic/setup.h"
#include "keystore/base/err.h"

/* Descriptors that restic is started with, whoever made them. */
enum restic_fd {
    RESTIC_FD_PASSPHRASE = 3,
    RESTIC_FD_REPORT, /* agent/holdfast/restic/relay_report.h */
    RESTIC_FD_PIN,    /* sealed memfd */
    RESTIC_FD_SAID,   /* where its standard error is read from: without it Go
                         would end restic for a word that nobody reads any
                         more, before it has removed its lock */
    RESTIC_FD__END
};

/* Put restic->relay together.  The source of the PIN is looked at here: a file
 * is named to the relay; whatever else can be read only once, as a pipe, or
 * only here, as a descriptor, is read now into restic->pin.
 * KS_ERR_USAGE: a path that restic would not hand on; errors of pin_open(),
 * pin_read() and issuers_open(). */
ERR_MUST_USE enum ks_err restic_relay_make(struct restic *restic,
                                           struct err_cause *cause);

/* Why does the vault refuse this machine?  Asked anew, as itself, since restic
 * does not tell.  KS_OK: it does not, or nobody can tell without asking a
 * person for the PIN again. */
ERR_MUST_USE enum ks_err restic_relay_ask(const struct restic *restic,
                                          struct err_cause *cause);

#endif
