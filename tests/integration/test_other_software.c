/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that Holdfast imported, in the hands of software that knows nothing of
 * Holdfast: pkcs11-tool, openssl and curl, by way of the engine of libp11.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "hsm/pkcs11.h"
#include "tests/contract/samples.h"
#include "tests/contract/store_fixture.h"
#include "tests/integration/rig.h"

#define ARENA (256 * 1024)
#define OPENSSL "/usr/bin/openssl"
#define CURL "/usr/bin/curl"
#define TOOL "/usr/bin/pkcs11-tool"
#define PATH_SIZE 192

static const enum sample_name names[] = {RSA_2048, RSA_4096, P_256, P_384};

#define NAMES (sizeof names / sizeof names[0])

static struct store_fixture *fixture;
static struct rig_run run;
static char uri[320]; /* of the key of this test, for the engine */
static char id_text[2 * KEYSTORE_ID_LENGTH + 1];

/* NAME in the fixture's directory. */
static const char *
inside(const char *name)
{
    static char path[8][PATH_SIZE];
    static unsigned next;
    char *ret = path[next++ % 8];

    snprintf(ret, PATH_SIZE, "%s/%s", store_fixture_directory(fixture), name);
    return ret;
}

static bool
is_rsa(const struct sample *sample)
{
    return sample->type == MATERIAL_RSA;
}

static void
write_public(EVP_PKEY *public)
{
    FILE *file = fopen(inside("public.pem"), "we");

    assert_non_null(file);
    assert_int_equal(PEM_write_PUBKEY(file, public), 1);
    assert_int_equal(fclose(file), 0);
}

/* A certificate for KEY that it signed itself, in NAME. */
static void
write_certificate(const char *name, EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    FILE *file = fopen(inside(name), "we");

    assert_non_null(file);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    assert_int_equal(fclose(file), 0);
    X509_free(certificate);
}

/* The sample as its file would have brought it, for its certificate. */
static void
write_client(const struct sample *sample)
{
    const uint8_t *der = secret_bytes(sample->pkcs8);
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der,
                                       (long)secret_length(sample->pkcs8));

    assert_non_null(key);
    write_certificate("client.pem", key);
    EVP_PKEY_free(key);
}

static void
write_server(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE *file = fopen(inside("server.key"), "we");

    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL),
                     1);
    assert_int_equal(fclose(file), 0);
    write_certificate("server.pem", key);
    EVP_PKEY_free(key);
}

static void
import(const struct sample *sample)
{
    static const struct keystore_ops *const backends[] = {&hsm_pkcs11_ops,
                                                          NULL};
    struct secret *pin = store_fixture_secret(store_fixture_pin("pkcs11"));
    const struct keystore_config config = {.uri = store_fixture_uri(fixture),
                                           .pin = pin,
                                           .keys_fd = -1,
                                           .allow_emulation = true};
    const uint8_t id[KEYSTORE_ID_LENGTH] = {0x4f, (uint8_t)(sample->bits >> 8),
                                            (uint8_t)sample->type};
    struct keystore *store = NULL;
    struct keystore_key *key = NULL;
    size_t length;

    assert_int_equal(keystore_open(backends, &config, &store, NULL), KS_OK);
    assert_int_equal(keystore_import(store, id, sample->name, &sample->material,
                                     sample->public, &key, NULL),
                     KS_OK);
    keystore_key_free(&key);
    keystore_close(&store);
    secret_free(&pin);
    length = (size_t)snprintf(uri, sizeof uri,
                              "pkcs11:token=holdfast%%20contract;id=");
    for (size_t i = 0; i < sizeof id; i++) {
        snprintf(uri + length, sizeof uri - length, "%%%02x", id[i]);
        snprintf(id_text + 2 * i, 3, "%02x", id[i]);
        length += 3;
    }
    snprintf(uri + length, sizeof uri - length, ";type=private?pin-value=%s",
             store_fixture_pin("pkcs11"));
}

/* Each test has its own key on the one token. */
static int
start(void **state)
{
    const struct sample *sample = *state;

    import(sample);
    write_public(sample->public);
    write_client(sample);
    return 0;
}

static void
must(const char *const *argv, const char *says)
{
    rig_run(&run, argv);
    if (run.status != 0 || strstr(run.out, says) == NULL)
        fail_msg("%s %s: %d\n%s%s", argv[0], argv[1], run.status, run.out,
                 run.err);
}

/* The digest of a message, which is what the mechanisms allowed sign. */
static void
write_digest(void)
{
    uint8_t digest[32];
    unsigned length = 0;
    FILE *file = fopen(inside("digest"), "we");

    assert_non_null(file);
    assert_int_equal(
        EVP_Digest("message", 7, digest, &length, EVP_sha256(), NULL), 1);
    assert_int_equal(fwrite(digest, 1, length, file), sizeof digest);
    assert_int_equal(fclose(file), 0);
}

static void
pkcs11_tool_shows_what_was_promised(void **state)
{
    const char *argv[] = {TOOL,
                          "--module",
                          SOFTHSM_MODULE,
                          "--token-label",
                          "holdfast contract",
                          "--login",
                          "--pin",
                          store_fixture_pin("pkcs11"),
                          "--list-objects",
                          "--type",
                          "privkey",
                          "--id",
                          id_text,
                          NULL};

    (void)state;
    must(argv, "Private Key Object");
    assert_non_null(strstr(run.out, "  Usage:      sign\n"));
    assert_non_null(strstr(run.out, "  Access:     sensitive\n"));
}

static void
pkcs11_tool_signs(void **state)
{
    const struct sample *sample = *state;
    const char *sign[] = {TOOL,
                          "--module",
                          SOFTHSM_MODULE,
                          "--token-label",
                          "holdfast contract",
                          "--login",
                          "--pin",
                          store_fixture_pin("pkcs11"),
                          "--id",
                          id_text,
                          "--sign",
                          "--input-file",
                          inside("digest"),
                          "--output-file",
                          inside("signature"),
                          "--mechanism",
                          is_rsa(sample) ? "RSA-PKCS-PSS" : "ECDSA",
                          is_rsa(sample) ? "--hash-algorithm"
                                         : "--signature-format",
                          is_rsa(sample) ? "SHA256" : "openssl",
                          is_rsa(sample) ? "--salt-len" : NULL,
                          "32",
                          NULL};
    const char *verify[] = {OPENSSL,
                            "pkeyutl",
                            "-verify",
                            "-pubin",
                            "-inkey",
                            inside("public.pem"),
                            "-in",
                            inside("digest"),
                            "-sigfile",
                            inside("signature"),
                            "-pkeyopt",
                            "digest:sha256",
                            is_rsa(sample) ? "-pkeyopt" : NULL,
                            "rsa_padding_mode:pss",
                            "-pkeyopt",
                            "rsa_pss_saltlen:32",
                            NULL};

    write_digest();
    must(sign, "");
    must(verify, "Signature Verified Successfully");
}

static void
openssl_signs_by_the_engine(void **state)
{
    const char *sign[] = {
        OPENSSL,    "dgst",   "-engine",           "pkcs11",
        "-keyform", "engine", "-sha256",           "-sign",
        uri,        "-out",   inside("signature"), inside("public.pem"),
        NULL};
    const char *verify[] = {OPENSSL,
                            "dgst",
                            "-sha256",
                            "-verify",
                            inside("public.pem"),
                            "-signature",
                            inside("signature"),
                            inside("public.pem"),
                            NULL};

    (void)state;
    must(sign, "");
    must(verify, "Verified OK");
}

/* A TLS 1.3 server that wants the client's certificate; its port, once it
 * listens. */
static pid_t
start_server(char ret_port[static 8])
{
    const char *argv[] = {OPENSSL,
                          "s_server",
                          "-tls1_3",
                          "-www",
                          "-accept",
                          "0",
                          "-cert",
                          inside("server.pem"),
                          "-key",
                          inside("server.key"),
                          "-CAfile",
                          inside("client.pem"),
                          "-Verify",
                          "1",
                          "-verify_return_error",
                          NULL};
    char line[256];
    FILE *out;
    int fds[2];
    pid_t pid;

    assert_int_equal(pipe(fds), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(fds[1], STDOUT_FILENO) == STDOUT_FILENO)
            execv(argv[0], (char *const *)(const void *)argv);
        _exit(127);
    }
    close(fds[1]);
    out = fdopen(fds[0], "r");
    assert_non_null(out);
    do
        assert_non_null(fgets(line, sizeof line, out));
    while (strncmp(line, "ACCEPT ", 7) != 0);
    line[strcspn(line, "\n")] = '\0';
    snprintf(ret_port, 8, "%s", strrchr(line, ':') + 1);
    fclose(out);
    return pid;
}

static void
curl_connects_by_the_engine(void **state)
{
    char port[8];
    char url[48];
    const char *with[] = {CURL,
                          "--silent",
                          "--show-error",
                          "--engine",
                          "pkcs11",
                          "--key-type",
                          "ENG",
                          "--key",
                          uri,
                          "--cert",
                          inside("client.pem"),
                          "--cacert",
                          inside("server.pem"),
                          "--noproxy",
                          "*",
                          url,
                          NULL};
    const char *without[] = {
        CURL,        "--silent", "--cacert", inside("server.pem"),
        "--noproxy", "*",        url,        NULL};
    pid_t server = start_server(port);

    (void)state;
    snprintf(url, sizeof url, "https://localhost:%s/", port);
    rig_run(&run, without);
    assert_int_not_equal(run.status, 0);
    must(with, "TLSv1.3");
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
}

static int
begin(void **state)
{
    (void)state;
    if (secret_init(ARENA, NULL) != KS_OK ||
        setenv("PKCS11_MODULE_PATH", SOFTHSM_MODULE, 1) != 0)
        return -1;
    for (size_t i = 0; i < NAMES; i++)
        if (sample_make(names[i]) != 0)
            return -1;
    fixture = store_fixture_new("pkcs11");
    if (fixture == NULL)
        return -1;
    write_server();
    return 0;
}

static int
end(void **state)
{
    (void)state;
    store_fixture_free(&fixture);
    samples_free();
    return 0;
}

static const struct {
    const char *name;
    CMUnitTestFunction run;
} cases[] = {
    {"pkcs11_tool_shows_what_was_promised",
     pkcs11_tool_shows_what_was_promised},
    {"pkcs11_tool_signs", pkcs11_tool_signs},
    {"openssl_signs_by_the_engine", openssl_signs_by_the_engine},
    {"curl_connects_by_the_engine", curl_connects_by_the_engine},
};

#define CASES (sizeof cases / sizeof cases[0])

int
main(void)
{
    static char titles[NAMES * CASES][64];
    struct CMUnitTest tests[NAMES * CASES];

    for (size_t i = 0; i < NAMES * CASES; i++) {
        enum sample_name name = names[i / CASES];

        snprintf(titles[i], sizeof titles[i], "%s (%s)", cases[i % CASES].name,
                 sample(name)->name);
        tests[i] = (struct CMUnitTest){titles[i], cases[i % CASES].run, start,
                                       NULL, (void *)(uintptr_t)sample(name)};
    }
    return _cmocka_run_group_tests("other_software", tests, NAMES * CASES,
                                   begin, end);
}
