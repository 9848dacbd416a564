/* SPDX-License-Identifier: Apache-2.0 */
/* A taken-over holdfast-credential, which has the file's bytes in it. That each
 * attempt succeeds where nothing confines it is shown beside holdfast-net. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/ipc/layout.h"
#include "tests/programs/attack_targets.h"
#include "tests/programs/attacked.h"

/* Whatever the kernel's Landlock can do: ABI as for attacked_start(). */
static void
assert_confined(const char *program, const char *abi)
{
    static const char *const attempts[] = {
        "resolver",
        "pin",
        "token",
        "device",
        "tpm",
        "passwd",
        "memory",
        "write",
        "create",
        "mkdir",
        "rename",
        "unlink",
        "chmod",
        "unix-socket",
        "unix-datagram",
        "truncate",
        "packets",
        "raw",
        "raw6",
        "netlink",
        "other-protocol",
        "connection",
        "question",
        "socket-filter",
        "broadcast",
        "transparent",
        "resolver-option",
        "pair",
        "signal",
        "thread-signal",
        "any-thread-signal",
        "owner",
        "owner-of-file",
        "input-signals",
        "input-signals-of-file",
        "interface-number",
        "pipe-size",
        "descriptor-of-process",
        "typing",
        "ptrace",
        "program",
    };
    struct attacked credential = attacked_start(program, ATTACK_LIBRARY,
                                                INPUT_FILE, abi);
    struct msg *msg = msg_new();

    layout_bare_put(msg, CREDENTIAL_DIGEST);
    assert_int_equal(channel_call(credential.control, msg, 20000, NULL),
                     KS_ERR_INTERNAL); /* by the attack's answer */
    msg_free(&msg);
    attacked_finish(&credential);
    attacked_assert_done("end", abi);
    attacked_assert_done("own-signal", abi);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        attacked_assert_refused(attempts[i], abi);
}

static void
confined_program_reaches_nothing(void **state)
{
    (void)state;
    assert_confined(HOLDFAST_CREDENTIAL, "");
}

static void
older_landlocks_confine_as_well(void **state)
{
    (void)state;
    attacked_under_each(CREDENTIAL_OLDER, assert_confined);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confined_program_reaches_nothing),
        cmocka_unit_test(older_landlocks_confine_as_well),
    };

    return cmocka_run_group_tests(tests, attack_targets_make,
                                  attack_targets_remove);
}
