/* SPDX-License-Identifier: Apache-2.0 */
/* M7: what a machine's certificate opens, what it does not, and what a stolen
 * machine key cannot destroy. */
#include "tests/vault/rules/data.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

#define CIPHERTEXT "what only the passphrase opens"
#define DAY 86400L

static void
without_a_machines_certificate_there_is_no_data(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    /* Nobody, and whoever has the stolen file. */
    struct connection *strangers[] = {connection_new(NULL, NULL),
                                      customer->line};

    (void)state;
    expect_status(data_put(line, "data", CIPHERTEXT), 200);
    for (size_t i = 0; i < 2; i++) {
        struct connection *stranger = strangers[i];
        const char *name = data_name(CIPHERTEXT);

        expect_refused(data_send(stranger, "POST", "/?create=true", ""),
                       "unknown-certificate");
        expect_refused(data_send(stranger, "GET", "/data/", NULL),
                       "unknown-certificate");
        expect_refused(data_ask(stranger, "GET", "data", name),
                       "unknown-certificate");
        expect_refused(data_ask(stranger, "DELETE", "data", name),
                       "unknown-certificate");
        expect_refused(data_put(stranger, "data", "something else"),
                       "unknown-certificate");
    }
    data_expect(line, "data", CIPHERTEXT);
}

static void
another_machine_of_the_vault_sees_nothing(void **state)
{
    struct vault vault = service_fresh_vault();
    struct customer *owner, *other;
    struct connection *line = data_machine(vault, &owner);
    struct connection *neighbour = data_machine(vault, &other);
    const struct reply *list;

    (void)state;
    expect_status(data_put(line, "config", CIPHERTEXT), 200);
    expect_status(data_put(line, "data", CIPHERTEXT), 200);
    data_expect_absent(neighbour, "data", CIPHERTEXT);
    expect_refused(data_ask(neighbour, "GET", "config", ""), "absent");
    expect_refused(data_ask(neighbour, "DELETE", "data", data_name(CIPHERTEXT)),
                   "absent");
    list = data_send(neighbour, "GET", "/data/", NULL);
    expect_status(list, 200);
    assert_string_equal(list->body, "[]");
    data_expect(line, "data", CIPHERTEXT);
}

static void
content_under_a_foreign_hash_is_refused(void **state)
{
    static const char *const types[] = {"data", "index", "keys", "locks",
                                        "snapshots"};
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        expect_refused(data_put_as(line, types[i], data_name(CIPHERTEXT),
                                   "garbage in its place"),
                       "content");
        data_expect_absent(line, types[i], CIPHERTEXT);
    }
}

static void
nothing_is_ever_overwritten(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);

    (void)state;
    expect_status(data_put(line, "config", CIPHERTEXT), 200);
    expect_status(data_put(line, "data", CIPHERTEXT), 200);
    expect_refused(data_put(line, "config", "another"), "exists");
    expect_refused(data_put(line, "data", CIPHERTEXT), "exists");
    expect_refused(data_put_as(line, "data", data_name(CIPHERTEXT), "garbage"),
                   "exists");
    data_expect(line, "config", CIPHERTEXT);
    data_expect(line, "data", CIPHERTEXT);
}

/* %s is an object's name. */
static void
paths_off_the_list_lead_nowhere(void **state)
{
    static const char *const paths[] = {
        "/data/../config",
        "/data/..%%2fconfig",
        "/data/%%2e%%2e/keys/%s",
        "/data/./%s",
        "/data//%s",
        "//data/%s",
        "/data/%s/",
        "/data/%s/x",
        "/data/%.63s",
        "/data/%sa",
        "/data/%.62sZZ",
        "/data/%s%%00",
        "/data/.new",
        "/other/%s",
        "/data",
        "/config/",
        "/config/%s",
        "/../vault.db",
        "/data/%%2e%%2e%%2f%%2e%%2e%%2fvault.db"};
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    const char *name = data_name(CIPHERTEXT);

    (void)state;
    expect_status(data_put(line, "data", CIPHERTEXT), 200);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        const char *path;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        path = kept_format(paths[i], name);
#pragma GCC diagnostic pop
        print_message("  %s\n", path);
        expect_refused(data_send(line, "POST", path, CIPHERTEXT),
                       "absent|request");
        expect_refused(data_send(line, "GET", path, NULL), "absent|request");
        expect_refused(data_send(line, "DELETE", path, NULL), "absent|request");
    }
    data_expect(line, "data", CIPHERTEXT);
    expect_refused(data_ask(line, "GET", "config", ""), "absent");
}

/* A thief of the machine's key can add, and can unlock what it locked. */
static void
nothing_but_a_lock_is_deleted_without_a_grant(void **state)
{
    static const char *const types[] = {"data", "index", "snapshots"};
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);

    (void)state;
    expect_status(data_put(line, "config", CIPHERTEXT), 200);
    expect_status(data_put(line, "keys", CIPHERTEXT), 200);
    expect_status(data_put(line, "locks", CIPHERTEXT), 200);
    for (size_t i = 0; i < 3; i++) {
        expect_status(data_put(line, types[i], CIPHERTEXT), 200);
        expect_refused(
            data_ask(line, "DELETE", types[i], data_name(CIPHERTEXT)), "grant");
        data_expect(line, types[i], CIPHERTEXT);
    }
    expect_refused(data_ask(line, "DELETE", "config", ""), "retained");
    expect_refused(data_ask(line, "DELETE", "keys", data_name(CIPHERTEXT)),
                   "retained");
    expect_status(data_ask(line, "DELETE", "locks", data_name(CIPHERTEXT)),
                  200);
    data_expect_absent(line, "locks", CIPHERTEXT);
}

static const struct reply *
delete_with_forged_times(struct connection *line, const char *name)
{
    struct request request = {
        .step = "M7",
        .method = "DELETE",
        .url = kept_format("%s/snapshots/%s", service_url(), name),
        .headers = {"Date: Mon, 01 Jan 2001 00:00:00 GMT",
                    "Last-Modified: Mon, 01 Jan 2001 00:00:00 GMT",
                    "If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT"}};

    return connection_send(line, &request);
}

/* Also with a grant, what the vault received in the last thirty days stays,
 * whatever a client says of its age; and a grant is over after a day. */
static void
young_objects_outlive_a_grant(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    const char *name = data_name(CIPHERTEXT);

    (void)state;
    expect_status(data_put(line, "snapshots", CIPHERTEXT), 200);
    expect_status(data_do(data_portal(), "prune", customer), 303);
    expect_refused(data_ask(line, "DELETE", "snapshots", name), "retained");
    expect_refused(delete_with_forged_times(line, name), "retained");
    service_set_clock(30 * DAY + 60);
    expect_refused(data_ask(line, "DELETE", "snapshots", name), "grant");
    expect_status(data_do(data_portal(), "prune", customer), 303);
    expect_status(data_ask(line, "DELETE", "snapshots", name), 200);
    data_expect_absent(line, "snapshots", CIPHERTEXT);
}

/* Somebody else's keys could lock the owner's restic out. */
static void
second_key_needs_a_grant_and_the_last_one_stays(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);

    (void)state;
    expect_status(data_put(line, "keys", "first"), 200);
    expect_refused(data_put(line, "keys", "second"), "grant");
    expect_status(data_do(data_portal(), "prune", customer), 303);
    expect_status(data_put(line, "keys", "second"), 200);
    service_set_clock(30 * DAY + 60);
    expect_status(data_do(data_portal(), "prune", customer), 303);
    expect_status(data_ask(line, "DELETE", "keys", data_name("first")), 200);
    expect_refused(data_ask(line, "DELETE", "keys", data_name("second")),
                   "retained");
    data_expect(line, "keys", "second");
}

static void
vault_takes_no_more_than_its_quota(void **state)
{
    struct vault vault = service_fresh_vault();
    struct customer *one, *two;
    struct connection *line = data_machine(vault, &one);
    struct connection *other = data_machine(vault, &two);

    (void)state;
    service_set_quota(vault, 30);
    expect_status(data_put(line, "data", "twenty bytes of data"), 200);
    expect_refused(data_put(line, "data", "eleven byte"), "quota");
    expect_refused(data_put(other, "data", "eleven byte"), "quota");
    expect_status(data_put(other, "data", "ten bytes."), 200);
    expect_refused(data_put(line, "data", "1"), "quota");
    data_expect_absent(line, "data", "eleven byte");
}

static void
revoke(void *context)
{
    service_revoke_machine(context);
}

/* The upload began when the machine had access, and has not when it ends. */
static void
machine_revoked_during_its_upload_has_not_uploaded(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    size_t size = (size_t)16 << 20;
    char *content = kept_new(size + 1);
    const char *uuid = machine_uuid(customer->machine);
    struct request request;
    struct customer *heir;

    (void)state;
    memset(content, 'x', size);
    request = data_put_request("data", data_name(content), content);
    request.pause = revoke;
    request.context = (void *)(uintptr_t)uuid;
    expect_refused(connection_send(line, &request), "revoked");
    heir = customer_with_file(customer->vault,
                              data_replacement(data_portal(), customer));
    customer_register(heir);
    data_expect_absent(customer_machine_line(heir), "data", content);
}

static void
object_beyond_all_measure_is_refused(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    struct request request = data_put_request("data", data_name(""), "");

    (void)state;
    request.headers[0] = "Content-Length: 999999999999";
    expect_refused(connection_send(line, &request), "large");
}

static void
objects_are_listed(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    const char *name = data_name(CIPHERTEXT);
    const struct reply *reply;

    (void)state;
    expect_status(data_ask(line, "HEAD", "config", ""), 404);
    expect_status(data_send(line, "POST", "/?create=true", ""), 200);
    expect_refused(data_send(line, "GET", "/file-4711", NULL), "absent");
    expect_status(data_put(line, "data", CIPHERTEXT), 200);
    reply = data_ask(line, "HEAD", "data", name);
    expect_status(reply, 200);
    assert_string_equal(reply_header(reply, "Content-Length"),
                        kept_format("%zu", strlen(CIPHERTEXT)));
    reply = data_send(line, "GET", "/data/", NULL);
    expect_status(reply, 200);
    assert_string_equal(reply_header(reply, "Content-Type"),
                        "application/vnd.x.restic.rest.v2");
    assert_string_equal(reply->body,
                        kept_format("[{\"name\":\"%s\",\"size\":%zu}]", name,
                                    strlen(CIPHERTEXT)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(without_a_machines_certificate_there_is_no_data),
        rule(another_machine_of_the_vault_sees_nothing),
        rule(content_under_a_foreign_hash_is_refused),
        rule(nothing_is_ever_overwritten),
        rule(paths_off_the_list_lead_nowhere),
        rule(nothing_but_a_lock_is_deleted_without_a_grant),
        rule(young_objects_outlive_a_grant),
        rule(second_key_needs_a_grant_and_the_last_one_stays),
        rule(vault_takes_no_more_than_its_quota),
        rule(machine_revoked_during_its_upload_has_not_uploaded),
        rule(object_beyond_all_measure_is_refused),
        rule(objects_are_listed),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
