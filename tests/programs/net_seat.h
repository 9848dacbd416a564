/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real holdfast-net before a hostile server, without a token: its handshakes
 * and assertions are signed by a key of the test's.
 */
#ifndef TESTS_PROGRAMS_NET_SEAT_H
#define TESTS_PROGRAMS_NET_SEAT_H

#include "agent/holdfast/session/net_client.h"
#include "tests/support/fresh_directory.h"
#include "tests/programs/hostile.h"

struct net_seat {
    struct hostile hostile;
    struct net_client *client;
    EVP_PKEY *key;
    unsigned char *certificate; /* DER */
    size_t certificate_length;
    pid_t signer;
    const char *crl_file; /* NULL: none; set before it is started */
    char directory[FRESH_DIRECTORY];
};

void net_seat_start(struct net_seat *seat);
void net_seat_stop(struct net_seat *seat);

/* The same before another server, at HOST, trusting the issuers in CA_FILE:
 * SEAT's own server is not started.  net_seat_leave() afterwards. */
void net_seat_enter(struct net_seat *seat, const char *host, unsigned port,
                    const char *ca_file);
void net_seat_leave(struct net_seat *seat);

/* Another process of holdfast-net. */
void net_seat_renew(struct net_seat *seat);

/* Have holdfast-net ask what STEP belongs to; CAUSE is emptied before. */
enum ks_err net_seat_ask(struct net_seat *seat, enum hostile_step step,
                         struct err_cause *cause);

#endif
