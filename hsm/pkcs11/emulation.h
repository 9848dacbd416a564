/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Software that only plays a token, by what it says of itself.  No list of such
 * software is ever whole: what is not known here may be anything.
 */
#ifndef HSM_PKCS11_EMULATION_H
#define HSM_PKCS11_EMULATION_H

#include <stdbool.h>

/* Is a token of MAKER and MODEL, as CK_TOKEN_INFO has them without the blanks
 * at their ends, known for software?  By makers who make nothing else, and by
 * words of the model. */
bool pkcs11_emulation_is(const char *maker, const char *model);

#endif
