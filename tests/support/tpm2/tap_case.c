/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM and a tap of its own for each test. */
#include "tests/support/tpm2/tap_case.h"

#include "tests/support/store_fixture.h"
#include "tests/support/tpm2/swtpm.h"

struct tap_case tap_case;
static struct store_fixture *fixture;

int
tap_case_start(void **state)
{
    (void)state;
    fixture = store_fixture_new("tpm2");
    if (fixture != NULL)
        tap_case.tap = tap_new(tap_case_swtpm(), tap_case_directory());
    return tap_case.tap != NULL ? 0 : -1;
}

int
tap_case_stop(void **state)
{
    (void)state;
    tap_free(&tap_case.tap);
    store_fixture_free(&fixture);
    return 0;
}

const char *
tap_case_swtpm(void)
{
    return swtpm_socket(store_fixture_swtpm(fixture));
}

const char *
tap_case_directory(void)
{
    return store_fixture_directory(fixture);
}

void
tap_case_get_random(void)
{
    tpm2_tool(&tap_case.run, tap_socket(tap_case.tap), "getrandom", "--hex",
              "16", NULL);
}
