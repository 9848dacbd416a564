/* SPDX-License-Identifier: Apache-2.0 */
/* A back end that believes what the token says of a new key: linked in place of
 * the check of its attributes, it must make the tests fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hsm/pkcs11/key.h"

enum ks_err __wrap_pkcs11_protect(struct pkcs11_token *token,
                                  CK_SESSION_HANDLE session,
                                  CK_OBJECT_HANDLE object,
                                  enum material_type type,
                                  struct err_cause *cause);

enum ks_err
__wrap_pkcs11_protect(struct pkcs11_token *token, CK_SESSION_HANDLE session,
                      CK_OBJECT_HANDLE object, enum material_type type,
                      struct err_cause *cause)
{
    (void)token;
    (void)session;
    (void)object;
    (void)type;
    (void)cause;
    return KS_OK;
}

/* The tests that must notice; the others know nothing of the check. */
static void __attribute__((constructor)) choose_tests(void)
{
    cmocka_set_test_filter("weak_key_is_*");
}
