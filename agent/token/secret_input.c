/* SPDX-License-Identifier: Apache-2.0 */
/* A PIN on its way from where it is kept into a sealed memfd: once, in a run of
 * its own that never sees the token.  It must not pass through stdio. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "agent/token/token.h"
#include "keystore/base/write_all.h"

/* The end of a line may be behind the secret. */
#define READ_MAX (PIN_MAX + 2)

static enum ks_err
too_long(struct err_cause *cause)
{
    return err_set(cause, KS_ERR_PIN_NEEDED,
                   "the one given is longer than %d bytes; give the PIN and "
                   "nothing else",
                   PIN_MAX);
}

static bool
write_text(int fd, const char *text)
{
    return write_all(fd, text, strlen(text));
}

/* Read one line, without its newline, of a PIN that is being typed; as
 * read(2). */
static ssize_t
read_line(int fd, struct secret *pin)
{
    uint8_t *space = secret_space(pin);
    size_t length = 0;
    ssize_t n = 1;

    while (length < secret_capacity(pin) && n == 1) {
        n = read(fd, space + length, 1);
        if (n == 1 && space[length] == '\n')
            break;
        length += n == 1;
    }
    secret_set_length(pin, length);
    return n;
}

/* Being here is all it does: read(2) returns, and the terminal is put right. */
static void
interrupted(int number)
{
    (void)number;
}

/* The end of holdfast is one of them: helper_start() has it tell a helper that
 * has a terminal by SIGTERM. */
static void
catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    struct sigaction action = {.sa_handler = interrupted};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)sigaction(signals[i], &action, NULL);
}

/* By now somebody else may have the terminal: that is no reason to stop. */
static void
put_right(const struct termios *before)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction stop;

    (void)sigaction(SIGTTOU, &ignore, &stop);
    (void)tcsetattr(CHANNEL_FD_INPUT, TCSAFLUSH, before);
    (void)write_text(CHANNEL_FD_INPUT, "\n");
    (void)sigaction(SIGTTOU, &stop, NULL);
}

static enum ks_err
ask(const char *prompt, struct secret *pin, struct err_cause *cause)
{
    struct termios before, silent;
    ssize_t n = -1;
    enum ks_err rc = KS_OK;

    catch_signals();
    if (tcgetattr(CHANNEL_FD_INPUT, &before) != 0)
        return err_set_errno(cause, KS_ERR_PIN_NEEDED, "terminal");
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    if (write_text(CHANNEL_FD_INPUT, prompt) &&
        tcsetattr(CHANNEL_FD_INPUT, TCSAFLUSH, &silent) == 0)
        n = read_line(CHANNEL_FD_INPUT, pin);
    if (n < 0)
        rc = err_set_errno(cause, KS_ERR_PIN_NEEDED, "terminal");
    else if (n == 0)
        rc = err_set(cause, KS_ERR_PIN_NEEDED, "the line was not finished");
    put_right(&before);
    return rc;
}

static enum ks_err
read_typed(const char *prompt, struct secret **ret, struct err_cause *cause)
{
    struct secret *pin = NULL;
    enum ks_err rc = secret_new(READ_MAX, &pin);

    if (rc == KS_OK)
        rc = ask(prompt, pin, cause);
    if (rc == KS_OK)
        *ret = pin;
    else
        secret_free(&pin);
    return rc;
}

static enum ks_err
read_file(struct secret **ret, struct err_cause *cause)
{
    enum ks_err rc = secret_read(CHANNEL_FD_INPUT, READ_MAX, ret, cause);

    return rc == KS_ERR_FILE_READ && errno == EFBIG ? too_long(cause) : rc;
}

/* A file may end in one newline, as editors leave it. */
static void
strip_newline(struct secret *pin)
{
    size_t length = secret_length(pin);

    if (length > 0 && secret_bytes(pin)[length - 1] == '\n')
        length--;
    if (length > 0 && secret_bytes(pin)[length - 1] == '\r')
        length--;
    secret_set_length(pin, length);
}

enum ks_err
token_read_secret(const char *prompt, struct secret **ret,
                  struct err_cause *cause)
{
    struct secret *read = NULL;
    enum ks_err rc = isatty(CHANNEL_FD_INPUT) == 1
                         ? read_typed(prompt, &read, cause)
                         : read_file(&read, cause);

    if (rc != KS_OK)
        return rc;
    strip_newline(read);
    if (secret_length(read) > PIN_MAX) {
        secret_free(&read);
        return too_long(cause);
    }
    *ret = read;
    return KS_OK;
}

/* No PIN has one, and another program's protocol begins with some: a token
 * would count it as a try. */
static bool
has_control(const struct secret *pin)
{
    const uint8_t *bytes = secret_bytes(pin);

    for (size_t i = 0; i < secret_length(pin); i++)
        if (bytes[i] < ' ' || bytes[i] == 0x7f)
            return true;
    return false;
}

enum ks_err
token_read_pin(const char *prompt, struct err_cause *cause)
{
    struct secret *pin = NULL;
    enum ks_err rc = token_read_secret(prompt, &pin, cause);

    if (rc != KS_OK)
        return rc;
    if (secret_length(pin) == 0)
        rc = err_set(
            cause, KS_ERR_PIN_NEEDED,
            "the one given is empty; put the PIN where it is read from");
    else if (has_control(pin))
        rc = err_set(cause, KS_ERR_PIN_NEEDED,
                     "the one given has a control character in it, which no "
                     "PIN has; put the PIN and nothing else where it is read "
                     "from");
    else
        rc = secret_seal(pin, CHANNEL_FD_PIN, cause);
    secret_free(&pin);
    return rc;
}
