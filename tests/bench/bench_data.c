/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the relay costs: 300 MB backed up and restored by `holdfast backup` and
 * `restore`, beside restic on plain HTTP over the loopback to the same vaultd.
 * The plain side has an nginx of its own without TLS, which tells vaultd the
 * machine's certificate: both lead to the same repository, because what restic
 * spends on a passphrase differs from one repository to the next.  It takes
 * 6 GB in TMPDIR.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench_measure.h"
#include "tests/support/rig_data.h"

#define ROUNDS 9
#define MEGABYTES "300"
#define GOAL 0.8

static struct rig rig;
static struct rig_run run;
static pid_t nginx;
static unsigned port;

/* The machine's certificate as $ssl_client_escaped_cert has it. */
static void
write_escaped_certificate(FILE *file)
{
    char path[RIG_PATH + 16];
    json_t *state;
    const char *text;

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    state = json_load_file(path, 0, NULL);
    text = json_string_value(json_object_get(state, "machine_certificate"));
    assert_non_null(text);
    for (; *text != '\0'; text++)
        if (isalnum((unsigned char)*text))
            fputc(*text, file);
        else
            fprintf(file, "%%%02X", (unsigned char)*text);
    json_decref(state);
}

static void
write_configuration(const char *path)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fprintf(file,
            "%sworker_processes 1; daemon off; pid %s/plain.pid; "
            "error_log %s/plain.log;\nevents {}\nhttp { access_log off; "
            "client_body_temp_path %s/plain; proxy_temp_path %s/plain; "
            "fastcgi_temp_path %s/plain; uwsgi_temp_path %s/plain; "
            "scgi_temp_path %s/plain;\n"
            "server { listen 127.0.0.1:%u; client_max_body_size 257m; "
            "keepalive_requests 1000000; proxy_http_version 1.1; "
            "proxy_request_buffering off; client_body_buffer_size 512k; "
            "proxy_buffers 8 128k; proxy_buffer_size 128k; "
            "proxy_max_temp_file_size 0; location / { "
            "proxy_pass http://unix:%s/vaultd.sock:; "
            "proxy_set_header Vault-Connection 1; "
            "proxy_set_header Vault-Certificate \"",
            geteuid() == 0 ? "user root; " : "", rig.directory, rig.directory,
            rig.directory, rig.directory, rig.directory, rig.directory,
            rig.directory, port, rig.vault);
    write_escaped_certificate(file);
    fprintf(file, "\"; } } }\n");
    assert_int_equal(fclose(file), 0);
}

/* As vaultctl does it: nginx inherits the socket, and nobody can take the port
 * in between. */
static void
start_plain_nginx(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    char path[RIG_PATH + 16], sockets[32];

    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 128), 0);
    assert_int_equal(
        getsockname(listener, (struct sockaddr *)&address, &length), 0);
    port = ntohs(address.sin_port);
    snprintf(path, sizeof path, "%s/plain.conf", rig.directory);
    write_configuration(path);
    snprintf(sockets, sizeof sockets, "NGINX=%d;", listener);
    nginx = fork();
    assert_true(nginx >= 0);
    if (nginx == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)execle("/usr/sbin/nginx", "nginx", "-c", path, "-e",
                     "/dev/stderr", (char *)NULL, (char *[]){sockets, NULL});
        _exit(127);
    }
    close(listener);
}

static int
start(void **state)
{
    (void)state;
    rig_start(&rig, "soft");
    rig_data_prepare(&rig);
    start_plain_nginx();
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    kill(nginx, SIGTERM);
    waitpid(nginx, NULL, 0);
    rig_stop(&rig);
    return 0;
}

/* Of all programs that were run here and are over: the vault's are not. */
static double
processor(void)
{
    struct rusage usage;

    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct cost {
    double seconds;
    double processor;
};

static struct cost
cost_so_far(void)
{
    return (struct cost){bench_now(), processor()};
}

static struct cost
cost_since(struct cost before)
{
    return (struct cost){bench_now() - before.seconds,
                         processor() - before.processor};
}

static void
shell(const char *script)
{
    const char *argv[] = {"/bin/sh", "-euc", script, "sh", rig.directory, NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

/* restic's WORD and what follows, on the plain side; seconds. */
static struct cost
restic(const char *word, const char *option, const char *value,
       const char *last)
{
    char url[64], cache[RIG_PATH + 16];
    const char *argv[] = {"/usr/bin/restic",
                          "-q",
                          "-r",
                          url,
                          "--password-file",
                          rig.passphrase,
                          "--cache-dir",
                          cache,
                          word,
                          option,
                          value,
                          last,
                          NULL};
    struct cost before = cost_so_far();

    snprintf(url, sizeof url, "rest:http://127.0.0.1:%u/", port);
    snprintf(cache, sizeof cache, "%s/cache", rig.directory);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    return cost_since(before);
}

static struct cost
holdfast(const char *command, const char *option, const char *value,
         const char *last)
{
    struct cost before = cost_so_far();

    rig_holdfast(&rig, &run, command, option, value, last, NULL);
    rig_expect(&run, 0, "");
    return cost_since(before);
}

/* What both sides took for one thing in each round. */
struct times {
    const char *what;
    struct cost plain[ROUNDS];
    struct cost relay[ROUNDS];
};

/* Back up by one side.  New noise each time: what is there already would not be
 * sent. */
static struct cost
back_up(bool by_relay)
{
    shell("cd \"$1/source\"; head -c " MEGABYTES "000000 /dev/urandom >noise; "
          "sync");
    return by_relay ? holdfast("backup", "--exclude", "none", rig.source)
                    : restic("backup", "--exclude", "none", rig.source);
}

/* Restore by one side; nothing of it is left for the other to bear. */
static struct cost
restore(bool by_relay)
{
    char target[RIG_PATH + 8];
    struct cost cost;

    snprintf(target, sizeof target, "%s/r", rig.directory);
    cost = by_relay ? holdfast("restore", "--target", target, "latest")
                    : restic("restore", "--target", target, "latest");
    shell("diff -r --no-dereference \"$1/r$1/source\" \"$1/source\"; "
          "rm -rf \"$1/r\"");
    return cost;
}

/* The sides take turns in going first. */
static void
run_both(struct times *times, int round, struct cost (*go)(bool by_relay))
{
    for (int i = 0; i < 2; i++) {
        bool by_relay = (round + i) % 2 != 0;

        shell("sync");
        (by_relay ? times->relay : times->plain)[round] = go(by_relay);
    }
    printf("%-8s plain HTTP %5.2f s (processor %5.2f), relay %5.2f s (%5.2f)\n",
           times->what, times->plain[round].seconds,
           times->plain[round].processor, times->relay[round].seconds,
           times->relay[round].processor);
}

static double
median_ratio(const struct times *times)
{
    double ratios[ROUNDS];

    for (size_t i = 0; i < ROUNDS; i++)
        ratios[i] = times->plain[i].seconds / times->relay[i].seconds;
    return bench_median(ratios, ROUNDS);
}

static void
relay_beside_plain_http(void **state)
{
    struct times backups = {.what = "backup"}, restores = {.what = "restore"};

    (void)state;
    rig_data_back_up(&rig); /* makes the repository */
    for (int i = 0; i < ROUNDS; i++) {
        run_both(&backups, i, back_up);
        run_both(&restores, i, restore);
    }
    printf("%s MB through the relay, medians of %d rounds: backup %.2f, "
           "restore %.2f of plain HTTP's rate (goal %.2f)\n",
           MEGABYTES, ROUNDS, median_ratio(&backups), median_ratio(&restores),
           GOAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(relay_beside_plain_http, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
