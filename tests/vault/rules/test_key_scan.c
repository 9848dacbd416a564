/* SPDX-License-Identifier: Apache-2.0 */
/* Rule 5, public keys only: after a download no private key is left in the
 * service's directory, in its open files, or in the memory of any of its
 * processes.  The scanner itself is proved first, on what must be found. */
#include "tests/vault/rules/browser.h"
#include "tests/vault/rules/rules.h"
#include "tests/vault/rules/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/core_names.h>

#define WINDOW 24 /* of a number: its head is overwritten first when freed */
#define SLICE 64  /* of the PFX */

/* The numbers of a private key, as they stand in DER and, turned round, in a
 * BIGNUM on a machine with the low byte first. */
static void
add_number(struct scan *scan, EVP_PKEY *key, const char *name)
{
    BIGNUM *number = NULL;
    uint8_t *forward, *backward;
    size_t length;

    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
    length = (size_t)BN_num_bytes(number);
    forward = kept_new(length);
    backward = kept_new(length);
    assert_int_equal(BN_bn2bin(number, forward), length);
    assert_int_equal(BN_bn2lebinpad(number, backward, (int)length), length);
    BN_clear_free(number);
    for (size_t part = 0; part < 2; part++) {
        size_t at = part * (length - WINDOW);

        scan_add(scan, name, forward + at, WINDOW);
        scan_add(scan, name, backward + at, WINDOW);
    }
}

/* Slices all over; the first begin like those of any other PFX. */
static void
add_slices(struct scan *scan, const char *what, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    for (size_t part = 1; part < 8; part++)
        scan_add(scan, what, bytes + length * part / 8, SLICE);
}

static struct scan *
make_scan(const struct credential *file)
{
    static const char *const rsa[] = {
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    struct scan *scan = kept_new(sizeof *scan);

    if (EVP_PKEY_is_a(file->key, "RSA"))
        for (size_t i = 0; i < sizeof rsa / sizeof rsa[0]; i++)
            add_number(scan, file->key, rsa[i]);
    else
        add_number(scan, file->key, OSSL_PKEY_PARAM_PRIV_KEY);
    add_slices(scan, "PFX in base64", file->pfx_base64,
               strlen(file->pfx_base64));
    add_slices(scan, "PFX", file->pfx, file->pfx_length);
    return scan;
}

/* All of the service: returns how many processes were read. */
static size_t
scan_service(struct scan *scan)
{
    pid_t pids[SCAN_PROCESSES];
    size_t count = scan_find_processes(service_directory(), pids);

    for (size_t i = 0; i < count; i++)
        scan_process(scan, pids[i]);
    scan_directory(scan, service_directory());
    return count;
}

/* `cat` between two pipes: what it has been given is in its memory. */
static pid_t
start_holder(const char *text, int *ret_input)
{
    int in[2], out[2];
    char *const argv[] = {strdup("cat"), NULL};
    size_t length = strlen(text);
    char *back = kept_new(length);
    pid_t pid;

    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1)
            (void)execv("/bin/cat", argv);
        _exit(127);
    }
    (void)kept_memory(argv[0]);
    (void)close(in[0]);
    (void)close(out[1]);
    assert_int_equal(write(in[1], text, length), length);
    for (size_t got = 0; got < length;) {
        ssize_t n = read(out[0], back + got, length - got);

        assert_true(n > 0);
        got += (size_t)n;
    }
    (void)close(out[0]);
    *ret_input = in[1];
    return pid;
}

static void
scanner_finds_what_a_process_holds(void **state)
{
    struct credential *file = credential_read(
        service_download(service_fresh_vault(), "one", "rsa2048"));
    struct scan *scan = make_scan(file);
    int input = -1;
    pid_t pid = start_holder(file->pfx_base64, &input);

    (void)state;
    scan->silent = true;
    scan_process(scan, pid);
    (void)close(input);
    while (waitpid(pid, NULL, 0) < 0)
        assert_int_equal(errno, EINTR);
    assert_true(scan->hits >= 7);
}

static void
write_file(const char *path, const void *data, size_t length, off_t offset)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, data, length, offset), length);
    assert_int_equal(close(fd), 0);
}

/* In a file deep inside, and across the edge of two pieces. */
static void
scanner_finds_what_a_file_holds(void **state)
{
    struct credential *file = credential_read(
        service_download(service_fresh_vault(), "one", "p256"));
    struct scan *scan = make_scan(file);
    const char *directory = kept_format("%s-control", service_directory());
    const char *path = kept_format("%s/deep/file", directory);
    off_t edge = ((off_t)1 << 20) - SLICE / 2;

    (void)state;
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_int_equal(mkdir(kept_format("%s/deep", directory), 0700), 0);
    write_file(path, file->pfx + file->pfx_length / 8, SLICE, edge);
    scan->silent = true;
    scan_directory(scan, directory);
    assert_int_equal(scan->hits, 1);
}

/* The same scanner does read the service: its directory's name is in every
 * process that was told it, and the certificate, which is kept, in a file. */
static void
scanner_reads_every_process_and_the_database(void **state)
{
    struct credential *file = credential_read(
        service_download(service_fresh_vault(), "one", "p256"));
    struct scan *public = kept_new(sizeof *public);
    pid_t pids[SCAN_PROCESSES];
    size_t count = scan_find_processes(service_directory(), pids);
    const char *hash = credential_thumbprint_hex(file);

    (void)state;
    /* vaultd, nginx's master, one worker at least. */
    assert_true(count >= 3);
    public->silent = true;
    scan_add(public, "the directory", service_directory(),
             strlen(service_directory()));
    for (size_t i = 0; i < count; i++) {
        size_t before = public->hits;

        scan_process(public, pids[i]);
        assert_true(public->hits > before);
    }
    public = kept_new(sizeof *public);
    public->silent = true;
    scan_add(public, "the thumbprint", hash, strlen(hash));
    scan_directory(public, service_directory());
    assert_true(public->hits > 0);
}

/* nginx has one worker: when it answers this, it has done with whatever came
 * before. */
static void
wait_for_worker(const struct customer *customer)
{
    expect_status(customer_cacerts(customer), 200);
}

static void
assert_no_key(const struct customer *customer)
{
    struct scan *scan = make_scan(customer->credential);

    wait_for_worker(customer);
    assert_true(scan_service(scan) >= 3);
    assert_true(scan->bytes > (size_t)1 << 20);
    assert_int_equal(scan->hits, 0);
}

/* Right after the download, and again after the file was put to use. */
static void
scan_after_download(const char *key)
{
    struct customer *customer = customer_new_with(service_fresh_vault(), "one",
                                                  key);

    assert_no_key(customer);
    customer_register(customer);
    assert_no_key(customer);
}

static void
no_rsa_key_is_left_after_the_download(void **state)
{
    (void)state;
    scan_after_download("rsa2048");
}

static void
no_ec_key_is_left_after_the_download(void **state)
{
    (void)state;
    scan_after_download("p256");
}

/* A browser keeps its connection, and nginx the memory that belongs to it. */
static void
no_key_is_left_while_the_browser_stays(void **state)
{
    struct vault vault = service_fresh_vault();
    struct connection *browser = browser_new();
    const char *path = kept_format("%s-open", service_directory());
    const char *page = kept_format("/vaults/%s", vault.id);
    struct customer customer = {.vault = vault};
    const struct reply *reply;

    (void)state;
    (void)browser_log_in(browser, service_password());
    reply = browser_submit(
        browser, browser_form(browser_get(browser, page), "/credentials"));
    expect_status(reply, 200);
    write_file(path, reply->body, reply->length, 0);
    customer.credential = credential_read(path);
    assert_no_key(&customer);
    reply = browser_get(browser, page);
    expect_status(reply, 200);
    assert_false(reply->handshake);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(scanner_finds_what_a_process_holds),
        rule(scanner_finds_what_a_file_holds),
        rule(scanner_reads_every_process_and_the_database),
        rule(no_rsa_key_is_left_after_the_download),
        rule(no_ec_key_is_left_after_the_download),
        rule(no_key_is_left_while_the_browser_stays),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
