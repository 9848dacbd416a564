/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of vaultctl.  Each is given the service's directory and the
 * arguments behind it, and is true where all went well; otherwise it has said
 * why. */
#ifndef VAULT_VAULTCTL_H
#define VAULT_VAULTCTL_H

#include <stdbool.h>

#include <curl/curl.h>

#include "tests/vault/service/place.h"

/* What the command line had. */
struct vaultctl_options {
    const char *directory;
    const char *argument; /* behind the directory; NULL: none */
    const char *value;    /* behind that; NULL: none */
    const char **vaults;  /* --vault */
    int vault_count;
    const char *machines;
    const char *out;
    const char *key;
    const char *bytes;
};

/* ctl/service.c */
bool vaultctl_start(const struct vaultctl_options *options);
bool vaultctl_stop(const struct vaultctl_options *options);

/* Port of the running service in PLACE; 0 where none is running. */
unsigned vaultctl_port(const struct place *place);

/* ctl/portal.c */
bool vaultctl_download(const struct vaultctl_options *options);

/* ctl/data.c */
bool vaultctl_revoke(const struct vaultctl_options *options);
bool vaultctl_revoke_credential(const struct vaultctl_options *options);
bool vaultctl_quota(const struct vaultctl_options *options);
bool vaultctl_records(const struct vaultctl_options *options);

/* ctl/policy.c */
bool vaultctl_policy(const struct vaultctl_options *options);
bool vaultctl_pcrs(const struct vaultctl_options *options);
bool vaultctl_trust(const struct vaultctl_options *options);
bool vaultctl_allow(const struct vaultctl_options *options);
bool vaultctl_disallow(const struct vaultctl_options *options);
bool vaultctl_attestation(const struct vaultctl_options *options);
bool vaultctl_machines(const struct vaultctl_options *options);

/* ctl/web.c: a handle for requests to the service in PLACE, which trusts
 * its authority alone.  NULL after a fault. */
CURL *vaultctl_web_open(const struct place *place);

/* One request to URL; FORM is the body of a POST, NULL for GET.  The reply's
 * status, and its body as new text; 0 where there is no reply, and the text
 * says why. */
long vaultctl_web_ask(CURL *web, const char *url, const char *form,
                      char **ret_body);

#endif
