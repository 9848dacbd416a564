/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TLS 1.3 handshake by a key on the token, and one call to the vault, from
 * the first process to the last: Holdfast's helpers beside curl with libp11's
 * engine, taking turns, with the same key, certificate, server and answer.
 * Fails for calls that fail, never for times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench_measure.h"
#include "tests/support/rig.h"

#define ROUNDS 15
#define OTHER_KEYS 100

static struct rig rig;
static struct rig_run run;
static char machine[64];

/* One side, and what its runs took. */
struct side {
    const char *name;
    const char *const *argv;
    double wall[ROUNDS];
    double cpu[ROUNDS];
    long memory; /* of its largest process, in kilobytes */
};

static double
seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* The whole tree: a parent's usage has that of the children it waited for. */
static void
run_once(struct side *side, unsigned round)
{
    struct rusage usage;
    char out[4096];
    size_t length = 0;
    ssize_t n;
    int fds[2];
    int status = -1;
    double start;
    pid_t pid;

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    start = bench_now();
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(fds[1], STDOUT_FILENO) == STDOUT_FILENO)
            execv(side->argv[0], (char *const *)(uintptr_t)side->argv);
        _exit(127);
    }
    close(fds[1]);
    while ((n = read(fds[0], out + length, sizeof out - 1 - length)) > 0)
        length += (size_t)n;
    out[length] = '\0';
    close(fds[0]);
    assert_int_equal(wait4(pid, &status, 0, &usage), pid);
    side->wall[round] = bench_now() - start;
    side->cpu[round] = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
    if (usage.ru_maxrss > side->memory)
        side->memory = usage.ru_maxrss;
    if (status != 0 || strstr(out, machine) == NULL)
        fail_msg("%s: status %d: %s", side->name, status, out);
}

static double
median(const double values[static ROUNDS])
{
    double sorted[ROUNDS];

    memcpy(sorted, values, sizeof sorted); /* each is one of a pair */
    return bench_median(sorted, ROUNDS);
}

static double
median_ratio(const double one[static ROUNDS], const double other[static ROUNDS])
{
    double ratios[ROUNDS];

    for (size_t i = 0; i < ROUNDS; i++)
        ratios[i] = one[i] / other[i];
    return median(ratios);
}

static void
copy_text(json_t *state, const char *key, char *ret, size_t size)
{
    const char *text = json_string_value(json_object_get(state, key));

    assert_non_null(text);
    assert_true((size_t)snprintf(ret, size, "%s", text) < size);
}

/* The machine's certificate as a file, its key as the engine's URI, and the
 * vault's address, from the state. */
static void
prepare_curl(char *certificate, size_t size, char uri[static 320],
             char url[static 320])
{
    char path[RIG_PATH + 16];
    char text[8192];
    char id[40];
    char *content;
    json_t *state;

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    content = rig_read(path, NULL);
    state = json_loads(content, 0, NULL);
    assert_non_null(state);
    copy_text(state, "machine", machine, sizeof machine);
    copy_text(state, "machine_certificate", text, sizeof text);
    copy_text(state, "machine_key_id", id, sizeof id);
    copy_text(state, "endpoint", url, 300);
    (void)strcat(url, "machines/self");
    snprintf(certificate, size, "%s/machine.pem", rig.directory);
    rig_write(certificate, text, strlen(text));
    snprintf(uri, 320, "pkcs11:token=rig;id=");
    for (size_t i = 0; id[i] != '\0'; i += 2)
        snprintf(uri + strlen(uri), 8, "%%%.2s", id + i);
    (void)strcat(uri, ";type=private?pin-value=" RIG_PIN);
    json_decref(state);
    free(content);
}

static void
report(const struct side *ours, const struct side *curl)
{
    const struct side *const sides[] = {ours, curl};

    print_message("%-24s %9s %9s %12s\n", "", "wall ms", "CPU ms",
                  "largest kB");
    for (size_t i = 0; i < 2; i++)
        print_message("%-24s %9.1f %9.1f %12ld\n", sides[i]->name,
                      1e3 * median(sides[i]->wall), 1e3 * median(sides[i]->cpu),
                      sides[i]->memory);
    print_message("%-24s %9.2f %9.2f\n", "ratio, median of rounds",
                  median_ratio(ours->wall, curl->wall),
                  median_ratio(ours->cpu, curl->cpu));
}

/* Keys of somebody else's. */
static void
add_keys(void)
{
    char id[8];
    const char *argv[] = {"/usr/bin/pkcs11-tool",
                          "--module",
                          SOFTHSM_MODULE,
                          "--token-label",
                          "rig",
                          "--login",
                          "--pin",
                          RIG_PIN,
                          "--keypairgen",
                          "--key-type",
                          "EC:prime256v1",
                          "--id",
                          id,
                          NULL};

    for (unsigned i = 0; i < OTHER_KEYS; i++) {
        snprintf(id, sizeof id, "%04x", i);
        rig_run(&run, argv);
        rig_expect(&run, 0, "");
    }
}

static void
compare_sides(struct side *ours, struct side *curl, unsigned others)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        run_once(ours, i);
        run_once(curl, i);
    }
    print_message("%u other keys on the token\n", others);
    report(ours, curl);
}

static void
handshake_beside_curl(void **state)
{
    char file[RIG_PATH];
    char once[RIG_PATH + 32];
    char certificate[RIG_PATH + 16];
    char uri[320];
    char url[320];
    const char *copy[] = {"/bin/cp", HANDSHAKE_ONCE, once, NULL};
    const char *ours_argv[] = {once, rig.state, RIG_PIN, NULL};
    const char *curl_argv[] = {"/usr/bin/curl",
                               "--silent",
                               "--fail",
                               "--engine",
                               "pkcs11",
                               "--key-type",
                               "ENG",
                               "--key",
                               uri,
                               "--cert",
                               certificate,
                               "--cacert",
                               rig.ca_file,
                               "--tlsv1.3",
                               "--noproxy",
                               "*",
                               url,
                               NULL};
    struct side ours = {.name = "holdfast's helpers", .argv = ours_argv};
    struct side curl = {.name = "curl --engine pkcs11", .argv = curl_argv};

    (void)state;
    rig_start(&rig, "pkcs11");
    rig_use_net(&rig, NULL); /* a tree of programs to stand in */
    snprintf(once, sizeof once, "%s/handshake_once", rig.bin);
    rig_run(&run, copy);
    rig_expect(&run, 0, "");
    rig_download(&rig, "one", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    prepare_curl(certificate, sizeof certificate, uri, url);
    assert_int_equal(setenv("PKCS11_MODULE_PATH", SOFTHSM_MODULE, 1), 0);
    compare_sides(&ours, &curl, 0);
    add_keys();
    compare_sides(&ours, &curl, OTHER_KEYS);
    rig_stop(&rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshake_beside_curl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
