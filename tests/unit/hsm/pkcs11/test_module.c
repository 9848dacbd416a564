/* SPDX-License-Identifier: Apache-2.0 */
/* Module files: code that others could have put there is not loaded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hsm/pkcs11/module.h"
#include "tests/support/store_fixture.h"
#include "tests/support/copy_file.h"
#include "tests/unit/hsm/pkcs11/lying_token.h"

#define PATH_SIZE 256

static struct store_fixture *fixture;

/* NAME in the fixture's directory. */
static const char *
inside(const char *name)
{
    static char path[4][PATH_SIZE];
    static unsigned next;
    char *ret = path[next++ % 4];

    assert_true(snprintf(ret, PATH_SIZE, "%s/%s",
                         store_fixture_directory(fixture), name) < PATH_SIZE);
    return ret;
}

static void
assert_refused(const char *path, const char *says)
{
    struct pkcs11_module *module = NULL;
    struct err_cause cause = {.text = ""};
    enum ks_err rc = pkcs11_module_load(path, &module, &cause);

    if (rc == KS_OK)
        pkcs11_module_free(&module);
    if (rc != KS_ERR_TOKEN_MODULE || strstr(cause.text, says) == NULL)
        fail_msg("%s: %s: %s", path, err_name(rc), cause.text);
    assert_null(module);
}

static void
assert_loaded(const char *path, const char *real)
{
    struct pkcs11_module *module = NULL;
    struct err_cause cause = {.text = ""};

    if (pkcs11_module_load(path, &module, &cause) != KS_OK)
        fail_msg("%s: %s", path, cause.text);
    assert_string_equal(pkcs11_module_path(module), real);
    assert_non_null(pkcs11_module_functions(module)->C_GetInfo);
    pkcs11_module_free(&module);
    assert_null(module);
}

/* A directory of MODE with a good module in it. */
static void
make_directory(const char *name, mode_t mode)
{
    char module[PATH_SIZE];

    assert_int_equal(mkdir(inside(name), S_IRWXU), 0);
    (void)snprintf(module, sizeof module, "%s/module.so", name);
    assert_int_equal(copy_file(SOFTHSM_MODULE, inside(module), 0755), 0);
    assert_int_equal(chmod(inside(name), mode), 0);
}

static void
relative_paths_are_refused(void **state)
{
    (void)state;
    assert_refused("", "not absolute");
    assert_refused("libsofthsm2.so", "not absolute");
    assert_refused("./libsofthsm2.so", "not absolute");
    assert_refused("../lib/libsofthsm2.so", "not absolute");
}

static void
missing_files_are_refused(void **state)
{
    (void)state;
    assert_refused(inside("absent.so"), "No such file");
    assert_refused(inside("absent/module.so"), "No such file");
}

static void
other_kinds_of_files_are_refused(void **state)
{
    (void)state;
    assert_refused("/", "no regular file");
    assert_refused("/dev/null", "");
    assert_refused(store_fixture_directory(fixture), "no regular file");
    assert_int_equal(mkfifo(inside("fifo.so"), 0600), 0);
    assert_refused(inside("fifo.so"), "no regular file");
}

static void
files_that_are_no_module_are_refused(void **state)
{
    (void)state;
    assert_int_equal(copy_file("/dev/null", inside("empty.so"), 0755), 0);
    assert_refused(inside("empty.so"), "too short");
    assert_int_equal(copy_file("/etc/passwd", inside("text.so"), 0755), 0);
    assert_refused(inside("text.so"), "ELF");
    assert_int_equal(copy_file(PLAIN_LIBRARY, inside("plain.so"), 0755), 0);
    assert_refused(inside("plain.so"), "C_GetFunctionList");
}

static void
modules_that_lie_about_their_functions_are_refused(void **state)
{
    struct lies *told = lying_token_lies;

    (void)state;
    told->list = CKR_GENERAL_ERROR;
    assert_refused(lying_token_module(), "no list (0x5)");
    told->list = CKR_OK;
    told->no_list = true;
    assert_refused(lying_token_module(), "no list (0x0)");
    told->no_list = false;
    told->version = 1;
    assert_refused(lying_token_module(), "no version");
    told->version = 0;
    told->holes = true;
    assert_refused(lying_token_module(), "lacks functions");
    told->holes = false;
    assert_loaded(lying_token_module(), lying_token_module());
}

/* Nor may one that wants no threads be told of locks. */
static void
modules_without_locks_are_loaded(void **state)
{
    (void)state;
    lying_token_lies->needs_other_locks = true;
    assert_loaded(lying_token_module(), lying_token_module());
}

static void
files_that_others_may_write_are_refused(void **state)
{
    (void)state;
    assert_int_equal(copy_file(SOFTHSM_MODULE, inside("world.so"), 0757), 0);
    assert_refused(inside("world.so"), "may change");
    assert_int_equal(copy_file(SOFTHSM_MODULE, inside("group.so"), 0775), 0);
    assert_refused(inside("group.so"), "may change");
}

static void
files_in_directories_that_others_may_write_are_refused(void **state)
{
    (void)state;
    make_directory("open", 0777);
    assert_refused(inside("open/module.so"), "may change");
    make_directory("group", 0770);
    assert_refused(inside("group/module.so"), "may change");

    /* The directory further up counts as much. */
    make_directory("above", 0700);
    assert_int_equal(mkdir(inside("above/below"), 0700), 0);
    assert_int_equal(
        copy_file(SOFTHSM_MODULE, inside("above/below/module.so"), 0755), 0);
    assert_int_equal(chmod(inside("above"), 0703), 0);
    assert_refused(inside("above/below/module.so"), "may change");

    /* A link from a good place does not help. */
    assert_int_equal(symlink("open/module.so", inside("link.so")), 0);
    assert_refused(inside("link.so"), "may change");
}

/* In a sticky directory of root's or the caller's nobody replaces their files.
 */
static void
sticky_directories_keep_files_from_others(void **state)
{
    (void)state;
    make_directory("sticky", 01777);
    assert_loaded(inside("sticky/module.so"), inside("sticky/module.so"));
}

/* Only root can give files away. */
static void
files_of_others_are_refused(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    make_directory("foreign", 0755);
    assert_int_equal(chown(inside("foreign/module.so"), 65534, 65534), 0);
    assert_refused(inside("foreign/module.so"), "may change");
    assert_int_equal(chown(inside("foreign/module.so"), 0, 0), 0);
    assert_loaded(inside("foreign/module.so"), inside("foreign/module.so"));
    assert_int_equal(chown(inside("foreign"), 65534, 65534), 0);
    assert_refused(inside("foreign/module.so"), "may change");
}

static void
overlong_paths_are_refused(void **state)
{
    char path[2 * PATH_SIZE] = "";
    size_t length;

    (void)state;
    (void)snprintf(path, sizeof path, "%s", inside(""));
    length = strlen(path);
    memset(path + length, 'd', 200);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path + length + 200, sizeof path - length - 200,
                   "/a-name-that-makes-it-longer-than-it-may-be.so");
    assert_int_equal(copy_file(SOFTHSM_MODULE, path, 0755), 0);
    assert_refused(path, "too long");
}

static void
good_modules_are_loaded_from_their_real_path(void **state)
{
    char *real = realpath(SOFTHSM_MODULE, NULL);

    (void)state;
    assert_non_null(real);
    assert_loaded(SOFTHSM_MODULE, real);
    assert_int_equal(symlink(SOFTHSM_MODULE, inside("good-link.so")), 0);
    assert_loaded(inside("good-link.so"), real);
    free(real);
    assert_int_equal(copy_file(SOFTHSM_MODULE, inside("good.so"), 0755), 0);
    assert_loaded(inside("good.so"), inside("good.so"));
    assert_int_equal(mkdir(inside("sub"), 0755), 0);
    assert_loaded(inside("sub/../good.so"), inside("good.so"));
}

/* A second load in one process works, and the first stays in use. */
static void
loading_twice_does_not_finalise_the_first(void **state)
{
    struct pkcs11_module *first = NULL;
    struct pkcs11_module *second = NULL;
    CK_INFO info;

    (void)state;
    assert_int_equal(pkcs11_module_load(SOFTHSM_MODULE, &first, NULL), KS_OK);
    assert_int_equal(pkcs11_module_load(SOFTHSM_MODULE, &second, NULL), KS_OK);
    pkcs11_module_free(&second);
    assert_int_equal(pkcs11_module_functions(first)->C_GetInfo(&info), CKR_OK);
    pkcs11_module_free(&first);
}

static int
make_fixture(void **state)
{
    (void)state;
    fixture = store_fixture_new("pkcs11");
    return fixture != NULL ? 0 : -1;
}

static int
remove_fixture(void **state)
{
    (void)state;
    store_fixture_free(&fixture);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest files[] = {
        cmocka_unit_test(relative_paths_are_refused),
        cmocka_unit_test(missing_files_are_refused),
        cmocka_unit_test(other_kinds_of_files_are_refused),
        cmocka_unit_test(files_that_are_no_module_are_refused),
        cmocka_unit_test(files_that_others_may_write_are_refused),
        cmocka_unit_test(
            files_in_directories_that_others_may_write_are_refused),
        cmocka_unit_test(sticky_directories_keep_files_from_others),
        cmocka_unit_test(files_of_others_are_refused),
        cmocka_unit_test(overlong_paths_are_refused),
        cmocka_unit_test(good_modules_are_loaded_from_their_real_path),
        cmocka_unit_test(loading_twice_does_not_finalise_the_first),
    };
    /* Each with a token of its own: SoftHSM knows one at a time. */
    const struct CMUnitTest lists[] = {
        cmocka_unit_test_setup_teardown(
            modules_that_lie_about_their_functions_are_refused,
            lying_token_make, lying_token_remove),
        cmocka_unit_test_setup_teardown(modules_without_locks_are_loaded,
                                        lying_token_make, lying_token_remove),
    };
    int failed;

    if (secret_init(64 * 1024, NULL) != KS_OK)
        return 1;
    failed = cmocka_run_group_tests(lists, NULL, NULL);
    return failed + cmocka_run_group_tests(files, make_fixture, remove_fixture);
}
