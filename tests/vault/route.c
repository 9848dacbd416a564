/* SPDX-License-Identifier: Apache-2.0 */
/* One table.  In a path, @ is the service's tenant and # a vault's number. */
#include "tests/vault/route.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/vault/enrolment.h"
#include "tests/vault/exchange.h"
#include "tests/vault/machine_endpoint.h"
#include "tests/vault/portal.h"
#include "tests/vault/token_endpoint.h"

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
    {"GET", "/vaults", NULL, portal_vaults},
    {"GET", "/vaults/#", NULL, portal_vault},
    {"POST", "/vaults/#/credentials", "M0", portal_download},
    {"GET", "/@/v2.0/.well-known/openid-configuration", "M1",
     token_endpoint_discovery},
    {"GET", "/@/discovery/v2.0/keys", NULL, token_endpoint_keys},
    {"POST", "/@/oauth2/v2.0/token", "M2", token_endpoint_token},
    {"POST", SERVICE_ENDPOINT "enrolments", "M3", enrolment_begin},
    {"GET", "/.well-known/est/#/cacerts", "M4", enrolment_authorities},
    {"POST", "/.well-known/est/#/simpleenroll", "M4", enrolment_enrol},
    {"GET", SERVICE_ENDPOINT "machines/self", "M5", machine_endpoint_get},
    {"DELETE", SERVICE_ENDPOINT "machines/self", "M5", machine_endpoint_delete},
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

static bool
matches(const struct exchange *exchange, const char *pattern,
        char vault[static VAULT_ID_MAX])
{
    const char *tenant = exchange->service->tenant;
    const char *path = exchange->path;

    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '#') {
            if (!take_vault(&path, vault))
                return false;
        } else if (*pattern == '@') {
            if (strncmp(path, tenant, strlen(tenant)) != 0)
                return false;
            path += strlen(tenant);
        } else if (*path++ != *pattern)
            return false;
    }
    return *path == '\0';
}

void
route_dispatch(struct exchange *exchange)
{
    char allowed[64] = "";

    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const struct route *route = &routes[i];

        if (!matches(exchange, route->path, exchange->vault))
            continue;
        exchange->record.step = route->step;
        if (strcmp(exchange->method, route->method) == 0) {
            route->handle(exchange);
            return;
        }
        (void)strcat(strcat(allowed, *allowed != '\0' ? ", " : ""),
                     route->method);
    }
    if (*allowed == '\0') {
        exchange_refuse(exchange, REFUSAL_REQUEST,
                        "there is nothing at this path");
        return;
    }
    exchange_refuse(exchange, REFUSAL_REQUEST, "this path knows only %s",
                    allowed);
}
