/* SPDX-License-Identifier: Apache-2.0 */
/* Runs while Holdfast is built: sandbox_compile FILE writes the C source that
 * defines sandbox_programs (agent/sandbox/program.h). */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/sandbox/program.h"
#include "agent/sandbox/rules.h"

static const char *const names[] = {
    [SANDBOX_RULES_CREDENTIAL] = "credential",
    [SANDBOX_RULES_NET] = "net",
    [SANDBOX_RULES_MODULE_ARGUMENTS] = "module_arguments",
    [SANDBOX_RULES_MODULE_TERMINAL] = "module_terminal",
    [SANDBOX_RULES_MODULE_CALLS] = "module_calls",
    [SANDBOX_RULES_NETWORKED_ARGUMENTS] = "networked_arguments",
    [SANDBOX_RULES_TCP_CALLS] = "tcp_calls",
    [SANDBOX_RULES_UDP_CALLS] = "udp_calls",
};
#define RULES (sizeof names / sizeof names[0])

static const char table[] =
    "\n#define OF(name) {name, sizeof name / sizeof name[0]}\n"
    "const struct sandbox_program\n"
    "    sandbox_programs[SANDBOX__MAX][SANDBOX_PROGRAM_MAX] = {\n"
    "    [SANDBOX_CREDENTIAL] = {OF(credential)},\n"
    "    [SANDBOX_TOKEN] = {OF(module_arguments), OF(module_calls)},\n"
    "    [SANDBOX_INSPECT] = {OF(module_arguments), OF(module_terminal),\n"
    "                         OF(module_calls)},\n"
    "    [SANDBOX_NET] = {OF(net)},\n"
    "    [SANDBOX_TCP] = {OF(networked_arguments), OF(tcp_calls)},\n"
    "    [SANDBOX_UDP] = {OF(networked_arguments), OF(udp_calls)},\n"
    "};\n"
    "const struct sandbox_program sandbox_program_terminal =\n"
    "    OF(module_terminal);\n";

/* Instructions, or 0: BPF_MAXINSNS is the most that the kernel takes. */
static size_t
compile(enum sandbox_rules rules, struct sock_filter code[BPF_MAXINSNS])
{
    scmp_filter_ctx filter = sandbox_rules_filter(rules);
    int fd = memfd_create("program", MFD_CLOEXEC);
    ssize_t length = -1;

    if (filter != NULL && fd >= 0 && seccomp_export_bpf(filter, fd) == 0)
        length = pread(fd, code, BPF_MAXINSNS * sizeof code[0], 0);
    if (fd >= 0)
        (void)close(fd);
    seccomp_release(filter);
    return length > 0 ? (size_t)length / sizeof code[0] : 0;
}

static void
print(FILE *out, const char *name, const struct sock_filter *code,
      size_t length)
{
    (void)fprintf(out, "\nstatic struct sock_filter %s[] = {\n", name);
    for (size_t i = 0; i < length; i++)
        (void)fprintf(out, "    {%#x, %u, %u, %#x},\n", code[i].code,
                      code[i].jt, code[i].jf, code[i].k);
    (void)fprintf(out, "};\n");
}

int
main(int argc, char **argv)
{
    static struct sock_filter code[BPF_MAXINSNS];
    FILE *out = argc == 2 ? fopen(argv[1], "we") : NULL;
    bool good = out != NULL;

    if (good)
        (void)fprintf(out, "#include \"agent/sandbox/program.h\"\n");
    for (size_t i = 0; good && i < RULES; i++) {
        size_t length = compile((enum sandbox_rules)i, code);

        print(out, names[i], code, length);
        good = length > 0;
    }
    if (good)
        (void)fputs(table, out);
    if (out != NULL && (ferror(out) != 0 || fclose(out) != 0))
        good = false;
    if (!good)
        (void)fprintf(stderr, "sandbox_compile: no programs made\n");
    return good ? EXIT_SUCCESS : EX_SOFTWARE;
}
