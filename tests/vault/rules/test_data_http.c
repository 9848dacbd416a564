/* SPDX-License-Identifier: Apache-2.0 */
/* M7 in the terms of HTTP: ranges (RFC 9110, 14) and repetitions, as restic's
 * own rest-server answers them, and trailers (RFC 9113, 8.1). */
#include "tests/vault/rules/data.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

#include "tests/vault/rules/http2.h"

#define CONTENT "0123456789" /* ten bytes */
#define PROTOCOL_ERROR 1     /* RFC 9113, 7 */

static const struct reply *
ask_range(struct connection *line, const char *method, const char *content,
          const char *range, const char *more)
{
    struct request request = {
        .step = "M7",
        .method = method,
        .url = kept_format("%s/data/%s", service_url(), data_name(content)),
        .headers = {kept_format("Range: %s", range), more}};

    print_message("  %s %s\n", method, range);
    return connection_send(line, &request);
}

static void
expect_whole(const struct reply *reply, const char *content)
{
    expect_status(reply, 200);
    assert_string_equal(reply->body, content);
    assert_null(reply_header(reply, "Content-Range"));
}

static void
range_is_answered_with_its_part(void **state)
{
    static const struct part {
        const char *range, *body, *content_range;
    } parts[] = {
        {"bytes=0-0", "0", "bytes 0-0/10"},
        {"bytes=5-8", "5678", "bytes 5-8/10"},
        {"bytes=3-", "3456789", "bytes 3-9/10"},
        {"bytes=9-", "9", "bytes 9-9/10"},
        {"bytes=0-", CONTENT, "bytes 0-9/10"},
        {"bytes=7-999", "789", "bytes 7-9/10"},
        {"bytes=7-99999999999999999999", "789", "bytes 7-9/10"},
        {"bytes=-3", "789", "bytes 7-9/10"},
        {"bytes=-10", CONTENT, "bytes 0-9/10"},
        {"bytes=-999", CONTENT, "bytes 0-9/10"},
        {"BYTES=1-2", "12", "bytes 1-2/10"},
    };
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);

    (void)state;
    expect_status(data_put(line, "data", CONTENT), 200);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const struct reply *reply = ask_range(line, "GET", CONTENT,
                                              parts[i].range, NULL);

        expect_status(reply, 206);
        assert_string_equal(reply->body, parts[i].body);
        assert_string_equal(reply_header(reply, "Content-Range"),
                            parts[i].content_range);
        assert_string_equal(reply_header(reply, "Accept-Ranges"), "bytes");
    }
}

static void
range_without_a_byte_of_the_object_is_told_its_size(void **state)
{
    static const char *const ranges[] = {
        "bytes=10-",  "bytes=10-20",
        "bytes=99-",  "bytes=-0",
        "bytes=8-5",  "bytes=-",
        "bytes=",     "bytes=99999999999999999999-",
        "bytes=a-b",  "bytes=1- 5",
        "bytes=+1-5", "bytes=--5",
        "bytes=1-+5", "bytes=5"};
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);

    (void)state;
    expect_status(data_put(line, "data", CONTENT), 200);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const struct reply *reply = ask_range(line, "GET", CONTENT, ranges[i],
                                              NULL);

        expect_refused(reply, "range");
        assert_string_equal(reply_header(reply, "Content-Range"), "bytes */10");
    }
}

/* Where a server must not, or need not, do as a range says, all of it comes. */
static void
range_that_does_not_count_is_passed_over(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    const struct reply *reply;

    (void)state;
    expect_status(data_put(line, "data", CONTENT), 200);
    expect_status(data_put(line, "data", ""), 200);
    expect_whole(ask_range(line, "GET", CONTENT, "lines=1-2", NULL), CONTENT);
    expect_whole(ask_range(line, "GET", CONTENT, "bytes=0-1,4-5", NULL),
                 CONTENT);
    expect_whole(
        ask_range(line, "GET", CONTENT, "bytes=0-1", "If-Range: \"x\""),
        CONTENT);
    expect_whole(ask_range(line, "GET", "", "bytes=0-1", NULL), "");
    expect_whole(ask_range(line, "GET", "", "bytes=-1", NULL), "");
    reply = ask_range(line, "HEAD", CONTENT, "bytes=0-1", NULL);
    expect_whole(reply, "");
    assert_string_equal(reply_header(reply, "Content-Length"), "10");
    expect_whole(ask_range(line, "HEAD", CONTENT, "bytes=99-", NULL), "");
}

/* A DELETE is repeated where its answer was lost. */
static void
lock_that_is_absent_counts_as_deleted(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    const char *name = data_name(CONTENT);

    (void)state;
    expect_status(data_put(line, "locks", CONTENT), 200);
    expect_status(data_ask(line, "DELETE", "locks", name), 200);
    expect_status(data_ask(line, "DELETE", "locks", name), 200);
    expect_status(data_put(line, "locks", CONTENT), 200);
    data_expect(line, "locks", CONTENT);
}

static void
other_absent_objects_count_so_with_a_grant_alone(void **state)
{
    static const char *const types[] = {"data", "index", "keys", "snapshots"};
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    const char *name = data_name(CONTENT);

    (void)state;
    for (size_t i = 0; i < 4; i++)
        expect_refused(data_ask(line, "DELETE", types[i], name), "absent");
    expect_status(data_do(data_portal(), "prune", customer), 303);
    for (size_t i = 0; i < 4; i++)
        expect_status(data_ask(line, "DELETE", types[i], name), 200);
    expect_refused(data_ask(line, "DELETE", "config", ""), "absent");
    expect_refused(data_ask(customer->line, "DELETE", "locks", name),
                   "unknown-certificate");
}

/* METHOD on an object, with a trailer: either it was done, and that was said,
 * or the connection was ended as HTTP/2 has it, and nothing was done. */
static bool
was_done_with_trailer(const struct customer *customer,
                      const struct request *request)
{
    struct http2 *http2 = http2_new(customer->machine, customer->machine_key);
    struct http2_end end = http2_send(http2, request, "x-checksum: 1234");

    if (end.answered)
        return true;
    assert_true(end.goaway || end.reset);
    assert_int_equal(end.code, PROTOCOL_ERROR);
    return false;
}

static void
request_with_trailers_is_answered_or_has_done_nothing(void **state)
{
    struct customer *customer;
    struct connection *line = data_machine(service_fresh_vault(), &customer);
    const char *name = data_name(CONTENT);
    struct request upload = data_put_request("data", name, CONTENT);
    struct request leave = customer_self_request(customer, "DELETE");
    struct http2 *http2;

    (void)state;
    for (int told = 0; told < 2; told++) {
        upload.headers[0] = told != 0 ? "content-length: 10" : NULL;
        if (was_done_with_trailer(customer, &upload)) {
            data_expect(line, "data", CONTENT);
            break;
        }
        data_expect_absent(line, "data", CONTENT);
    }
    if (!was_done_with_trailer(customer, &leave))
        expect_status(customer_self(line, customer), 200);
    http2 = http2_new(customer->machine, customer->machine_key);
    upload = data_put_request("index", name, CONTENT);
    assert_true(http2_send(http2, &upload, NULL).answered);
    data_expect(line, "index", CONTENT);
    assert_true(http2_send(http2, &leave, NULL).answered);
    expect_refused(customer_self(line, customer), "revoked");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(range_is_answered_with_its_part),
        rule(range_without_a_byte_of_the_object_is_told_its_size),
        rule(range_that_does_not_count_is_passed_over),
        rule(lock_that_is_absent_counts_as_deleted),
        rule(other_absent_objects_count_so_with_a_grant_alone),
        rule(request_with_trailers_is_answered_or_has_done_nothing),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
