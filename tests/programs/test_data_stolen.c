/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever has the credential file and all that the vault keeps reads nothing,
 * and a vault that alters what it keeps is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"
#include "tests/vault/rules/scan.h"

#define PIECE 32
#define PIECES 90

/* Pieces of the file of noise, whose every byte is its own, and of the text. */
static void
look_for_content(struct scan *scan, const char *noise, size_t length)
{
    memset(scan, 0, sizeof *scan);
    for (size_t i = 0; i < PIECES; i++)
        scan_add(scan, "noise", noise + i * (length / PIECES), PIECE);
    scan_add(scan, "text", RIG_DATA_MARKER, strlen(RIG_DATA_MARKER));
    scan_add(scan, "name of a file", "a name with spaces", 18);
    scan_add(scan, "source", rig.source, strlen(rig.source));
}

static void
no_byte_of_content_is_in_what_the_vault_keeps(void **state)
{
    static struct scan scan, control;
    char path[RIG_PATH + 16];
    char *noise;
    size_t length;

    (void)state;
    snprintf(path, sizeof path, "%s/noise", rig.source);
    noise = rig_read(path, &length);
    look_for_content(&control, noise, length);
    control.silent = true;
    scan_directory(&control, rig.source);
    assert_true(control.hits > PIECES);
    look_for_content(&scan, noise, length);
    scan_directory(&scan, rig.vault);
    assert_true(scan.bytes > length);
    assert_int_equal(scan.hits, 0);
    free(noise);
}

/* The thief's restic on a copy of the repository.  Versions of it differ in
 * what they end with at a wrong password. */
static void
open_copy(const char *password_file)
{
    char repository[RIG_PATH];
    const char *argv[] = {"/bin/sh",
                          "-c",
                          "rm -rf \"$1/thief\" && mkdir \"$1/thief\" && "
                          "cp -r \"$2/.\" \"$1/thief\" && cd \"$1/thief/data\" "
                          "&& for i in *; do d=$(echo $i | cut -c1-2); "
                          "mkdir -p ../sorted/$d; mv $i ../sorted/$d; done && "
                          "cd .. && rmdir data && mv sorted data && "
                          "restic -r \"$1/thief\" --no-cache "
                          "--password-file \"$3\" ls latest || exit 1",
                          "sh",
                          rig.directory,
                          repository,
                          password_file,
                          NULL};

    rig_data_repository(&rig, repository);
    rig_run(&run, argv);
}

/* Every secret that the vault or the thief has, as a passphrase. */
static void
nothing_that_the_vault_or_the_file_has_opens_the_backup(void **state)
{
    static const char script[] =
        "f=$(ls \"$1\"/*.VaultCredentials); mkdir \"$1/guesses\"; "
        "printf '%s' \"$(basename \"$f\")\" >\"$1/guesses/name\"; "
        "grep -o '<ManagementCert>[^<]*' \"$f\" | cut -c17- "
        ">\"$1/guesses/pfx\"; "
        "sha256sum \"$f\" | cut -c1-64 >\"$1/guesses/hash\"; "
        "cp \"$1/vault/password\" \"$1/guesses/portal\"; "
        "cp \"$1/vault/token.key\" \"$1/vault/server.key\" "
        "\"$1/vault/machine-ca.key\" \"$1/guesses/\"";
    char pattern[RIG_PATH + 16];
    const char *argv[] = {"/bin/sh", "-c", script, "sh", rig.directory, NULL};
    glob_t guesses;

    (void)state;
    rig_download(&rig, "several", file);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    snprintf(pattern, sizeof pattern, "%s/guesses/*", rig.directory);
    assert_int_equal(glob(pattern, 0, NULL, &guesses), 0);
    assert_int_equal(guesses.gl_pathc, 7);
    for (size_t i = 0; i < guesses.gl_pathc; i++) {
        open_copy(guesses.gl_pathv[i]);
        rig_expect(&run, 1, "wrong password");
        assert_string_equal(run.out, "");
    }
    globfree(&guesses);
    /* The copy is whole: its owner could read it. */
    open_copy(rig.passphrase);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "a name with spaces"));
}

/* With the machine's key, too, its passphrase is missing. */
static void
stolen_machine_reads_nothing_without_the_passphrase(void **state)
{
    (void)state;
    rig_data_write(&rig, "guess", "a guess of many letters\n", rig.passphrase);
    rig_holdfast(&rig, &run, "snapshots", NULL);
    rig_expect(&run, 65, "does not open the backups");
    assert_string_equal(run.out, "");
}

/* One byte in the middle of every pack. */
static void
alter_packs(void)
{
    char repository[RIG_PATH], pattern[RIG_PATH + 16];
    glob_t packs;

    rig_data_repository(&rig, repository);
    snprintf(pattern, sizeof pattern, "%s/data/*", repository);
    assert_int_equal(glob(pattern, 0, NULL, &packs), 0);
    for (size_t i = 0; i < packs.gl_pathc; i++) {
        int fd = open(packs.gl_pathv[i], O_RDWR);
        struct stat status;
        uint8_t byte;

        assert_int_equal(fstat(fd, &status), 0);
        assert_int_equal(pread(fd, &byte, 1, status.st_size / 2), 1);
        byte ^= 1;
        assert_int_equal(pwrite(fd, &byte, 1, status.st_size / 2), 1);
        close(fd);
    }
    globfree(&packs);
}

static void
altered_data_is_not_restored_as_if_it_were_whole(void **state)
{
    char target[RIG_PATH + 8];

    (void)state;
    alter_packs();
    snprintf(target, sizeof target, "%s/t", rig.directory);
    rig_holdfast(&rig, &run, "restore", "--target", target, NULL);
    rig_expect(&run, 69, "ciphertext verification failed");
}

#define TEST(name) RIG_CASE(name, rig_case_start_backed_up)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(no_byte_of_content_is_in_what_the_vault_keeps),
        TEST(nothing_that_the_vault_or_the_file_has_opens_the_backup),
        TEST(stolen_machine_reads_nothing_without_the_passphrase),
        TEST(altered_data_is_not_restored_as_if_it_were_whole),
    };

    return rig_case_main(argc, argv, tests);
}
