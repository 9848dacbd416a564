/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of the form https://host[:port]/path and nothing else.  What is not
 * understood here is refused, so that no later reader can understand it
 * otherwise. */
#include "agent/holdfast/policy/endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/policy/host_port.h"

#define SCHEME "https://"
#define PORT_HTTPS 443

struct url {
    struct host_port at;
    const char *path;
};

/* The authority hosts of Azure's clouds. */
static const char *const authorities[] = {
    "login.windows.net",        "login.microsoftonline.com",
    "login.microsoftonline.us", "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",   NULL};

/* Azure Backup, at a label boundary. */
static const char *const services[] = {".backup.windowsazure.com",
                                       ".backup.windowsazure.us",
                                       ".backup.windowsazure.cn", NULL};

static bool
read_authority(const char *text, size_t length, struct host_port *ret)
{
    if (!host_port_read(text, length, ret))
        return false;
    if (ret->port == 0)
        ret->port = PORT_HTTPS;
    return true;
}

static bool
parse(const char *text, struct url *ret)
{
    const char *authority = text + strlen(SCHEME);

    if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
        return false;
    ret->path = authority + strcspn(authority, "/");
    for (const char *c = ret->path; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("/-._~", *c) == NULL)
            return false;
    return read_authority(authority, (size_t)(ret->path - authority), &ret->at);
}

static bool
is_added(const struct url *url, const struct endpoint_hosts *hosts)
{
    struct host_port added;

    for (size_t i = 0; i < hosts->count; i++)
        if (read_authority(hosts->host[i], strlen(hosts->host[i]), &added) &&
            added.port == url->at.port && strcmp(added.host, url->at.host) == 0)
            return true;
    return false;
}

static bool
is_authority(const struct url *url)
{
    for (const char *const *name = authorities; *name != NULL; name++)
        if (url->at.port == PORT_HTTPS && strcmp(url->at.host, *name) == 0)
            return true;
    return false;
}

static bool
is_service(const struct url *url)
{
    for (const char *const *name = services; *name != NULL; name++) {
        size_t host = strlen(url->at.host);
        size_t suffix = strlen(*name);

        if (url->at.port == PORT_HTTPS && host > suffix &&
            strcmp(url->at.host + host - suffix, *name) == 0)
            return true;
    }
    return false;
}

/* --vault-host allows a host, and mends no address. */
#define NO_OPTION                                                              \
    "download it again, unedited; if that does not help, tell the vault's "    \
    "operator"

struct address {
    const char *called;
    const char *text;
    bool (*is_azure)(const struct url *);
};

static enum ks_err
check(const struct address *address, const struct endpoint_hosts *hosts,
      struct err_cause *cause)
{
    struct url url;

    if (!parse(address->text, &url))
        return err_set(cause, KS_ERR_CRED_HOST,
                       "%s is no plain https:// address; " NO_OPTION,
                       address->called);
    if (!is_added(&url, hosts) && !address->is_azure(&url))
        return err_set(cause, KS_ERR_CRED_HOST, "%s is at %s:%u",
                       address->called, url.at.host, url.at.port);
    return KS_OK;
}

enum ks_err
endpoint_check(const struct credential *credential,
               const struct endpoint_hosts *hosts, struct err_cause *cause)
{
    const struct address authority = {
        credential_element(CREDENTIAL_AAD_AUTHORITY),
        credential->text[CREDENTIAL_AAD_AUTHORITY], is_authority};
    const struct address endpoint = {credential_element(CREDENTIAL_ENDPOINT),
                                     credential->text[CREDENTIAL_ENDPOINT],
                                     is_service};
    enum ks_err rc = check(&authority, hosts, cause);

    if (rc == KS_OK)
        rc = check(&endpoint, hosts, cause);
    if (rc == KS_OK && endpoint.text[strlen(endpoint.text) - 1] != '/')
        rc = err_set(cause, KS_ERR_CRED_HOST,
                     "%s does not end in '/'; " NO_OPTION, endpoint.called);
    return rc;
}

enum ks_err
endpoint_check_token(const char *text, const struct endpoint_hosts *hosts,
                     struct err_cause *cause)
{
    const struct address address = {"the token endpoint", text, is_authority};

    if (strlen(text) >= CREDENTIAL_TEXT_MAX)
        return err_set(cause, KS_ERR_CRED_HOST,
                       "the token endpoint is longer than %d bytes; give "
                       "--token-endpoint a shorter one",
                       CREDENTIAL_TEXT_MAX - 1);
    return check(&address, hosts, cause);
}

enum ks_err
endpoint_token(const struct credential *credential, char *ret, size_t size)
{
    const char *authority = credential->text[CREDENTIAL_AAD_AUTHORITY];
    size_t length = strlen(authority);

    while (length > 0 && authority[length - 1] == '/')
        length--;
    if ((size_t)snprintf(ret, size, "%.*s/%s/oauth2/v2.0/token", (int)length,
                         authority,
                         credential->text[CREDENTIAL_AAD_TENANT_ID]) >= size)
        return KS_ERR_CRED_FORMAT;
    return KS_OK;
}
