/* SPDX-License-Identifier: Apache-2.0 */
/* Everything here is a TPM's own word; only attestation would prove it. */
#include "hsm/tpm2/property.h"

#include <stdio.h>
#include <string.h>

#include "hsm/tpm2/rc.h"

/* TPMs in software, by their makers' ids and what they call themselves. */
static const struct {
    const char *maker;
    const char *model;
} emulations[] = {
    {"IBM", "SW   TPM"},  /* libtpms: swtpm and virtual machines */
    {"IBM", "SW  TPM"},   /* IBM's simulator */
    {"MSFT", "xCG fTPM"}, /* Microsoft's reference implementation */
    {"XYZZ", ""},         /* and what is built of it without a maker */
};

/* A property is four characters; control characters among them are left out. */
static void
append_four(char *text, size_t size, uint32_t four)
{
    size_t length = strlen(text);

    for (int shift = 24; shift >= 0 && length + 1 < size; shift -= 8) {
        char c = (char)(four >> shift & 0xff);

        if (c >= ' ' && c <= '~')
            text[length++] = c;
    }
    text[length] = '\0';
}

static void
trim(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && text[length - 1] == ' ')
        text[--length] = '\0';
}

static void
take(struct tpm2_property *property, uint32_t firmware[static 2],
     const TPMS_TAGGED_PROPERTY *tagged)
{
    uint32_t value = tagged->value;

    switch (tagged->property) {
    case TPM2_PT_MANUFACTURER:
        append_four(property->maker, sizeof property->maker, value);
        break;
    case TPM2_PT_VENDOR_STRING_1:
    case TPM2_PT_VENDOR_STRING_2:
    case TPM2_PT_VENDOR_STRING_3:
    case TPM2_PT_VENDOR_STRING_4:
        append_four(property->model, sizeof property->model, value);
        break;
    case TPM2_PT_FIRMWARE_VERSION_1:
    case TPM2_PT_FIRMWARE_VERSION_2:
        firmware[tagged->property - TPM2_PT_FIRMWARE_VERSION_1] = value;
        break;
    case TPM2_PT_NV_BUFFER_MAX:
        if (value > 0 && value < property->nv_piece)
            property->nv_piece = value;
        break;
    case TPM2_PT_PERMANENT:
        property->lockout.locked = (value & TPMA_PERMANENT_INLOCKOUT) != 0;
        property->owner_auth = (value & TPMA_PERMANENT_OWNERAUTHSET) != 0;
        property->endorsement_auth = (value &
                                      TPMA_PERMANENT_ENDORSEMENTAUTHSET) != 0;
        break;
    case TPM2_PT_LOCKOUT_COUNTER:
        property->lockout.failures = value;
        break;
    case TPM2_PT_MAX_AUTH_FAIL:
        property->lockout.failures_max = value;
        break;
    case TPM2_PT_LOCKOUT_INTERVAL:
        property->lockout.interval = value;
        break;
    default:
        break;
    }
}

static bool
is_emulation(const struct tpm2_property *property)
{
    for (size_t i = 0; i < sizeof emulations / sizeof emulations[0]; i++)
        if (strcmp(property->maker, emulations[i].maker) == 0 &&
            strncmp(property->model, emulations[i].model,
                    strlen(emulations[i].model)) == 0)
            return true;
    return false;
}

/* Read the properties from FIRST on; *RET_NEXT is the first that the TPM had no
 * room for, or 0.  It only grows, whatever the TPM says, so that there is an
 * end. */
static TSS2_RC
read_some(ESYS_CONTEXT *esys, uint32_t first, struct tpm2_property *property,
          uint32_t firmware[static 2], uint32_t *ret_next)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TPMI_YES_NO more = TPM2_NO;
    const TPML_TAGGED_TPM_PROPERTY *list;
    TSS2_RC rc = Esys_GetCapability(
        esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_TPM_PROPERTIES,
        first, TPM2_MAX_TPM_PROPERTIES, &more, &data);

    if (rc != TSS2_RC_SUCCESS)
        return rc;
    list = &data->data.tpmProperties;
    *ret_next = 0;
    for (uint32_t i = 0; i < list->count && i < TPM2_MAX_TPM_PROPERTIES; i++) {
        take(property, firmware, &list->tpmProperty[i]);
        if (more == TPM2_YES && list->tpmProperty[i].property >= first)
            *ret_next = list->tpmProperty[i].property + 1;
    }
    Esys_Free(data);
    return rc;
}

/* Read those from FIRST to the end of its group (Part 2, 6.13): a TPM stops
 * there. */
static TSS2_RC
read_group(ESYS_CONTEXT *esys, uint32_t first, struct tpm2_property *property,
           uint32_t firmware[static 2])
{
    uint32_t next = first;
    TSS2_RC rc = TSS2_RC_SUCCESS;

    while (rc == TSS2_RC_SUCCESS && next != 0)
        rc = read_some(esys, next, property, firmware, &next);
    return rc;
}

TSS2_RC
tpm2_property_read_lockout(ESYS_CONTEXT *esys, struct tpm2_property *property)
{
    uint32_t firmware[2];

    return read_group(esys, TPM2_PT_VAR, property, firmware);
}

TSS2_RC
tpm2_property_read(ESYS_CONTEXT *esys, struct tpm2_property *ret)
{
    struct tpm2_property property = {.maker = "",
                                     .nv_piece = TPM2_MAX_NV_BUFFER_SIZE};
    uint32_t firmware[2] = {0, 0};
    TSS2_RC rc = read_group(esys, TPM2_PT_FIXED, &property, firmware);

    if (rc != TSS2_RC_SUCCESS)
        return rc;
    trim(property.maker);
    trim(property.model);
    (void)snprintf(property.firmware, sizeof property.firmware, "%u.%u.%u.%u",
                   firmware[0] >> 16, firmware[0] & 0xffff, firmware[1] >> 16,
                   firmware[1] & 0xffff);
    property.emulated = is_emulation(&property);
    *ret = property;
    return rc;
}

/* A refusal is about the parameter (Part 2, 6.6.3: format one); anything else
 * is about the TPM's day. */
TSS2_RC
tpm2_property_takes(ESYS_CONTEXT *esys, const TPM2B_PUBLIC *area, bool *ret)
{
    const TPMT_PUBLIC_PARMS parms = {.type = area->publicArea.type,
                                     .parameters = area->publicArea.parameters};
    TSS2_RC rc = Esys_TestParms(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                &parms);

    if (rc != TSS2_RC_SUCCESS && (tpm2_rc_base(rc) & TPM2_RC_FMT1) == 0)
        return rc;
    *ret = rc == TSS2_RC_SUCCESS;
    return TSS2_RC_SUCCESS;
}
