/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions, pages, and M0.  Every POST needs the session's CSRF token. */
#include "tests/vault/portal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include "tests/vault/credential.h"
#include "tests/vault/credential_file.h"
#include "tests/vault/credential_maker.h"
#include "tests/vault/exchange.h"
#include "tests/vault/form.h"
#include "tests/vault/person.h"
#include "tests/vault/portal_page.h"

#define COOKIE "__Host-session="
#define HTML "text/html; charset=utf-8"
#define DAYS_DEFAULT 2
#define DAYS_MAX 3650

/* The session's cookie, or NULL; RET has room for it. */
static const char *
read_cookie(const struct exchange *exchange, char ret[static ENCODING_HASH_URL])
{
    const char *header = exchange_get(exchange, "Cookie");
    const char *at = header != NULL ? strstr(header, COOKIE) : NULL;
    size_t length;

    if (at == NULL || (at != header && at[-1] != ' ' && at[-1] != ';'))
        return NULL;
    at += strlen(COOKIE);
    length = strcspn(at, "; ");
    if (length >= ENCODING_HASH_URL)
        return NULL;
    (void)snprintf(ret, ENCODING_HASH_URL, "%.*s", (int)length, at);
    return ret;
}

static void
answer_page(struct exchange *exchange, int status, char *page)
{
    exchange_text(exchange, status, HTML, page);
    exchange_add(exchange, "Content-Security-Policy",
                 "default-src 'none'; form-action 'self'; base-uri 'none'; "
                 "frame-ancestors 'none'");
    exchange_add(exchange, "X-Content-Type-Options", "nosniff");
    exchange_add(exchange, "Referrer-Policy", "no-referrer");
}

static void
go_to(struct exchange *exchange, const char *path)
{
    exchange_empty(exchange, 303);
    exchange_add(exchange, "Location", "%s", path);
}

static void
give_cookie(struct exchange *exchange, const char *cookie)
{
    exchange_add(exchange, "Set-Cookie",
                 COOKIE "%s; Path=/; Secure; HttpOnly; SameSite=Strict%s",
                 cookie, *cookie == '\0' ? "; Max-Age=0" : "");
}

/* Somebody who is logged in, or a way to the login. */
static bool
need_person(struct exchange *exchange, struct person_session *ret)
{
    char cookie[ENCODING_HASH_URL];

    if (person_session_find(exchange->service->store,
                            read_cookie(exchange, cookie), exchange->now,
                            ret) &&
        ret->person[0] != '\0')
        return true;
    go_to(exchange, "/login");
    return false;
}

/* A form of the session's own, of somebody logged in where PERSON. */
static bool
need_form(struct exchange *exchange, bool person, struct form *form)
{
    char cookie[ENCODING_HASH_URL];
    struct person_session session;
    const char *csrf = NULL;

    if (form_parse(exchange->body, exchange->length, form))
        csrf = form_get(form, "csrf");
    if (csrf != NULL &&
        person_session_find(exchange->service->store,
                            read_cookie(exchange, cookie), exchange->now,
                            &session) &&
        (!person || session.person[0] != '\0') &&
        strlen(csrf) == strlen(session.csrf) &&
        CRYPTO_memcmp(csrf, session.csrf, strlen(csrf)) == 0)
        return true;
    answer_page(exchange, 403,
                portal_page_refusal("This form is not from a session of yours."
                                    " Log in and try again."));
    return false;
}

void
portal_home(struct exchange *exchange)
{
    go_to(exchange, "/vaults");
}

static void
show_login(struct exchange *exchange, int status, const char *notice)
{
    char cookie[ENCODING_HASH_URL];
    struct person_session session;

    if (!person_session_make(exchange->service->store, NULL, exchange->now,
                             cookie, &session)) {
        exchange_fault(exchange);
        return;
    }
    answer_page(exchange, status, portal_page_login(session.csrf, notice));
    give_cookie(exchange, cookie);
}

void
portal_login_form(struct exchange *exchange)
{
    show_login(exchange, 200, "");
}

void
portal_login(struct exchange *exchange)
{
    struct store *store = exchange->service->store;
    char cookie[ENCODING_HASH_URL];
    struct person_session session;
    struct form form = {0};
    const char *name, *password;

    if (need_form(exchange, false, &form)) {
        name = form_get(&form, "name");
        password = form_get(&form, "password");
        (void)person_session_end(store, read_cookie(exchange, cookie));
        if (name == NULL || password == NULL ||
            !person_check(store, name, password))
            show_login(exchange, 403, "Name or password is wrong.");
        else if (!person_session_make(store, name, exchange->now, cookie,
                                      &session))
            exchange_fault(exchange);
        else {
            go_to(exchange, "/vaults");
            give_cookie(exchange, cookie);
        }
    }
    form_clear(&form);
}

void
portal_logout(struct exchange *exchange)
{
    char cookie[ENCODING_HASH_URL];
    struct form form = {0};

    if (need_form(exchange, true, &form)) {
        (void)person_session_end(exchange->service->store,
                                 read_cookie(exchange, cookie));
        go_to(exchange, "/login");
        give_cookie(exchange, "");
    }
    form_clear(&form);
}

void
portal_vaults(struct exchange *exchange)
{
    struct person_session session;

    if (need_person(exchange, &session))
        answer_page(exchange, 200,
                    portal_page_vaults(exchange->service->store, session.csrf));
}

void
portal_vault(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;

    if (!need_person(exchange, &session))
        return;
    if (vault_find(exchange->service->store, exchange->vault, &vault))
        answer_page(
            exchange, 200,
            portal_page_vault(exchange->service->store, &vault, session.csrf));
    else
        answer_page(exchange, 404,
                    portal_page_refusal("There is no such vault."));
}

/* The file's maker needs more than a page asks for: KEY and DAYS are for
 * tests. */
static bool
read_order(const struct form *form, struct credential_order *order,
           bool *ret_one)
{
    static const char *const kinds[][2] = {{"rsa2048", "RSA-2048"},
                                           {"rsa3072", "RSA-3072"},
                                           {"rsa4096", "RSA-4096"},
                                           {"p256", "P-256"},
                                           {"p384", "P-384"}};
    const char *machines = form_get(form, "machines");
    const char *key = form_get(form, "key");
    const char *days = form_get(form, "days");
    char *end = NULL;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(key != NULL ? key : kinds[0][0], kinds[i][0]) == 0)
            order->kind = kinds[i][1];
    order->days = days != NULL ? strtoll(days, &end, 10) : DAYS_DEFAULT;
    if (machines == NULL || order->kind == NULL || order->days < 0 ||
        order->days > DAYS_MAX || (end != NULL && *end != '\0'))
        return false;
    *ret_one = strcmp(machines, "one") == 0;
    return *ret_one || strcmp(machines, "several") == 0;
}

static void
give_file(struct exchange *exchange, const struct credential_order *order,
          bool one_machine)
{
    char name[CREDENTIAL_FILE_NAME_MAX];
    int fd;
    X509 *certificate = credential_maker_run(order, &fd);

    if (certificate == NULL ||
        !credential_make(exchange->service->store, order->vault->id,
                         certificate, one_machine, order->now)) {
        if (certificate != NULL)
            (void)close(fd);
        exchange_fault(exchange);
    } else {
        credential_file_name(order->vault, order->now, name);
        exchange_empty(exchange, 200);
        exchange_add(exchange, "Content-Type", "application/octet-stream");
        exchange_add(exchange, "Content-Disposition",
                     "attachment; filename=\"%s\"", name);
        exchange_add(exchange, "X-Content-Type-Options", "nosniff");
        exchange->reply_fd = fd;
    }
    X509_free(certificate);
}

void
portal_download(struct exchange *exchange)
{
    struct vault vault;
    struct form form = {0};
    struct credential_order order = {
        .service = exchange->service, .vault = &vault, .now = exchange->now};
    bool one_machine;

    (void)strcpy(exchange->record.vault, exchange->vault);
    if (need_form(exchange, true, &form)) {
        if (!vault_find(exchange->service->store, exchange->vault, &vault))
            answer_page(exchange, 404,
                        portal_page_refusal("There is no such vault."));
        else if (!read_order(&form, &order, &one_machine))
            answer_page(exchange, 400,
                        portal_page_refusal("Choose one machine or several."));
        else
            give_file(exchange, &order, one_machine);
    }
    form_clear(&form);
}
