/* SPDX-License-Identifier: Apache-2.0 */
/* The state as a JSON object and its durable file.  A secret has no place here:
 * keys are named by id, tokens by serial. */
#include "agent/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#define FILE_NAME "state.json"
#define TEMPORARY_NAME "state.json.new"
#define FORMAT 1
#define STATE_MAX (256 * 1024)

static const char *const phases[] = {
    [STATE_NONE] = "none",
    [STATE_IMPORTING] = "importing",
    [STATE_IMPORTED] = "imported",
    [STATE_REGISTERING] = "registering",
    [STATE_REGISTERED] = "registered",
    [STATE_WIPE_PENDING] = "wipe-pending",
    [STATE_DONE] = "done",
};

static const char *const texts[] = {
#define X(name, key) [STATE_##name] = key,
    STATE_TEXTS(X)
#undef X
};

static const char *const numbers[] = {
#define X(name, key) [STATE_##name] = key,
    STATE_NUMBERS(X)
#undef X
};

_Static_assert(sizeof phases / sizeof phases[0] == STATE__MAX,
               "every phase has its name");

struct state {
    int directory;
    int keys;
    int lock;
    enum state_phase phase;
    json_t *json;
    bool spoilt; /* something could not be recorded */
};

enum ks_err
state_default_directory(char **ret, struct err_cause *cause)
{
    const char *base = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;
    int length;

    if (geteuid() == 0)
        length = asprintf(&path, "/var/lib/holdfast");
    else if (base != NULL && *base == '/')
        length = asprintf(&path, "%s/holdfast", base);
    else if (home != NULL && *home == '/')
        length = asprintf(&path, "%s/.local/state/holdfast", home);
    else
        return err_set(cause, KS_ERR_USAGE, "no HOME: give --state-dir");
    if (length < 0)
        return err_set_errno(cause, KS_ERR_INTERNAL, "state directory");
    *ret = path;
    return KS_OK;
}

/* Make every missing directory on the way; the last is checked when opened. */
static void
make_directories(const char *path)
{
    char *copy = strdup(path);

    if (copy == NULL)
        return;
    for (char *slash = strchr(copy + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(copy, 0755);
        *slash = '/';
    }
    free(copy);
    (void)mkdir(path, 0700);
}

static enum ks_err
open_directories(struct state *state, const char *path, bool create,
                 struct err_cause *cause)
{
    struct stat status;

    if (create)
        make_directories(path);
    state->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (state->directory < 0 && errno == ENOENT && !create)
        return err_set(cause, KS_ERR_NOT_REGISTERED, "no state in %s", path);
    if (state->directory < 0 || fstat(state->directory, &status) != 0)
        return err_set_errno(
            cause, errno == EACCES ? KS_ERR_PERMISSION : KS_ERR_STATE_WRITE,
            path);
    if ((status.st_uid != geteuid() && geteuid() != 0) ||
        (status.st_mode & 022) != 0)
        return err_set(cause, KS_ERR_PERMISSION,
                       "%s is another's, or others may write there", path);
    (void)mkdirat(state->directory, "keys", 0700);
    state->keys = openat(state->directory, "keys",
                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    state->lock = openat(state->directory, "lock",
                         O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (state->keys < 0 || state->lock < 0)
        return err_set_errno(cause, KS_ERR_STATE_WRITE, path);
    if (flock(state->lock, LOCK_EX | LOCK_NB) != 0)
        return err_set(cause, KS_ERR_BUSY, "%s is locked", path);
    return KS_OK;
}

/* All of a file, or NULL with errno set. */
static char *
read_all(int directory, const char *name, size_t *ret_length)
{
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char *text = fd >= 0 ? malloc(STATE_MAX) : NULL;
    size_t length = 0;
    ssize_t n = -1;

    if (text != NULL) {
        while (length < STATE_MAX &&
               (n = read(fd, text + length, STATE_MAX - length)) > 0)
            length += (size_t)n;
    }
    if (fd >= 0)
        (void)close(fd);
    if (n != 0) {
        free(text);
        return NULL;
    }
    *ret_length = length;
    return text;
}

static bool
find_phase(const char *name, enum state_phase *ret)
{
    for (int i = 0; name != NULL && i < STATE__MAX; i++)
        if (strcmp(name, phases[i]) == 0) {
            *ret = (enum state_phase)i;
            return true;
        }
    return false;
}

static bool
is_ours(json_t *json, enum state_phase *ret_phase)
{
    json_t *value;

    if (json_integer_value(json_object_get(json, "format")) != FORMAT ||
        !find_phase(json_string_value(json_object_get(json, "phase")),
                    ret_phase))
        return false;
    for (size_t i = 0; i < STATE_TEXT__MAX; i++) {
        value = json_object_get(json, texts[i]);
        if (value != NULL && !json_is_string(value))
            return false;
    }
    for (size_t i = 0; i < STATE_NUMBER__MAX; i++) {
        value = json_object_get(json, numbers[i]);
        if (value != NULL && !json_is_integer(value))
            return false;
    }
    return true;
}

static enum ks_err
load(struct state *state, struct err_cause *cause)
{
    size_t length = 0;
    char *text = read_all(state->directory, FILE_NAME, &length);
    json_error_t error;

    if (text == NULL && errno == ENOENT) {
        state->json = json_object();
        return state->json != NULL ? KS_OK : KS_ERR_INTERNAL;
    }
    if (text == NULL)
        return err_set_errno(cause, KS_ERR_STATE_BROKEN, FILE_NAME);
    state->json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    free(text);
    if (state->json == NULL || !is_ours(state->json, &state->phase))
        return err_set(cause, KS_ERR_STATE_BROKEN, "%s is damaged", FILE_NAME);
    return KS_OK;
}

enum ks_err
state_open(const char *directory, bool create, struct state **ret,
           struct err_cause *cause)
{
    struct state *state = calloc(1, sizeof *state);
    enum ks_err rc;

    if (state == NULL)
        return err_set_errno(cause, KS_ERR_INTERNAL, "state");
    *state = (struct state){.directory = -1, .keys = -1, .lock = -1};
    rc = open_directories(state, directory, create, cause);
    if (rc == KS_OK)
        rc = load(state, cause);
    if (rc != KS_OK) {
        state_close(&state);
        return rc;
    }
    *ret = state;
    return KS_OK;
}

void
state_close(struct state **state)
{
    if (*state == NULL)
        return;
    json_decref((*state)->json);
    if ((*state)->keys >= 0)
        (void)close((*state)->keys);
    if ((*state)->lock >= 0)
        (void)close((*state)->lock);
    if ((*state)->directory >= 0)
        (void)close((*state)->directory);
    free(*state);
    *state = NULL;
}

enum state_phase
state_phase(const struct state *state)
{
    return state->phase;
}

const char *
state_phase_name(enum state_phase phase)
{
    return phases[phase];
}

const char *
state_text(const struct state *state, enum state_text which)
{
    const char *text = json_string_value(
        json_object_get(state->json, texts[which]));

    return text != NULL ? text : "";
}

uint64_t
state_number(const struct state *state, enum state_number which)
{
    return (uint64_t)json_integer_value(
        json_object_get(state->json, numbers[which]));
}

void
state_set_text(struct state *state, enum state_text which, const char *text)
{
    if (json_object_set_new(state->json, texts[which], json_string(text)) != 0)
        state->spoilt = true;
}

void
state_set_number(struct state *state, enum state_number which, uint64_t number)
{
    if (json_object_set_new(state->json, numbers[which],
                            json_integer((json_int_t)number)) != 0)
        state->spoilt = true;
}

void
state_set_bytes(struct state *state, enum state_text which,
                const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * 64 + 1] = "";

    if (length > 64) {
        state->spoilt = true;
        return;
    }
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    state_set_text(state, which, text);
}

static int
digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

bool
state_bytes(const struct state *state, enum state_text which, uint8_t *bytes,
            size_t length)
{
    const char *text = state_text(state, which);

    if (strlen(text) != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++) {
        int high = digit(text[2 * i]);
        int low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Written, flushed and read back before it takes the place of the old one. */
static bool
replace(int directory, const char *text, size_t length)
{
    int fd = openat(directory, TEMPORARY_NAME,
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                    0600);
    size_t back_length = 0;
    char *back = NULL;
    bool done = fd >= 0 && write(fd, text, length) == (ssize_t)length &&
                fsync(fd) == 0;

    if (fd >= 0)
        done = close(fd) == 0 && done;
    if (done)
        back = read_all(directory, TEMPORARY_NAME, &back_length);
    done = back != NULL && back_length == length &&
           memcmp(back, text, length) == 0 &&
           renameat(directory, TEMPORARY_NAME, directory, FILE_NAME) == 0 &&
           fsync(directory) == 0;
    free(back);
    return done;
}

enum ks_err
state_save(struct state *state, enum state_phase phase, struct err_cause *cause)
{
    char *text = NULL;
    enum ks_err rc = KS_OK;

    if (json_object_set_new(state->json, "format", json_integer(FORMAT)) != 0 ||
        json_object_set_new(state->json, "phase", json_string(phases[phase])) !=
            0 ||
        state->spoilt)
        return err_set(cause, KS_ERR_INTERNAL, "state could not be recorded");
    text = json_dumps(state->json, JSON_INDENT(2) | JSON_SORT_KEYS);
    if (text == NULL || !replace(state->directory, text, strlen(text)))
        rc = err_set_errno(cause, KS_ERR_STATE_WRITE, FILE_NAME);
    else
        state->phase = phase;
    free(text);
    return rc;
}

enum ks_err
state_forget(struct state *state, struct err_cause *cause)
{
    if ((unlinkat(state->directory, FILE_NAME, 0) != 0 && errno != ENOENT) ||
        fsync(state->directory) != 0)
        return err_set_errno(cause, KS_ERR_STATE_WRITE, FILE_NAME);
    (void)json_object_clear(state->json);
    state->phase = STATE_NONE;
    return KS_OK;
}

int
state_directory_fd(const struct state *state)
{
    return state->directory;
}

int
state_keys_fd(const struct state *state)
{
    return state->keys;
}
