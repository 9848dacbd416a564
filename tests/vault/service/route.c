/* SPDX-License-Identifier: Apache-2.0 */
/* One table.  In a path, @ is the service's tenant, # a number such as a
 * vault's, $ a machine's UUID, * a type of backup data and + the hash that is
 * an object's name. */
#include "tests/vault/service/route.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/vault/service/attestation_endpoint.h"
#include "tests/vault/service/data_endpoint.h"
#include "tests/vault/service/enrolment.h"
#include "tests/vault/service/exchange.h"
#include "tests/vault/service/machine_endpoint.h"
#include "tests/vault/portal/portal.h"
#include "tests/vault/service/token_endpoint.h"

#define EST "/.well-known/est"

static const struct route {
    const char *method;
    const char *path;
    const char *step; /* of docs/protocol.md, or NULL */
    void (*handle)(struct exchange *exchange);
} routes[] = {
    {"GET", "/", NULL, portal_home},
    {"GET", "/login", NULL, portal_login_form},
    {"POST", "/login", NULL, portal_login},
    {"POST", "/logout", NULL, portal_logout},
    {"GET", "/portal.css", NULL, portal_css},
    {"GET", "/portal.js", NULL, portal_js},
    {"GET", "/portal.svg", NULL, portal_svg},
    {"GET", "/services", NULL, portal_services},
    {"GET", "/vaults", NULL, portal_vaults},
    {"POST", "/vaults", NULL, portal_create},
    {"GET", "/vaults/create", NULL, portal_create_form},
    {"GET", "/vaults/#", NULL, portal_overview},
    {"GET", "/vaults/#/properties", NULL, portal_properties},
    {"GET", "/vaults/#/policy", NULL, portal_policy_form},
    {"POST", "/vaults/#/policy", NULL, portal_policy},
    {"GET", "/vaults/#/backup-credentials", NULL, portal_credentials},
    {"GET", "/vaults/#/machines", NULL, portal_machines},
    {"GET", "/vaults/#/machines/$", NULL, portal_machine},
    {"GET", "/vaults/#/machines/$/evidence", NULL, portal_evidence},
    {"GET", "/vaults/#/machines/$/revoke", NULL, portal_question},
    {"POST", "/vaults/#/machines/$/revoke", NULL, portal_revoke},
    {"GET", "/vaults/#/machines/$/replace", NULL, portal_question},
    {"POST", "/vaults/#/machines/$/replace", "M0", portal_replace},
    {"GET", "/vaults/#/machines/$/prune", NULL, portal_question},
    {"POST", "/vaults/#/machines/$/prune", NULL, portal_prune},
    {"GET", "/vaults/#/machines/$/delete", NULL, portal_question},
    {"POST", "/vaults/#/machines/$/delete", NULL, portal_delete},
    {"POST", "/vaults/#/credentials", "M0", portal_download},
    {"GET", "/@/v2.0/.well-known/openid-configuration", "M1",
     token_endpoint_discovery},
    {"GET", "/@/discovery/v2.0/keys", NULL, token_endpoint_keys},
    {"POST", "/@/oauth2/v2.0/token", "M2", token_endpoint_token},
    {"POST", SERVICE_ENDPOINT "enrolments", "M3", enrolment_begin},
    {"POST", SERVICE_ENDPOINT "enrolments/evidence", "M3",
     attestation_endpoint_enrolment},
    {"POST", "/", "M7", data_endpoint_create},
    {"GET", "/config", NULL, data_endpoint_get},
    {"POST", "/config", "M7", data_endpoint_upload},
    {"DELETE", "/config", "M7", data_endpoint_delete},
    {"GET", "/*/", NULL, data_endpoint_list},
    {"GET", "/*/+", NULL, data_endpoint_get},
    {"POST", "/*/+", "M7", data_endpoint_upload},
    {"DELETE", "/*/+", "M7", data_endpoint_delete},
    {"GET", "/file-#", NULL, data_endpoint_probe},
    {"GET", EST "/#/cacerts", "M4", enrolment_authorities},
    {"GET", EST "/#/csrattrs", "M4", enrolment_attributes},
    {"POST", EST "/#/simpleenroll", "M4", enrolment_enrol},
    {"GET", SERVICE_ENDPOINT "machines/self", "M5", machine_endpoint_get},
    {"DELETE", SERVICE_ENDPOINT "machines/self", "M5", machine_endpoint_delete},
    {"POST", SERVICE_ENDPOINT "machines/self/attestation", "M5",
     attestation_endpoint_offer},
    {"POST", SERVICE_ENDPOINT "machines/self/evidence", "M5",
     attestation_endpoint_evidence},
};

/* Take the digits at the beginning of *PATH. */
static bool
take_vault(const char **path, char ret[static VAULT_ID_MAX])
{
    size_t length = 0;

    while (isdigit((unsigned char)(*path)[length]))
        length++;
    if (length == 0 || length >= VAULT_ID_MAX)
        return false;
    (void)snprintf(ret, VAULT_ID_MAX, "%.*s", (int)length, *path);
    *path += length;
    return true;
}

/* Take a UUID at the beginning of *PATH. */
static bool
take_machine(const char **path, char ret[static ENCODING_UUID])
{
    size_t length = strspn(*path, "0123456789abcdef-");

    if (length != ENCODING_UUID - 1)
        return false;
    (void)snprintf(ret, ENCODING_UUID, "%s", *path);
    *path += length;
    return true;
}

/* Take the hash that ends PATH. */
static bool
take_object(const char **path, char ret[static ENCODING_HASH_HEX])
{
    size_t length = strspn(*path, "0123456789abcdef");

    if (length != ENCODING_HASH_HEX - 1 || (*path)[length] != '\0')
        return false;
    (void)snprintf(ret, ENCODING_HASH_HEX, "%s", *path);
    *path += length;
    return true;
}

static bool
take_type(const char **path, enum object_type *ret)
{
    if (!object_type_find(*path, ret))
        return false;
    *path += strlen(object_type_word(*ret));
    return true;
}

/* Take what the pattern's LETTER stands for; false where it stands for itself
 * or PATH has something else. */
static bool
take(struct exchange *exchange, char letter, const char **path)
{
    const char *tenant = exchange->service->tenant;

    switch (letter) {
    case '#':
        return take_vault(path, exchange->vault);
    case '$':
        return take_machine(path, exchange->machine);
    case '*':
        return take_type(path, &exchange->object_type);
    case '+':
        return take_object(path, exchange->object_name);
    default:
        if (strncmp(*path, tenant, strlen(tenant)) != 0)
            return false;
        *path += strlen(tenant);
        return true;
    }
}

static bool
matches(struct exchange *exchange, const char *pattern)
{
    const char *path = exchange->path;

    exchange->object_type = OBJECT_CONFIG;
    for (; *pattern != '\0'; pattern++) {
        if (strchr("@#$*+", *pattern) != NULL) {
            if (!take(exchange, *pattern, &path))
                return false;
        } else if (*path++ != *pattern)
            return false;
    }
    return *path == '\0';
}

bool
route_is_upload(struct exchange *exchange)
{
    return strcmp(exchange->method, "POST") == 0 &&
           (matches(exchange, "/config") || matches(exchange, "/*/+"));
}

/* A browser says that it wants HTML; programs are told in JSON. */
static void
answer_nothing(struct exchange *exchange)
{
    const char *accept = exchange_get(exchange, "Accept");

    if (strncmp(exchange->path, EST, strlen(EST)) == 0)
        enrolment_unknown(exchange);
    else if (accept != NULL && strstr(accept, "text/html") != NULL)
        portal_nothing(exchange);
    else
        exchange_refuse(exchange, REFUSAL_ABSENT,
                        "there is nothing at this path");
}

/* HEAD is GET without the body (RFC 9110, 9.3.2), which libmicrohttpd leaves
 * out by itself. */
static bool
answers(const struct route *route, const char *method)
{
    return strcmp(method, route->method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

void
route_dispatch(struct exchange *exchange)
{
    char allowed[64] = "";

    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const struct route *route = &routes[i];

        if (!matches(exchange, route->path))
            continue;
        exchange->record.step = route->step;
        if (answers(route, exchange->method)) {
            route->handle(exchange);
            return;
        }
        (void)strcat(allowed, *allowed != '\0' ? ", " : "");
        (void)strcat(allowed, strcmp(route->method, "GET") == 0
                                  ? "GET, HEAD"
                                  : route->method);
    }
    if (*allowed == '\0') {
        answer_nothing(exchange);
        return;
    }
    exchange_add(exchange, "Allow", "%s", allowed);
    exchange_refuse(exchange, REFUSAL_METHOD, "this path knows only %s",
                    allowed);
}
