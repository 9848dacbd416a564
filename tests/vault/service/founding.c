/* SPDX-License-Identifier: Apache-2.0 */
/* Done by `vaultctl start`, before vaultd runs.  The key of the authority for
 * TLS signs one certificate and is forgotten. */
#include "tests/vault/service/founding.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/person.h"
#include "tests/vault/service/pki.h"
#include "tests/vault/service/store.h"

#define DAY (24 * 60 * 60)

/* Clients check the TLS certificate by real time, not by the vault's clock. */
static bool
make_server(const struct place *place)
{
    int64_t now = (int64_t)time(NULL);
    struct pki_plan ca = {.common_name = "Vault test service CA",
                          .authority = true,
                          .from = now - DAY,
                          .to = now + 800 * (int64_t)DAY};
    struct pki_plan server = {.common_name = "localhost",
                              .alternative = "DNS:localhost,IP:127.0.0.1",
                              .usage = "serverAuth",
                              .from = now - DAY,
                              .to = now + 800 * (int64_t)DAY};
    EVP_PKEY *ca_key = pki_key("P-256");
    EVP_PKEY *key = pki_key("P-256");
    X509 *issuer = NULL;
    X509 *certificate = NULL;
    bool done = false;

    if (ca_key != NULL && key != NULL)
        issuer = pki_certificate(&ca, ca_key, NULL, ca_key);
    if (issuer != NULL)
        certificate = pki_certificate(&server, key, issuer, ca_key);
    if (certificate != NULL)
        done = pki_save_key(place->path[PLACE_SERVER_KEY], key) &&
               pki_save_certificate(place->path[PLACE_SERVER], certificate) &&
               pki_save_certificate(place->path[PLACE_CA], issuer);
    X509_free(certificate);
    X509_free(issuer);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    return done;
}

/* An authority of COMMON_NAME in two files.  Ten years either way: the vault's
 * clock may be set back. */
static bool
make_authority(const char *common_name, const char *certificate_path,
               const char *key_path)
{
    int64_t now = (int64_t)time(NULL);
    struct pki_plan plan = {.common_name = common_name,
                            .authority = true,
                            .from = now - 3650 * (int64_t)DAY,
                            .to = now + 3650 * (int64_t)DAY};
    EVP_PKEY *key = pki_key("P-256");
    X509 *certificate = key != NULL ? pki_certificate(&plan, key, NULL, key)
                                    : NULL;
    bool done = certificate != NULL && pki_save_key(key_path, key) &&
                pki_save_certificate(certificate_path, certificate);

    X509_free(certificate);
    EVP_PKEY_free(key);
    return done;
}

static bool
make_machine_ca(const struct place *place)
{
    return make_authority("Vault machine CA", place->path[PLACE_MACHINE_CA],
                          place->path[PLACE_MACHINE_CA_KEY]);
}

/* Strangers trust it for what it says about TPMs, and are not to trust the
 * machines' certificates by that.  A service that was founded before it had one
 * gets one at its next start. */
static bool
make_attestation_ca(const struct place *place)
{
    return access(place->path[PLACE_ATTESTATION_CA], F_OK) == 0 ||
           make_authority("Vault attestation CA",
                          place->path[PLACE_ATTESTATION_CA],
                          place->path[PLACE_ATTESTATION_CA_KEY]);
}

static bool
make_token_key(const struct place *place)
{
    EVP_PKEY *key = pki_key("P-256");
    bool done = key != NULL && pki_save_key(place->path[PLACE_TOKEN_KEY], key);

    EVP_PKEY_free(key);
    return done;
}

static bool
make_person(const struct place *place, struct store *store)
{
    uint8_t bytes[16];
    char password[2 * sizeof bytes + 1];
    int fd = open(place->path[PLACE_PASSWORD],
                  O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool done = false;

    if (fd < 0)
        return fault("%s: %m", place->path[PLACE_PASSWORD]);
    if (RAND_bytes(bytes, sizeof bytes) == 1) {
        encoding_hex(bytes, sizeof bytes, password);
        done = person_set(store, FOUNDING_USER, password) &&
               dprintf(fd, "%s\n", password) > 0;
        OPENSSL_cleanse(password, sizeof password);
    }
    return close(fd) == 0 && done ? true : fault("the portal's user");
}

static bool
make_tenant(struct store *store)
{
    char tenant[ENCODING_UUID];

    return encoding_uuid(tenant) && store_set(store, "tenant", tenant);
}

bool
founding_make(const struct place *place, struct store *store)
{
    char done[8] = "";

    if (!make_attestation_ca(place))
        return false;
    if (store_get(store, "founded", done, sizeof done))
        return true;
    return make_server(place) && make_machine_ca(place) &&
           make_token_key(place) && make_person(place, store) &&
           make_tenant(store) && store_set(store, "founded", "yes");
}

struct store *
founding_open(const char *directory)
{
    char done[8];
    struct place place;
    struct store *store = NULL;

    if (!place_init(&place, directory))
        return NULL;
    store = store_open(place.path[PLACE_DATABASE]);
    if (store != NULL && !store_get(store, "founded", done, sizeof done)) {
        fault("%s: there is no service in it", directory);
        store_close(&store);
    }
    return store;
}
