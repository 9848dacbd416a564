/* SPDX-License-Identifier: Apache-2.0 */
/* Looked at here, where the person at the keyboard is told; believed only in
 * holdfast-net. */
#include "agent/holdfast/policy/issuers.h"

#include <stdbool.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "agent/holdfast/policy/trust_file.h"
#include "agent/ipc/channel.h"

enum ks_err
issuers_open(const char *path, int *ret, struct err_cause *cause)
{
    return trust_file_open(path, NET_ISSUERS_MAX, KS_ERR_ISSUERS, ret, cause);
}

static bool
holds_certificate(int fd)
{
    BIO *bio = BIO_new_fd(fd, BIO_NOCLOSE);
    X509 *certificate = NULL;
    char no_password[] = ""; /* nobody is asked for one */

    if (bio != NULL)
        certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, no_password);
    BIO_free(bio);
    X509_free(certificate);
    ERR_clear_error();
    return certificate != NULL;
}

enum ks_err
issuers_check(const char *path, struct err_cause *cause)
{
    int fd = -1;
    enum ks_err rc = issuers_open(path, &fd, cause);

    if (rc != KS_OK)
        return rc;
    if (!holds_certificate(fd))
        rc = err_set(cause, KS_ERR_ISSUERS, "%.200s holds no certificate",
                     path);
    (void)close(fd);
    return rc;
}
