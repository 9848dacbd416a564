/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/altered/faulty_habit.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>

CK_ATTRIBUTE *
faulty_habit_cut(CK_ATTRIBUTE ret[static FAULTY_HABIT_ATTRIBUTES],
                 const CK_ATTRIBUTE *template, CK_ULONG count, bool cuts)
{
    memcpy(ret, template, count * sizeof *template);
    for (CK_ULONG i = 0; cuts && i < count; i++)
        if (ret[i].type == CKA_ID && ret[i].ulValueLen > 2)
            ret[i].ulValueLen = 2;
    return ret;
}

CK_RV
faulty_habit_der(const unsigned char *raw, size_t length, CK_BYTE *signature,
                 CK_ULONG *size)
{
    ECDSA_SIG *both = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)length / 2, NULL);
    BIGNUM *s = BN_bin2bn(raw + length / 2, (int)length / 2, NULL);
    int written = -1;

    if (both != NULL && ECDSA_SIG_set0(both, r, s) == 1)
        written = i2d_ECDSA_SIG(both, &signature);
    ECDSA_SIG_free(both);
    *size = (CK_ULONG)written;
    return written > 0 ? CKR_OK : CKR_GENERAL_ERROR;
}
