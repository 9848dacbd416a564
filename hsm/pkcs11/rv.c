/* SPDX-License-Identifier: Apache-2.0 */
/* Each refusal of a token's that an operator can do something about has a row.
 * Any other value is a failure of the token, shown as its number. */
#include "hsm/pkcs11/rv.h"

#include <stddef.h>

#define RV_LIST(X)                                                             \
    X(CKR_HOST_MEMORY, KS_ERR_TOKEN_FAILED)                                    \
    X(CKR_SLOT_ID_INVALID, KS_ERR_TOKEN_MISSING)                               \
    X(CKR_GENERAL_ERROR, KS_ERR_TOKEN_FAILED)                                  \
    X(CKR_FUNCTION_FAILED, KS_ERR_TOKEN_FAILED)                                \
    X(CKR_ARGUMENTS_BAD, KS_ERR_TOKEN_FAILED)                                  \
    X(CKR_NEED_TO_CREATE_THREADS, KS_ERR_TOKEN_MODULE)                         \
    X(CKR_CANT_LOCK, KS_ERR_TOKEN_MODULE)                                      \
    X(CKR_ATTRIBUTE_READ_ONLY, KS_ERR_TOKEN_UNSUPPORTED)                       \
    X(CKR_ATTRIBUTE_SENSITIVE, KS_ERR_TOKEN_UNSUPPORTED)                       \
    X(CKR_ATTRIBUTE_TYPE_INVALID, KS_ERR_TOKEN_UNSUPPORTED)                    \
    X(CKR_ATTRIBUTE_VALUE_INVALID, KS_ERR_TOKEN_UNSUPPORTED)                   \
    X(CKR_ACTION_PROHIBITED, KS_ERR_TOKEN_UNSUPPORTED)                         \
    X(CKR_DATA_INVALID, KS_ERR_TOKEN_FAILED)                                   \
    X(CKR_DATA_LEN_RANGE, KS_ERR_TOKEN_UNSUPPORTED)                            \
    X(CKR_DEVICE_ERROR, KS_ERR_TOKEN_FAILED)                                   \
    X(CKR_DEVICE_MEMORY, KS_ERR_TOKEN_FULL)                                    \
    X(CKR_DEVICE_REMOVED, KS_ERR_TOKEN_MISSING)                                \
    X(CKR_FUNCTION_CANCELED, KS_ERR_TOKEN_FAILED)                              \
    X(CKR_FUNCTION_NOT_SUPPORTED, KS_ERR_TOKEN_UNSUPPORTED)                    \
    X(CKR_KEY_HANDLE_INVALID, KS_ERR_KEY_MISSING)                              \
    X(CKR_KEY_SIZE_RANGE, KS_ERR_TOKEN_UNSUPPORTED)                            \
    X(CKR_KEY_TYPE_INCONSISTENT, KS_ERR_TOKEN_UNSUPPORTED)                     \
    X(CKR_KEY_FUNCTION_NOT_PERMITTED, KS_ERR_TOKEN_UNSUPPORTED)                \
    X(CKR_MECHANISM_INVALID, KS_ERR_TOKEN_UNSUPPORTED)                         \
    X(CKR_MECHANISM_PARAM_INVALID, KS_ERR_TOKEN_UNSUPPORTED)                   \
    X(CKR_OBJECT_HANDLE_INVALID, KS_ERR_KEY_MISSING)                           \
    X(CKR_OPERATION_ACTIVE, KS_ERR_TOKEN_FAILED)                               \
    X(CKR_OPERATION_NOT_INITIALIZED, KS_ERR_TOKEN_FAILED)                      \
    X(CKR_PIN_INCORRECT, KS_ERR_PIN_WRONG)                                     \
    X(CKR_PIN_INVALID, KS_ERR_PIN_WRONG)                                       \
    X(CKR_PIN_LEN_RANGE, KS_ERR_PIN_WRONG)                                     \
    X(CKR_PIN_EXPIRED, KS_ERR_PIN_LOCKED)                                      \
    X(CKR_PIN_LOCKED, KS_ERR_PIN_LOCKED)                                       \
    X(CKR_SESSION_CLOSED, KS_ERR_TOKEN_FAILED)                                 \
    X(CKR_SESSION_COUNT, KS_ERR_TOKEN_FAILED)                                  \
    X(CKR_SESSION_HANDLE_INVALID, KS_ERR_TOKEN_FAILED)                         \
    X(CKR_SESSION_READ_ONLY, KS_ERR_TOKEN_UNSUPPORTED)                         \
    X(CKR_SESSION_READ_WRITE_SO_EXISTS, KS_ERR_TOKEN_FAILED)                   \
    X(CKR_TEMPLATE_INCOMPLETE, KS_ERR_TOKEN_UNSUPPORTED)                       \
    X(CKR_TEMPLATE_INCONSISTENT, KS_ERR_TOKEN_UNSUPPORTED)                     \
    X(CKR_TOKEN_NOT_PRESENT, KS_ERR_TOKEN_MISSING)                             \
    X(CKR_TOKEN_NOT_RECOGNIZED, KS_ERR_TOKEN_MISSING)                          \
    X(CKR_TOKEN_WRITE_PROTECTED, KS_ERR_TOKEN_UNSUPPORTED)                     \
    X(CKR_USER_NOT_LOGGED_IN, KS_ERR_PIN_NEEDED)                               \
    X(CKR_USER_PIN_NOT_INITIALIZED, KS_ERR_TOKEN_FAILED)                       \
    X(CKR_USER_TYPE_INVALID, KS_ERR_TOKEN_FAILED)                              \
    X(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, KS_ERR_TOKEN_FAILED)                 \
    X(CKR_USER_TOO_MANY_TYPES, KS_ERR_TOKEN_FAILED)                            \
    X(CKR_RANDOM_NO_RNG, KS_ERR_TOKEN_UNSUPPORTED)                             \
    X(CKR_DOMAIN_PARAMS_INVALID, KS_ERR_TOKEN_UNSUPPORTED)                     \
    X(CKR_CURVE_NOT_SUPPORTED, KS_ERR_TOKEN_UNSUPPORTED)                       \
    X(CKR_WRAPPED_KEY_INVALID, KS_ERR_TOKEN_UNSUPPORTED)                       \
    X(CKR_WRAPPED_KEY_LEN_RANGE, KS_ERR_TOKEN_UNSUPPORTED)                     \
    X(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, KS_ERR_TOKEN_UNSUPPORTED)          \
    X(CKR_BUFFER_TOO_SMALL, KS_ERR_TOKEN_FAILED)                               \
    X(CKR_CRYPTOKI_NOT_INITIALIZED, KS_ERR_TOKEN_FAILED)                       \
    X(CKR_FUNCTION_REJECTED, KS_ERR_TOKEN_FAILED)

static const struct {
    CK_RV rv;
    enum ks_err err;
    const char *name;
} values[] = {
#define X(value, error) {value, error, #value},
    RV_LIST(X)
#undef X
};

enum ks_err
pkcs11_rv_set(struct err_cause *cause, CK_RV rv, const char *call)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (values[i].rv == rv)
            return err_set(cause, values[i].err, "%s: %s", call,
                           values[i].name);
    return err_set(cause, KS_ERR_TOKEN_FAILED, "%s: return value 0x%lx", call,
                   rv);
}
