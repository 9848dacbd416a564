/* SPDX-License-Identifier: Apache-2.0 */
/* A module whose token is behind a network: refused by name without an
 * administrator's line, and with one as far out as the line says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/altered/older_landlock.h"
#include "tests/support/rig_case.h"

#define GREETING "let in" /* as remote.c wants it, with its zero */
#define PORTS 4           /* Landlock's version from which on it knows them */

static pid_t server;
static unsigned port, other_port;

static int
listen_somewhere(unsigned *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, SOMAXCONN), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* The token's door: whoever comes is let in. */
_Noreturn static void
serve(int door)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int fd = accept(door, NULL, NULL);

        if (fd >= 0 && send(fd, GREETING, sizeof GREETING, MSG_NOSIGNAL) < 0)
            _exit(1);
        (void)close(fd);
    }
}

static void
start_servers(void)
{
    char ports[32];
    int door = listen_somewhere(&port);

    /* Nobody accepts: connections wait in its queue. */
    (void)listen_somewhere(&other_port);
    server = fork();
    assert_true(server >= 0);
    if (server == 0)
        serve(door);
    (void)close(door);
    snprintf(ports, sizeof ports, "%u %u\n", port, other_port);
    rig_write(rig_case_inside("ports"), ports, strlen(ports));
}

static int
start(void **state)
{
    (void)rig_case_start(state);
    rig_use_holdfast(&rig, HOLDFAST_NETWORKED);
    rig_use_module(&rig, REMOTE_MODULE);
    start_servers();
    rig_download(&rig, "one", file);
    return 0;
}

static int
stop(void **state)
{
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
    return rig_case_stop(state);
}

static void
allow(const char *words)
{
    char text[512];

    snprintf(text, sizeof text, "# who may go out\n%s %s\n", REMOTE_MODULE,
             words);
    rig_write(rig_case_inside("module-network"), text, strlen(text));
    assert_int_equal(chmod(rig_case_inside("module-network"), 0644), 0);
}

static void
allow_port(const char *more)
{
    char words[64];

    snprintf(words, sizeof words, "tcp:%u %s", port, more);
    allow(words);
}

static void
list_tokens(void)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {program,    "token",       "list",
                          "--module", REMOTE_MODULE, "--allow-emulation",
                          NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
}

/* ATTEMPT came to ERROR (0: it succeeded) in every process that made it. */
static void
expect_attempt(const char *attempt, int error)
{
    static const char *const processes[] = {"holdfast-token",
                                            "holdfast-inspec"};
    char *log = rig_read(rig_case_inside("remote.log"), NULL);
    char line[64];

    for (size_t i = 0; i < sizeof processes / sizeof processes[0]; i++) {
        int made = 0;

        snprintf(line, sizeof line, "%s %s ", processes[i], attempt);
        for (const char *at = log; (at = strstr(at, line)) != NULL; at++) {
            made++;
            if (atoi(at + strlen(line)) != error)
                fail_msg("not %d:\n%s", error, log);
        }
        assert_int_not_equal(made, 0);
    }
    free(log);
}

static void
register_and_leave(void)
{
    (void)unlink(rig_case_inside("remote.log"));
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    rig_download(&rig, "one", file);
}

static void
expect_refused(int status, const char *says)
{
    rig_register(&rig, &run, file);
    rig_expect(&run, status, says);
    assert_true(rig_exists(file));
    list_tokens();
    rig_expect(&run, status, says);
}

static void
confinement_is_named(void **state)
{
    (void)state;
    expect_refused(78, "the PKCS#11 module has no network here: it asked for a "
                       "connection, which its confinement does not allow");
    expect_refused(78, "/etc/holdfast/module-network");
    rig_write(rig_case_inside("module-network"), "/usr/lib/other.so tcp:*\n",
              24);
    expect_refused(78, "the PKCS#11 module has no network here");
}

static bool
knows_ports(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0,
                   LANDLOCK_CREATE_RULESET_VERSION) >= PORTS;
}

static void
module_reaches_its_port_alone(void **state)
{
    (void)state;
    allow_port("");
    if (!knows_ports()) {
        expect_refused(70, "tcp:* in its line");
        return;
    }
    register_and_leave();
    expect_attempt("other-port", EACCES);
    expect_attempt("fast-open", EPERM);
    expect_attempt("datagram", ENOSYS);
    allow_port("udp");
    register_and_leave();
    expect_attempt("other-port", EACCES);
    expect_attempt("datagram", 0);
}

static void
module_reaches_all_ports_where_the_line_says_so(void **state)
{
    (void)state;
    allow("tcp:*");
    register_and_leave();
    expect_attempt("other-port", 0);
    expect_attempt("fast-open", EPERM);
    expect_attempt("datagram", ENOSYS);
}

static void
wrong_port_is_told(void **state)
{
    (void)state;
    allow("tcp:1");
    if (knows_ports())
        expect_refused(78, "the PKCS#11 module has no network here");
    else
        expect_refused(70, "tcp:* in its line");
}

static void
file_that_others_may_write_lets_nobody_out(void **state)
{
    (void)state;
    allow("tcp:*");
    assert_int_equal(chmod(rig_case_inside("module-network"), 0666), 0);
    expect_refused(78, "may change");
    assert_int_equal(chmod(rig_case_inside("module-network"), 0644), 0);
    register_and_leave();
}

/* HELPER as it is with Landlock of version ABI. */
static void
use_older(const char *helper, const char *abi)
{
    char older[512], program[RIG_PATH + 64];
    const char *argv[] = {"/bin/cp", "-f", older, program, NULL};

    snprintf(older, sizeof older, OLDER "/%s", helper);
    snprintf(program, sizeof program, "%s/libexec/holdfast/%s", rig.directory,
             helper);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    rig_write(rig_case_inside("libexec/holdfast/" LANDLOCK_FILE), abi,
              strlen(abi));
}

/* Where the kernel cannot keep a module to a port, nothing is opened wider than
 * the line says. */
static void
ports_that_the_kernel_cannot_keep_to_are_refused(void **state)
{
    (void)state;
    use_older("holdfast-token", "3");
    use_older("holdfast-inspect", "3");
    allow_port("");
    expect_refused(70, "tcp:* in its line");
    allow("tcp:*");
    register_and_leave();
    expect_attempt("other-port", 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(confinement_is_named),
        TEST(module_reaches_its_port_alone),
        TEST(module_reaches_all_ports_where_the_line_says_so),
        TEST(wrong_port_is_told),
        TEST(file_that_others_may_write_lets_nobody_out),
        TEST(ports_that_the_kernel_cannot_keep_to_are_refused),
    };

    return rig_case_main(argc, argv, tests);
}
