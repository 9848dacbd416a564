/* SPDX-License-Identifier: Apache-2.0 */
/* Looked at here before anything is done that could be in vain; believed only
 * in holdfast-net, which looks again. */
#include "agent/holdfast/policy/crl_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/policy/trust_file.h"
#include "agent/ipc/channel.h"
#include "keystore/base/crl.h"

bool
crl_file_is_none(const char *path)
{
    return strcmp(path, "none") == 0;
}

enum ks_err
crl_file_open(const char *path, int *ret, struct err_cause *cause)
{
    return trust_file_open(path, NET_CRLS_MAX, KS_ERR_CRL, ret, cause);
}

/* Not mapped: whoever cuts the file off meanwhile would end this process. */
static enum ks_err
read_lists(int fd, STACK_OF(X509_CRL) * *ret, struct err_cause *cause)
{
    struct stat status;
    unsigned char *bytes;
    size_t length;
    enum ks_err rc;

    if (fstat(fd, &status) != 0)
        return err_set_errno(cause, KS_ERR_FILE_READ, "fstat");
    length = (size_t)status.st_size;
    bytes = malloc(length);
    if (bytes == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    if (pread(fd, bytes, length, 0) == status.st_size)
        rc = crl_read(bytes, length, ret, cause);
    else
        rc = err_set(cause, KS_ERR_FILE_READ,
                     "it was changed while it was read; try again");
    free(bytes);
    return rc;
}

enum ks_err
crl_file_check(const char *path, struct err_cause *cause)
{
    STACK_OF(X509_CRL) *lists = NULL;
    struct err_cause why = {""};
    char name[120];
    int fd = -1;
    enum ks_err rc = crl_file_open(path, &fd, cause);

    if (rc != KS_OK)
        return rc;
    rc = read_lists(fd, &lists, &why);
    if (rc == KS_OK && crl_all_out_of_date(lists))
        rc = err_set(&why, KS_ERR_CRL,
                     "no CRL in it is of today; check this machine's clock, "
                     "and put current ones there");
    if (rc != KS_OK) {
        (void)snprintf(name, sizeof name, "%s", path);
        err_quote(name);
        rc = err_pass(cause, rc, "%s: %s", name, why.text);
    }
    sk_X509_CRL_pop_free(lists, X509_CRL_free);
    (void)close(fd);
    return rc;
}
