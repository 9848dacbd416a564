/* SPDX-License-Identifier: Apache-2.0 */
/*
 * free(3) and realloc(3) that overwrite a block before the C library has it
 * back.  Part of every program that handles secrets, and of no other target:
 * a definition in the program stands before the C library's for all libraries
 * in the process (System V ABI, "Shared Object Dependencies"), so that OpenSSL,
 * the TSS, a PKCS#11 module, expat, jansson and libcurl wipe what they free
 * without being asked.  Whose block it is, and which version of a library made
 * it, does not matter.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The next definition: the C library's, or one that a test has preloaded.  A
 * block that dlsym() itself frees meanwhile is lost, once, at the start. */
static void
give_back(void *block)
{
    static void (*next)(void *);
    static bool looking;

    if (next == NULL && looking)
        return;
    if (next == NULL) {
        looking = true;
        *(void **)&next = dlsym(RTLD_NEXT, "free");
        looking = false;
    }
    if (next != NULL)
        next(block);
}

void
free(void *block)
{
    if (block == NULL)
        return;
    explicit_bzero(block, malloc_usable_size(block));
    give_back(block);
}

/* The C library's would leave the old block's content behind where it moves a
 * block, and the rest of it where it makes one smaller.  A moved block gets
 * half as much again, so that growing by small steps copies each byte a few
 * times, not once for each step. */
void *
realloc(void *block, size_t size)
{
    size_t old = block != NULL ? malloc_usable_size(block) : 0;
    void *moved = NULL;

    if (block != NULL && size == 0) {
        free(block);
        return NULL;
    }
    if (size <= old && size >= old / 2) {
        explicit_bzero((char *)block + size, old - size);
        return block;
    }
    if (size > old && size - old < old / 2)
        moved = malloc(old + old / 2);
    if (moved == NULL)
        moved = malloc(size);
    if (moved == NULL || block == NULL)
        return moved;
    memcpy(moved, block, old < size ? old : size);
    free(block);
    return moved;
}
