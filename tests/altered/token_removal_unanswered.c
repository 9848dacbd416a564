/* SPDX-License-Identifier: Apache-2.0 */
/* A holdfast-token whose token removes a key and then gets stuck, so that
 * nobody hears of it. */
#include "keystore/store/keystore.h"

enum ks_err __real_keystore_remove(struct keystore *ks, const uint8_t *id,
                                   struct err_cause *cause);
enum ks_err __wrap_keystore_remove(struct keystore *ks, const uint8_t *id,
                                   struct err_cause *cause);

enum ks_err
__wrap_keystore_remove(struct keystore *ks, const uint8_t *id,
                       struct err_cause *cause)
{
    enum ks_err rc = __real_keystore_remove(ks, id, cause);

    return rc == KS_OK ? err_set(cause, KS_ERR_TPM_BUSY, "after a removal")
                       : rc;
}
