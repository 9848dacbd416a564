/* SPDX-License-Identifier: Apache-2.0 */
/* The modules that p11-kit has configured: which of them are loaded, and in
 * which processes. */
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

#include "tests/altered/attacking_module.h"
#include "tests/support/rig_case.h"

static char evil[RIG_PATH + 16];

/* NAME in the rig's directory. */
static void
configure(const char *name, const char *module)
{
    char path[64], text[RIG_PATH + 64];

    snprintf(path, sizeof path, "p11-kit/modules/%s.module", name);
    snprintf(text, sizeof text, "module: %s\n", module);
    rig_write(rig_case_inside(path), text, strlen(text));
}

static void
make_evil(mode_t mode)
{
    const char *argv[] = {"/bin/cp", LOADING_MODULE, evil, NULL};

    snprintf(evil, sizeof evil, "%s/evil.so", rig.directory);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    assert_int_equal(chmod(evil, mode), 0);
}

static int
start(void **state)
{
    (void)rig_case_start(state);
    rig_use_holdfast(&rig, HOLDFAST_PLACED);
    snprintf(rig.token, sizeof rig.token, "pkcs11:token=rig");
    assert_int_equal(mkdir(rig_case_inside("p11-kit"), 0755), 0);
    assert_int_equal(mkdir(rig_case_inside("p11-kit/modules"), 0755), 0);
    rig_download(&rig, "one", file);
    return 0;
}

static void
list_tokens(void)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {
        program, "token", "list", "--json", "--allow-emulation", NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
}

static bool
lists_the_rigs_token(void)
{
    json_t *tokens = rig_json(&run);
    json_t *token;
    size_t i;
    bool found = false;

    json_array_foreach(tokens, i, token)
    {
        const char *label = json_string_value(json_object_get(token, "label"));

        found = found || (label != NULL && strcmp(label, "rig") == 0);
    }
    json_decref(tokens);
    return found;
}

/* The processes that loading_module was loaded in; the caller frees them. */
static char *
who_loaded(void)
{
    return rig_exists(rig_case_inside("loading.log"))
               ? rig_read(rig_case_inside("loading.log"), NULL)
               : strdup("");
}

static void
expect_loaded(const char *processes)
{
    char *log = who_loaded();

    assert_string_equal(log, processes);
    free(log);
}

/* By no helper of any command; when it is in order it is loaded, or this would
 * prove nothing. */
static void
module_that_others_may_write_is_not_loaded(void **state)
{
    (void)state;
    make_evil(0777);
    configure("evil", evil);
    configure("gone", "/nonexistent/module.so");
    configure("good", SOFTHSM_MODULE);
    list_tokens();
    rig_expect(&run, 78, "evil: others than root and the caller may change");
    rig_expect(&run, 78, "passed over: gone: ");
    assert_true(lists_the_rigs_token());
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "passed over: gone: ");
    rig_expect(&run, 0, "passed over: evil: others than root and the caller");
    expect_loaded("");

    assert_int_equal(chmod(evil, 0755), 0);
    list_tokens();
    rig_expect(&run, 78, "evil: ");
    assert_true(lists_the_rigs_token());
    expect_loaded("holdfast-inspec\n"); /* as the kernel cuts it off */
}

static void
module_named_by_a_file_that_others_may_write_is_not_loaded(void **state)
{
    (void)state;
    make_evil(0755);
    configure("evil", evil);
    configure("good", SOFTHSM_MODULE);
    assert_int_equal(
        chmod(rig_case_inside("p11-kit/modules/evil.module"), 0666), 0);
    list_tokens();
    rig_expect(&run, 78, "evil: others than root and the caller may change");
    assert_true(lists_the_rigs_token());

    assert_int_equal(
        chmod(rig_case_inside("p11-kit/modules/evil.module"), 0644), 0);
    assert_int_equal(chmod(rig_case_inside("p11-kit/modules"), 0777), 0);
    list_tokens();
    rig_expect(&run, 78, "may change");
    assert_false(lists_the_rigs_token());
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "no token is there at all");
    assert_true(rig_exists(file));
    expect_loaded("");
}

/* The chosen module is attacking_module, which has the token: it is in both
 * processes. */
static void
pin_is_near_the_chosen_module_alone(void **state)
{
    char victim[16];
    char *log;

    (void)state;
    (void)snprintf(victim, sizeof victim, "%d", (int)getpid());
    rig_write(rig_case_inside(ATTACKING_VICTIM), victim, strlen(victim));
    make_evil(0755);
    configure("other", evil);
    configure("chosen", ATTACKING_MODULE);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "passed over: other: ");
    log = rig_read(rig_case_inside(ATTACKING_LOG), NULL);
    assert_non_null(strstr(log, "holdfast-token "));
    assert_non_null(strstr(log, "holdfast-inspec "));
    free(log);
    expect_loaded("holdfast-inspec\n");
    list_tokens(); /* that one cannot be initialised is no failure */
    rig_expect(&run, 0, "passed over: other: ");
    assert_true(lists_the_rigs_token());
}

/* p11-kit's proxy would load every configured module in the process of the PIN,
 * whoever may write to it. */
static void
proxy_of_p11_kit_is_no_module(void **state)
{
    (void)state;
    rig_use_module(&rig, PROXY_LIBRARY);
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "p11-kit itself");
    configure("good", SOFTHSM_MODULE);
    configure("proxy", PROXY_LIBRARY);
    list_tokens();
    rig_expect(&run, 78, "proxy: ");
    rig_expect(&run, 78, "p11-kit itself");
    assert_true(lists_the_rigs_token());
    snprintf(rig.token, sizeof rig.token, "pkcs11:token=rig");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "passed over: proxy: ");
}

/* What is configured afterwards is another matter. */
static void
later_runs_load_the_recorded_module_alone(void **state)
{
    const char *argv[] = {"/bin/rm", "-r", NULL, NULL};

    (void)state;
    configure("chosen", SOFTHSM_MODULE);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    make_evil(0755);
    configure("added", evil);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 0, "");
    argv[2] = rig_case_inside("p11-kit/modules/chosen.module");
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    expect_loaded("");
    assert_int_equal(rig_count_keys(&rig), 0);
}

static void
module_name_chooses(void **state)
{
    (void)state;
    make_evil(0755);
    configure("other", evil);
    configure("good", SOFTHSM_MODULE);
    snprintf(rig.token, sizeof rig.token,
             "pkcs11:token=rig?module-name=absent");
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "p11-kit has no module absent configured");
    assert_true(rig_exists(file));
    snprintf(rig.token, sizeof rig.token,
             "pkcs11:token=rig?module-name=softhsm2");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    expect_loaded("");
}

/* Its token would be two otherwise, and the URI ambiguous. */
static void
module_of_two_names_is_one(void **state)
{
    (void)state;
    configure("good", SOFTHSM_MODULE);
    configure("again", SOFTHSM_MODULE);
    snprintf(rig.token, sizeof rig.token,
             "pkcs11:token=rig?module-name=softhsm2");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    snprintf(rig.token, sizeof rig.token, "pkcs11:token=rig");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    rig_download(&rig, "one", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
}

/* A machine with a TPM alone has no module, or one without slots. */
static void
without_any_module_there_are_no_tokens(void **state)
{
    (void)state;
    list_tokens();
    rig_expect(&run, 0, "no token in the modules that p11-kit is set up with");
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "p11-kit has no module configured");
    assert_true(rig_exists(file));

    configure("good", FAULTY_MODULE);
    list_tokens();
    rig_expect(&run, 0, "");
    assert_true(lists_the_rigs_token());
    rig_write(rig_case_inside("gone"), "", 0);
    list_tokens();
    rig_expect(&run, 0, "no token in the modules that p11-kit is set up with");
    assert_false(lists_the_rigs_token());
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(module_that_others_may_write_is_not_loaded),
        TEST(module_named_by_a_file_that_others_may_write_is_not_loaded),
        TEST(pin_is_near_the_chosen_module_alone),
        TEST(proxy_of_p11_kit_is_no_module),
        TEST(later_runs_load_the_recorded_module_alone),
        TEST(module_name_chooses),
        TEST(module_of_two_names_is_one),
        TEST(without_any_module_there_are_no_tokens),
    };

    return rig_case_main(argc, argv, tests);
}
