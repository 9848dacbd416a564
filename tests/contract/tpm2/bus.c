/* SPDX-License-Identifier: Apache-2.0 */
/* What passes between Holdfast and a TPM: nothing secret in clear, and no more
 * commands than it takes. */
#include "tests/contract/tpm2/case.h"
#include "tests/contract/tpm2/direct.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#define PIN "sesame-1357"
#define WINDOW 16
#define FIRST_SIGNATURE_MAX 8 /* commands, the signature's own included */

/* Has any WINDOW bytes of the number passed?  Fewer would be chance's. */
static bool
bus_saw(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i + WINDOW <= length; i++)
        if (tap_saw(tpm2_case.tap, bytes + i, WINDOW))
            return true;
    return false;
}

static bool
bus_saw_number(const struct material_number *number)
{
    return bus_saw(number->bytes, number->length);
}

static size_t
read_auth(const uint8_t *id, uint8_t ret[static 32])
{
    char path[TPM2_CASE_PATH];
    int fd;
    ssize_t length;

    tpm2_case_key_path(id, "auth", path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    length = read(fd, ret, 32);
    assert_int_equal(close(fd), 0);
    assert_int_equal(length, 32);
    return (size_t)length;
}

static void
sign(const uint8_t *id, EVP_PKEY *public)
{
    struct keystore_key *key = NULL;

    assert_ks_ok(keystore_find(contract.store, id, public, &key, NULL));
    contract_assert_signs(key, public);
    keystore_key_free(&key);
}

/* As a registration uses a token: import and end, then sign, be born, sign. */
static void
use_all(const struct keystore_config *config, enum sample_name name,
        uint8_t imported[static KEYSTORE_ID_LENGTH],
        uint8_t born[static KEYSTORE_ID_LENGTH])
{
    EVP_PKEY *public;

    contract_id(imported);
    contract_id(born);
    assert_ks_ok(contract_open(config, &contract.store));
    tpm2_case_import(name, imported);
    assert_ks_ok(contract_open(config, &contract.store));
    sign(imported, sample(name)->public);
    public = tpm2_case_generate(MATERIAL_P256, born);
    assert_ks_ok(contract_open(config, &contract.store));
    sign(born, public);
    keystore_close(&contract.store);
    EVP_PKEY_free(public);
}

static void
bus_never_sees_an_rsa_key(void **state)
{
    const struct material *material = &sample(RSA_2048)->material;
    struct keystore_config config = tpm2_case_config();
    uint8_t imported[KEYSTORE_ID_LENGTH], born[KEYSTORE_ID_LENGTH];
    uint8_t auth[32];

    (void)state;
    use_all(&config, RSA_2048, imported, born);
    assert_true(bus_saw_number(&material->n)); /* it did pass by */
    assert_false(bus_saw_number(&material->p));
    assert_false(bus_saw_number(&material->q));
    assert_false(bus_saw_number(&material->d));
    assert_false(bus_saw_number(&material->dp));
    assert_false(bus_saw_number(&material->dq));
    assert_false(bus_saw_number(&material->qi));
    assert_false(bus_saw(auth, read_auth(imported, auth)));
    assert_false(bus_saw(auth, read_auth(born, auth)));
}

static void
bus_never_sees_an_ec_key(void **state)
{
    struct keystore_config config = tpm2_case_config();
    uint8_t imported[KEYSTORE_ID_LENGTH], born[KEYSTORE_ID_LENGTH];
    uint8_t auth[32];

    (void)state;
    use_all(&config, P_256, imported, born);
    assert_false(bus_saw_number(&sample(P_256)->material.scalar));
    assert_false(bus_saw(auth, read_auth(imported, auth)));
    assert_false(bus_saw(auth, read_auth(born, auth)));
}

static void
bus_never_sees_the_pin(void **state)
{
    struct secret *pin = store_fixture_secret(PIN);
    struct keystore_config config = tpm2_case_config();
    uint8_t imported[KEYSTORE_ID_LENGTH], born[KEYSTORE_ID_LENGTH];

    (void)state;
    config.pin = pin;
    use_all(&config, RSA_2048, imported, born);
    secret_free(&pin);
    assert_false(tap_saw(tpm2_case.tap, PIN, strlen(PIN)));
    assert_false(tpm2_case_has_file(imported, "auth"));
    assert_false(tpm2_case_has_file(born, "auth"));
}

/* The search finds what is there to be found: the same key without the wrapper,
 * and a PIN that tpm2-tools send. */
static void
bus_sees_what_others_do_in_clear(void **state)
{
    const struct material *material = &sample(RSA_2048)->material;
    const char *tap = tap_socket(tpm2_case.tap);
    struct tpm2_direct *direct;

    (void)state;
    tpm2_case_provision();
    direct = tpm2_direct_open(tap);
    tpm2_direct_import_plain(direct, RSA_2048);
    tpm2_direct_close(&direct);
    assert_true(bus_saw_number(&material->p));
    assert_true(tap_saw(tpm2_case.tap, material->p.bytes, material->p.length));
    assert_false(bus_saw_number(&material->q));
    tpm2_tool(&tpm2_case.run, tap, "changeauth", "-c", "owner", PIN, NULL);
    rig_expect(&tpm2_case.run, 0, "");
    assert_true(tap_saw(tpm2_case.tap, PIN, strlen(PIN)));
}

/* Commands */

static const struct {
    const char *name;
    uint32_t code;
} commands[] = {
    {"GetCapability", CC_GET_CAPABILITY},
    {"ReadPublic", CC_READ_PUBLIC},
    {"CreatePrimary", CC_CREATE_PRIMARY},
    {"EvictControl", CC_EVICT_CONTROL},
    {"FlushContext", CC_FLUSH_CONTEXT},
    {"StartAuthSession", CC_START_AUTH_SESSION},
    {"TestParms", CC_TEST_PARMS},
    {"Import", CC_IMPORT},
    {"Create", CC_CREATE},
    {"Load", CC_LOAD},
    {"Sign", CC_SIGN},
};

/* How many have passed; all of them must have a name here. */
static unsigned
count_commands(const char *what)
{
    unsigned total = tap_count(tpm2_case.tap, 0);
    unsigned named = 0;

    print_message("%s: %u command%s:", what, total, total == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        unsigned count = tap_count(tpm2_case.tap, commands[i].code);

        if (count > 0)
            print_message(" %s %u", commands[i].name, count);
        named += count;
    }
    print_message("\n");
    assert_int_equal(named, total);
    return total;
}

static void
sign_once(struct keystore_key *key, EVP_PKEY *public)
{
    const char *wrong = check_signature(key, public, scheme_of_key(public));

    if (wrong != NULL)
        fail_msg("%s", wrong);
}

/* From a process's opening of the store by CONFIG on. */
static void
assert_few_commands(const char *what, const struct keystore_config *config,
                    const uint8_t *id, EVP_PKEY *public)
{
    struct keystore_key *key = NULL;

    tap_reset(tpm2_case.tap);
    assert_ks_ok(contract_open(config, &contract.store));
    assert_ks_ok(keystore_find(contract.store, id, public, &key, NULL));
    sign_once(key, public);
    assert_true(count_commands(what) <= FIRST_SIGNATURE_MAX);
    for (unsigned i = 0; i < 10; i++) {
        tap_reset(tpm2_case.tap);
        sign_once(key, public);
        assert_int_equal(tap_count(tpm2_case.tap, CC_SIGN), 1);
        assert_int_equal(tap_count(tpm2_case.tap, 0), 1);
    }
    tap_reset(tpm2_case.tap);
    keystore_key_free(&key);
    keystore_close(&contract.store);
    (void)count_commands("closing");
}

static void
further_signature_is_one_command(void **state)
{
    struct keystore_config config = tpm2_case_config();
    uint8_t ids[2][KEYSTORE_ID_LENGTH];
    EVP_PKEY *born;

    (void)state;
    contract_id(ids[0]);
    contract_id(ids[1]);
    tpm2_case_provision();
    tap_reset(tpm2_case.tap);
    tpm2_case_open();
    tpm2_case_import(RSA_2048, ids[0]);
    (void)count_commands("import");
    tap_reset(tpm2_case.tap);
    tpm2_case_open();
    born = tpm2_case_generate(MATERIAL_P256, ids[1]);
    (void)count_commands("generate");
    assert_few_commands("first signature, imported", &config, ids[0],
                        sample(RSA_2048)->public);
    assert_few_commands("first signature, born", &config, ids[1], born);
    EVP_PKEY_free(born);
}

/* Where another's key stands at the handle, and where none is looked for. */
static void
transient_root_costs_no_further_command(void **state)
{
    struct keystore_config config = tpm2_case_config();
    char serial[KEYSTORE_SERIAL_SIZE];
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    contract_id(id);
    tpm2_case_plant("rsa2048:aes128cfb", TPM2_CASE_STORAGE, NULL);
    tap_reset(tpm2_case.tap);
    tpm2_case_open();
    (void)count_commands("first opening beside another's key");
    (void)snprintf(serial, sizeof serial, "%s",
                   keystore_info(contract.store)->serial);
    tpm2_case_import(RSA_2048, id);
    config.serial = serial;
    assert_few_commands("first signature, beside another's key", &config, id,
                        sample(RSA_2048)->public);
    config = tpm2_case_option(";root=transient");
    config.serial = serial;
    assert_few_commands("first signature, root=transient", &config, id,
                        sample(RSA_2048)->public);
}

int
contract_tpm2_bus(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(bus_never_sees_an_rsa_key),
        TPM2_CASE(bus_never_sees_an_ec_key),
        TPM2_CASE(bus_never_sees_the_pin),
        TPM2_CASE(bus_sees_what_others_do_in_clear),
        TPM2_CASE(further_signature_is_one_command),
        TPM2_CASE(transient_root_costs_no_further_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
