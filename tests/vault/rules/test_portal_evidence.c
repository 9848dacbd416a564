/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine brings along is shown to its vault's owner alone, as text, and
 * with no word that nobody stands for. */
#include "tests/vault/rules/attestation.h"
#include "tests/vault/rules/browser.h"
#include "tests/vault/rules/data.h"
#include "tests/vault/rules/maker.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

#define MODEL "SLB9672" /* in the certificates of maker_certify() */

static const char *
machine_path(struct vault vault, const struct customer *customer,
             const char *end)
{
    return kept_format("/vaults/%s/machines/%s%s", vault.id,
                       machine_uuid(customer->machine), end);
}

/* Registered with a certificate of MAKER's. */
static struct customer *
register_made_by(const struct maker *maker, struct vault vault,
                 const char *name)
{
    struct attestation *attestation = attestation_new(maker_tpm());
    struct customer *customer = customer_new(vault, "several");

    customer->name = name;
    statement_set(
        json_object_get(attestation->offer, "endorsement"), "certificate",
        maker_certify(maker, tpm_endorsement_key(maker_tpm()), 7, 365));
    attestation_register(customer, attestation);
    return customer;
}

static const char *
page_of(const struct customer *customer)
{
    const struct reply *reply = browser_get(
        data_portal(), machine_path(customer->vault, customer, ""));

    expect_status(reply, 200);
    return reply->body;
}

/* Whether the AK's certificate in the file says TEXT. */
static bool
is_certified(const struct customer *customer, const char *text)
{
    const struct reply *reply = browser_get(
        data_portal(), machine_path(customer->vault, customer, "/evidence"));
    size_t length;
    uint8_t *der;

    expect_status(reply, 200);
    der = attestation_decode(
        json_string_value(json_object_get(
            json_object_get(reply->json, "attestation_key"), "certificate")),
        &length);
    return memmem(der, length, text, strlen(text)) != NULL;
}

/* The owner stands for the key, and nobody for what the machine says of it: a
 * TPM that is listed can come with a certificate of its own making. */
static void
maker_of_a_listed_key_is_nobodys_word(void **state)
{
    struct vault vault = service_fresh_vault();
    struct maker *stranger = maker_new("stranger");
    struct customer *customer;

    (void)state;
    service_allow(vault, attestation_ek(maker_tpm()));
    customer = register_made_by(stranger, vault, "kiosk-7");
    assert_null(strstr(page_of(customer), MODEL));
    assert_true(is_certified(customer, "id:00000000"));
    assert_false(is_certified(customer, MODEL));
    /* Nor does it have to be the list that says so. */
    vault = service_fresh_vault();
    customer = register_made_by(stranger, vault, "kiosk-7");
    assert_null(strstr(page_of(customer), MODEL));
}

static void
maker_that_a_root_stands_for_is_shown(void **state)
{
    struct maker *maker = maker_new("rightful");
    struct vault vault;
    struct customer *customer;

    (void)state;
    for (int listed = 0; listed < 2; listed++) {
        vault = service_fresh_vault();
        service_trust(vault, maker->path);
        if (listed == 1)
            service_allow(vault, attestation_ek(maker_tpm()));
        customer = register_made_by(maker, vault, "kiosk-7");
        assert_non_null(strstr(page_of(customer), MODEL));
        assert_true(is_certified(customer, MODEL));
    }
}

/* Names of a certificate's issuer and of the machine, in a page. */
static void
names_are_no_markup(void **state)
{
    struct maker *maker = maker_new("<img src=x onerror=alert(1)>");
    struct vault vault = service_fresh_vault();
    struct customer *customer;
    const char *page;

    (void)state;
    service_trust(vault, maker->path);
    customer = register_made_by(maker, vault, "<img src=y onerror='a'>");
    page = page_of(customer);
    assert_null(strstr(page, "<img src=x"));
    assert_null(strstr(page, "<img src=y"));
    assert_non_null(strstr(page, "&lt;img src=x onerror=alert(1)"));
    assert_non_null(strstr(page, "&lt;img src=y onerror=&#39;a&#39;"));
    page = browser_get(data_portal(),
                       kept_format("/vaults/%s/properties", vault.id))
               ->body;
    assert_null(strstr(page, "<img src=x"));
    assert_non_null(strstr(page, "&lt;img src=x onerror=alert(1)"));
}

/* The page and the file; another vault's path, and nobody's session. */
static void
evidence_is_given_to_the_vaults_owner_alone(void **state)
{
    static const char *const ends[] = {"", "/evidence"};
    struct customer *customer = register_made_by(
        maker_new("rightful"), service_fresh_vault(), "kiosk-7");
    struct vault other = service_fresh_vault();
    const char *ek = attestation_ek(maker_tpm());

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *uuid = machine_uuid(customer->machine);
        const char *path = machine_path(customer->vault, customer, ends[i]);
        const struct reply *reply = browser_get(data_portal(), path);

        expect_status(reply, 200);
        assert_non_null(strstr(reply->body, i == 0 ? ek : "holdfast-evidence"));
        assert_non_null(strstr(reply->body, uuid));
        assert_null(strstr(browser_get(browser_new(), path)->body, uuid));
        reply = browser_get(data_portal(),
                            machine_path(other, customer, ends[i]));
        expect_status(reply, 404);
        assert_null(strstr(reply->body, uuid));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(maker_of_a_listed_key_is_nobodys_word),
        rule(maker_that_a_root_stands_for_is_shown),
        rule(names_are_no_markup),
        rule(evidence_is_given_to_the_vaults_owner_alone),
    };

    return cmocka_run_group_tests(tests, maker_start, maker_stop);
}
