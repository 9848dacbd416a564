/* SPDX-License-Identifier: Apache-2.0 */
/* A program behind a filter that is older than it, as containers have them.
 *
 * usage: filtered CALL[,CALL...] EPERM|ENOSYS|kill PROGRAM [ARGUMENT...] */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <seccomp.h>

static uint32_t
action_of(const char *word)
{
    if (strcmp(word, "kill") == 0)
        return SCMP_ACT_KILL_PROCESS;
    return SCMP_ACT_ERRNO(strcmp(word, "ENOSYS") == 0 ? ENOSYS : EPERM);
}

int
main(int argc, char **argv)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    char *rest = NULL;

    if (argc < 4 || filter == NULL)
        return EXIT_FAILURE;
    for (char *name = strtok_r(argv[1], ",", &rest); name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        int call = seccomp_syscall_resolve_name(name);

        if (call == __NR_SCMP_ERROR ||
            seccomp_rule_add(filter, action_of(argv[2]), call, 0) != 0) {
            (void)fprintf(stderr, "filtered: %s\n", name);
            return EXIT_FAILURE;
        }
    }
    if (seccomp_load(filter) != 0)
        return EXIT_FAILURE;
    seccomp_release(filter);
    (void)execv(argv[3], &argv[3]);
    perror(argv[3]);
    return EXIT_FAILURE;
}
