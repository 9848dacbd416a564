/* SPDX-License-Identifier: Apache-2.0 */
/* .NET's DataContractSerializer with Indent and NewLineOnAttributes, on
 * Windows: UTF-8 without a byte order mark, CRLF, two spaces, every namespace
 * on a line of its own, no line end behind the last tag, elements in the
 * contract's order. */
#include "tests/vault/service/credential_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/fault.h"

#define NEWLINE "\r\n"
#define NAMESPACE                                                              \
    "http://schemas.datacontract.org/2004/07/"                                 \
    "Microsoft.Azure.Portal.RecoveryServices.Models.Common"
#define LINKS                                                                  \
    "WABUpdateKBLink,http://go.microsoft.com/fwlink/p/?LinkId=229525;"         \
    "StorageQuotaPurchaseLink,"                                                \
    "http://go.microsoft.com/fwlink/p/?LinkId=205490;"                         \
    "WebPortalLink,http://go.microsoft.com/fwlink/p/?LinkId=817353;"           \
    "WABprivacyStatement,http://go.microsoft.com/fwlink/p/?LinkId=221308"

/* Of the invariant culture, whatever the locale. */
static const char *const days[] = {"Sun", "Mon", "Tue", "Wed",
                                   "Thu", "Fri", "Sat"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static struct tm
utc(int64_t at)
{
    time_t seconds = (time_t)at;
    struct tm fields = {0};

    (void)gmtime_r(&seconds, &fields);
    return fields;
}

void
credential_file_name(const struct vault *vault, int64_t at,
                     char ret[static CREDENTIAL_FILE_NAME_MAX])
{
    struct tm when = utc(at);

    (void)snprintf(ret, CREDENTIAL_FILE_NAME_MAX,
                   "%s_%s %s %02d %04d.VaultCredentials", vault->name,
                   days[when.tm_wday], months[when.tm_mon], when.tm_mday,
                   when.tm_year + 1900);
}

void
credential_file_friendly_name(const struct vault *vault, int64_t at,
                              char ret[static CREDENTIAL_FILE_NAME_MAX])
{
    struct tm when = utc(at);

    (void)snprintf(ret, CREDENTIAL_FILE_NAME_MAX,
                   "%s%s-%d-%d-%04d-vaultcredentials", vault->name,
                   vault->subscription, when.tm_mon + 1, when.tm_mday,
                   when.tm_year + 1900);
}

/* Values come from the service itself, and none has a character that XML would
 * need escaped. */
static void
put(FILE *file, const char *element, const char *text)
{
    (void)fprintf(file, "  <%s>%s</%s>" NEWLINE, element, text, element);
}

static void
put_all(FILE *file, const struct service *service, const struct vault *vault,
        const char *pfx)
{
    char audience[VAULT_AUDIENCE_MAX];
    char endpoint[SERVICE_URL_MAX + sizeof SERVICE_ENDPOINT];

    vault_audience(vault, audience);
    (void)snprintf(endpoint, sizeof endpoint, "%s" SERVICE_ENDPOINT,
                   service->url);
    put(file, "Version", "2.0");
    put(file, "SubscriptionId", vault->subscription);
    put(file, "ResourceType", "Vaults");
    put(file, "ResourceName", vault->name);
    put(file, "ManagementCert", pfx);
    put(file, "ResourceId", vault->id);
    put(file, "ResourceGroup", vault->group);
    put(file, "Location", vault->location);
    put(file, "ProviderNamespace", "Microsoft.RecoveryServices");
    put(file, "AadAuthority", service->url);
    put(file, "AadTenantId", service->tenant);
    put(file, "AadAudience", audience);
    put(file, "ServicePrincipalClientId", vault->client);
    put(file, "IdMgmtRestEndpoint", endpoint);
    put(file, "AgentLinks", LINKS);
    put(file, "PrivateEndpointStateForBackup", "None");
}

static bool
write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t count = write(fd, text, length);

        if (count < 0)
            return fault("credential file: %m");
        text += count;
        length -= (size_t)count;
    }
    return true;
}

bool
credential_file_write(int fd, const struct service *service,
                      const struct vault *vault, const uint8_t *pfx,
                      size_t length)
{
    char *encoded = encoding_base64(pfx, length);
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    bool done = false;

    if (file != NULL && encoded != NULL) {
        (void)fprintf(file,
                      "<?xml version=\"1.0\" encoding=\"utf-8\"?>" NEWLINE
                      "<RSBackupVaultAADCreds" NEWLINE "  xmlns:i="
                      "\"http://www.w3.org/2001/XMLSchema-instance\"" NEWLINE
                      "  xmlns=\"" NAMESPACE "\">" NEWLINE);
        put_all(file, service, vault, encoded);
        (void)fprintf(file, "</RSBackupVaultAADCreds>");
    }
    if (file != NULL && fclose(file) == 0 && encoded != NULL)
        done = write_all(fd, text, size);
    if (text != NULL)
        OPENSSL_cleanse(text, size);
    if (encoded != NULL)
        OPENSSL_cleanse(encoded, strlen(encoded));
    free(text);
    free(encoded);
    return done;
}
