/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/token/certificate.h"

#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Without XN_FLAG_DUMP_UNKNOWN_FIELDS: the TCG's attributes (2.23.133.2.1 and
 * so on) have no name in OpenSSL, and people want to read their values.
 */
#define NAME_FLAGS (ASN1_STRFLGS_RFC2253 | XN_FLAG_SEP_COMMA_PLUS)

static void
write_name(const X509_NAME *name, char ret[static LAYOUT_DN_MAX + 1])
{
    BIO *bio = BIO_new(BIO_s_mem());
    int length = 0;

    if (bio != NULL && name != NULL &&
        X509_NAME_print_ex(bio, name, 0, NAME_FLAGS) >= 0)
        length = BIO_read(bio, ret, LAYOUT_DN_MAX);
    ret[length > 0 ? length : 0] = '\0';
    BIO_free(bio);
}

static void
write_alternative_name(const X509 *certificate,
                       char ret[static LAYOUT_DN_MAX + 1])
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name,
                                            NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int type;
        const X509_NAME *name = GENERAL_NAME_get0_value(
            sk_GENERAL_NAME_value(names, i), &type);

        if (type != GEN_DIRNAME)
            continue;
        write_name(name, ret);
        break;
    }
    GENERAL_NAMES_free(names);
}

static bool
read_time(const ASN1_TIME *time, uint64_t *ret)
{
    struct tm parts;
    time_t when;

    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    when = timegm(&parts);
    *ret = when > 0 ? (uint64_t)when : 0;
    return true;
}

bool
certificate_read(const uint8_t *bytes, size_t length,
                 struct certificate_words *ret, size_t *ret_length)
{
    const unsigned char *end = bytes;
    X509 *certificate = length > 0 ? d2i_X509(NULL, &end, (long)length) : NULL;
    struct certificate_words words = {.subject = ""};
    bool good = certificate != NULL &&
                read_time(X509_get0_notBefore(certificate), &words.from) &&
                read_time(X509_get0_notAfter(certificate), &words.to);

    if (good) {
        const X509_NAME *subject = X509_get_subject_name(certificate);

        write_name(X509_get_issuer_name(certificate), words.issuer);
        if (X509_NAME_entry_count(subject) > 0)
            write_name(subject, words.subject);
        else
            write_alternative_name(certificate, words.subject);
        *ret = words;
        *ret_length = (size_t)(end - bytes);
    }
    ERR_clear_error();
    X509_free(certificate);
    return good;
}
