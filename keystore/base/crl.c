/* SPDX-License-Identifier: Apache-2.0 */
/* The reader must pass over nothing: where a list is left out, what is revoked
 * there is believed. */
#include "keystore/base/crl.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* OpenSSL passes over a delta CRL (RFC 5280, 5.2.4) without a word, and with it
 * over what was revoked last; and without nextUpdate nobody sees that a list
 * is old. */
static enum ks_err
check(const X509_CRL *list, struct err_cause *cause)
{
    if (X509_CRL_get_ext_by_NID(list, NID_delta_crl, -1) >= 0)
        return err_set(cause, KS_ERR_CRL,
                       "a delta CRL is in it; give complete CRLs alone");
    if (X509_CRL_get0_nextUpdate(list) == NULL)
        return err_set(cause, KS_ERR_CRL,
                       "a CRL in it has no nextUpdate; have its issuer set "
                       "that");
    return KS_OK;
}

/* LIST is LISTS' then, or freed. */
static enum ks_err
take(STACK_OF(X509_CRL) * lists, X509_CRL *list, struct err_cause *cause)
{
    enum ks_err rc = check(list, cause);

    if (rc == KS_OK && sk_X509_CRL_push(lists, list) < 1)
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
    if (rc != KS_OK)
        X509_CRL_free(list);
    return rc;
}

static enum ks_err
read_pem(BIO *bio, STACK_OF(X509_CRL) * lists, struct err_cause *cause)
{
    char no_password[] = ""; /* nobody is asked for one */
    enum ks_err rc = KS_OK;
    X509_CRL *list;

    while (rc == KS_OK &&
           (list = PEM_read_bio_X509_CRL(bio, NULL, NULL, no_password)) != NULL)
        rc = take(lists, list, cause);
    if (rc != KS_OK)
        return rc;
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        return err_set_openssl(cause, KS_ERR_CRL, "a CRL in it is malformed");
    return sk_X509_CRL_num(lists) > 0
               ? KS_OK
               : err_set(cause, KS_ERR_CRL, "it holds no CRL");
}

/* Does LINE begin a list, or would but for a slip?  Certificates may stand
 * between lists. */
static bool
is_beginning(const char *line, size_t length)
{
    static const char other[] = "-----BEGIN CERTIFICATE-----";
    size_t blanks = 0;

    while (blanks < length && (line[blanks] == ' ' || line[blanks] == '\t'))
        blanks++;
    if (length >= sizeof other - 1 &&
        memcmp(line, other, sizeof other - 1) == 0)
        return false;
    return memmem(line, length, "-BEGIN", 6) != NULL ||
           (length - blanks >= 2 && memcmp(line + blanks, "--", 2) == 0 &&
            memmem(line, length, "-END ", 5) == NULL);
}

/* OpenSSL passes over a line that is not to the letter, with all up to the
 * next that is. */
static int
count_beginnings(const unsigned char *text, size_t length)
{
    const char *at = (const char *)text, *end = at + length;
    int count = 0;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline != NULL ? newline : end;

        count += is_beginning(at, (size_t)(stop - at));
        at = newline != NULL ? newline + 1 : end;
    }
    return count;
}

/* A list in DER that is the whole of BYTES; NULL: they are none. */
static X509_CRL *
read_der(const unsigned char *bytes, size_t length)
{
    const unsigned char *end = bytes;
    X509_CRL *list = d2i_X509_CRL(NULL, &end, (long)length);

    if (list != NULL && end != bytes + length) {
        X509_CRL_free(list);
        list = NULL;
    }
    return list;
}

static enum ks_err
read_any(const unsigned char *bytes, size_t length, STACK_OF(X509_CRL) * lists,
         struct err_cause *cause)
{
    X509_CRL *list = read_der(bytes, length);
    BIO *bio;
    enum ks_err rc;

    if (list != NULL)
        return take(lists, list, cause);
    ERR_clear_error();
    bio = BIO_new_mem_buf(bytes, (int)length);
    if (bio == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = read_pem(bio, lists, cause);
    BIO_free(bio);
    if (rc == KS_OK &&
        count_beginnings(bytes, length) != sk_X509_CRL_num(lists))
        rc = err_set(cause, KS_ERR_CRL,
                     "not all of it is read: a block is no X509 CRL, or its "
                     "first line is damaged; give complete CRLs alone");
    return rc;
}

enum ks_err
crl_read(const unsigned char *bytes, size_t length, STACK_OF(X509_CRL) * *ret,
         struct err_cause *cause)
{
    STACK_OF(X509_CRL) *lists = sk_X509_CRL_new_null();
    enum ks_err rc;

    if (lists == NULL)
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
    else if (length > INT_MAX)
        rc = err_set(cause, KS_ERR_CRL, "it is too long");
    else
        rc = read_any(bytes, length, lists, cause);
    ERR_clear_error();
    if (rc == KS_OK)
        *ret = lists;
    else
        sk_X509_CRL_pop_free(lists, X509_CRL_free);
    return rc;
}

bool
crl_all_out_of_date(const STACK_OF(X509_CRL) * lists)
{
    for (int i = 0; i < sk_X509_CRL_num(lists); i++) {
        const X509_CRL *list = sk_X509_CRL_value(lists, i);

        if (X509_cmp_current_time(X509_CRL_get0_lastUpdate(list)) < 0 &&
            X509_cmp_current_time(X509_CRL_get0_nextUpdate(list)) > 0)
            return false;
    }
    return true;
}
