/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MAC of a PFX (RFC 7292, 4; PBMAC1: RFC 9579).  Under the empty password
 * it authenticates nobody: it tells which way of writing that password is the
 * right one, and that the bytes are as their writer made them.
 */
#ifndef KEYSTORE_CREDENTIAL_PFX_MAC_H
#define KEYSTORE_CREDENTIAL_PFX_MAC_H

#include "keystore/base/der.h"
#include "keystore/credential/pfx_walk.h"

/* Verify that of PFX, whose bytes are WHOLE, with WALK's password, and note in
 * WALK whether there was one. KS_ERR_CRED_PASSWORD: another password, or
 * damaged; KS_ERR_CRED_UNUSABLE: an algorithm that is not read here, or too
 * costly. */
ERR_MUST_USE enum ks_err pfx_mac_verify(struct pfx_walk *walk, PKCS12 *pfx,
                                        struct der whole);

#endif
