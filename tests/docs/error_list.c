/* SPDX-License-Identifier: Apache-2.0 */
/* The errors as docs/errors.md has them, without the causes: code, exit status,
 * phrase, remedy. */
#include <stdio.h>

#include "keystore/base/err.h"

int
main(void)
{
    for (int i = KS_OK + 1; i < KS_ERR__MAX; i++) {
        enum ks_err err = (enum ks_err)i;

        (void)printf("| `%s` | %d | %s | %s |\n", err_name(err),
                     err_exit_status(err), err_phrase(err), err_remedy(err));
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
