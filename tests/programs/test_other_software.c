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

#include "tests/support/store_fixture.h"
#include "tests/programs/engine_key.h"
#include "tests/support/rig.h"

#define ARENA (256 * 1024)
#define OPENSSL "/usr/bin/openssl"
#define CURL "/usr/bin/curl"
#define TOOL "/usr/bin/pkcs11-tool"

static const enum sample_name names[] = {RSA_2048, RSA_4096, P_256, P_384};

#define NAMES (sizeof names / sizeof names[0])

static struct rig_run run;
static struct engine_key key;

static bool
is_rsa(const struct sample *sample)
{
    return sample->type == MATERIAL_RSA;
}

/* Each test has its own key on the one token. */
static int
start(void **state)
{
    engine_key_make(*state, &key);
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
    FILE *file = fopen(engine_key_path("digest"), "we");

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
                          key.id,
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
                          key.id,
                          "--sign",
                          "--input-file",
                          engine_key_path("digest"),
                          "--output-file",
                          engine_key_path("signature"),
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
                            engine_key_path("public.pem"),
                            "-in",
                            engine_key_path("digest"),
                            "-sigfile",
                            engine_key_path("signature"),
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
    const char *sign[] = {OPENSSL,
                          "dgst",
                          "-engine",
                          "pkcs11",
                          "-keyform",
                          "engine",
                          "-sha256",
                          "-sign",
                          key.uri,
                          "-out",
                          engine_key_path("signature"),
                          engine_key_path("public.pem"),
                          NULL};
    const char *verify[] = {OPENSSL,
                            "dgst",
                            "-sha256",
                            "-verify",
                            engine_key_path("public.pem"),
                            "-signature",
                            engine_key_path("signature"),
                            engine_key_path("public.pem"),
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
                          engine_key_path("server.pem"),
                          "-key",
                          engine_key_path("server.key"),
                          "-CAfile",
                          engine_key_path("client.pem"),
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
                          key.uri,
                          "--cert",
                          engine_key_path("client.pem"),
                          "--cacert",
                          engine_key_path("server.pem"),
                          "--noproxy",
                          "*",
                          url,
                          NULL};
    const char *without[] = {
        CURL,        "--silent", "--cacert", engine_key_path("server.pem"),
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
    return engine_key_begin();
}

static int
end(void **state)
{
    (void)state;
    engine_key_end();
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
