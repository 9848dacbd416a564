/* SPDX-License-Identifier: Apache-2.0 */
/* The only reader of hosts and ports.  Two texts of one host must come out the
 * same, and a text that getaddrinfo(3) reads in another way must not come
 * out. */
#include "agent/holdfast/policy/host_port.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NAME_LENGTH_MAX 253 /* RFC 1035, 2.3.4, without the root's dot */
#define LABEL_LENGTH_MAX 63

/* "[" ADDRESS "]"; how many bytes it takes, or 0 */
static size_t
read_ipv6(const char *text, size_t length, char *ret)
{
    const char *end = memchr(text, ']', length);
    char address[INET6_ADDRSTRLEN];
    uint8_t bytes[sizeof(struct in6_addr)];

    if (end == NULL || (size_t)(end - text) > sizeof address)
        return 0;
    (void)snprintf(address, sizeof address, "%.*s", (int)(end - text - 1),
                   text + 1);
    if (inet_pton(AF_INET6, address, bytes) != 1 ||
        inet_ntop(AF_INET6, bytes, address, sizeof address) == NULL)
        return 0;
    (void)snprintf(ret, HOST_PORT_NAME_MAX, "[%s]", address);
    return (size_t)(end - text) + 1;
}

static bool
is_label(const char *label, size_t length)
{
    if (length == 0 || length > LABEL_LENGTH_MAX || label[0] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)label[i]) && label[i] != '-' &&
            label[i] != '_')
            return false;
    return true;
}

static bool
is_number(const char *label)
{
    return label[strspn(label, "0123456789")] == '\0' ||
           (strncmp(label, "0x", 2) == 0 &&
            label[2 + strspn(label + 2, "0123456789abcdef")] == '\0');
}

/* Resolvers take "127.1" and "0x7f.1" for addresses, too: what ends in a number
 * is an address of four or none. */
static bool
is_name_or_ipv4(const char *name)
{
    const char *label = name;
    uint8_t bytes[sizeof(struct in_addr)];
    size_t length;

    while (length = strcspn(label, "."), is_label(label, length)) {
        if (label[length] == '\0')
            return !is_number(label) || inet_pton(AF_INET, name, bytes) == 1;
        label += length + 1;
    }
    return false;
}

/* A name or an IPv4 address; how many bytes it takes, or 0 */
static size_t
read_name(const char *text, size_t length, char *ret)
{
    const char *colon = memchr(text, ':', length);
    size_t used = colon != NULL ? (size_t)(colon - text) : length;

    if (used > NAME_LENGTH_MAX || memchr(text, '\0', used) != NULL)
        return 0;
    for (size_t i = 0; i < used; i++)
        ret[i] = (char)tolower((unsigned char)text[i]);
    ret[used] = '\0';
    return is_name_or_ipv4(ret) ? used : 0;
}

/* ":" and 1 to 65535, or nothing */
static bool
read_port(const char *text, size_t length, unsigned *ret)
{
    unsigned port = 0;

    *ret = 0;
    if (length == 0)
        return true;
    if (text[0] != ':' || length > sizeof ":65535" - 1)
        return false;
    for (size_t i = 1; i < length; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    *ret = port;
    return port >= 1 && port <= 65535;
}

bool
host_port_read(const char *text, size_t length, struct host_port *ret)
{
    size_t used;

    if (length == 0)
        return false;
    used = text[0] == '[' ? read_ipv6(text, length, ret->host)
                          : read_name(text, length, ret->host);
    return used > 0 && read_port(text + used, length - used, &ret->port);
}
