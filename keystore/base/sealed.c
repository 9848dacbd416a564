/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore/base/sealed.h"

#include <fcntl.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

bool
sealed_make(int fd)
{
    return fcntl(fd, F_ADD_SEALS, SEALS) == 0;
}

bool
sealed_is(int fd)
{
    int seals = fcntl(fd, F_GET_SEALS);

    return seals >= 0 && (seals & SEALS) == SEALS;
}
