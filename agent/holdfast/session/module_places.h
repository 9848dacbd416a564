/* SPDX-License-Identifier: Apache-2.0 */
/* Where p11-kit's configuration is on this machine. */
#ifndef AGENT_HOLDFAST_SESSION_MODULE_PLACES_H
#define AGENT_HOLDFAST_SESSION_MODULE_PLACES_H

#include "hsm/pkcs11/config.h"

/* The directories that p11-kit was built with, and the caller's own: that is
 * $XDG_CONFIG_HOME/pkcs11 or ~/.config/pkcs11, and none for root, as p11-kit
 * has it.  KS_ERR_TOKEN_MODULE: their names are too long. */
ERR_MUST_USE enum ks_err module_places(struct pkcs11_config_places *ret,
                                       struct err_cause *cause);

#endif
