/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content of a vault credentials file, without its private key: the members
 * of RSBackupVaultAADCreds (version 2.0) and the certificate in ManagementCert.
 */
#ifndef KEYSTORE_CREDENTIAL_CREDENTIAL_H
#define KEYSTORE_CREDENTIAL_CREDENTIAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <openssl/types.h>

#include "keystore/base/err.h"

/* In the file's order; X(name, element, required) */
#define CREDENTIAL_FIELDS(X)                                                   \
    X(VERSION, "Version", true)                                                \
    X(SUBSCRIPTION_ID, "SubscriptionId", true)                                 \
    X(RESOURCE_TYPE, "ResourceType", true)                                     \
    X(RESOURCE_NAME, "ResourceName", true)                                     \
    X(RESOURCE_ID, "ResourceId", true)                                         \
    X(RESOURCE_GROUP, "ResourceGroup", true)                                   \
    X(LOCATION, "Location", true)                                              \
    X(PROVIDER_NAMESPACE, "ProviderNamespace", false)                          \
    X(AAD_AUTHORITY, "AadAuthority", true)                                     \
    X(AAD_TENANT_ID, "AadTenantId", true)                                      \
    X(AAD_AUDIENCE, "AadAudience", false)                                      \
    X(CLIENT_ID, "ServicePrincipalClientId", true)                             \
    X(ENDPOINT, "IdMgmtRestEndpoint", true)                                    \
    X(AGENT_LINKS, "AgentLinks", false)                                        \
    X(PRIVATE_ENDPOINT, "PrivateEndpointStateForBackup", false)

enum credential_field {
#define X(name, element, required) CREDENTIAL_##name,
    CREDENTIAL_FIELDS(X)
#undef X
        CREDENTIAL__MAX
};

#define CREDENTIAL_TEXT_MAX 1024 /* bytes of one field, NUL included */

struct credential {
    char *text[CREDENTIAL__MAX]; /* never NULL; "" where absent */
    X509 *certificate;           /* NULL until there is one */
};

/* Longest certificate that is taken, in bytes of its DER: what a message to
 * another program has room for (agent/ipc/layout.h). */
#define CREDENTIAL_CERTIFICATE_MAX 32768

/* Without fields and certificate; NULL without memory. */
struct credential *credential_new(void);
void credential_free(struct credential **credential);

/* The XML element of FIELD, and whether a file must have it. */
const char *credential_element(enum credential_field field);
bool credential_required(enum credential_field field);

/* Set FIELD to a copy of TEXT after checking it: length, UTF-8 without control
 * characters, GUIDs as GUIDs, ResourceId as a signed 64-bit number, characters
 * of URIs, Version "2.0", ResourceType "Vaults"; "" is always fine and means
 * absent.  KS_ERR_CRED_FORMAT names the element, never the value. */
ERR_MUST_USE enum ks_err credential_set(struct credential *credential,
                                        enum credential_field field,
                                        const char *text,
                                        struct err_cause *cause);

/* KS_ERR_CRED_FORMAT names the first required element, ManagementCert
 * included, that is not there. */
ERR_MUST_USE enum ks_err
credential_complete(const struct credential *credential,
                    struct err_cause *cause);

/* Could it register at NOW?  Checks that every required field is there, the
 * certificate's dates (the certificate's own, never "48 hours"), clientAuth in
 * its extended key usage (RFC 5280, 4.2.1.12) and its key's strength.
 * KS_ERR_CRED_FORMAT, _UNUSABLE, _EXPIRED, _NOT_YET, _WEAK. */
ERR_MUST_USE enum ks_err credential_check(const struct credential *credential,
                                          time_t now, struct err_cause *cause);

/* Thumbprint of the certificate: SHA-256, or SHA-1 as portals show it. */
#define CREDENTIAL_SHA256_LENGTH 32
#define CREDENTIAL_SHA1_LENGTH 20
ERR_MUST_USE enum ks_err
credential_thumbprints(const struct credential *credential,
                       uint8_t sha256[static CREDENTIAL_SHA256_LENGTH],
                       uint8_t sha1[static CREDENTIAL_SHA1_LENGTH],
                       struct err_cause *cause);

/* The certificate's validity as UTC seconds. */
ERR_MUST_USE enum ks_err
credential_validity(const struct credential *credential, time_t *ret_from,
                    time_t *ret_to, struct err_cause *cause);

/* The resource a token is asked for: AadAudience, or where an older file lacks
 * it https://RecoveryServiceVault/LOCATION/NAME/ID.  Written to RET of SIZE
 * bytes; CREDENTIAL_TEXT_MAX suffices. */
ERR_MUST_USE enum ks_err
credential_audience(const struct credential *credential, char *ret,
                    size_t size);

#endif
