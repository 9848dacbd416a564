/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of a chain as they stand in a TPM, and how many of them a vault
 * is told: docs/attestation.md has the limits, and an offer beyond them is
 * refused whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <jansson.h>

#include "agent/token/evidence_json.h"

#define CHAIN_IN_DOCUMENT 8
#define VALUE_IN_DOCUMENT 2048

static struct evidence_offer offer;

/* One more SEQUENCE of LENGTH bytes, which is 260 or more. */
static void
add(size_t length)
{
    uint8_t *at = offer.chain + offer.chain_length;

    assert_true(length <= sizeof offer.chain - offer.chain_length);
    memset(at, 0, length);
    at[0] = 0x30;
    at[1] = 0x82;
    at[2] = (uint8_t)((length - 4) >> 8);
    at[3] = (uint8_t)(length - 4);
    offer.chain_length += length;
}

static int
start(void **state)
{
    (void)state;
    memset(&offer, 0, sizeof offer);
    offer.endorsement.public.length = offer.key.length = 80;
    return 0;
}

/* So many are told, of which the last has LENGTH bytes. */
static void
expect_told(size_t count, size_t length)
{
    char *text = evidence_json_offer(&offer, 0);
    json_t *json = json_loads(text, 0, NULL);
    const json_t *list = json_object_get(json_object_get(json, "endorsement"),
                                         "chain");

    assert_int_equal(json_array_size(list), count);
    if (count > 0)
        assert_int_equal(json_string_length(json_array_get(list, count - 1)),
                         (length * 4 + 2) / 3);
    json_decref(json);
    evidence_json_free(text);
}

static void
as_many_are_told_as_a_vault_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHAIN_IN_DOCUMENT; i++)
        add(300 + i);
    expect_told(CHAIN_IN_DOCUMENT, 307);
    add(300);
    expect_told(CHAIN_IN_DOCUMENT, 307);
}

static void
longest_is_told_and_a_longer_one_ends_the_chain(void **state)
{
    (void)state;
    add(VALUE_IN_DOCUMENT);
    expect_told(1, VALUE_IN_DOCUMENT);
    add(VALUE_IN_DOCUMENT + 1);
    add(300);
    expect_told(1, VALUE_IN_DOCUMENT);
}

static void
chain_that_begins_too_long_is_none(void **state)
{
    (void)state;
    add(VALUE_IN_DOCUMENT + 1);
    expect_told(0, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(as_many_are_told_as_a_vault_reads),
        TEST(longest_is_told_and_a_longer_one_ends_the_chain),
        TEST(chain_that_begins_too_long_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
