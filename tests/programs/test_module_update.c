/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A package's update under a registration: the module's file is another one,
 * and the issuers' file too.  Every command goes on, and says it once.
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
#include "tests/support/rig_data.h"

#define WARNING "the PKCS#11 module is another file than before"

/* NAME in the rig's directory. */
static void
install(const char *name)
{
    const char *argv[] = {"/bin/cp", FAULTY_MODULE, rig_case_inside(name),
                          NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    assert_int_equal(chmod(rig_case_inside(name), 0755), 0);
}

static void
link_to(const char *name, const char *target)
{
    (void)unlink(rig_case_inside(name));
    assert_int_equal(symlink(target, rig_case_inside(name)), 0);
}

static void
use_module(const char *name)
{
    rig_use_module(&rig, rig_case_inside(name));
}

static void
configure(const char *module)
{
    char text[RIG_PATH + 64];

    snprintf(text, sizeof text, "module: %s\n", module);
    rig_write(rig_case_inside("p11-kit/modules/vendor.module"), text,
              strlen(text));
}

static int
start(void **state)
{
    (void)rig_case_start(state);
    rig_use_holdfast(&rig, HOLDFAST_PLACED);
    assert_int_equal(mkdir(rig_case_inside("p11-kit"), 0755), 0);
    assert_int_equal(mkdir(rig_case_inside("p11-kit/modules"), 0755), 0);
    rig_case_write("lies", "");
    install("libvendor.so.1.0.0");
    return 0;
}

static void
update(void)
{
    install("libvendor.so.1.0.1");
    assert_int_equal(unlink(rig_case_inside("libvendor.so.1.0.0")), 0);
}

/* Each of the commands that open the token, the first of which SAYS so. */
static void
every_command_goes_on(const char *says)
{
    rig_holdfast(&rig, &run, "backup", rig.source, NULL);
    rig_expect(&run, 0, says);
    rig_holdfast(&rig, &run, "snapshots", NULL);
    rig_expect(&run, 0, "");
    assert_null(strstr(run.err, "warning"));
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    assert_null(strstr(run.err, "warning"));
    assert_int_equal(rig_count_keys(&rig), 0);
}

static void
module_behind_a_link_is_updated(void **state)
{
    (void)state;
    link_to("libvendor.so", "libvendor.so.1.0.0");
    use_module("libvendor.so");
    rig_data_prepare(&rig);
    update();
    link_to("libvendor.so", "libvendor.so.1.0.1");
    every_command_goes_on(WARNING);
}

static void
module_without_a_link_is_replaced(void **state)
{
    (void)state;
    use_module("libvendor.so.1.0.0");
    rig_data_prepare(&rig);
    install("new");
    assert_int_equal(
        rename(rig_case_inside("new"), rig_case_inside("libvendor.so.1.0.0")),
        0);
    every_command_goes_on("");
}

/* The version is in the name, and p11-kit's configuration names the new one. */
static void
module_without_a_link_is_renamed(void **state)
{
    (void)state;
    use_module("libvendor.so.1.0.0");
    rig_data_prepare(&rig);
    update();
    configure(rig_case_inside("libvendor.so.1.0.1"));
    every_command_goes_on(WARNING);
}

static void
configured_module_behind_a_link_is_updated(void **state)
{
    (void)state;
    link_to("libvendor.so", "libvendor.so.1.0.0");
    configure(rig_case_inside("libvendor.so"));
    snprintf(rig.token, sizeof rig.token, "pkcs11:token=rig");
    rig_data_prepare(&rig);
    update();
    link_to("libvendor.so", "libvendor.so.1.0.1");
    every_command_goes_on(WARNING);
}

static void
configured_module_is_renamed(void **state)
{
    (void)state;
    configure(rig_case_inside("libvendor.so.1.0.0"));
    snprintf(rig.token, sizeof rig.token, "pkcs11:token=rig");
    rig_data_prepare(&rig);
    update();
    configure(rig_case_inside("libvendor.so.1.0.1"));
    every_command_goes_on(WARNING);
}

/* As it was written before the path that was asked for was recorded. */
static void
state_of_before_goes_on(void **state)
{
    char path[RIG_PATH + 16];
    json_t *json;

    (void)state;
    link_to("libvendor.so", "libvendor.so.1.0.0");
    use_module("libvendor.so");
    rig_data_prepare(&rig);
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    json = json_load_file(path, 0, NULL);
    assert_non_null(json);
    assert_int_equal(json_object_del(json, "token_module_asked"), 0);
    assert_int_equal(json_dump_file(json, path, 0), 0);
    json_decref(json);
    update();
    link_to("libvendor.so", "libvendor.so.1.0.1");
    every_command_goes_on(WARNING);
}

static void
module_that_is_unsafe_after_the_update_is_not_loaded(void **state)
{
    (void)state;
    link_to("libvendor.so", "libvendor.so.1.0.0");
    use_module("libvendor.so");
    rig_data_prepare(&rig);
    update();
    link_to("libvendor.so", "libvendor.so.1.0.1");
    assert_int_equal(chmod(rig_case_inside("libvendor.so.1.0.1"), 0777), 0);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 78, "others than root and the caller may change");
    assert_int_equal(chmod(rig_case_inside("libvendor.so.1.0.1"), 0755), 0);
    every_command_goes_on(WARNING);
}

/* The module's place alone does not make another token the registered one. */
static void
other_token_of_the_same_module_is_refused(void **state)
{
    const char *argv[] = {"/usr/bin/softhsm2-util",
                          "--init-token",
                          "--free",
                          "--label",
                          "rig",
                          "--so-pin",
                          "87654321",
                          "--pin",
                          RIG_PIN,
                          NULL};
    const char *away[] = {"/bin/mv", NULL, NULL, NULL};

    (void)state;
    use_module("libvendor.so.1.0.0");
    rig_data_prepare(&rig);
    away[1] = rig_case_inside("tokens");
    away[2] = rig_case_inside("tokens-before");
    rig_run(&run, away);
    rig_expect(&run, 0, "");
    assert_int_equal(mkdir(rig_case_inside("tokens"), 0700), 0);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 78, "this is not the token that was registered");
}

/* What renews issuers may keep versions of the file, too. */
static void
issuers_behind_a_link_are_renewed(void **state)
{
    const char *argv[] = {"/bin/mv", rig.ca_file, NULL, NULL};

    (void)state;
    argv[2] = rig_case_inside("issuers-1.pem");
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    assert_int_equal(symlink(rig_case_inside("issuers-1.pem"), rig.ca_file), 0);
    use_module("libvendor.so.1.0.0");
    rig_data_prepare(&rig);
    assert_int_equal(rename(rig_case_inside("issuers-1.pem"),
                            rig_case_inside("issuers-2.pem")),
                     0);
    (void)unlink(rig.ca_file);
    assert_int_equal(symlink(rig_case_inside("issuers-2.pem"), rig.ca_file), 0);
    every_command_goes_on("");
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(module_behind_a_link_is_updated),
        TEST(module_without_a_link_is_replaced),
        TEST(module_without_a_link_is_renamed),
        TEST(configured_module_behind_a_link_is_updated),
        TEST(configured_module_is_renamed),
        TEST(state_of_before_goes_on),
        TEST(module_that_is_unsafe_after_the_update_is_not_loaded),
        TEST(other_token_of_the_same_module_is_refused),
        TEST(issuers_behind_a_link_are_renewed),
    };

    return rig_case_main(argc, argv, tests);
}
