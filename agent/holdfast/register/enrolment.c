/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in holdfast on what holdfast-net handed over: a network process that
 * sends another's certificate must not get it past this file. */
#include "agent/holdfast/register/enrolment.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#define URN "urn:uuid:"

static bool
is_uuid(const char *text, size_t length)
{
    if (length != ENROLMENT_UUID_MAX - 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

/* From the one URI among the alternative names. */
static bool
find_uuid(X509 *certificate, char ret[static ENROLMENT_UUID_MAX])
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name,
                                            NULL, NULL);
    int uris = 0;
    bool found = false;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int type;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(
            sk_GENERAL_NAME_value(names, i), &type);
        const char *text;
        size_t length;

        if (type != GEN_URI)
            continue;
        uris++;
        text = (const char *)ASN1_STRING_get0_data(value);
        length = (size_t)ASN1_STRING_length(value);
        if (length > strlen(URN) && memcmp(text, URN, strlen(URN)) == 0 &&
            is_uuid(text + strlen(URN), length - strlen(URN))) {
            memcpy(ret, text + strlen(URN), ENROLMENT_UUID_MAX - 1);
            ret[ENROLMENT_UUID_MAX - 1] = '\0';
            found = true;
        }
    }
    GENERAL_NAMES_free(names);
    return found && uris == 1;
}

/* OpenSSL, as RFC 5280 (4.2.1.12), takes a certificate without the extension
 * for every purpose; a machine's has it. */
static bool
is_for_clients(X509 *certificate)
{
    return (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0 &&
           (X509_get_extended_key_usage(certificate) & XKU_SSL_CLIENT) != 0;
}

static bool
names_vault(X509 *certificate, const char *vault)
{
    char text[64];
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_organizationalUnitName,
                                        -1);

    return at >= 0 &&
           X509_NAME_get_index_by_NID(subject, NID_organizationalUnitName,
                                      at) == -1 &&
           X509_NAME_get_text_by_NID(subject, NID_organizationalUnitName, text,
                                     sizeof text) == (int)strlen(vault) &&
           strcmp(text, vault) == 0;
}

static enum ks_err
check_chain(X509 *certificate, STACK_OF(X509) * authorities, time_t now,
            struct err_cause *cause)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    enum ks_err rc = KS_OK;

    if (store == NULL || context == NULL ||
        X509_STORE_CTX_init(context, store, certificate, NULL) != 1 ||
        X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT) != 1) {
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "certificate check");
        goto out;
    }
    X509_STORE_CTX_set0_trusted_stack(context, authorities);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), now);
    if (X509_verify_cert(context) != 1)
        rc = err_set(
            cause, KS_ERR_VAULT_FOREIGN, "%s",
            X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
out:
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return rc;
}

enum ks_err
enrolment_check(X509 *certificate, const struct enrolment *wanted,
                char ret[static ENROLMENT_UUID_MAX], struct err_cause *cause)
{
    enum ks_err rc;

    if (EVP_PKEY_eq(X509_get0_pubkey(certificate), wanted->public) != 1)
        return err_set(cause, KS_ERR_VAULT_FOREIGN,
                       "it is for another key than this machine's");
    rc = check_chain(certificate, wanted->authorities, wanted->now, cause);
    if (rc != KS_OK)
        return rc;
    if (!is_for_clients(certificate))
        return err_set(cause, KS_ERR_VAULT_FOREIGN,
                       "it is not for TLS clients (clientAuth)");
    if (X509_check_ca(certificate) != 0)
        return err_set(cause, KS_ERR_VAULT_FOREIGN, "it is a CA's");
    if (!names_vault(certificate, wanted->vault))
        return err_set(cause, KS_ERR_VAULT_FOREIGN,
                       "it does not name vault %.40s", wanted->vault);
    if (!find_uuid(certificate, ret))
        return err_set(cause, KS_ERR_VAULT_FOREIGN, "it names no machine");
    return KS_OK;
}
