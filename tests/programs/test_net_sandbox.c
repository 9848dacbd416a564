/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A taken-over holdfast-net: hostile code runs inside the real program, after
 * it has confined itself.  The same code outside shows that each attempt would
 * succeed there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/x509.h>

#include "agent/ipc/channel.h"
#include "agent/ipc/layout.h"
#include "tests/programs/attack_targets.h"
#include "tests/programs/attacked.h"

/* Its DER; the caller frees it. */
static struct layout_bytes
make_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    unsigned char *der = NULL;
    int length;

    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    length = i2d_X509(certificate, &der);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return (struct layout_bytes){der, (size_t)length};
}

static void
connect_nowhere(int control)
{
    const struct layout_net_connect target = {
        .certificate = make_certificate(),
        .authority = "https://localhost",
        .tenant = "tenant",
        .token_endpoint = "https://localhost/tenant/oauth2/v2.0/token",
        .client_id = "client",
        .audience = "audience",
        .endpoint = "https://localhost/backup/",
        .vault = "7"};
    struct msg *msg = msg_new();

    assert_true(layout_net_connect_put(msg, &target));
    OPENSSL_free((void *)(uintptr_t)target.certificate.at);
    assert_int_equal(channel_call(control, msg, 20000, NULL), KS_OK);
    layout_bare_put(msg, NET_SELF);
    assert_int_equal(channel_call(control, msg, 20000, NULL), KS_ERR_NET);
    msg_free(&msg);
}

/* Whatever the kernel's Landlock can do: ABI as for attacked_start(). */
static void
assert_confined(const char *program, const char *abi)
{
    static const char *const attempts[] = {
        "pin",
        "token",
        "device",
        "passwd",
        "memory",
        "write",
        "create",
        "mkdir",
        "rename",
        "unlink",
        "chmod",
        "ptrace",
        "typing",
        "program",
        "unix-socket",
        "unix-datagram",
        "truncate",
        "packets",
        "raw",
        "raw6",
        "netlink",
        "other-protocol",
        "socket-filter",
        "broadcast",
        "transparent",
        "signal",
        "thread-signal",
        "any-thread-signal",
        "owner",
        "owner-of-file",
        "input-signals",
        "input-signals-of-file",
        "descriptor-of-process",
    };
    static const char *const needed[] = {
        "end",        "resolver",       "resolver-option", "pair",
        "own-signal", "hosts-is-whole", "connection",      "question",
    };
    struct attacked net = attacked_start(program, ATTACK_LIBRARY, INPUT_FILE,
                                         abi);

    connect_nowhere(net.control);
    attacked_finish(&net);
    assert_true(attacked_outcome("tpm") > 0); /* ENOENT where there is none */
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        attacked_assert_done(needed[i], abi);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        attacked_assert_refused(attempts[i], abi);
}

static void
confined_program_reaches_nothing(void **state)
{
    (void)state;
    assert_confined(HOLDFAST_NET, "");
}

/* Each of them is in use: Debian 12's kernel has the second. */
static void
older_landlocks_confine_as_well(void **state)
{
    (void)state;
    attacked_under_each(NET_OLDER, assert_confined);
}

/* Without confinement the attempts work, or this test would prove nothing. */
static void
the_attack_is_a_real_one(void **state)
{
    /* the last ones are root's alone */
    static const char *const attempts[] = {
        "resolver",
        "resolver-option",
        "pair",
        "connection",
        "interface-number",
        "pipe-size",
        "input-signals",
        "input-signals-of-file",
        "question",
        "pin",
        "token",
        "device",
        "passwd",
        "memory",
        "write",
        "create",
        "mkdir",
        "unlink",
        "chmod",
        "program",
        "unix-socket",
        "unix-datagram",
        "netlink",
        "other-protocol",
        "socket-filter",
        "broadcast",
        "signal",
        "thread-signal",
        "any-thread-signal",
        "owner",
        "owner-of-file",
        "descriptor-of-process",
        "truncate",
        "packets",
        "raw",
        "raw6",
        "transparent",
    };
    const size_t count = sizeof attempts / sizeof attempts[0] -
                         (geteuid() == 0 ? 0 : 5);

    (void)state;
    attacked_freely();
    for (size_t i = 0; i < count; i++)
        attacked_assert_done(attempts[i], "(none)");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confined_program_reaches_nothing),
        cmocka_unit_test(older_landlocks_confine_as_well),
        cmocka_unit_test(the_attack_is_a_real_one),
    };

    return cmocka_run_group_tests(tests, attack_targets_make,
                                  attack_targets_remove);
}
