/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast-inspect: looks at the tokens of a PKCS#11 module through libp11,
 * under its starter's time limit.  Must never log in, see a PIN or a credential
 * file, or reach the network: whatever the module does, it does it here, before
 * any secret is near.
 */
#include <string.h>
#include <unistd.h>

/* libp11.h declares functions with OpenSSL's deprecated types; none is used. */
#undef OPENSSL_NO_DEPRECATED
#include <libp11.h>
#include <openssl/err.h>
#include <p11-kit/pkcs11.h>

#include "agent/ipc/layout.h"
#include "agent/inspect/mechanism.h"
#include "agent/sandbox/module_socket.h"
#include "agent/sandbox/group.h"
#include "agent/sandbox/sandbox.h"
#include "hsm/pkcs11/library.h"

static uint32_t
flags_of(const PKCS11_TOKEN *token)
{
    uint32_t flags = 0;

    flags |= token->initialized ? CHANNEL_TOKEN_INITIALISED : 0u;
    flags |= token->loginRequired ? CHANNEL_TOKEN_LOGIN_REQUIRED : 0u;
    flags |= token->userPinSet ? CHANNEL_TOKEN_PIN_SET : 0u;
    flags |= token->secureLogin ? CHANNEL_TOKEN_OWN_PIN_PAD : 0u;
    flags |= token->userPinCountLow ? CHANNEL_TOKEN_PIN_COUNT_LOW : 0u;
    flags |= token->userPinFinalTry ? CHANNEL_TOKEN_PIN_FINAL_TRY : 0u;
    flags |= token->userPinLocked ? CHANNEL_TOKEN_PIN_LOCKED : 0u;
    flags |= token->readOnly ? CHANNEL_TOKEN_READ_ONLY : 0u;
    return flags;
}

/* libp11 waits for ever for a session that an uninitialised token refuses. */
static unsigned
count_certificates(PKCS11_TOKEN *token)
{
    PKCS11_CERT *certificates = NULL;
    unsigned count = 0;

    if (!token->initialized ||
        PKCS11_enumerate_certs(token, &certificates, &count) != 0)
        return 0;
    return count;
}

/* By the module's own word of who made it. */
static bool
is_of_tpm(const PKCS11_CTX *context)
{
    return context->manufacturer != NULL &&
           strcmp(context->manufacturer, "tpm2-software.github.io") == 0;
}

static struct layout_token
describe(const PKCS11_CTX *context, void *library, PKCS11_SLOT *slot)
{
    unsigned long id = PKCS11_get_slotid_from_slot(slot);
    uint32_t claims = 0;

    claims |= inspect_unwraps(library, id) ? CHANNEL_TOKEN_UNWRAPS : 0u;
    claims |= inspect_says_hardware(library, id) ? CHANNEL_TOKEN_HARDWARE : 0u;

    claims |= is_of_tpm(context) ? CHANNEL_TOKEN_OF_TPM : 0u;
    return (struct layout_token){
        .slot = slot->description,
        .label = slot->token->label,
        .maker = slot->token->manufacturer,
        .model = slot->token->model,
        .serial = slot->token->serialnr,
        .flags = flags_of(slot->token) | claims,
        .certificates = count_certificates(slot->token)};
}

/* libp11 has left what C_Initialize answered in OpenSSL's queue. */
static enum ks_err
not_started(const char *path, struct err_cause *cause)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);

    if (ERR_GET_REASON(code) == CKR_ARGUMENTS_BAD)
        return err_set(cause, KS_ERR_TOKEN_FAILED,
                       "%.90s wants parameters when it starts; reach it by "
                       "'p11-kit server' and its client",
                       path);
    return err_set(cause, KS_ERR_TOKEN_FAILED, "%.160s does not start: %s",
                   path, reason != NULL ? reason : "it says no reason");
}

/* libp11 would load anybody's file, and print the reason if it could not. */
static enum ks_err
load(const char *module, PKCS11_CTX *context, void **ret_library,
     struct err_cause *cause)
{
    struct pkcs11_library library;
    enum ks_err rc = pkcs11_library_open(module, &library, cause);

    if (rc != KS_OK)
        return rc;
    if (context == NULL || PKCS11_CTX_load(context, library.path) != 0)
        return not_started(library.path, cause);
    *ret_library = library.handle;
    return KS_OK;
}

static void
answer(const PKCS11_CTX *context, void *library, PKCS11_SLOT *slots,
       unsigned count, struct msg *msg)
{
    static struct layout_inspect_list_answer listing; /* much for a stack */

    listing.token_count = 0;
    for (unsigned i = 0; i < count; i++)
        if (slots[i].token != NULL)
            listing.token[listing.token_count++] = describe(context, library,
                                                            &slots[i]);
    (void)layout_inspect_list_answer_put(msg, &listing);
}

static enum ks_err
list(const char *module, struct msg *msg, struct err_cause *cause)
{
    PKCS11_CTX *context = PKCS11_CTX_new();
    PKCS11_SLOT *slots = NULL;
    unsigned count = 0;
    void *library = NULL;
    size_t tokens = 0;
    enum ks_err rc = load(module, context, &library, cause);

    if (rc != KS_OK)
        goto out;
    if (PKCS11_enumerate_slots(context, &slots, &count) != 0) {
        rc = err_set(cause, KS_ERR_TOKEN_MISSING,
                     "%.180s has no slots; see that the token's reader or "
                     "server is there",
                     module);
        goto out;
    }
    for (unsigned i = 0; i < count; i++)
        tokens += slots[i].token != NULL;
    /* Some modules only log that they reached nobody. */
    if (tokens == 0 && module_socket_refused())
        rc = err_set(cause, KS_ERR_TOKEN_MISSING, "%.200s has no token",
                     module);
    else if (tokens > LAYOUT_TOKENS_MAX)
        rc = err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                     "%.200s shows more than %d tokens", module,
                     LAYOUT_TOKENS_MAX);
    else
        answer(context, library, slots, count, msg);
out:
    /* The process ends here; unloading would call into the module again. */
    return rc;
}

static enum ks_err
handle(void *context, struct msg *msg, struct err_cause *cause)
{
    struct layout_inspect_list request;
    enum ks_err rc = layout_inspect_list_take(msg, &request, cause);

    (void)context;
    return rc == KS_OK
               ? module_socket_judge(list(request.module, msg, cause), cause)
               : rc;
}

int
main(int argc, char **argv)
{
    struct err_cause cause = {""};
    enum ks_err rc;

    sandbox_group_join(); /* a module may have its keys in the TPM */
    rc = sandbox_begin(&cause);
    if (rc == KS_OK)
        rc = argc > 1 ? sandbox_enter_networked(argv[1], &cause)
                      : sandbox_enter(SANDBOX_INSPECT, &cause);
    if (rc == KS_OK && argc > 1)
        rc = sandbox_leave_terminal(&cause); /* the other never has it */
    if (rc != KS_OK) {
        channel_refuse(CHANNEL_FD_CONTROL, rc, &cause);
        _exit(err_exit_status(rc));
    }
    channel_serve(CHANNEL_FD_CONTROL, handle, NULL);
    _exit(0);
}
