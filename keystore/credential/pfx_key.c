/* SPDX-License-Identifier: Apache-2.0 */
/* From other writers' encodings to one.  Must hand no private number to
 * OpenSSL: its decoders leave copies.  Only a curve's parameters, which are
 * public, go there. */
#include "keystore/credential/pfx_key.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "keystore/credential/ber.h"
#include "keystore/store/material.h"

#define RSA_NUMBERS 8    /* from the modulus to the coefficient */
#define SCALAR_MAX 128   /* also with zero bytes in front */
#define VERSION_LENGTH 3 /* an INTEGER of one byte */
#define ALGORITHM_MAX 32 /* of EC; a curve's OID has at most 10 bytes */

/* AlgorithmIdentifier as material_parse() reads it (RFC 3279, 2.3.1) */
static const uint8_t rsa_algorithm[] = {0x30, 0x0d, 0x06, 0x09, 0x2a,
                                        0x86, 0x48, 0x86, 0xf7, 0x0d,
                                        0x01, 0x01, 0x01, 0x05, 0x00};

static const uint8_t oid_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                  0x0d, 0x01, 0x01, 0x01};
static const uint8_t oid_rsa_x509[] = {0x55, 0x08, 0x01, 0x01}; /* X.509, H */
static const uint8_t oid_ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

/* Where DER is written, in secret memory that is large enough for it */
struct output {
    uint8_t *at;
};

static enum ks_err
malformed(struct err_cause *cause, const char *what)
{
    return err_set(cause, KS_ERR_CRED_FORMAT, "private key: %s", what);
}

static enum ks_err
weak(struct err_cause *cause, const char *what)
{
    return err_set(cause, KS_ERR_CRED_WEAK, "private key: %s", what);
}

static size_t
element_length(size_t content)
{
    uint8_t header[DER_HEADER_MAX];

    return der_header(header, DER_SEQUENCE, content) + content;
}

static void
put_header(struct output *to, uint8_t tag, size_t length)
{
    uint8_t header[DER_HEADER_MAX];
    size_t used = der_header(header, tag, length);

    memcpy(to->at, header, used);
    to->at += used;
}

static void
put_bytes(struct output *to, const uint8_t *bytes, size_t length)
{
    memcpy(to->at, bytes, length);
    to->at += length;
}

/* A zero byte in front keeps it positive, and makes zero of nothing. */
static size_t
number_length(const struct der *number)
{
    return number->left + (number->left == 0 || number->bytes[0] >= 0x80);
}

static void
put_number(struct output *to, const struct der *number)
{
    size_t length = number_length(number);

    put_header(to, DER_INTEGER, length);
    if (length > number->left)
        *to->at++ = 0;
    if (number->left > 0)
        put_bytes(to, number->bytes, number->left);
}

/* A PrivateKeyInfo up to its private key of LENGTH bytes; KS_ERR_CRED_WEAK
 * where it cannot be one that is taken. */
static enum ks_err
begin_pkcs8(const uint8_t *algorithm, size_t algorithm_length, size_t length,
            struct secret **ret, struct output *to, struct err_cause *cause)
{
    static const uint8_t version[VERSION_LENGTH] = {DER_INTEGER, 1, 0};
    size_t content = sizeof version + algorithm_length + element_length(length);
    enum ks_err rc;

    if (element_length(content) > MATERIAL_MAX)
        return weak(cause, "larger than any accepted");
    rc = secret_new(MATERIAL_MAX, ret);
    if (rc != KS_OK)
        return err_set(cause, rc, "%d bytes for a private key", MATERIAL_MAX);
    secret_set_length(*ret, element_length(content));
    *to = (struct output){secret_space(*ret)};
    put_header(to, DER_SEQUENCE, content);
    put_bytes(to, version, sizeof version);
    put_bytes(to, algorithm, algorithm_length);
    put_header(to, DER_OCTET_STRING, length);
    return KS_OK;
}

/* RSAPrivateKey (RFC 8017, A.1.2); bytes behind it are its writer's padding */
static enum ks_err
read_rsa(struct der key, struct secret **ret, struct err_cause *cause)
{
    struct der rsa;
    struct der version;
    struct der numbers[RSA_NUMBERS];
    struct output to;
    size_t content = VERSION_LENGTH;
    enum ks_err rc;

    if (!ber_take(&key, DER_SEQUENCE, &rsa) ||
        !ber_take_unsigned(&rsa, &version))
        return malformed(cause, "not an RSAPrivateKey");
    if (version.left != 0)
        return weak(cause, "RSA with more than two primes");
    for (size_t i = 0; i < RSA_NUMBERS; i++) {
        if (!ber_take_unsigned(&rsa, &numbers[i]))
            return malformed(cause, "not an RSAPrivateKey");
        content += element_length(number_length(&numbers[i]));
    }
    if (rsa.left != 0)
        return malformed(cause, "not an RSAPrivateKey");
    rc = begin_pkcs8(rsa_algorithm, sizeof rsa_algorithm,
                     element_length(content), ret, &to, cause);
    if (rc != KS_OK)
        return rc;
    put_header(&to, DER_SEQUENCE, content);
    put_number(&to, &version);
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        put_number(&to, &numbers[i]);
    return KS_OK;
}

/* The type of keys on the curve that PARAMETERS name or describe; 0: another.
 */
static bool
read_curve(const struct der *parameters, enum material_type *ret)
{
    const uint8_t *cursor = parameters->bytes;
    EC_GROUP *group = d2i_ECPKParameters(NULL, &cursor, (long)parameters->left);
    int nid = group != NULL ? EC_GROUP_get_curve_name(group) : NID_undef;
    bool read = group != NULL;

    ERR_clear_error();
    EC_GROUP_free(group);
    *ret = scheme_curve_type(nid);
    return read;
}

/* Is PUBLIC, the content of a BIT STRING, a point of TYPE's curve? */
static bool
is_point(enum material_type type, const struct der *public)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(scheme_key(type)->nid);
    EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
    bool is = point != NULL && public->left > 1 &&
              EC_POINT_oct2point(group, point, public->bytes + 1,
                                 public->left - 1, NULL) == 1;

    ERR_clear_error();
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return is;
}

/* AlgorithmIdentifier as material_parse() reads it (RFC 5480, 2.1.1) */
static size_t
ec_algorithm(enum material_type type, uint8_t ret[static ALGORITHM_MAX])
{
    const ASN1_OBJECT *curve = OBJ_nid2obj(scheme_key(type)->nid);
    size_t length = OBJ_length(curve);
    size_t content = element_length(sizeof oid_ec) + element_length(length);
    struct output to = {ret};

    put_header(&to, DER_SEQUENCE, content);
    put_header(&to, DER_OID, sizeof oid_ec);
    put_bytes(&to, oid_ec, sizeof oid_ec);
    put_header(&to, DER_OID, length);
    put_bytes(&to, OBJ_get0_data(curve), length);
    return element_length(content);
}

/* ECPrivateKey (RFC 5915) on TYPE's curve; PUBLIC is the content of its public
 * key's BIT STRING, or empty. */
static enum ks_err
write_ec(enum material_type type, const struct der *scalar,
         const struct der *public, struct secret **ret, struct err_cause *cause)
{
    static const uint8_t version[VERSION_LENGTH] = {DER_INTEGER, 1, 1};
    uint8_t algorithm[ALGORITHM_MAX];
    size_t width = scheme_field_length(type);
    size_t option = public->left > 0 ? element_length(public->left) : 0;
    size_t content = sizeof version + element_length(width) +
                     (option > 0 ? element_length(option) : 0);
    struct output to;
    enum ks_err rc = begin_pkcs8(algorithm, ec_algorithm(type, algorithm),
                                 element_length(content), ret, &to, cause);

    if (rc != KS_OK)
        return rc;
    put_header(&to, DER_SEQUENCE, content);
    put_bytes(&to, version, sizeof version);
    put_header(&to, DER_OCTET_STRING, width);
    memset(to.at, 0, width - scalar->left);
    to.at += width - scalar->left;
    put_bytes(&to, scalar->bytes, scalar->left);
    if (option > 0) {
        put_header(&to, DER_CONTEXT + 1, option);
        put_header(&to, DER_BIT_STRING, public->left);
        put_bytes(&to, public->bytes, public->left);
    }
    return KS_OK;
}

/* A scalar is a number: some writers leave out its zero bytes, others put some
 * in front.  SPACE is where its pieces are joined. */
static enum ks_err
read_ec(const struct der *parameters, struct der key, uint8_t *space,
        struct secret **ret, struct err_cause *cause)
{
    enum material_type type = 0;
    struct der ec;
    struct der version;
    struct der option;
    struct der public = {NULL, 0};
    struct der scalar = {space, 0};

    if (!read_curve(parameters, &type))
        return malformed(cause, "no curve that OpenSSL can read");
    if (!ber_take(&key, DER_SEQUENCE, &ec) ||
        !ber_take_unsigned(&ec, &version) ||
        !ber_take_octets(&ec, space, SCALAR_MAX, &scalar.left) ||
        scalar.left > SCALAR_MAX)
        return malformed(cause, "not an ECPrivateKey");
    if (ber_take(&ec, DER_CONTEXT + 0, &option)) {
        /* of two that differ, the inner one counts */
        if (!read_curve(&option, &type))
            return malformed(cause, "no curve that OpenSSL can read");
    }
    if (ber_take(&ec, DER_CONTEXT + 1, &option))
        (void)ber_take(&option, DER_BIT_STRING, &public);
    if (type == 0)
        return weak(cause, SCHEME_OTHER_CURVE);
    while (scalar.left > 0 && scalar.bytes[0] == 0) {
        scalar.bytes++;
        scalar.left--;
    }
    if (scalar.left == 0 || scalar.left > scheme_field_length(type))
        return malformed(cause, "not an ECPrivateKey");
    if (!is_point(type, &public))
    public.left = 0;
    return write_ec(type, &scalar, &public, ret, cause);
}

/* The content of a PrivateKeyInfo: its key joined in KEY, which has room for
 * the scalar's pieces behind it. */
static enum ks_err
read_pkcs8(struct der info, struct secret *key, struct secret **ret,
           struct err_cause *cause)
{
    struct der algorithm;
    struct der oid;
    struct der version;
    struct der option;
    size_t length;

    if (!ber_take_unsigned(&info, &version) ||
        !ber_take(&info, DER_SEQUENCE, &algorithm) ||
        !ber_take(&algorithm, DER_OID, &oid) ||
        !ber_take_octets(&info, secret_space(key), MATERIAL_MAX, &length))
        return malformed(cause, "not a PKCS#8 PrivateKeyInfo");
    (void)ber_take(&info, DER_CONTEXT + 0, &option); /* attributes */
    if (!ber_take(&info, 0x81, &option))             /* the public key */
        (void)ber_take(&info, DER_CONTEXT + 1, &option);
    if (info.left != 0)
        return malformed(cause, "not a PKCS#8 PrivateKeyInfo");
    if (length > MATERIAL_MAX)
        return weak(cause, "larger than any accepted");
    if (der_equals(&oid, oid_rsa, sizeof oid_rsa) ||
        der_equals(&oid, oid_rsa_x509, sizeof oid_rsa_x509))
        return read_rsa((struct der){secret_bytes(key), length}, ret, cause);
    if (der_equals(&oid, oid_ec, sizeof oid_ec))
        return read_ec(&algorithm, (struct der){secret_bytes(key), length},
                       secret_space(key) + MATERIAL_MAX, ret, cause);
    return weak(cause, "neither RSA nor EC");
}

enum ks_err
pfx_key_read(const uint8_t *ber, size_t length, struct secret **ret,
             struct err_cause *cause)
{
    struct der all = {ber, length};
    struct der info;
    struct secret *key = NULL;
    enum ks_err rc;

    if (!ber_take(&all, DER_SEQUENCE, &info))
        return malformed(cause, "not a PKCS#8 PrivateKeyInfo");
    rc = secret_new(MATERIAL_MAX + SCALAR_MAX, &key);
    if (rc != KS_OK)
        return err_set(cause, rc, "%d bytes for a private key",
                       MATERIAL_MAX + SCALAR_MAX);
    rc = read_pkcs8(info, key, ret, cause);
    secret_free(&key);
    return rc;
}
