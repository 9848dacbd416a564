/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/medium.h and what it is made of: file systems, mounts,
 * journals, and disks that a test cannot have but can describe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "keystore/file/medium.h"
#include "keystore/file/medium_journal.h"
#include "keystore/file/medium_mount.h"
#include "keystore/file/medium_system.h"
#include "tests/unit/keystore/file/place.h"

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)

static struct err_cause cause;

static void
descriptor_of_nothing_is_an_error(void **state)
{
    struct medium medium;

    (void)state;
    assert_int_equal(medium_survey(-1, &medium, &cause), KS_ERR_FILE_READ);
}

static void
nothing_is_promised_of_the_unknown(void **state)
{
    (void)state;
    assert_null(medium_system_find(0));
    assert_null(medium_system_find(0x12345678));
    assert_null(medium_system_find(PROC_SUPER_MAGIC));
    assert_null(medium_system_find(ECRYPTFS_SUPER_MAGIC));
    assert_null(medium_system_find(REISERFS_SUPER_MAGIC));
}

/* The numbers are the kernel's own here, not the table's. */
static void
known_file_systems_are_classed(void **state)
{
    static const struct {
        uint32_t magic;
        enum medium_class class;
    } cases[] = {
        {EXT4_SUPER_MAGIC, MEDIUM_IN_PLACE},
        {XFS_SUPER_MAGIC, MEDIUM_IN_PLACE},
        {MSDOS_SUPER_MAGIC, MEDIUM_IN_PLACE},
        {EXFAT_SUPER_MAGIC, MEDIUM_IN_PLACE},
        {TMPFS_MAGIC, MEDIUM_IN_PLACE},
        {RAMFS_MAGIC, MEDIUM_IN_PLACE},
        {BTRFS_SUPER_MAGIC, MEDIUM_RESIDUE},
        {F2FS_SUPER_MAGIC, MEDIUM_RESIDUE},
        {NILFS_SUPER_MAGIC, MEDIUM_RESIDUE},
        {OVERLAYFS_SUPER_MAGIC, MEDIUM_RESIDUE},
        {0x2fc12fc1, MEDIUM_RESIDUE}, /* ZFS is not in the kernel */
        {0xca451a4e, MEDIUM_RESIDUE}, /* nor is bcachefs in old headers */
        {NFS_SUPER_MAGIC, MEDIUM_REMOTE},
        {SMB_SUPER_MAGIC, MEDIUM_REMOTE},
        {CIFS_SUPER_MAGIC, MEDIUM_REMOTE},
        {SMB2_SUPER_MAGIC, MEDIUM_REMOTE},
        {FUSE_SUPER_MAGIC, MEDIUM_REMOTE},
        {V9FS_MAGIC, MEDIUM_REMOTE},
        {CEPH_SUPER_MAGIC, MEDIUM_REMOTE},
        {AFS_SUPER_MAGIC, MEDIUM_REMOTE},
        {AFS_FS_MAGIC, MEDIUM_REMOTE},
        {CODA_SUPER_MAGIC, MEDIUM_REMOTE},
        {OCFS2_SUPER_MAGIC, MEDIUM_REMOTE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct medium_system *found = medium_system_find(cases[i].magic);

        assert_non_null(found);
        assert_int_equal(found->class, cases[i].class);
        assert_true((found->class == MEDIUM_IN_PLACE) ==
                    (*found->reason == '\0'));
    }
}

/* These two keep content elsewhere in some set-ups: both must be looked at. */
static void
in_place_is_only_said_after_a_look(void **state)
{
    (void)state;
    assert_int_equal(medium_system_find(EXT4_SUPER_MAGIC)->looks,
                     MEDIUM_LOOK_JOURNAL | MEDIUM_LOOK_EXTENTS);
    assert_int_equal(medium_system_find(XFS_SUPER_MAGIC)->looks,
                     MEDIUM_LOOK_EXTENTS);
    assert_int_equal(medium_system_find(TMPFS_MAGIC)->looks, MEDIUM_LOOK_SWAP);
}

static bool
find_mount(const char *text, uint64_t id, struct medium_mount *ret)
{
    FILE *mountinfo = tmpfile();
    bool found;

    assert_non_null(mountinfo);
    assert_true(fputs(text, mountinfo) >= 0);
    rewind(mountinfo);
    found = medium_mount_find(mountinfo, id, ret);
    (void)fclose(mountinfo);
    return found;
}

static void
malformed_mountinfo_names_no_mount(void **state)
{
    static const char *const broken[] = {
        "",
        "\n",
        "7",
        "7 1 8:1 / / rw",
        "7 1 8:1 / / rw -",
        "7 1 8:1 / / rw - \n",
        "7 1 8:1 / / rw - ext4",
        "7 1 8:1 / / rw - ext4 /dev/sda1\n",
        "77 1 8:1 / / rw - ext4 /dev/sda1 rw\n",
        "x7 1 8:1 / / rw - ext4 /dev/sda1 rw\n",
        "7x 1 8:1 / / rw - ext4 /dev/sda1 rw\n"};
    struct medium_mount mount = {.type = "untouched"};

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        assert_false(find_mount(broken[i], 7, &mount));
        assert_string_equal(mount.type, "untouched");
    }
}

static void
mount_is_found_by_its_number(void **state)
{
    static const char text[] =
        "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
        "27 1 254:0 / / rw,noatime shared:1 master:2 - ext4 /dev/vda rw\n"
        "28 27 0:25 / /a\\040b rw - tmpfs - rw,size=4k,noswap\n"
        "29 27 0:25 / /a\\040b rw - tmpfs noswap rw,noswapped,mpol=noswap\n"
        "30 27 0:26 / /m rw,nosuid unbindable - fuse.sshfs me@there: rw\n";
    struct medium_mount mount = {.no_swap = false};

    (void)state;
    assert_false(find_mount(text, 1, &mount));
    assert_true(find_mount(text, 27, &mount));
    assert_string_equal(mount.type, "ext4");
    assert_false(mount.no_swap);
    assert_true(find_mount(text, 28, &mount));
    assert_string_equal(mount.type, "tmpfs");
    assert_true(mount.no_swap);
    assert_true(find_mount(text, 29, &mount));
    assert_false(mount.no_swap);
    assert_true(find_mount(text, 30, &mount));
    assert_string_equal(mount.type, "fuse.sshfs");
}

static enum medium_journal
read_journal(const char *text)
{
    FILE *options = tmpfile();
    enum medium_journal ret;

    assert_non_null(options);
    assert_true(fputs(text, options) >= 0);
    rewind(options);
    ret = medium_journal_read(options);
    (void)fclose(options);
    return ret;
}

static void
journal_is_known_by_the_drivers_options(void **state)
{
    (void)state;
    assert_int_equal(read_journal(""), MEDIUM_JOURNAL_UNKNOWN);
    assert_int_equal(read_journal("rw\ndata=journal\nbarrier\n"),
                     MEDIUM_JOURNAL_DATA);
    assert_int_equal(read_journal("rw\ndata=ordered\n"),
                     MEDIUM_JOURNAL_METADATA);
    assert_int_equal(read_journal("rw\ndata=writeback\n"),
                     MEDIUM_JOURNAL_METADATA);
    /* made without a journal */
    assert_int_equal(read_journal("rw\nbarrier\n"), MEDIUM_JOURNAL_METADATA);
}

static void
journal_of_an_odd_device_is_unknown(void **state)
{
    static const char *const uevents[] = {
        "", "MAJOR=8\n", "DEVNAME=cciss/c0d0\n", "DEVNAME=holdfast0\n",
        "DEVNAME=a-name-that-is-longer-than-any-device-of-the-kernel\n"};
    int device;

    (void)state;
    assert_int_equal(medium_journal_of(-1), MEDIUM_JOURNAL_UNKNOWN);
    device = open(place_path(""), O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(device >= 0);
    assert_int_equal(medium_journal_of(device), MEDIUM_JOURNAL_UNKNOWN);
    for (size_t i = 0; i < sizeof uevents / sizeof uevents[0]; i++) {
        place_write("uevent", uevents[i], strlen(uevents[i]), 0600);
        assert_int_equal(medium_journal_of(device), MEDIUM_JOURNAL_UNKNOWN);
        assert_int_equal(unlink(place_path("uevent")), 0);
    }
    (void)close(device);
}

static struct medium
survey(const char *path)
{
    struct medium medium;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(medium_survey(fd, &medium, &cause), KS_OK);
    (void)close(fd);
    return medium;
}

static void
survey_of_an_unknown_file_system_says_residue(void **state)
{
    struct medium medium = survey("/proc/self/status");

    (void)state;
    assert_int_equal(medium.class, MEDIUM_RESIDUE);
    assert_non_null(strstr(medium.reason, "unknown"));
    assert_string_equal(medium.name, "proc");
}

static void
survey_of_memory_says_in_place(void **state)
{
    char path[] = "/dev/shm/holdfast-medium-XXXXXX";
    struct statfs system;
    struct medium medium;
    int fd;

    (void)state;
    if (statfs("/dev/shm", &system) != 0 || system.f_type != TMPFS_MAGIC)
        skip();
    fd = mkstemp(path);
    if (fd < 0)
        skip();
    assert_int_equal(medium_survey(fd, &medium, &cause), KS_OK);
    (void)close(fd);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(medium.class, MEDIUM_IN_PLACE);
    assert_string_equal(medium.name, "tmpfs");
    assert_string_equal(medium.reason, "");
}

/* Whatever the tests run on: a verdict comes with its reason or without. */
static void
survey_gives_a_reason_unless_in_place(void **state)
{
    struct medium medium;

    (void)state;
    place_write("file", "a credential", 12, 0600);
    medium = survey(place_path("file"));
    assert_true(medium.class > 0 && medium.class < MEDIUM__MAX);
    assert_true((medium.class == MEDIUM_IN_PLACE) == (*medium.reason == '\0'));
    assert_true(*medium.name != '\0');
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(descriptor_of_nothing_is_an_error),
        TEST(nothing_is_promised_of_the_unknown),
        TEST(known_file_systems_are_classed),
        TEST(in_place_is_only_said_after_a_look),
        TEST(malformed_mountinfo_names_no_mount),
        TEST(mount_is_found_by_its_number),
        TEST(journal_is_known_by_the_drivers_options),
        TEST(journal_of_an_odd_device_is_unknown),
        TEST(survey_of_an_unknown_file_system_says_residue),
        TEST(survey_of_memory_says_in_place),
        TEST(survey_gives_a_reason_unless_in_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
