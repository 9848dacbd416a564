/* SPDX-License-Identifier: Apache-2.0 */
/* The wipe of every file that was given to `register`, for `status` and
 * `unregister` too: no token is needed.  A file is ours by what is recorded of
 * it alone; nothing about the file can say so itself. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "agent/registration.h"
#include "agent/state_given.h"
#include "keystore/wipe.h"

static void
put_outcome(struct state *state, size_t number, const char *outcome,
            const char *detail)
{
    state_given_set_text(state, number, STATE_WIPE_OUTCOME, outcome);
    state_given_set_text(state, number, STATE_WIPE_DETAIL, detail);
}

/* What came of the wipe; the word first, then the reasons. */
static void
put_report(struct state *state, size_t number, const struct wipe_report *report)
{
    char detail[512];

    (void)snprintf(
        detail, sizeof detail, "%s%s%s%s%s", report->medium.reason,
        *report->medium.reason != '\0' && *report->remains != '\0' ? "; " : "",
        report->remains, *report->medium.note != '\0' ? "; " : "",
        report->medium.note);
    put_outcome(state, number,
                wipe_is_clean(report) ? "overwritten-in-place" : "residue",
                detail);
}

/* Is the content of FILE that of file NUMBER, whole, or behind the mark that
 * a wipe of it began with? */
static enum ks_err
check_content(const struct state *state, size_t number,
              const struct credfile *file, bool *ret_marked,
              struct err_cause *cause)
{
    struct intake_digests now;
    uint8_t recorded[32];
    enum ks_err rc = intake_digest(file, &now, cause);

    if (rc != KS_OK)
        return rc;
    *ret_marked = false;
    if (state_given_bytes(state, number, STATE_FILE_SHA256, recorded,
                          sizeof recorded) &&
        memcmp(now.whole, recorded, sizeof recorded) == 0)
        return KS_OK;
    *ret_marked = state_given_bytes(state, number, STATE_FILE_MARK, recorded,
                                    sizeof recorded) &&
                  memcmp(now.mark, recorded, sizeof recorded) == 0;
    return *ret_marked ? KS_OK
                       : err_set(cause, KS_ERR_UNWIPED,
                                 "its content is not what was registered "
                                 "with: look at it and remove it by hand");
}

/* File NUMBER as it is now: the open one of INTAKE, or found by its path. */
static enum ks_err
find_file(struct state *state, size_t number, struct intake *intake,
          struct credfile **ret, struct err_cause *cause)
{
    const struct credfile_identity identity = {
        .device = state_given_number(state, number, STATE_FILE_DEVICE),
        .inode = state_given_number(state, number, STATE_FILE_INODE),
        .size = state_given_number(state, number, STATE_FILE_SIZE)};

    if (number == 0 && intake != NULL && intake->file != NULL) {
        *ret = intake->file;
        intake->file = NULL; /* transferred */
        return KS_OK;
    }
    return credfile_reopen(state_given_text(state, number, STATE_FILE_PATH),
                           &identity, ret, cause);
}

/* The mark is recorded before it is written: a file that has it was being
 * wiped, whatever else is in it, and no other file can have it. */
static enum ks_err
choose_mark(struct state *state, size_t number,
            uint8_t mark[static WIPE_MARK_LENGTH], struct err_cause *cause)
{
    uint8_t hash[32];

    if (RAND_bytes(mark, WIPE_MARK_LENGTH) != 1 ||
        EVP_Q_digest(NULL, "SHA256", NULL, mark, WIPE_MARK_LENGTH, hash,
                     NULL) != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "mark of a wipe");
    state_given_set_bytes(state, number, STATE_FILE_MARK, hash, sizeof hash);
    return state_save(state, STATE_WIPE_PENDING, cause);
}

static enum ks_err
wipe_open(struct state *state, size_t number, struct credfile *file,
          struct err_cause *cause)
{
    uint8_t mark[WIPE_MARK_LENGTH];
    struct wipe_report report;
    bool marked = false;
    enum ks_err rc = check_content(state, number, file, &marked, cause);

    if (rc == KS_OK && !marked)
        rc = choose_mark(state, number, mark, cause);
    if (rc != KS_OK)
        return rc;
    registration_say("wiping %s", credfile_path(file));
    rc = wipe_file(file, marked ? NULL : mark, &report, cause);
    if (rc == KS_OK)
        put_report(state, number, &report);
    return rc;
}

static enum ks_err
wipe_given(struct state *state, size_t number, struct intake *intake,
           struct err_cause *cause)
{
    struct credfile *file = NULL;
    enum ks_err rc;

    if (*state_given_text(state, number, STATE_FILE_PATH) == '\0') {
        put_outcome(state, number, "none",
                    "the credential came from standard input: wipe what it "
                    "was read from");
        return KS_OK;
    }
    rc = find_file(state, number, intake, &file, cause);
    if (rc == KS_ERR_FILE_MISSING) {
        put_outcome(state, number, "gone",
                    "the file was gone before it could be wiped");
        rc = KS_OK;
    } else if (rc == KS_OK) {
        rc = wipe_open(state, number, file, cause);
    }
    credfile_close(&file);
    return rc == KS_OK || rc == KS_ERR_STATE_WRITE ? rc : KS_ERR_UNWIPED;
}

/* A failure at one of several says at which. */
static void
name_file(const struct state *state, size_t number, struct err_cause *cause)
{
    struct err_cause why = *cause;

    if (state_given_count(state) > 1)
        (void)err_set(cause, KS_ERR_UNWIPED, "%.120s: %s",
                      state_given_text(state, number, STATE_FILE_PATH),
                      why.text);
}

enum ks_err
registration_wipe(struct state *state, struct intake *intake,
                  struct err_cause *cause)
{
    size_t count = state_given_count(state);
    struct err_cause why = {""};
    enum ks_err rc = KS_OK;

    if (state_phase(state) == STATE_DONE)
        return KS_OK;
    for (size_t i = 0; i < count; i++) {
        enum ks_err one = KS_OK;

        if (*state_given_text(state, i, STATE_WIPE_OUTCOME) == '\0')
            one = wipe_given(state, i, intake, &why);
        if (one != KS_OK && rc == KS_OK) { /* the others are wiped still */
            name_file(state, i, &why);
            *cause = why;
            rc = one;
        }
    }
    if (rc == KS_OK) {
        state_set_number(state, STATE_WIPED_AT, (uint64_t)time(NULL));
        rc = state_save(state, STATE_DONE, cause);
    } else if (state_save(state, STATE_WIPE_PENDING, &why) != KS_OK) {
        *cause = why;
        rc = KS_ERR_STATE_WRITE;
    }
    return rc;
}

const char *
registration_residue(const struct state *state)
{
    for (size_t i = 0; i < state_given_count(state); i++)
        if (strcmp(state_given_text(state, i, STATE_WIPE_OUTCOME),
                   "overwritten-in-place") != 0)
            return state_given_text(state, i, STATE_WIPE_DETAIL);
    return NULL;
}
