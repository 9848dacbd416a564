/* SPDX-License-Identifier: Apache-2.0 */
/* HTTPS by libcurl, as strict as an agent's: TLS 1.3, the service's own
 * authority, no proxy. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/vault/service/fault.h"
#include "tests/vault/ctl/vaultctl.h"

#define SECONDS 60L

CURL *
vaultctl_web_open(const struct place *place)
{
    CURL *web = curl_easy_init();

    if (web != NULL &&
        curl_easy_setopt(web, CURLOPT_CAINFO, place->path[PLACE_CA]) ==
            CURLE_OK &&
        curl_easy_setopt(web, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3) ==
            CURLE_OK &&
        curl_easy_setopt(web, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
        curl_easy_setopt(web, CURLOPT_PROXY, "") == CURLE_OK &&
        curl_easy_setopt(web, CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4) ==
            CURLE_OK &&
        curl_easy_setopt(web, CURLOPT_COOKIEFILE, "") == CURLE_OK &&
        curl_easy_setopt(web, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(web, CURLOPT_TIMEOUT, SECONDS) == CURLE_OK)
        return web;
    fault("libcurl could not be set up");
    curl_easy_cleanup(web);
    return NULL;
}

static size_t
take(char *bytes, size_t size, size_t count, void *context)
{
    return fwrite(bytes, size, count, context);
}

long
vaultctl_web_ask(CURL *web, const char *url, const char *form, char **ret_body)
{
    size_t size = 0;
    FILE *body = open_memstream(ret_body, &size);
    long status = 0;
    CURLcode rc;

    if (body == NULL)
        return 0;
    (void)curl_easy_setopt(web, CURLOPT_URL, url);
    (void)curl_easy_setopt(web, CURLOPT_WRITEFUNCTION, take);
    (void)curl_easy_setopt(web, CURLOPT_WRITEDATA, body);
    if (form != NULL)
        (void)curl_easy_setopt(web, CURLOPT_POSTFIELDS, form);
    else
        (void)curl_easy_setopt(web, CURLOPT_HTTPGET, 1L);
    rc = curl_easy_perform(web);
    if (rc == CURLE_OK)
        (void)curl_easy_getinfo(web, CURLINFO_RESPONSE_CODE, &status);
    else {
        rewind(body);
        (void)fprintf(body, "%s", curl_easy_strerror(rc));
    }
    (void)fclose(body);
    return status;
}
