/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vault/attestation/offer.h"

#include <stdlib.h>

#include "tests/vault/attestation/refuse.h"
#include "tests/vault/attestation/template.h"

#define PCRS 24

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
    return template_check_ek(&offer->ek, ret);
}

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
