/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that users have, run by tests.
 */
#ifndef TESTS_SUPPORT_TOOL_H
#define TESTS_SUPPORT_TOOL_H

/* Run ARGV (ends with NULL, looked for in PATH) to its end, without its
 * chatter; what it says on stderr is shown.  0: it succeeded, else -1. */
int tool_run(const char *const *argv);

#endif
