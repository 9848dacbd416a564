/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call to the vault as the registered machine, by the helpers that
 * `register` has make theirs: a process tree for the benchmark of handshakes.
 * usage: handshake_once STATE_DIRECTORY PIN
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "agent/holdfast/session/pair.h"
#include "keystore/base/secret.h"

#define ARENA (64 * 1024)

/* What preflight has holdfast-token do. */
static int
seal(const char *pin)
{
    int memfd = memfd_create("pin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct secret *secret = NULL;

    if (secret_new(strlen(pin), &secret) != KS_OK)
        return -1;
    memcpy(secret_space(secret), pin, strlen(pin));
    secret_set_length(secret, strlen(pin));
    if (secret_seal(secret, memfd, NULL) != KS_OK)
        memfd = -1;
    secret_free(&secret);
    return memfd;
}

static enum ks_err
call(struct state *state, const char *pin, struct net_self *ret,
     struct err_cause *cause)
{
    static const struct options options = {.allow_emulation = true};
    struct session session = {
        .state = state,
        .preflight = {.uri = state_text(state, STATE_TOKEN_URI),
                      .kind = &keystore_kind_none,
                      .emulation = true,
                      .state_directory = state_directory_fd(state),
                      .pin = seal(pin),
                      .source.fd = -1}};
    struct pair machine = {NULL, NULL};
    enum ks_err rc;

    settings_resolve(&options, state, &session.settings);
    (void)snprintf(session.preflight.serial, sizeof session.preflight.serial,
                   "%s", state_text(state, STATE_TOKEN_SERIAL));
    rc = pair_open_machine(&session, PAIR_SELF, NULL, &machine, cause);
    if (rc == KS_OK)
        rc = net_client_self(machine.net, ret, cause);
    pair_close(&machine);
    session_close(&session);
    return rc;
}

int
main(int argc, char **argv)
{
    struct err_cause cause = {""};
    struct state *state = NULL;
    struct net_self self = {.machine = ""};
    enum ks_err rc = KS_ERR_USAGE;

    if (argc == 3)
        rc = secret_init(ARENA, &cause);
    if (rc == KS_OK)
        rc = state_open(argv[1], false, &state, &cause);
    if (rc == KS_OK)
        rc = call(state, argv[2], &self, &cause);
    state_close(&state);
    if (rc == KS_OK)
        (void)printf("%s\n", self.machine);
    else
        (void)fprintf(stderr, "handshake_once: %s: %s\n", err_name(rc),
                      cause.text);
    return err_exit_status(rc);
}
