/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What attestation adds to a registration, in TPM commands and in milliseconds,
 * of the real programs at a vault that wants it; beside it a script of
 * tpm2-tools that proves the same of a key, without any registration.  Fails
 * for counts, never for times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/bench/bench_measure.h"
#include "tests/support/rig.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/tap.h"

/* 8 for the offer: two questions of what there is, 3 for the certificate in NV,
 * 2 for the endorsement key at its handle, and the attestation key's birth; 8
 * for the evidence: that key loaded and flushed, a policy session of 2, the
 * challenge, and 3 statements; and 4 because a TPM has room for two keys of
 * ours: the credential's and the machine's each make way once, and come back.
 * A TPM without a resource manager, as here, ends a session and starts another:
 * 2 more. */
#define ADDED_MAX 22

static struct rig rig;
static struct rig_run run;

static const struct {
    uint32_t code; /* TPM 2.0 Library, Part 2, 6.5.2 */
    const char *name;
} codes[] = {{0x131, "CreatePrimary"}, {0x147, "ActivateCredential"},
             {0x148, "Certify"},       {0x14a, "CertifyCreation"},
             {0x14e, "NV_Read"},       {0x151, "PolicySecret"},
             {0x153, "Create"},        {0x156, "Import"},
             {0x157, "Load"},          {0x15d, "Sign"},
             {0x165, "FlushContext"},  {0x169, "NV_ReadPublic"},
             {0x173, "ReadPublic"},    {0x176, "StartAuthSession"},
             {0x17a, "GetCapability"}, {0x158, "Quote"},
             {0x17e, "PCR_Read"},      {0x18a, "TestParms"}};
#define CODES (sizeof codes / sizeof codes[0])

struct counts {
    unsigned all;
    unsigned of[CODES];
};

static void
take_counts(struct counts *ret)
{
    ret->all = tap_count(rig.tap, 0);
    for (size_t i = 0; i < CODES; i++)
        ret->of[i] = tap_count(rig.tap, codes[i].code);
    tap_reset(rig.tap);
}

static void
print_added(const char *what, const struct counts *without,
            const struct counts *with)
{
    printf("%-32s %3d commands:", what, (int)(with->all - without->all));
    for (size_t i = 0; i < CODES; i++)
        if (with->of[i] != without->of[i])
            printf(" %s %+d", codes[i].name,
                   (int)(with->of[i] - without->of[i]));
    printf("\n");
}

/* Register with MODE and undo it; how long the first takes. */
static double
register_once(const char *mode, struct counts *ret)
{
    char file[RIG_PATH];
    double before, time;

    rig_download_key(&rig, "p256", file);
    tap_reset(rig.tap);
    before = bench_now();
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--attest",
                 mode, file, NULL);
    time = bench_now() - before;
    rig_expect(&run, 0, "");
    take_counts(ret);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    return time;
}

static struct counts off, on;

static int
start(void **state)
{
    (void)state;
    rig_start(&rig, "endorsed");
    rig_tap(&rig);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

static void
attestation_adds_few_commands(void **state)
{
    (void)state;
    (void)register_once("off", &off); /* the TPM gets its storage root key */
    (void)register_once("off", &off);
    (void)register_once("require", &on);
    print_added("attestation adds", &off, &on);
    assert_in_range(on.all - off.all, 1, ADDED_MAX);
}

/* What an administrator would write: the certificate read, both keys, the
 * challenge answered, and the statements on the attestation key and one key.
 * The challenge is the verifier's part, without the TPM. */
static const char script[] =
    "cd \"$1\"; export TPM2TOOLS_TCTI=\"swtpm:path=$2\"\n"
    "tpm2 nvread -Q 0x01c00002 -o ek.der\n"
    "tpm2 readpublic -Q -c 0x81010001 -o ek.pub\n"
    "tpm2 createprimary -Q -C o -G ecc -c root\n"
    "tpm2 create -Q -C root -G ecc256:ecdsa-sha256:null -a "
    "'fixedtpm|fixedparent|"
    "sensitivedataorigin|userwithauth|noda|restricted|sign' -u ak.pub -r "
    "ak.prv "
    "--creation-data ak.data -d ak.hash -t ak.ticket\n"
    "tpm2 flushcontext -t\n"
    "tpm2 load -Q -C root -u ak.pub -r ak.prv -n ak.name -c ak\n"
    "tpm2 flushcontext -t\n"
    "tpm2 makecredential -Q -T none -u ek.pub -s secret "
    "-n \"$(od -An -vtx1 ak.name | tr -d ' \\n')\" -o blob\n"
    "tpm2 startauthsession --policy-session -S session\n"
    "tpm2 policysecret -Q -S session -c e\n"
    "tpm2 activatecredential -Q -c ak -C 0x81010001 -i blob -o got "
    "-P session:session\n"
    "tpm2 flushcontext session; tpm2 flushcontext -t\n"
    "tpm2 certifycreation -Q -C ak -c ak -d ak.hash -t ak.ticket -g sha256 "
    "-o sig --attestation att -f plain -q 00\n"
    "tpm2 flushcontext -t\n"
    "tpm2 create -Q -C root -G ecc256 -u k.pub -r k.prv; tpm2 flushcontext -t\n"
    "tpm2 load -Q -C root -u k.pub -r k.prv -c k; tpm2 flushcontext -t\n"
    "tpm2 certify -Q -C ak -c k -g sha256 -o att2 -s sig2\n"
    "tpm2 flushcontext -t\n"
    "cmp -s secret got\n";

/* By the tap, or past it for the time. */
static double
run_script(const char *socket)
{
    static const char secret[32] = "what only that TPM can read.....";
    char path[RIG_PATH + 16];
    const char *argv[] = {"/bin/sh",     "-euc", script, "sh",
                          rig.directory, socket, NULL};
    double before;

    snprintf(path, sizeof path, "%s/secret", rig.directory);
    rig_write(path, secret, sizeof secret);
    before = bench_now();
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    return bench_now() - before;
}

static void
tools_take_more(void **state)
{
    struct counts none = {0}, tools;

    (void)state;
    tap_reset(rig.tap);
    (void)run_script(tap_socket(rig.tap));
    take_counts(&tools);
    print_added("tpm2-tools, by a script", &none, &tools);
    assert_true(tools.all > on.all - off.all);
}

/* Sides take turns; the script is alone, no registration is around it. */
static void
print_times(void **state)
{
    double times[3][BENCH_ROUNDS];
    struct counts counts;

    (void)state;
    for (size_t i = 0; i < BENCH_ROUNDS; i++) {
        times[0][i] = register_once("off", &counts);
        times[1][i] = register_once("require", &counts);
        times[2][i] = run_script(swtpm_socket(rig.tpm));
    }
    printf("median of %d, ms: registration %.0f, with attestation %.0f; "
           "tpm2-tools by a script %.0f\n",
           BENCH_ROUNDS, 1000 * bench_median(times[0], BENCH_ROUNDS),
           1000 * bench_median(times[1], BENCH_ROUNDS),
           1000 * bench_median(times[2], BENCH_ROUNDS));
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attestation_adds_few_commands),
        cmocka_unit_test(tools_take_more),
        cmocka_unit_test(print_times),
    };
    const struct CMUnitTest counts[] = {
        cmocka_unit_test(attestation_adds_few_commands),
        cmocka_unit_test(tools_take_more),
    };

    return bench_counts_alone(argc, argv)
               ? cmocka_run_group_tests(counts, start, stop)
               : cmocka_run_group_tests(tests, start, stop);
}
