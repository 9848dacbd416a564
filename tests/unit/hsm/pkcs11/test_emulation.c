/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens by what they say of themselves, as people's modules do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hsm/pkcs11/emulation.h"

struct said {
    const char *maker, *model;
};

static void
software_is_known(void **state)
{
    static const struct said rows[] = {
        {"SoftHSM project", "SoftHSM v2"},
        {"Mozilla Foundation", "NSS 3"},
        {"Kryoptic Project", "v1"},
        {"Gnome Keyring", "1.0"},
        {"IBM", "Soft"},              /* openCryptoki 3.23 */
        {"IBM Corp.", "IBM SoftTok"}, /* openCryptoki 3.8 */
        {"IBM", "SW   TPM"},          /* tpm2-pkcs11 over swtpm */
        {"Safenet, Inc.", "Software Only"},
        {"A vendor", "HSM Simulator"},
        {"A vendor", "EMULATOR 5"},
        {"A vendor", "HSM-soft"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!pkcs11_emulation_is(rows[i].maker, rows[i].model))
            fail_msg("%s, %s", rows[i].maker, rows[i].model);
}

static void
hardware_is_not_taken_for_software(void **state)
{
    static const struct said rows[] = {
        {"", ""},
        {"IBM", "ICA"},
        {"IBM Corp.", "EP11"},
        {"Infineon", "SLB9670"},
        {"SafeNet", "LunaSA 7.7.1"},
        {"Yubico (www.yubico.com)", "YubiHSM"},
        {"Microsoft", "Microsoft PIV"},
        {"OpenSC Project", "PKCS#15 emulated"},
        {"Softing AG", "Key 3"},
        {"SoftHSM projects", "HSM"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (pkcs11_emulation_is(rows[i].maker, rows[i].model))
            fail_msg("%s, %s", rows[i].maker, rows[i].model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(software_is_known),
        cmocka_unit_test(hardware_is_not_taken_for_software),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
