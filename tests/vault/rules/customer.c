/* SPDX-License-Identifier: Apache-2.0 */
/* M1 to M5 from the customer's side, as docs/protocol.md has them. */
#include "tests/vault/rules/rules.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

struct customer *
customer_with_file(struct vault vault, const char *path)
{
    struct customer *new = kept_new(sizeof *new);

    new->vault = vault;
    new->credential = credential_read(path);
    new->line = connection_new(new->credential->certificate,
                               new->credential->key);
    new->machine_key = machine_new_key("P-256");
    new->name = "kiosk-7";
    return new;
}

struct customer *
customer_new_with(struct vault vault, const char *machines, const char *key)
{
    return customer_with_file(vault, service_download(vault, machines, key));
}

struct customer *
customer_new(struct vault vault, const char *machines)
{
    return customer_new_with(vault, machines, "p256");
}

struct customer *
customer_copy(const struct customer *customer)
{
    struct customer *copy = kept_new(sizeof *copy);

    *copy = *customer;
    copy->line = connection_new(customer->credential->certificate,
                                customer->credential->key);
    copy->machine_key = machine_new_key("P-256");
    copy->token = copy->nonce = NULL;
    copy->machine = NULL;
    return copy;
}

const char *
customer_token_endpoint(const struct credential *credential)
{
    return kept_format("%s/%s/oauth2/v2.0/token", credential->authority,
                       credential->tenant);
}

json_t *
customer_form(const struct credential *credential, const char *assertion)
{
    json_t *form = kept_json(json_object());

    statement_set(form, "grant_type", "client_credentials");
    statement_set(form, "client_id", credential->client_id);
    statement_set(form, "scope",
                  kept_format("%s/.default", credential->audience));
    statement_set(form, "client_assertion_type",
                  "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    statement_set(form, "client_assertion", assertion);
    return form;
}

const char *
customer_encode_form(json_t *form)
{
    const char *text = "";
    const char *name;
    json_t *value;

    json_object_foreach(form, name, value)
    {
        char *escaped = curl_easy_escape(NULL, json_string_value(value), 0);

        assert_non_null(escaped);
        text = kept_format("%s%s%s=%s", text, *text == '\0' ? "" : "&", name,
                           escaped);
        curl_free(escaped);
    }
    return text;
}

struct request
customer_token_request(const struct credential *credential, json_t *form)
{
    return (struct request){.step = "M2",
                            .method = "POST",
                            .url = customer_token_endpoint(credential),
                            .type = "application/x-www-form-urlencoded",
                            .body = customer_encode_form(form)};
}

const struct reply *
customer_assert(struct customer *customer, const char *assertion)
{
    struct request request = customer_token_request(
        customer->credential, customer_form(customer->credential, assertion));
    const struct reply *reply = connection_send(customer->line, &request);

    if (reply->status == 200)
        customer->token = reply_text(reply, "access_token");
    return reply;
}

const struct reply *
customer_token(struct customer *customer)
{
    return customer_assert(
        customer, statement_sign(statement_assertion(customer->credential)));
}

const struct reply *
customer_token_again(struct customer *customer)
{
    struct statement assertion = statement_assertion(customer->credential);

    statement_set(assertion.claims, "machine_key",
                  statement_key_hash(customer->machine_key));
    return customer_assert(customer, statement_sign(assertion));
}

static const char *
authorization(const struct customer *customer)
{
    return kept_format("Authorization: Bearer %s", customer->token);
}

struct request
customer_nonce_request(const struct customer *customer)
{
    json_t *body = kept_json(json_pack("{s:s}", "name", customer->name));

    return (struct request){
        .step = "M3",
        .method = "POST",
        .url = kept_format("%senrolments", customer->credential->endpoint),
        .type = "application/json",
        .body = kept_memory(json_dumps(body, JSON_COMPACT)),
        .headers = {authorization(customer)}};
}

const struct reply *
customer_nonce(struct customer *customer)
{
    struct request request = customer_nonce_request(customer);
    const struct reply *reply = connection_send(customer->line, &request);

    if (reply->status == 201)
        customer->nonce = reply_text(reply, "nonce");
    return reply;
}

const char *
customer_proof(const struct customer *customer)
{
    return statement_sign(statement_proof(
        customer->credential, customer->machine_key, customer->nonce));
}

struct request
customer_enrol_request(const struct customer *customer, const char *proof)
{
    return (struct request){
        .step = "M4",
        .method = "POST",
        .url = kept_format("%s/.well-known/est/%s/simpleenroll",
                           customer->credential->origin,
                           customer->credential->vault),
        .type = "application/pkcs10",
        .body = machine_request(customer->machine_key, MACHINE_PLAIN),
        .headers = {authorization(customer),
                    kept_format("Enrolment-Proof: %s", proof)}};
}

const struct reply *
customer_enrol(struct customer *customer)
{
    struct request request = customer_enrol_request(customer,
                                                    customer_proof(customer));
    const struct reply *reply = connection_send(customer->line, &request);

    if (reply->status == 200)
        customer->machine = machine_certificate(reply->body);
    return reply;
}

void
customer_reach_token(struct customer *customer)
{
    expect_status(customer_token(customer), 200);
}

struct customer *
customer_with_token(void)
{
    struct customer *customer = customer_new(service_fresh_vault(), "several");

    customer_reach_token(customer);
    return customer;
}

void
customer_reach_nonce(struct customer *customer)
{
    customer_reach_token(customer);
    expect_status(customer_nonce(customer), 201);
}

void
customer_register(struct customer *customer)
{
    customer_reach_nonce(customer);
    expect_status(customer_enrol(customer), 200);
}

struct connection *
customer_machine_line(const struct customer *customer)
{
    return connection_new(customer->machine, customer->machine_key);
}

struct request
customer_self_request(const struct customer *customer, const char *method)
{
    return (struct request){
        .step = "M5",
        .method = method,
        .url = kept_format("%smachines/self", customer->credential->endpoint)};
}

const struct reply *
customer_self(struct connection *line, const struct customer *customer)
{
    struct request request = customer_self_request(customer, "GET");

    return connection_send(line, &request);
}

const struct reply *
customer_leave(struct connection *line, const struct customer *customer)
{
    struct request request = customer_self_request(customer, "DELETE");

    return connection_send(line, &request);
}

const struct reply *
customer_cacerts(const struct customer *customer)
{
    struct request request = {
        .step = "M4",
        .method = "GET",
        .url = kept_format("%s/.well-known/est/%s/cacerts",
                           customer->credential->origin,
                           customer->credential->vault)};

    return connection_send(connection_new(NULL, NULL), &request);
}
