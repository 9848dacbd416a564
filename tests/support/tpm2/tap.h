/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tap on the bus of an emulated TPM: a process between swtpm's socket and
 * whoever talks to the TPM.  It counts commands, keeps every byte that passes,
 * and does what a bad day does: errors, delays, cut connections, and clients
 * that die.
 *
 * It reads headers alone (TPM 2.0 Library, Part 1, 18: tag, size, code), so any
 * client will do: point "tpm2:swtpm=PATH" or the TCTI "swtpm:path=PATH" at
 * tap_socket().  Like swtpm it serves one connection at a time; others wait.
 *
 *     struct swtpm *tpm = swtpm_new(directory);
 *     struct tap *tap = tap_new(swtpm_socket(tpm), directory);
 *
 *     for (unsigned nth = 1, struck = 1; struck != 0; nth++) {
 *         tap_inject(tap, &(struct tap_fault){.action = TAP_KILL, .nth = nth});
 *         ... a program that uses tap_socket(tap) ...
 *         struck = tap_struck(tap);
 *     }
 *
 * A tap that has died proves nothing: the calls below then end the program.
 */
#ifndef TESTS_SUPPORT_TPM2_TAP_H
#define TESTS_SUPPORT_TPM2_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tap;

/* Start a tap before the TPM at the socket TPM, with sockets and a capture of
 * its own in DIRECTORY ("tap", "tap.ctrl", "tap.capture"; absolute, a socket's
 * path has at most 107 bytes).  It takes connections when this returns.  NULL,
 * after a line on stderr, where that fails.  The caller frees it. */
struct tap *tap_new(const char *tpm, const char *directory);

/* End it, and set *TAP to NULL.  It also ends with the process that made it. */
void tap_free(struct tap **tap);

/* What clients connect to. */
const char *tap_socket(const struct tap *tap);

/* How many commands CODE (TPM2_CC_*) have come since the start or the last
 * reset, whatever became of them; 0: commands of all codes. */
unsigned tap_count(struct tap *tap, uint32_t code);

/* Count from 0 again.  Neither a fault nor the capture is touched. */
void tap_reset(struct tap *tap);

/* Have LENGTH bytes like these passed, in one command or response, in either
 * direction, since the start?  Also what was cut or made up counts as passed;
 * of a command that never reached the TPM its bytes were on the bus. */
bool tap_saw(struct tap *tap, const void *bytes, size_t length);

enum tap_action {
    TAP_PASS = 0,
    TAP_ERROR, /* the response is an error, and the TPM never saw it */
    TAP_FORGE, /* the response's first parameter is another */
    TAP_DELAY, /* the TPM gets the command only after a while */
    TAP_CUT,   /* the connection ends with no response */
    TAP_KILL   /* kill -9 of the process that opened the connection, and cut */
};

#define TAP_ALWAYS UINT32_MAX
#define TAP_FORGERY_MAX 512

struct tap_fault {
    enum tap_action action;
    uint32_t code;     /* commands of this code alone; 0: of any */
    unsigned nth;      /* 1: the first such command from now on */
    unsigned times;    /* how many in a row, TAP_ALWAYS: all; 0 is 1 */
    bool executed;     /* CUT, KILL: only after the TPM has obeyed */
    uint32_t rc;       /* ERROR: response code (TPM2_RC_*) */
    unsigned delay_ms; /* DELAY: milliseconds */
    /* FORGE, without sessions: a TPM2B structure in place of the one that
     * stands first in the response. */
    uint8_t forgery[TAP_FORGERY_MAX];
    size_t forgery_length;
};

/* Have this happen from now on, in place of what was asked before; NULL:
 * nothing more.  The client that is killed may be the caller itself. */
void tap_inject(struct tap *tap, const struct tap_fault *fault);

/* How often it has happened since tap_inject(). */
unsigned tap_struck(struct tap *tap);

/* The code of the command that it happened to last; 0: to none. */
uint32_t tap_struck_code(struct tap *tap);

#endif
