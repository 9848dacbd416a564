/* SPDX-License-Identifier: Apache-2.0 */
/* Reads just so much HTML as plain server-rendered pages are made of. */
#include "tests/vault/rules/browser.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

#define REDIRECTS 5

struct connection *
browser_new(void)
{
    return connection_new(NULL, NULL);
}

static const char *
absolute(const char *path)
{
    return path[0] == '/' ? kept_format("%s%s", service_url(), path) : path;
}

const struct reply *
browser_get(struct connection *browser, const char *path)
{
    struct request request = {
        .step = "M0", .method = "GET", .url = absolute(path)};
    const struct reply *reply = connection_send(browser, &request);

    for (int i = 0; i < REDIRECTS && reply->status / 100 == 3; i++) {
        const char *to = reply_header(reply, "Location");

        assert_non_null(to);
        request.url = absolute(to);
        reply = connection_send(browser, &request);
    }
    return reply;
}

/* The value of an attribute in one tag, or NULL. */
static const char *
attribute(const char *tag, const char *name)
{
    const char *start = kept_format(" %s=\"", name);
    const char *from = strstr(tag, start);

    if (from == NULL)
        return NULL;
    from += strlen(start);
    return kept_format("%.*s", (int)strcspn(from, "\""), from);
}

static void
read_input(struct form *form, const char *tag)
{
    const char *name = attribute(tag, "name");
    const char *type = attribute(tag, "type");
    const char *value = attribute(tag, "value");

    if (name == NULL)
        return;
    if (type == NULL || strcmp(type, "text") == 0)
        form->name = name;
    if (type != NULL && strcmp(type, "password") == 0)
        form->password = name;
    if (type != NULL && strcmp(type, "radio") == 0 &&
        strstr(tag, " checked") == NULL)
        return;
    statement_set(form->fields, name, value != NULL ? value : "");
}

static struct form
read_form(const char *html)
{
    struct form form = {.action = attribute(html, "action"),
                        .fields = kept_json(json_object())};
    const char *tag = html;

    while ((tag = strstr(tag, "<input")) != NULL) {
        read_input(&form, kept_format("%.*s", (int)strcspn(tag, ">"), tag));
        tag++;
    }
    return form;
}

struct form
browser_form(const struct reply *page, const char *part)
{
    const char *at = page->body;
    struct form form = {NULL, NULL, NULL, NULL};

    while ((at = strstr(at, "<form")) != NULL) {
        const char *end = strstr(at, "</form>");

        assert_non_null(end);
        form = read_form(kept_format("%.*s", (int)(end - at), at));
        if (form.action != NULL && strstr(form.action, part) != NULL)
            return form;
        at = end;
    }
    fail_msg("no form for %s on the page: %s", part, page->body);
    return form;
}

static struct request
form_request(struct form form)
{
    return (struct request){.step = "M0",
                            .method = "POST",
                            .url = absolute(form.action),
                            .type = "application/x-www-form-urlencoded",
                            .body = customer_encode_form(form.fields)};
}

const struct reply *
browser_submit(struct connection *browser, struct form form)
{
    struct request request = form_request(form);

    return connection_send(browser, &request);
}

const struct reply *
browser_submit_from(struct connection *browser, struct form form,
                    const char *address)
{
    struct request request = form_request(form);

    request.headers[0] = kept_format("Vault-Address: %s", address);
    request.headers[1] = kept_format("X-Forwarded-For: %s", address);
    return connection_send(browser, &request);
}

const struct reply *
browser_log_in(struct connection *browser, const char *password)
{
    struct form form = browser_form(browser_get(browser, "/vaults"), "login");

    assert_non_null(form.name);
    assert_non_null(form.password);
    statement_set(form.fields, form.name, service_user());
    statement_set(form.fields, form.password, password);
    return browser_submit(browser, form);
}
