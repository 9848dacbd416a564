/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets in OpenSSL's secure heap.  Nothing here may print, and no secret
 * may pass through stdio, whose buffers are not ours to wipe. */
#include "keystore/base/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "keystore/base/sealed.h"

#define ARENA_MIN_BLOCK 32
#define STACK_WIPED (128 * 1024) /* deeper than any call here goes */
#define STACK_STEP 2048

struct secret {
    size_t capacity;
    size_t length;
    uint8_t *bytes;
};

enum ks_err
secret_init(size_t arena, struct err_cause *cause)
{
    /* 1 is success; 2 means that the arena is there, but not locked. */
    if (CRYPTO_secure_malloc_init(arena, ARENA_MIN_BLOCK) != 1)
        return err_set(cause, KS_ERR_MEMORY_LOCK, "%zu bytes wanted", arena);
    return KS_OK;
}

/* Downwards first: a wipe behind the call is what makes each step have a frame
 * of its own. */
__attribute__((noinline)) static void
wipe_below(size_t length)
{
    uint8_t step[STACK_STEP];

    if (length > sizeof step)
        wipe_below(length - sizeof step);
    explicit_bzero(step, sizeof step);
}

void
secret_wipe_stack(void)
{
    wipe_below(STACK_WIPED);
}

enum ks_err
secret_new(size_t capacity, struct secret **ret)
{
    struct secret *secret = calloc(1, sizeof *secret);

    if (secret == NULL)
        return KS_ERR_RESOURCES;
    secret->bytes = OPENSSL_secure_zalloc(capacity);
    if (secret->bytes == NULL || CRYPTO_secure_allocated(secret->bytes) != 1) {
        OPENSSL_secure_clear_free(secret->bytes, capacity);
        free(secret);
        return KS_ERR_MEMORY_LOCK;
    }
    secret->capacity = capacity;
    *ret = secret;
    return KS_OK;
}

void
secret_free(struct secret **secret)
{
    if (*secret == NULL)
        return;
    OPENSSL_secure_clear_free((*secret)->bytes, (*secret)->capacity);
    free(*secret);
    *secret = NULL;
}

const uint8_t *
secret_bytes(const struct secret *secret)
{
    return secret->bytes;
}

size_t
secret_length(const struct secret *secret)
{
    return secret->length;
}

size_t
secret_capacity(const struct secret *secret)
{
    return secret->capacity;
}

uint8_t *
secret_space(struct secret *secret)
{
    return secret->bytes;
}

void
secret_set_length(struct secret *secret, size_t length)
{
    secret->length = length <= secret->capacity ? length : secret->capacity;
}

/* Fill SECRET from FD; a further byte behind the capacity is EFBIG. */
static int
fill(struct secret *secret, int fd)
{
    uint8_t beyond;

    for (;;) {
        size_t room = secret->capacity - secret->length;
        ssize_t n = room > 0 ? read(fd, secret->bytes + secret->length, room)
                             : read(fd, &beyond, 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return (int)n;
        if (room == 0) {
            explicit_bzero(&beyond, sizeof beyond);
            errno = EFBIG;
            return -1;
        }
        secret->length += (size_t)n;
    }
}

enum ks_err
secret_read(int fd, size_t capacity, struct secret **ret,
            struct err_cause *cause)
{
    struct secret *secret = NULL;
    enum ks_err rc = secret_new(capacity, &secret);

    if (rc != KS_OK)
        return err_set(cause, rc, "%zu bytes for a secret", capacity);
    if (fill(secret, fd) != 0) {
        int why = errno;

        rc = err_set_errno(cause, KS_ERR_FILE_READ, "read");
        secret_free(&secret);
        errno = why;
        return rc;
    }
    *ret = secret;
    return KS_OK;
}

enum ks_err
secret_seal(const struct secret *secret, int memfd, struct err_cause *cause)
{
    for (size_t done = 0; done < secret->length;) {
        ssize_t n = pwrite(memfd, secret->bytes + done, secret->length - done,
                           (off_t)done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set_errno(cause, KS_ERR_INTERNAL, "write to a memfd");
        done += (size_t)n;
    }
    if (!sealed_make(memfd))
        return err_set_errno(cause, KS_ERR_INTERNAL, "seal a memfd");
    return KS_OK;
}

enum ks_err
secret_read_sealed(int memfd, size_t capacity, struct secret **ret,
                   struct err_cause *cause)
{
    if (!sealed_is(memfd))
        return err_set(cause, KS_ERR_INTERNAL,
                       "what should be a sealed memfd is none");
    if (lseek(memfd, 0, SEEK_SET) != 0)
        return err_set_errno(cause, KS_ERR_INTERNAL, "rewind a memfd");
    return secret_read(memfd, capacity, ret, cause);
}
