/* SPDX-License-Identifier: Apache-2.0 */
/* Bottom up: a value's length stands in front of it. */
#include "tests/vault/attestation/tests/mint_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

/* --- key --- */

static void
put_rsa(struct mint_out *info, EVP_PKEY *key)
{
    struct mint_out algorithm = mint_empty(info);
    struct mint_out numbers = mint_empty(info);
    struct mint_out bits = mint_empty(info);
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;

    if ((info->odd & MINT_OAEP) != 0) {
        MINT_OID(&algorithm, MINT_PKCS1(7));
        mint_put_tlv(&algorithm, 0x30, "", 0);
    } else {
        MINT_OID(&algorithm, MINT_PKCS1(1));
        mint_put_tlv(&algorithm, 0x05, "", 0);
    }
    mint_put_in(info, 0x30, &algorithm);
    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n), 1);
    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e), 1);
    mint_put_number(&numbers, n);
    mint_put_number(&numbers, e);
    BN_free(n);
    BN_free(e);
    mint_put(&bits, "", 1);
    mint_put_in(&bits, 0x30, &numbers);
    mint_put_in(info, 0x03, &bits);
}

static void
put_ec(struct mint_out *info, EVP_PKEY *key)
{
    struct mint_out algorithm = mint_empty(info);
    uint8_t bits[1 + 97] = {0};
    size_t length = 0;

    MINT_OID(&algorithm, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1);
    if (EVP_PKEY_get_bits(key) == 256)
        MINT_OID(&algorithm, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7);
    else
        MINT_OID(&algorithm, 0x2b, 0x81, 4, 0, 0x22);
    mint_put_in(info, 0x30, &algorithm);
    assert_int_equal(EVP_PKEY_get_octet_string_param(
                         key, OSSL_PKEY_PARAM_PUB_KEY, bits + 1, 97, &length),
                     1);
    mint_put_tlv(info, 0x03, bits, length + 1);
}

/* --- extensions --- */

static void
put_extension(struct mint_out *out, uint8_t number, bool critical,
              const struct mint_out *value)
{
    struct mint_out is = mint_empty(out);

    MINT_OID(&is, 0x55, 0x1d, number);
    if (critical || (out->odd & MINT_FALSE) != 0)
        mint_put_boolean(&is, critical);
    mint_put_in(&is, 0x04, value);
    mint_put_in(out, 0x30, &is);
}

/* The TCG's attributes, 2.23.133.2.1 to 3. */
static void
put_names(struct mint_out *out, const struct mint *as)
{
    const char *const texts[] = {"id:4E544300",
                                 as->model != NULL ? as->model : "NPCT75x",
                                 "id:00070002"};
    struct mint_out set = mint_empty(out);
    struct mint_out name = mint_empty(out);
    struct mint_out directory = mint_empty(out);
    struct mint_out names = mint_empty(out);
    struct mint_out value = mint_empty(out);

    for (uint8_t i = 0; i < 3; i++) {
        struct mint_out attribute = mint_empty(out);

        MINT_OID(&attribute, 0x67, 0x81, 5, 2, (uint8_t)(i + 1));
        mint_put_tlv(&attribute, 0x0c, texts[i], strlen(texts[i]));
        mint_put_in(&set, 0x30, &attribute);
        if ((out->odd & MINT_ONE_SET) != 0 && i < 2)
            continue;
        mint_put_in(&name, 0x31, &set);
        set = mint_empty(out);
    }
    mint_put_in(&directory, 0x30, &name);
    mint_put_in(&names, 0xa4, &directory);
    mint_put_in(&value, 0x30, &names);
    put_extension(out, 17, (out->odd & MINT_PLAIN_NAMES) == 0, &value);
}

static void
put_extensions(struct mint_out *tbs, const struct mint *as)
{
    struct mint_out all = mint_empty(tbs);
    struct mint_out outside = mint_empty(tbs);
    struct mint_out value = mint_empty(tbs);
    struct mint_out content = mint_empty(tbs);

    if ((tbs->odd & MINT_NO_NAMES) == 0)
        put_names(&all, as);
    if ((tbs->odd & MINT_NO_USAGE) == 0) {
        MINT_OID(&content, 0x67, 0x81, 5, 8,
                 (tbs->odd & MINT_OTHER_USAGE) != 0 ? 3 : 1);
        mint_put_in(&value, 0x30, &content);
        put_extension(&all, 37, false, &value);
    }
    content = mint_empty(tbs);
    value = mint_empty(tbs);
    if ((tbs->odd & MINT_AUTHORITY) != 0)
        mint_put_boolean(&content, true);
    mint_put_in(&value, 0x30, &content);
    put_extension(&all, 19, true, &value);
    if ((tbs->odd & MINT_STRANGE) != 0)
        put_extension(&all, 99, true, &value);
    mint_put_in(&outside, 0x30, &all);
    mint_put_in(tbs, 0xa3, &outside);
}

/* --- the certificate --- */

static void
put_name(struct mint_out *out, const char *common_name)
{
    struct mint_out attribute = mint_empty(out);
    struct mint_out set = mint_empty(out);
    struct mint_out name = mint_empty(out);

    if (common_name[0] != '\0') {
        MINT_OID(&attribute, 0x55, 4, 3);
        mint_put_tlv(&attribute, 0x0c, common_name, strlen(common_name));
        mint_put_in(&set, 0x30, &attribute);
        mint_put_in(&name, 0x31, &set);
    }
    mint_put_in(out, 0x30, &name);
}

static void
put_time(struct mint_out *out, const char *digits, const char *otherwise)
{
    char text[24];
    size_t length = strlen(digits != NULL ? digits : otherwise);
    uint8_t tag = length == 12 ? 0x17 : 0x18;

    memcpy(text, digits != NULL ? digits : otherwise, length + 1);
    if ((out->odd & MINT_SHORT_TIME) != 0 && tag == 0x17)
        text[10] = '\0';
    (void)strcat(text, (out->odd & MINT_OFFSET_TIME) != 0 ? "+0000" : "Z");
    mint_put_tlv(out, tag, text, strlen(text));
}

static void
put_tbs(struct mint_out *tbs, const struct mint *as)
{
    static const uint8_t serial[] = {0x01, 0x02, 0x03};
    struct mint_out part = mint_empty(tbs);

    if ((as->odd & MINT_NO_EXTENSIONS) == 0) {
        const uint8_t three[] = {2};

        mint_put_tlv(&part, 0x02, three, 1);
        mint_put_in(tbs, 0xa0, &part);
    }
    mint_put_tlv(tbs, 0x02, serial, sizeof serial);
    mint_put_algorithm(tbs, as, as->signature);
    put_name(tbs, as->issuer);
    part = mint_empty(tbs);
    put_time(&part, as->from, "200101000000");
    put_time(&part, as->to, "99991231235959");
    mint_put_in(tbs, 0x30, &part);
    put_name(tbs, "");
    part = mint_empty(tbs);
    if (EVP_PKEY_is_a(as->key, "RSA") == 1)
        put_rsa(&part, as->key);
    else
        put_ec(&part, as->key);
    mint_put_in(tbs, 0x30, &part);
    if ((as->odd & MINT_NO_EXTENSIONS) == 0)
        put_extensions(tbs, as);
}

size_t
mint(const struct mint *as, uint8_t ret[static MINT_MAX])
{
    struct mint_out content = {.length = 0, .odd = as->odd};
    struct mint_out tbs = mint_empty(&content);
    struct mint_out signed_part = mint_empty(&content);
    struct mint_out all = mint_empty(&content);

    put_tbs(&tbs, as);
    mint_put_in(&signed_part, 0x30, &tbs);
    mint_put(&content, signed_part.bytes, signed_part.length);
    mint_put_algorithm(&content, as,
                       (as->odd & MINT_OTHER_OUTSIDE) != 0 ? MINT_NONE
                                                           : as->signature);
    mint_put_signature(&content, as, &signed_part);
    mint_put_in(&all, 0x30, &content);
    memcpy(ret, all.bytes, all.length);
    return all.length;
}
