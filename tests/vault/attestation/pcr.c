/* SPDX-License-Identifier: Apache-2.0 */
/* A quote signs a hash alone: the values come beside it, and count only where
 * they have that hash. */
#include "tests/vault/attestation/pcr.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/vault/attestation/member.h"
#include "tests/vault/attestation/refuse.h"
#include "tests/vault/service/encoding.h"

#define PCRS 24
#define HASH 32

static uint32_t
bit(unsigned pcr)
{
    return UINT32_C(1) << pcr;
}

/* --- quoted --- */

/* Just these PCRs of the bank of SHA-256. */
static bool
selects(const TPML_PCR_SELECTION *selection, uint32_t pcrs)
{
    const TPMS_PCR_SELECTION *bank = &selection->pcrSelections[0];

    if (selection->count != 1 || bank->hash != TPM2_ALG_SHA256 ||
        bank->sizeofSelect > sizeof bank->pcrSelect)
        return false;
    for (unsigned i = 0; i < 8U * sizeof bank->pcrSelect; i++) {
        bool is = i / 8 < bank->sizeofSelect &&
                  (bank->pcrSelect[i / 8] >> i % 8 & 1) != 0;

        if (is != (i < PCRS && (pcrs & bit(i)) != 0))
            return false;
    }
    return true;
}

/* Each value to its number: both are in rising order. */
static bool
read_values(const json_t *values, struct attestation_result *result)
{
    size_t next = 0;

    for (unsigned i = 0; i < PCRS; i++) {
        struct member value;
        bool fits;

        if ((result->pcrs & bit(i)) == 0)
            continue;
        fits = member_value(json_array_get(values, next++), &value) &&
               value.length == HASH;
        if (fits)
            memcpy(result->pcr[i], value.bytes, HASH);
        member_free(&value);
        if (!fits)
            return false;
    }
    return json_array_size(values) == next;
}

/* A quote has the hash of all values, one behind the other. */
static bool
hashes_to(const struct attestation_result *result, const TPM2B_DIGEST *digest)
{
    uint8_t all[PCRS * HASH];
    uint8_t hash[HASH];
    size_t length = 0;

    for (unsigned i = 0; i < PCRS; i++)
        if ((result->pcrs & bit(i)) != 0) {
            memcpy(all + length, result->pcr[i], HASH);
            length += HASH;
        }
    return EVP_Q_digest(NULL, "SHA256", NULL, all, length, hash, NULL) == 1 &&
           digest->size == HASH && memcmp(digest->buffer, hash, HASH) == 0;
}

bool
pcr_read(const json_t *values, const TPMS_QUOTE_INFO *quote,
         struct attestation_result *result, struct attestation_fault *ret_fault)
{
    if (!selects(&quote->pcrSelect, result->pcrs))
        return refuse_evidence(ret_fault,
                               "the quote is of other PCRs than the offer has");
    if (!read_values(values, result))
        return refuse_evidence(
            ret_fault, "the quote's values are not one SHA-256 for each PCR");
    if (!hashes_to(result, &quote->pcrDigest))
        return refuse_evidence(
            ret_fault, "the quote's values are not those that were quoted");
    return true;
}

/* --- wanted --- */

/* "7=HEX" off the front of TEXT, and the comma behind it, which something has
 * to follow. */
static bool
take(const char **text, unsigned *ret_pcr, uint8_t ret[static HASH])
{
    char hex[2 * HASH + 1] = "";
    char *end = NULL;
    unsigned long pcr;

    if (**text < '0' || **text > '9')
        return false;
    pcr = strtoul(*text, &end, 10);
    if (pcr >= PCRS || *end != '=' || strlen(end + 1) < 2 * HASH)
        return false;
    memcpy(hex, end + 1, 2 * HASH);
    end += 1 + 2 * HASH;
    if (!encoding_from_hex(hex, ret, HASH) ||
        (*end != '\0' && (*end != ',' || end[1] == '\0')))
        return false;
    *text = *end == ',' ? end + 1 : end;
    *ret_pcr = (unsigned)pcr;
    return true;
}

bool
attestation_pcr_policy(const char *text, uint32_t *ret_pcrs)
{
    uint8_t value[HASH];
    unsigned pcr;

    *ret_pcrs = 0;
    if (*text == '\0')
        return false;
    while (*text != '\0') {
        if (!take(&text, &pcr, value) || (*ret_pcrs & bit(pcr)) != 0)
            return false;
        *ret_pcrs |= bit(pcr);
    }
    return true;
}

bool
pcr_meet(const char *policy, const struct attestation_result *result,
         struct attestation_fault *ret_fault)
{
    uint8_t value[HASH];
    uint32_t wanted;
    unsigned pcr;

    if (policy == NULL)
        return true;
    if (!attestation_pcr_policy(policy, &wanted))
        return refuse_vault(ret_fault, "the vault's list of PCRs is none");
    while (*policy != '\0' && take(&policy, &pcr, value)) {
        if ((result->pcrs & bit(pcr)) == 0)
            return refuse_evidence(ret_fault,
                                   "the quote does not have PCR %u, which the "
                                   "vault's owner wants; quote it",
                                   pcr);
        if (memcmp(result->pcr[pcr], value, HASH) != 0)
            return refuse_evidence(ret_fault,
                                   "PCR %u has another value than the vault's "
                                   "owner wants",
                                   pcr);
    }
    return true;
}
