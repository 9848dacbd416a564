/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's verifier: whether a TPM proves where a machine's key lives, as
 * docs/attestation.md describes every byte.  It knows no HTTP, no database, no
 * clock and no TPM: what it is to compare with is handed in.
 *
 * In order: attestation_offer_read() of M3's member, which refuses an AK that
 * could sign what a person made up; attestation_judge() of the EK;
 * attestation_challenge(), whose secret the caller keeps with the nonce; and
 * when the evidence comes, attestation_check() with the same offer.
 */
#ifndef VAULT_ATTESTATION_VERIFIER_H
#define VAULT_ATTESTATION_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <openssl/types.h>

/* Changes with what is checked; kept beside each verdict. */
#define ATTESTATION_VERIFIER "1"

#define ATTESTATION_HEX 65 /* a SHA-256 in lower-case hexadecimal, and NUL */
#define ATTESTATION_SECRET 32

/* Why not.  The sentence is for people, on one line, begins with its subject
 * and names no bytes of either side. */
enum attestation_fault_kind {
    ATTESTATION_FAULT_ENDORSEMENT = 1, /* the refusal "endorsement" */
    ATTESTATION_FAULT_EVIDENCE,        /* the refusal "evidence" */
    ATTESTATION_FAULT_VAULT /* the vault's own: memory, roots, PCR policy */
};
struct attestation_fault {
    enum attestation_fault_kind kind;
    char sentence[256];
};

/* --- the offer --- */

struct attestation_offer;

/* Out of M3's member "attestation"; NULL and RET_FAULT where it is none, where
 * the EK is of no template of the TCG, or where the AK is not born in the TPM,
 * restricted and for signing alone.  A certificate that cannot be read is
 * attestation_judge()'s to refuse.  For attestation_offer_free(). */
struct attestation_offer *
attestation_offer_read(const json_t *json, struct attestation_fault *ret_fault);
void attestation_offer_free(struct attestation_offer *offer);

/* All borrowed from OFFER. */

/* SHA-256 of the EK's SubjectPublicKeyInfo, hexadecimal: what allow-lists name
 * and what one TPM is told from another by. */
const char *attestation_offer_ek(const struct attestation_offer *offer);
/* "RSA-2048", "P-256", "P-384". */
const char *
attestation_offer_ek_algorithm(const struct attestation_offer *offer);
/* The EK's certificate as the TPM has it, padding included; NULL and 0 where
 * there is none. */
const uint8_t *
attestation_offer_certificate(const struct attestation_offer *offer,
                              size_t *ret_length);
/* The AK: its key, its Name (34 bytes) and its TPMT_PUBLIC. */
EVP_PKEY *attestation_offer_ak(const struct attestation_offer *offer);
const uint8_t *attestation_offer_ak_name(const struct attestation_offer *offer,
                                         size_t *ret_length);
const uint8_t *attestation_offer_ak_area(const struct attestation_offer *offer,
                                         size_t *ret_length);
/* PCRs of the bank of SHA-256 that will be quoted, one bit each. */
uint32_t attestation_offer_pcrs(const struct attestation_offer *offer);

/* Who made the TPM, in the words of the EK certificate's TCG directoryName
 * (TCG EK Credential Profile 2.5, 3.1.2), as in "id:49424D00"; "" where no
 * certificate can be read or where it has none. */
struct attestation_maker {
    char manufacturer[32];
    char model[64];
    char version[32];
};
const struct attestation_maker *
attestation_offer_maker(const struct attestation_offer *offer);
/* The certificate itself says that the TPM is software (swtpm's does). */
bool attestation_offer_is_emulation(const struct attestation_offer *offer);

/* --- trust --- */

struct attestation_trust {
    const char *roots; /* directory of PEM files, which need not exist; or
                        * NULL.  Self-signed or not, all are trusted. */
    const char *const *allowed; /* SHA-256 of EKs in hexadecimal, up to a NULL;
                                 * or NULL */
    int64_t now;                /* UTC seconds */
};

enum attestation_trusted {
    ATTESTATION_UNKNOWN,  /* nobody vouches for this EK */
    ATTESTATION_BY_CHAIN, /* its certificate chains to one of the roots */
    ATTESTATION_BY_LIST   /* the owner has named it */
};
struct attestation_judgement {
    enum attestation_trusted trusted;
    /* BY_CHAIN: the subjects of the issuers up to the root, one a line. */
    char chain[1024];
    bool has_chain; /* the certificate chains to a root; BY_LIST, too */
};

/* Whether the EK is trusted.  False and RET_FAULT where the endorsement is
 * wrong in itself: the certificate is of another key (listed or not), and,
 * where the EK is not listed, unreadable, expired, not for an EK, or does not
 * fit the issuer that it names. */
bool attestation_judge(const struct attestation_offer *offer,
                       const struct attestation_trust *trust,
                       struct attestation_judgement *ret,
                       struct attestation_fault *ret_fault);

/* attestation_offer_maker() where the certificate chains to a root; else each
 * word is "": whoever made the certificate up wrote it.  Borrowed from OFFER.
 */
const struct attestation_maker *
attestation_vouched_maker(const struct attestation_offer *offer,
                          const struct attestation_judgement *judgement);

/* --- the challenge --- */

/* TPM2_MakeCredential of SECRET for EK and AK, as tpm2-tools' file in
 * base64url; for free().  NULL where OpenSSL fails. */
char *attestation_challenge(const struct attestation_offer *offer,
                            const uint8_t secret[static ATTESTATION_SECRET]);

/* --- the evidence --- */

/* All borrowed. */
struct attestation_expected {
    const char *nonce; /* of M3, base64url of 32 bytes */
    const char *vault; /* its number */
    /* SHA-256 of the certificate that the call is authenticated with. */
    uint8_t certificate_sha256[32];
    uint8_t secret[ATTESTATION_SECRET]; /* that of the challenge */
    const char *pcr_policy;             /* "0=HEX,7=HEX", or NULL for none */
};

struct attestation_result {
    /* SHA-256 of the machine key's SubjectPublicKeyInfo.  The caller compares
     * it with the key that is enrolled. */
    char machine_sha256[ATTESTATION_HEX];
    /* The same of the credential's key; "" where it is not in the TPM.  The
     * caller compares it with the certificate's. */
    char credential_sha256[ATTESTATION_HEX];
    uint32_t pcrs;       /* quoted, one bit each; 0: no quote */
    uint8_t pcr[24][32]; /* values by number */
    /* Milliseconds that this TPM has been on.  Its firmware's version is in no
     * statement: a TPM hides it where the AK is not under the EK's hierarchy
     * (TPM 2.0 Part 1, 36.7), as two vaults' AKs are not to be linkable. */
    uint64_t clock;
};

/* Every check of docs/attestation.md; false and RET_FAULT at the first that
 * fails.  A machine key that was not born in the TPM is one. */
bool attestation_check(const struct attestation_offer *offer,
                       const json_t *evidence,
                       const struct attestation_expected *expected,
                       struct attestation_result *ret,
                       struct attestation_fault *ret_fault);

/* The PCRs that such a policy names; false where TEXT is none: numbers below
 * 24, each once, and 64 lower-case hexadecimal digits behind each. */
bool attestation_pcr_policy(const char *text, uint32_t *ret_pcrs);

/* What every statement is bound to. */
struct attestation_binding {
    char client_data[256]; /* clientDataJSON */
    size_t client_data_length;
    uint8_t authenticator_data[384]; /* authData; 359 of RSA-2048 */
    size_t authenticator_data_length;
    uint8_t qualifying[32]; /* Q */
};

/* For MACHINE, on P-256 or RSA-2048; false where it is of another kind or the
 * nonce is none.  Of EXPECTED it takes nonce, vault and certificate. */
bool attestation_bind(const struct attestation_expected *expected,
                      EVP_PKEY *machine, struct attestation_binding *ret);

#endif
