/* SPDX-License-Identifier: Apache-2.0 */
/* What lies where in the service's directory. */
#ifndef VAULT_PLACE_H
#define VAULT_PLACE_H

/* X(name, path in the directory) */
#define PLACE_FILES(X)                                                         \
    X(CA, "ca.pem")         /* who signed the TLS certificate */               \
    X(SERVER, "server.pem") /* TLS certificate */                              \
    X(SERVER_KEY, "server.key")                                                \
    X(MACHINE_CA, "machine-ca.pem") /* who signs machine certificates */       \
    X(MACHINE_CA_KEY, "machine-ca.key")                                        \
    X(ATTESTATION_CA, "attestation-ca.pem") /* who signs AK certificates */    \
    X(ATTESTATION_CA_KEY, "attestation-ca.key")                                \
    X(TOKEN_KEY, "token.key") /* signs access tokens */                        \
    X(PASSWORD, "password")   /* of the portal's user */                       \
    X(EK_ROOTS, "ek-roots") /* directory: of TPM makers, one of each vault */  \
    X(DATABASE, "vault.db")                                                    \
    X(DATA, "data")          /* directory: what machines back up */            \
    X(UPLOADS, "data/.new")  /* directory: what is not all there yet */        \
    X(LOCK, "lock")          /* held by a running vaultd */                    \
    X(SOCKET, "vaultd.sock") /* between nginx and vaultd */                    \
    X(NGINX, "nginx.conf")                                                     \
    X(LOG, "log") /* directory */                                              \
    X(VAULTD_LOG, "log/vaultd.log")                                            \
    X(NGINX_LOG, "log/nginx.log")                                              \
    X(ACCESS_LOG, "log/access.log")                                            \
    X(RUN, "run") /* directory: nginx's pid, lock and temporary files */

enum place_file {
#define X(name, path) PLACE_##name,
    PLACE_FILES(X)
#undef X
        PLACE__MAX
};

/* A UNIX socket's path must fit into 107 bytes. */
#define PLACE_DIRECTORY_MAX 80
#define PLACE_PATH_MAX (PLACE_DIRECTORY_MAX + 24)

struct place {
    char directory[PLACE_DIRECTORY_MAX]; /* absolute */
    char path[PLACE__MAX][PLACE_PATH_MAX];
};

#include <stdbool.h>

/* The paths in DIRECTORY, which exists; false after a fault. */
bool place_init(struct place *place, const char *directory);

#endif
