/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reply must be, reported at the line of the test.
 */
#ifndef TESTS_VAULT_RULES_EXPECT_H
#define TESTS_VAULT_RULES_EXPECT_H

#include "tests/vault/rules/connection.h"

/* Refused as docs/protocol.md words it: WORDS is one word of its table, or
 * several with '|' between them where the page leaves open which of two faults
 * is named.  Status, "error", "error_description" and type are held to it. */
void expect_refused_at(const struct reply *reply, const char *words,
                       const char *file, int line);
#define expect_refused(reply, words)                                           \
    expect_refused_at((reply), (words), __FILE__, __LINE__)

/* The sentence for people has TEXT in it. */
void expect_said_at(const struct reply *reply, const char *text,
                    const char *file, int line);
#define expect_said(reply, text)                                               \
    expect_said_at((reply), (text), __FILE__, __LINE__)

/* Refused with `clock`, and the sentence says both times: the vault's now and
 * the one the statement carried. */
void expect_clock_at(const struct reply *reply, long stated, const char *file,
                     int line);
#define expect_clock(reply, stated)                                            \
    expect_clock_at((reply), (stated), __FILE__, __LINE__)

void expect_status_at(const struct reply *reply, long status, const char *file,
                      int line);
#define expect_status(reply, status)                                           \
    expect_status_at((reply), (status), __FILE__, __LINE__)

#endif
