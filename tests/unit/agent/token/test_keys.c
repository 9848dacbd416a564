/* SPDX-License-Identifier: Apache-2.0 */
/* A machine key that a store does not vouch for is no identity of the run,
 * whatever else is asked of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "agent/token/token.h"
#include "keystore/store/backend.h"

static const uint8_t id[KEYSTORE_ID_LENGTH] = {1};
static struct err_cause cause;
static struct keystore_key_info info; /* what the store says of its key */
static size_t keys;                   /* handles that are not freed */

static enum ks_err
find(struct keystore *ks, const uint8_t *key_id, EVP_PKEY *public,
     struct keystore_key **ret, struct err_cause *ret_cause)
{
    (void)ks;
    (void)key_id;
    (void)public;
    (void)ret;
    return err_set(ret_cause, KS_ERR_KEY_MISSING, "none");
}

static enum ks_err
generate(struct keystore *ks, const uint8_t *key_id, const char *label,
         enum material_type type, struct keystore_key **ret,
         struct err_cause *ret_cause)
{
    struct keystore_key *key = calloc(1, sizeof *key);

    (void)key_id;
    (void)label;
    (void)type;
    (void)ret_cause;
    assert_non_null(key);
    key->ks = ks;
    key->public = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    assert_non_null(key->public);
    keys++;
    *ret = key;
    return KS_OK;
}

static enum ks_err
describe(struct keystore_key *key, struct keystore_key_info *ret,
         struct err_cause *ret_cause)
{
    (void)key;
    (void)ret_cause;
    *ret = info;
    return KS_OK;
}

static void
key_free(struct keystore_key *key)
{
    free(key);
    keys--;
}

static void
close_store(struct keystore *ks)
{
    (void)ks;
}

static const struct keystore_ops ops = {.kind = &keystore_kind_pkcs11,
                                        .find = find,
                                        .generate = generate,
                                        .describe = describe,
                                        .key_free = key_free,
                                        .close = close_store};
static struct keystore store = {.ops = &ops,
                                .info = {.kind = &keystore_kind_pkcs11}};
static struct token token;

static int
start(void **state)
{
    (void)state;
    token = (struct token){.ks = &store, .ledger.phase = STATEMENT_PHASE_ENROL};
    info = (struct keystore_key_info){.type = MATERIAL_P256,
                                      .bits = 256,
                                      .origin = KEYSTORE_BORN,
                                      .sensitive = true,
                                      .sign_only = true};
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    token_close(&token);
    assert_int_equal(keys, 0);
    return 0;
}

/* The request as it comes from holdfast. */
static enum ks_err
ask(void)
{
    struct msg *msg = msg_new();
    int pair[2];
    bool eof = false;
    enum ks_err rc;

    assert_non_null(msg);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    LAYOUT_PUT(msg, token_generate, id, "label");
    assert_int_equal(msg_send(pair[0], msg, &cause), KS_OK);
    assert_int_equal(msg_receive(pair[1], msg, 1000, &eof, &cause), KS_OK);
    rc = token_control(&token, msg, &cause);
    msg_free(&msg);
    close(pair[0]);
    close(pair[1]);
    return rc;
}

static enum ks_err
permit(void)
{
    struct keystore_key *key = NULL;

    return token_permit(&token, STATEMENT_MACHINE, STATEMENT_REQUEST, &key,
                        &cause);
}

static void
key_born_in_the_store_is_the_machines(void **state)
{
    (void)state;
    assert_int_equal(permit(), KS_ERR_STATEMENT);
    assert_int_equal(ask(), KS_OK);
    assert_int_equal(permit(), KS_OK);
    assert_int_equal(ask(), KS_ERR_INTERNAL); /* there is one */
}

static void
expect_no_identity(void)
{
    assert_int_equal(ask(), KS_ERR_TOKEN_WEAK);
    assert_int_equal(keys, 0);
    assert_int_equal(permit(), KS_ERR_STATEMENT);
}

static void
refused_key_is_not_bound(void **state)
{
    (void)state;
    info.origin = KEYSTORE_IMPORTED;
    expect_no_identity();
    info.origin = KEYSTORE_BORN;
    info.extractable = true;
    expect_no_identity();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(key_born_in_the_store_is_the_machines),
        TEST(refused_key_is_not_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
