/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever in the process frees a block, no byte of it goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>
#include <openssl/crypto.h>

#include "tests/unit/keystore/base/watching_heap.h"

static unsigned wiped;

static int
start(void **state)
{
    (void)state;
    wiped = watching_heap_wiped();
    return 0;
}

/* AT_LEAST blocks have come back since the start, all of them wiped. */
static void
expect_wiped(unsigned at_least)
{
    assert_true(watching_heap_wiped() - wiped >= at_least);
    assert_int_equal(watching_heap_unwiped(), 0);
}

/* Full, to its last byte.  Volatile: a compiler leaves out what nobody reads
 * before free(3). */
static void *
new_block(size_t size)
{
    void *block = malloc(size);
    volatile char *bytes = block;

    assert_non_null(block);
    for (size_t i = 0; i < malloc_usable_size(block); i++)
        bytes[i] = 's';
    return block;
}

static void
own_blocks_are_wiped_to_their_end(void **state)
{
    (void)state;
    free(new_block(1));
    free(new_block(100));
    free(new_block(1024 * 1024));
    free(NULL);
    expect_wiped(3);
}

static void
moved_blocks_leave_nothing_behind(void **state)
{
    char *block = new_block(32);

    (void)state;
    block = realloc(block, 4096);
    assert_non_null(block);
    assert_memory_equal(block, "ssssssss", 8);
    block = realloc(block, 4);
    assert_memory_equal(block, "ssss", 4);
    assert_null(realloc(block, 0));
    expect_wiped(3);
    block = realloc(NULL, 8);
    assert_non_null(block);
    free(block);
    expect_wiped(4);
}

/* A list that a library lets grow piece by piece. */
static void
growing_by_small_steps_moves_seldom(void **state)
{
    const size_t step = 4096, end = 16 * 1024 * 1024;
    char *block = NULL;
    uintptr_t before;
    unsigned moves = 0;

    (void)state;
    for (size_t size = step; size <= end; size += step) {
        before = (uintptr_t)block;
        block = realloc(block, size);
        assert_non_null(block);
        block[size - step] = (char)(size / step);
        moves += (uintptr_t)block != before;
    }
    for (size_t size = step; size <= end; size += step)
        assert_int_equal(block[size - step], (char)(size / step));
    free(block);
    assert_true(moves < 40); /* 1.5 to the 24th is more than 4096 */
    expect_wiped(moves);
}

static void
rest_of_a_smaller_block_is_wiped(void **state)
{
    char *block = new_block(64);
    size_t usable = malloc_usable_size(block);
    uintptr_t before = (uintptr_t)block;

    (void)state;
    block = realloc(block, 40);
    assert_int_equal((uintptr_t)block, before);
    for (size_t i = 0; i < usable; i++)
        assert_int_equal(block[i], i < 40 ? 's' : 0);
    free(block);
    expect_wiped(1);
}

static void
blocks_of_the_c_library_are_wiped(void **state)
{
    char *line = NULL;
    size_t size = 0;
    FILE *file = tmpfile();

    (void)state;
    assert_non_null(file);
    assert_true(fprintf(file, "%0500d\n", 7) == 501);
    rewind(file);
    assert_int_equal(getline(&line, &size, file), 501);
    assert_int_equal(fclose(file), 0);
    free(line);
    expect_wiped(3);
}

static void
blocks_of_other_libraries_are_wiped(void **state)
{
    static const char text[] = "<a b=\"secret\">another</a>";
    XML_Parser parser = XML_ParserCreate("UTF-8");
    char *copy = OPENSSL_strdup("secret");

    (void)state;
    OPENSSL_free(copy);
    expect_wiped(1);
    assert_int_equal(XML_Parse(parser, text, (int)strlen(text), 1),
                     XML_STATUS_OK);
    XML_ParserFree(parser);
    expect_wiped(5);
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(own_blocks_are_wiped_to_their_end),
        TEST(moved_blocks_leave_nothing_behind),
        TEST(growing_by_small_steps_moves_seldom),
        TEST(rest_of_a_smaller_block_is_wiped),
        TEST(blocks_of_the_c_library_are_wiped),
        TEST(blocks_of_other_libraries_are_wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
