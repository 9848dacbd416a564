/* SPDX-License-Identifier: Apache-2.0 */
/* EK first, then the AK: an EK of no template could be asked to decrypt
 * anything, and a challenge for it would prove nothing. */
#include "tests/vault/attestation/offer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/vault/attestation/refuse.h"
#include "tests/vault/attestation/template.h"

#define PCRS 24

/* Whether it can be read is kept: where the owner has listed the EK, nobody
 * needs it. */
static bool
read_certificate(const json_t *json, struct attestation_offer *offer,
                 struct attestation_fault *ret)
{
    struct member *bytes = &offer->certificate_bytes;

    if (!member_read(json, "certificate", bytes))
        return refuse_endorsement(
            ret, "the EK's certificate is no base64url of 1 to %d bytes",
            MEMBER_MAX);
    if (bytes->bytes != NULL)
        offer->unreadable = ek_certificate_read(bytes->bytes, bytes->length,
                                                &offer->certificate);
    return true;
}

/* They are read as certificates where somebody trusts a root. */
static bool
read_chain(const json_t *json, struct attestation_offer *offer,
           struct attestation_fault *ret)
{
    const json_t *chain = json_object_get(json, "chain");

    if (chain != NULL &&
        (!json_is_array(chain) || json_array_size(chain) > OFFER_CHAIN_MAX))
        return refuse_endorsement(
            ret, "the EK's chain is no list of at most %d certificates",
            OFFER_CHAIN_MAX);
    while (offer->chain_count < json_array_size(chain)) {
        if (!member_value(json_array_get(chain, offer->chain_count),
                          &offer->chain[offer->chain_count]))
            return refuse_endorsement(
                ret, "certificate %zu of the EK's chain is no base64url",
                offer->chain_count + 1);
        offer->chain_count++;
    }
    return true;
}

/* The EK, and what its TPM has to show for it. */
static bool
read_endorsement(const json_t *json, struct attestation_offer *offer,
                 struct attestation_fault *ret)
{
    struct member public;
    const char *why;

    if (!member_read(json, "public", &public) || public.bytes == NULL)
        return refuse_endorsement(ret, "the offer has no EK");
    why = area_read(&public, &offer->ek);
    if (why != NULL)
        return refuse_endorsement(ret, "the EK %s", why);
    return template_check_ek(&offer->ek, ret) &&
           read_certificate(json, offer, ret) && read_chain(json, offer, ret);
}

/* Before there is any challenge: see template.h. */
static bool
read_ak(const json_t *json, struct attestation_offer *offer,
        struct attestation_fault *ret)
{
    struct member public;
    const char *why;

    if (!member_read(json, "key", &public) || public.bytes == NULL)
        return refuse_evidence(ret, "the offer has no AK");
    why = area_read(&public, &offer->ak);
    if (why != NULL)
        return refuse_evidence(ret, "the AK %s", why);
    return template_check_ak(&offer->ak, ret);
}

/* Numbers in rising order, so that one selection has one spelling. */
static bool
read_pcrs(const json_t *json, struct attestation_offer *offer,
          struct attestation_fault *ret)
{
    const json_t *pcrs = json_object_get(json, "pcrs");
    json_int_t last = -1;

    if (pcrs == NULL)
        return true;
    if (!json_is_array(pcrs) || json_array_size(pcrs) == 0)
        return refuse_evidence(ret, "the offer's PCRs are no list of numbers");
    for (size_t i = 0; i < json_array_size(pcrs); i++) {
        const json_t *pcr = json_array_get(pcrs, i);
        json_int_t number = json_integer_value(pcr);

        if (!json_is_integer(pcr) || number <= last || number >= PCRS)
            return refuse_evidence(ret, "the offer's PCRs are not numbers "
                                        "below 24 in rising order");
        offer->pcrs |= UINT32_C(1) << number;
        last = number;
    }
    return true;
}

struct attestation_offer *
attestation_offer_read(const json_t *json, struct attestation_fault *ret_fault)
{
    struct attestation_offer *offer = calloc(1, sizeof *offer);

    if (offer == NULL) {
        (void)refuse_vault(ret_fault, "the vault is out of memory");
        return NULL;
    }
    if (read_endorsement(json_object_get(json, "endorsement"), offer,
                         ret_fault) &&
        read_ak(json, offer, ret_fault) && read_pcrs(json, offer, ret_fault))
        return offer;
    attestation_offer_free(offer);
    return NULL;
}

void
attestation_offer_free(struct attestation_offer *offer)
{
    if (offer == NULL)
        return;
    area_free(&offer->ek);
    area_free(&offer->ak);
    ek_certificate_free(&offer->certificate);
    member_free(&offer->certificate_bytes);
    for (size_t i = 0; i < offer->chain_count; i++)
        member_free(&offer->chain[i]);
    free(offer);
}

const char *
attestation_offer_ek(const struct attestation_offer *offer)
{
    return offer->ek.sha256;
}

const char *
attestation_offer_ek_algorithm(const struct attestation_offer *offer)
{
    return area_algorithm(&offer->ek);
}

EVP_PKEY *
attestation_offer_ak(const struct attestation_offer *offer)
{
    return offer->ak.key;
}

const uint8_t *
attestation_offer_ak_name(const struct attestation_offer *offer,
                          size_t *ret_length)
{
    *ret_length = offer->ak.name_length;
    return offer->ak.name;
}

const uint8_t *
attestation_offer_ak_area(const struct attestation_offer *offer,
                          size_t *ret_length)
{
    *ret_length = offer->ak.bytes.length;
    return offer->ak.bytes.bytes;
}

uint32_t
attestation_offer_pcrs(const struct attestation_offer *offer)
{
    return offer->pcrs;
}

const uint8_t *
attestation_offer_certificate(const struct attestation_offer *offer,
                              size_t *ret_length)
{
    *ret_length = offer->certificate_bytes.length;
    return offer->certificate_bytes.bytes;
}

const struct attestation_maker *
attestation_offer_maker(const struct attestation_offer *offer)
{
    return &offer->certificate.maker;
}

/* swtpm_localca's words: IBM's number as the PCI SIG has it, where the TCG's
 * registry has 49424D00. */
bool
attestation_offer_is_emulation(const struct attestation_offer *offer)
{
    return strcmp(offer->certificate.maker.model, "swtpm") == 0 ||
           strcmp(offer->certificate.maker.manufacturer, "id:00001014") == 0;
}
