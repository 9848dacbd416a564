/* SPDX-License-Identifier: Apache-2.0 */
/* Whole processes that call a server once, both sides proving a key (TLS 1.3):
 * Holdfast's pieces by a key in the TPM, stock OpenSSL with tpm2-openssl by the
 * same key, and curl by the same key from a file.  Fails for counts, never for
 * times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "hsm/tpm2/tpm2.h"
#include "tests/bench/bench_measure.h"
#include "tests/bench/bench_server.h"
#include "tests/support/samples.h"
#include "tests/support/store_fixture.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/rig_process.h"
#include "tests/support/tpm2/abrmd.h"
#include "tests/support/tpm2/tap.h"

#define ARENA (256 * 1024)
#define PATH_SIZE 160
#define WORDS_MAX 32
#define COMMANDS_MAX 10 /* 7 to the first signature, 3 to clear up after it */

/* A key of both worlds, and what its clients are told. */
static struct kind {
    const char *name;
    enum sample_name sample;
    const char *id;
    char certificate[PATH_SIZE];
    char software[PATH_SIZE]; /* the key as plain PEM */
    char wrapped[PATH_SIZE];  /* as the TPM's */
    char password[PATH_SIZE]; /* its authorisation value */
} kinds[] = {
    {.name = "RSA-2048",
     .sample = RSA_2048,
     .id = "01000000000000000000000000000000"},
    {.name = "P-256",
     .sample = P_256,
     .id = "02000000000000000000000000000000"},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static struct store_fixture *fixture;
static struct abrmd *abrmd;
static struct tap *tap;
static struct rig_run run;
static char authority[PATH_SIZE], uri[PATH_SIZE], url[64], keys[PATH_SIZE],
    address[32], pass[PATH_SIZE + 8];

static void
clean_up(void)
{
    abrmd_free(&abrmd);
    tap_free(&tap);
    samples_free();
    store_fixture_free(&fixture);
}

static void
in_directory(char ret[static PATH_SIZE], const char *below, const char *name,
             const char *suffix)
{
    (void)snprintf(ret, PATH_SIZE, "%s/%s%s%s",
                   store_fixture_directory(fixture), below, name, suffix);
}

static X509 *
make_certificate(EVP_PKEY *key, const char *path)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_EXTENSION *names = X509V3_EXT_nconf_nid(
        NULL, NULL, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    FILE *file = fopen(path, "we");

    (void)X509_set_version(certificate, X509_VERSION_3);
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     (const unsigned char *)path, -1, -1, 0);
    (void)X509_set_issuer_name(certificate, name);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    bench_require(file != NULL && X509_set_pubkey(certificate, key) == 1 &&
                      X509_add_ext(certificate, names, -1) == 1 &&
                      X509_sign(certificate, key, EVP_sha256()) > 0 &&
                      PEM_write_X509(file, certificate) == 1 &&
                      fclose(file) == 0,
                  "certificate");
    X509_EXTENSION_free(names);
    return certificate;
}

/* Into the TPM, and into a file for curl. */
static void
import(struct keystore *store, struct kind *kind, uint8_t number)
{
    const uint8_t id[KEYSTORE_ID_LENGTH] = {number};
    struct keystore_key *key = NULL;

    bench_require(
        keystore_import(store, id, "bench", &sample(kind->sample)->material,
                        sample(kind->sample)->public, &key, NULL) == KS_OK,
        "keystore_import");
    keystore_key_free(&key);
    in_directory(kind->wrapped, "keys/", kind->id, ".pem");
    in_directory(kind->password, "keys/", kind->id, ".auth");
}

static X509 *
make_client(struct kind *kind)
{
    const struct secret *pkcs8 = sample(kind->sample)->pkcs8;
    const uint8_t *p = secret_bytes(pkcs8);
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, (long)secret_length(pkcs8));
    X509 *certificate;
    FILE *file;

    in_directory(kind->certificate, "", kind->name, ".crt");
    in_directory(kind->software, "", kind->name, ".key");
    file = fopen(kind->software, "we");
    bench_require(
        file != NULL && key != NULL &&
            PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 &&
            fclose(file) == 0,
        "key file");
    certificate = make_certificate(key, kind->certificate);
    EVP_PKEY_free(key);
    return certificate;
}

static void
start_server(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *clients[KINDS], *certificate;
    unsigned port;

    for (size_t i = 0; i < KINDS; i++)
        clients[i] = make_client(&kinds[i]);
    in_directory(authority, "", "server", ".crt");
    certificate = make_certificate(key, authority);
    port = bench_server_start(certificate, key, clients, KINDS);
    (void)snprintf(url, sizeof url, "https://localhost:%u/", port);
    (void)snprintf(address, sizeof address, "localhost:%u", port);
    for (size_t i = 0; i < KINDS; i++)
        X509_free(clients[i]);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void
set_up(void)
{
    static const struct keystore_ops *const backends[] = {&hsm_tpm2_ops, NULL};
    struct keystore_config config = {.allow_emulation = true};
    struct keystore *store = NULL;

    bench_require(secret_init(ARENA, NULL) == KS_OK, "memory");
    fixture = store_fixture_new("tpm2");
    bench_require(fixture != NULL, "TPM");
    in_directory(keys, "", "keys", "");
    config.uri = store_fixture_uri(fixture);
    config.keys_fd = store_fixture_keys(fixture);
    bench_require(keystore_open(backends, &config, &store, NULL) == KS_OK,
                  "keystore_open");
    for (size_t i = 0; i < KINDS; i++) {
        bench_require(sample_make(kinds[i].sample) == 0, "sample key");
        import(store, &kinds[i], (uint8_t)(i + 1));
    }
    keystore_close(&store);
    start_server();
}

/* A way to be a client: words of its command, with the kind's files for what
 * begins with '@'. */
struct client {
    const char *name;
    const char *words[WORDS_MAX];
};

#define OURS(transport)                                                        \
    {                                                                          \
        BENCH_CLIENT, transport, keys, "@id", "@certificate", authority, url   \
    }
#define STOCK                                                                  \
    {                                                                          \
        OPENSSL, "s_client", "-provider", "tpm2", "-provider", "default",      \
            "-propquery", "?provider=tpm2", "-connect", address, "-cert",      \
            "@certificate", "-key", "@wrapped", "-pass", "@password",          \
            "-CAfile", authority, "-verify_return_error", "-tls1_3", "-quiet", \
            "-ign_eof"                                                         \
    }
#define CURL_BY_FILE                                                           \
    {                                                                          \
        CURL, "--silent", "--tlsv1.3", "--cacert", authority, "--cert",        \
            "@certificate", "--key", "@software", url                          \
    }

enum { DIRECT = 0, MANAGED, STOCK_TPM, SOFTWARE, CLIENTS };
static const struct client clients[CLIENTS] = {
    [DIRECT] = {"Holdfast's pieces, socket", OURS(uri)},
    [MANAGED] = {"Holdfast's pieces, abrmd", OURS("tpm2:tabrmd")},
    [STOCK_TPM] = {"s_client, tpm2-openssl, abrmd", STOCK},
    [SOFTWARE] = {"curl, PEM key", CURL_BY_FILE},
};

static const char *
word_of(const struct kind *kind, const char *word)
{
    if (strcmp(word, "@id") == 0)
        return kind->id;
    if (strcmp(word, "@certificate") == 0)
        return kind->certificate;
    if (strcmp(word, "@wrapped") == 0)
        return kind->wrapped;
    if (strcmp(word, "@software") == 0)
        return kind->software;
    if (strcmp(word, "@password") == 0)
        return pass;
    return word;
}

/* One whole process, in seconds. */
static double
call(const struct client *client, const struct kind *kind)
{
    const char *argv[WORDS_MAX + 1] = {NULL};
    double start;

    (void)snprintf(pass, sizeof pass, "file:%s", kind->password);
    for (size_t i = 0; i < WORDS_MAX && client->words[i] != NULL; i++)
        argv[i] = word_of(kind, client->words[i]);
    start = bench_now();
    rig_run(&run, argv);
    start = bench_now() - start;
    if (run.status != 0 || strstr(run.out, BENCH_SERVER_ANSWER) == NULL)
        (void)fprintf(stderr, "%s%s", run.out, run.err);
    bench_require(run.status == 0 &&
                      strstr(run.out, BENCH_SERVER_ANSWER) != NULL,
                  client->name);
    return start;
}

static void
compare(const struct kind *kind)
{
    double times[CLIENTS][BENCH_ROUNDS], ratios[CLIENTS][BENCH_ROUNDS];

    for (size_t i = 0; i < CLIENTS; i++)
        (void)call(&clients[i], kind); /* files are in memory from here on */
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (size_t i = 0; i < CLIENTS; i++)
            times[i][round] = call(&clients[i], kind);
        for (size_t i = 0; i < CLIENTS; i++)
            ratios[i][round] = times[i][round] / times[STOCK_TPM][round];
    }
    for (size_t i = 0; i < CLIENTS; i++)
        (void)printf("%-10s %-30s %8.1f %8.2f\n", kind->name, clients[i].name,
                     1000 * bench_median(times[i], BENCH_ROUNDS),
                     bench_median(ratios[i], BENCH_ROUNDS));
}

/* The resource manager's own commands among them. */
static void
count(const struct kind *kind)
{
    unsigned commands[CLIENTS];

    for (size_t i = 0; i < CLIENTS; i++) {
        tap_reset(tap);
        (void)call(&clients[i], kind);
        commands[i] = tap_count(tap, 0);
        (void)printf("%-10s %-30s %8u\n", kind->name, clients[i].name,
                     commands[i]);
    }
    bench_require(commands[DIRECT] <= COMMANDS_MAX, "few commands");
    bench_require(commands[SOFTWARE] == 0, "none for a key in a file");
}

static void
start_abrmd(const char *tpm, const char *name)
{
    char directory[PATH_SIZE];

    in_directory(directory, "", name, "");
    bench_require(mkdir(directory, S_IRWXU) == 0, "directory");
    abrmd = abrmd_new(tpm, directory);
    bench_require(abrmd != NULL, "tpm2-abrmd");
}

static void
time_all(const char *tpm)
{
    start_abrmd(tpm, "timed");
    (void)snprintf(uri, sizeof uri, "tpm2:swtpm=%s", tpm);
    (void)printf("whole process, TLS 1.3 with both keys, median of %d, ms\n"
                 "%-10s %-30s %8s %8s\n",
                 BENCH_ROUNDS, "", "", "", "ratio");
    for (size_t i = 0; i < KINDS; i++)
        compare(&kinds[i]);
    abrmd_free(&abrmd);
}

int
main(int argc, char **argv)
{
    const char *tpm;

    (void)atexit(clean_up);
    (void)setenv("TPM2OPENSSL_TCTI", "tabrmd", 1);
    (void)setenv("TSS2_LOG", "all+none", 1);
    set_up();
    tpm = swtpm_socket(store_fixture_swtpm(fixture));
    if (!bench_counts_alone(argc, argv))
        time_all(tpm);

    tap = tap_new(tpm, store_fixture_directory(fixture));
    bench_require(tap != NULL, "tap");
    start_abrmd(tap_socket(tap), "counted");
    (void)snprintf(uri, sizeof uri, "tpm2:swtpm=%s", tap_socket(tap));
    (void)printf("\nTPM commands of one\n");
    for (size_t i = 0; i < KINDS; i++)
        count(&kinds[i]);
    return 0;
}
