/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The number that a token has engraved and the software emulation keeps in a
 * file: a serial number that stays with the directory.
 */
#ifndef KEYSTORE_STORE_SOFT_SERIAL_H
#define KEYSTORE_STORE_SOFT_SERIAL_H

#include "keystore/base/err.h"

#define SOFT_SERIAL_LENGTH 16

/* The serial number of DIRECTORY as text, made where there is none yet.
 * KS_ERR_TOKEN_FAILED: its file holds something else. */
ERR_MUST_USE enum ks_err
soft_serial_read(int directory, char ret[static SOFT_SERIAL_LENGTH + 1],
                 struct err_cause *cause);

#endif
