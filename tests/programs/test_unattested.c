/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that prove nothing, before a vault that wants more than their word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/rig_case.h"

static void
vault_that_wants_proof_refuses_before_it_certifies_anything(void **state)
{
    json_t *records, *record;
    size_t i;

    (void)state;
    rig_vaultctl(&rig, &run, "policy", "lab1", "EK-verified");
    rig_register(&rig, &run, file);
    rig_expect(&run, 76, "the vault wants proof of where the key lives");
    rig_expect(&run, 76, "register a machine with a TPM 2.0");
    assert_true(rig_exists(file));
    records = rig_records(&rig);
    json_array_foreach(records, i, record)
    {
        const char *machine = json_string_value(
            json_object_get(record, "machine"));

        assert_true(machine == NULL || *machine == '\0');
    }
    json_decref(records);
    rig_vaultctl(&rig, &run, "policy", "lab1", "any");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(vault_that_wants_proof_refuses_before_it_certifies_anything,
                 rig_case_start_one),
    };

    return rig_case_main(argc, argv, tests);
}
