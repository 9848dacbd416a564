/* SPDX-License-Identifier: Apache-2.0 */
/* URIs of TPMs: only transports of the list, and no file that is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hsm/tpm2/uri.h"

#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define NOBODY 65534

static const struct {
    const char *uri;
    const char *says; /* part of the cause */
} refused[] = {
    {"", "does not begin"},
    {"tpm2", "does not begin"},
    {"TPM2:tabrmd", "does not begin"},
    {" tpm2:tabrmd", "does not begin"},
    {"pkcs11:token=a", "does not begin"},
    /* transports that are not on the list, and what the TSS would take */
    {"tpm2:", "wants device="},
    {"tpm2:;handle=0x81000100", "wants device="},
    {"tpm2:mssim:host=localhost", "wants device="},
    {"tpm2:mssim=/run/tpm", "wants device="},
    {"tpm2:cmd=/bin/sh", "wants device="},
    {"tpm2:cmd:/bin/sh", "wants device="},
    {"tpm2:pcap:device:/dev/tpmrm0", "wants device="},
    {"tpm2:libtss2-tcti-device.so.0", "wants device="},
    {"tpm2:/dev/tpmrm0", "wants device="},
    {"tpm2:device", "wants device="},
    {"tpm2:device:/dev/tpmrm0", "wants device="},
    {"tpm2:Device=/dev/tpmrm0", "wants device="},
    {"tpm2: device=/dev/tpmrm0", "wants device="},
    {"tpm2:tabrmd=", "wants device="},
    {"tpm2:tabrmd=bus_name=evil", "wants device="},
    {"tpm2:tabrmd:bus_type=session", "wants device="},
    {"tpm2:swtpm", "wants device="},
    {"tpm2:swtpm:host=10.0.0.1", "wants device="},
    /* the device without the kernel's resource manager */
    {"tpm2:device=/dev/tpm0", "use /dev/tpmrm0"},
    {"tpm2:device=/dev/tpm17", "use /dev/tpmrm17"},
    {"tpm2:device=/dev/tpm0;handle=0x81000100", "use /dev/tpmrm0"},
    /* what the TSS would open as a device */
    {"tpm2:device=", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/dev/tpm", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/dev/tpmrm", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/etc/shadow", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/dev/null", "/dev/tpmrm0 or the like"},
    {"tpm2:device=dev/tpmrm0", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/dev/tpmrm0/../tpm0", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/dev/../dev/tpmrm0", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/dev/tpmrm0 ", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/dev/tpmrm0,x", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/dev/tpmrmx", "/dev/tpmrm0 or the like"},
    {"tpm2:device=/dev/tpmrm-1", "/dev/tpmrm0 or the like"},
    /* sockets; a comma begins the TSS's next option */
    {"tpm2:swtpm=", "absolute path"},
    {"tpm2:swtpm=run/socket", "absolute path"},
    {"tpm2:swtpm=./socket", "absolute path"},
    {"tpm2:swtpm=/run/a,host=10.0.0.1", "absolute path"},
    {"tpm2:swtpm=/run/a b", "absolute path"},
    {"tpm2:swtpm=/run/a\n", "absolute path"},
    {"tpm2:swtpm=/run/a=b", "absolute path"},
    {"tpm2:swtpm=/run/a;b", "absolute path"},
    {"tpm2:swtpm=/run/\xc3\xa4", "absolute path"},
    /* lengths */
    {"tpm2:swtpm=/" FIFTY FIFTY, "too long"},
    {"tpm2:device=/dev/tpmrm" FIFTY FIFTY, "too long"},
    {"tpm2:" FIFTY FIFTY FIFTY, "too long"},
    /* handles: only the owner's, and not the storage root keys' */
    {"tpm2:tabrmd;handle=", "handle= wants"},
    {"tpm2:tabrmd;handle=0x", "handle= wants"},
    {"tpm2:tabrmd;handle=81000100", "handle= wants"},
    {"tpm2:tabrmd;handle=0x81000000", "handle= wants"},
    {"tpm2:tabrmd;handle=0x81000001", "handle= wants"},
    {"tpm2:tabrmd;handle=0x810000ff", "handle= wants"},
    {"tpm2:tabrmd;handle=0x81800000", "handle= wants"},
    {"tpm2:tabrmd;handle=0x817fffff", "handle= wants"},
    {"tpm2:tabrmd;handle=0x81ffffff", "handle= wants"},
    {"tpm2:tabrmd;handle=0x8100010000", "handle= wants"},
    {"tpm2:tabrmd;handle=0x81000100810001008100010081000100", "handle= wants"},
    {"tpm2:tabrmd;handle=0x40000001", "handle= wants"},
    {"tpm2:tabrmd;handle=0x01c00002", "handle= wants"},
    {"tpm2:tabrmd;handle=0x81000100 ", "handle= wants"},
    {"tpm2:tabrmd;handle=0x81000100x", "handle= wants"},
    {"tpm2:tabrmd;handle=-0x81000100", "handle= wants"},
    {"tpm2:tabrmd;handle=0x81000100;handle=0x81000101", "handle= wants"},
    {"tpm2:tabrmd;handle=2164260864", "handle= wants"},
    /* root keys: only where the TCG has put storage primaries */
    {"tpm2:tabrmd;root=", "root= wants"},
    {"tpm2:tabrmd;root=none", "root= wants"},
    {"tpm2:tabrmd;root=transient ", "root= wants"},
    {"tpm2:tabrmd;root=transien", "root= wants"},
    {"tpm2:tabrmd;root=0x81000000", "root= wants"},
    {"tpm2:tabrmd;root=0x81010001", "root= wants"},
    {"tpm2:tabrmd;root=0x40000001", "root= wants"},
    {"tpm2:tabrmd;root=0x81000002x", "root= wants"},
    {"tpm2:tabrmd;root=0x81000001000000000000", "root= wants"},
    {"tpm2:tabrmd;root=0x81000002;root=transient", "root= wants"},
    {"tpm2:tabrmd;root=transient;handle=0x81000001", "handle= wants"},
    {"tpm2:tabrmd;root=transient;parent=0x81000001", "handle= wants"},
    /* nothing else behind */
    {"tpm2:tabrmd;parent=0x81000001", "wants device="},
    {"tpm2:tabrmd?handle=0x81000100", "wants device="},
};

static const struct {
    const char *uri;
    struct tpm2_uri wanted;
} accepted[] = {
    {"tpm2:device=/dev/tpmrm0",
     {.tcti = "device:/dev/tpmrm0", .path = "/dev/tpmrm0"}},
    {"tpm2:device=/dev/tpmrm12",
     {.tcti = "device:/dev/tpmrm12", .path = "/dev/tpmrm12"}},
    {"tpm2:tabrmd", {.tcti = "tabrmd"}},
    {"tpm2:swtpm=/run/a.b/so-ck_et+1",
     {.tcti = "swtpm:path=/run/a.b/so-ck_et+1",
      .path = "/run/a.b/so-ck_et+1",
      .swtpm = true}},
    {"tpm2:tabrmd;handle=0x81000100", {.tcti = "tabrmd", .handle = 0x81000100}},
    {"tpm2:tabrmd;root=transient",
     {.tcti = "tabrmd", .root = TPM2_URI_TRANSIENT}},
    {"tpm2:tabrmd;root=0x81000001", {.tcti = "tabrmd", .root = 0x81000001}},
    {"tpm2:tabrmd;root=0x8100ffff;handle=0x81000100",
     {.tcti = "tabrmd", .root = 0x8100ffff, .handle = 0x81000100}},
    {"tpm2:tabrmd;handle=0x81000100;root=transient",
     {.tcti = "tabrmd", .root = TPM2_URI_TRANSIENT, .handle = 0x81000100}},
    {"tpm2:device=/dev/tpmrm0;handle=0x817FFFF0",
     {.tcti = "device:/dev/tpmrm0",
      .path = "/dev/tpmrm0",
      .handle = 0x817ffff0}},
};

static void
bad_uris_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct tpm2_uri uri = {.tcti = "untouched"};
        struct err_cause cause = {.text = ""};
        enum ks_err rc = tpm2_uri_parse(refused[i].uri, &uri, &cause);

        if (rc != KS_ERR_TOKEN_URI)
            fail_msg("\"%s\": %s", refused[i].uri, err_name(rc));
        if (strstr(cause.text, refused[i].says) == NULL)
            fail_msg("\"%s\": %s", refused[i].uri, cause.text);
        assert_string_equal(uri.tcti, "untouched");
    }
}

/* A made-up place, by every way that is not a TPM. */
struct place {
    char directory[32];
    char file[64];
    char socket[64];
};

static void
make_place(struct place *place)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    (void)snprintf(place->directory, sizeof place->directory,
                   "/tmp/holdfast-uri-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    assert_int_equal(chmod(place->directory, 0755), 0);
    (void)snprintf(place->file, sizeof place->file, "%s/file",
                   place->directory);
    (void)snprintf(place->socket, sizeof place->socket, "%s/socket",
                   place->directory);
    fd = open(place->file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s",
                   place->socket);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(
        bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    (void)close(fd);
}

static void
remove_place(const struct place *place)
{
    (void)unlink(place->file);
    (void)unlink(place->socket);
    (void)rmdir(place->directory);
}

static enum ks_err
check(const char *path, bool swtpm, struct err_cause *cause)
{
    struct tpm2_uri uri = {.swtpm = swtpm};

    (void)snprintf(uri.path, sizeof uri.path, "%s", path);
    return tpm2_uri_check_access(&uri, cause);
}

static void
absent_paths_and_wrong_kinds_are_refused(void **state)
{
    struct err_cause cause = {.text = ""};
    struct place place;
    char absent[80];

    (void)state;
    make_place(&place);
    (void)snprintf(absent, sizeof absent, "%s/absent", place.directory);
    assert_int_equal(check(absent, true, &cause), KS_ERR_TOKEN_MISSING);
    assert_non_null(strstr(cause.text, absent));
    assert_int_equal(check(absent, false, &cause), KS_ERR_TOKEN_MISSING);
    assert_int_equal(check(place.file, true, &cause), KS_ERR_TOKEN_MISSING);
    assert_non_null(strstr(cause.text, "is no socket"));
    assert_int_equal(check(place.file, false, &cause), KS_ERR_TOKEN_MISSING);
    assert_non_null(strstr(cause.text, "is no device"));
    assert_int_equal(check(place.directory, true, &cause),
                     KS_ERR_TOKEN_MISSING);
    assert_int_equal(check("/dev/null", true, &cause), KS_ERR_TOKEN_MISSING);
    assert_int_equal(check(place.socket, false, &cause), KS_ERR_TOKEN_MISSING);
    remove_place(&place);
}

/* As a user without rights, in a process of its own where this one has all. */
static void
assert_forbidden(const char *path, const char *says)
{
    pid_t pid = fork();
    int status = 0;

    assert_true(pid >= 0);
    if (pid == 0) {
        struct err_cause cause = {.text = ""};
        bool dropped = geteuid() != 0 ||
                       (setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 &&
                        setuid(NOBODY) == 0);
        bool right = dropped &&
                     check(path, true, &cause) == KS_ERR_PERMISSION &&
                     strstr(cause.text, says) != NULL;

        if (!right)
            (void)fprintf(stderr, "%s: \"%s\"\n", path, cause.text);
        _exit(right ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void
who_may_not_is_told_who_may(void **state)
{
    struct place place;

    (void)state;
    make_place(&place);
    assert_int_equal(chmod(place.socket, 0), 0);
    assert_forbidden(place.socket, place.socket);
    if (geteuid() == 0) { /* others are never let in by the group's rights */
        assert_int_equal(chmod(place.socket, 0660), 0);
        assert_forbidden(place.socket, "is for members of group root");
    }
    assert_int_equal(chmod(place.directory, 0), 0);
    assert_forbidden(place.socket, "denied");
    assert_int_equal(chmod(place.directory, 0700), 0);
    remove_place(&place);
}

static void
uris_are_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        const struct tpm2_uri *wanted = &accepted[i].wanted;
        struct tpm2_uri uri;
        struct err_cause cause = {.text = ""};

        if (tpm2_uri_parse(accepted[i].uri, &uri, &cause) != KS_OK)
            fail_msg("\"%s\": %s", accepted[i].uri, cause.text);
        assert_string_equal(uri.tcti, wanted->tcti);
        assert_string_equal(uri.path, wanted->path);
        assert_int_equal(uri.swtpm, wanted->swtpm);
        assert_int_equal(uri.handle, wanted->handle);
    }
}

static void
longest_path_fits(void **state)
{
    char text[sizeof "tpm2:swtpm=" + TPM2_URI_PATH_MAX] = "tpm2:swtpm=";
    size_t length = strlen(text);
    struct tpm2_uri uri;

    (void)state;
    memset(text + length, 'a', TPM2_URI_PATH_MAX);
    text[length] = '/';
    text[length + TPM2_URI_PATH_MAX] = '\0';
    assert_int_equal(tpm2_uri_parse(text, &uri, NULL), KS_OK);
    assert_string_equal(uri.path, text + length);
    assert_string_equal(uri.tcti + strlen("swtpm:path="), text + length);
}

static void
what_may_be_used_passes(void **state)
{
    struct place place;

    (void)state;
    make_place(&place);
    assert_int_equal(check(place.socket, true, NULL), KS_OK);
    assert_int_equal(check("/dev/null", false, NULL), KS_OK);
    assert_int_equal(check("", false, NULL), KS_OK);
    remove_place(&place);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_uris_are_refused),
        cmocka_unit_test(absent_paths_and_wrong_kinds_are_refused),
        cmocka_unit_test(who_may_not_is_told_who_may),
        cmocka_unit_test(uris_are_taken_apart),
        cmocka_unit_test(longest_path_fits),
        cmocka_unit_test(what_may_be_used_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
