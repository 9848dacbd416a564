/* SPDX-License-Identifier: Apache-2.0 */
/* What every step begins with: the token, looked up, and its PIN. */
#include "agent/holdfast/register/registration.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/settings.h"

void
registration_say(const char *format, ...)
{
    va_list args;

    if (isatty(STDERR_FILENO) != 1)
        return;
    va_start(args, format);
    (void)fputs("holdfast: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
}

/* What it was asked for by: a package's update changes the file behind it. */
static const char *
recorded_module(const struct state *state)
{
    const char *asked = state_text(state, STATE_TOKEN_MODULE_ASKED);

    return *asked != '\0' ? asked : state_text(state, STATE_TOKEN_MODULE);
}

/* A token that has keys of this registration may be gone for good. */
static enum ks_err
missing(const struct state *state, struct err_cause *cause)
{
    struct err_cause why = *cause;

    if (*state_text(state, STATE_TOKEN_SCHEME) == '\0')
        return KS_ERR_TOKEN_MISSING;
    err_cut_remedy(&why);
    return err_set(cause, KS_ERR_TOKEN_MISSING,
                   "%.120s; plug it in again, or give it up: 'holdfast "
                   "unregister --offline --token-lost'",
                   why.text);
}

enum ks_err
registration_open(struct registration *registration,
                  const struct options *options, struct state *state,
                  struct err_cause *cause)
{
    const char *recorded = state_text(state, STATE_TOKEN_URI);
    enum ks_err rc = KS_OK;

    *registration = (struct registration){
        .options = options,
        .state = state,
        .preflight = {.uri = options->token_uri,
                      .scheme = "",
                      .recorded = recorded_module(state),
                      .registered = *state_text(state, STATE_TOKEN_SCHEME) !=
                                    '\0',
                      .maker = state_text(state, STATE_TOKEN_MAKER),
                      .model = state_text(state, STATE_TOKEN_MODEL),
                      .pin_source = settings_pin_source(options, state),
                      .emulation = options->allow_emulation ||
                                   state_number(state, STATE_TOKEN_EMULATED),
                      .wants_pin = state_number(state, STATE_TOKEN_PIN) != 0,
                      .state_directory = state_directory_fd(state),
                      .pin = -1,
                      .source.fd = -1}};
    if (registration->preflight.uri == NULL) {
        registration->preflight.uri = recorded;
        registration->preflight.scheme = state_text(state, STATE_TOKEN_SCHEME);
    }
    if (*registration->preflight.uri == '\0')
        return err_set(cause, KS_ERR_USAGE, "which token? Give --token URI");
    if (options->proxy != NULL)
        rc = settings_put_proxy(state, options->proxy, cause);
    if (rc != KS_OK)
        return rc;
    rc = preflight_run(&registration->preflight,
                       state_text(state, STATE_TOKEN_SERIAL), cause);
    return rc == KS_ERR_TOKEN_MISSING ? missing(state, cause) : rc;
}

void
registration_close(struct registration *registration)
{
    preflight_close(&registration->preflight);
}

bool
registration_is_finished(const struct state *state)
{
    return state_phase(state) == STATE_DONE &&
           state_number(state, STATE_CREDENTIAL_KEY) != STATE_KEY_ON_TOKEN &&
           *state_text(state, STATE_RECEIPT) != '\0';
}

void
registration_flush(const struct registration *registration)
{
    if (strcmp(registration->store.scheme, "pkcs11") == 0)
        sync();
}
