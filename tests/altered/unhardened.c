/* SPDX-License-Identifier: Apache-2.0 */
/* Built without any of the hardening that test_hardening.sh looks for: each of
 * its checks must find that out.  Never run. */
#include <stdio.h>

int
main(int argc, char **argv)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%s", argv[argc - 1]);
    return text[0];
}
