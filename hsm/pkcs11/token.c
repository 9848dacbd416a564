/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions with the token, and the one login.  A PIN passes through and is
 * never kept: without it nothing here can, or may, try a second time. */
#include "hsm/pkcs11/token.h"

#include <stdlib.h>

#include "hsm/pkcs11/rv.h"

static enum ks_err
open_session(struct pkcs11_token *token, CK_FLAGS flags, CK_SESSION_HANDLE *ret,
             struct err_cause *cause)
{
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    CK_RV rv = token->functions->C_OpenSession(
        token->slot, CKF_SERIAL_SESSION | flags, NULL, NULL, &session);

    if (rv != CKR_OK)
        return pkcs11_rv_set(cause, rv, "C_OpenSession");
    *ret = session;
    return KS_OK;
}

/* The one try.  A NULL PIN is entered on the token itself. */
static enum ks_err
log_in(struct pkcs11_token *token, const uint8_t *pin, size_t length,
       struct err_cause *cause)
{
    /* Cryptoki only reads the PIN, but its prototype is not const. */
    CK_RV rv = token->functions->C_Login(token->session, CKU_USER,
                                         (CK_UTF8CHAR_PTR)(uintptr_t)pin,
                                         (CK_ULONG)length);

    /* Logged in already means: by another session of this process. */
    if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
        return pkcs11_rv_set(cause, rv, "C_Login");
    token->logged_in = true;
    return KS_OK;
}

enum ks_err
pkcs11_token_login(struct pkcs11_token *token, const struct secret *pin,
                   struct err_cause *cause)
{
    bool given = pin != NULL && secret_length(pin) > 0;
    enum ks_err rc = open_session(token, 0, &token->session, cause);

    if (rc != KS_OK || (!given && (token->flags & CKF_LOGIN_REQUIRED) == 0))
        return rc;
    if ((token->flags & CKF_USER_PIN_LOCKED) != 0)
        return err_set(cause, KS_ERR_PIN_LOCKED, "the PIN is locked");
    if ((token->flags & CKF_USER_PIN_FINAL_TRY) != 0)
        return err_set(cause, KS_ERR_PIN_LOCKED,
                       "one more wrong PIN would lock it");
    if (given)
        return log_in(token, secret_bytes(pin), secret_length(pin), cause);
    if ((token->flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0)
        return log_in(token, NULL, 0, cause);
    return err_set(cause, KS_ERR_PIN_NEEDED, "token \"%s\"",
                   token->store.info.label);
}

enum ks_err
pkcs11_token_logged_in(struct pkcs11_token *token, struct err_cause *cause)
{
    CK_SESSION_INFO info = {0};
    CK_RV rv;

    if (!token->logged_in)
        return KS_OK;
    rv = token->functions->C_GetSessionInfo(token->session, &info);
    if (rv != CKR_OK)
        return pkcs11_rv_set(cause, rv, "C_GetSessionInfo");
    return info.state == CKS_RO_USER_FUNCTIONS ||
                   info.state == CKS_RW_USER_FUNCTIONS
               ? KS_OK
               : err_set(cause, KS_ERR_PIN_NEEDED,
                         "the token has forgotten the login; try again");
}

static void
close_session(struct pkcs11_token *token, CK_SESSION_HANDLE *session)
{
    if (*session != CK_INVALID_HANDLE)
        (void)token->functions->C_CloseSession(*session);
    *session = CK_INVALID_HANDLE;
}

enum ks_err
pkcs11_token_begin(struct pkcs11_token *token, struct err_cause *cause)
{
    return open_session(token, CKF_RW_SESSION, &token->writing, cause);
}

void
pkcs11_token_end(struct pkcs11_token *token)
{
    close_session(token, &token->writing);
}

void
pkcs11_token_renew(struct pkcs11_token *token)
{
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;

    /* New before old: with the last session the login would go. */
    if (open_session(token, 0, &session, NULL) != KS_OK)
        return;
    close_session(token, &token->session);
    token->session = session;
}

void
pkcs11_token_close(struct pkcs11_token **token)
{
    if (*token == NULL)
        return;
    close_session(*token, &(*token)->session);
    pkcs11_module_free(&(*token)->module);
    free(*token);
    *token = NULL;
}
