/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hosts a credential file may send this machine to.  The file comes from
 * outside, so its URLs are held to an allow-list: Azure's own, and what the
 * operator adds.
 */
#ifndef AGENT_HOLDFAST_POLICY_ENDPOINT_H
#define AGENT_HOLDFAST_POLICY_ENDPOINT_H

#include "keystore/credential/credential.h"

#define ENDPOINT_HOSTS_MAX 8

/* As host_port_read() takes them, given by the operator; borrowed. */
struct endpoint_hosts {
    const char *host[ENDPOINT_HOSTS_MAX];
    size_t count;
};

/* Check AadAuthority and IdMgmtRestEndpoint: https, no user info, query or
 * fragment, a host of the allow-list on port 443, or one of HOSTS with its port
 * (443 where it names none).  The endpoint's path ends in '/'.
 * KS_ERR_CRED_HOST names the element and the host. */
ERR_MUST_USE enum ks_err endpoint_check(const struct credential *credential,
                                        const struct endpoint_hosts *hosts,
                                        struct err_cause *cause);

/* The same for a URL that the operator gave as another token endpoint. */
ERR_MUST_USE enum ks_err
endpoint_check_token(const char *url, const struct endpoint_hosts *hosts,
                     struct err_cause *cause);

/* AadAuthority "/" AadTenantId "/oauth2/v2.0/token" into RET. */
ERR_MUST_USE enum ks_err endpoint_token(const struct credential *credential,
                                        char *ret, size_t size);

#endif
