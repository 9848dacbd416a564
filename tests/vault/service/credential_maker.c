/* SPDX-License-Identifier: Apache-2.0 */
/* The child.  vaultd has one thread, so forking it is safe, and nothing secret
 * of this credential exists before the fork.  The file lies in a memfd: vaultd
 * never maps it, and libmicrohttpd sends it by sendfile(), so that its bytes do
 * not pass through vaultd's memory.  They do pass through nginx's; see nginx.c
 * for how they end there. */
#include "tests/vault/service/credential_maker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "tests/vault/service/credential_file.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/pfx.h"
#include "tests/vault/service/pki.h"

#define BACKDATE 600
#define DAY (24 * INT64_C(3600))
#define CERTIFICATE_MAX 8192

/* As Microsoft's: everybody's has the same name, and one extension. */
static X509 *
make_certificate(const struct credential_order *order, EVP_PKEY *key)
{
    struct pki_plan plan = {.common_name = "Windows Azure Tools",
                            .usage = "clientAuth",
                            .bare = true,
                            .from = order->now - BACKDATE,
                            .to = order->now + order->days * DAY};

    return pki_certificate(&plan, key, NULL, key);
}

static bool
write_file(const struct credential_order *order, EVP_PKEY *key,
           X509 *certificate, int fd)
{
    char name[CREDENTIAL_FILE_NAME_MAX];
    size_t length;
    uint8_t *pfx;
    bool done;

    credential_file_friendly_name(order->vault, order->now, name);
    pfx = pfx_make(key, certificate, name, &length);
    done = pfx != NULL &&
           credential_file_write(fd, order->service, order->vault, pfx, length);
    OPENSSL_clear_free(pfx, length);
    return done &&
           fcntl(fd, F_ADD_SEALS,
                 F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
}

static bool
write_certificate(X509 *certificate, int fd)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    bool done = length > 0 && length <= CERTIFICATE_MAX &&
                write(fd, der, (size_t)length) == length;

    OPENSSL_free(der);
    return done;
}

static bool
make(const struct credential_order *order, int file, int answer)
{
    static const struct rlimit no_core = {0, 0};
    EVP_PKEY *key;
    X509 *certificate = NULL;
    bool done = false;

    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    /* RC2-40 is in the legacy provider alone. */
    if (OSSL_PROVIDER_load(NULL, "legacy") == NULL ||
        OSSL_PROVIDER_load(NULL, "default") == NULL)
        return fault_openssl("OpenSSL's legacy provider");
    key = pki_key(order->kind);
    if (key != NULL)
        certificate = make_certificate(order, key);
    if (certificate != NULL)
        done = write_file(order, key, certificate, file) &&
               write_certificate(certificate, answer);
    EVP_PKEY_free(key);
    X509_free(certificate);
    return done;
}

/* All that comes out of FD; its length, or 0. */
static size_t
read_all(int fd, uint8_t ret[static CERTIFICATE_MAX])
{
    size_t length = 0;
    ssize_t count;

    do {
        count = read(fd, ret + length, CERTIFICATE_MAX - length);
        if (count > 0)
            length += (size_t)count;
    } while (count > 0 || (count < 0 && errno == EINTR));
    return count == 0 ? length : 0;
}

/* The certificate, if CHILD says that all is well. */
static X509 *
receive(pid_t child, int fd)
{
    uint8_t der[CERTIFICATE_MAX];
    const unsigned char *at = der;
    size_t length = read_all(fd, der);
    int status = 0;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || length == 0) {
        fault("no credential could be made");
        return NULL;
    }
    return d2i_X509(NULL, &at, (long)length);
}

X509 *
credential_maker_run(const struct credential_order *order, int *ret_fd)
{
    X509 *certificate = NULL;
    int ends[2] = {-1, -1};
    pid_t child;
    int file = memfd_create("credential", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (file < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        fault("a credential: %m");
        goto out;
    }
    child = fork();
    if (child == 0)
        _exit(make(order, file, ends[1]) ? 0 : 1);
    (void)close(ends[1]);
    ends[1] = -1;
    if (child > 0)
        certificate = receive(child, ends[0]);
    else
        fault("fork: %m");
out:
    if (ends[0] >= 0)
        (void)close(ends[0]);
    if (certificate == NULL && file >= 0) {
        (void)close(file);
        file = -1;
    }
    *ret_fd = file;
    return certificate;
}
