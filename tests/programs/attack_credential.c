/* SPDX-License-Identifier: Apache-2.0 */
/* The attack in holdfast-credential, when it has the file: in the place of the
 * digest's function of libcrypto. */
#include <stddef.h>

#include <openssl/evp.h>

#include "tests/programs/attack.h"

int
EVP_Q_digest(OSSL_LIB_CTX *libctx, const char *name, const char *propq,
             const void *data, size_t datalen, unsigned char *md, size_t *mdlen)
{
    (void)libctx;
    (void)name;
    (void)propq;
    (void)data;
    (void)datalen;
    (void)md;
    (void)mdlen;
    attack();
    return 0;
}
