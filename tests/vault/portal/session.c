/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions by cookie.  Every POST needs the session's CSRF token; the session
 * before the login is another one than that after it. */
#include "tests/vault/portal/session.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "tests/vault/service/login_limit.h"
#include "tests/vault/portal/portal.h"
#include "tests/vault/portal/page.h"

#define COOKIE "__Host-session="
#define HTML "text/html; charset=utf-8"

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

/* As long as a session, and without subdomains: browsers keep a policy by the
 * host's name alone (RFC 6797, 8.3), so that this one holds for whatever else
 * is served as localhost, on every port. */
static void
add_hsts(struct exchange *exchange)
{
    exchange_add(exchange, "Strict-Transport-Security", "max-age=%d",
                 PERSON_SESSION_SECONDS);
}

void
portal_session_page(struct exchange *exchange, int status, char *page)
{
    exchange_text(exchange, status, HTML, page);
    exchange_add(exchange, "Content-Security-Policy",
                 "default-src 'none'; style-src 'self'; script-src 'self'; "
                 "img-src 'self'; connect-src 'self'; form-action 'self'; "
                 "base-uri 'none'; frame-ancestors 'none'");
    add_hsts(exchange);
    exchange_add(exchange, "X-Content-Type-Options", "nosniff");
    exchange_add(exchange, "Referrer-Policy", "same-origin");
    exchange_add(exchange, "Cross-Origin-Opener-Policy", "same-origin");
    exchange_add(exchange, "Cross-Origin-Resource-Policy", "same-origin");
}

void
portal_session_refuse(struct exchange *exchange, int status,
                      const char *sentence)
{
    portal_session_page(exchange, status, portal_page_refusal(sentence));
}

void
portal_session_go(struct exchange *exchange, const char *path)
{
    exchange_empty(exchange, 303);
    add_hsts(exchange);
    exchange_add(exchange, "Location", "%s", path);
}

static void
give_cookie(struct exchange *exchange, const char *cookie)
{
    exchange_add(exchange, "Set-Cookie",
                 COOKIE "%s; Path=/; Secure; HttpOnly; SameSite=Strict%s",
                 cookie, *cookie == '\0' ? "; Max-Age=0" : "");
}

bool
portal_session_need(struct exchange *exchange, struct person_session *ret)
{
    char cookie[ENCODING_HASH_URL];

    if (person_session_find(exchange->service->store,
                            read_cookie(exchange, cookie), exchange->now,
                            ret) &&
        ret->person[0] != '\0')
        return true;
    portal_session_go(exchange, "/login");
    return false;
}

/* A form of the session's own, whether or not somebody is signed in. */
static bool
need_own_form(struct exchange *exchange, struct person_session *session,
              struct form *form)
{
    char cookie[ENCODING_HASH_URL];
    const char *csrf = NULL;

    *session = (struct person_session){0};
    if (form_parse(exchange->body, exchange->length, form))
        csrf = form_get(form, "csrf");
    return csrf != NULL &&
           person_session_find(exchange->service->store,
                               read_cookie(exchange, cookie), exchange->now,
                               session) &&
           strlen(csrf) == strlen(session->csrf) &&
           CRYPTO_memcmp(csrf, session->csrf, strlen(csrf)) == 0;
}

static bool
refuse_form(struct exchange *exchange)
{
    portal_session_refuse(exchange, 403,
                          "This form is not from a session of yours, or that "
                          "has ended. Sign in and try again.");
    return false;
}

bool
portal_session_need_form(struct exchange *exchange, struct person_session *ret,
                         struct form *form)
{
    return (need_own_form(exchange, ret, form) && ret->person[0] != '\0') ||
           refuse_form(exchange);
}

bool
portal_session_need_vault(struct exchange *exchange, struct vault *ret)
{
    if (vault_find(exchange->service->store, exchange->vault, ret))
        return true;
    portal_session_refuse(exchange, 404, "There is no such vault.");
    return false;
}

bool
portal_session_need_machine(struct exchange *exchange, struct vault *ret,
                            struct machine *ret_machine)
{
    *ret_machine = (struct machine){0};
    if (!portal_session_need_vault(exchange, ret))
        return false;
    if (machine_find_uuid(exchange->service->store, exchange->machine,
                          ret_machine) &&
        strcmp(ret_machine->vault, ret->id) == 0)
        return true;
    portal_session_refuse(exchange, 404, "This vault has no such machine.");
    return false;
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
    portal_session_page(exchange, status,
                        portal_page_login(session.csrf, notice));
    give_cookie(exchange, cookie);
}

void
portal_login_form(struct exchange *exchange)
{
    show_login(exchange, 200, "");
}

static void
begin_session(struct exchange *exchange, const char *person)
{
    char cookie[ENCODING_HASH_URL];
    struct person_session session;

    if (!person_session_make(exchange->service->store, person, exchange->now,
                             cookie, &session)) {
        exchange_fault(exchange);
        return;
    }
    portal_session_go(exchange, "/services");
    give_cookie(exchange, cookie);
}

/* The limit is asked before the password is looked at: it also bounds what
 * guesses cost the service. */
static void
try_login(struct exchange *exchange, const char *name, const char *password)
{
    struct login_limit limit = {.store = exchange->service->store,
                                .name = name,
                                .address = exchange->address,
                                .now = exchange->now};

    if (login_limit_reached(&limit)) {
        show_login(exchange, 429,
                   "Too many failed attempts. Wait a quarter of an hour, then "
                   "try again.");
        exchange_add(exchange, "Retry-After", "%d", LOGIN_LIMIT_SECONDS);
    } else if (person_check(limit.store, name, password)) {
        (void)login_limit_forget(&limit);
        begin_session(exchange, name);
    } else {
        (void)login_limit_count(&limit);
        show_login(exchange, 403, "Name or password is wrong.");
    }
}

void
portal_login(struct exchange *exchange)
{
    char cookie[ENCODING_HASH_URL];
    struct person_session session;
    struct form form = {0};
    const char *name, *password;

    if (!need_own_form(exchange, &session, &form))
        refuse_form(exchange);
    else {
        name = form_get(&form, "name");
        password = form_get(&form, "password");
        (void)person_session_end(exchange->service->store,
                                 read_cookie(exchange, cookie));
        try_login(exchange, name != NULL ? name : "",
                  password != NULL ? password : "");
    }
    form_clear(&form);
}

void
portal_logout(struct exchange *exchange)
{
    char cookie[ENCODING_HASH_URL];
    struct person_session session;
    struct form form = {0};

    if (portal_session_need_form(exchange, &session, &form)) {
        (void)person_session_end(exchange->service->store,
                                 read_cookie(exchange, cookie));
        portal_session_go(exchange, "/login");
        give_cookie(exchange, "");
    }
    form_clear(&form);
}
