/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets that a module asked for and its confinement refused: the module
 * reports the refusal as a fault of its own, in its own words.  Whoever links
 * this defines socket(2) and connect(2) for all libraries in the process.
 */
#ifndef AGENT_SANDBOX_MODULE_SOCKET_H
#define AGENT_SANDBOX_MODULE_SOCKET_H

#include <stdbool.h>

#include "keystore/base/err.h"

/* Was it?  Of calls that go by the C library. */
bool module_socket_refused(void);

/* RC, or KS_ERR_TOKEN_NETWORK where the module was refused the network and RC
 * is what a module without it would come to: it cannot be used, has failed, or
 * has no token. */
ERR_MUST_USE enum ks_err module_socket_judge(enum ks_err rc,
                                             struct err_cause *cause);

#endif
