/* SPDX-License-Identifier: Apache-2.0 */
/* M7: restic's REST protocol, version 2, for the machine whose certificate the
 * TLS client shows.  Handlers of route.c; what comes in is data_upload.h's. */
#ifndef VAULT_DATA_ENDPOINT_H
#define VAULT_DATA_ENDPOINT_H

#include "tests/vault/service/exchange.h"

void data_endpoint_create(struct exchange *exchange);
void data_endpoint_list(struct exchange *exchange);
void data_endpoint_get(struct exchange *exchange);
void data_endpoint_delete(struct exchange *exchange);

/* The end of an upload, which door.c began when its headers were there. */
void data_endpoint_upload(struct exchange *exchange);

/* A path that restic asks for to see whether somebody is there. */
void data_endpoint_probe(struct exchange *exchange);

#endif
