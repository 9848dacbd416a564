/* SPDX-License-Identifier: Apache-2.0 */
/* An object on its way in (M7): taken piece by piece, never held in memory as a
 * whole, and there only when all of it has been checked. */
#ifndef VAULT_DATA_UPLOAD_H
#define VAULT_DATA_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>

struct data_upload;
struct exchange;

/* What one object may have at most. */
#define DATA_UPLOAD_MAX (256 * INT64_C(1024) * 1024)

/* Before the body of EXCHANGE, whose path names an object: the upload, or NULL
 * after a refusal. */
struct data_upload *data_upload_begin(struct exchange *exchange);

/* The next piece of the body. */
void data_upload_take(struct data_upload *upload, const char *bytes,
                      size_t length);

/* The body is complete: check, keep, and answer EXCHANGE. */
void data_upload_finish(struct data_upload *upload, struct exchange *exchange);

/* NULL-safe; what was not kept is gone. */
void data_upload_free(struct data_upload *upload);

#endif
