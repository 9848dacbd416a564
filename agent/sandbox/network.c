/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/sandbox/network.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

static bool
take_port(const char *text, struct sandbox_network *ret)
{
    char *end = NULL;
    unsigned long port;

    if (strcmp(text, "*") == 0) {
        ret->any_port = true;
        return true;
    }
    if (*text < '1' || *text > '9' || ret->count == SANDBOX_NETWORK_PORTS)
        return false;
    port = strtoul(text, &end, 10);
    if (*end != '\0' || port > UINT16_MAX)
        return false;
    ret->port[ret->count++] = (uint16_t)port;
    return true;
}

static bool
take_word(const char *word, struct sandbox_network *ret)
{
    if (strncmp(word, "tcp:", 4) == 0)
        return take_port(word + 4, ret);
    if (strcmp(word, "udp") == 0)
        return ret->udp = true;
    return false;
}

enum ks_err
sandbox_network_parse(const char *words, struct sandbox_network *ret,
                      struct err_cause *cause)
{
    char copy[SANDBOX_NETWORK_WORDS];
    char *rest = NULL;

    *ret = (struct sandbox_network){.count = 0};
    if (memccpy(copy, words, '\0', sizeof copy) == NULL)
        return err_set(cause, KS_ERR_TOKEN_NETWORK, "too many words");
    for (char *word = strtok_r(copy, BLANKS, &rest); word != NULL;
         word = strtok_r(NULL, BLANKS, &rest))
        if (!take_word(word, ret))
            return err_set(cause, KS_ERR_TOKEN_NETWORK,
                           "\"%s\" is neither tcp:PORT, tcp:* nor udp, or "
                           "one port too many",
                           word);
    return ret->any_port || ret->count > 0
               ? KS_OK
               : err_set(cause, KS_ERR_TOKEN_NETWORK,
                         "tcp:PORT or tcp:* is missing");
}
