/* SPDX-License-Identifier: Apache-2.0 */
/* The real helpers as they run: what the kernel says of them, what they can do
 * with the terminal that their starter has, and which TPM root may open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "agent/holdfast/helper.h"
#include "agent/ipc/layout.h"
#include "tests/support/fresh_directory.h"
#include "tests/altered/attacking_module.h"
#include "tests/programs/own_mounts.h"

#define TSS 59      /* a user and a group that nothing else here belongs to */
#define LOOK "look" /* argument of this program: look_at_tpm() alone, */
#define JOIN "join" /* or join_the_group() */
#define PATH_LENGTH (FRESH_DIRECTORY + 32)

static char directory[FRESH_DIRECTORY];

static void
name_file(const char *name, char ret[static PATH_LENGTH])
{
    (void)snprintf(ret, PATH_LENGTH, "%s/%s", directory, name);
}

static int
make_directory(void **state)
{
    char path[PATH_LENGTH];
    FILE *file;

    (void)state;
    if (!fresh_directory("helper", directory))
        return -1;
    name_file(ATTACKING_VICTIM, path);
    file = fopen(path, "we");
    if (file == NULL || fprintf(file, "%d\n", (int)getpid()) < 0 ||
        fclose(file) != 0)
        return -1;
    name_file("softhsm2.conf", path);
    return setenv("SOFTHSM2_CONF", path, 1);
}

static int
remove_directory(void **state)
{
    char path[PATH_LENGTH];

    (void)state;
    name_file(ATTACKING_VICTIM, path);
    (void)unlink(path);
    name_file(ATTACKING_LOG, path);
    (void)unlink(path);
    return rmdir(directory);
}

/* This process's one child. */
static pid_t
find_child(void)
{
    char path[64], text[32] = "";
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children",
                   (int)getpid());
    file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    (void)fclose(file);
    return (pid_t)strtol(text, NULL, 10);
}

/* The line NAME of what the kernel says of PID; decimal or hexadecimal. */
static unsigned long long
status_of(pid_t pid, const char *name, int base)
{
    char path[64], line[256];
    unsigned long long value = 0;
    bool found = false;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    file = fopen(path, "re");
    assert_non_null(file);
    while (!found && fgets(line, sizeof line, file) != NULL)
        found = strncmp(line, name, strlen(name)) == 0;
    (void)fclose(file);
    if (!found)
        fail_msg("%s of %d", name, (int)pid);
    value = strtoull(line + strlen(name), NULL, base);
    return value;
}

/* A helper that has answered has entered its profile. */
static struct helper *
start_confined(enum helper_kind kind)
{
    struct helper_fds fds = HELPER_NO_FDS;
    struct err_cause cause = {""};
    struct helper *helper = NULL;
    struct msg *msg = msg_new();
    enum ks_err rc;

    fds.fd[CHANNEL_FD_INPUT] = open(ISSUERS, O_RDONLY | O_CLOEXEC);
    assert_true(fds.fd[CHANNEL_FD_INPUT] >= 0);
    rc = helper_start(kind, &fds, false, &helper, &cause);
    if (rc != KS_OK)
        fail_msg("%s", cause.text);
    layout_done_put(msg); /* nothing that it could be asked for */
    rc = helper_call(helper, msg, &cause);
    if (rc != KS_ERR_INTERNAL && rc != KS_ERR_STATEMENT)
        fail_msg("%s: %s", err_name(rc), cause.text);
    (void)close(fds.fd[CHANNEL_FD_INPUT]);
    msg_free(&msg);
    return helper;
}

static void
helpers_have_no_capability(void **state)
{
    static const char *const sets[] = {
        "CapInh:", "CapPrm:", "CapEff:", "CapAmb:", "CapBnd:"};
    /* An ordinary user's process has a bounding set, and may not empty it. */
    size_t count = geteuid() == 0 ? 5 : 4;

    (void)state;
    for (int kind = 0; kind < HELPER__MAX; kind++) {
        struct helper *helper = start_confined((enum helper_kind)kind);
        pid_t pid = find_child();

        for (size_t i = 0; i < count; i++)
            if (status_of(pid, sets[i], 16) != 0)
                fail_msg("helper %d: %s", kind, sets[i]);
        assert_int_equal(status_of(pid, "NoNewPrivs:", 10), 1);
        assert_int_equal(status_of(pid, "Seccomp:", 10), 2);
        helper_stop(&helper);
    }
}

/* A terminal with a line that waits for its reader, as standard error; what was
 * that before. */
static int
take_terminal(int *ret_master)
{
    int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    int slave;

    assert_true(before >= 0);
    assert_int_equal(openpty(ret_master, &slave, NULL, NULL, NULL), 0);
    assert_int_equal(write(*ret_master, "typed ahead\n", 12), 12);
    assert_int_equal(dup2(slave, STDERR_FILENO), STDERR_FILENO);
    (void)close(slave);
    return before;
}

static void
let_terminal_go(int before, int master)
{
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    (void)close(before);
    (void)close(master);
}

/* What reading the terminal came to in LOG: an errno, 0 for success. */
static int
outcome(const char *log, const char *process)
{
    char line[64];
    const char *at;

    (void)snprintf(line, sizeof line, "%s terminal ", process);
    at = strstr(log, line);
    return at != NULL ? atoi(at + strlen(line)) : -1;
}

static void
helper_reads_no_terminal(void **state)
{
    struct err_cause cause = {""};
    struct msg *msg = msg_new();
    char path[PATH_LENGTH], log[4096] = "";
    int master, before = take_terminal(&master);
    enum ks_err rc;
    FILE *file;

    (void)state;
    LAYOUT_PUT(msg, inspect_list, ATTACKING_MODULE);
    /* SoftHSM has no configuration here, so the answer may be an error. */
    rc = helper_ask(HELPER_INSPECT, &HELPER_NO_FDS, true, msg, &cause);
    let_terminal_go(before, master);
    if (rc == KS_ERR_HELPER)
        fail_msg("%s", cause.text);
    name_file(ATTACKING_LOG, path);
    file = fopen(path, "re");
    assert_non_null(file);
    assert_true(fread(log, 1, sizeof log - 1, file) > 0);
    (void)fclose(file);
    if (outcome(log, "holdfast-inspec") != EBADF)
        fail_msg("%s", log);
    msg_free(&msg);
}

static void
reading_the_terminal_is_a_real_attempt(void **state)
{
    char *log = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&log, &length);
    int master, before = take_terminal(&master);

    (void)state;
    attacking_module(file, getpid(), "");
    let_terminal_go(before, master);
    assert_int_equal(fclose(file), 0);
    if (outcome(log, "helper_confined") != 0)
        fail_msg("%s", log);
    free(log);
}

/* A machine of its own for this process: there is one TPM, of MODE and TSS's.
 * The device is none, so that opening it is all that can succeed. */
static bool
make_machine(mode_t mode)
{
    return own_mounts() && mount("none", "/dev", "tmpfs", 0, "mode=755") == 0 &&
           mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3)) == 0 &&
           chmod("/dev/null", 0666) == 0 &&
           mknod("/dev/tpmrm0", S_IFCHR | 0600, makedev(1, 3)) == 0 &&
           chmod("/dev/tpmrm0", mode) == 0 &&
           chown("/dev/tpmrm0", TSS, TSS) == 0;
}

/* In a program of its own: what /proc says of one that is older than its mounts
 * is no path among them.  Ends with the KS_ERR_... of looking at that TPM. */
_Noreturn static void
look_at_tpm(void)
{
    struct err_cause cause = {""};
    struct msg *msg = msg_new();
    enum ks_err rc;

    if (msg == NULL)
        _exit(255);
    LAYOUT_PUT(msg, token_look, "tpm2:device=/dev/tpmrm0", "");
    rc = helper_ask(HELPER_TOKEN, &HELPER_NO_FDS, false, msg, &cause);
    (void)printf("%s: %s\n", err_name(rc), cause.text);
    (void)fflush(stdout);
    _exit((int)rc);
}

/* The same: ends with 0 if holdfast-inspect, which loads modules, is in TSS. */
_Noreturn static void
join_the_group(void)
{
    struct helper *helper = start_confined(HELPER_INSPECT);
    char path[64], line[256], *group = NULL;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)find_child());
    file = fopen(path, "re");
    while (file != NULL && group == NULL &&
           fgets(line, sizeof line, file) != NULL)
        group = strncmp(line, "Groups:", 7) == 0 ? line + 7 : NULL;
    while (group != NULL && *group != '\0' && strtoul(group, &group, 10) != TSS)
        group += strspn(group, " \t\n");
    helper_stop(&helper);
    _exit(group != NULL && *group != '\0' ? 0 : 1);
}

/* What this program ends with, with the argument ACT, on such a machine. */
static int
act_on_machine(const char *act, mode_t mode)
{
    char self[1024], argument[8];
    char *const argv[] = {self, argument, NULL};
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    pid_t pid = fork();
    int status = 0;

    assert_true(length > 0 && pid >= 0);
    self[length] = '\0';
    (void)snprintf(argument, sizeof argument, "%s", act);
    if (pid == 0) {
        if (make_machine(mode))
            (void)execv(self, argv);
        _exit(255);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Without capabilities root is no member of tss; the device of somebody else
 * that is for no group stays closed, as to anybody. */
static void
root_opens_the_tpm_of_its_group(void **state)
{
    int allowed, forbidden;

    (void)state;
    if (geteuid() != 0)
        skip();
    allowed = act_on_machine(LOOK, 0660);
    forbidden = act_on_machine(LOOK, 0600);
    assert_int_equal(forbidden, KS_ERR_PERMISSION);
    assert_int_equal(allowed, KS_ERR_TOKEN_MISSING); /* it is no TPM */
    assert_int_equal(act_on_machine(JOIN, 0660), 0);
    assert_int_equal(act_on_machine(JOIN, 0600), 1);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(helpers_have_no_capability),
        cmocka_unit_test(helper_reads_no_terminal),
        cmocka_unit_test(reading_the_terminal_is_a_real_attempt),
        cmocka_unit_test(root_opens_the_tpm_of_its_group),
    };

    if (argc == 2 && strcmp(argv[1], LOOK) == 0)
        look_at_tpm();
    if (argc == 2 && strcmp(argv[1], JOIN) == 0)
        join_the_group();
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
