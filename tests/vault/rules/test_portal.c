/* SPDX-License-Identifier: Apache-2.0 */
/* M0: a credentials file goes to somebody who is logged in and meant to
 * download it, and to nobody else.  A download that is refused must not
 * supersede anything either. */
#include "tests/vault/rules/browser.h"
#include "tests/vault/rules/rules.h"

#include <string.h>

static const char *
credentials_path(struct vault vault)
{
    return kept_format("/vaults/%s/credentials", vault.id);
}

static void
log_in(struct connection *browser)
{
    const struct reply *reply = browser_log_in(browser, service_password());

    assert_true(reply->status == 302 || reply->status == 303);
}

/* The form to download, on the page of the vault. */
static struct form
find_download(struct connection *browser, struct vault vault)
{
    const struct reply *page = browser_get(browser,
                                           kept_format("/vaults/%s", vault.id));

    expect_status(page, 200);
    return browser_form(page, credentials_path(vault));
}

/* No file came back, and the file that there was is still the latest. */
static void
refuse_download(const struct reply *reply, struct customer *owner, long status)
{
    expect_status(reply, status);
    assert_null(strstr(reply->body, "ManagementCert"));
    assert_null(reply_header(reply, "Content-Disposition"));
    customer_reach_token(owner);
}

static void
download_without_session_is_refused(void **state)
{
    struct customer *owner = customer_new(service_fresh_vault(), "several");
    struct connection *browser = browser_new();
    struct form form = {.action = credentials_path(owner->vault),
                        .fields = kept_json(json_object())};

    (void)state;
    statement_set(form.fields, "machines", "one");
    refuse_download(browser_submit(browser, form), owner, 403);
    statement_set(form.fields, "csrf", "x");
    refuse_download(browser_submit(browser, form), owner, 403);
}

/* The login page has a session and a CSRF token too, but of nobody. */
static void
download_before_login_is_refused(void **state)
{
    struct customer *owner = customer_new(service_fresh_vault(), "several");
    struct connection *browser = browser_new();
    struct form form = browser_form(browser_get(browser, "/vaults"), "login");

    (void)state;
    form.action = credentials_path(owner->vault);
    refuse_download(browser_submit(browser, form), owner, 403);
}

static void
download_without_csrf_token_is_refused(void **state)
{
    struct customer *owner = customer_new(service_fresh_vault(), "several");
    struct connection *browser = browser_new();
    struct form form;

    (void)state;
    log_in(browser);
    form = find_download(browser, owner->vault);
    assert_non_null(json_object_get(form.fields, "csrf"));
    statement_set(form.fields, "csrf", NULL);
    refuse_download(browser_submit(browser, form), owner, 403);
    statement_set(form.fields, "csrf", "");
    refuse_download(browser_submit(browser, form), owner, 403);
}

static void
download_with_anothers_csrf_token_is_refused(void **state)
{
    struct customer *owner = customer_new(service_fresh_vault(), "several");
    struct connection *browser = browser_new();
    struct connection *other = browser_new();

    (void)state;
    log_in(browser);
    log_in(other);
    refuse_download(browser_submit(browser, find_download(other, owner->vault)),
                    owner, 403);
}

static void
download_is_no_matter_of_a_link(void **state)
{
    struct customer *owner = customer_new(service_fresh_vault(), "several");
    struct connection *browser = browser_new();
    const struct reply *reply;

    (void)state;
    log_in(browser);
    reply = browser_get(browser, credentials_path(owner->vault));
    assert_in_range(reply->status, 400, 499);
    refuse_download(reply, owner, reply->status);
}

static void
download_after_logout_is_refused(void **state)
{
    struct customer *owner = customer_new(service_fresh_vault(), "several");
    struct connection *browser = browser_new();
    struct form form, logout;

    (void)state;
    log_in(browser);
    form = find_download(browser, owner->vault);
    logout = browser_form(browser_get(browser, "/vaults"), "logout");
    assert_int_equal(browser_submit(browser, logout)->status / 100, 3);
    refuse_download(browser_submit(browser, form), owner, 403);
}

static void
download_of_no_vault_is_refused(void **state)
{
    struct vault vault = service_fresh_vault();
    struct connection *browser = browser_new();
    const struct reply *reply;
    struct form form;

    (void)state;
    log_in(browser);
    form = find_download(browser, vault);
    form.action = "/vaults/1234567890/credentials";
    reply = browser_submit(browser, form);
    assert_in_range(reply->status, 400, 499);
    assert_null(strstr(reply->body, "ManagementCert"));
}

static void
file_is_sent_once_and_kept_by_nobody_on_the_way(void **state)
{
    struct vault vault = service_fresh_vault();
    struct connection *browser = browser_new();
    const struct reply *reply;
    const char *disposition, *control;
    struct form form;

    (void)state;
    log_in(browser);
    form = find_download(browser, vault);
    statement_set(form.fields, "machines", "several");
    reply = browser_submit(browser, form);
    expect_status(reply, 200);
    assert_non_null(strstr(reply->body, "<ManagementCert>"));
    disposition = reply_header(reply, "Content-Disposition");
    control = reply_header(reply, "Cache-Control");
    assert_non_null(disposition);
    assert_non_null(control);
    assert_memory_equal(disposition, "attachment", 10);
    assert_non_null(strstr(disposition, ".VaultCredentials"));
    assert_non_null(strstr(disposition, vault.name));
    assert_non_null(strstr(control, "no-store"));
}

/* Markup in a name stays text, and a page lets in no script of its own. */
static void
pages_are_closed_to_markup_and_scripts(void **state)
{
    struct connection *browser = browser_new();
    const struct reply *reply;
    const char *policy;
    struct form form;

    (void)state;
    log_in(browser);
    form = browser_form(browser_get(browser, "/vaults/create"), "/vaults");
    form.name = "name";
    form.action = "/vaults";
    statement_set(form.fields, "name", "\"><script>alert(1)</script>");
    reply = browser_submit(browser, form);
    expect_status(reply, 400);
    assert_null(strstr(reply->body, "<script>alert"));
    assert_non_null(strstr(reply->body, "&quot;&gt;&lt;script&gt;"));
    policy = reply_header(reply, "Content-Security-Policy");
    assert_non_null(policy);
    assert_non_null(strstr(policy, "default-src 'none'"));
    assert_null(strstr(policy, "unsafe-"));
    assert_string_equal(reply_header(reply, "X-Content-Type-Options"),
                        "nosniff");
    assert_string_equal(reply_header(reply, "Cache-Control"), "no-store");
}

/* For no longer than a session: it holds for all of localhost, on every port.
 */
static void
pages_and_the_ways_to_them_want_https_for_an_hour(void **state)
{
    static const char *const paths[] = {"/login", "/services", "/nowhere"};
    struct connection *browser = browser_new();

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct request request = {
            .step = "",
            .method = "GET",
            .url = kept_format("%s%s", service_url(), paths[i]),
            .headers = {"Accept: text/html"}};
        const char *policy = reply_header(connection_send(browser, &request),
                                          "Strict-Transport-Security");

        print_message("  %s\n", paths[i]);
        assert_non_null(policy);
        assert_string_equal(policy, "max-age=3600");
    }
}

static void
machine_is_revoked_by_a_form_of_the_session_alone(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct connection *browser = browser_new();
    struct connection *line;
    const char *path;
    struct form form;

    (void)state;
    customer_register(customer);
    line = customer_machine_line(customer);
    path = kept_format("/vaults/%s/machines/%s/revoke", customer->vault.id,
                       machine_uuid(customer->machine));
    log_in(browser);
    form = browser_form(browser_get(browser, path), path);
    form.action = path;
    expect_status(browser_submit(browser_new(), form), 403);
    form.action = kept_format("/vaults/%s/machines/%s/revoke",
                              service_fresh_vault().id,
                              machine_uuid(customer->machine));
    expect_status(browser_submit(browser, form), 404);
    expect_status(customer_self(line, customer), 200);
    form.action = path;
    expect_status(browser_submit(browser, form), 303);
    expect_refused(customer_self(line, customer), "revoked");
}

static const char *
policy_path(struct vault vault)
{
    return kept_format("/vaults/%s/policy", vault.id);
}

static void
expect_policy(struct connection *browser, struct vault vault, const char *word)
{
    const struct reply *page = browser_get(
        browser, kept_format("/vaults/%s/properties", vault.id));

    expect_status(page, 200);
    assert_non_null(strstr(page->body, kept_format("<dd>%s</dd>", word)));
}

static void
policy_is_set_by_a_form_of_the_session_alone(void **state)
{
    struct vault vault = service_fresh_vault();
    struct connection *browser = browser_new();
    struct connection *stranger = browser_new();
    struct form form, stolen;

    (void)state;
    log_in(browser);
    form = browser_form(browser_get(browser, policy_path(vault)), "policy");
    statement_set(form.fields, "policy", "EK-verified");
    stolen = form;
    stolen.fields = kept_json(json_deep_copy(form.fields));
    expect_status(browser_submit(stranger, stolen), 403);
    statement_set(stolen.fields, "csrf", "x");
    expect_status(browser_submit(browser, stolen), 403);
    statement_set(stolen.fields, "csrf", NULL);
    expect_status(browser_submit(browser, stolen), 403);
    expect_policy(browser, vault, "any");
    stolen.fields = kept_json(json_deep_copy(form.fields));
    statement_set(stolen.fields, "policy", "all");
    expect_status(browser_submit(browser, stolen), 400);
    statement_set(stolen.fields, "policy", NULL);
    expect_status(browser_submit(browser, stolen), 400);
    expect_policy(browser, vault, "any");
    expect_status(browser_submit(browser, form), 303);
    expect_policy(browser, vault, "EK-verified");
    form.action = policy_path((struct vault){.name = "", .id = "7"});
    expect_status(browser_submit(browser, form), 404);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(download_without_session_is_refused),
        rule(download_before_login_is_refused),
        rule(download_without_csrf_token_is_refused),
        rule(download_with_anothers_csrf_token_is_refused),
        rule(download_is_no_matter_of_a_link),
        rule(download_after_logout_is_refused),
        rule(download_of_no_vault_is_refused),
        rule(pages_are_closed_to_markup_and_scripts),
        rule(pages_and_the_ways_to_them_want_https_for_an_hour),
        rule(machine_is_revoked_by_a_form_of_the_session_alone),
        rule(file_is_sent_once_and_kept_by_nobody_on_the_way),
        rule(policy_is_set_by_a_form_of_the_session_alone),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
