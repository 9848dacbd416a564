/* SPDX-License-Identifier: Apache-2.0 */
/* Habits of tokens that take or give something else than they are asked for. */
#ifndef TESTS_ALTERED_FAULTY_HABIT_H
#define TESTS_ALTERED_FAULTY_HABIT_H

#include <stdbool.h>
#include <stddef.h>

#include <p11-kit/pkcs11.h>

#define FAULTY_HABIT_ATTRIBUTES 32 /* the most of a template */

/* TEMPLATE as the token takes it, in RET: CKA_ID has two bytes where it CUTS
 * ids. */
CK_ATTRIBUTE *faulty_habit_cut(CK_ATTRIBUTE ret[static FAULTY_HABIT_ATTRIBUTES],
                               const CK_ATTRIBUTE *template, CK_ULONG count,
                               bool cuts);

/* The signature RAW, r || s, as ECDSA-Sig-Value (RFC 3279, 2.2.3). */
CK_RV faulty_habit_der(const unsigned char *raw, size_t length,
                       CK_BYTE *signature, CK_ULONG *size);

#endif
