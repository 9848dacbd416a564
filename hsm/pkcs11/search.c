/* SPDX-License-Identifier: Apache-2.0 */
/* Never takes "the first slot", and asks for no PIN. */
#include "hsm/pkcs11/search.h"

#include <stdlib.h>
#include <string.h>

#include "hsm/pkcs11/emulation.h"
#include "hsm/pkcs11/rv.h"

#define SLOTS_MAX 256

struct search {
    const struct pkcs11_uri *uri;
    struct pkcs11_token *found;
    size_t matches;
};

/* A blank-padded FIELD of SIZE bytes as a string of SIZE + 1. */
static void
copy_field(char *ret, const unsigned char *field, size_t size)
{
    while (size > 0 && (field[size - 1] == ' ' || field[size - 1] == '\0'))
        size--;
    memcpy(ret, field, size);
    ret[size] = '\0';
}

/* WANTED may be "": any will do. */
static bool
fits(const char *wanted, const unsigned char *field, size_t size)
{
    char text[33];

    copy_field(text, field, size);
    return wanted[0] == '\0' || strcmp(wanted, text) == 0;
}

static bool
matches(const struct pkcs11_uri *uri, const CK_TOKEN_INFO *info)
{
    /* A token that is named by its label has been given one. */
    return ((info->flags & CKF_TOKEN_INITIALIZED) != 0 ||
            uri->token[0] != '\0') &&
           fits(uri->token, info->label, sizeof info->label) &&
           fits(uri->manufacturer, info->manufacturerID,
                sizeof info->manufacturerID) &&
           fits(uri->model, info->model, sizeof info->model) &&
           fits(uri->serial, info->serialNumber, sizeof info->serialNumber);
}

/* The token's words about itself are shown at terminals, which control
 * characters would reach. */
static void
describe(struct keystore_info *ret, const CK_TOKEN_INFO *info, const char *path)
{
    ret->kind = &keystore_kind_pkcs11;
    copy_field(ret->label, info->label, sizeof info->label);
    copy_field(ret->maker, info->manufacturerID, sizeof info->manufacturerID);
    copy_field(ret->model, info->model, sizeof info->model);
    copy_field(ret->serial, info->serialNumber, sizeof info->serialNumber);
    memcpy(ret->module, path, strlen(path) + 1);
    ret->emulated = pkcs11_emulation_is(ret->maker, ret->model);
    err_escape(ret->label);
    err_escape(ret->maker);
    err_escape(ret->model);
    err_escape(ret->serial);
    err_escape(ret->module);
}

/* Keep the first match; MODULE stays the caller's. */
static enum ks_err
keep(struct search *search, const struct pkcs11_module *module, CK_SLOT_ID slot,
     const CK_TOKEN_INFO *info, struct err_cause *cause)
{
    struct pkcs11_token *token = NULL;

    search->matches++;
    if (search->found != NULL)
        return KS_OK;
    token = calloc(1, sizeof *token);
    if (token == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    token->functions = pkcs11_module_functions(module);
    token->slot = slot;
    token->flags = info->flags;
    token->session = token->writing = CK_INVALID_HANDLE;
    token->entries = 1;
    describe(&token->store.info, info, pkcs11_module_path(module));
    token->strictest = pkcs11_strictness_first(&token->store.info);
    search->found = token;
    return KS_OK;
}

/* The slots with a token in them, as many as *RET_COUNT says. */
static enum ks_err
list_slots(CK_FUNCTION_LIST *functions, CK_SLOT_ID ret[static SLOTS_MAX],
           CK_ULONG *ret_count, struct err_cause *cause)
{
    CK_ULONG count = SLOTS_MAX;
    CK_RV rv = functions->C_GetSlotList(CK_TRUE, ret, &count);

    if (rv != CKR_OK)
        return pkcs11_rv_set(cause, rv, "C_GetSlotList");
    if (count > SLOTS_MAX)
        return err_set(cause, KS_ERR_TOKEN_FAILED, "it counts %lu slots",
                       count);
    *ret_count = count;
    return KS_OK;
}

static enum ks_err
search_slots(struct search *search, const struct pkcs11_module *module,
             struct err_cause *cause)
{
    CK_FUNCTION_LIST *functions = pkcs11_module_functions(module);
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = 0;
    enum ks_err rc = list_slots(functions, slots, &count, cause);

    for (CK_ULONG i = 0; rc == KS_OK && i < count; i++) {
        CK_TOKEN_INFO info = {0};

        /* A token pulled out meanwhile, or not recognised, is no match. */
        if (functions->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            matches(search->uri, &info))
            rc = keep(search, module, slots[i], &info, cause);
    }
    return rc;
}

/* Modules look for new slots when they are asked without a list; where the
 * token is, that call can be saved. */
static enum ks_err
search_module(struct search *search, const struct pkcs11_module *module,
              struct err_cause *cause)
{
    CK_FUNCTION_LIST *functions = pkcs11_module_functions(module);
    size_t before = search->matches;
    CK_ULONG count = 0;
    enum ks_err rc = search_slots(search, module, cause);

    if (rc != KS_OK || search->matches > before)
        return rc;
    return functions->C_GetSlotList(CK_TRUE, NULL, &count) == CKR_OK
               ? search_slots(search, module, cause)
               : rc;
}

/* Search the module in the file PATH, and leave it loaded if it has the
 * token. */
static enum ks_err
search_file(struct search *search, const char *path, struct err_cause *cause)
{
    struct pkcs11_module *module = NULL;
    enum ks_err rc = pkcs11_module_load(path, &module, cause);

    if (rc == KS_OK)
        rc = search_module(search, module, cause);
    if (search->found != NULL && search->found->module == NULL) {
        search->found->module = module;
        module = NULL; /* transferred */
    }
    pkcs11_module_free(&module);
    return rc;
}

enum ks_err
pkcs11_search(const struct pkcs11_uri *uri, const char *serial,
              struct pkcs11_token **ret, struct err_cause *cause)
{
    struct search search = {.uri = uri};
    enum ks_err rc =
        uri->module[0] != '\0'
            ? search_file(&search, uri->module, cause)
            : err_set(cause, KS_ERR_TOKEN_MODULE,
                      "no module is named; give its module-path in the URI");

    if (rc == KS_OK && search.matches == 0)
        rc = err_set(cause, KS_ERR_TOKEN_MISSING, "not in %s", uri->module);
    else if (rc == KS_OK && search.matches > 1)
        rc = err_set(cause, KS_ERR_TOKEN_AMBIGUOUS, "%zu tokens match",
                     search.matches);
    else if (rc == KS_OK && serial != NULL &&
             strcmp(serial, search.found->store.info.serial) != 0)
        rc = err_set(cause, KS_ERR_TOKEN_OTHER, "its serial number is %s",
                     search.found->store.info.serial);
    if (rc != KS_OK) {
        pkcs11_token_close(&search.found);
        return rc;
    }
    *ret = search.found;
    return KS_OK;
}
