/* SPDX-License-Identifier: Apache-2.0 */
/* A PIN on its way from where it is kept into a sealed memfd: once, in a run of
 * its own that never sees the token.  It must not pass through stdio. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "agent/token.h"

static bool
write_all(int fd, const char *text)
{
    size_t length = strlen(text);

    return write(fd, text, length) == (ssize_t)length;
}

/* One line, without its newline, of a PIN that is being typed. */
static bool
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
    return n == 1;
}

/* Being here is all it does: read(2) returns, and the terminal is put right. */
static void
interrupted(int number)
{
    (void)number;
}

static void
catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    struct sigaction action = {.sa_handler = interrupted};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)sigaction(signals[i], &action, NULL);
}

static enum ks_err
ask(const char *prompt, struct secret **ret, struct err_cause *cause)
{
    struct termios before, silent;
    struct secret *pin = NULL;
    bool done = false;
    /* One more than may be, to see what is too long. */
    enum ks_err rc = secret_new(PIN_MAX + 1, &pin);

    if (rc != KS_OK)
        return rc;
    catch_signals();
    if (tcgetattr(CHANNEL_FD_INPUT, &before) == 0) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        done = write_all(CHANNEL_FD_INPUT, prompt) &&
               tcsetattr(CHANNEL_FD_INPUT, TCSAFLUSH, &silent) == 0 &&
               read_line(CHANNEL_FD_INPUT, pin);
        (void)tcsetattr(CHANNEL_FD_INPUT, TCSAFLUSH, &before);
        (void)write_all(CHANNEL_FD_INPUT, "\n");
    }
    if (!done)
        rc = err_set_errno(cause, KS_ERR_PIN_NEEDED, "terminal");
    else if (secret_length(pin) > PIN_MAX)
        rc = err_set(cause, KS_ERR_PIN_NEEDED,
                     "what was typed is longer than %d bytes", PIN_MAX);
    if (rc != KS_OK) {
        secret_free(&pin);
        return rc;
    }
    *ret = pin;
    return KS_OK;
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
                         ? ask(prompt, &read, cause)
                         : secret_read(CHANNEL_FD_INPUT, PIN_MAX, &read, cause);

    if (rc != KS_OK)
        return rc;
    strip_newline(read);
    *ret = read;
    return KS_OK;
}

enum ks_err
token_read_pin(const char *prompt, struct err_cause *cause)
{
    struct secret *pin = NULL;
    enum ks_err rc = token_read_secret(prompt, &pin, cause);

    if (rc != KS_OK)
        return rc;
    if (secret_length(pin) == 0)
        rc = err_set(cause, KS_ERR_PIN_NEEDED, "the one given is empty");
    else
        rc = secret_seal(pin, CHANNEL_FD_PIN, cause);
    secret_free(&pin);
    return rc;
}
