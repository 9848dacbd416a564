/* SPDX-License-Identifier: Apache-2.0 */
/* Whose data it is: what becomes of it when a machine leaves, is revoked, comes
 * back or is replaced, and who cannot get at it then. */
#include "tests/vault/rules/data.h"
#include "tests/vault/rules/rules.h"

#include <dirent.h>
#include <string.h>

#define CIPHERTEXT "what only the passphrase opens"

/* A machine with an object. */
static struct connection *
machine_with_data(struct customer **ret)
{
    struct connection *line = data_machine(service_fresh_vault(), ret);

    expect_status(data_put(line, "data", CIPHERTEXT), 200);
    return line;
}

/* Registers anew in the same vault, with KEY. */
static struct connection *
register_with(const struct customer *customer, EVP_PKEY *key)
{
    struct customer *new = customer_new(customer->vault, "several");

    new->machine_key = key;
    customer_register(new);
    return customer_machine_line(new);
}

/* As the machine is now, and the page says what can be done instead. */
static void
expect_impossible(const struct reply *page, const char *advice)
{
    expect_status(page, 409);
    assert_non_null(strstr(page->body, advice));
}

static void
name_brings_no_data(void **state)
{
    struct customer *customer;
    struct connection *line = machine_with_data(&customer);
    struct connection *same = register_with(customer, machine_new_key("P-256"));

    (void)state;
    data_expect_absent(same, "data", CIPHERTEXT);
    data_expect(line, "data", CIPHERTEXT);
}

static void
revoked_machine_has_no_data_on_its_open_connection(void **state)
{
    struct customer *customer;
    struct connection *line = machine_with_data(&customer);
    const struct reply *reply;

    (void)state;
    data_expect(line, "data", CIPHERTEXT);
    expect_status(data_do(data_portal(), "revoke", customer), 303);
    reply = data_ask(line, "GET", "data", data_name(CIPHERTEXT));
    assert_false(reply->handshake);
    expect_refused(reply, "revoked");
    expect_refused(data_put(line, "data", "more"), "revoked");
    expect_refused(data_ask(line, "DELETE", "locks", data_name(CIPHERTEXT)),
                   "revoked");
}

/* Its key was revoked because somebody else may have it. */
static void
revoked_key_brings_no_data_back(void **state)
{
    struct customer *customer;

    (void)state;
    (void)machine_with_data(&customer);
    service_revoke_machine(machine_uuid(customer->machine));
    data_expect_absent(register_with(customer, customer->machine_key), "data",
                       CIPHERTEXT);
}

static void
key_of_a_machine_that_left_brings_its_data_back(void **state)
{
    struct customer *customer;
    struct connection *line = machine_with_data(&customer);

    (void)state;
    expect_status(customer_leave(line, customer), 204);
    expect_refused(data_ask(line, "GET", "data", data_name(CIPHERTEXT)),
                   "revoked");
    data_expect(register_with(customer, customer->machine_key), "data",
                CIPHERTEXT);
}

/* The other vault has not seen this key. */
static void
key_brings_no_data_into_another_vault(void **state)
{
    struct customer *customer;
    struct customer *elsewhere = customer_new(service_fresh_vault(), "one");

    (void)state;
    (void)machine_with_data(&customer);
    elsewhere->machine_key = customer->machine_key;
    customer_register(elsewhere);
    data_expect_absent(customer_machine_line(elsewhere), "data", CIPHERTEXT);
}

static void
replacement_gets_the_data_and_ends_the_old_ones_access(void **state)
{
    struct customer *customer;
    struct connection *line = machine_with_data(&customer);
    struct connection *browser = data_portal();
    struct customer *heir = customer_with_file(
        customer->vault, data_replacement(browser, customer));

    (void)state;
    data_expect(line, "data", CIPHERTEXT);
    customer_register(heir);
    data_expect(customer_machine_line(heir), "data", CIPHERTEXT);
    expect_refused(data_ask(line, "GET", "data", data_name(CIPHERTEXT)),
                   "revoked");
    /* It was for one machine. */
    expect_refused(customer_token(customer_copy(heir)), "retired");
    /* And its place is taken. */
    expect_impossible(
        browser_get(browser, kept_format("/vaults/%s/machines/%s/replace",
                                         customer->vault.id,
                                         machine_uuid(customer->machine))),
        "Replace that one");
}

static void
revoked_machine_is_replaced_too(void **state)
{
    struct customer *customer, *heir;
    struct connection *browser = data_portal();

    (void)state;
    (void)machine_with_data(&customer);
    expect_status(data_do(browser, "revoke", customer), 303);
    heir = customer_with_file(customer->vault,
                              data_replacement(browser, customer));
    customer_register(heir);
    data_expect(customer_machine_line(heir), "data", CIPHERTEXT);
}

static void
replacement_file_that_was_superseded_replaces_nothing(void **state)
{
    struct customer *customer;
    struct connection *line = machine_with_data(&customer);
    struct customer *heir = customer_with_file(
        customer->vault, data_replacement(data_portal(), customer));

    (void)state;
    customer_reach_nonce(heir);
    (void)service_download(customer->vault, "one", "p256");
    expect_refused(customer_enrol(heir), "superseded");
    data_expect(line, "data", CIPHERTEXT);
}

static void
restart(void *context)
{
    (void)context;
    service_restart();
}

/* Entries of the directory PATH, but for "." and "..". */
static size_t
count_entries(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    size_t count = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            count++;
    (void)closedir(directory);
    return count;
}

/* What was answered is kept, and what was cut off leaves nothing. */
static void
data_outlives_the_service(void **state)
{
    struct customer *customer;
    struct connection *line = machine_with_data(&customer);
    size_t size = (size_t)16 << 20;
    char *content = kept_new(size + 1);
    struct request request;
    const struct reply *reply;

    (void)state;
    memset(content, 'y', size);
    request = data_put_request("data", data_name(content), content);
    request.pause = restart;
    reply = connection_send(line, &request);
    assert_int_not_equal(reply->status, 200);
    assert_int_equal(
        count_entries(kept_format("%s/data/.new", service_directory())), 0);
    line = customer_machine_line(customer);
    data_expect(line, "data", CIPHERTEXT);
    data_expect_absent(line, "data", content);
}

/* Files below PATH whose name is HASH. */
static size_t
count_files(const char *path, const char *hash)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    size_t count = 0;

    if (directory == NULL)
        return 0;
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, hash) == 0)
            count++;
        else if (entry->d_name[0] != '.')
            count += count_files(kept_format("%s/%s", path, entry->d_name),
                                 hash);
    }
    (void)closedir(directory);
    return count;
}

static void
owner_deletes_data_after_the_access_has_ended(void **state)
{
    const char *content = "the only one of this content";
    const char *data = kept_format("%s/data", service_directory());
    struct connection *browser = data_portal();
    struct customer *customer, *heir;
    struct connection *line = machine_with_data(&customer);
    const char *path;
    struct form form;

    (void)state;
    expect_status(data_put(line, "data", content), 200);
    path = kept_format("/vaults/%s/machines/%s/delete", customer->vault.id,
                       machine_uuid(customer->machine));
    expect_impossible(browser_get(browser, path), "Revoke it first");
    expect_status(data_do(browser, "revoke", customer), 303);
    form = browser_form(browser_get(browser, path), path);
    statement_set(form.fields, "confirm", "another name");
    expect_status(browser_submit(browser, form), 400);
    assert_int_equal(count_files(data, data_name(content)), 1);
    expect_status(data_do(browser, "delete", customer), 303);
    assert_int_equal(count_files(data, data_name(content)), 0);
    heir = customer_with_file(customer->vault,
                              data_replacement(browser, customer));
    customer_register(heir);
    data_expect_absent(customer_machine_line(heir), "data", content);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(name_brings_no_data),
        rule(revoked_machine_has_no_data_on_its_open_connection),
        rule(revoked_key_brings_no_data_back),
        rule(key_brings_no_data_into_another_vault),
        rule(replacement_file_that_was_superseded_replaces_nothing),
        rule(key_of_a_machine_that_left_brings_its_data_back),
        rule(replacement_gets_the_data_and_ends_the_old_ones_access),
        rule(revoked_machine_is_replaced_too),
        rule(data_outlives_the_service),
        rule(owner_deletes_data_after_the_access_has_ended),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
