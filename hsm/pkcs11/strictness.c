/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/pkcs11/strictness.h"

#include <string.h>

/* NSS's database takes no CKA_ALLOWED_MECHANISMS, and is unusable from then on
 * for the process that asked. */
enum pkcs11_strictness
pkcs11_strictness_first(const struct keystore_info *info)
{
    return strcmp(info->maker, "Mozilla Foundation") == 0 ? PKCS11_ANY_MECHANISM
                                                          : PKCS11_FULL;
}

bool
pkcs11_strictness_refused(CK_RV rv)
{
    return rv == CKR_ATTRIBUTE_TYPE_INVALID ||
           rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_ATTRIBUTE_READ_ONLY ||
           rv == CKR_TEMPLATE_INCONSISTENT;
}
