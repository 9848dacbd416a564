/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `register` makes of every token that cannot be used, or says that it
 * can: the one error that names it; and the credential file, the state and
 * what is on the token are as before.  The same file then registers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rig_case.h"

#define TOOL "/usr/bin/pkcs11-tool"
#define SOFTHSM_UTIL "/usr/bin/softhsm2-util"

static char *content;
static char *objects; /* on the token, before */
static char module[RIG_PATH + 16];
static char exposed[RIG_PATH + 16];
static char open_directory[RIG_PATH + 32];

struct row {
    const char *name;
    const char *lies; /* as the module reads them; NULL: an honest token */
    const char *uri;  /* of the token's label and module; NULL: the rig's */
    const char *pin;
    int status;
    const char *says;
};

static const char label[] = "token=rig?module-path=";
static const char twin[] = "token=twin?module-path=";
static const char by_maker[] = "manufacturer=SoftHSM%20project?module-path=";
static const char absent[] = "token=absent?module-path=";

static const struct row rows[] = {
    /* which token */
    {"missing token", NULL, absent, RIG_PIN, 78, "no such token"},
    {"ambiguous token", NULL, twin, RIG_PIN, 78, "more than one token"},
    {"uninitialised token", "flags_cleared 0x400", by_maker, RIG_PIN, 78,
     "no such token"},
    /* the PIN */
    {"locked PIN", "flags_set 0x40000", NULL, RIG_PIN, 78, "locked"},
    {"PIN on its last try", "flags_set 0x20000", NULL, RIG_PIN, 78,
     "on its last try"},
    {"wrong PIN, or one that was changed", NULL, NULL, "000000", 78,
     "refused the PIN"},
    /* room and rights */
    {"full at the private object", "create_private 0x31", NULL, RIG_PIN, 78,
     "no room"},
    {"full at the public object", "create_public 0x31", NULL, RIG_PIN, 78,
     "no room"},
    {"full at the machine's key", "generate 0x31", NULL, RIG_PIN, 78,
     "no room"},
    {"makes no key pairs", "generate 0x54", NULL, RIG_PIN, 78,
     "C_GenerateKeyPair: CKR_FUNCTION_NOT_SUPPORTED"},
    {"fails at the machine's key", "generate 0x30", NULL, RIG_PIN, 78,
     "C_GenerateKeyPair: CKR_DEVICE_ERROR"},
    {"read-only", "read_only 1", NULL, RIG_PIN, 78,
     "CKR_TOKEN_WRITE_PROTECTED"},
    /* mechanisms */
    {"no RSA-PSS", "lacking 0x0d", NULL, RIG_PIN, 78, "TLS 1.3 wants PSS"},
    {"no RSA signatures", "lacking 0x0d lacking_too 0x01", NULL, RIG_PIN, 78,
     "CKR_MECHANISM_INVALID"},
    {"neither clear nor wrapped import", "create_private 0x13 unwrap 0x70",
     NULL, RIG_PIN, 78, "wrapped: C_UnwrapKey: CKR_MECHANISM_INVALID"},
    /* lies */
    {"weaker than asked", "weak 1 stubborn 1", NULL, RIG_PIN, 78,
     "CKA_SENSITIVE stays false"},
    {"calls no key its own", "weak 1", NULL, RIG_PIN, 78,
     "does not call the machine's key its own"},
    {"may decrypt", "flag 0x105", NULL, RIG_PIN, 78, "CKA_DECRYPT stays true"},
    {"gives the exponent away", "revealed 0x123", NULL, RIG_PIN, 78,
     "would give away"},
    {"wants the PIN for each signature", "flag 0x202", NULL, RIG_PIN, 78,
     "PIN again for each"},
    {"loses the key", "loses 1", NULL, RIG_PIN, 78, "does not have it"},
    {"loses it with the process", "forgets 1", NULL, RIG_PIN, 78,
     "the key is not on the token"},
    {"cuts ids", "cuts_ids 1", NULL, RIG_PIN, 78, "does not have it"},
    {"signs in DER", "der 1", NULL, RIG_PIN, 78, "signature"},
    {"signs wrong", "signs_wrong 1", NULL, RIG_PIN, 78, "does not verify"},
    {"counts a hundred thousand slots", "slots 100000", NULL, RIG_PIN, 78, ""},
    /* the process */
    {"crash at the start", "crashes 1", NULL, RIG_PIN, 70,
     "holdfast-inspect died of Aborted"},
    {"crash in the import", "crashes_late 1", NULL, RIG_PIN, 70,
     "holdfast-token died of Aborted"},
    {"crash at the machine's key", "crashes_last 1", NULL, RIG_PIN, 70,
     "holdfast-token died of Aborted"},
    {"hangs", "hangs 1", NULL, RIG_PIN, 70, "holdfast-inspect: no answer"},
};

#define ROWS (sizeof rows / sizeof rows[0])

/* Everything that pkcs11-tool sees when it is logged in. */
static char *
list_objects(void)
{
    static struct rig_run seen;
    const char *argv[] = {
        TOOL,    "--module",      SOFTHSM_MODULE, "--login",        "--pin",
        RIG_PIN, "--token-label", "rig",          "--list-objects", NULL};

    rig_run(&seen, argv);
    rig_expect(&seen, 0, "");
    assert_non_null(strstr(seen.out, "bystander"));
    return strdup(seen.out);
}

/* A key of somebody else's, which must not suffer. */
static void
make_bystander(void)
{
    const char *argv[] = {TOOL,
                          "--module",
                          SOFTHSM_MODULE,
                          "--login",
                          "--pin",
                          RIG_PIN,
                          "--token-label",
                          "rig",
                          "--keypairgen",
                          "--key-type",
                          "EC:prime256v1",
                          "--label",
                          "bystander",
                          "--id",
                          "b1",
                          NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

static void
make_twins(void)
{
    const char *argv[] = {
        SOFTHSM_UTIL, "--init-token", "--free", "--label", "twin",
        "--so-pin",   "12345678",     "--pin",  RIG_PIN,   NULL};

    for (int i = 0; i < 2; i++) {
        rig_run(&run, argv);
        rig_expect(&run, 0, "");
    }
}

static void
copy(const char *to, mode_t mode)
{
    const char *argv[] = {"/bin/cp", FAULTY_MODULE, to, NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    assert_int_equal(chmod(to, mode), 0);
}

static void
use_token(const char *uri, const char *path)
{
    snprintf(rig.token, sizeof rig.token, "pkcs11:%s%s", uri, path);
}

static int
start(void **state)
{
    (void)rig_case_start(state);
    snprintf(module, sizeof module, "%s/faulty.so", rig.directory);
    snprintf(exposed, sizeof exposed, "%s/exposed.so", rig.directory);
    snprintf(open_directory, sizeof open_directory, "%s/open", rig.directory);
    copy(module, 0755);
    rig_case_write("lies", "");
    make_bystander();
    make_twins();
    rig_download(&rig, "one", file);
    content = rig_read(file, NULL);
    objects = list_objects();
    return 0;
}

static int
stop(void **state)
{
    free(content);
    free(objects);
    return rig_case_stop(state);
}

/* Byte for byte, object for object. */
static void
assert_as_before(void)
{
    char path[RIG_PATH + 16];
    char *after = rig_read(file, NULL);
    char *seen = list_objects();

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    assert_string_equal(after, content);
    assert_string_equal(seen, objects);
    assert_false(rig_exists(path));
    free(after);
    free(seen);
}

/* A refused PIN is latched there; each test is an attempt of its own. */
static int
drop_state(void **state)
{
    const char *argv[] = {"/bin/rm", "-rf", rig.state, NULL};

    (void)state;
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    return 0;
}

static void
unusable_token_changes_nothing(void **state)
{
    const struct row *row = *state;

    use_token(row->uri != NULL ? row->uri : label, module);
    rig_write(rig.pin_file, row->pin, strlen(row->pin));
    rig_case_write("lies", row->lies != NULL ? row->lies : "");
    rig_register(&rig, &run, file);
    rig_case_write("lies", "");
    rig_expect(&run, row->status, row->says);
    assert_null(strstr(run.err, row->pin));
    assert_as_before();
}

/* Not loaded at all, by any helper: the module would say so.  Of `token list`
 * test_token_list.c shows it. */
static void
module_that_others_may_write_is_not_loaded(void **state)
{
    char inside[RIG_PATH + 48];

    (void)state;
    rig_write(rig.pin_file, RIG_PIN, strlen(RIG_PIN));
    rig_case_write("lies", "crashes 1");
    copy(exposed, 0666);
    use_token(label, exposed);
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "may change");
    assert_as_before();

    assert_int_equal(mkdir(open_directory, 0700), 0);
    snprintf(inside, sizeof inside, "%s/module.so", open_directory);
    copy(inside, 0755);
    assert_int_equal(chmod(open_directory, 0777), 0);
    use_token(label, inside);
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "may change");
    assert_as_before();
    rig_case_write("lies", "");
}

static void
missing_and_relative_modules_are_refused(void **state)
{
    (void)state;
    use_token(label, "/nonexistent/module.so");
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "No such file");
    assert_as_before();
    use_token(label, "faulty.so");
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "not usable");
    assert_as_before();
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest more[] = {
        cmocka_unit_test_setup(module_that_others_may_write_is_not_loaded,
                               drop_state),
        cmocka_unit_test_setup(missing_and_relative_modules_are_refused,
                               drop_state),
    };
    struct CMUnitTest tests[ROWS + 2];

    rig_case_begin(argc, argv);
    for (size_t i = 0; i < ROWS; i++)
        tests[i] = (struct CMUnitTest){
            rows[i].name, unusable_token_changes_nothing, drop_state, NULL,
            (void *)(uintptr_t)&rows[i]};
    for (size_t i = 0; i < 2; i++)
        tests[ROWS + i] = more[i];
    return _cmocka_run_group_tests("unusable_token", tests, ROWS + 2, start,
                                   stop);
}
