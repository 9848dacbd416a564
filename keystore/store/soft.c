/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store without a token: one unencrypted PKCS#8 file for each key in a
 * directory of the caller's.  An emulation for tests and demonstrations, and
 * says so everywhere: whoever reads the files has the keys, and unlinking one
 * does not erase it.  A private key is in memory only while it is made or
 * signs.
 */
#include "keystore/store/backend.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "keystore/base/hex.h"
#include "keystore/store/prove.h"
#include "keystore/store/key_file.h"
#include "keystore/store/soft_pkcs8.h"
#include "keystore/store/soft_serial.h"
#include "keystore/store/soft_sign.h"

#define FILE_NAME_SIZE (2 * KEYSTORE_ID_LENGTH + sizeof ".key")

struct soft {
    struct keystore store; /* first: the dispatcher's part */
    int directory;
};

struct soft_key {
    struct keystore_key key; /* first: the dispatcher's part */
    char name[FILE_NAME_SIZE];
};

static void
file_name(char ret[static FILE_NAME_SIZE], const uint8_t *id)
{
    hex_write(ret, id, KEYSTORE_ID_LENGTH);
    memcpy(ret + 2 * KEYSTORE_ID_LENGTH, ".key", sizeof ".key");
}

static enum ks_err
open_directory(const struct keystore_config *config, int *ret,
               struct err_cause *cause)
{
    const char *path = config->uri + strlen("soft:");
    int fd;

    if (path[0] == '\0' && config->keys_fd >= 0)
        fd = fcntl(config->keys_fd, F_DUPFD_CLOEXEC, 0);
    else if (path[0] == '/')
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    else
        return err_set(cause, KS_ERR_TOKEN_URI,
                       "soft: wants an absolute directory or a state");
    if (fd < 0)
        return err_set_errno(cause, KS_ERR_TOKEN_MISSING, "key directory");
    *ret = fd;
    return KS_OK;
}

static void
close_store(struct keystore *ks)
{
    struct soft *soft = (struct soft *)ks;

    if (soft->directory >= 0)
        (void)close(soft->directory);
    free(soft);
}

static enum ks_err
open_store(const struct keystore_config *config, struct keystore **ret,
           struct err_cause *cause)
{
    struct soft *soft = calloc(1, sizeof *soft);
    enum ks_err rc;

    if (soft == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    soft->directory = -1;
    soft->store.ops = &keystore_soft_ops;
    soft->store.info = (struct keystore_info){.kind = &keystore_kind_soft,
                                              .emulated = true,
                                              .label = "software emulation",
                                              .maker = "Holdfast",
                                              .model = "soft"};
    rc = open_directory(config, &soft->directory, cause);
    if (rc == KS_OK)
        rc = key_file_check_directory(soft->directory, cause);
    if (rc == KS_OK)
        rc = soft_serial_read(soft->directory, soft->store.info.serial, cause);
    if (rc == KS_OK && config->serial != NULL &&
        strcmp(config->serial, soft->store.info.serial) != 0)
        rc = err_set(cause, KS_ERR_TOKEN_OTHER, "its serial number is %s",
                     soft->store.info.serial);
    if (rc != KS_OK) {
        close_store(&soft->store);
        return rc;
    }
    *ret = &soft->store;
    return KS_OK;
}

/* The private key in the file NAME, which the caller frees. */
static enum ks_err
load(struct soft *soft, const char *name, EVP_PKEY **ret,
     enum keystore_origin *ret_origin, struct err_cause *cause)
{
    struct secret *bytes = NULL;
    enum ks_err rc = key_file_read(soft->directory, name, MATERIAL_MAX, &bytes,
                                   cause);

    if (rc == KS_OK)
        rc = soft_pkcs8_decode(bytes, ret, ret_origin, cause);
    secret_free(&bytes);
    return rc;
}

/* The private half of KEY, as its file has it now. */
static enum ks_err
load_own(const struct keystore_key *key, EVP_PKEY **ret,
         enum keystore_origin *ret_origin, struct err_cause *cause)
{
    const struct soft_key *own = (const struct soft_key *)key;
    EVP_PKEY *private = NULL;
    enum ks_err rc = load((struct soft *)key->ks, own->name, &private,
                          ret_origin, cause);

    if (rc != KS_OK)
        return rc;
    /* Removed since, and its id given to another. */
    if (EVP_PKEY_eq(private, key->public) != 1) {
        EVP_PKEY_free(private);
        return err_set(cause, KS_ERR_KEY_MISSING, "its id is another key's");
    }
    *ret = private;
    return KS_OK;
}

static enum ks_err
store(struct soft *soft, const struct keystore_new_key *wanted, EVP_PKEY *key,
      struct err_cause *cause)
{
    char name[FILE_NAME_SIZE];
    struct secret *bytes = NULL;
    enum ks_err rc = soft_pkcs8_encode(
        key, wanted->label,
        wanted->material != NULL ? KEYSTORE_IMPORTED : KEYSTORE_BORN, &bytes,
        cause);

    file_name(name, wanted->id);
    if (rc == KS_OK)
        rc = key_file_write(soft->directory, name, bytes, cause);
    secret_free(&bytes);
    return rc;
}

static void
free_key(struct keystore_key *key)
{
    free(key);
}

static enum ks_err
find_key(struct keystore *ks, const uint8_t *id, EVP_PKEY *public,
         struct keystore_key **ret, struct err_cause *cause)
{
    struct soft_key *key = calloc(1, sizeof *key);
    EVP_PKEY *private = NULL;
    enum keystore_origin origin;
    enum ks_err rc;

    (void)public; /* the dispatcher compares */
    if (key == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    key->key.ks = ks;
    file_name(key->name, id);
    rc = load((struct soft *)ks, key->name, &private, &origin, cause);
    if (rc == KS_OK)
        rc = soft_pkcs8_public(private, &key->key.public, cause);
    EVP_PKEY_free(private);
    if (rc != KS_OK) {
        free_key(&key->key);
        return rc;
    }
    *ret = &key->key;
    return KS_OK;
}

/* Find the key under ID again; it must be PUBLIC's private half. */
static enum ks_err
accept(struct keystore *ks, const uint8_t *id, EVP_PKEY *public,
       struct keystore_key **ret, struct err_cause *cause)
{
    struct keystore_key *key = NULL;
    enum ks_err rc = find_key(ks, id, public, &key, cause);

    if (rc != KS_OK)
        return rc;
    if (EVP_PKEY_eq(key->public, public) != 1)
        rc = err_set(cause, KS_ERR_KEY_OTHER, "nothing was changed");
    else
        rc = prove_key(key, cause);
    if (rc != KS_OK) {
        keystore_key_free(&key);
        return rc;
    }
    *ret = key;
    return KS_OK;
}

/* Store KEY under an id that has none, and see that it came to be. */
static enum ks_err
create(struct keystore *ks, const struct keystore_new_key *wanted,
       EVP_PKEY *key, struct keystore_key **ret, struct err_cause *cause)
{
    struct soft *soft = (struct soft *)ks;
    char name[FILE_NAME_SIZE];
    enum ks_err rc = store(soft, wanted, key, cause);

    if (rc != KS_OK)
        return rc;
    rc = accept(ks, wanted->id, key, ret, cause);
    file_name(name, wanted->id);
    if (rc != KS_OK && key_file_remove(soft->directory, name, NULL) != KS_OK)
        return err_set(cause, rc, "a broken key file could not be removed");
    return rc;
}

static enum ks_err
import_key(struct keystore *ks, const struct keystore_new_key *wanted,
           struct keystore_key **ret, struct err_cause *cause)
{
    EVP_PKEY *private = NULL;
    enum ks_err rc = accept(ks, wanted->id, wanted->public, ret, cause);

    if (rc != KS_ERR_KEY_MISSING)
        return rc;
    rc = soft_pkcs8_join(wanted->material, wanted->public, &private, cause);
    if (rc == KS_OK)
        rc = create(ks, wanted, private, ret, cause);
    EVP_PKEY_free(private);
    return rc;
}

static EVP_PKEY *
make_key(enum material_type type)
{
    return type == MATERIAL_RSA ? EVP_RSA_gen(2048U)
                                : EVP_EC_gen(scheme_key(type)->curve);
}

static enum ks_err
generate_key(struct keystore *ks, const struct keystore_new_key *wanted,
             struct keystore_key **ret, struct err_cause *cause)
{
    struct keystore_key *old = NULL;
    EVP_PKEY *private = NULL;
    enum ks_err rc = find_key(ks, wanted->id, NULL, &old, cause);

    keystore_key_free(&old);
    if (rc == KS_OK)
        return err_set(cause, KS_ERR_KEY_OTHER, "nothing was generated");
    if (rc != KS_ERR_KEY_MISSING)
        return rc;
    private = make_key(wanted->type);
    if (private == NULL)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "generate a key");
    rc = create(ks, wanted, private, ret, cause);
    EVP_PKEY_free(private);
    return rc;
}

static enum ks_err
describe_key(struct keystore_key *key, struct keystore_key_info *ret,
             struct err_cause *cause)
{
    EVP_PKEY *private = NULL;
    enum keystore_origin origin;
    enum ks_err rc = load_own(key, &private, &origin, cause);

    if (rc != KS_OK)
        return rc;
    /* Nothing keeps a file from leaving or from another use. */
    *ret = (struct keystore_key_info){
        .type = scheme_key_type(private),
        .bits = (unsigned)EVP_PKEY_get_bits(private),
        .origin = origin,
        .extractable = true,
        .sensitive = false,
        .sign_only = false,
    };
    EVP_PKEY_free(private);
    return KS_OK;
}

static enum ks_err
sign(struct keystore_key *key, enum keystore_scheme scheme,
     const uint8_t *digest, struct keystore_signature *ret,
     struct err_cause *cause)
{
    EVP_PKEY *private = NULL;
    enum keystore_origin origin;
    enum ks_err rc = load_own(key, &private, &origin, cause);

    if (rc == KS_OK)
        rc = soft_sign(private, scheme, digest, ret, cause);
    EVP_PKEY_free(private);
    return rc;
}

static enum ks_err
remove_key(struct keystore *ks, const uint8_t *id, struct err_cause *cause)
{
    char name[FILE_NAME_SIZE];

    file_name(name, id);
    return key_file_remove(((struct soft *)ks)->directory, name, cause);
}

const struct keystore_ops keystore_soft_ops = {
    .kind = &keystore_kind_soft,
    .open = open_store,
    .import = import_key,
    .generate = generate_key,
    .find = find_key,
    .describe = describe_key,
    .sign = sign,
    .remove = remove_key,
    .key_free = free_key,
    .close = close_store,
};
