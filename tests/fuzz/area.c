/* SPDX-License-Identifier: Apache-2.0 */
/* Public areas: what is read has a key and a Name of its own. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/vault/attestation/area.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct member member = {.bytes = malloc(length > 0 ? length : 1),
                            .length = length};
    struct area area;

    if (member.bytes == NULL)
        return 0;
    memcpy(member.bytes, bytes, length);
    if (area_read(&member, &area) == NULL &&
        (area.key == NULL || area.name_length < 34 || area.spki_length == 0 ||
         strlen(area.sha256) != ATTESTATION_HEX - 1))
        abort();
    area_free(&area);
    return 0;
}
