/* SPDX-License-Identifier: Apache-2.0 */
/* The attack in holdfast-net, at its first request: in the place of libcurl's
 * function. */
#include <curl/curl.h>

#include "tests/programs/attack.h"

CURLcode
curl_easy_perform(CURL *curl)
{
    (void)curl;
    attack();
    return CURLE_COULDNT_CONNECT;
}
