/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing of an address that is refused is repeated: it may hold a password. */
#include "agent/holdfast/policy/proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/policy/host_port.h"

#define SCHEME "http://"

/* The first of two variables that says something, or "". */
static const char *
variable(const char *small, const char *capital)
{
    const char *value = secure_getenv(small);

    if (value == NULL || *value == '\0')
        value = secure_getenv(capital);
    return value != NULL ? value : "";
}

static enum ks_err
take_address(const char *address, struct proxy *ret, struct err_cause *cause)
{
    const char *host = address;
    struct host_port at;
    size_t length;

    if (strchr(address, '@') != NULL)
        return err_set(cause, KS_ERR_USAGE,
                       "a proxy's name and password have no place in a "
                       "command line or environment; have it let this machine "
                       "through without them");
    if (strncasecmp(address, SCHEME, strlen(SCHEME)) == 0)
        host += strlen(SCHEME);
    length = strlen(host);
    if (length > 0 && host[length - 1] == '/')
        length--;
    if (!host_port_read(host, length, &at) || at.port == 0)
        return err_set(cause, KS_ERR_USAGE,
                       "the proxy is not given as http://HOST:PORT");
    (void)snprintf(ret->url, sizeof ret->url, SCHEME "%s:%u", at.host, at.port);
    return KS_OK;
}

enum ks_err
proxy_choose(const char *chosen, struct proxy *ret, struct err_cause *cause)
{
    struct proxy proxy = {.url = "", .except = ""};
    enum ks_err rc = KS_OK;

    if (strcmp(chosen, "env") == 0) {
        const char *address = variable("https_proxy", "HTTPS_PROXY");
        const char *except = variable("no_proxy", "NO_PROXY");

        if (*address == '\0')
            address = variable("all_proxy", "ALL_PROXY");
        if (*address != '\0')
            rc = take_address(address, &proxy, cause);
        if (rc == KS_OK && (size_t)snprintf(proxy.except, sizeof proxy.except,
                                            "%s", except) >= PROXY_TEXT_MAX)
            rc = err_set(cause, KS_ERR_USAGE,
                         "no_proxy is too long; shorten it");
    } else if (strcmp(chosen, "none") != 0) {
        rc = take_address(chosen, &proxy, cause);
    }
    if (rc == KS_OK)
        *ret = proxy;
    return rc;
}
