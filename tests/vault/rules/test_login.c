/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets a session in the portal, how often somebody may try, and what a
 * session's cookie is good for. */
#include "tests/vault/rules/browser.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

static void
wrong_password_opens_nothing(void **state)
{
    static const char *const wrong[] = {"", "password", "admin"};
    struct vault vault = service_fresh_vault();

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct connection *browser = browser_new();
        const struct reply *reply = browser_log_in(browser, wrong[i]);

        expect_status(reply, 403);
        reply = browser_get(browser, "/vaults");
        assert_null(strstr(reply->body, vault.name));
        (void)browser_form(reply, "login");
    }
}

/* Right or wrong, whatever comes after the fifth failure is not looked at until
 * a quarter of an hour has passed.  An address that the client makes up is not
 * another address. */
static void
guessing_is_limited(void **state)
{
    const struct reply *reply;
    struct connection *browser = browser_new();
    struct form form;

    (void)state;
    for (int i = 0; i < 5; i++)
        expect_status(browser_log_in(browser_new(), "guess"), 403);
    reply = browser_log_in(browser, service_password());
    expect_status(reply, 429);
    assert_non_null(reply_header(reply, "Retry-After"));
    form = browser_form(browser_get(browser, "/login"), "login");
    statement_set(form.fields, form.name, service_user());
    statement_set(form.fields, form.password, service_password());
    expect_status(browser_submit_from(browser, form, "192.0.2.7"), 429);
    service_set_clock(901);
    expect_status(browser_log_in(browser, service_password()), 303);
}

/* Twenty failures from one address end its tries at every name. */
static void
guessing_many_names_is_limited(void **state)
{
    struct connection *browser = browser_new();
    struct form form;

    (void)state;
    for (int i = 0; i < 21; i++) {
        form = browser_form(browser_get(browser, "/login"), "login");
        statement_set(form.fields, form.name, kept_format("name-%d", i));
        statement_set(form.fields, form.password, "guess");
        expect_status(browser_submit(browser, form), i < 20 ? 403 : 429);
    }
    service_set_clock(901);
    expect_status(browser_log_in(browser, service_password()), 303);
}

static void
login_without_csrf_token_is_refused(void **state)
{
    struct connection *browser = browser_new();
    struct form form = browser_form(browser_get(browser, "/vaults"), "login");

    (void)state;
    statement_set(form.fields, form.name, service_user());
    statement_set(form.fields, form.password, service_password());
    statement_set(form.fields, "csrf", NULL);
    expect_status(browser_submit(browser, form), 403);
    (void)browser_form(browser_get(browser, "/vaults"), "login");
}

static void
pages_without_session_lead_to_the_login(void **state)
{
    struct vault vault = service_fresh_vault();
    const char *paths[] = {"/", "/vaults", kept_format("/vaults/%s", vault.id)};

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        const struct reply *reply = browser_get(browser_new(), paths[i]);

        expect_status(reply, 200);
        assert_null(strstr(reply->body, vault.name));
        (void)browser_form(reply, "login");
    }
}

/* One set before the login must be worth nothing after it. */
static void
session_changes_at_the_login_and_stays_with_this_host(void **state)
{
    struct connection *browser = browser_new();
    const struct reply *before = browser_get(browser, "/vaults");
    const struct reply *after = browser_log_in(browser, service_password());
    const char *cookies[] = {reply_header(before, "Set-Cookie"),
                             reply_header(after, "Set-Cookie")};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_non_null(cookies[i]);
        assert_non_null(strstr(cookies[i], "HttpOnly"));
        assert_non_null(strstr(cookies[i], "Secure"));
        assert_non_null(strstr(cookies[i], "SameSite="));
        assert_null(strstr(cookies[i], "Domain="));
    }
    assert_string_not_equal(
        kept_format("%.*s", (int)strcspn(cookies[0], ";"), cookies[0]),
        kept_format("%.*s", (int)strcspn(cookies[1], ";"), cookies[1]));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(wrong_password_opens_nothing),
        rule(login_without_csrf_token_is_refused),
        rule(pages_without_session_lead_to_the_login),
        rule(session_changes_at_the_login_and_stays_with_this_host),
        /* Whoever succeeded above has forgotten the failures before. */
        rule(guessing_is_limited),
        /* Nobody signs in from here for a while. */
        rule(guessing_many_names_is_limited),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
