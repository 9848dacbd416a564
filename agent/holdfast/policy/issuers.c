/* SPDX-License-Identifier: Apache-2.0 */
/* Looked at here, where the person at the keyboard is told; believed only in
 * holdfast-net. */
#include "agent/holdfast/policy/issuers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "agent/ipc/channel.h"

enum ks_err
issuers_open(const char *path, int *ret, struct err_cause *cause)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;

    if (fd < 0)
        return err_set_errno(cause,
                             errno == EACCES || errno == EPERM
                                 ? KS_ERR_PERMISSION
                                 : KS_ERR_FILE_MISSING,
                             path);
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size == 0 || status.st_size > NET_ISSUERS_MAX) {
        (void)close(fd);
        return err_set(cause, KS_ERR_ISSUERS,
                       "%.180s is no regular file of 1 byte to 4 MiB", path);
    }
    *ret = fd;
    return KS_OK;
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
