/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in holdfast, which must not read the file: only descriptors pass here,
 * and the fields that holdfast-credential answers with. */
#include "agent/holdfast/session/intake.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "agent/holdfast/helper.h"
#include "agent/ipc/layout.h"
#include "keystore/base/kernel_call.h"

/* The answer's fields are checked again: the helper read a hostile file. */
static enum ks_err
take_fields(struct msg *msg, struct intake *intake, struct err_cause *cause)
{
    struct layout_credential_parse_answer answer;
    struct credential *credential = credential_new();
    enum ks_err rc;

    if (credential == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = layout_credential_parse_answer_take(msg, &answer, cause);
    credential->certificate = answer.certificate;
    if (rc == KS_OK && answer.field_count != CREDENTIAL__MAX)
        rc = msg_malformed_answer("holdfast-credential", cause);
    for (size_t i = 0; rc == KS_OK && i < answer.field_count; i++)
        rc = credential_set(credential, (enum credential_field)i,
                            answer.field[i].text, cause);
    if (rc == KS_OK) {
        memcpy(intake->identity.sha256, answer.sha256, LAYOUT_HASH);
        intake->credential = credential;
        credential = NULL; /* transferred */
    }
    credential_free(&credential);
    return rc;
}

static enum ks_err
ask(int input, int material, enum channel_message type, struct msg *msg,
    struct err_cause *cause)
{
    struct helper_fds fds = HELPER_NO_FDS;

    fds.fd[CHANNEL_FD_INPUT] = input;
    fds.fd[CHANNEL_FD_MATERIAL] = material;
    layout_bare_put(msg, type);
    return helper_ask(HELPER_CREDENTIAL, &fds, false, msg, cause);
}

enum ks_err
intake_read(const char *path, bool want_key, struct intake *ret,
            struct err_cause *cause)
{
    struct intake intake = INTAKE_EMPTY;
    int input = STDIN_FILENO;
    struct msg *msg = msg_new();
    enum ks_err rc = KS_OK;

    if (msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    if (strcmp(path, "-") != 0) {
        rc = credfile_open(path, &intake.file, cause);
        if (rc != KS_OK)
            goto out;
        credfile_identify(intake.file, &intake.identity);
        input = credfile_reader(intake.file);
    }
    if (want_key) {
        intake.material = memfd_create("holdfast-key",
                                       MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (intake.material < 0) {
            rc = kernel_call_fail(KERNEL_CALL_MEMFD_CREATE, cause,
                                  KS_ERR_RESOURCES, "memfd_create");
            goto out;
        }
    }
    rc = ask(input, intake.material, CREDENTIAL_PARSE, msg, cause);
    if (rc == KS_OK)
        rc = take_fields(msg, &intake, cause);
    if (rc != KS_OK)
        goto out;
    *ret = intake;
    intake = INTAKE_EMPTY; /* transferred */
out:
    intake_close(&intake);
    msg_free(&msg);
    return rc;
}

enum ks_err
intake_digest(const struct credfile *file, struct intake_digests *ret,
              struct err_cause *cause)
{
    struct layout_credential_digest_answer answer;
    struct msg *msg = msg_new();
    enum ks_err rc;

    if (msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    if (lseek(credfile_reader(file), 0, SEEK_SET) != 0)
        rc = err_set_errno(cause, KS_ERR_FILE_READ, "rewind");
    else
        rc = ask(credfile_reader(file), -1, CREDENTIAL_DIGEST, msg, cause);
    if (rc == KS_OK)
        rc = layout_credential_digest_answer_take(msg, &answer, cause);
    if (rc == KS_OK) {
        memcpy(ret->whole, answer.whole, sizeof ret->whole);
        memcpy(ret->mark, answer.mark, sizeof ret->mark);
    }
    msg_free(&msg);
    return rc;
}

void
intake_close(struct intake *intake)
{
    credfile_close(&intake->file);
    credential_free(&intake->credential);
    if (intake->material >= 0)
        (void)close(intake->material);
    intake->material = -1;
}
