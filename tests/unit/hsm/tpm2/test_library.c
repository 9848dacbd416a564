/* SPDX-License-Identifier: Apache-2.0 */
/* The TSS loads its way to a TPM by name: where that library is not installed,
 * it is named, and not the TPM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <tss2/tss2_tctildr.h>

#include "tests/unit/hsm/tpm2/case.h"

static bool installed;

TSS2_RC __real_Tss2_TctiLdr_Initialize(const char *config,
                                       TSS2_TCTI_CONTEXT **ret);
TSS2_RC __wrap_Tss2_TctiLdr_Initialize(const char *config,
                                       TSS2_TCTI_CONTEXT **ret);

/* What the loader answers by itself to a name for which there is no file. */
TSS2_RC
__wrap_Tss2_TctiLdr_Initialize(const char *config, TSS2_TCTI_CONTEXT **ret)
{
    return __real_Tss2_TctiLdr_Initialize(installed ? config : "absent:", ret);
}

static void
library_that_is_not_installed_is_named(void **state)
{
    struct err_cause cause = {""};
    struct keystore *store = NULL;

    (void)state;
    assert_int_equal(tpm2_case_open("", &store, &cause), KS_ERR_TOKEN_MISSING);
    assert_null(store);
    assert_non_null(strstr(cause.text,
                           "is missing; install it (Debian's package "
                           "libtss2-tcti-swtpm0)"));
    installed = true;
    assert_int_equal(tpm2_case_open("", &store, &cause), KS_OK);
    keystore_close(&store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(library_that_is_not_installed_is_named),
    };

    return cmocka_run_group_tests(tests, tpm2_case_start, tpm2_case_stop);
}
