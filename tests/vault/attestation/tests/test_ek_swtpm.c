/* SPDX-License-Identifier: Apache-2.0 */
/* EK certificates that another program makes: swtpm_localca's, of an RSA-2048
 * and a P-384 EK, out of NV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/own_directory.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/swtpm_maker.h"
#include "tests/support/tpm2/tpm2_tool.h"
#include "tests/vault/attestation/tests/round.h"
#include "tests/vault/attestation/verifier.h"

static const struct {
    enum tpm_ek kind;
    const char *index;
} eks[] = {{TPM_RSA_2048, "0x01c00002"}, {TPM_P384, "0x01c00016"}};

static struct swtpm *swtpm;
static struct tpm *tpm;

static void
add_certificate(json_t *offer, const char *index)
{
    struct rig_run *run = malloc(sizeof *run);
    uint8_t bytes[2048];
    size_t length;
    FILE *file;

    assert_non_null(run);
    tpm2_tool(run, swtpm_socket(swtpm), "nvread", index, "-o",
              own_directory_path("certificate"), NULL);
    rig_expect(run, 0, "");
    free(run);
    file = fopen(own_directory_path("certificate"), "rb");
    assert_non_null(file);
    length = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    tpm_set(json_object_get(offer, "endorsement"), "certificate", bytes,
            length);
}

static void
copy(const char *from, const char *to)
{
    char command[2 * FRESH_DIRECTORY + 256];

    (void)snprintf(command, sizeof command, "cp '%s/maker/%s' '%s/roots/%s'",
                   directory, from, directory, to);
    assert_int_equal(system(command), 0);
}

static void
expect(json_t *json, enum attestation_trusted trusted, const char *says)
{
    const struct attestation_trust by = {.roots = own_directory_path("roots"),
                                         .now = time(NULL)};
    struct attestation_judgement judgement;
    struct attestation_fault fault = {.sentence = ""};
    struct attestation_offer *offer = attestation_offer_read(json, &fault);
    bool good;

    assert_string_equal(fault.sentence, "");
    good = attestation_judge(offer, &by, &judgement, &fault);
    assert_int_equal(good, says[0] == '\0');
    if (strstr(fault.sentence, says) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", says, fault.sentence);
    assert_int_equal(judgement.trusted, trusted);
    assert_true(attestation_offer_is_emulation(offer));
    attestation_offer_free(offer);
}

/* The one EK's certificate with the other's key. */
static void
refuses_the_other_eks_certificate(void **state)
{
    json_t *offer = tpm_offer(tpm, TPM_P384, TPM_BORN, 0);

    (void)state;
    add_certificate(offer, "0x01c00002");
    expect(offer, ATTESTATION_UNKNOWN, "is with the wrong key");
    json_decref(offer);
}

static void
trusts_its_maker_once_installed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof eks / sizeof *eks; i++) {
        json_t *offer = tpm_offer(tpm, eks[i].kind, TPM_BORN, 0);

        add_certificate(offer, eks[i].index);
        (void)remove(own_directory_path("roots/root.pem"));
        (void)remove(own_directory_path("roots/issuer.pem"));
        expect(offer, ATTESTATION_UNKNOWN, "");
        copy(SWTPM_MAKER_ROOT, "root.pem");
        /* No TPM keeps the issuer's certificate. */
        expect(offer, ATTESTATION_UNKNOWN, "");
        copy(SWTPM_MAKER_ISSUER, "issuer.pem");
        expect(offer, ATTESTATION_BY_CHAIN, "");
        json_decref(offer);
    }
}

static int
set_up(void **state)
{
    assert_int_equal(own_directory_make(state), 0);
    assert_int_equal(mkdir(own_directory_path("roots"), 0700), 0);
    swtpm = swtpm_new_endorsed(directory, own_directory_path("maker"));
    assert_non_null(swtpm);
    tpm = tpm_new(swtpm_socket(swtpm));
    return 0;
}

static int
tear_down(void **state)
{
    tpm_free(tpm);
    swtpm_free(&swtpm);
    return own_directory_remove(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_the_other_eks_certificate),
        cmocka_unit_test(trusts_its_maker_once_installed),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
