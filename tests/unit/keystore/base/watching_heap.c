/* SPDX-License-Identifier: Apache-2.0 */
/* Where the C library's free(3) would be: what comes here has been wiped, or
 * is counted. */
#include "tests/unit/keystore/base/watching_heap.h"

#include <malloc.h>

static unsigned wiped, unwiped;

unsigned
watching_heap_wiped(void)
{
    return wiped;
}

unsigned
watching_heap_unwiped(void)
{
    return unwiped;
}

/* Nothing goes back to the C library: each block is seen once. */
void
free(void *block)
{
    const unsigned char *bytes = block;
    size_t length = malloc_usable_size(block);

    for (size_t i = 0; i < length; i++)
        if (bytes[i] != 0) {
            unwiped++;
            return;
        }
    wiped++;
}
