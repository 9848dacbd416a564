/* SPDX-License-Identifier: Apache-2.0 */
/* Only public things pass here; a private key has no PEM form in this program.
 */
#include "agent/holdfast/state/pem.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

/* Put what was written to BIO into the state; frees BIO. */
static void
put(struct state *state, enum state_text which, BIO *bio, bool written)
{
    char *text = NULL;

    if (written && BIO_write(bio, "", 1) == 1)
        (void)BIO_get_mem_data(bio, &text);
    state_set_text(state, which, text);
    BIO_free(bio);
}

void
pem_put_certificate(struct state *state, enum state_text which,
                    X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());

    put(state, which, bio,
        bio != NULL && PEM_write_bio_X509(bio, certificate) == 1);
}

void
pem_put_public(struct state *state, enum state_text which, EVP_PKEY *public)
{
    BIO *bio = BIO_new(BIO_s_mem());

    put(state, which, bio,
        bio != NULL && PEM_write_bio_PUBKEY(bio, public) == 1);
}

static BIO *
open_text(const struct state *state, enum state_text which)
{
    return BIO_new_mem_buf(state_text(state, which), -1);
}

X509 *
pem_certificate(const struct state *state, enum state_text which)
{
    BIO *bio = open_text(state, which);
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL)
                                    : NULL;

    BIO_free(bio);
    return certificate;
}

EVP_PKEY *
pem_public(const struct state *state, enum state_text which)
{
    BIO *bio = open_text(state, which);
    EVP_PKEY *public = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL)
                                   : NULL;

    BIO_free(bio);
    return public;
}

static unsigned char *
take_der(const struct state *state, enum state_text which, const char *called,
         size_t *ret_length)
{
    BIO *bio = open_text(state, which);
    unsigned char *der = NULL;
    char *name = NULL;
    char *header = NULL;
    long length = 0;

    if (bio != NULL && PEM_read_bio(bio, &name, &header, &der, &length) == 1 &&
        strcmp(name, called) != 0) {
        OPENSSL_free(der);
        der = NULL;
    }
    *ret_length = (size_t)length;
    OPENSSL_free(name);
    OPENSSL_free(header);
    BIO_free(bio);
    return der;
}

unsigned char *
pem_certificate_der(const struct state *state, enum state_text which,
                    size_t *ret_length)
{
    return take_der(state, which, PEM_STRING_X509, ret_length);
}

unsigned char *
pem_public_der(const struct state *state, enum state_text which,
               size_t *ret_length)
{
    return take_der(state, which, PEM_STRING_PUBLIC, ret_length);
}
