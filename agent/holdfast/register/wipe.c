/* SPDX-License-Identifier: Apache-2.0 */
/* The wipe of every file that was given to `register`, for `status` and
 * `unregister` too: no token is needed.  A file is ours by what is recorded of
 * it alone; nothing about the file can say so itself. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/report/progress.h"
#include "agent/holdfast/state/given.h"
#include "keystore/file/credfile_place.h"
#include "keystore/file/wipe.h"

static void
put_outcome(struct state *state, size_t number, const char *outcome,
            const char *detail)
{
    state_given_set_text(state, number, STATE_WIPE_OUTCOME, outcome);
    state_given_set_text(state, number, STATE_WIPE_DETAIL, detail);
}

/* The wipe's outcome; the word first, then the reasons. */
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
                                 "with; look at it and remove it by hand");
}

static struct credfile_identity
identify(const struct state *state, size_t number)
{
    return (struct credfile_identity){
        .device = state_given_number(state, number, STATE_FILE_DEVICE),
        .inode = state_given_number(state, number, STATE_FILE_INODE),
        .size = state_given_number(state, number, STATE_FILE_SIZE)};
}

/* File NUMBER as it is now: the open one of INTAKE, or found by its path. */
static enum ks_err
find_file(struct state *state, size_t number, struct intake *intake,
          struct credfile **ret, struct err_cause *cause)
{
    const struct credfile_identity identity = identify(state, number);

    if (number == 0 && intake != NULL && intake->file != NULL) {
        *ret = intake->file;
        intake->file = NULL; /* transferred */
        return KS_OK;
    }
    return credfile_reopen(state_given_text(state, number, STATE_FILE_PATH),
                           &identity, ret, cause);
}

/* Nothing has the name of file NUMBER.  The mark is recorded before the first
 * byte is written, and the outcome after the name has gone: a crash between
 * leaves a file that was wiped, and does not say so. */
static enum ks_err
put_missing(struct state *state, size_t number, bool give_up,
            struct err_cause *cause)
{
    bool begun = *state_given_text(state, number, STATE_FILE_MARK) != '\0';

    switch (
        credfile_place(state_given_text(state, number, STATE_FILE_PATH),
                       state_given_number(state, number, STATE_FILE_DEVICE))) {
    case CREDFILE_GONE:
        put_outcome(state, number, "gone",
                    begun ? "a wipe had begun, which did not come to say how "
                            "it ended; the name is gone"
                          : "the file was gone before it could be wiped");
        return KS_OK;
    case CREDFILE_AWAY:
        if (!give_up)
            return err_set(cause, KS_ERR_UNWIPED,
                           "the directory or file system it was in is not "
                           "there; make or mount it, or give the file up "
                           "with 'register --allow-residue' or 'unregister "
                           "--offline'");
        put_outcome(state, number, "away",
                    "the directory or file system it was in was not there");
        return KS_OK;
    case CREDFILE_NAMED:
    default:
        return err_set(cause, KS_ERR_UNWIPED, "it came and went meanwhile");
    }
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
    progress_say("wiping %s", credfile_path(file));
    rc = wipe_file(file, marked ? NULL : mark, &report, cause);
    if (rc == KS_OK)
        put_report(state, number, &report);
    return rc;
}

/* The errors of a file speak for themselves under KS_ERR_UNWIPED, those of
 * others need the words that they have of their own. */
static enum ks_err
call_unwiped(enum ks_err rc, struct err_cause *cause)
{
    static const enum ks_err clear[] = {KS_ERR_UNWIPED,      KS_ERR_FILE_KIND,
                                        KS_ERR_FILE_EXPOSED, KS_ERR_FILE_READ,
                                        KS_ERR_PERMISSION,   KS_ERR_WIPE};
    struct err_cause why = *cause;
    const char *remedy = err_remedy_after(rc, &why);

    if (rc == KS_OK || rc == KS_ERR_STATE_WRITE)
        return rc;
    for (size_t i = 0; i < sizeof clear / sizeof clear[0]; i++)
        if (rc == clear[i])
            return KS_ERR_UNWIPED;
    return err_pass(cause, KS_ERR_UNWIPED, "%s: %.120s%s%s", err_phrase(rc),
                    why.text, *remedy != '\0' ? "; " : "", remedy);
}

static enum ks_err
wipe_given(struct state *state, size_t number, struct intake *intake,
           bool give_up, struct err_cause *cause)
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
    if (rc == KS_ERR_FILE_MISSING)
        rc = put_missing(state, number, give_up, cause);
    else if (rc == KS_OK)
        rc = wipe_open(state, number, file, cause);
    credfile_close(&file);
    return call_unwiped(rc, cause);
}

/* A failure says at which file, as far as there is room: what mends it must
 * not be cut. */
static void
name_file(const struct state *state, size_t number, struct err_cause *cause)
{
    const char *path = state_given_text(state, number, STATE_FILE_PATH);
    struct err_cause why = *cause, name;
    size_t room = sizeof why.text - strlen(why.text) - 1;

    if (room <= 2)
        return;
    (void)err_set(&name, KS_ERR_UNWIPED, "%.*s", (int)(room - 2), path);
    if (strstr(why.text, name.text) == NULL)
        (void)err_pass(cause, KS_ERR_UNWIPED, "%s: %s", name.text, why.text);
}

/* Each that has no outcome yet; the first failure is *RET_FIRST.  Was anything
 * done? */
static bool
wipe_each(struct state *state, struct intake *intake, bool give_up,
          enum ks_err *ret_first, struct err_cause *cause)
{
    bool done = false;

    *ret_first = KS_OK;
    for (size_t i = 0; i < state_given_count(state); i++) {
        struct err_cause why = {""};
        enum ks_err rc;

        if (*state_given_text(state, i, STATE_WIPE_OUTCOME) != '\0')
            continue;
        rc = wipe_given(state, i, intake, give_up, &why);
        if (rc == KS_OK) /* known, before another is begun */
            rc = state_save(state, STATE_WIPE_PENDING, &why);
        else if (rc == KS_ERR_UNWIPED)
            name_file(state, i, &why);
        done = done || rc == KS_OK;
        if (rc != KS_OK && *ret_first == KS_OK) {
            *ret_first = rc;
            *cause = why;
        }
    }
    return done;
}

/* Where two files had one path, the name is the earlier one's again, or
 * nobody's, when the later one is wiped: all are looked at until nothing
 * changes any more. */
enum ks_err
registration_wipe(struct state *state, struct intake *intake, bool give_up,
                  struct err_cause *cause)
{
    enum ks_err rc;

    if (state_phase(state) == STATE_DONE)
        return KS_OK;
    while (wipe_each(state, intake, give_up, &rc, cause) && rc != KS_OK)
        ;
    if (rc != KS_OK)
        return rc;
    state_set_number(state, STATE_WIPED_AT, (uint64_t)time(NULL));
    return state_save(state, STATE_DONE, cause);
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
