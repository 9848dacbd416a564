/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who vouches for an EK.  A certificate of the offer is never a root: whoever
 * sends one chooses it (GHSA-6hxq-p678-4hr2), and a serial number is never
 * looked at: anybody can write one.
 *
 * No revocation list is fetched or read: a vault may have no way out, and
 * makers revoke issuers rather than EKs.  An owner removes a root.
 */
#include <string.h>

#include <openssl/bio.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "tests/vault/attestation/ek_roots.h"
#include "tests/vault/attestation/offer.h"
#include "tests/vault/attestation/refuse.h"

#define SECURITY_LEVEL 2 /* OpenSSL's: 112 bits, no SHA-1 */

/* All that one judgement looks at. */
struct chain {
    const struct ek_certificate *certificate;
    STACK_OF(X509) * roots;
    STACK_OF(X509) * sent; /* by the machine; never trusted */
    time_t now;
    struct attestation_judgement *judgement;
    struct attestation_fault *fault;
};

static bool
is_listed(const char *sha256, const char *const *allowed)
{
    for (; allowed != NULL && *allowed != NULL; allowed++)
        if (strcmp(*allowed, sha256) == 0)
            return true;
    return false;
}

/* --- what the certificate says by itself --- */

static bool
check_alone(const struct chain *chain)
{
    const struct ek_certificate *certificate = chain->certificate;

    if (chain->now < certificate->from)
        return refuse_endorsement(chain->fault,
                                  "the EK's certificate is not valid yet");
    if (chain->now > certificate->to)
        return refuse_endorsement(chain->fault,
                                  "the EK's certificate has expired");
    if (certificate->has_usage && !certificate->is_for_ek)
        return refuse_endorsement(
            chain->fault, "the EK's certificate is for something else: its "
                          "usages are without 2.23.133.8.1");
    return true;
}

/* --- its issuers --- */

static bool
is_issuer(X509 *candidate, struct tlv_bytes name)
{
    const unsigned char *at = name.at;
    X509_NAME *issuer = d2i_X509_NAME(NULL, &at, (long)name.length);
    const unsigned char *der = NULL;
    size_t length = 0;
    bool same;

    if (issuer != NULL)
        same = X509_NAME_cmp(issuer, X509_get_subject_name(candidate)) == 0;
    else /* OpenSSL reads no such name; the maker writes it like this twice */
        same = X509_NAME_get0_der(X509_get_subject_name(candidate), &der,
                                  &length) == 1 &&
               tlv_is(name, der, length);
    X509_NAME_free(issuer);
    return same;
}

/* A CA's, or of version 1, which could not say so. */
static bool
may_issue(X509 *candidate)
{
    int is = X509_check_ca(candidate);

    return is == 1 || is == 3;
}

/* OpenSSL has counted from the issuer on, which is not the end here. */
static bool
is_short_enough(STACK_OF(X509) * path)
{
    for (int i = 1; i < sk_X509_num(path); i++) {
        long most = X509_get_pathlen(sk_X509_value(path, i));

        if (most != -1 && most < i)
            return false;
    }
    return true;
}

/* The subjects from the issuer to the root, one a line, as far as there is
 * room for whole lines. */
static void
write_path(STACK_OF(X509) * path, struct attestation_judgement *ret)
{
    size_t written = 0;

    for (int i = 0; i < sk_X509_num(path); i++) {
        BIO *line = BIO_new(BIO_s_mem());
        const X509_NAME *subject = X509_get_subject_name(
            sk_X509_value(path, i));
        char *text = NULL;
        long length;

        if (line == NULL)
            return;
        /* Control characters are escaped, and so are quotes. */
        (void)X509_NAME_print_ex(line, subject, 0, XN_FLAG_RFC2253);
        length = BIO_get_mem_data(line, &text);
        if (length > 0 && written + (size_t)length + 2 <= sizeof ret->chain) {
            memcpy(ret->chain + written, text, (size_t)length);
            written += (size_t)length;
            ret->chain[written++] = '\n';
        }
        BIO_free(line);
    }
    ret->chain[written] = '\0';
}

/* X509_V_OK, or why there is no way from ISSUER to a root over what was SENT;
 * from a root there is none to look for, and NULL is sent. */
static int
find_path(const struct chain *chain, X509 *issuer, STACK_OF(X509) * sent)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int result = X509_V_ERR_OUT_OF_MEM;

    if (store == NULL || context == NULL ||
        X509_STORE_CTX_init(context, store, issuer, sent) != 1)
        goto out;
    X509_STORE_CTX_set0_trusted_stack(context, chain->roots);
    X509_STORE_CTX_set_time(context, 0, chain->now);
    /* Whoever the owner has put there is trusted, self-signed or not. */
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context),
                                     SECURITY_LEVEL);
    if (X509_verify_cert(context) != 1)
        result = X509_STORE_CTX_get_error(context);
    else if (!is_short_enough(X509_STORE_CTX_get0_chain(context)))
        result = X509_V_ERR_PATH_LENGTH_EXCEEDED;
    else {
        result = X509_V_OK;
        write_path(X509_STORE_CTX_get0_chain(context), chain->judgement);
    }
out:
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return result;
}

/* There is no root to go to: nobody vouches for this EK, and nothing is wrong
 * with it. */
static bool
is_unknown(int error)
{
    return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
           error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
           error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
           error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

/* The candidates so far: */
struct search {
    bool is_named;   /* one has the issuer's name */
    bool has_signed; /* and has signed the certificate */
    int error;       /* and this is why it leads to no root */
};

/* False where the search is over. */
static bool
try_issuers(const struct chain *chain, STACK_OF(X509) * candidates,
            struct search *search)
{
    for (int i = 0; i < sk_X509_num(candidates); i++) {
        X509 *candidate = sk_X509_value(candidates, i);

        if (!is_issuer(candidate, chain->certificate->issuer))
            continue;
        search->is_named = true;
        if (!may_issue(candidate) ||
            !ek_certificate_is_signed_by(chain->certificate,
                                         X509_get0_pubkey(candidate)))
            continue;
        search->has_signed = true;
        search->error = find_path(
            chain, candidate, candidates == chain->sent ? candidates : NULL);
        if (search->error == X509_V_OK)
            return false;
    }
    return true;
}

static bool
find_issuer(const struct chain *chain)
{
    struct search search = {.error = X509_V_OK};

    if (!try_issuers(chain, chain->roots, &search) ||
        !try_issuers(chain, chain->sent, &search)) {
        chain->judgement->trusted = ATTESTATION_BY_CHAIN;
        chain->judgement->has_chain = true;
        return true;
    }
    if (!search.is_named || is_unknown(search.error))
        return true;
    if (!search.has_signed)
        return refuse_endorsement(
            chain->fault,
            "the EK's certificate is not signed by the issuer that it names");
    return refuse_endorsement(chain->fault,
                              "the EK's certificate has an issuer that does "
                              "not hold: %s",
                              X509_verify_cert_error_string(search.error));
}

/* --- all of it --- */

/* The offer's intermediate certificates; false after a refusal. */
static bool
read_sent(const struct attestation_offer *offer, struct chain *chain)
{
    chain->sent = sk_X509_new_null();
    for (size_t i = 0; i < offer->chain_count; i++) {
        const unsigned char *at = offer->chain[i].bytes;
        X509 *each = d2i_X509(NULL, &at, (long)offer->chain[i].length);

        if (each == NULL || chain->sent == NULL ||
            sk_X509_push(chain->sent, each) == 0) {
            X509_free(each);
            return refuse_endorsement(
                chain->fault,
                "certificate %zu of the EK's chain cannot be read", i + 1);
        }
    }
    return true;
}

static bool
judge_chain(const struct attestation_offer *offer,
            const struct attestation_trust *trust, struct chain *chain)
{
    bool done = false;

    chain->certificate = &offer->certificate;
    chain->now = (time_t)trust->now;
    if (!check_alone(chain))
        return false;
    chain->roots = ek_roots_read(trust->roots);
    if (chain->roots == NULL)
        (void)refuse_vault(chain->fault, "a file of the vault's EK roots "
                                         "cannot be read as PEM certificates");
    else
        done = read_sent(offer, chain) && find_issuer(chain);
    sk_X509_pop_free(chain->roots, X509_free);
    sk_X509_pop_free(chain->sent, X509_free);
    return done;
}

/* Of an EK that is listed nothing is asked; whether a root stands for what its
 * certificate says is told all the same. */
static bool
has_chain(const struct attestation_offer *offer,
          const struct attestation_trust *trust)
{
    struct attestation_judgement aside = {.trusted = ATTESTATION_UNKNOWN};
    struct attestation_fault passed_over;
    struct chain chain = {.judgement = &aside, .fault = &passed_over};

    return offer->certificate_bytes.bytes != NULL &&
           offer->unreadable == NULL && judge_chain(offer, trust, &chain) &&
           aside.trusted == ATTESTATION_BY_CHAIN;
}

const struct attestation_maker *
attestation_vouched_maker(const struct attestation_offer *offer,
                          const struct attestation_judgement *judgement)
{
    static const struct attestation_maker nobody;

    return judgement->has_chain ? attestation_offer_maker(offer) : &nobody;
}

bool
attestation_judge(const struct attestation_offer *offer,
                  const struct attestation_trust *trust,
                  struct attestation_judgement *ret,
                  struct attestation_fault *ret_fault)
{
    struct chain chain = {.judgement = ret, .fault = ret_fault};

    *ret = (struct attestation_judgement){.trusted = ATTESTATION_UNKNOWN};
    if (offer->certificate.key != NULL &&
        EVP_PKEY_eq(offer->certificate.key, offer->ek.key) != 1)
        return refuse_endorsement(
            ret_fault, "the EK's certificate is with the wrong key: it is "
                       "another one than the EK");
    if (is_listed(offer->ek.sha256, trust->allowed)) {
        ret->trusted = ATTESTATION_BY_LIST;
        ret->has_chain = has_chain(offer, trust);
        return true;
    }
    if (offer->certificate_bytes.bytes == NULL)
        return true;
    if (offer->unreadable != NULL)
        return refuse_endorsement(ret_fault, "the EK's certificate %s",
                                  offer->unreadable);
    return judge_chain(offer, trust, &chain);
}
