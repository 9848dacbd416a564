/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/file/medium_disk.h: stacks of block devices, drawn in directories as
 * sysfs draws them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keystore/file/medium_disk.h"
#include "tests/unit/keystore/file/place.h"

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_make, place_remove)

static const char *
inside(const char *device, const char *name)
{
    static char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", device, name);
    return path;
}

static void
make_disk(const char *device, const char *rotational)
{
    place_directory(device, 0700);
    place_directory(inside(device, "slaves"), 0700);
    place_directory(inside(device, "queue"), 0700);
    place_write(inside(device, "queue/rotational"), rotational,
                strlen(rotational), 0600);
}

static void
make_mapper(const char *device, const char *uuid)
{
    make_disk(device, "1\n");
    place_directory(inside(device, "dm"), 0700);
    place_write(inside(device, "dm/uuid"), uuid, strlen(uuid), 0600);
}

/* Put DEVICE, beside it, below UPPER. */
static void
stack(const char *upper, const char *device)
{
    char link[256];
    char target[256];

    (void)snprintf(link, sizeof link, "%s/slaves/%s", upper, device);
    (void)snprintf(target, sizeof target, "../../%s", device);
    assert_int_equal(symlink(target, place_path(link)), 0);
}

static struct medium_disk
look(const char *device)
{
    struct medium_disk disk = {.flash = false};
    int fd = open(place_path(device), O_PATH | O_DIRECTORY | O_CLOEXEC);

    assert_true(fd >= 0);
    medium_disk_look(fd, &disk);
    (void)close(fd);
    return disk;
}

static void
what_is_not_there_is_not_claimed(void **state)
{
    struct medium_disk disk = {
        .flash = true, .encrypted = true, .snapshots = true};

    (void)state;
    medium_disk_look(-1, &disk);
    assert_false(disk.flash || disk.encrypted || disk.snapshots);
    place_directory("loop0", 0700);
    disk = look("loop0");
    assert_false(disk.flash || disk.encrypted || disk.snapshots);
}

static void
flash_does_not_rotate(void **state)
{
    (void)state;
    make_disk("sda", "1\n");
    make_disk("nvme0n1", "0\n");
    assert_false(look("sda").flash);
    assert_true(look("nvme0n1").flash);
}

static void
partition_is_as_its_disk(void **state)
{
    (void)state;
    make_disk("sda", "1\n");
    make_disk("nvme0n1", "0\n");
    place_directory("sda/sda1", 0700);
    place_directory("nvme0n1/nvme0n1p1", 0700);
    assert_false(look("sda/sda1").flash);
    assert_true(look("nvme0n1/nvme0n1p1").flash);
}

/* root on LVM on LUKS on an SSD */
static void
layers_are_seen_through(void **state)
{
    struct medium_disk disk;

    (void)state;
    make_disk("sda", "0\n");
    make_mapper("dm-0", "CRYPT-LUKS2-0123456789abcdef-sda_crypt\n");
    make_mapper("dm-1", "LVM-0123456789abcdef\n");
    stack("dm-0", "sda");
    stack("dm-1", "dm-0");
    disk = look("dm-1");
    assert_true(disk.flash);
    assert_true(disk.encrypted);
    assert_false(disk.snapshots);
}

static void
encrypted_in_part_is_not_encrypted(void **state)
{
    (void)state;
    make_mapper("dm-0", "CRYPT-LUKS2-0123456789abcdef-a\n");
    make_mapper("dm-1", "CRYPT-LUKS2-fedcba9876543210-b\n");
    make_mapper("dm-2", "LVM-0123456789abcdef\n");
    make_disk("sdb", "1\n");
    stack("dm-2", "dm-0");
    stack("dm-2", "dm-1");
    assert_true(look("dm-2").encrypted);
    stack("dm-2", "sdb");
    assert_false(look("dm-2").encrypted);
}

static void
name_that_only_resembles_is_not_encrypted(void **state)
{
    (void)state;
    make_mapper("dm-0", "LVM-CRYPT-\n");
    make_mapper("dm-1", "crypt-LUKS2\n");
    assert_false(look("dm-0").encrypted);
    assert_false(look("dm-1").encrypted);
}

static void
volume_with_snapshots_is_told(void **state)
{
    (void)state;
    make_mapper("dm-0", "LVM-0123456789abcdef-real\n");
    make_mapper("dm-1", "LVM-0123456789abcdef\n");
    stack("dm-1", "dm-0");
    assert_true(look("dm-1").snapshots);
    make_mapper("dm-2", "LVM-fedcba9876543210-tpool\n");
    make_mapper("dm-3", "LVM-fedcba9876543210\n");
    stack("dm-3", "dm-2");
    assert_true(look("dm-3").snapshots);
    make_mapper("dm-4", "LVM-surreal\n");
    assert_false(look("dm-4").snapshots);
}

/* No kernel draws a circle, but nothing here may depend on it. */
static void
circle_of_devices_comes_to_an_end(void **state)
{
    (void)state;
    make_mapper("dm-0", "LVM-0\n");
    make_mapper("dm-1", "LVM-1\n");
    stack("dm-0", "dm-1");
    stack("dm-1", "dm-0");
    assert_false(look("dm-0").encrypted);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_there_is_not_claimed),
        TEST(encrypted_in_part_is_not_encrypted),
        TEST(name_that_only_resembles_is_not_encrypted),
        TEST(circle_of_devices_comes_to_an_end),
        TEST(flash_does_not_rotate),
        TEST(partition_is_as_its_disk),
        TEST(layers_are_seen_through),
        TEST(volume_with_snapshots_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
