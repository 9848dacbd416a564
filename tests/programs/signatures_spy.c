/* SPDX-License-Identifier: Apache-2.0 */
/* Reads pkcs11-spy's log: text, with what went in and out in hex. */
#include "tests/programs/signatures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CALLS 12

/* A dump's lines after AT: offset, sixteen bytes in hex, characters. */
static size_t
read_dump(const char *at, uint8_t *bytes, size_t most)
{
    size_t length = 0;

    while ((at = strchr(at, '\n')) != NULL && strncmp(++at, "    ", 4) == 0) {
        const char *hex = at + 4 + strcspn(at + 4, " ");

        for (int i = 0; i < 16; i++) {
            unsigned byte;

            hex += strspn(hex, " ");
            if (!isxdigit((unsigned char)hex[0]) ||
                !isxdigit((unsigned char)hex[1]) || length == most ||
                sscanf(hex, "%2x", &byte) != 1)
                break;
            bytes[length++] = (uint8_t)byte;
            hex += 2;
            if (hex[0] == ' ' && hex[1] == ' ')
                break;
        }
    }
    return length;
}

/* Every C_Sign that gave a signature and not only its length. */
void
signatures_from_spy(struct rig *rig, signatures_take *take)
{
    static const char output[] = "[out] pSignature[*pulSignatureLen]";
    char path[RIG_PATH + 16];
    char *log;

    snprintf(path, sizeof path, "%s/spy.log", rig->directory);
    log = rig_read(path, NULL);
    for (char *call = log; (call = strstr(call, ": C_Sign\n")) != NULL;
         call++) {
        char *end = strstr(call, "Returned:");
        char *at = strstr(call, output);
        uint8_t bytes[1024];
        size_t length;

        assert_non_null(end);
        if (at == NULL || at > end || strncmp(end, "Returned:  0 ", 13) != 0)
            continue;
        length = read_dump(at, bytes, sizeof bytes);
        if (length > 0)
            take(bytes, length);
    }
    free(log);
}

/* How often the token was told to sign with MECHANISM, as the spy writes it. */
size_t
signatures_count_mechanism(struct rig *rig, const char *mechanism)
{
    char path[RIG_PATH + 16], line[64];
    char *log;
    size_t found = 0;

    snprintf(path, sizeof path, "%s/spy.log", rig->directory);
    snprintf(line, sizeof line, "pMechanism->type = %s", mechanism);
    log = rig_read(path, NULL);
    for (char *call = log; (call = strstr(call, ": C_SignInit\n")) != NULL;
         call++) {
        char *end = strstr(call, "Returned:");
        char *at = strstr(call, line);

        assert_non_null(end);
        if (at != NULL && at < end && isspace((unsigned char)at[strlen(line)]))
            found++;
    }
    free(log);
    return found;
}

void
signatures_expect_soon(struct rig *rig)
{
    char path[RIG_PATH + 16];
    char name[64];
    unsigned number, calls = 0, signing = 0;
    char *log;

    snprintf(path, sizeof path, "%s/spy.log", rig->directory);
    log = rig_read(path, NULL);
    for (char *rest = log, *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (sscanf(line, "%u: %63s", &number, name) != 2 ||
            strncmp(name, "C_", 2) != 0)
            continue;
        calls++;
        if (strcmp(name, "C_Initialize") == 0)
            calls = 1;
        else if (strcmp(name, "C_CreateObject") == 0)
            calls = 1000; /* counts no more in this process */
        else if (strcmp(name, "C_Sign") == 0 && calls < 1000) {
            print_message("calls to the first C_Sign: %u\n", calls);
            assert_true(calls <= FIRST_CALLS);
            calls = 1000;
            signing++;
        }
    }
    free(log);
    assert_int_equal(signing, 2);
}
