/* SPDX-License-Identifier: Apache-2.0 */
/* Which RSA keys are taken, as a credential or found in a store: below, a key
 * can be factored in a vault's life; above, no TPM of today holds one. */
#ifndef KEYSTORE_BASE_LIMITS_H
#define KEYSTORE_BASE_LIMITS_H

#define LIMITS_RSA_BITS_MIN 2048
#define LIMITS_RSA_BITS_MAX 4096

#endif
