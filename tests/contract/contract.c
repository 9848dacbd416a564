/* SPDX-License-Identifier: Apache-2.0 */
/* The contract suite's table of back ends and what its tests share.  Run as
 * "keystore_contract KIND [PART]"; it runs itself again for what a fresh
 * process must see. */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "hsm/pkcs11/pkcs11.h"
#include "hsm/tpm2/tpm2.h"
#include "tests/support/nss_token.h"

#define ARENA (1024 * 1024)

static int
pkcs11_proof(void)
{
    return contract_pkcs11_foreign() + contract_pkcs11_proof();
}

static const struct contract_row rows[] = {
    {.kind = "soft",
     .scheme = "soft",
     .ops = &keystore_soft_ops,
     .emulated = true,
     .named = false,
     .protects = false,
     .says_born = true,
     .largest_rsa = RSA_4096,
     .proof = contract_soft_proof},
    {.kind = "pkcs11",
     .scheme = "pkcs11",
     .ops = &hsm_pkcs11_ops,
     .emulated = true,
     .named = true,
     .protects = true,
     .says_born = true,
     .largest_rsa = RSA_4096,
     .module = SOFTHSM_MODULE,
     .label = "holdfast contract",
     .proof = pkcs11_proof},
    {.kind = "nss",
     .scheme = "pkcs11",
     .ops = &hsm_pkcs11_ops,
     .emulated = true,
     .named = false, /* one token a process */
     .protects = true,
     .says_born = false,
     .largest_rsa = RSA_4096,
     .module = NSS_MODULE,
     .label = NSS_TOKEN_LABEL,
     .proof = contract_nss_proof},
    {.kind = "tpm2",
     .scheme = "tpm2",
     .ops = &hsm_tpm2_ops,
     .emulated = true,
     .named = false,
     .protects = true,
     .says_born = true,
     .largest_rsa = RSA_3072,
     .proof = contract_tpm2_proof,
     .part = contract_tpm2_part},
};

#define ROWS (sizeof rows / sizeof rows[0])

struct contract contract;

struct keystore_config
contract_config(void)
{
    return (struct keystore_config){
        .uri = store_fixture_uri(contract.fixture),
        .pin = contract.pin,
        .keys_fd = store_fixture_keys(contract.fixture),
        .allow_emulation = true,
    };
}

/* All back ends are there, as in the product: the URI must decide. */
enum ks_err
contract_try(const struct keystore_config *config, struct keystore **ret,
             struct err_cause *cause)
{
    const struct keystore_ops *backends[ROWS + 1] = {NULL};

    for (size_t i = 0; i < ROWS; i++)
        backends[i] = rows[i].ops;
    return keystore_open(backends, config, ret, cause);
}

enum ks_err
contract_open(const struct keystore_config *config, struct keystore **ret)
{
    struct err_cause cause = {.text = ""};
    enum ks_err rc = contract_try(config, ret, &cause);

    if (rc != KS_OK)
        print_message("open: %s: %s\n", err_name(rc), cause.text);
    return rc;
}

int
contract_make_store(void **state)
{
    (void)state;
    contract.fixture = store_fixture_new(contract.row->kind);
    return contract.fixture != NULL ? 0 : -1;
}

int
contract_remove_store(void **state)
{
    (void)state;
    store_fixture_free(&contract.fixture);
    return 0;
}

int
contract_open_store(void **state)
{
    struct keystore_config config = contract_config();

    (void)state;
    return contract_open(&config, &contract.store) == KS_OK ? 0 : -1;
}

int
contract_close_store(void **state)
{
    (void)state;
    keystore_close(&contract.store);
    return 0;
}

void
contract_reopen(void)
{
    keystore_close(&contract.store);
    assert_int_equal(contract_open_store(NULL), 0);
}

void
contract_assert(enum ks_err wanted, enum ks_err got, const char *text,
                const char *file, int line)
{
    if (wanted == got)
        return;
    print_error("%s: %s instead of %s\n", text, err_name(got),
                err_name(wanted));
    _fail(file, line);
}

void
contract_id(uint8_t ret[static KEYSTORE_ID_LENGTH])
{
    assert_int_equal(RAND_bytes(ret, KEYSTORE_ID_LENGTH), 1);
}

struct keystore_key *
contract_import(enum sample_name name, const uint8_t *id)
{
    struct err_cause cause = {.text = ""};
    struct keystore_key *key = NULL;
    enum ks_err rc = keystore_import(contract.store, id, "contract",
                                     &sample(name)->material,
                                     sample(name)->public, &key, &cause);

    if (rc != KS_OK)
        print_message("import: %s: %s\n", err_name(rc), cause.text);
    assert_ks_ok(rc);
    assert_non_null(key);
    return key;
}

bool
contract_is_too_large(enum sample_name name)
{
    return sample(name)->type == MATERIAL_RSA &&
           sample(name)->bits > sample(contract.row->largest_rsa)->bits;
}

void
contract_assert_signs(struct keystore_key *key, EVP_PKEY *public)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;

    for (unsigned i = 1; i < KEYSTORE_SCHEME__MAX; i++) {
        enum keystore_scheme scheme = (enum keystore_scheme)i;
        const char *wrong = NULL;

        if (!scheme_fits(scheme, public)) {
            assert_ks_err(KS_ERR_TOKEN_UNSUPPORTED,
                          keystore_sign(key, scheme, digest, &signature, NULL));
            continue;
        }
        wrong = check_signature(key, public, scheme);
        if (wrong != NULL)
            fail_msg("%s: %s", scheme_name(scheme), wrong);
    }
}

static const struct contract_row *
find_row(const char *kind)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].kind, kind) == 0)
            return &rows[i];
    (void)fprintf(stderr, "usage: keystore_contract KIND [PART], one of");
    for (size_t i = 0; i < ROWS; i++)
        (void)fprintf(stderr, " %s", rows[i].kind);
    (void)fprintf(stderr, "\n");
    return NULL;
}

static int
run_groups(const char *part)
{
    int failed;

    for (unsigned i = 0; i < SAMPLE__MAX; i++)
        if (sample_make((enum sample_name)i) != 0) {
            (void)fprintf(stderr, "no sample key %u\n", i);
            return 1;
        }
    if (part != NULL) {
        failed = contract.row->part(part);
        samples_free();
        return failed;
    }
    failed = contract_opening() + contract_refusals() + contract_keys() +
             contract_several() + contract_evidence() + contract.row->proof();
    samples_free();
    return failed;
}

int
main(int argc, char **argv)
{
    struct err_cause cause = {.text = ""};
    int failed;

    contract.program = "/proc/self/exe";
    contract.row = find_row(argc > 1 ? argv[1] : "");
    if (contract.row == NULL)
        return 64;
    if (secret_init(ARENA, &cause) != KS_OK) {
        (void)fprintf(stderr, "%s\n", cause.text);
        return 1;
    }
    contract.pin = store_fixture_secret(store_fixture_pin(contract.row->kind));
    if (argc > 3)
        failed = contract_fresh_main(argc - 2, argv + 2);
    else
        failed = run_groups(contract.row->part != NULL ? argv[2] : NULL);
    secret_free(&contract.pin);
    return failed == 0 ? 0 : 1;
}
