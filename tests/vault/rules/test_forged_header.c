/* SPDX-License-Identifier: Apache-2.0 */
/* nginx tells the back end in headers who the client is.  A client that sends
 * those headers itself, with the certificate of a victim whose token and
 * statements it has overheard, must gain nothing: at every location, with a
 * certificate of its own and with none. */
#include "tests/vault/rules/rules.h"

#include <dirent.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/pem.h>

#define FORGED_MAX 4
#define STRANGER "unknown-certificate|certificate-mismatch"

/* Headers that the service's own configuration fills from $ssl_client_*. */
struct forged {
    const char *names[FORGED_MAX];
    bool certificate[FORGED_MAX]; /* or else the outcome of verification */
    size_t count;
};

static void
read_configuration(struct forged *forged, char *text)
{
    char *line;

    while ((line = strsep(&text, ";")) != NULL) {
        char *at = strstr(line, "proxy_set_header");
        const char *value = at == NULL ? NULL : strstr(at, "$ssl_client_");

        if (value == NULL)
            continue;
        at += strlen("proxy_set_header");
        at += strspn(at, " \t");
        assert_true(forged->count < FORGED_MAX);
        forged->names[forged->count] = kept_format("%.*s",
                                                   (int)strcspn(at, " \t"), at);
        forged->certificate[forged->count] = strstr(value, "verify") == NULL;
        forged->count++;
    }
}

static void
find_internal_headers(struct forged *forged)
{
    DIR *directory = opendir(service_directory());
    struct dirent *entry;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL)
        if (strstr(entry->d_name, ".conf") != NULL)
            read_configuration(
                forged,
                service_read_file(
                    kept_format("%s/%s", service_directory(), entry->d_name),
                    NULL));
    (void)closedir(directory);
    /* Without any the tests below would forge nothing. */
    assert_true(forged->count > 0);
}

/* A certificate as nginx's $ssl_client_escaped_cert writes it. */
static const char *
escape_certificate(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem, *escaped, *copy;
    long length;

    assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
    length = BIO_get_mem_data(bio, &pem);
    escaped = curl_easy_escape(NULL, pem, (int)length);
    assert_non_null(escaped);
    copy = kept_format("%s", escaped);
    curl_free(escaped);
    BIO_free(bio);
    return copy;
}

/* The request again, with the victim's certificate in every internal header. */
static const struct reply *
send_forged(struct connection *line, struct request request, X509 *victim)
{
    struct forged forged = {.count = 0};
    size_t free_line = 2;

    find_internal_headers(&forged);
    for (size_t i = 0; i < forged.count; i++)
        request.headers[free_line++] = kept_format(
            "%s: %s", forged.names[i],
            forged.certificate[i] ? escape_certificate(victim)
                                  : "FAILED:self-signed certificate");
    return connection_send(line, &request);
}

static void
forged_header_without_certificate_gets_no_token(void **state)
{
    struct customer *victim = customer_new(service_fresh_vault(), "several");
    struct credential *credential = victim->credential;
    struct request request = customer_token_request(
        credential,
        customer_form(credential,
                      statement_sign(statement_assertion(credential))));

    (void)state;
    expect_refused(send_forged(connection_new(NULL, NULL), request,
                               credential->certificate),
                   STRANGER);
    expect_status(connection_send(victim->line, &request), 200);
}

static void
forged_header_beside_own_certificate_gets_no_token(void **state)
{
    struct customer *victim = customer_new(service_fresh_vault(), "several");
    struct customer *thief = customer_new(service_fresh_vault(), "several");
    struct credential *credential = victim->credential;
    struct request request = customer_token_request(
        credential,
        customer_form(credential,
                      statement_sign(statement_assertion(credential))));

    (void)state;
    expect_refused(send_forged(thief->line, request, credential->certificate),
                   "certificate-mismatch");
}

static void
forged_header_gets_no_nonce(void **state)
{
    struct customer *victim = customer_new(service_fresh_vault(), "several");
    struct customer *thief = customer_new(service_fresh_vault(), "several");
    struct request request;

    (void)state;
    customer_reach_token(victim);
    request = customer_nonce_request(victim);
    expect_refused(send_forged(connection_new(NULL, NULL), request,
                               victim->credential->certificate),
                   STRANGER);
    expect_refused(
        send_forged(thief->line, request, victim->credential->certificate),
        "certificate-mismatch");
    expect_status(connection_send(victim->line, &request), 201);
}

/* The rightful caller is told that there is no such nonce. */
static void
forged_header_answers_no_challenge(void **state)
{
    struct customer *victim = customer_new(service_fresh_vault(), "several");
    struct customer *thief = customer_new(service_fresh_vault(), "several");
    struct request request;

    (void)state;
    customer_reach_token(victim);
    request = customer_nonce_request(victim);
    request.url = kept_format("%s/evidence", request.url);
    request.body = "{\"nonce\":\"none\"}";
    expect_refused(send_forged(connection_new(NULL, NULL), request,
                               victim->credential->certificate),
                   STRANGER);
    expect_refused(
        send_forged(thief->line, request, victim->credential->certificate),
        "certificate-mismatch");
    expect_refused(connection_send(victim->line, &request), "nonce");
}

static void
forged_header_attests_no_other_machine(void **state)
{
    static const char *const steps[][2] = {{"attestation", "endorsement"},
                                           {"evidence", "nonce"}};
    struct customer *victim = customer_new(service_fresh_vault(), "several");
    struct customer *thief = customer_new(service_fresh_vault(), "several");
    struct request request;

    (void)state;
    customer_register(victim);
    for (size_t i = 0; i < 2; i++) {
        request = customer_self_request(victim, "POST");
        request.url = kept_format("%s/%s", request.url, steps[i][0]);
        request.type = "application/json";
        request.body = "{\"nonce\":\"none\"}";
        expect_refused(
            send_forged(connection_new(NULL, NULL), request, victim->machine),
            STRANGER);
        expect_refused(send_forged(thief->line, request, victim->machine),
                       STRANGER);
        expect_refused(connection_send(customer_machine_line(victim), &request),
                       steps[i][1]);
    }
}

static void
forged_header_enrols_nothing(void **state)
{
    struct customer *victim = customer_new(service_fresh_vault(), "one");
    struct customer *thief = customer_new(service_fresh_vault(), "several");
    struct request request;

    (void)state;
    customer_reach_nonce(victim);
    request = customer_enrol_request(victim, customer_proof(victim));
    expect_refused(send_forged(connection_new(NULL, NULL), request,
                               victim->credential->certificate),
                   STRANGER);
    expect_refused(
        send_forged(thief->line, request, victim->credential->certificate),
        "certificate-mismatch");
    expect_status(connection_send(victim->line, &request), 200);
}

static void
forged_header_shows_no_other_machine(void **state)
{
    struct customer *victim = customer_new(service_fresh_vault(), "several");
    struct customer *thief = customer_new(service_fresh_vault(), "several");
    const struct reply *reply;
    struct request request;

    (void)state;
    customer_register(victim);
    customer_register(thief);
    request = customer_self_request(victim, "GET");
    expect_refused(
        send_forged(connection_new(NULL, NULL), request, victim->machine),
        STRANGER);
    reply = send_forged(customer_machine_line(thief), request, victim->machine);
    expect_status(reply, 200);
    assert_string_equal(reply_text(reply, "machine"),
                        machine_uuid(thief->machine));
}

static void
forged_header_removes_no_other_machine(void **state)
{
    struct customer *victim = customer_new(service_fresh_vault(), "several");
    struct customer *thief = customer_new(service_fresh_vault(), "several");
    struct request request;

    (void)state;
    customer_register(victim);
    request = customer_self_request(victim, "DELETE");
    expect_refused(
        send_forged(connection_new(NULL, NULL), request, victim->machine),
        STRANGER);
    expect_refused(send_forged(thief->line, request, victim->machine),
                   STRANGER);
    expect_status(customer_self(customer_machine_line(victim), victim), 200);
}

static void
forged_header_opens_no_data(void **state)
{
    struct customer *victim = customer_new(service_fresh_vault(), "several");
    struct customer *thief = customer_new(service_fresh_vault(), "several");
    struct request put = {.step = "M7",
                          .method = "POST",
                          .url = kept_format("%s/config", service_url()),
                          .body = "the victim's"};
    struct request get = {.step = "M7", .method = "GET", .url = put.url};

    (void)state;
    customer_register(victim);
    customer_register(thief);
    expect_status(connection_send(customer_machine_line(victim), &put), 200);
    expect_refused(
        send_forged(connection_new(NULL, NULL), get, victim->machine),
        STRANGER);
    expect_refused(
        send_forged(customer_machine_line(thief), get, victim->machine),
        "absent");
    put.body = "the thief's";
    expect_status(
        send_forged(customer_machine_line(thief), put, victim->machine), 200);
    assert_string_equal(
        connection_send(customer_machine_line(victim), &get)->body,
        "the victim's");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(forged_header_without_certificate_gets_no_token),
        rule(forged_header_beside_own_certificate_gets_no_token),
        rule(forged_header_gets_no_nonce),
        rule(forged_header_answers_no_challenge),
        rule(forged_header_attests_no_other_machine),
        rule(forged_header_enrols_nothing),
        rule(forged_header_shows_no_other_machine),
        rule(forged_header_removes_no_other_machine),
        rule(forged_header_opens_no_data),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
