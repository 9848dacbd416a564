/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the configuration in holdfast itself: the files are root's or the
 * caller's own by then, and holdfast loads nothing that they name. */
#include "agent/holdfast/session/modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/session/module_places.h"

void
modules_say(const struct err_cause *why)
{
    (void)fprintf(stderr, "holdfast: a PKCS#11 module is passed over: %s\n",
                  why->text);
}

/* A module that cannot be initialised, or only by p11-kit, may have nothing to
 * do here: OpenSC's says so of each machine without a service for card readers.
 */
static void
fail(struct modules_listing *listing, const char *name, enum ks_err failed,
     const struct err_cause *why)
{
    struct err_cause named;

    (void)err_pass(&named, failed, "%.80s: %.170s", name, why->text);
    if (failed == KS_ERR_TOKEN_FAILED || failed == KS_ERR_TOKEN_NETWORK ||
        failed == KS_ERR_TOKEN_UNSUPPORTED || listing->failed != KS_OK) {
        modules_say(&named);
        return;
    }
    listing->failed = failed;
    listing->why = named;
}

static enum ks_err
append(struct modules_listing *listing, const struct inspect_listing *more,
       struct err_cause *cause)
{
    struct inspect_token *tokens = reallocarray(
        listing->tokens, listing->count + more->count + 1, sizeof *tokens);

    if (tokens == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    memcpy(tokens + listing->count, more->tokens, more->count * sizeof *tokens);
    listing->tokens = tokens;
    listing->count += more->count;
    return KS_OK;
}

/* A module without slots has no tokens: that is an answer. */
static enum ks_err
look(const struct pkcs11_config_module *module, bool emulation,
     struct modules_listing *listing, struct err_cause *cause)
{
    struct inspect_listing found = {.tokens = NULL};
    struct err_cause why = module->why;
    enum ks_err looked = module->fault;
    enum ks_err rc = KS_OK;

    if (looked == KS_OK)
        looked = inspect_tokens(module->path, emulation, &found, &why);
    if (looked == KS_OK)
        rc = append(listing, &found, cause);
    else if (looked != KS_ERR_TOKEN_MISSING)
        fail(listing, module->name, looked, &why);
    free(found.tokens);
    return rc;
}

static bool
is_meant(const struct pkcs11_config_module *module, const char *name)
{
    return *name == '\0' || pkcs11_config_is_called(module, name);
}

/* Has this file been looked at by another of its names? */
static bool
is_known(const struct pkcs11_config *config, size_t which, const char *name)
{
    const char *real = config->modules[which].real;

    for (size_t i = 0; i < which && *real != '\0'; i++)
        if (strcmp(config->modules[i].real, real) == 0 &&
            is_meant(&config->modules[i], name))
            return true;
    return false;
}

enum ks_err
modules_list(const char *name, bool emulation, struct modules_listing *ret,
             struct err_cause *cause)
{
    struct pkcs11_config_places places;
    struct pkcs11_config config = {.modules = NULL};
    enum ks_err rc = module_places(&places, cause);

    *ret = (struct modules_listing){.tokens = NULL};
    if (rc == KS_OK)
        rc = pkcs11_config_read(&places, &config, cause);
    for (size_t i = 0; rc == KS_OK && i < config.count; i++) {
        if (!is_meant(&config.modules[i], name) || is_known(&config, i, name))
            continue;
        ret->modules++;
        rc = look(&config.modules[i], emulation, ret, cause);
    }
    if (rc == KS_OK && *name != '\0' && ret->modules == 0)
        rc = err_set(cause, KS_ERR_TOKEN_MISSING,

                     "p11-kit has no module %.64s configured; correct "
                     "module-name, or give module-path=/PATH in its place",
                     name);
    pkcs11_config_free(&config);
    if (rc != KS_OK)
        modules_free(ret);
    return rc;
}

void
modules_free(struct modules_listing *listing)
{
    free(listing->tokens);
    *listing = (struct modules_listing){.tokens = NULL};
}
