/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in holdfast, which cannot read the file and need not.  The order is the
 * point: nothing is unlinked before its content is overwritten and flushed,
 * for a file without a name can never be found again. */
#include "keystore/file/wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "keystore/base/write_all.h"
#include "keystore/file/credfile_internal.h"
#include "keystore/file/wipe_sibling.h"

#define CHUNK 1024

bool
wipe_is_clean(const struct wipe_report *report)
{
    return report->overwritten && report->unlinked &&
           report->medium.class == MEDIUM_IN_PLACE && *report->remains == '\0';
}

static int
fill_random(uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = getrandom(bytes, length, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

/* Random bytes, so that no layer below can squeeze them into nothing. */
static int
overwrite(int fd, off_t from, off_t to)
{
    uint8_t random[CHUNK];

    while (from < to) {
        size_t length = to - from < CHUNK ? (size_t)(to - from) : CHUNK;

        if (fill_random(random, length) != 0 ||
            !write_all_at(fd, random, length, from))
            return -1;
        from += (off_t)length;
    }
    return 0;
}

/* A mark is shorter than a sector of any disk: it is there whole, or not at
 * all.  The content behind it stays until it is durable. */
static int
put_mark(int fd, const uint8_t *mark)
{
    return mark == NULL || (write_all_at(fd, mark, WIPE_MARK_LENGTH, 0) &&
                            fsync(fd) == 0)
               ? 0
               : -1;
}

static enum ks_err
overwrite_all(const struct credfile *file, const uint8_t *mark,
              struct wipe_report *report, struct err_cause *cause)
{
    struct stat now;
    off_t end;

    if (fstat(file->writer, &now) != 0)
        return err_set_errno(cause, KS_ERR_WIPE, "stat it again");
    if (now.st_size < file->status.st_size &&
        report->medium.class == MEDIUM_IN_PLACE) {
        report->medium.class = MEDIUM_RESIDUE;
        (void)snprintf(report->medium.reason, sizeof report->medium.reason,
                       "it was shortened before: blocks it had are free");
    }
    end = now.st_size > WIPE_MARK_LENGTH ? now.st_size : WIPE_MARK_LENGTH;
    if (put_mark(file->writer, mark) != 0 ||
        overwrite(file->writer, WIPE_MARK_LENGTH, end) != 0)
        return err_set_errno(cause, KS_ERR_WIPE, "overwrite it");
    /* The rest of the last block is zeros unless the file was longer once; a
     * full disk or a quota may forbid it. */
    (void)overwrite(file->writer, end, credfile_whole_blocks(&now, end));
    if (fsync(file->writer) != 0)
        return err_set_errno(cause, KS_ERR_WIPE, "flush it");
    report->overwritten = true;
    return KS_OK;
}

enum owner {
    OWNER_NOBODY, /* nothing has the name */
    OWNER_OURS,
    OWNER_STRANGER,
    OWNER_UNKNOWN /* errno says why */
};

static enum owner
look_at_name(const struct credfile *file)
{
    struct stat now;

    if (fstatat(file->directory, file->name, &now, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? OWNER_NOBODY : OWNER_UNKNOWN;
    return now.st_dev == file->status.st_dev &&
                   now.st_ino == file->status.st_ino
               ? OWNER_OURS
               : OWNER_STRANGER;
}

/* Some file systems have no fsync(2) for directories, and say EINVAL. */
static enum ks_err
flush_directory(const struct credfile *file, struct err_cause *cause)
{
    if (fsync(file->directory) != 0 && errno != EINVAL)
        return err_set_errno(cause, KS_ERR_WIPE, "flush its directory");
    return KS_OK;
}

static enum ks_err
unlink_ours(const struct credfile *file, struct wipe_report *report,
            struct err_cause *cause)
{
    enum owner owner = look_at_name(file);
    enum ks_err rc;

    if (owner == OWNER_UNKNOWN)
        return err_set_errno(cause, KS_ERR_WIPE, "find its name");
    if (owner == OWNER_STRANGER) {
        (void)snprintf(report->remains, sizeof report->remains,
                       "another file has its name now and is left alone");
        return KS_OK;
    }
    if (owner == OWNER_OURS && unlinkat(file->directory, file->name, 0) != 0 &&
        errno != ENOENT)
        return err_set_errno(cause, KS_ERR_WIPE, "unlink it");
    rc = flush_directory(file, cause);
    if (rc != KS_OK)
        return rc;
    if (look_at_name(file) == OWNER_OURS)
        return err_set(cause, KS_ERR_WIPE, "its name came back");
    report->unlinked = true;
    return KS_OK;
}

static void
list_remains(const struct credfile *file, struct wipe_report *report)
{
    char names[sizeof report->remains - 24];

    if (!wipe_sibling_list(file->directory, file->name, names, sizeof names))
        (void)snprintf(report->remains, sizeof report->remains,
                       "its directory could not be searched");
    else if (*names != '\0')
        (void)snprintf(report->remains, sizeof report->remains,
                       "left beside it: %s", names);
}

/* A survey that fails speaks against the medium, not against the wipe.  It
 * comes first: overwriting unshares the blocks that it asks about. */
static void
survey(const struct credfile *file, struct medium *ret)
{
    struct err_cause cause = {""};

    if (medium_survey(file->reader, ret, &cause) == KS_OK)
        return;
    ret->class = MEDIUM_RESIDUE;
    (void)snprintf(ret->reason, sizeof ret->reason,
                   "what keeps it cannot be found out");
}

enum ks_err
wipe_file(struct credfile *file, const uint8_t *mark, struct wipe_report *ret,
          struct err_cause *cause)
{
    enum ks_err rc;

    memset(ret, 0, sizeof *ret);
    survey(file, &ret->medium);
    list_remains(file, ret);
    rc = overwrite_all(file, mark, ret, cause);
    return rc == KS_OK ? unlink_ours(file, ret, cause) : rc;
}
