/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a vault's client, for the files that make its requests. */
#ifndef AGENT_NET_VAULT_CLIENT_H
#define AGENT_NET_VAULT_CLIENT_H

#include <jansson.h>

#include "agent/net/vault.h"

struct vault_client {
    struct http *http;
    char *endpoint; /* E, ends in a slash */
    char *est;      /* O/.well-known/est/V */
    bool anew;      /* the nonce is for evidence of a registered machine */
    json_t *nonce;  /* replies whose texts were handed out */
    json_t *verdict;
    json_t *self;
};

/* As asprintf(3), NULL where memory is short. */
char *vault_client_format(const char *form, ...)
    __attribute__((format(printf, 1, 2)));

#endif
