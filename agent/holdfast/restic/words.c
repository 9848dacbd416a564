/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a program that speaks English whatever the locale, by what is in
 * them (restic 0.14, and by its source 0.18). */
#include "agent/holdfast/restic/words.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KEPT_MAX (64 * 1024)
#define MOMENT_MS 2000 /* restic ends sooner after its last words */

#define RELAY "rclone: holdfast: relay: "
#define ENDED "error talking HTTP to rclone: "
#define INTERRUPTED "signal interrupt received"
#define QUESTION "Is there a repository at the following location?"

static struct {
    char text[KEPT_MAX + 1]; /* NUL-terminated */
    size_t length;
    size_t shown;
    bool relay_spoke;
    bool interrupted; /* by us */
} words;

/* restic asks whether there is a repository whatever went wrong: only where the
 * vault says that there is none is that so. */
static const struct {
    const char *text;
    enum ks_err rc;
    const char *cause;
} meanings[] = {
    {RESTIC_WORDS_FULL, KS_ERR_VAULT_FULL,
     "restic was answered " RESTIC_WORDS_FULL},
    {"403 Forbidden", KS_ERR_VAULT_REFUSED,
     "restic was answered 403 Forbidden"},
    {"401 Unauthorized", KS_ERR_VAULT_REFUSED,
     "restic was answered 401 Unauthorized"},
    {"wrong password or no key found", KS_ERR_PASSPHRASE_WRONG, ""},
    {"<config/> does not exist", KS_ERR_REPOSITORY, ""},
    {"no matching ID found", KS_ERR_SNAPSHOT, ""},
    {"no snapshot found", KS_ERR_SNAPSHOT, ""},
    /* "target" in 0.14, "source" since */
    {" directories/files do not exist", KS_ERR_SOURCE,
     "all that was given was just removed"},
};

bool
restic_words_have(const char *text)
{
    return strstr(words.text, text) != NULL;
}

enum ks_err
restic_words_judge(struct err_cause *cause)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (restic_words_have(meanings[i].text))
            return err_set(cause, meanings[i].rc, "%s", meanings[i].cause);
    return KS_ERR_RESTIC;
}

/* Would our own words come too late, once these were shown? */
static bool
are_last(void)
{
    const char *rest = words.text + words.shown;

    if (strncmp(rest, "Fatal: ", 7) == 0 || strstr(rest, "\nFatal: ") != NULL)
        return true;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strstr(rest, meanings[i].text) != NULL)
            return true;
    return false;
}

/* The line at AT, without its newline, and the next one's beginning. */
static size_t
line_length(const char *at, const char **ret_next)
{
    size_t length = strcspn(at, "\n");

    *ret_next = at + length + (at[length] == '\n');
    return length;
}

/* A function and, indented, its place: as Go prints where an error passed. */
static bool
is_place(const char *line, size_t length, const char *next)
{
    return *next == '\t' && memchr(line, ' ', length) == NULL;
}

/* The relay's own line, and restic's, which only knows that it has ended. */
static bool
is_relays(const char *line, size_t length)
{
    return strncmp(line, RELAY, sizeof RELAY - 1) == 0 ||
           memmem(line, length, ENDED, sizeof ENDED - 1) != NULL;
}

/* How many lines at LINE are of no use. */
static int
count_useless(const char *line, size_t length, const char *next)
{
    if (is_place(line, length, next) ||
        strncmp(line, QUESTION "\n", sizeof QUESTION) == 0)
        return 2;
    if (words.interrupted &&
        memmem(line, length, INTERRUPTED, sizeof INTERRUPTED - 1) != NULL)
        return 1;
    return words.relay_spoke && is_relays(line, length);
}

void
restic_words_show(void)
{
    const char *at = words.text + words.shown, *next;
    int skip = 0;

    for (; *at != '\0'; at = next) {
        size_t length = line_length(at, &next);

        if (skip == 0)
            skip = count_useless(at, length, next);
        if (skip > 0)
            skip--;
        else
            (void)fprintf(stderr, "%.*s\n", (int)length, at);
    }
    (void)fflush(stderr);
    words.shown = words.length;
}

void
restic_words_relay_spoke(void)
{
    words.relay_spoke = true;
}

void
restic_words_forget(void)
{
    words.length = words.shown = 0;
    words.text[0] = '\0';
    words.relay_spoke = words.interrupted = false;
}

/* The oldest line makes room, shown or not. */
static void
make_room(void)
{
    size_t half = KEPT_MAX / 2;

    if (words.length < KEPT_MAX)
        return;
    if (words.shown < half)
        restic_words_show();
    memmove(words.text, words.text + half, words.length - half + 1);
    words.length -= half;
    words.shown -= half;
}

static bool
take_some(int fd)
{
    ssize_t n;

    make_room();
    n = read(fd, words.text + words.length, KEPT_MAX - words.length);
    for (ssize_t i = 0; i < n; i++) {
        char *c = words.text + words.length++;

        if (*c == '\0') /* it would end the text */
            *c = ' ';
    }
    words.text[words.length] = '\0';
    return n > 0 || (n < 0 && errno == EINTR);
}

static long
now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
restic_words_take(int fd, int pid, bool live)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};
    long since = 0; /* when the oldest of what is not shown came */

    for (;;) {
        bool waits = live && words.shown < words.length && !are_last();
        long left = since + MOMENT_MS - now_ms();
        int ready = poll(&item, 1, !waits ? -1 : left > 0 ? (int)left : 0);

        if (ready == 0) {
            restic_words_show();
            continue;
        }
        if (words.shown == words.length)
            since = now_ms();
        if (ready > 0 && !take_some(fd))
            return;
        if (!words.interrupted && restic_words_have(RESTIC_WORDS_FULL))
            words.interrupted = kill(pid, SIGINT) == 0;
    }
}
