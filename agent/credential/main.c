/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast-credential: the credential file's bytes.  Parses, answers with
 * fields, leaves the private key in a sealed memfd, and ends.  Must never touch
 * a token, a PIN, the network or the state.
 */
#include <errno.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "agent/ipc/channel.h"
#include "agent/ipc/layout.h"
#include "agent/sandbox/sandbox.h"
#include "keystore/credential/parse.h"
#include "keystore/file/wipe.h"

/* The file, its decoded PFX, and OpenSSL's own numbers. */
#define ARENA (1024 * 1024)

/* A file that is too long is no credential, wherever it comes from. */
static enum ks_err
read_file(struct secret **ret, struct err_cause *cause)
{
    enum ks_err rc = secret_read(CHANNEL_FD_INPUT, CREDENTIAL_FILE_MAX, ret,
                                 cause);

    if (rc == KS_ERR_FILE_READ && errno == EFBIG)
        rc = err_set(cause, KS_ERR_CRED_FORMAT, "more than %d KiB",
                     CREDENTIAL_FILE_MAX / 1024);
    return rc;
}

_Static_assert(LAYOUT_FIELDS == CREDENTIAL__MAX &&
                   LAYOUT_FIELD_MAX == CREDENTIAL_TEXT_MAX - 1 &&
                   LAYOUT_CERTIFICATE_MAX == CREDENTIAL_CERTIFICATE_MAX,
               "all of a credential has its place in an answer");

/* SHA-256 of the first LENGTH bytes of FILE. */
static enum ks_err
digest(const struct secret *file, size_t length, uint8_t ret[static 32],
       struct err_cause *cause)
{
    if (EVP_Q_digest(NULL, "SHA256", NULL, secret_bytes(file), length, ret,
                     NULL) != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "digest of the file");
    return KS_OK;
}

static void
answer_fields(struct msg *msg, const struct credential *credential,
              const uint8_t hash[static 32])
{
    struct layout_credential_parse_answer answer = {
        .certificate = credential->certificate,
        .field_count = CREDENTIAL__MAX,
        .sha256 = hash};

    for (size_t i = 0; i < CREDENTIAL__MAX; i++)
        answer.field[i].text = credential->text[i];
    (void)layout_credential_parse_answer_put(msg, &answer);
}

static enum ks_err
parse(const struct secret *file, const uint8_t hash[static 32], struct msg *msg,
      struct err_cause *cause)
{
    struct credential *credential = NULL;
    struct secret *key = NULL;
    enum ks_err rc = credential_parse(file, &credential, &key, cause);

    if (rc == KS_OK && channel_has(CHANNEL_FD_MATERIAL))
        rc = secret_seal(key, CHANNEL_FD_MATERIAL, cause);
    secret_free(&key);
    if (rc == KS_OK)
        answer_fields(msg, credential, hash);
    credential_free(&credential);
    return rc;
}

static enum ks_err
answer_digests(const struct secret *file, const uint8_t hash[static 32],
               struct msg *msg, struct err_cause *cause)
{
    size_t length = secret_length(file);
    uint8_t mark[32];
    enum ks_err rc = digest(
        file, length < WIPE_MARK_LENGTH ? length : WIPE_MARK_LENGTH, mark,
        cause);

    if (rc == KS_OK)
        LAYOUT_PUT(msg, credential_digest_answer, .whole = hash, .mark = mark);
    return rc;
}

static enum ks_err
handle(void *context, struct msg *msg, struct err_cause *cause)
{
    struct secret *file = NULL;
    uint8_t hash[32];
    uint32_t type = msg_type(msg);
    enum ks_err rc = layout_bare_take(msg, cause);

    (void)context;
    if (type != CREDENTIAL_PARSE && type != CREDENTIAL_DIGEST)
        return msg_malformed_request(cause);
    if (rc == KS_OK)
        rc = read_file(&file, cause);
    if (rc == KS_OK)
        rc = digest(file, secret_length(file), hash, cause);
    if (rc == KS_OK && type == CREDENTIAL_PARSE)
        rc = parse(file, hash, msg, cause);
    if (rc == KS_OK && type == CREDENTIAL_DIGEST)
        rc = answer_digests(file, hash, msg, cause);
    secret_free(&file);
    secret_wipe_stack();
    return rc;
}

int
main(void)
{
    struct err_cause cause = {""};
    enum ks_err rc = sandbox_begin(&cause);

    if (rc == KS_OK)
        rc = secret_init(ARENA, &cause);
    if (rc == KS_OK)
        rc = credential_parse_init(&cause);
    if (rc == KS_OK)
        rc = sandbox_enter(SANDBOX_CREDENTIAL, &cause);
    if (rc != KS_OK) {
        channel_refuse(CHANNEL_FD_CONTROL, rc, &cause);
        _exit(err_exit_status(rc));
    }
    channel_serve(CHANNEL_FD_CONTROL, handle, NULL);
    _exit(0);
}
