/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host and port of an address (RFC 3986, 3.2), for every place where one is
 * given or read.  Not libcurl's parser: holdfast, which decides by them, links
 * nothing that knows networks.
 */
#ifndef AGENT_HOLDFAST_POLICY_HOST_PORT_H
#define AGENT_HOLDFAST_POLICY_HOST_PORT_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_PORT_NAME_MAX 256

struct host_port {
    char host[HOST_PORT_NAME_MAX]; /* in small letters; IPv6 in brackets */
    unsigned port;                 /* 0: none was given */
};

/* Read HOST or HOST:PORT, LENGTH bytes: a name of letters, digits, '-' and '_',
 * an IPv4 address of four numbers, or an IPv6 address in brackets, without a
 * zone, which comes out in the form of RFC 5952.  False for all else, so that
 * no later reader can understand it otherwise. */
bool host_port_read(const char *text, size_t length, struct host_port *ret);

#endif
