/* SPDX-License-Identifier: Apache-2.0 */
/* The order matters: the URI is read without a module, each module is looked at
 * apart and without a PIN, and only when one is chosen is a PIN asked for. */
#include "agent/holdfast/session/preflight.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/session/modules.h"
#include "agent/ipc/layout.h"

static void
keep(const struct layout_token_resolve_answer *from, struct preflight_match *to)
{
    to->kind = keystore_kind_of(from->scheme);
    LAYOUT_NAMED(LAYOUT_KEEP)
}

/* Read the URI in a holdfast-token that opens nothing. */
static enum ks_err
resolve(const char *uri, struct preflight_match *match, struct err_cause *cause)
{
    struct layout_token_resolve_answer found;
    struct msg *msg = msg_new();
    enum ks_err rc;

    if (msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    if (LAYOUT_PUT(msg, token_resolve, uri))
        rc = helper_ask(HELPER_TOKEN, &HELPER_NO_FDS, false, msg, cause);
    else
        rc = err_set(cause, KS_ERR_TOKEN_URI, "it is longer than %d bytes",
                     LAYOUT_URI_MAX);
    if (rc == KS_OK)
        rc = layout_token_resolve_answer_take(msg, &found, cause);
    if (rc == KS_OK)
        keep(&found, match);
    if (rc == KS_OK && match->kind == &keystore_kind_none)
        rc = msg_malformed_answer("holdfast-token", cause);
    msg_free(&msg);
    return rc;
}

/* Only the URI of a token in a module says here which one is meant; of the
 * others the kind is all, and it may have been recorded. */
static enum ks_err
find_match(const struct preflight *preflight, struct preflight_match *match,
           struct err_cause *cause)
{
    match->kind = preflight->kind;
    return match->kind == &keystore_kind_none || match->kind->in_module
               ? resolve(preflight->uri, match, cause)
               : KS_OK;
}

static bool
agrees(const char *wanted, const char *found)
{
    return *wanted == '\0' || strcmp(wanted, found) == 0;
}

/* A slot that waits for a token to be made has no label; a module that sets no
 * flag at all has tokens whose labels people know. */
static bool
is_initialised(const struct preflight_match *match,
               const struct inspect_token *token)
{
    return (token->flags & CHANNEL_TOKEN_INITIALISED) != 0 ||
           *match->label != '\0';
}

enum ks_err
preflight_choose(const struct preflight_match *match,
                 const struct inspect_token *tokens, size_t count, size_t *ret,
                 struct err_cause *cause)
{
    size_t found = 0;
    size_t which = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_initialised(match, &tokens[i]) ||
            !agrees(match->label, tokens[i].label) ||
            !agrees(match->maker, tokens[i].maker) ||
            !agrees(match->model, tokens[i].model) ||
            !agrees(match->serial, tokens[i].serial))
            continue;
        which = i;
        found++;
    }
    if (found == 0)
        return count == 0 ? err_set(cause, KS_ERR_TOKEN_MISSING,
                                    "no token is there at all")
                          : err_set(cause, KS_ERR_TOKEN_MISSING,
                                    "the URI fits no token of those there are "
                                    "(%zu)",
                                    count);
    if (found > 1)
        return err_set(cause, KS_ERR_TOKEN_AMBIGUOUS, "%zu tokens fit", found);
    if ((tokens[which].flags &
         (CHANNEL_TOKEN_PIN_LOCKED | CHANNEL_TOKEN_PIN_FINAL_TRY)) != 0)
        return err_set(cause, KS_ERR_PIN_LOCKED, "token \"%s\"",
                       tokens[which].label);
    *ret = which;
    return KS_OK;
}

static enum ks_err
read_pin(struct preflight *preflight, const char *label,
         struct err_cause *cause)
{
    struct msg *msg = msg_new();
    char prompt[64];
    enum ks_err rc;

    if (msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    (void)snprintf(prompt, sizeof prompt, "PIN of token \"%s\": ", label);
    LAYOUT_PUT(msg, token_read_pin, prompt);
    rc = pin_read(&preflight->source, msg, &preflight->pin, cause);
    msg_free(&msg);
    return rc;
}

static enum ks_err
get_pin(struct preflight *preflight, const char *label, struct err_cause *cause)
{
    enum ks_err rc = pin_open(preflight->pin_source, &preflight->source, cause);

    if (rc == KS_OK)
        rc = pin_latch_check(preflight->state_directory, preflight->serial,
                             &preflight->source, cause);
    if (rc == KS_OK)
        rc = read_pin(preflight, label, cause);
    return rc;
}

/* The one token of MODULE that fits. */
static enum ks_err
find_in_module(const char *module, bool emulation,
               const struct preflight_match *match, struct inspect_token *ret,
               struct err_cause *cause)
{
    struct inspect_listing listing = {.tokens = NULL};
    size_t which = 0;
    enum ks_err rc = inspect_tokens(module, emulation, &listing, cause);

    if (rc == KS_OK)
        rc = preflight_choose(match, listing.tokens, listing.count, &which,
                              cause);
    if (rc == KS_OK)
        *ret = listing.tokens[which];
    free(listing.tokens);
    return rc;
}

/* The one token of all configured modules that fits.  A module that cannot be
 * looked at is no reason to miss the token in another, but it is named. */
static enum ks_err
find_configured(bool emulation, const struct preflight_match *match,
                struct inspect_token *ret, struct err_cause *cause)
{
    struct modules_listing listing;
    size_t which = 0;
    enum ks_err rc = modules_list(match->module_name, emulation, &listing,
                                  cause);

    if (rc != KS_OK)
        return rc;
    if (listing.modules == 0)
        rc = err_set(
            cause, KS_ERR_TOKEN_MISSING,
            "p11-kit has no module configured, and the URI names none; "
            "add ?module-path=/PATH of the token's own to it");
    else
        rc = preflight_choose(match, listing.tokens, listing.count, &which,
                              cause);
    if (rc == KS_ERR_TOKEN_MISSING && listing.failed != KS_OK) {
        err_cut_remedy(&listing.why);
        rc = err_set(
            cause, rc, "%s, and not all modules could be looked at: %.150s",
            listing.count == 0 ? "no token is there at all"
                               : "the URI fits no token of those there are",
            listing.why.text);
    } else if (listing.failed != KS_OK) {
        modules_say(&listing.why);
    }
    if (rc == KS_OK)
        *ret = listing.tokens[which];
    modules_free(&listing);
    return rc;
}

static enum ks_err
find_token(const struct preflight *preflight,
           const struct preflight_match *match, struct inspect_token *ret,
           struct err_cause *cause)
{
    const char *module = *match->module != '\0' ? match->module
                                                : preflight->recorded;
    struct preflight_match registered = *match;
    struct err_cause second;
    enum ks_err rc;

    if (*module == '\0')
        return find_configured(preflight->emulation, match, ret, cause);
    rc = find_in_module(module, preflight->emulation, match, ret, cause);
    /* A package moves its module, and its configuration names the new place. */
    if (rc != KS_ERR_TOKEN_MODULE || *preflight->maker == '\0' ||
        access(module, F_OK) == 0 || errno != ENOENT)
        return rc;
    preflight_match_registered(preflight, &registered);
    return find_configured(preflight->emulation, &registered, ret, &second) ==
                   KS_OK
               ? KS_OK
               : rc;
}

/* A PIN that the operator gives counts, whatever the token says of itself:
 * modules leave out that they want a login (Thales), or say that they have a
 * pad. */
static bool
needs_pin(const struct preflight *preflight, unsigned flags)
{
    if (preflight->pin_source != NULL)
        return true;
    return (flags & CHANNEL_TOKEN_OWN_PIN_PAD) == 0 &&
           ((flags & CHANNEL_TOKEN_LOGIN_REQUIRED) != 0 ||
            preflight->wants_pin);
}

/* Look at the tokens through holdfast-inspect. */
static enum ks_err
run_pkcs11(struct preflight *preflight, const struct preflight_match *match,
           struct err_cause *cause)
{
    struct inspect_token token = {.module = ""};
    enum ks_err rc = find_token(preflight, match, &token, cause);

    /* For a new registration: its keys are in a store that variables lead to,
     * and the root key is not looked at. */
    if (rc == KS_OK && *preflight->serial == '\0' &&
        (token.flags & CHANNEL_TOKEN_OF_TPM) != 0)
        rc = err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                     "it is a TPM by way of tpm2-pkcs11; give --token "
                     "tpm2:device=/dev/tpmrm0, which needs no module");
    if (rc == KS_OK)
        rc = preflight_check_registered(preflight, &token, cause);
    if (rc != KS_OK)
        return rc;
    (void)snprintf(preflight->serial, sizeof preflight->serial, "%s",
                   token.serial);
    (void)snprintf(preflight->module, sizeof preflight->module, "%s",
                   token.module);
    preflight->hardware = (token.flags & CHANNEL_TOKEN_HARDWARE) != 0;
    if (needs_pin(preflight, token.flags))
        rc = get_pin(preflight, token.label, cause);
    return rc;
}

enum ks_err
preflight_run(struct preflight *preflight, const char *serial,
              struct err_cause *cause)
{
    struct preflight_match match = {.kind = &keystore_kind_none};
    enum ks_err rc;

    preflight->pin = -1;
    preflight->source.fd = -1;
    (void)snprintf(preflight->serial, sizeof preflight->serial, "%s", serial);
    rc = find_match(preflight, &match, cause);
    if (rc == KS_OK && match.kind->in_module)
        rc = run_pkcs11(preflight, &match, cause);
    /* A TPM has no login: its keys have the PIN that they were given. */
    if (rc == KS_OK && match.kind->pin_of_keys &&
        (preflight->wants_pin || preflight->pin_source != NULL))
        rc = get_pin(preflight, "TPM 2.0", cause);
    return rc;
}

void
preflight_close(struct preflight *preflight)
{
    if (preflight->pin >= 0)
        (void)close(preflight->pin);
    if (preflight->source.fd >= 0)
        (void)close(preflight->source.fd);
    preflight->pin = preflight->source.fd = -1;
}

enum ks_err
preflight_start(const struct preflight *preflight, int keys,
                const struct token_run *run, struct token_client **ret,
                struct err_cause *cause)
{
    const struct token_access access = {.uri = preflight->uri,
                                        .serial = preflight->serial,
                                        .module = preflight->module,
                                        .emulation = preflight->emulation,
                                        .registered = preflight->registered,
                                        .keys = keys,
                                        .pin = preflight->pin};

    return token_client_start(&access, run, ret, cause);
}

enum ks_err
preflight_opened(const struct preflight *preflight, struct token_client *client,
                 struct keystore_info *ret, struct err_cause *cause)
{
    enum ks_err rc = token_client_opened(client, ret, cause);

    if (rc == KS_ERR_PIN_WRONG) {
        enum ks_err latched = pin_latch_set(preflight->state_directory,
                                            preflight->serial,
                                            &preflight->source, NULL);

        if (latched != KS_OK)
            return err_set(cause, latched,
                           "the token refused the PIN, and that is not "
                           "recorded; correct the PIN before another try");
    } else if (rc == KS_OK && preflight->pin >= 0) {
        pin_latch_clear(preflight->state_directory);
    }
    return rc;
}
