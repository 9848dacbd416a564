/* SPDX-License-Identifier: Apache-2.0 */
/* Knows paths and nothing of restic's format: the vault must not either. */
#include "tests/vault/rules/data.h"
#include "tests/vault/rules/rules.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *
data_name(const char *content)
{
    uint8_t hash[32];

    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, content,
                                  strlen(content), hash, NULL),
                     1);
    return machine_hex(hash, sizeof hash);
}

const struct reply *
data_send(struct connection *line, const char *method, const char *path,
          const char *body)
{
    struct request request = {.step = "M7",
                              .method = method,
                              .url = kept_format("%s%s", service_url(), path),
                              .type = body != NULL ? "application/octet-stream"
                                                   : NULL,
                              .body = body};

    return connection_send(line, &request);
}

static const char *
path_of(const char *type, const char *name)
{
    return kept_format("/%s%s%s", type, *name != '\0' ? "/" : "", name);
}

const struct reply *
data_ask(struct connection *line, const char *method, const char *type,
         const char *name)
{
    return data_send(line, method, path_of(type, name), NULL);
}

struct request
data_put_request(const char *type, const char *name, const char *content)
{
    return (struct request){
        .step = "M7",
        .method = "POST",
        .url = kept_format("%s%s", service_url(), path_of(type, name)),
        .type = "application/octet-stream",
        .body = content};
}

const struct reply *
data_put_as(struct connection *line, const char *type, const char *name,
            const char *content)
{
    struct request request = data_put_request(type, name, content);

    return connection_send(line, &request);
}

const struct reply *
data_put(struct connection *line, const char *type, const char *content)
{
    return data_put_as(line, type,
                       strcmp(type, "config") == 0 ? "" : data_name(content),
                       content);
}

void
data_expect(struct connection *line, const char *type, const char *content)
{
    const struct reply *reply = data_ask(
        line, "GET", type,
        strcmp(type, "config") == 0 ? "" : data_name(content));

    expect_status(reply, 200);
    assert_string_equal(reply->body, content);
}

void
data_expect_absent(struct connection *line, const char *type,
                   const char *content)
{
    expect_refused(data_ask(line, "GET", type, data_name(content)), "absent");
}

struct connection *
data_machine(struct vault vault, struct customer **ret_customer)
{
    *ret_customer = customer_new(vault, "several");
    customer_register(*ret_customer);
    return customer_machine_line(*ret_customer);
}

struct connection *
data_portal(void)
{
    struct connection *browser = browser_new();

    expect_status(browser_log_in(browser, service_password()), 303);
    return browser;
}

static struct form
find_question(struct connection *browser, const char *action,
              const struct customer *customer)
{
    const char *path = kept_format("/vaults/%s/machines/%s/%s",
                                   customer->vault.id,
                                   machine_uuid(customer->machine), action);
    const struct reply *page = browser_get(browser, path);

    expect_status(page, 200);
    return browser_form(page, path);
}

const struct reply *
data_do(struct connection *browser, const char *action,
        const struct customer *customer)
{
    struct form form = find_question(browser, action, customer);

    if (strcmp(action, "delete") == 0)
        statement_set(form.fields, "confirm", customer->name);
    return browser_submit(browser, form);
}

const char *
data_replacement(struct connection *browser, const struct customer *customer)
{
    const struct reply *reply = data_do(browser, "replace", customer);
    const char *directory = kept_format("%s/r-%s", service_directory(),
                                        machine_uuid(customer->machine));
    const char *path = kept_format("%s/file", directory);
    FILE *file;

    expect_status(reply, 200);
    assert_int_equal(mkdir(directory, 0700), 0);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(reply->body, 1, reply->length, file),
                     reply->length);
    assert_int_equal(fclose(file), 0);
    return path;
}
